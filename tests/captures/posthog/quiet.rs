//! What must hold of one replayed request of people who did not agree: nothing that links two events.

use bauta::demo::posthog::StoredEvent;
use serde_json::Value;

use super::expand;
use super::judge::{Judge, SENTINEL, sent_id};
use super::{Run, Seen};

/// Keys whose values name a person, a browser, a visit or a group.
const LINKS: [&str; 15] = [
    "distinct_id",
    "$distinct_id",
    "$device_id",
    "device_id",
    "$session_id",
    "$window_id",
    "session_id",
    "window_id",
    "$user_id",
    "$anon_distinct_id",
    "alias",
    "$group_key",
    "posthogDistinctId",
    "sessionId",
    "window.id",
];

impl Judge<'_> {
    pub(super) fn quiet(&mut self, before: &Seen, after: &Seen) {
        let mut links = Vec::new();
        collect(&self.line.decoded, &mut links);
        links.extend((self.pseudonym)(self.user));
        if self.run != Run::Nobody {
            links.push(self.user.to_owned());
        }
        links.retain(|link| link.len() >= 5 && link != SENTINEL);
        for request in &after.requests {
            let haystack = expand::haystack(request);
            for link in &links {
                self.check(!stands_in(&haystack, &link.to_lowercase()), || {
                    format!("{} leaves with the linkable {link}", request.path)
                });
            }
        }
        self.check(after.events.len() <= before.events.len(), || "events were added".into());
        let mut rest = before.events.iter();
        for event in &after.events {
            // What a server says about a group is about nobody: its id is the group's, by the group's name.
            let group = event.properties.get("$group_type").and_then(Value::as_str);
            if group
                .is_some_and(|group| !self.line.by_session() && event.distinct_id.starts_with(&format!("${group}_")))
            {
                continue;
            }
            self.check(self.run != Run::AtHome, || "an event left".into());
            let maps = event.name == "$$heatmap" || event.properties.contains_key("$heatmap_data");
            self.check(!maps, || "a heat map left".into());
            let twin = rest.find(|sent| sent.name == event.name && (sent.uuid.is_none() || sent.uuid == event.uuid));
            match twin {
                Some(twin) => self.converted(twin, event),
                None => self.check(false, || format!("{} came from nowhere", event.name)),
            }
        }
        for call in &after.flags {
            let raw = after.requests.first().map(|request| request.decoded.clone()).unwrap_or_default();
            let bare = |key: &str| raw[key].as_object().is_none_or(serde_json::Map::is_empty);
            self.check(bare("person_properties") && bare("group_properties") && bare("groups"), || {
                "flags were asked for with properties".into()
            });
            let pseudonym = (self.pseudonym)(self.user);
            self.check(Some(&call.distinct_id) != pseudonym.as_ref(), || "flags for the pseudonym".into());
        }
    }

    /// The complete conversion to an event without an id.
    fn converted(&mut self, before: &StoredEvent, after: &StoredEvent) {
        self.check(after.properties.get("$cookieless_mode") == Some(&Value::Bool(true)), || {
            "no cookieless mode".into()
        });
        self.check(sent_id(&after.raw).as_deref() == Some(SENTINEL), || "the id is not the sentinel".into());
        self.check(!after.profile, || "a profile would be written".into());
        self.check(before.timestamp == after.timestamp, || "the time changed".into());
        for key in ["$set", "$set_once", "$groups", "$anon_distinct_id", "$user_id", "alias"] {
            let there = after.raw.get(key).or_else(|| after.raw["properties"].get(key));
            let empty =
                there.is_none_or(|value| value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty));
            self.check(empty, || format!("{key} left"));
        }
        for key in ["$raw_user_agent", "$host"] {
            let (sent, arrived) = (&before.raw["properties"][key], &after.raw["properties"][key]);
            // The vendor drops an event of nobody that lacks one of them: those of older clients are completed.
            let completed = sent.is_null() && arrived.as_str().is_some_and(|text| !text.is_empty());
            self.check(sent == arrived || completed, || format!("{key} changed"));
        }
    }
}

/// The values of linking keys, also in the form of OpenTelemetry's attributes.
fn collect(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, out)),
        Value::Object(map) => {
            let named = map.get("key").and_then(Value::as_str).filter(|key| LINKS.contains(key));
            if named.is_some() {
                out.extend(value["value"]["stringValue"].as_str().map(str::to_owned));
            }
            for (key, item) in map {
                match item {
                    Value::String(text) if LINKS.contains(&key.as_str()) => out.push(text.clone()),
                    Value::Object(keys) if key == "$groups" || key == "groups" => {
                        out.extend(keys.values().filter_map(Value::as_str).map(str::to_owned));
                    }
                    _ => collect(item, out),
                }
            }
        }
        _ => {}
    }
}

/// Whether a word stands in a text, not as a part of a longer word.
fn stands_in(text: &str, word: &str) -> bool {
    let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(word)
        .any(|(at, _)| !joins(text[..at].chars().next_back()) && !joins(text[at + word.len()..].chars().next()))
}
