//! The one event that we add: `$identify` of a person and the random id of the browser that they used before.
//!
//! Written as posthog-js writes it (posthog-js `src/posthog-core.ts`, `identify`), in the shape of the request it travels
//! in: one more element of the array or of the batch, or an array around a single event, which the vendor takes alike
//! (PostHog/posthog `rust/capture/src/v0_request.rs`).

use std::borrow::Cow;
use std::fmt::Write as _;

use super::ids::is_client_id;
use super::shape::{self, as_id};
use crate::payload::batch::Event;
use crate::payload::document::{Document, Node};
use crate::payload::edit::{Edits, Fill, Priority, quoted};
use crate::payload::scan::{Shape, Span};

/// The event's name: a page's own says the same.
pub const NAME: &str = "$identify";

/// What the event says.
#[derive(Debug, Clone, Copy)]
pub struct Joining<'a> {
    /// The pseudonym.
    pub person: &'a str,
    /// The random id whose history becomes theirs.
    pub anonymous: &'a str,
    /// The event's own id.
    pub uuid: &'a str,
}

/// The random id that a browser had before its visitor was known: what a page's own `$identify` names, else the id of the
/// event, else the id of the device where the page has named somebody since. Nothing when they contradict each other, as
/// after a reset of the client: then it is not known whose history it is.
#[must_use]
pub fn anonymous(event: Node<'_>) -> Option<Cow<'_, str>> {
    let properties = shape::properties(event);
    let of = |name: &str| properties.and_then(|properties| properties.get_all(name).next()).and_then(as_id);
    let random = |id: &Cow<'_, str>| is_client_id(id);
    let device = of("$device_id").filter(random);
    let is_own = |id: &Cow<'_, str>| device.as_ref().is_none_or(|device| device == id);
    if shape::name(event).as_deref() == Some(NAME) {
        return of("$anon_distinct_id").filter(random).filter(is_own);
    }
    match shape::distinct_id(event).filter(random) {
        Some(id) if is_own(&id) => Some(id),
        Some(_) => None,
        None => device,
    }
}

/// Adds the event beside another one of the same request, with its time and project.
pub fn add(document: &Document, beside: Event, joining: &Joining<'_>, is_second: bool, edits: &mut Edits) {
    let node = document.node(beside.token);
    let text = match is_second {
        true => second(node, joining),
        false => first(document, node, joining),
    };
    match beside.list {
        Some(list) => edits.insert_element(document.node(list), text),
        None => {
            let end = u32::try_from(document.text().len()).unwrap_or(u32::MAX);
            let mut put = |at: u32, text: Cow<'static, str>| {
                edits.add_as(Span { start: at, end: at }, Fill::Raw(text), 0, Priority::Identity);
            };
            put(0, Cow::Borrowed("["));
            put(end, Cow::Owned(format!(",{text}]")));
        }
    }
}

/// As the first protocol has it.
fn first(document: &Document, beside: Node<'_>, joining: &Joining<'_>) -> String {
    let Joining { person, anonymous, uuid } = joining;
    let mut text = format!("{{\"event\":\"$identify\",\"uuid\":{}", quoted(uuid));
    for (name, shape) in [("timestamp", Shape::Text), ("offset", Shape::Number)] {
        if let Some(value) = beside.get_all(name).next().filter(|value| value.shape() == shape) {
            // Writing into a String cannot fail.
            let _ = write!(text, ",\"{name}\":{}", raw(value));
        }
    }
    let person = quoted(person);
    let _ = write!(text, ",\"distinct_id\":{person},\"properties\":{{\"distinct_id\":{person}");
    if let Some(token) = shape::token(document, beside) {
        let _ = write!(text, ",\"token\":{}", quoted(&token));
    }
    let _ = write!(
        text,
        ",\"$anon_distinct_id\":{},\"$process_person_profile\":true,\"$lib\":\"bauta\"}}}}",
        quoted(anonymous)
    );
    text
}

/// As the second protocol has it: the project stands in a header, and the profile in the options.
fn second(beside: Node<'_>, joining: &Joining<'_>) -> String {
    let Joining { person, anonymous, uuid } = joining;
    let time = beside.get_all("timestamp").next().map_or_else(|| "null".to_owned(), raw);
    format!(
        "{{\"event\":\"$identify\",\"uuid\":{},\"distinct_id\":{},\"timestamp\":{time},\
         \"options\":{{\"process_person_profile\":true}},\
         \"properties\":{{\"$anon_distinct_id\":{},\"$lib\":\"bauta\"}}}}",
        quoted(uuid),
        quoted(person),
        quoted(anonymous)
    )
}

