//! The shape of `[[site.upstream]]`: one vendor's endpoint, what leaves for it, and how.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::aliases::Aliases;
pub use super::posthog::{
    ConstantRule, EventId, FlagsWithoutConsent, IdentityMode, LookedUp, Lookup, ReplayRule, Trusted,
};
use super::units::Period;
use crate::level::Level;

/// Which vendor's formats an upstream speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Vendor {
    /// Plausible Analytics, cloud or community edition.
    Plausible,
    /// PostHog, cloud or self-hosted.
    Posthog,
}

impl Vendor {
    /// The word used in configuration, metrics and as the default upstream name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Plausible => "plausible",
            Self::Posthog => "posthog",
        }
    }
}

/// `[[site.upstream]]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// The upstream's name: an input of every pseudonym. Default: the vendor's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `plausible` or `posthog`.
    pub vendor: Vendor,
    /// Upstreams with the same word here get the same pseudonyms, so that their data can be joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_group: Option<String>,
    /// `https://plausible.io`, `https://eu.i.posthog.com`, or the base address of a self-hosted instance.
    pub url: String,
    /// PostHog: where scripts and project configuration come from. Default: the asset host of the cloud region, else `url`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assets_url: Option<String>,
    /// PostHog: where feature flags are decided. Default: `url`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flags_url: Option<String>,
    /// A PEM file with the authorities to trust instead of the built-in roots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Our path prefix for this upstream.
    #[serde(default = "slash")]
    pub path: String,
    /// Further paths (below the prefix) that take events.
    #[serde(default)]
    pub event_paths: Vec<String>,
    /// Further paths (below the prefix) that serve the vendor's script, each with the vendor's path.
    #[serde(default)]
    pub script_paths: BTreeMap<String, String>,
    /// Opaque paths for people who agreed: this install's own words, written by `bauta init`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aliases: Option<Aliases>,
    /// The property that carries the pseudonym.
    #[serde(default = "user_id")]
    pub property: String,
    /// Further properties from the session.
    #[serde(default)]
    pub traits: Vec<Trait>,
    /// Properties of the page that are kept first when the vendor's limit of 30 is reached.
    #[serde(default)]
    pub keep_props: Vec<String>,
    /// The allowed values of Plausible's `d`.
    #[serde(default)]
    pub sites: Vec<String>,
    /// PostHog: the projects' tokens (`phc_...`). Nothing of another project passes in either direction.
    #[serde(default)]
    pub tokens: Vec<String>,
    /// PostHog: how the identity is written: `rewrite`, `property`, `personless` or `profile`.
    #[serde(default)]
    pub mode: IdentityMode,
    /// PostHog: the project's cookieless mode is on, so events without identity can leave.
    #[serde(default)]
    pub cookieless: bool,
    /// PostHog: how people without consent ask for feature flags: `unlinkable`, `empty` or `as_sent`.
    #[serde(default)]
    pub flags_without_consent: FlagsWithoutConsent,
    /// PostHog: what becomes of recordings: `block`, `scrub` or `pass`.
    #[serde(default)]
    pub replay: ReplayRule,
    /// PostHog: endpoints that are refused unless they stand here: `ai`, `otel`, `metrics`, `conversations`, `report`,
    /// `site_app`.
    #[serde(default)]
    pub allow: Vec<String>,
    /// PostHog: the servers of the application, whose events carry account ids.
    #[serde(default)]
    pub trusted: Trusted,
    /// PostHog: new names of events.
    #[serde(default)]
    pub rename_events: BTreeMap<String, String>,
    /// PostHog: whether the other names of events become `snake_case`; the vendor's own (`$pageview`) never do.
    #[serde(default)]
    pub snake_case_events: bool,
    /// PostHog: events whose id is made from another claim of the session than the account.
    #[serde(default)]
    pub event_ids: Vec<EventId>,
    /// The level of people who refused. Default: `anonymised` for Plausible, `local` for PostHog.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denied: Option<Level>,
    /// The level of people who were not asked, or whose answer cannot be read. Default: as for `denied`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Level>,
    /// The highest level this upstream ever gets.
    #[serde(default = "full")]
    pub ceiling: Level,
    /// Length of the pseudonym in bits: 80 to 256, a multiple of 8.
    #[serde(default = "bits")]
    pub bits: u16,
    /// Sends the client address in X-Plausible-IP as well (a self-hosted instance behind Cloudflare).
    #[serde(default)]
    pub plausible_ip_header: bool,
    /// Time to connect.
    #[serde(default = "connect")]
    pub connect_timeout: Period,
    /// Time until the vendor's whole answer is here.
    #[serde(default = "answer")]
    pub answer_timeout: Period,
}

impl Upstream {
    /// The level of people who refused.
    #[must_use]
    pub fn denied(&self) -> Level {
        self.denied.unwrap_or(self.quiet())
    }

    /// The level of people who were not asked.
    #[must_use]
    pub fn unknown(&self) -> Level {
        self.unknown.unwrap_or(self.quiet())
    }

    /// What leaves by default for people who did not agree: with PostHog nothing, unless the project counts without ids.
    const fn quiet(&self) -> Level {
        match self.vendor {
            Vendor::Plausible => Level::Anonymised,
            Vendor::Posthog if self.cookieless => Level::Anonymised,
            Vendor::Posthog => Level::Local,
        }
    }
}

/// One further property taken from the session, under the same consent as the identity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trait {
    /// The property's name at the vendor.
    pub property: String,
    /// The path in the session.
    pub path: Vec<String>,
    /// The values that may leave; anything else is left out.
    #[serde(default)]
    pub values: Vec<String>,
    /// How the value is made from what the path finds.
    #[serde(default)]
    pub derive: Derive,
}

/// How a trait's value is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Derive {
    /// As it stands.
    #[default]
    Same,
    /// The domain of an e-mail address, lower case.
    EmailDomain,
}

fn slash() -> String {
    "/".into()
}
fn user_id() -> String {
    "userId".into()
}
const fn full() -> Level {
    Level::Full
}
const fn bits() -> u16 {
    128
}
const fn connect() -> Period {
    Period(Duration::from_secs(1))
}
const fn answer() -> Period {
    Period(Duration::from_secs(2))
}
