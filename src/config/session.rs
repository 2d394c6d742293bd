//! `[site.session]`: how the application's session cookie is read.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<SecretRef>,
    /// How the secrets are written in their files. Keys of a fixed length are recognised by their length.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_encoding: Option<SecretEncoding>,
    /// PEM files with public keys or certificates.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub public_keys: Vec<PathBuf>,
    /// A JSON Web Key Set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Jwks>,
    /// The allowed signature algorithms: `HS256`, `RS256`, `ES256`, `EdDSA`, ...
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub algorithms: Vec<String>,
    /// The required `iss`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The accepted values of `aud`: one word or a list.
    #[serde(skip_serializing_if = "Words::is_empty")]
    pub audience: Words,
    /// The accepted values of `azp`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authorized_parties: Vec<String>,
    /// Claims that mean that nobody is logged in: `{ is_anonymous = true }`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub deny_claims: BTreeMap<String, Scalar>,
    /// How far the clocks of the application and of this machine may differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leeway: Option<Period>,
    /// Whether a token without `exp` is refused (default: yes).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require_expiry: Option<bool>,
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

/// How the bytes of a secret are written in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SecretEncoding {
    /// The text of the file is the secret, without the last line end.
    Text,
    /// Hexadecimal.
    Hex,
    /// Base64, standard or URL-safe, padded or not.
    Base64,
}

/// A hash function that session formats use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Digest {
    /// SHA-1. Sound inside HMAC and PBKDF2, where the old formats have it.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// A value that a claim is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Scalar {
    /// `true` or `false`.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// Text.
    Text(String),
}

/// One word or a list of words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Words(pub Vec<String>);

impl Words {
    /// True when there is no word.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;

        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Words;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word or a list of words")
            }

            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Words, E> {
                Ok(Words(vec![word.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Words, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = list.next_element()? {
                    words.push(word);
                }
                Ok(Words(words))
            }
        }

        deserializer.deserialize_any(OneOrMany)
    }
}

impl JsonSchema for Words {
    fn schema_name() -> Cow<'static, str> {
        "Words".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] })
    }
}
