//! Which requests of a HAR file talk to an analytics vendor, and what each of them is.
//!
//! Vendors are found by host, and, because sites hide them behind paths of their own, by the shape of the body:
//! a page's event for Plausible names itself, its URL and its site; one for PostHog carries a project key.

use serde_json::Value;

use super::har::Request;

/// An analytics vendor that an audit knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Vendor {
    /// Plausible Analytics, cloud or community edition.
    Plausible,
    /// PostHog, cloud or self-hosted.
    PostHog,
}

impl Vendor {
    /// The name as the vendor writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plausible => "Plausible",
            Self::PostHog => "PostHog",
        }
    }
}

/// What a request to a vendor is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Events.
    Events,
    /// A question about feature flags, with the person's properties.
    Flags,
    /// A piece of a session recording.
    Replay,
    /// A script or its configuration.
    Asset,
}

/// A request to a vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Whose it is.
    pub vendor: Vendor,
    /// What it is for.
    pub part: Part,
    /// The host it went to, lower case, without port.
    pub host: String,
}

/// Recognises a request; `body` is its body, if that is JSON.
#[must_use]
pub fn recognise(request: &Request, body: Option<&Value>) -> Option<Sighting> {
    let Address { host, path } = Address::of(&request.url.0)?;
    let (vendor, part) = if request.method.0.eq_ignore_ascii_case("POST") {
        posted(&host, path, body)?
    } else if request.method.0.eq_ignore_ascii_case("GET") {
        got(&host, path)?
    } else {
        return None;
    };
    Some(Sighting { vendor, part, host })
}

fn posted(host: &str, path: &str, body: Option<&Value>) -> Option<(Vendor, Part)> {
    if belongs(host, "posthog.com") || body.is_some_and(has_project_key) {
        let part = match last_words(path) {
            [.., "flags" | "decide"] => Part::Flags,
            [.., "s"] => Part::Replay,
            _ => Part::Events,
        };
        return Some((Vendor::PostHog, part));
    }
    let plausible =
        belongs(host, "plausible.io") || path.ends_with("/api/event") || body.is_some_and(is_plausible_event);
    plausible.then_some((Vendor::Plausible, Part::Events))
}

fn got(host: &str, path: &str) -> Option<(Vendor, Part)> {
    let file = path.rsplit('/').next().unwrap_or(path);
    let script = file.strip_suffix(".js").or_else(|| file.ends_with(".js.map").then_some(file));
    if belongs(host, "posthog.com") || path.contains("/array/phc_") {
        return Some((Vendor::PostHog, Part::Asset));
    }
    let named = script.is_some_and(|name| name.starts_with("plausible") || name.starts_with("pa-"));
    (belongs(host, "plausible.io") || named && path.contains("/js/")).then_some((Vendor::Plausible, Part::Asset))
}

/// The host is this domain or one below it.
fn belongs(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn last_words(path: &str) -> [&str; 2] {
    let mut words = path.rsplit('/').filter(|word| !word.is_empty());
    let last = words.next().unwrap_or_default();
    [words.next().unwrap_or_default(), last]
}

fn is_plausible_event(body: &Value) -> bool {
    let text = |short: &str, long: &str| body.get(short).or_else(|| body.get(long)).is_some_and(Value::is_string);
    text("n", "name") && text("u", "url") && text("d", "domain")
}

fn has_project_key(body: &Value) -> bool {
    let is_key = |value: &Value| value.as_str().is_some_and(|text| text.starts_with("phc_"));
    let holds = |value: &Value| ["api_key", "token", "$token"].iter().any(|key| value.get(*key).is_some_and(is_key));
    let event = |value: &Value| holds(value) || value.get("properties").is_some_and(holds);
    match body {
        Value::Array(events) => events.first().is_some_and(event),
        other => event(other),
    }
}

/// An absolute URL's host and path.
struct Address<'a> {
    host: String,
    path: &'a str,
}

impl<'a> Address<'a> {
    fn of(url: &'a str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
            return None;
        }
        let (authority, path) = match rest.find(['/', '?', '#']) {
            Some(end) => rest.split_at_checked(end)?,
            None => (rest, ""),
        };
        let path = path.split(['?', '#']).next().unwrap_or_default();
        Some(Self { host: host_of(authority), path })
    }
}

