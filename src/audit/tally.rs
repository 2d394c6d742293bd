//! Counts what the requests of a HAR file carry to a vendor, by kind and by place, and what bauta's scrubbing leaves.
//!
//! Each event is looked through and scrubbed as it would be on its way, and what comes out is looked through once
//! more. Nothing but counts and names of cookies is kept.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::decode::{Decoded, decode};
use super::har::{Har, Request};
use super::report::{CookieCount, Destination, Finding, Place, Report};
use super::sighting::{self, Part, Vendor, recognise};

/// What looks for personal data in an event.
pub trait Engine {
    /// What stands in the event, and the event without it. `None`: it cannot be read, and would not be forwarded.
    fn look(&self, event: &str, vendor: Vendor) -> Option<Looked>;
}

/// What an [`Engine`] says of an event.
pub struct Looked {
    /// Each finding.
    pub found: Vec<Found>,
    /// The event without them.
    pub text: String,
}

/// One finding.
pub struct Found {
    /// The kind's word.
    pub kind: &'static str,
    /// Where it stands: a JSON pointer (RFC 6901).
    pub pointer: String,
}

/// The word under which account ids in properties are counted. They are no finding of the scrub engine: the identity
/// stage replaces or removes them.
pub const ACCOUNT_ID: &str = "account_id";

/// Audits a HAR file.
#[must_use]
pub fn audit(har: &Har, engine: &dyn Engine) -> Report {
    let mut tally =
        Tally { engine, report: Report::default(), cookies: BTreeMap::new(), destinations: BTreeMap::new() };
    let sent_any_cookie = |request: &Request| !request.cookies.is_empty() || request.header("cookie").next().is_some();
    tally.report.requests = har.log.entries.len();
    tally.report.cookies_withheld = !har.log.entries.iter().any(sent_any_cookie);
    for request in &har.log.entries {
        tally.request(request);
    }
    tally.finish()
}

struct Tally<'e> {
    engine: &'e dyn Engine,
    report: Report,
    cookies: BTreeMap<String, CookieCount>,
    destinations: BTreeMap<(Vendor, String), Destination>,
}

