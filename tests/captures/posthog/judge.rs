//! What must hold of one replayed request of people who agreed; the others are judged in `quiet`.

use std::collections::{BTreeMap, BTreeSet};

use bauta::demo::posthog::{Received, StoredEvent};
use serde_json::{Map, Value};

use super::expand;
use super::line::Line;
use super::{Run, Seen};

/// The id that stands for nobody.
pub const SENTINEL: &str = "$posthog_cookieless";

/// The event that carries nothing but where pointers were.
const HEAT_MAP: &str = "$$heatmap";

/// Properties that pass as they are, or the product loses a function.
const KEPT: [&str; 11] = [
    "$session_id",
    "$window_id",
    "$host",
    "$raw_user_agent",
    "$lib",
    "$lib_version",
    "$insert_id",
    "$process_person_profile",
    "$active_feature_flags",
    "$feature_flag",
    "$feature_flag_response",
];

pub struct Judge<'a> {
    pub line: &'a Line,
    pub run: Run,
    /// The account behind the session.
    pub user: &'a str,
    pub faults: &'a mut Vec<String>,
    pub pseudonym: &'a dyn Fn(&str) -> Option<String>,
    /// The names that each group's key got, over all lines.
    pub groups: &'a mut BTreeMap<String, BTreeSet<String>>,
}

impl Judge<'_> {
    pub fn check(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.faults.push(format!("{} {:?}: {}", self.line.id, self.run, what()));
        }
    }

    pub fn judge(&mut self, before: &Seen, after: &Seen) {
        self.answer(before, after);
        for request in &after.requests {
            self.inspect(request);
        }
        if !self.line.is_vendors {
            self.check(after.requests.is_empty(), || "a path of the application's own left".into());
        } else if self.run.agreed() {
            self.agreed(before, after);
        } else {
            self.quiet(before, after);
        }
    }

    fn answer(&mut self, before: &Seen, after: &Seen) {
        let (status, answer) = (after.answer.status, &after.answer);
        let told = || {
            format!("status {status} instead of {}: {}", before.answer.status, String::from_utf8_lossy(&answer.body))
        };
        let needs_key = self.line.header("authorization").is_some_and(|value| value.starts_with("Bearer phx_"));
        if self.line.method == "OPTIONS" {
            self.check(matches!(status, 200 | 204), told);
            let allowed = answer.header("access-control-allow-origin");
            self.check(allowed == self.line.header("origin"), || format!("the origin {allowed:?} is allowed"));
        } else if !self.line.is_vendors {
            self.check((400..500).contains(&status), told);
        } else if needs_key && self.run == Run::Nobody {
            self.check((400..500).contains(&status) && after.requests.is_empty(), || "a private key passed".into());
        } else if self.run.agreed() {
            self.check(status == before.answer.status, told);
        } else {
            self.check((200..300).contains(&status) || status == before.answer.status, told);
        }
        self.check(answer.header("set-cookie").is_none(), || "a cookie was set".into());
        let credentials = answer.header("access-control-allow-credentials").is_some();
        let anybody = answer.header("access-control-allow-origin") == Some("*");
        self.check(!(credentials && anybody), || "credentials for everybody".into());
        if self.line.path.starts_with("/static/") || self.line.path.starts_with("/array/") {
            self.check(answer.header("x-content-type-options") == Some("nosniff"), || "no nosniff".into());
            let kind = answer.header("content-type").unwrap_or_default().to_owned();
            self.check(kind.contains("javascript") || kind.contains("json"), || format!("content type {kind}"));
        }
        if self.line.path.starts_with("/array/") {
            let told = String::from_utf8_lossy(&answer.body).replace(' ', "");
            let silent = told.contains("\"sessionRecording\":false");
            self.check(silent == (self.run != Run::Recorded), || {
                "the page is told the wrong thing about recording".into()
            });
        }
        if self.line.path == "/i/v1/analytics/events" && self.run != Run::Nobody {
            let uuids = |body: &[u8]| {
                let value: Value = serde_json::from_slice(body).unwrap_or_default();
                value["results"].as_object().map(|map| map.keys().cloned().collect::<BTreeSet<_>>())
            };
            self.check(uuids(&answer.body) == uuids(&before.answer.body), || "results for other uuids".into());
        }
    }

    fn inspect(&mut self, request: &Received) {
        for name in ["cookie", "referer", "x-bauta-credential", "forwarded", "x-posthog-distinct-id"] {
            self.check(request.header(name).is_none(), || format!("header {name} arrived"));
        }
        let forwarded: Vec<_> = request.headers.iter().filter(|(name, _)| name == "x-forwarded-for").collect();
        let one = matches!(forwarded.as_slice(), [] | [(_, _)]);
        self.check(one, || format!("{} X-Forwarded-For headers", forwarded.len()));
        self.check(request.status < 400, || format!("the vendor refused: {:?}", request.error));
    }

    fn agreed(&mut self, before: &Seen, after: &Seen) {
        let is_replay = self.line.path.trim_end_matches('/') == "/s";
        if is_replay && self.run != Run::Recorded {
            self.check(after.requests.is_empty(), || "a recording left".into());
            return;
        }
        // Heat maps are for who agreed to be recorded.
        let collects = self.run == Run::Recorded && self.line.by_session();
        let sent: Vec<&StoredEvent> = before.events.iter().filter(|event| collects || event.name != HEAT_MAP).collect();
        self.check(sent.len() == after.events.len(), || format!("{} events became {}", sent.len(), after.events.len()));
        let data = |event: &StoredEvent| event.properties.contains_key("$heatmap_data");
        self.check(collects || !after.events.iter().any(data), || "data of a heat map left".into());
        for (before, after) in sent.into_iter().zip(&after.events) {
            self.check(!collects || data(before) == data(after), || "data of a heat map is missing".into());
            self.check(before.name == after.name, || format!("{} became {}", before.name, after.name));
            self.check(before.uuid.is_none() || before.uuid == after.uuid, || "the uuid changed".into());
            self.check(before.timestamp == after.timestamp, || "the time changed".into());
            self.check(before.sent_at == after.sent_at, || "the sending time changed".into());
            self.check(before.profile == after.profile, || "the profile flag changed".into());
            self.identity(before, after);
            self.properties(before, after);
            if is_replay {
                let data = |event: &StoredEvent| event.properties.get("$snapshot_data").map(shape);
                self.check(data(before) == data(after), || "the recording's structure changed".into());
            }
        }
        for (before, after) in before.flags.iter().zip(&after.flags) {
            let wanted = match self.line.by_session() {
                _ if sent_id(&self.line.decoded).as_deref() == Some(SENTINEL) => None,
                true => (self.pseudonym)(self.user),
                false => (self.pseudonym)(&before.distinct_id),
            };
            let id = after.distinct_id.clone();
            self.check(wanted.is_none_or(|wanted| wanted == id), || format!("flags were evaluated for {id}"));
        }
        self.check(before.flags.len() == after.flags.len(), || "flags were evaluated or not".into());
        if let (Some(before), Some(after)) = (before.requests.first(), after.requests.first()) {
            self.names_of_groups(&before.decoded, &after.decoded);
        }
    }

    /// The one pseudonym: the session's, or that of the id which the server sent.
    fn identity(&mut self, before: &StoredEvent, after: &StoredEvent) {
        let Some(sent) = sent_id(&before.raw) else { return };
        let Some(arrived) = sent_id(&after.raw) else { return self.check(false, || "no id arrived".into()) };
        if after.properties.get("$cookieless_mode") == Some(&Value::Bool(true)) {
            return self.check(arrived == SENTINEL, || "a pseudonym in cookieless mode".into());
        }
        let group = before.properties.get("$group_type").and_then(Value::as_str);
        if let Some(group) = group.filter(|group| sent.starts_with(&format!("${group}_"))) {
            let named = arrived.starts_with(&format!("${group}_")) && arrived != sent;
            return self.check(named, || format!("the group is {arrived}"));
        }
        let person = if self.line.by_session() { self.user } else { &sent };
        let wanted = (self.pseudonym)(person);
        self.check(wanted.as_ref() == Some(&arrived), || format!("the id of {} is {arrived}", before.name));
        for key in ["$user_id", "distinct_id"] {
            let there = after.properties.get(key).and_then(Value::as_str);
            self.check(there.is_none_or(|there| there == arrived), || format!("{key} is {there:?}"));
        }
    }

    fn properties(&mut self, before: &StoredEvent, after: &StoredEvent) {
        for (key, value) in &before.properties {
            let flag = key.starts_with("$feature/") || key.starts_with("$feature_flag_p");
            if KEPT.contains(&key.as_str()) || flag {
                self.check(after.properties.get(key) == Some(value), || format!("{key} changed"));
            }
        }
        let kind = |value: &Value| std::mem::discriminant(value);
        for (key, value) in &after.properties {
            let same = before.properties.get(key).is_none_or(|before| kind(before) == kind(value) || before.is_null());
            self.check(same, || format!("{key} has another type"));
        }
    }

    /// Notes which name each group's key got.
    fn names_of_groups(&mut self, before: &Value, after: &Value) {
        let (mut sent, mut arrived) = (Vec::new(), Vec::new());
        groups(before, &mut sent);
        groups(after, &mut arrived);
        for (key, name) in sent.into_iter().zip(arrived) {
            self.check(key != name, || format!("the group {key} arrived"));
            self.groups.entry(key).or_default().insert(name);
        }
    }
}

