//! `[site.consent.purposes]`: what goes further than counting by account, each with an answer of its own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Source;

/// Purposes beside identified counting. None of them is covered by a plain yes unless the site says so.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Purposes {
    /// Session replay and heat maps.
    pub replay: Purpose,
    /// Joining what was recorded before the login to the person's profile.
    pub merge: Purpose,
    /// Joining the id of a browser (`site.visitor_id`) to the account that logs in.
    pub link: Purpose,
}

/// When one purpose is allowed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Purpose {
    /// `never`, `granted` (whoever agreed to be identified agreed to this too) or `asked` (by sources of its own).
    pub allow: Allow,
    /// With `asked`: where the answer for this purpose is found; each kind as under `site.consent.sources`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
}

/// When a purpose is allowed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Allow {
    /// Never.
    #[default]
    Never,
    /// For whoever agreed to be identified: the site's question says that it covers this.
    Granted,
    /// For whoever agreed to be identified and to this purpose by itself.
    Asked,
}
