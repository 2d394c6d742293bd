//! `[site.scrub]`: what is removed from events.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The scrubbing policy; the defaults are the recommendation.
///
/// Keys are names of properties and of query parameters, in any spelling: `user_email`, `userEmail` and `User-Email` are one. A star
/// stands for further words: `*_search` is also `site_search`, and never `research`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Scrub {
    /// `recommended`, `strict` (also ad click ids, names in text, opaque ids in paths, and parameters that are neither
    /// attribution nor listed in `query`) or `minimal` (secrets and what is personal by its shape, not by its key).
    pub preset: Preset,
    /// Keys whose values are kept as they are.
    pub allow: Vec<String>,
    /// Keys whose values are always removed.
    pub deny: Vec<String>,
    /// Keys whose values are replaced by a keyed hash: the same value gives the same text.
    pub hash: Vec<String>,
    /// Keys that are left out together with their values.
    pub drop: Vec<String>,
    /// Keys whose values are replaced by a word of letters, digits and `.`, `_`, `~`, `-`, where the value is long enough for it.
    pub replace: BTreeMap<String, String>,
    /// Keys of free text (`title`) and the values that may stay; every other value is removed.
    pub texts: BTreeMap<String, Vec<String>>,
    /// The only query parameters, besides attribution, that keep their values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<Vec<String>>,
    /// Path templates (`/u/:id`): the parts with a colon are removed.
    pub paths: Vec<String>,
    /// Removes the values of ad click ids (gclid, fbclid, ...) as well.
    pub click_ids: bool,
    /// Keeps the network of an IP address (/24, /48) instead of removing the whole address.
    pub truncate_ip: bool,
    /// Further patterns.
    pub patterns: Vec<Pattern>,
}

/// How much the engine removes by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// Personal data and secrets.
    #[default]
    Recommended,
    /// Also what is merely likely.
    Strict,
    /// Only what is certain.
    Minimal,
}

/// `[[site.scrub.patterns]]`: text that is personal at this site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// What it is, for `explain`.
    pub name: String,
    /// A regular expression without look-around and back-references, as it takes linear time; it sees decoded text.
    pub pattern: String,
}
