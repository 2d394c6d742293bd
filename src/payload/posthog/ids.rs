//! Identity in an event: every place of a person's id, and what is written there.
//!
//! One function for all endpoints and both protocols, because one place that is missed splits the person or leaks the
//! account: `distinct_id` (at the top and in the properties), `$user_id`, `$anon_distinct_id`, `alias`, `$device_id`,
//! `$groups`, `$group_key`, `$session_id`, `$window_id`, and the flags that say what kind of person it is
//! (PostHog/posthog `rust/capture`, `nodejs/src/worker/ingestion/persons`; posthog-js `src/posthog-core.ts`).

mod writer;

use std::borrow::Cow;

use self::writer::Writer;
use super::shape::{self, as_id};
use crate::payload::document::Node;
use crate::payload::edit::Edits;

/// The id of everybody in a project's cookieless mode (posthog-js `COOKIELESS_SENTINEL_VALUE`).
pub const COOKIELESS: &str = "$posthog_cookieless";

/// Makes names that leave from names that may not. All are keyed, so none can be turned back.
pub trait Renamer {
    /// The name of a group.
    fn group(&self, kind: &str, key: &str) -> String;
    /// The name of somebody who is not known here but whose id is no random id of the vendor's client.
    fn stranger(&self, id: &str) -> String;
    /// Whether an id has the form of our own pseudonyms: a client may not claim one, even where ids stay as sent.
    fn is_claim(&self, id: &str) -> bool;
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
    /// Nobody at all: the project's cookieless mode. The vendor counts by a hash of address, browser and host, and drops an
    /// event that lacks one of them; older clients leave the last two to the request (PostHog/posthog
    /// `nodejs/src/ingestion/cookieless`).
    Cookieless {
        /// The browser, as the request names it; empty for a server.
        agent: &'a str,
        /// The host of the page, likewise.
        host: &'a str,
    },
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
    Writer::new(identity, properties, renamer, edits, device(event)).top(event);
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

#[cfg(test)]
mod tests;
