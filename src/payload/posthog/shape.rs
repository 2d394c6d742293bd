//! Where the events of a request stand, whose project they are for, and what the vendor would refuse about them.
//!
//! Facts: PostHog/posthog `rust/capture/src/v0_request.rs` (`RawRequest`, `RawEvent`), `rust/capture/src/token.rs`,
//! `rust/capture/src/v1`. One event that the vendor refuses fails the whole request there, and so it does here.

use std::borrow::Cow;

use super::endpoint::Endpoint;
use super::refused::Refused;
use crate::payload::batch::Event;
use crate::payload::document::{Document, Node};
use crate::payload::scan::Shape;

/// The longest token.
const LONGEST_TOKEN: usize = 64;
/// What every project token begins with since 2020; older projects have other ones.
const PROJECT: &str = "phc_";

/// The fields that the vendor's decoder knows, with their aliases; a second one of them is an error there.
const FIELDS: [&[&str]; 8] = [
    &["token", "$token", "api_key"],
    &["distinct_id", "$distinct_id"],
    &["uuid"],
    &["event"],
    &["properties"],
    &["timestamp"],
    &["$set"],
    &["$set_once"],
];

/// The events of a body.
///
/// # Errors
/// [`Refused`] for every shape that the vendor refuses.
pub fn events(document: &Document, endpoint: Endpoint) -> Result<Vec<Event>, Refused> {
    let root = document.root();
    if matches!(endpoint, Endpoint::Flags | Endpoint::Logs | Endpoint::Optional(_)) {
        return if root.shape() == Shape::Object { Ok(vec![Event::ONLY]) } else { Err(Refused::Unparsable) };
    }
    let list = match root.shape() {
        Shape::Array => Some(root),
        Shape::Object => only(root, &["batch"])?,
        _ => return Err(Refused::Unparsable),
    };
    let events: Vec<Event> = match list {
        Some(list) if list.shape() == Shape::Array => {
            list.elements().map(|event| Event { token: event.index(), list: Some(list.index()) }).collect()
        }
        Some(_) => return Err(Refused::Unparsable),
        None => vec![Event::ONLY],
    };
    if events.is_empty() {
        return Err(Refused::Empty);
    }
    for event in &events {
        check(document.node(event.token), endpoint)?;
    }
    Ok(events)
}

fn check(event: Node<'_>, endpoint: Endpoint) -> Result<(), Refused> {
    if event.shape() != Shape::Object {
        return Err(Refused::Unparsable);
    }
    let mut found = [None; FIELDS.len()];
    for (slot, names) in found.iter_mut().zip(FIELDS) {
        *slot = only(event, names)?;
    }
    let [_, _, uuid, name, properties, ..] = found;
    if uuid.is_some_and(|uuid| !is_uuid_or_nothing(uuid)) {
        return Err(Refused::Unparsable);
    }
    if properties.is_some_and(|properties| !matches!(properties.shape(), Shape::Object | Shape::Null)) {
        return Err(Refused::Unparsable);
    }
    match name.map(|name| (name.shape(), name.text())) {
        Some((Shape::Text, Some(text))) if !text.is_empty() => {}
        // `/engage/` of the oldest clients: properties of a person, without a name.
        None if endpoint == Endpoint::Events && only(event, &["$set", "$set_once"]).is_ok_and(|set| set.is_some()) => {}
        None | Some((Shape::Text, _)) => return Err(Refused::NoName),
        Some(_) => return Err(Refused::Unparsable),
    }
    if distinct_id(event).is_none_or(|id| id.is_empty()) {
        return Err(Refused::NoId);
    }
    Ok(())
}

/// The only value under one of these names, if there is one.
fn only<'a>(object: Node<'a>, names: &[&str]) -> Result<Option<Node<'a>>, Refused> {
    let mut found = object.members().filter(|(key, _)| names.iter().any(|name| key.is(name)));
    let first = found.next().map(|(_, value)| value);
    if found.next().is_some() { Err(Refused::Unparsable) } else { Ok(first) }
}

/// `null`, nothing, or a UUID in a form that the vendor's parser takes.
fn is_uuid_or_nothing(value: Node<'_>) -> bool {
    match value.shape() {
        Shape::Null => true,
        Shape::Text => value.text().is_some_and(|text| {
            let bare = text.trim_start_matches("urn:uuid:").trim_matches(|c| c == '{' || c == '}');
            let digits = bare.bytes().filter(|byte| *byte != b'-').count();
            bare.is_empty() || (digits == 32 && bare.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()))
        }),
        _ => false,
    }
}

