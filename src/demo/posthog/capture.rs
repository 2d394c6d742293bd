//! The first protocol: `/e/`, `/i/v0/e/`, `/batch/`, `/engage/`, their aliases, and replay on `/s/`.
//!
//! One event that is refused fails the whole request. Source: PostHog/posthog `rust/capture`.

use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::body;
use super::cookieless::{self, Origin};
use super::event::{self, RawEvent, Request};
use super::form;
use super::record::{Discard, StoredEvent};
use super::reply::Reply;
use super::rules::Rules;
use crate::demo::listen::Body;

/// A request on one of the paths.
pub(super) struct Arrival<'a> {
    pub(super) query: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a Body,
    pub(super) client_ip: &'a str,
    /// Seconds since 1970.
    pub(super) now: i64,
}

/// What a path takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Legacy,
    Engage,
    Event,
    Batch,
    Replay,
}

/// The path without its trailing slash.
pub(super) fn kind(path: &str) -> Option<Kind> {
    Some(match path {
        "/e" | "/track" | "/capture" => Kind::Legacy,
        "/engage" => Kind::Engage,
        "/i/v0/e" => Kind::Event,
        "/batch" => Kind::Batch,
        "/s" => Kind::Replay,
        _ => return None,
    })
}

/// Answers one request.
pub(super) fn answer(rules: &Rules, kind: Kind, arrival: &Arrival<'_>) -> Reply {
    let limit = match kind {
        Kind::Replay => body::LARGEST,
        Kind::Batch => body::BATCH,
        Kind::Legacy | Kind::Engage | Kind::Event => body::EVENT,
    };
    let legacy = matches!(kind, Kind::Legacy | Kind::Engage);
    let read =
        body::bytes(arrival.body, limit).and_then(|bytes| body::capture(arrival.query, arrival.headers, bytes, legacy));
    let decoded = match read {
        Ok(decoded) => decoded,
        Err((status, words)) => return Reply::refused(status, &words),
    };
    let mut reply = match event::parse(&decoded.text, kind == Kind::Engage) {
        Err(words) => Reply::refused(StatusCode::BAD_REQUEST, &words),
        Ok(request) => match request.token() {
            Err(words) => Reply::refused(StatusCode::UNAUTHORIZED, &words),
            Ok(token) if !rules.knows(&token) && rules.refuses_unknown => {
                Reply::refused(StatusCode::UNAUTHORIZED, "unknown token").for_token(Some(token))
            }
            Ok(token) => stored(rules, kind, arrival, &request, &token, &decoded.text).for_token(Some(token)),
        },
    };
    if form::value(arrival.query, "beacon").as_deref() == Some("1") && reply.response.status() == StatusCode::OK {
        let empty = Reply::empty(StatusCode::NO_CONTENT);
        reply = Reply { response: empty.response, ..reply };
    }
    reply.decoded(decoded)
}

fn stored(rules: &Rules, kind: Kind, arrival: &Arrival<'_>, request: &Request, token: &str, text: &str) -> Reply {
    let refused = |words: &str| Reply::refused(StatusCode::BAD_REQUEST, words);
    let quota = if kind == Kind::Replay { "recordings" } else { "events" };
    let names = request.events.iter().map(|event| event.name().unwrap_or_default().to_owned());
    if kind == Kind::Replay
        && let Err(words) = check_replay(&request.events)
    {
        return refused(words);
    }
    let mut events = Vec::new();
    let mut discarded = Vec::new();
    let clock = form::value(arrival.query, "_");
    // Replay is stored under the first event's id, whatever the others say.
    let first = request.events.first().and_then(RawEvent::id);
    for (raw, value) in request.events.iter().zip(values(text)) {
        let Some(name) = raw.name() else { return refused("event submitted with an empty event name") };
        let id = if kind == Kind::Replay { first.clone() } else { raw.id() };
        let Some(id) = id else { return refused("event submitted without a distinct_id") };
        let mut properties = raw.stored();
        let origin = Origin { ip: arrival.client_ip, token, now: arrival.now };
        match cookieless::settle(rules.cookieless, name, &id, &mut properties, &origin) {
            Err(reason) => discarded.push((name.to_owned(), reason)),
            Ok(distinct_id) => events.push(StoredEvent {
                name: name.to_owned(),
                distinct_id,
                uuid: raw.uuid.clone(),
                token: token.to_owned(),
                timestamp: raw.timestamp.clone().or_else(|| raw.offset.map(|offset| offset.to_string())),
                sent_at: request.sent_at.clone().or_else(|| clock.clone()),
                profile: properties.get("$process_person_profile") != Some(&Value::Bool(false)),
                properties,
                raw: value,
                request: 0,
            }),
        }
    }
    let mut answer = json!({"status": "Ok"});
    if rules.over_quota.contains(quota) {
        (events, discarded) = (Vec::new(), names.map(|name| (name, Discard::Quota)).collect());
        answer = json!({"status": "Ok", "quota_limited": [quota]});
    } else if !rules.knows(token) {
        (events, discarded) = (Vec::new(), names.map(|name| (name, Discard::UnknownToken)).collect());
    }
    Reply { events, discarded, ..Reply::ok(&answer) }
}

/// The events' JSON as it stood in the body, in order.
fn values(text: &str) -> Vec<Value> {
    match serde_json::from_str(text) {
        Ok(Value::Array(events)) => events,
        Ok(Value::Object(mut object)) => match object.remove("batch") {
            Some(Value::Array(events)) => events,
            _ => vec![Value::Object(object)],
        },
        _ => Vec::new(),
    }
}

/// The rules of replay: a session of at most 70 letters, digits and hyphens, and data in every event.
fn check_replay(events: &[RawEvent]) -> Result<(), &'static str> {
    let session = events.first().and_then(|event| event.properties.get("$session_id"));
    let Some(session) = session else { return Err("event submitted without a session_id") };
    let fits = |text: &str| {
        !text.is_empty() && text.len() <= 70 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if !session.as_str().is_some_and(fits) {
        return Err("event submitted with an invalid session_id");
    }
    let has_data =
        |event: &RawEvent| matches!(event.properties.get("$snapshot_data"), Some(Value::Array(_) | Value::Object(_)));
    if events.iter().all(has_data) { Ok(()) } else { Err("event submitted without snapshot_data") }
}
