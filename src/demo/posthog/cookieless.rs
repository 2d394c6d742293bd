//! Events without an id: a daily hash on the server takes the sentinel's place.
//!
//! Address, user agent, the page's root domain, project and day make the hash; an event that lacks one is dropped,
//! and what went into it is removed. Source: PostHog/posthog `plugin-server` cookieless manager.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::record::Discard;
use super::rules::Cookieless;

/// The id that stands for "hash me".
pub(super) const SENTINEL: &str = "$posthog_cookieless";
/// Seconds of a day.
const DAY: i64 = 86_400;
/// Characters of `$cookieless_extra` that count.
const EXTRA_CHARS: usize = 100;

/// Where an event comes from.
pub(super) struct Origin<'a> {
    pub(super) ip: &'a str,
    pub(super) token: &'a str,
    /// Seconds since 1970.
    pub(super) now: i64,
}

/// The id under which an event is stored, or why it is not. An event that is not cookieless keeps its id.
pub(super) fn settle(
    mode: Cookieless,
    name: &str,
    id: &str,
    properties: &mut Map<String, Value>,
    origin: &Origin<'_>,
) -> Result<String, Discard> {
    if properties.get("$cookieless_mode") != Some(&Value::Bool(true)) {
        return Ok(id.to_owned());
    }
    if mode == Cookieless::Off {
        return Err(Discard::CookielessOff);
    }
    if matches!(name, "$create_alias" | "$merge_dangerously") || (name == "$identify" && mode == Cookieless::Stateless)
    {
        return Err(Discard::CookielessMerge);
    }
    let text = |key: &str| properties.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let ip = text("$ip").unwrap_or(origin.ip).to_owned();
    let (Some(agent), Some(host)) = (text("$raw_user_agent"), text("$host")) else {
        return Err(Discard::CookielessIncomplete);
    };
    let extra: String = text("$cookieless_extra").unwrap_or_default().chars().take(EXTRA_CHARS).collect();
    let hashed = hash(&[&ip, agent, root(host), origin.token, &extra], origin.now);
    for key in ["$ip", "$raw_user_agent", "$cookieless_extra"] {
        properties.remove(key);
    }
    if properties.get("$anon_distinct_id").and_then(Value::as_str) == Some(SENTINEL) {
        properties.insert("$anon_distinct_id".to_owned(), Value::String(hashed.clone()));
    }
    Ok(if id == SENTINEL { hashed } else { id.to_owned() })
}

/// The hash of the parts on a day.
pub(super) fn hash(parts: &[&str], now: i64) -> String {
    let mut digest = Sha256::new();
    digest.update(now.div_euclid(DAY).to_be_bytes());
    for part in parts {
        digest.update(part.len().to_be_bytes());
        digest.update(part.as_bytes());
    }
    let hex: String = digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("cookieless_{hex}")
}

/// The last two labels of a host without its port; the vendor takes the registrable domain.
pub(super) fn root(host: &str) -> &str {
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    if host.parse::<std::net::IpAddr>().is_ok() {
        return host;
    }
    let Some((rest, _)) = host.rsplit_once('.') else { return host };
    rest.rsplit_once('.').map_or(host, |(before, _)| host.get(before.len() + 1..).unwrap_or(host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn settled(mode: Cookieless, name: &str, id: &str, properties: Value, ip: &str) -> Result<String, Discard> {
        let Value::Object(mut properties) = properties else { panic!() };
        settle(mode, name, id, &mut properties, &Origin { ip, token: "t", now: 0 })
    }

    fn full() -> Value {
        json!({"$cookieless_mode": true, "$raw_user_agent": "UA", "$host": "www.shop.example:8080"})
    }

    #[test]
    fn the_hash_tells_addresses_apart_and_needs_its_parts() {
        let id = |ip| settled(Cookieless::Stateful, "x", SENTINEL, full(), ip).unwrap();
        assert_eq!(id("192.0.2.1"), id("192.0.2.1"));
        assert_ne!(id("192.0.2.1"), id("192.0.2.2"));
        let without = json!({"$cookieless_mode": true, "$host": "a"});
        assert_eq!(settled(Cookieless::Stateful, "x", SENTINEL, without, "1"), Err(Discard::CookielessIncomplete));
    }

    #[test]
    fn the_project_decides() {
        assert_eq!(settled(Cookieless::Off, "x", SENTINEL, full(), "1"), Err(Discard::CookielessOff));
        assert_eq!(settled(Cookieless::Off, "x", "a", json!({}), "1").unwrap(), "a");
        assert_eq!(settled(Cookieless::Stateless, "$identify", "a", full(), "1"), Err(Discard::CookielessMerge));
        assert_eq!(settled(Cookieless::Stateful, "$identify", "a", full(), "1").unwrap(), "a");
        assert_eq!(settled(Cookieless::Stateful, "$create_alias", "a", full(), "1"), Err(Discard::CookielessMerge));
    }

    #[test]
    fn a_root_domain_has_two_labels() {
        assert_eq!(root("www.shop.example:8080"), "shop.example");
        assert_eq!(root("shop.example"), "shop.example");
        assert_eq!(root("localhost:1"), "localhost");
        assert_eq!(root("127.0.0.1:1"), "127.0.0.1");
    }
}
