//! The shapes of what only PostHog upstreams have.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::lookup::{LookedUp, Lookup};
use crate::secret::SecretRef;

/// How the identity of people who agreed is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdentityMode {
    /// The pseudonym takes the place of every id; whether an event makes a person profile is as the page said.
    #[default]
    Rewrite,
    /// Only a property with the pseudonym is added; ids stay as sent. The safe first step for a running project.
    Property,
    /// As `rewrite`, without person profiles.
    Personless,
    /// As `rewrite`, with person profiles for everybody who agreed.
    Profile,
}

/// How people without consent ask for feature flags.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FlagsWithoutConsent {
    /// Under an id that is used for nothing else, without properties.
    #[default]
    Unlinkable,
    /// Not at all: the answer holds no flags.
    Empty,
    /// As sent, scrubbed.
    AsSent,
}

/// What becomes of recordings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplayRule {
    /// They do not leave, and pages are told not to record.
    #[default]
    Block,
    /// They leave for people who agreed, unpacked, scrubbed and packed again.
    Scrub,
    /// They leave for people who agreed, with the pseudonym and otherwise as recorded.
    Pass,
}

/// What becomes of an id that names nobody (`account-ui`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConstantRule {
    /// The event does not leave.
    Refuse,
    /// The event leaves under the keyed name of the constant, without a person profile.
    Anonymous,
    /// The id stays as it is.
    Keep,
}

/// `[[site.upstream.event_ids]]`: events that are about something else of the person's than the account (a handle, an agent).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventId {
    /// Names of events as pages send them; a star at the end stands for any rest.
    pub events: Vec<String>,
    /// The path in the session to the value whose keyed name takes the place of the account's pseudonym.
    pub path: Vec<String>,
}

impl EventId {
    /// Whether the rule is for an event of this name.
    #[must_use]
    pub fn is_for(&self, name: &str) -> bool {
        self.events.iter().any(|own| match own.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => own == name,
        })
    }
}

/// `[site.upstream.trusted]`: the servers of the application. Their events carry account ids, which become the pseudonyms
/// of the browser's events.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Trusted {
    /// Networks (CIDR) of the servers, by the address of the connection itself.
    pub networks: Vec<String>,
    /// A secret that the servers send in `X-Bauta-Credential`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<SecretRef>,
    /// Whether events about a group and nobody (`$groupidentify` of posthog-node) leave without anybody's agreement.
    pub groups: bool,
    /// Ids that name nobody, each with `refuse`, `anonymous` or `keep`.
    pub constants: BTreeMap<String, ConstantRule>,
    /// Ids that name nobody, each with the name that it leaves under.
    pub mapped: BTreeMap<String, String>,
    /// Where the account of an e-mail address or a handle is found. Without it such an id is hashed as it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lookup: Option<Lookup>,
}

impl Trusted {
    /// Whether any request can come from a server of the application.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.networks.is_empty() || self.credential.is_some()
    }
}