/// The id as it stands in an event or a request for flags.
pub fn sent_id(raw: &Value) -> Option<String> {
    let places = [&raw["distinct_id"], &raw["$distinct_id"], &raw["properties"]["distinct_id"]];
    let found = places.into_iter().find(|value| !value.is_null())?;
    Some(found.as_str().map_or_else(|| found.to_string(), str::to_owned))
}

/// The keys of groups in the order in which they stand.
fn groups(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| groups(item, out)),
        Value::Object(map) => {
            for (key, item) in map {
                match (key.as_str(), item) {
                    ("$group_key", Value::String(name)) => out.push(name.clone()),
                    ("$groups" | "groups", Value::Object(map)) => {
                        out.extend(map.values().filter_map(Value::as_str).map(str::to_owned));
                    }
                    _ => groups(item, out),
                }
            }
        }
        _ => {}
    }
}

/// A value without its texts: what a recording is made of, also within what it packs.
fn shape(value: &Value) -> Value {
    match value {
        Value::String(text) => expand::packed(text).map_or(Value::Null, |inner| Value::Array(vec![shape(&inner)])),
        Value::Array(items) => Value::Array(items.iter().map(shape).collect()),
        // Keys may be addresses, and lose parts as values do.
        Value::Object(map) => {
            let plain = |key: &String| if key.contains("://") { String::new() } else { key.clone() };
            Value::Object(map.iter().map(|(key, item)| (plain(key), shape(item))).collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}
