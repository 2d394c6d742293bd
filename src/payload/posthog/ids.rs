//! Identity in an event: every place of a person's id, and what is written there.
//!
//! One function for all endpoints and both protocols, because one place that is missed splits the person or leaks the
//! account: `distinct_id` (at the top and in the properties), `$user_id`, `$anon_distinct_id`, `alias`, `$device_id`,
//! `$groups`, `$group_key`, `$session_id`, `$window_id`, and the flags that say what kind of person it is
//! (PostHog/posthog `rust/capture`, `nodejs/src/worker/ingestion/persons`; posthog-js `src/posthog-core.ts`).

use std::borrow::Cow;

use super::shape::{self, as_id};
use crate::payload::document::Node;
use crate::payload::edit::{Edits, Fill, Priority, push_quoted, quoted};
use crate::payload::plausible::props::is_user_id_name;
use crate::payload::scan::Shape;

/// The id of everybody in a project's cookieless mode (posthog-js `COOKIELESS_SENTINEL_VALUE`).
pub const COOKIELESS: &str = "$posthog_cookieless";

/// Makes names that leave from names that may not. All are keyed, so none can be turned back.
pub trait Renamer {
    /// The name of a group.
    fn group(&self, kind: &str, key: &str) -> String;
    /// The name of somebody who is not known here but whose id is no random id of the vendor's client.
    fn stranger(&self, id: &str) -> String;
}

/// Whether an event makes a person profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// As the page says.
    AsSent,
    /// Never.
    Never,
    /// Always.
    Always,
}

/// What an event says about who did it.
pub enum Identity<'a> {
    /// A person of the application, by the pseudonym.
    Person {
        /// The pseudonym.
        pseudonym: &'a str,
        /// Whether the event makes a profile.
        profile: Profile,
        /// Whether the anonymous history before it becomes this person's: only what the client itself names, and only
        /// when it is a random id of the client's.
        merges: bool,
    },
    /// Nobody of the application: the client's own random id stays.
    Device,
    /// Nobody at all: the project's cookieless mode.
    Cookieless,
    /// As sent, with the pseudonym in a property.
    Property {
        /// The pseudonym.
        pseudonym: &'a str,
    },
}

/// What is written beside the ids.
#[derive(Debug, Clone, Copy, Default)]
pub struct Properties<'a> {
    /// The property that only we may set.
    pub name: &'a str,
    /// Further properties, (name, value), that only we may set; `None` takes one away.
    pub traits: &'a [(&'a str, Option<&'a str>)],
}

/// Events that are nothing but a statement about who somebody is.
const IDENTITY_EVENTS: [&str; 6] =
    ["$identify", "$create_alias", "$merge_dangerously", "$groupidentify", "$set", "$opt_in"];

/// True for an event that means nothing once nobody may be named.
#[must_use]
pub fn is_only_identity(event: Node<'_>) -> bool {
    match shape::name(event) {
        Some(name) => IDENTITY_EVENTS.contains(&&*name),
        // `/engage/` of the oldest clients.
        None => true,
    }
}

/// Writes an identity into one event.
pub fn write(
    event: Node<'_>,
    identity: &Identity<'_>,
    properties: &Properties<'_>,
    renamer: &dyn Renamer,
    edits: &mut Edits,
) {
    let mut writer = Writer { identity, own: properties, renamer, edits, device: device(event) };
    writer.top(event);
}

/// The ids of an event that would link it to others, for taking them out wherever else they stand.
#[must_use]
pub fn linkable<'a>(event: Node<'a>) -> Vec<Cow<'a, str>> {
    let inside = shape::properties(event).into_iter().flat_map(|properties| properties.members());
    let all = event.members().chain(inside);
    let mut ids: Vec<Cow<'a, str>> =
        all.filter(|(key, _)| LINKING.iter().any(|name| key.is(name))).filter_map(|(_, value)| as_id(value)).collect();
    ids.retain(|id| id.len() >= 6 && id != COOKIELESS);
    ids
}

/// The ids of people in an event, as sent.
#[must_use]
pub fn names<'a>(event: Node<'a>) -> Vec<Cow<'a, str>> {
    let inside = shape::properties(event).into_iter().flat_map(|properties| properties.members());
    let all = event.members().chain(inside).filter(|(key, _)| LINKING.iter().take(PEOPLE).any(|name| key.is(name)));
    all.filter_map(|(_, value)| as_id(value)).filter(|id| id != COOKIELESS && !id.is_empty()).collect()
}

