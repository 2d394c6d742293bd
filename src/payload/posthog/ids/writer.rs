//! The walk through one event that writes an identity into every place of it.

use std::borrow::Cow;

use super::super::shape::as_id;
use super::{COOKIELESS, Identity, LINKING, PEOPLE, Profile, Properties, Renamer, is_client_id};
use crate::payload::document::Node;
use crate::payload::edit::{Edits, Fill, Priority, push_quoted, quoted};
use crate::payload::plausible::props::is_user_id_name;
use crate::payload::scan::Shape;

/// What is written into one event.
pub(super) struct Writer<'w> {
    identity: &'w Identity<'w>,
    own: &'w Properties<'w>,
    renamer: &'w dyn Renamer,
    edits: &'w mut Edits,
    device: Option<String>,
}

impl<'w> Writer<'w> {
    /// `device` is what the client says is its own random id.
    pub(super) fn new(
        identity: &'w Identity<'w>,
        own: &'w Properties<'w>,
        renamer: &'w dyn Renamer,
        edits: &'w mut Edits,
        device: Option<String>,
    ) -> Self {
        Self { identity, own, renamer, edits, device }
    }

    /// Goes through an event.
    pub(super) fn top(&mut self, event: Node<'_>) {
        let mut inside = false;
        for (key, value) in event.members() {
            let name = key.text().unwrap_or_default();
            match &*name {
                "properties" if value.shape() == Shape::Object => {
                    inside = true;
                    self.properties(value);
                }
                // Nothing: ours takes its place, since a second member of this name is an error at the vendor.
                "properties" => {
                    inside = true;
                    let fragment = self.fragment();
                    if !fragment.is_empty() {
                        self.put(event, key, value, format!("{{{fragment}}}"));
                    }
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
        let (mut is_set, mut profile) = (false, false);
        let (mut has_agent, mut has_host) = (false, false);
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
                "$raw_user_agent" => has_agent = true,
                "$host" => has_host = true,
                "$process_person_profile" | "$is_identified" => match self.identity {
                    Identity::Cookieless { .. } => self.remove(properties, key),
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
                    Identity::Person { .. } | Identity::Cookieless { .. } => self.remove(properties, key),
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
        if let Identity::Cookieless { agent, host } = self.identity {
            add("\"$process_person_profile\":false,\"$cookieless_mode\":true,\"$device_id\":null");
            for (name, value, is_there) in [("$raw_user_agent", agent, has_agent), ("$host", host, has_host)] {
                if !is_there && !value.is_empty() {
                    add(&format!("{}:{}", quoted(name), quoted(value)));
                }
            }
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
                    (Identity::Cookieless { .. }, Some(_)) => self.remove(node, key),
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
            Identity::Cookieless { .. } => "\"cookieless_mode\":true,\"process_person_profile\":false".to_owned(),
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
            Identity::Cookieless { agent, host } => format!(
                "\"$process_person_profile\":false,\"$cookieless_mode\":true,\"$raw_user_agent\":{},\"$host\":{}",
                quoted(agent),
                quoted(host)
            ),
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
            Identity::Cookieless { .. } if is_main => self.put(object, key, value, quoted(COOKIELESS)),
            Identity::Cookieless { .. } => self.remove(object, key),
            Identity::Device => {
                if let Some(id) = sent.filter(|id| !id.is_empty() && id != COOKIELESS && !self.is_own_device(id)) {
                    let renamed = quoted(&self.renamer.stranger(&id));
                    self.put(object, key, value, renamed);
                }
            }
            // As sent, whatever the scrub stage would find in it: another id would be another person.
            Identity::Property { .. } => match sent.filter(|id| self.renamer.is_claim(id)) {
                Some(id) => {
                    let renamed = quoted(&self.renamer.stranger(&id));
                    self.put(object, key, value, renamed);
                }
                None => self.put(object, key, value, raw(value)),
            },
        }
    }

    /// A random id that the client made, and not one that it was given: those differ from its device id.
    fn is_own_device(&self, id: &str) -> bool {
        is_client_id(id) && self.device.as_deref().is_none_or(|device| device == id)
    }

    fn groups(&mut self, object: Node<'_>, key: Node<'_>, groups: Node<'_>) {
        match self.identity {
            Identity::Cookieless { .. } => self.remove(object, key),
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
            Identity::Cookieless { .. } => self.remove(object, key),
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
        matches!(self.identity, Identity::Cookieless { .. })
    }

    fn put(&mut self, object: Node<'_>, key: Node<'_>, value: Node<'_>, fragment: String) {
        self.edits.keep_member(object, key, Priority::Identity);
        self.edits.replace(value, Fill::Raw(Cow::Owned(fragment)), Priority::Identity);
    }

    fn remove(&mut self, object: Node<'_>, key: Node<'_>) {
        self.edits.remove_member(object, key, Priority::Identity);
    }
}

/// A short text of letters, digits and dashes.
fn is_word(value: Node<'_>) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    value.shape() == Shape::Text && value.raw().len() <= 64 && value.raw().bytes().all(fits)
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
