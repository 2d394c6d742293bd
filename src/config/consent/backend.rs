//! What the answer of a back end of the application means: a row, a key's value, a JSON document.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The row of an SQL query: one column with the choice, or two with the times of agreement and withdrawal.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RowAnswer {
    /// The column with the choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The column with the level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level_column: Option<String>,
    /// The column with the time of agreement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub granted_at: Option<String>,
    /// The column with the time of withdrawal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<String>,
}

/// The value of a Redis key: `1`, `0`, a level word, or JSON.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KeyAnswer {
    /// Where the choice stands in a JSON value. Empty: the whole value, or of an object its keys `analytics` and
    /// `level`.
    pub path: Vec<String>,
    /// Where the level stands in a JSON value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level_path: Option<Vec<String>>,
}

/// The answer of an HTTP end point that speaks JSON.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DocumentAnswer {
    /// Where the choice stands. Empty: the whole document.
    pub path: Vec<String>,
    /// Where the level stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level_path: Option<Vec<String>>,
    /// What 404 means.
    pub not_found: NotFound,
}

/// What it means that a back end does not know the person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NotFound {
    /// They were not asked.
    #[default]
    Unknown,
    /// They refused.
    Denied,
}
