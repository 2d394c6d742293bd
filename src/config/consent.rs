//! `[site.consent]`: where consent is found and how the answers are combined.

mod banner;
mod purpose;
mod remote;
mod source;
mod standard;

pub use banner::{
    Axeptio, Categories, Category, Complianz, CookieYes, Cookiebot, Didomi, Django, Insites, Iubenda, OneTrust,
    OutsideRegion, PiwikPro, PostHog, Regime, ServiceNames, Services,
};
pub use purpose::{Allow, Purpose, Purposes};
pub use remote::{Http, NotFound, Redis, Sql};
pub use source::{Bridge, List, Required, Session, Source, Store};
pub use standard::{ConsentMode, Gpp, OptOut, Segment, Tcf, UsPrivacy};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::level::Level;

/// How consent is found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Consent {
    /// `deny`, `ignore` or `cap:<level>`: what `Sec-GPC: 1` does.
    pub gpc: String,
    /// `ignore`, `deny` or `cap:<level>`: what `DNT: 1` does.
    pub dnt: String,
    /// How several sources are combined.
    pub combine: Combine,
    /// The sources, in order.
    pub sources: Vec<Source>,
    /// What it means when no source decides.
    pub default: Undecided,
    /// The level that a plain yes reaches.
    pub granted_level: Level,
    /// A path in the session that marks a sensitive person when it holds true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensitive: Option<Vec<String>>,
    /// The highest level of a sensitive person.
    pub sensitive_level: Level,
    /// The wording by which the site's banner covers account identity. Without it a device source alone
    /// reaches at most `anonymised` for people with an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub covers_account: Option<String>,
    /// The legal basis, in words, for identifying people who were not asked. Logged at every start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub i_have_another_legal_basis: Option<String>,
    /// Every decision as one line of JSON in the log, with the pseudonym of people who are identified.
    pub decision_log: bool,
    /// Replay, merging and linking, each with an answer of its own.
    pub purposes: Purposes,
}

impl Default for Consent {
    fn default() -> Self {
        Self {
            gpc: "deny".into(),
            dnt: "ignore".into(),
            combine: Combine::default(),
            sources: Vec::new(),
            default: Undecided::default(),
            granted_level: Level::Full,
            sensitive: None,
            sensitive_level: Level::Anonymised,
            covers_account: None,
            i_have_another_legal_basis: None,
            decision_log: false,
            purposes: Purposes::default(),
        }
    }
}

impl Consent {
    /// Whether a source or a further purpose reads the embedded store.
    #[must_use]
    pub fn reads_store(&self) -> bool {
        let Purposes { replay, merge, link } = &self.purposes;
        let further = [replay, merge, link].into_iter().flat_map(|purpose| &purpose.sources);
        self.sources.iter().chain(further).any(|source| matches!(source, Source::Store(_)))
    }

    /// Whether people who are recorded in the embedded store get salts.
    #[must_use]
    pub fn salts(&self) -> bool {
        self.sources.iter().any(|source| matches!(source, Source::Store(store) if store.salted))
    }
}

/// How several sources become one verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// Any denial wins; every required source must grant.
    #[default]
    DenyOverrides,
    /// The first source that knows decides.
    FirstKnown,
}

/// What it means when no source decides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Undecided {
    /// The upstream's level for people who were not asked.
    #[default]
    Unknown,
    /// The upstream's level for people who refused.
    Denied,
    /// Identified by default: refused unless `i_have_another_legal_basis` is written down.
    Granted,
}
