//! The shape of `[site.upstream.trusted.lookup]`: where the application keeps which account an e-mail address or a handle
//! belongs to.

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::units::Period;
use crate::secret::SecretRef;

/// How long an account counts unless the configuration says otherwise.
const CACHE: Period = Period(Duration::from_secs(60));

/// Which ids of servers are looked up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LookedUp {
    /// Those with an `@` in them.
    #[default]
    Emails,
    /// All: handles too. An id that is not found is an account id.
    All,
}

/// `[site.upstream.trusted.lookup]`: one question for each id, read only. What the address begins with says to whom: SQL,
/// Redis or HTTP.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Lookup {
    /// `postgres://reader@host/database`, `mysql://`, `sqlite:file`, `redis://host:6379/0`, `rediss://`, `redis+unix:/path`, or
    /// `https://host/path` with `{id}` in its path or query.
    pub url: String,
    /// The password, if the database wants one (SQL, Redis).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretRef>,
    /// Sent as `Authorization: Bearer` (HTTP).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<SecretRef>,
    /// A PEM file with the authorities to trust instead of the built-in roots (TLS).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Which ids are looked up: `emails` or `all`.
    pub ids: LookedUp,
    /// Whether ids are asked for in lower case, for an application that keeps e-mail addresses so.
    pub lowercase: bool,
    /// The table or view (SQL).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The column that the id is compared with (SQL).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The column of the account id (SQL).
    pub account: String,
    /// The key, with `{id}` where the id stands (Redis).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The field, if the key is a hash (Redis).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Where the account id stands in the answer (HTTP). Empty: the whole document.
    pub path: Vec<String>,
    /// How long an answer counts; at most 300s. That there is no such account counts for 10s at most.
    pub cache: Period,
}

impl Default for Lookup {
    fn default() -> Self {
        Self {
            url: String::new(),
            password: None,
            token: None,
            ca_file: None,
            ids: LookedUp::default(),
            lowercase: false,
            table: None,
            by: None,
            account: "id".into(),
            key: None,
            field: None,
            path: Vec::new(),
            cache: CACHE,
        }
    }
}
