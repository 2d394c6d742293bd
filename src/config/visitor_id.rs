//! `[site.visitor_id]`: an id for browsers without an account, off by default.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fault::{Faults, KeyPath};
use super::file::File;
use super::units::Period;

/// The longest life of the cookie: 13 months of 396 days, the figure of the CNIL's guidelines on audience measurement.
const LONGEST: Duration = Duration::from_secs(396 * 86_400);
/// A shorter life would give somebody who stays for an hour two ids.
const SHORTEST: Duration = Duration::from_secs(3600);
/// The longest name of the cookie.
const LONGEST_NAME: usize = 64;

/// A cookie with a random id for people without an account, set by the sidecar after they agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct VisitorId {
    /// Gives a browser an id of its own once it agreed and nobody is logged in.
    pub enabled: bool,
    /// The cookie's name; it begins with `__Host-`.
    pub cookie: String,
    /// How long a browser keeps its id. It is not renewed by visits.
    pub lifetime: Period,
    /// The property that carries the browser's id beside the account's, for people who agreed to the purpose `link`.
    pub property: String,
}

impl Default for VisitorId {
    fn default() -> Self {
        Self {
            enabled: false,
            cookie: "__Host-bauta_id".into(),
            lifetime: Period(LONGEST),
            property: "visitorId".into(),
        }
    }
}

/// Checks the table of every site.
pub(super) fn check(file: &File, faults: &mut Faults) {
    for (index, site) in file.site.iter().enumerate() {
        let at = KeyPath::root().key("site").index(index).key("visitor_id");
        let shape = &site.visitor_id;
        let rest = shape.cookie.strip_prefix("__Host-").unwrap_or_default();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if rest.is_empty() || shape.cookie.len() > LONGEST_NAME || !rest.bytes().all(plain) {
            faults.push(
                at.key("cookie"),
                "expected __Host- and letters, digits, _ or -: the prefix keeps other hosts from planting an id",
                "write \"__Host-bauta_id\"",
            );
        }
        if !(SHORTEST..=LONGEST).contains(&shape.lifetime.0) {
            faults.push(
                at.key("lifetime"),
                "expected a time between 1h and 396d (13 months)",
                "leave the line out for 396d",
            );
        }
        let taken = |name: &String| *name == shape.property;
        let used = site
            .upstream
            .iter()
            .any(|upstream| taken(&upstream.property) || upstream.traits.iter().any(|one| taken(&one.property)));
        if shape.property.trim().is_empty() || shape.property.len() > 300 || (shape.enabled && used) {
            faults.push(
                at.key("property"),
                "expected the name of a property that nothing else is written to",
                "write \"visitorId\"",
            );
        }
        if shape.enabled && file.keys.active.is_none() {
            faults.push(
                at.key("enabled"),
                "the ids are signed with a key under [keys], and there is none",
                "run `bauta keygen hmac.key` and write active = { id = \"a\", file = \"hmac.key\" }",
            );
        }
    }
}