/// The name of an event.
#[must_use]
pub fn name(event: Node<'_>) -> Option<Cow<'_, str>> {
    event.get_all("event").next().and_then(|name| name.text())
}

/// The `properties` of an event.
#[must_use]
pub fn properties(event: Node<'_>) -> Option<Node<'_>> {
    event.get_all("properties").find(|properties| properties.shape() == Shape::Object)
}

/// The person's id as the vendor reads it: at the top, else in the properties; `null` falls through, numbers are text.
#[must_use]
pub fn distinct_id(event: Node<'_>) -> Option<Cow<'_, str>> {
    let read = |object: Node<'_>| -> Option<String> {
        object
            .members()
            .filter(|(key, _)| key.is("distinct_id") || key.is("$distinct_id"))
            .find_map(|(_, value)| as_id(value).map(Cow::into_owned))
    };
    read(event).or_else(|| properties(event).and_then(read)).map(Cow::Owned)
}

/// A value as an id: text, or what a number or structure is written as; nothing for `null`.
#[must_use]
pub fn as_id(value: Node<'_>) -> Option<Cow<'_, str>> {
    match value.shape() {
        Shape::Null => None,
        Shape::Text => value.text(),
        _ => Some(Cow::Borrowed(value.raw())),
    }
}

// ---------------------------------------------------------------------------------------------------------------------

/// Checks every place of a token: all that count, and every project token that does not.
///
/// # Errors
/// [`Refused::NoToken`], [`Refused::ManyTokens`] where the vendor would say so, [`Refused::BadToken`] for one that is not
/// configured (product invariant 8).
pub fn tokens(
    document: &Document,
    events: &[Event],
    around: &[&str],
    allowed: impl Fn(&str) -> bool,
) -> Result<(), Refused> {
    let mut found = false;
    for token in around {
        found = true;
        if !allowed(token) {
            return Err(Refused::BadToken);
        }
    }
    let root = document.root();
    let named = |object: Node<'_>, names: &[&str]| -> Result<Vec<String>, Refused> {
        let all = object.members().filter(|(key, _)| names.iter().any(|name| key.is(name)));
        all.filter(|(_, value)| value.shape() != Shape::Null)
            .map(|(_, value)| value.text().map(Cow::into_owned).ok_or(Refused::BadToken))
            .collect()
    };
    let whole = if root.shape() == Shape::Object { named(root, &["api_key", "token", "$token"])? } else { Vec::new() };
    for token in &whole {
        found = true;
        judge(token, &allowed)?;
    }
    let mut first: Option<String> = None;
    for event in events {
        let node = document.node(event.token);
        let own = if event.list.is_some() { named(node, &["token", "$token", "api_key"])? } else { Vec::new() };
        let inside = properties(node).map_or(Ok(Vec::new()), |properties| named_text(properties, "token"))?;
        let counts = whole.is_empty() && own.is_empty();
        for token in &own {
            judge(token, &allowed)?;
        }
        for token in &inside {
            // Beside a token that counts this is a property of the site's own, unless it names a project.
            if counts || token.starts_with(PROJECT) {
                judge(token, &allowed)?;
            }
        }
        if whole.is_empty() {
            let Some(token) = own.into_iter().chain(inside).next() else {
                if found && !around.is_empty() {
                    continue;
                }
                return Err(Refused::NoToken);
            };
            match &first {
                Some(first) if *first != token => return Err(Refused::ManyTokens),
                Some(_) => {}
                None => first = Some(token),
            }
            found = true;
        }
    }
    if found { Ok(()) } else { Err(Refused::NoToken) }
}

/// The token of an event's project, where the body says it: around the events, in the event, or in its properties.
#[must_use]
pub fn token<'d>(document: &'d Document, event: Node<'d>) -> Option<Cow<'d, str>> {
    let named = |object: Node<'d>, names: &[&str]| {
        let mut members = object.members().filter(|(_, value)| value.shape() != Shape::Null);
        members.find(|(key, _)| names.iter().any(|name| key.is(name))).and_then(|(_, value)| value.text())
    };
    named(document.root(), &["api_key", "token", "$token"])
        .or_else(|| named(event, &["token", "$token", "api_key"]))
        .or_else(|| named(properties(event)?, &["token"]))
}

fn named_text(object: Node<'_>, name: &str) -> Result<Vec<String>, Refused> {
    Ok(object.get_all(name).filter_map(|value| value.text()).map(Cow::into_owned).collect())
}

fn judge(token: &str, allowed: impl Fn(&str) -> bool) -> Result<(), Refused> {
    let possible = !token.is_empty() && token.len() <= LONGEST_TOKEN && token.is_ascii() && !token.starts_with("phx_");
    if possible && allowed(token) { Ok(()) } else { Err(Refused::BadToken) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::scan::Limits;

    fn document(text: &str) -> Document {
        Document::read_text(text.to_owned(), &Limits::default()).unwrap()
    }

    fn read(text: &str) -> Result<usize, Refused> {
        events(&document(text), Endpoint::Events).map(|events| events.len())
    }

    fn judge_tokens(text: &str, around: &[&str]) -> Result<(), Refused> {
        let document = document(text);
        let events = events(&document, Endpoint::Events)?;
        tokens(&document, &events, around, |token| token == "phc_ours" || token == "old_ours")
    }

    #[test]
    fn one_event_an_array_or_a_batch() {
        assert_eq!(read(r#"{"event":"a","distinct_id":"d"}"#), Ok(1));
        assert_eq!(read(r#"[{"event":"a","distinct_id":1},{"event":"b","properties":{"distinct_id":"d"}}]"#), Ok(2));
        assert_eq!(read(r#"{"api_key":"t","batch":[{"event":"a","$distinct_id":"d"}]}"#), Ok(1));
        assert_eq!(read(r#"{"$set":{"a":1},"$token":"t","$distinct_id":"d"}"#), Ok(1));
    }

    #[test]
    fn one_bad_event_fails_the_request() {
        for (text, refused) in [
            ("[]", Refused::Empty),
            ("1", Refused::Unparsable),
            (r#"{"batch":{}}"#, Refused::Unparsable),
            (r#"[{"event":"a","distinct_id":"d"},{"event":"b"}]"#, Refused::NoId),
            (r#"{"event":"a","distinct_id":"","properties":{}}"#, Refused::NoId),
            (r#"{"event":"","distinct_id":"d"}"#, Refused::NoName),
            (r#"{"distinct_id":"d"}"#, Refused::NoName),
            (r#"{"event":1,"distinct_id":"d"}"#, Refused::Unparsable),
            (r#"{"event":"a","event":"b","distinct_id":"d"}"#, Refused::Unparsable),
            (r#"{"event":"a","distinct_id":"d","$distinct_id":"e"}"#, Refused::Unparsable),
            (r#"{"event":"a","distinct_id":"d","uuid":"not one"}"#, Refused::Unparsable),
            (r#"{"event":"a","distinct_id":"d","properties":[]}"#, Refused::Unparsable),
        ] {
            assert_eq!(read(text), Err(refused), "{text}");
        }
    }

    #[test]
    fn a_foreign_token_is_found_in_every_place() {
        for text in [
            r#"{"api_key":"phc_other","batch":[{"event":"a","distinct_id":"d"}]}"#,
            r#"{"api_key":"phc_ours","batch":[{"event":"a","distinct_id":"d","token":"phc_other"}]}"#,
            r#"{"api_key":"phc_ours","batch":[{"event":"a","distinct_id":"d","properties":{"token":"phc_other"}}]}"#,
            r#"{"api_key":"phc_ours","token":"phc_other","batch":[{"event":"a","distinct_id":"d"}]}"#,
            r#"[{"event":"a","distinct_id":"d","properties":{"token":"phc_ours"}},{"event":"a","distinct_id":"d","properties":{"token":"other"}}]"#,
            r#"{"event":"a","distinct_id":"d","$token":"phc_other"}"#,
            r#"{"event":"a","distinct_id":"d","token":"phx_private"}"#,
            r#"{"event":"a","distinct_id":"d","token":7}"#,
            r#"{"event":"a","distinct_id":"d","\u0074oken":"phc_other"}"#,
        ] {
            assert_eq!(judge_tokens(text, &[]), Err(Refused::BadToken), "{text}");
        }
        let ours = r#"{"event":"a","distinct_id":"d","token":"phc_ours"}"#;
        assert_eq!(judge_tokens(ours, &["phc_other"]), Err(Refused::BadToken));
        assert_eq!(judge_tokens(ours, &["old_ours"]), Ok(()));
    }

    #[test]
    fn a_property_called_token_is_the_site_s_own_beside_a_token_that_counts() {
        let text =
            r#"{"api_key":"phc_ours","batch":[{"event":"a","distinct_id":"d","properties":{"token":"reset-1"}}]}"#;
        assert_eq!(judge_tokens(text, &[]), Ok(()));
        assert_eq!(judge_tokens(r#"{"event":"a","distinct_id":"d"}"#, &[]), Err(Refused::NoToken));
        let two = r#"[{"event":"a","distinct_id":"d","token":"phc_ours"},{"event":"a","distinct_id":"d","token":"old_ours"}]"#;
        assert_eq!(judge_tokens(two, &[]), Err(Refused::ManyTokens));
    }
}