/// A value as it stands.
fn raw(value: Node<'_>) -> String {
    match value.shape() {
        Shape::Text => format!("\"{}\"", value.raw()),
        _ => value.raw().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::edit::{Spliced, splice};
    use crate::payload::posthog::endpoint::Endpoint;
    use crate::payload::scan::Limits;

    const ID: &str = "0190f3a2-7c1d-7abc-8def-0123456789ab";
    const OTHER: &str = "0190f3a2-7c1d-7abc-8def-0123456789cd";
    const UUID: &str = "0190f3a2-7c1d-8abc-adef-00000000000f";

    fn document(text: &str) -> Document {
        Document::read_text(text.to_owned(), &Limits::default()).unwrap()
    }

    fn with(text: &str, endpoint: Endpoint) -> serde_json::Value {
        let document = document(text);
        let events = shape::events(&document, endpoint).unwrap();
        let mut edits = Edits::new();
        let joining = Joining { person: "ua_1", anonymous: ID, uuid: UUID };
        add(&document, events[0], &joining, endpoint == Endpoint::V1, &mut edits);
        let Spliced::Edited(bytes) = splice(&document, &edits) else { panic!("nothing was added") };
        serde_json::from_slice(&bytes).unwrap()
    }

    #[test]
    fn it_travels_in_the_shape_of_the_request() {
        let one =
            r#"{"event":"a","timestamp":"2026-11-20T16:01:52.675Z","properties":{"distinct_id":"d","token":"phc_a"}}"#;
        let added = |event: &serde_json::Value| {
            assert_eq!((&event["event"], &event["uuid"]), (&"$identify".into(), &UUID.into()));
            assert_eq!(
                (&event["distinct_id"], &event["properties"]["$anon_distinct_id"]),
                (&"ua_1".into(), &ID.into())
            );
            assert_eq!(event["timestamp"], "2026-11-20T16:01:52.675Z");
            assert_eq!(event["properties"]["token"], "phc_a");
            assert_eq!(event["properties"]["$process_person_profile"], true);
        };
        let single = with(one, Endpoint::Events);
        assert_eq!((single.as_array().unwrap().len(), &single[0]["event"]), (2, &"a".into()));
        added(&single[1]);
        let list = with(&format!(" [{one}, {one}] "), Endpoint::Events);
        assert_eq!(list.as_array().unwrap().len(), 3);
        added(&list[2]);
        let batch = with(&format!(r#"{{"batch":[{one}],"api_key":"phc_a"}}"#), Endpoint::Batch);
        assert_eq!(batch["batch"].as_array().unwrap().len(), 2);
        added(&batch["batch"][1]);
        let second = r#"{"batch":[{"event":"a","uuid":"","distinct_id":"d","timestamp":"2026-11-20T16:01:52Z","options":{},"properties":{}}]}"#;
        let second = with(second, Endpoint::V1);
        assert_eq!(second["batch"][1]["options"]["process_person_profile"], true);
        assert_eq!(second["batch"][1]["timestamp"], "2026-11-20T16:01:52Z");
        assert!(second["batch"][1]["properties"].get("token").is_none());
    }

    #[test]
    fn the_earlier_id_is_one_that_nothing_contradicts() {
        for (event, id) in [
            (format!(r#"{{"event":"a","properties":{{"distinct_id":"{ID}","$device_id":"{ID}"}}}}"#), Some(ID)),
            (format!(r#"{{"event":"a","distinct_id":"{ID}"}}"#), Some(ID)),
            (format!(r#"{{"event":"a","properties":{{"distinct_id":"a@b.example","$device_id":"{ID}"}}}}"#), Some(ID)),
            (format!(r#"{{"event":"a","properties":{{"distinct_id":"{OTHER}","$device_id":"{ID}"}}}}"#), None),
            (
                format!(r#"{{"event":"$identify","properties":{{"distinct_id":"x","$anon_distinct_id":"{ID}"}}}}"#),
                Some(ID),
            ),
            (
                format!(
                    r#"{{"event":"$identify","properties":{{"distinct_id":"x","$anon_distinct_id":"{OTHER}","$device_id":"{ID}"}}}}"#
                ),
                None,
            ),
            (r#"{"event":"a","properties":{"distinct_id":"$posthog_cookieless","$device_id":null}}"#.to_owned(), None),
            (r#"{"event":"a","distinct_id":"maria"}"#.to_owned(), None),
        ] {
            assert_eq!(anonymous(document(&event).root()).as_deref(), id, "{event}");
        }
    }
}