/// The fields whose values link events; the first five are people's.
const LINKING: [&str; 14] = [
    "distinct_id",
    "$distinct_id",
    "$user_id",
    "$anon_distinct_id",
    "alias",
    "$device_id",
    "$session_id",
    "$window_id",
    "session_id",
    "window_id",
    "$group_key",
    "$pageview_id",
    "$prev_pageview_id",
    "$session_recording_id",
];

/// How many of them are people's: the first ones.
const PEOPLE: usize = 5;

/// A short text of letters, digits and dashes.
fn is_word(value: Node<'_>) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    value.shape() == Shape::Text && value.raw().len() <= 64 && value.raw().bytes().all(fits)
}

/// What the client says is its own random id.
fn device(event: Node<'_>) -> Option<String> {
    let properties = shape::properties(event)?;
    properties.get_all("$device_id").next().and_then(as_id).map(Cow::into_owned)
}

/// True for the random ids that PostHog's clients make: UUIDs, and the longer form of the oldest.
#[must_use]
pub fn is_client_id(text: &str) -> bool {
    let parts = text.split('-').count();
    parts == 5 && (36..=72).contains(&text.len()) && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

struct Writer<'w> {
    identity: &'w Identity<'w>,
    own: &'w Properties<'w>,
    renamer: &'w dyn Renamer,
    edits: &'w mut Edits,
    device: Option<String>,
}

