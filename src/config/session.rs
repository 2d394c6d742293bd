//! `[site.session]`: how the application's session cookie is read.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::units::Period;
use crate::secret::SecretRef;

/// One shape for every preset; a key that the preset does not use is a fault.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Session {
    /// The preset: `ring`, `jwt`, `django-signed`, `flask`, `express`, ...
    pub preset: String,
    /// The cookie's name; most presets have a default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cookie: Option<String>,
    /// The framework's secrets, current first; each is tried in order.
    pub secrets: Vec<SecretRef>,
    /// PEM files with public keys (JWT).
    pub public_keys: Vec<PathBuf>,
    /// A JSON Web Key Set (JWT).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Jwks>,
    /// The allowed signature algorithms (JWT).
    pub algorithms: Vec<String>,
    /// The required `iss` (JWT).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The required `aud` (JWT).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// The allowed values of `azp` (JWT).
    pub authorized_parties: Vec<String>,
    /// The framework's salt, where it can be changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salt: Option<String>,
    /// The longest age of a value that carries its time of issue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<Period>,
    /// Where the account id stands: a path as a list, never a dotted string. Empty: the whole value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Vec<String>>,
    /// Where the person's own data stands, so that it can be removed from the person's events.
    pub own: Own,
}

/// `site.session.jwks`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Jwks {
    /// A file with the key set, relative to the configuration file.
    pub file: PathBuf,
}

/// `[site.session.own]`: paths of the person's own data, for self-redaction (product invariant 9).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Own {
    /// E-mail addresses.
    pub email: Vec<Vec<String>>,
    /// Handles, login names.
    pub handle: Vec<Vec<String>>,
    /// Names.
    pub name: Vec<Vec<String>>,
    /// Phone numbers.
    pub phone: Vec<Vec<String>>,
}