/// The host of an absolute URL, if it has one.
pub(crate) fn host(url: &str) -> Option<String> {
    Address::of(url).map(|address| address.host)
}

fn host_of(authority: &str) -> String {
    let named = authority.rsplit('@').next().unwrap_or(authority);
    let name = match named.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => named,
    };
    // It will be shown in a terminal: what no host name has, no terminal gets.
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-._[]:".contains(c) { c.to_ascii_lowercase() } else { '?' };
    name.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::super::har::Text;
    use super::*;

    fn seen(method: &str, url: &str, body: &str) -> Option<(Vendor, Part, String)> {
        let request = Request { method: Text(method.into()), url: Text(url.into()), ..Request::default() };
        let body = serde_json::from_str(body).ok();
        recognise(&request, body.as_ref()).map(|sighting| (sighting.vendor, sighting.part, sighting.host))
    }

    fn is(vendor: Vendor, part: Part, host: &str) -> Option<(Vendor, Part, String)> {
        Some((vendor, part, host.into()))
    }

    #[test]
    fn plausible_is_known_by_host_path_or_shape() {
        let event = r#"{"n":"pageview","u":"https://shop.example/","d":"shop.example","r":null}"#;
        assert_eq!(
            seen("POST", "https://plausible.io/api/event", "gone"),
            is(Vendor::Plausible, Part::Events, "plausible.io")
        );
        assert_eq!(
            seen("POST", "https://Shop.example:8443/x/api/event?a", "x"),
            is(Vendor::Plausible, Part::Events, "shop.example")
        );
        assert_eq!(
            seen("POST", "https://shop.example/bafuto", event),
            is(Vendor::Plausible, Part::Events, "shop.example")
        );
        assert_eq!(
            seen("GET", "https://plausible.io/js/script.js", ""),
            is(Vendor::Plausible, Part::Asset, "plausible.io")
        );
        assert_eq!(
            seen("GET", "https://shop.example/js/pa-k3J9x.js", ""),
            is(Vendor::Plausible, Part::Asset, "shop.example")
        );
    }

    #[test]
    fn posthog_is_known_by_host_or_project_key() {
        let key = r#"{"api_key":"phc_x","batch":[]}"#;
        let old = r#"[{"event":"$pageview","properties":{"token":"phc_x"}}]"#;
        assert_eq!(
            seen("POST", "https://eu.i.posthog.com/i/v0/e/", "?"),
            is(Vendor::PostHog, Part::Events, "eu.i.posthog.com")
        );
        assert_eq!(seen("POST", "https://shop.example/hog/e/", key), is(Vendor::PostHog, Part::Events, "shop.example"));
        assert_eq!(
            seen("POST", "https://shop.example/hog/flags/?v=2", key),
            is(Vendor::PostHog, Part::Flags, "shop.example")
        );
        assert_eq!(
            seen("POST", "https://shop.example/hog/s/?_=1", old),
            is(Vendor::PostHog, Part::Replay, "shop.example")
        );
        assert_eq!(
            seen("GET", "https://shop.example/hog/array/phc_x/config.js", ""),
            is(Vendor::PostHog, Part::Asset, "shop.example")
        );
    }

    #[test]
    fn other_traffic_is_left_alone() {
        assert_eq!(seen("POST", "https://shop.example/api/orders", r#"{"name":"x","url":"y"}"#), None);
        assert_eq!(seen("GET", "https://shop.example/js/script.js", ""), None);
        assert_eq!(seen("GET", "https://notplausible.io/js/script.js", ""), None);
        assert_eq!(seen("OPTIONS", "https://plausible.io/api/event", ""), None);
        assert_eq!(seen("POST", "data:text/plain,x", ""), None);
    }

    #[test]
    fn a_host_is_no_terminal_command() {
        assert_eq!(host("https://u:p@EVIL\u{1b}[2J.example:1/x").as_deref(), Some("evil?[2j.example"));
    }
}