impl Tally<'_> {
    fn request(&mut self, request: &Request) {
        let decoded = decode(request.body.as_ref());
        let body = match &decoded {
            Decoded::Text(text) => serde_json::from_str::<Value>(text).ok(),
            Decoded::Lost | Decoded::Empty => None,
        };
        let Some(seen) = recognise(request, body.as_ref()) else { return };
        self.report.analytics += 1;
        let events = match (&body, seen.vendor) {
            (Some(body), Vendor::Plausible) => vec![body],
            (Some(body), Vendor::PostHog) => batch(body),
            (None, _) => Vec::new(),
        };
        let own_host = events.iter().any(|event| page_host(event, seen.vendor).is_some_and(|page| page == seen.host));

        let destination = self.destinations.entry((seen.vendor, seen.host.clone())).or_insert_with(|| Destination {
            vendor: seen.vendor.name(),
            host: seen.host.clone(),
            ..Destination::default()
        });
        destination.own_host |= own_host;
        match seen.part {
            Part::Asset => destination.assets += 1,
            Part::Replay => destination.replay += 1,
            Part::Flags => destination.flags += 1,
            Part::Events if body.is_none() => destination.unread += 1,
            Part::Events => destination.events += events.len(),
        }
        self.headers(request);
        for event in events {
            self.event(event, seen.vendor);
        }
    }

    /// The headers, which bauta never passes on.
    fn headers(&mut self, request: &Request) {
        for referer in request.header("referer") {
            self.report.referers += 1;
            let event = serde_json::json!({ "u": referer }).to_string();
            for found in self.engine.look(&event, Vendor::Plausible).into_iter().flat_map(|looked| looked.found) {
                self.report.count(found.kind, Place::RefererHeader, 1, Count::Today);
            }
        }
        self.report.authorizations += request.header("authorization").count();
        for (name, http_only) in cookies(request) {
            let count = self.cookies.entry(name.clone()).or_insert_with(|| CookieCount {
                session: looks_like_session(&name),
                name,
                times: 0,
            });
            count.times += 1;
            count.session |= http_only;
        }
    }

    fn event(&mut self, event: &Value, vendor: Vendor) {
        self.account_ids(event, vendor);
        let Some(looked) = self.engine.look(&event.to_string(), vendor) else {
            self.report.withheld += 1;
            return;
        };
        for found in looked.found {
            self.report.count(found.kind, place(&found.pointer, vendor), 1, Count::Today);
        }
        for found in self.engine.look(&looked.text, vendor).into_iter().flat_map(|left| left.found) {
            self.report.count(found.kind, place(&found.pointer, vendor), 1, Count::Left);
        }
    }

    fn account_ids(&mut self, event: &Value, vendor: Vendor) {
        let properties = match vendor {
            Vendor::Plausible => ["m", "meta", "p", "props"].iter().find_map(|key| object(event.get(*key)?)),
            Vendor::PostHog => {
                let id = |name: &str| event.get(name).or_else(|| event.get("properties")?.get(name));
                let identified = id("$is_identified").and_then(Value::as_bool) == Some(true);
                let named = id("event").and_then(Value::as_str) == Some("$identify");
                if (identified || named) && id("distinct_id").is_some() {
                    self.report.count(ACCOUNT_ID, Place::Identity, 1, Count::Today);
                }
                event.get("properties").and_then(object)
            }
        };
        let ids = properties
            .iter()
            .flat_map(|found| found.iter())
            .filter(|(key, value)| names_account(key) && is_id(value))
            .count();
        if ids > 0 {
            self.report.count(ACCOUNT_ID, Place::Props, ids, Count::Today);
        }
    }

    fn finish(mut self) -> Report {
        self.report.destinations = self.destinations.into_values().collect();
        self.report.cookies = self.cookies.into_values().collect();
        self.report
            .cookies
            .sort_by(|a, b| b.session.cmp(&a.session).then(b.times.cmp(&a.times)).then(a.name.cmp(&b.name)));
        self.report
    }
}

/// Which of the two columns a count belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    /// What leaves today.
    Today,
    /// What would leave with bauta.
    Left,
}

impl Report {
    pub(crate) fn count(&mut self, kind: &'static str, place: Place, times: usize, count: Count) {
        let at = match self.findings.iter().position(|finding| finding.kind == kind) {
            Some(at) => at,
            None => {
                self.findings.push(Finding { kind, ..Finding::default() });
                self.findings.len() - 1
            }
        };
        let Some(finding) = self.findings.get_mut(at) else { return };
        match count {
            Count::Today => {
                finding.today += times;
                *finding.places.entry(place).or_default() += times;
            }
            Count::Left => finding.left += times,
        }
    }
}

/// The place of a pointer into an event.
fn place(pointer: &str, vendor: Vendor) -> Place {
    let mut steps = pointer.split('/').skip(1);
    let first = steps.next().unwrap_or_default();
    match (vendor, first) {
        (Vendor::Plausible, _) => plausible_place(first),
        (Vendor::PostHog, "properties") => posthog_place(steps.next().unwrap_or_default()),
        (Vendor::PostHog, _) => posthog_place(first),
    }
}

fn plausible_place(key: &str) -> Place {
    match key {
        "u" | "url" => Place::PageUrl,
        "r" | "referrer" => Place::Referrer,
        "n" | "name" => Place::EventName,
        "m" | "meta" | "p" | "props" => Place::Props,
        _ => Place::Rest,
    }
}

