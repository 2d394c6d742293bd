//! `[site.session]`: how the application's session cookie is read.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::units::{Period, Rate};
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
    /// Passwords by the id that stands in the sealed value (iron).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub passwords: BTreeMap<String, SecretRef>,
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
    /// The application's `signing_salt` (Phoenix).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing_salt: Option<String>,
    /// The application's `encryption_salt` (Phoenix).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption_salt: Option<String>,
    /// The numbers of the key derivation, where an application changed them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kdf: Option<Kdf>,
    /// How many expensive key derivations may be done for values that visitors send (iron with many rounds).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub derivations: Option<Rate>,
    /// The hash of the signature, where an application chose one (Rails).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// The cipher, where an application chose one (Laravel).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cipher: Option<Cipher>,
    /// How the application writes its session, where there is a choice (Rails, Rack, PHP).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serializer: Option<Serializer>,
    /// The implicit assertion that tokens are bound to (PASETO).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub implicit_assertion: Option<String>,
    /// The application's session store, for frameworks whose cookie holds only an id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<Store>,
    /// The store that is asked when the first one has no such session or does not answer (the cache of Django's `cached_db`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Store>,
    /// An endpoint of the application that says who a cookie belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
    /// How the session's id is turned into the store's key, where applications differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_transform: Option<KeyTransform>,
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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Jwks {
    /// A file with the key set, relative to the configuration file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// Where the identity provider publishes it: `https://id.example/.well-known/jwks.json`. Instead of `file`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// A PEM file with the authorities to trust instead of the built-in roots (TLS).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
}

/// `[site.session.store]`: where the application keeps its sessions. A role that can only read is enough.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Store {
    /// `redis://host:6379/0`, `rediss://`, `redis+unix:/path`, `postgres://user@host/database`, `mysql://`, `sqlite:file`.
    pub url: String,
    /// The password, if the store wants one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretRef>,
    /// A PEM file with the authorities to trust instead of the built-in roots (TLS).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// How long an answer is remembered. Default 2s; 0s asks every time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<Period>,
    /// What stands before the session's id in the store's keys (Redis).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// The field of the hash that holds the account (Redis hashes).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The table, where it is not the framework's (SQL).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Columns that are called differently: the framework's name, and the name in this table (SQL).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
}

/// `[site.session.endpoint]`: an address of the application that is asked with the session cookie and nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Endpoint {
    /// `http://app:3000/api/me`.
    pub url: String,
    /// A PEM file with the authorities to trust instead of the built-in roots (TLS).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// How long an answer is remembered. Default 2s; 0s asks every time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<Period>,
    /// The response header that holds the account id (forward-auth).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
}

/// How a session's id becomes the key of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum KeyTransform {
    /// As it is.
    #[serde(rename = "none")]
    None,
    /// SHA-256 in lower-case hexadecimal.
    #[serde(rename = "sha256hex")]
    Sha256Hex,
    /// `2::` and SHA-256 in lower-case hexadecimal (Rack 2.0.8 and later).
    #[serde(rename = "2::sha256hex")]
    RackPrivateId,
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

/// `site.session.kdf`: how keys are derived from the secrets; what is left out is the framework's default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Kdf {
    /// The hashes; each makes a key, so that an application upgraded in place is read with both.
    pub digests: Vec<Digest>,
    /// How often the function is applied; each count makes a key.
    pub iterations: Vec<u32>,
    /// Length of the key in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<u16>,
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

/// Laravel's ciphers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Cipher {
    /// AES-128-CBC.
    #[serde(rename = "aes-128-cbc")]
    Aes128Cbc,
    /// AES-256-CBC.
    #[serde(rename = "aes-256-cbc")]
    Aes256Cbc,
    /// AES-128-GCM.
    #[serde(rename = "aes-128-gcm")]
    Aes128Gcm,
    /// AES-256-GCM.
    #[serde(rename = "aes-256-gcm")]
    Aes256Gcm,
}

/// How a session is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Serializer {
    /// JSON.
    Json,
    /// Compressed JSON (Rack).
    Zipjson,
    /// Ruby's Marshal.
    Marshal,
    /// MessagePack.
    Msgpack,
    /// Python's pickle.
    Pickle,
    /// PHP's own session format, `name|value` (`session.serialize_handler = php`).
    Php,
    /// PHP's `serialize`.
    PhpSerialize,
    /// PHP's `php_binary` handler.
    PhpBinary,
}

impl Serializer {
    /// The word in the configuration.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Zipjson => "zipjson",
            Self::Marshal => "marshal",
            Self::Msgpack => "msgpack",
            Self::Pickle => "pickle",
            Self::Php => "php",
            Self::PhpSerialize => "php_serialize",
            Self::PhpBinary => "php_binary",
        }
    }
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
