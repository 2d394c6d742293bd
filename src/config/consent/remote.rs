//! `kind = "sql"`, `"redis"` and `"http"`: consent where the application keeps it.

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::units::Period;
use crate::secret::SecretRef;

/// How long an answer counts unless the configuration says otherwise: half a minute, in which a withdrawal is heard
/// without being told.
const TTL: Period = Period(Duration::from_secs(30));

/// `kind = "sql"`: one row for each person, in a table or view of the application's: one column with the choice, or two
/// with the times of agreement and withdrawal. A role that can only read is enough.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Sql {
    /// `postgres://reader@host/database`, `mysql://reader@host/database`, `sqlite:file`.
    pub url: String,
    /// The password, if the database wants one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretRef>,
    /// A PEM file with the authorities to trust instead of the built-in roots (TLS).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// The table or view.
    pub table: String,
    /// The column of the account id.
    pub key: String,
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
    /// The column with the epoch of the pseudonym; a person for whom it cannot be read is not identified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch_column: Option<String>,
    /// The column with a random salt of the pseudonym, 16 to 64 bytes; deleting it makes past ids nobody's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salt_column: Option<String>,
    /// A channel (`NOTIFY channel, 'account id'`) on which the application says that an answer changed (PostgreSQL).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// How long an answer counts; at most 300s.
    pub ttl: Period,
    /// Has to grant.
    pub required: bool,
}

impl Default for Sql {
    fn default() -> Self {
        Self {
            url: String::new(),
            password: None,
            ca_file: None,
            table: String::new(),
            key: "id".into(),
            column: None,
            level_column: None,
            granted_at: None,
            revoked_at: None,
            epoch_column: None,
            salt_column: None,
            channel: None,
            ttl: TTL,
            required: false,
        }
    }
}

/// `kind = "redis"`: one key for each person, with `1`, `0`, a level word or JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Redis {
    /// `redis://host:6379/0`, `rediss://`, `redis+unix:/path`.
    pub url: String,
    /// The password, if the server wants one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretRef>,
    /// A PEM file with the authorities to trust instead of the built-in roots (TLS).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// The key, with `{user}` where the account id stands.
    pub key: String,
    /// The field, if the key is a hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Where the choice stands in a JSON value. Empty: the whole value, or of an object its keys `analytics` and
    /// `level`.
    pub path: Vec<String>,
    /// Where the level stands in a JSON value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level_path: Option<Vec<String>>,
    /// A channel (`PUBLISH channel id`) on which the application says that an answer changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// How long an answer counts; at most 300s.
    pub ttl: Period,
    /// Has to grant.
    pub required: bool,
}

impl Default for Redis {
    fn default() -> Self {
        Self {
            url: String::new(),
            password: None,
            ca_file: None,
            key: String::new(),
            field: None,
            path: Vec::new(),
            level_path: None,
            channel: None,
            ttl: TTL,
            required: false,
        }
    }
}

/// What it means that an end point does not know the person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NotFound {
    /// They were not asked.
    #[default]
    Unknown,
    /// They refused.
    Denied,
}

/// `kind = "http"`: an end point of the application's that answers in JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// The address, with `{user}` where the account id stands, percent-encoded.
    pub url: String,
    /// Sent as `Authorization: Bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<SecretRef>,
    /// A PEM file with the authorities to trust instead of the built-in roots (TLS).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Where the choice stands. Empty: the whole document.
    pub path: Vec<String>,
    /// Where the level stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level_path: Option<Vec<String>>,
    /// What 404 means.
    pub not_found: NotFound,
    /// How long an answer counts; at most 300s.
    pub ttl: Period,
    /// Has to grant.
    pub required: bool,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            url: String::new(),
            token: None,
            ca_file: None,
            path: Vec::new(),
            level_path: None,
            not_found: NotFound::default(),
            ttl: TTL,
            required: false,
        }
    }
}