fn posthog_place(key: &str) -> Place {
    let is = |part: &str| key.contains(part);
    match key {
        "event" => Place::EventName,
        "distinct_id" | "$user_id" | "$anon_distinct_id" | "alias" => Place::Identity,
        "$set" | "$set_once" | "person_properties" | "$group_set" => Place::Person,
        _ if is("referrer") || is("referring") => Place::Referrer,
        _ if is("url") || is("pathname") || is("$host") => Place::PageUrl,
        _ if key.starts_with('$') => Place::Rest,
        _ => Place::Props,
    }
}

/// The events of a body in any of PostHog's shapes: a list, a batch, or one event.
fn batch(body: &Value) -> Vec<&Value> {
    match body {
        Value::Array(events) => events.iter().collect(),
        Value::Object(members) => match members.get("batch") {
            Some(Value::Array(events)) => events.iter().collect(),
            _ => vec![body],
        },
        _ => Vec::new(),
    }
}

/// The host of the page that an event is about.
fn page_host(event: &Value, vendor: Vendor) -> Option<String> {
    let url = match vendor {
        Vendor::Plausible => event.get("u").or_else(|| event.get("url")),
        Vendor::PostHog => event.get("properties").and_then(|properties| properties.get("$current_url")),
    };
    sighting::host(url?.as_str()?)
}

/// An object, or JSON text of one.
fn object(value: &Value) -> Option<Cow<'_, Map<String, Value>>> {
    match value {
        Value::Object(members) => Some(Cow::Borrowed(members)),
        Value::String(text) => serde_json::from_str(text).ok().map(Cow::Owned),
        _ => None,
    }
}

/// Keys under which pages send their own account ids, in any spelling (`userId`, `user_id`, `User-ID`).
fn names_account(key: &str) -> bool {
    let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    matches!(
        plain.as_str(),
        "userid"
            | "uid"
            | "accountid"
            | "customerid"
            | "memberid"
            | "personid"
            | "profileid"
            | "loginid"
            | "subscriberid"
    )
}

fn is_id(value: &Value) -> bool {
    value.is_number() || value.as_str().is_some_and(|text| !text.trim().is_empty())
}

/// The names of the cookies that went along, each with whether the browser's list calls it HttpOnly.
fn cookies(request: &Request) -> Vec<(String, bool)> {
    let listed: Vec<_> = request.cookies.iter().map(|c| (cookie_name(&c.name.0), c.http_only == Some(true))).collect();
    if !listed.is_empty() {
        return listed;
    }
    let fields = request.header("cookie").flat_map(|field| field.split(';'));
    let names = fields.filter_map(|pair| pair.split_once('=')).map(|(name, _)| name.trim());
    names
        .filter(|name| !name.is_empty())
        .map(|name| (cookie_name(name), false))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

/// A cookie's name as it is shown: long runs of letters and digits mixed, as in `ph_phc_..._posthog`, may identify
/// someone and are cut out, as is everything that a terminal could take for a command.
fn cookie_name(name: &str) -> String {
    let mut shown = String::new();
    for part in name.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let word = part.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let random = word.len() >= 12 && word.bytes().any(|b| b.is_ascii_digit());
        shown.push_str(if random { "…" } else { word });
        shown.extend(part.get(word.len()..).unwrap_or_default().chars().filter(char::is_ascii_graphic));
    }
    shown.chars().take(48).collect()
}

/// Names that frameworks and applications give their session cookies.
fn looks_like_session(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let plain = lower.strip_prefix("__host-").or_else(|| lower.strip_prefix("__secure-")).unwrap_or(&lower);
    let vendor = ["ph_", "_ga", "plausible", "amplitude", "mp_", "_hj"].iter().any(|prefix| plain.starts_with(prefix));
    let words =
        ["session", "sess", "phpsessid", "jsessionid", "connect.sid", "auth", "token", "jwt", "login", "remember"];
    !vendor
        && (plain == "sid"
            || plain.ends_with("_sid")
            || plain.ends_with(".sid")
            || words.iter().any(|word| plain.contains(word)))
}

#[cfg(test)]
#[path = "tally_tests.rs"]
mod tests;