impl Writer<'_> {
    fn top(&mut self, event: Node<'_>) {
        let mut inside = false;
        for (key, value) in event.members() {
            let name = key.text().unwrap_or_default();
            match &*name {
                "properties" if value.shape() == Shape::Object => {
                    inside = true;
                    self.properties(value);
                }
                "options" if value.shape() == Shape::Object => self.options(value),
                "session_id" | "window_id" if self.is_cookieless() => self.remove(event, key),
                // The vendor's own random ids, as they stand.
                "session_id" | "window_id" | "uuid" if is_word(value) => self.put(event, key, value, raw(value)),
                // Statements about a person at the top; beside nobody they mean nobody.
                "$set" | "$set_once" | "$unset" if self.is_cookieless() => self.remove(event, key),
                name => {
                    self.id(event, key, value, name);
                }
            }
        }
        if !inside && !matches!(self.identity, Identity::Device) {
            // Nothing to put ours beside: the vendor takes an event without properties, so they are made.
            let fragment = self.fragment();
            if !fragment.is_empty() {
                self.edits.insert_member(event, format!("\"properties\":{{{fragment}}}"));
            }
        }
    }

    fn properties(&mut self, properties: Node<'_>) {
        let mut is_set = false;
        let mut profile = false;
        for (key, value) in properties.members() {
            let name = key.text().unwrap_or_default();
            if self.id(properties, key, value, &name) {
                continue;
            }
            match &*name {
                name if name == self.own.name => {
                    if let Identity::Property { pseudonym } = self.identity
                        && !is_set
                    {
                        is_set = true;
                        self.put(properties, key, value, quoted(pseudonym));
                    } else {
                        self.remove(properties, key);
                    }
                }
                name if self.own.traits.iter().any(|(own, _)| *own == name) => self.remove(properties, key),
                "$process_person_profile" | "$is_identified" => match self.identity {
                    Identity::Cookieless => self.remove(properties, key),
                    Identity::Person { profile: wanted, .. } if name == "$process_person_profile" => {
                        if let Some(word) = word(*wanted) {
                            profile = true;
                            self.put(properties, key, value, word.to_owned());
                        }
                    }
                    _ => {}
                },
                "$cookieless_mode" | "$cookieless_extra" => match self.identity {
                    // A person and the sentinel's mode exclude each other.
                    Identity::Person { .. } | Identity::Cookieless => self.remove(properties, key),
                    _ => {}
                },
                name if self.is_cookieless() && (is_personal(name) || is_user_id_name(name)) => {
                    self.remove(properties, key);
                }
                "$snapshot_data" => {}
                _ => self.nested(value),
            }
        }
        let mut fragment = String::new();
        let mut add = |text: &str| {
            fragment.push_str(if fragment.is_empty() { "" } else { "," });
            fragment.push_str(text);
        };
        if let Identity::Property { pseudonym } = self.identity
            && !is_set
        {
            add(&format!("{}:{}", quoted(self.own.name), quoted(pseudonym)));
        }
        if let Identity::Person { profile: wanted, .. } = self.identity
            && let Some(word) = word(*wanted)
            && !profile
        {
            add(&format!("\"$process_person_profile\":{word}"));
        }
        if self.is_cookieless() {
            add("\"$process_person_profile\":false,\"$cookieless_mode\":true,\"$device_id\":null");
        }
        let traits = self.traits();
        if !traits.is_empty() {
            add(&traits);
        }
        if !fragment.is_empty() {
            self.edits.insert_member(properties, fragment);
        }
    }

    /// Ids below a property: the events inside `$web_vitals_*_event` repeat those of the event around them.
    fn nested(&mut self, value: Node<'_>) {
        if matches!(self.identity, Identity::Property { .. }) {
            return;
        }
        let mut open = vec![value];
        while let Some(node) = open.pop() {
            open.extend(node.elements());
            for (key, value) in node.members() {
                let place = LINKING.iter().position(|name| key.is(name));
                match (self.identity, place) {
                    (Identity::Cookieless, Some(_)) => self.remove(node, key),
                    (_, Some(place)) if place < PEOPLE && as_id(value).is_some_and(|id| !is_client_id(&id)) => {
                        self.person(node, key, value, true);
                    }
                    _ => open.push(value),
                }
            }
        }
    }

    /// The options of the second protocol, which say there what properties say on the first.
    fn options(&mut self, options: Node<'_>) {
        let wanted = match self.identity {
            Identity::Cookieless => "\"cookieless_mode\":true,\"process_person_profile\":false".to_owned(),
            Identity::Person { profile, .. } => match word(*profile) {
                Some(word) => format!("\"process_person_profile\":{word}"),
                None => String::new(),
            },
            _ => return,
        };
        for (key, _) in options.members() {
            let replaced = key.is("cookieless_mode") || (!wanted.is_empty() && key.is("process_person_profile"));
            if replaced {
                self.remove(options, key);
            }
        }
        if !wanted.is_empty() {
            self.edits.insert_member(options, wanted);
        }
    }

    /// What an event without properties gets.
    fn fragment(&self) -> String {
        let mut out = match self.identity {
            Identity::Property { pseudonym } => format!("{}:{}", quoted(self.own.name), quoted(pseudonym)),
            Identity::Cookieless => "\"$process_person_profile\":false,\"$cookieless_mode\":true".to_owned(),
            Identity::Person { profile, .. } => {
                word(*profile).map(|word| format!("\"$process_person_profile\":{word}")).unwrap_or_default()
            }
            Identity::Device => String::new(),
        };
        let traits = self.traits();
        if !traits.is_empty() {
            out.push_str(if out.is_empty() { "" } else { "," });
            out.push_str(&traits);
        }
        out
    }

    /// The traits of the person as members.
    fn traits(&self) -> String {
        let mut out = String::new();
        if matches!(self.identity, Identity::Person { .. } | Identity::Property { .. }) {
            for (name, value) in self.own.traits.iter().filter_map(|(name, value)| Some((name, (*value)?))) {
                out.push_str(if out.is_empty() { "" } else { "," });
                push_quoted(name, &mut out);
                out.push(':');
                push_quoted(value, &mut out);
            }
        }
        out
    }

    /// Handles a member that is an id; tells whether it was one.
    fn id(&mut self, object: Node<'_>, key: Node<'_>, value: Node<'_>, name: &str) -> bool {
        match name {
            "distinct_id" | "$distinct_id" => self.person(object, key, value, true),
            "$user_id" | "$anon_distinct_id" | "alias" | "$alias" => self.person(object, key, value, false),
            "$device_id" => {
                if self.is_cookieless() {
                    self.remove(object, key);
                } else if !matches!(self.identity, Identity::Property { .. })
                    && let Some(id) = as_id(value).filter(|id| !is_client_id(id) && id != COOKIELESS)
                {
                    let renamed = quoted(&self.renamer.stranger(&id));
                    self.put(object, key, value, renamed);
                }
            }
            "$session_id" | "$window_id" | "$pageview_id" | "$prev_pageview_id" if self.is_cookieless() => {
                self.remove(object, key);
            }
            "$groups" if value.shape() == Shape::Object => self.groups(object, key, value),
            "$group_key" => self.group_key(object, key, value),
            _ => return false,
        }
        true
    }

    fn person(&mut self, object: Node<'_>, key: Node<'_>, value: Node<'_>, is_main: bool) {
        let sent = as_id(value);
        match self.identity {
            // `null` in one place lets the vendor look in the other; both say the same afterwards.
            Identity::Person { pseudonym, merges, .. } => {
                let earlier =
                    key.is("$anon_distinct_id") && *merges && sent.as_deref().is_some_and(|id| self.is_own_device(id));
                if !earlier && (value.shape() != Shape::Null || is_main) {
                    self.put(object, key, value, quoted(pseudonym));
                }
            }
            Identity::Cookieless if is_main => self.put(object, key, value, quoted(COOKIELESS)),
            Identity::Cookieless => self.remove(object, key),
            Identity::Device => {
                if let Some(id) = sent.filter(|id| !id.is_empty() && id != COOKIELESS && !self.is_own_device(id)) {
                    let renamed = quoted(&self.renamer.stranger(&id));
                    self.put(object, key, value, renamed);
                }
            }
            // As sent, whatever the scrub stage would find in it: another id would be another person.
            Identity::Property { .. } => self.put(object, key, value, raw(value)),
        }
    }

    /// A random id that the client made, and not one that it was given: those differ from its device id.
    fn is_own_device(&self, id: &str) -> bool {
        is_client_id(id) && self.device.as_deref().is_none_or(|device| device == id)
    }

    fn groups(&mut self, object: Node<'_>, key: Node<'_>, groups: Node<'_>) {
        match self.identity {
            Identity::Cookieless => self.remove(object, key),
            Identity::Property { .. } => {}
            Identity::Person { .. } | Identity::Device => {
                for (kind, value) in groups.members() {
                    if let Some(id) = as_id(value) {
                        let renamed = quoted(&self.renamer.group(&kind.text().unwrap_or_default(), &id));
                        self.put(groups, kind, value, renamed);
                    }
                }
            }
        }
    }

    fn group_key(&mut self, object: Node<'_>, key: Node<'_>, value: Node<'_>) {
        match self.identity {
            Identity::Cookieless => self.remove(object, key),
            Identity::Property { .. } => {}
            Identity::Person { .. } | Identity::Device => {
                let kind = object.get_all("$group_type").next().and_then(as_id).unwrap_or_default();
                if let Some(id) = as_id(value) {
                    let renamed = quoted(&self.renamer.group(&kind, &id));
                    self.put(object, key, value, renamed);
                }
            }
        }
    }

    const fn is_cookieless(&self) -> bool {
        matches!(self.identity, Identity::Cookieless)
    }

    fn put(&mut self, object: Node<'_>, key: Node<'_>, value: Node<'_>, fragment: String) {
        self.edits.keep_member(object, key, Priority::Identity);
        self.edits.replace(value, Fill::Raw(Cow::Owned(fragment)), Priority::Identity);
    }

    fn remove(&mut self, object: Node<'_>, key: Node<'_>) {
        self.edits.remove_member(object, key, Priority::Identity);
    }
}

const fn word(profile: Profile) -> Option<&'static str> {
    match profile {
        Profile::AsSent => None,
        Profile::Never => Some("false"),
        Profile::Always => Some("true"),
    }
}

/// A value as it stands, quotes included.
fn raw(value: Node<'_>) -> String {
    match value.shape() {
        Shape::Text => format!("\"{}\"", value.raw()),
        _ => value.raw().to_owned(),
    }
}

/// Properties that say something about a person or tie the event to a session, beyond the ids themselves.
fn is_personal(name: &str) -> bool {
    matches!(name, "$set" | "$set_once" | "$unset" | "$group_set" | "$group_type" | "$had_persisted_distinct_id")
        || name.starts_with("$sdk_debug_")
        || name.starts_with("$session_recording_")
        || name.starts_with("$snapshot_")
        || name.starts_with("$replay_")
}

#[cfg(test)]
mod tests;
