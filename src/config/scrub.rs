//! `[site.scrub]`: what is removed from events.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The scrubbing policy; the defaults are the recommendation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Scrub {
    /// Keys (of properties and of query parameters) whose values are kept as they are.
    pub allow: Vec<String>,
    /// Keys (of properties and of query parameters) whose values are always removed.
    pub deny: Vec<String>,
    /// Path templates (`/u/:id`): the parts with a colon are removed.
    pub paths: Vec<String>,
    /// Removes the values of ad click ids (gclid, fbclid, ...) as well.
    pub click_ids: bool,
}
