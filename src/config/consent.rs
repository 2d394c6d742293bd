//! `[site.consent]`: where consent is found and how the answers are combined.

use std::path::PathBuf;

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
}

impl Default for Consent {
    fn default() -> Self {
        Self {
            gpc: "deny".into(),
            dnt: "ignore".into(),
            combine: Combine::default(),
            sources: Vec::new(),
            sensitive: None,
            sensitive_level: Level::Anonymised,
            covers_account: None,
            i_have_another_legal_basis: None,
        }
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

/// One source of consent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Source {
    /// A claim in the application's session.
    Session {
        /// The path of the claim.
        path: Vec<String>,
        /// Must grant (`deny_overrides`).
        #[serde(default)]
        required: bool,
    },
    /// The embedded store, written by `bauta consent set`.
    Store {
        /// Must grant (`deny_overrides`).
        #[serde(default)]
        required: bool,
    },
    /// A cookie of the site's own, written by the page for this purpose.
    Cookie {
        /// The cookie's name.
        cookie: String,
        /// Values that grant.
        #[serde(default)]
        granted_values: Vec<String>,
        /// Values that deny.
        #[serde(default)]
        denied_values: Vec<String>,
        /// Reads the level words as well.
        #[serde(default)]
        levels: bool,
        /// Longer values are unknown.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_value_bytes: Option<usize>,
        /// Must grant (`deny_overrides`).
        #[serde(default)]
        required: bool,
    },
    /// Files with account ids, one per line.
    List {
        /// People who agreed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        allow: Option<PathBuf>,
        /// People who refused; wins.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deny: Option<PathBuf>,
        /// Must grant (`deny_overrides`).
        #[serde(default)]
        required: bool,
    },
}
