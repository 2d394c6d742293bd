//! The shape of `bauta.toml`, nothing else: what serde reads and `config schema` describes.
//!
//! Defaults are the recommendation; `config/default.toml` shows every one with a comment, and a test keeps the
//! two equal. What the program works with is built from these shapes and is never one of them.

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::consent::Consent;
use super::scrub::Scrub;
use super::session::Session;
use super::units::{ByteSize, Period, Rate};
pub use super::upstream::{Derive, Trait, Upstream, Vendor};
use super::visitor_id::VisitorId;
use crate::secret::SecretRef;

/// The whole file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    /// The version of this format; 1.
    pub version: u32,
    /// Warnings that the operator has read and accepts, by name (`plausible-pseudonyms`).
    pub acknowledge: Vec<String>,
    /// Where visitors' requests arrive.
    pub listen: Listen,
    /// Probes and metrics.
    pub health: Health,
    /// Invalidation and the local page.
    pub admin: Admin,
    /// The pseudonym keys.
    pub keys: Keys,
    /// The embedded store.
    pub store: Store,
    /// Caps and deadlines that protect the sidecar itself.
    pub limits: Limits,
    /// Logging.
    pub log: Log,
    /// One first-party domain each.
    pub site: Vec<Site>,
}

impl Default for File {
    fn default() -> Self {
        Self {
            version: 1,
            acknowledge: Vec::new(),
            listen: Listen::default(),
            health: Health::default(),
            admin: Admin::default(),
            keys: Keys::default(),
            store: Store::default(),
            limits: Limits::default(),
            log: Log::default(),
            site: Vec::new(),
        }
    }
}

/// `[listen]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Listen {
    /// `ip:port`, or `unix:/path`.
    pub address: String,
    /// Networks (CIDR), and `unix`, whose X-Forwarded-For and Forwarded are believed, walked from the right.
    pub trusted_proxies: Vec<String>,
    /// TLS with h2 and HTTP/1.1 by ALPN; without it HTTP/1.1 in the clear.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<ListenTls>,
}

impl Default for Listen {
    fn default() -> Self {
        Self { address: "127.0.0.1:8787".into(), trusted_proxies: Vec::new(), tls: None }
    }
}

/// `listen.tls`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListenTls {
    /// PEM file with the certificate chain.
    pub certificate: PathBuf,
    /// PEM file with the private key.
    pub key: PathBuf,
}

/// `[health]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Health {
    /// `ip:port` or `unix:/path` of /livez, /readyz and /metrics.
    pub address: String,
}

impl Default for Health {
    fn default() -> Self {
        Self { address: "127.0.0.1:8788".into() }
    }
}

/// `[admin]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Admin {
    /// `ip:port` on loopback, or `unix:/path`.
    pub address: String,
    /// The token that every mutation and every per-person answer asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<SecretRef>,
}

impl Default for Admin {
    fn default() -> Self {
        Self { address: "127.0.0.1:8789".into(), token: None }
    }
}

/// `[keys]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Keys {
    /// The key that makes today's pseudonyms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<Key>,
    /// Earlier keys: `bauta id` and erasure still know what they made.
    pub previous: Vec<Key>,
}

/// One pseudonym key: at least 32 random bytes, written by `bauta keygen`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The key id that stands in clear in each pseudonym: 1 to 8 letters or digits.
    pub id: String,
    /// A file, relative to the configuration file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// The name of an environment variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    /// The name of a systemd credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

impl Key {
    /// Where the key's bytes are.
    #[must_use]
    pub fn place(&self) -> SecretRef {
        SecretRef { file: self.file.clone(), env: self.env.clone(), credential: self.credential.clone() }
    }
}

/// `[store]`: opened only if something uses it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Store {
    /// `sqlite:` and a file name, relative to the configuration file.
    pub url: String,
    /// How long records of the local level are kept.
    pub retention: Period,
}

impl Default for Store {
    fn default() -> Self {
        Self { url: "sqlite:bauta.db".into(), retention: Period(Duration::from_secs(90 * 86_400)) }
    }
}

/// `[limits]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Open connections; further ones wait in the kernel's queue.
    pub connections: u32,
    /// Requests being worked on; further ones get 503.
    pub in_flight: u32,
    /// Size of a request's head; larger: 431.
    pub head: ByteSize,
    /// Number of header fields; more: 431.
    pub headers: u32,
    /// Size of a request's body; larger: the vendor's answer or 413.
    pub body: ByteSize,
    /// Time until the first byte of a new connection.
    pub first_byte: Period,
    /// Time until a request's head is complete.
    pub head_time: Period,
    /// Time until a request's body is complete.
    pub body_time: Period,
    /// How long a connection may stay open without a request.
    pub idle: Period,
    /// How long requests in flight may take after SIGTERM.
    pub drain: Period,
    /// How long a session or consent look-up may take before the event goes on without identity.
    pub lookup: Period,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = |count| Period(Duration::from_secs(count));
        Self {
            connections: 4096,
            in_flight: 512,
            head: ByteSize(32 * 1024),
            headers: 100,
            body: ByteSize(25 * 1024 * 1024),
            first_byte: seconds(5),
            head_time: seconds(5),
            body_time: seconds(15),
            idle: seconds(75),
            drain: seconds(20),
            lookup: Period(Duration::from_millis(50)),
        }
    }
}

/// `[log]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `auto` (human on a terminal, JSON otherwise), `human` or `json`.
    pub format: LogFormat,
    /// `error`, `warn`, `info` or `debug`.
    pub level: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Auto, level: "info".into() }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Human on a terminal, JSON otherwise.
    Auto,
    /// For people.
    Human,
    /// One JSON object per line.
    Json,
}

/// `[[site]]`: one first-party domain with its own users, consent and vendors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The site's name in metrics and commands.
    pub name: String,
    /// Who owns the user ids: an input of every pseudonym. Default: the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub realm: Option<String>,
    /// The host names of the site. May be left out when there is one site only.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Further origins (`https://www.example.org`) allowed to send with identity.
    #[serde(default)]
    pub origins: Vec<String>,
    /// `enforce`, or `observe`: events pass as they are, every decision is computed and counted.
    #[serde(default)]
    pub mode: Mode,
    /// The day (`2026-12-31`) on which `observe` turns into `enforce`; required with `observe`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observe_until: Option<String>,
    /// How the application's session cookie is read. Without it nobody is identified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Session>,
    /// How consent is found.
    #[serde(default)]
    pub consent: Consent,
    /// An id for browsers without an account.
    #[serde(default)]
    pub visitor_id: VisitorId,
    /// The vendors.
    #[serde(default)]
    pub upstream: Vec<Upstream>,
    /// What is removed from events.
    #[serde(default)]
    pub scrub: Scrub,
    /// Fairness and cost.
    #[serde(default)]
    pub quota: Quota,
}

/// Whether decisions are carried out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Decisions are carried out.
    #[default]
    Enforce,
    /// Events pass as they are, minus Cookie, Authorization and Referer; decisions are computed and shown.
    Observe,
}

/// `[site.quota]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Quota {
    /// Events of one visitor (the session's person, else address and browser).
    pub per_visitor: Rate,
    /// Events of one address (IPv4) or network (IPv6 /64).
    pub per_address: Rate,
    /// Events of the whole site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_site: Option<Rate>,
    /// How many visitors and addresses are remembered at once.
    pub keys: u32,
}

impl Default for Quota {
    fn default() -> Self {
        let per_minute = |count| Rate { count, per: Duration::from_secs(60) };
        Self { per_visitor: per_minute(120), per_address: per_minute(600), per_site: None, keys: 100_000 }
    }
}
