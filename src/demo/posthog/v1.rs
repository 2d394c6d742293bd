//! The second protocol: `POST /i/v1/analytics/events`, with a result for each event's uuid.
//!
//! Source: PostHog/posthog `rust/capture` v1, and requests of posthog-node 5.70 and posthog-python 7.91.

use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::body;
use super::capture::Arrival;
use super::cookieless::{self, Origin};
use super::event::{ID_CHARS, check_token, id_of, is_illegal, is_uuid};
use super::record::{Discard, StoredEvent};
use super::reply::Reply;
use super::rules::Rules;

/// Characters of an event's name.
const NAME_CHARS: usize = 200;

#[derive(Deserialize)]
struct Batch {
    created_at: String,
    #[serde(default)]
    #[expect(dead_code, reason = "its type is checked, as by the service")]
    historical_migration: Option<bool>,
    #[serde(default)]
    #[expect(dead_code, reason = "its type is checked, as by the service")]
    capture_internal: Option<bool>,
    batch: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    event: String,
    uuid: String,
    distinct_id: String,
    timestamp: String,
    #[serde(default)]
    session_id: Option<String>,
    #[serde(default)]
    window_id: Option<String>,
    #[serde(default)]
    options: Options,
    #[serde(default)]
    properties: Map<String, Value>,
}

#[derive(Deserialize, Default)]
struct Options {
    #[serde(default)]
    cookieless_mode: Option<bool>,
    #[serde(default)]
    process_person_profile: Option<bool>,
    #[serde(default)]
    #[expect(dead_code, reason = "its type is checked, as by the service")]
    disable_skew_correction: Option<bool>,
    #[serde(default)]
    #[expect(dead_code, reason = "its type is checked, as by the service")]
    product_tour_id: Option<String>,
}

/// The token of `Authorization: Bearer`.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(str::trim)
}

/// Answers one request.
pub(super) fn answer(rules: &Rules, arrival: &Arrival<'_>) -> Reply {
    let Some(token) = bearer(arrival.headers) else {
        return Reply::error(StatusCode::UNAUTHORIZED, "missing_token", "Authorization: Bearer is required");
    };
    if let Err(words) = check_token(token) {
        return Reply::error(StatusCode::UNAUTHORIZED, "invalid_token", &words);
    }
    let token = token.to_owned();
    if let Err(reply) = check_headers(arrival.headers) {
        return (*reply).for_token(Some(token));
    }
    let read = body::bytes(arrival.body, body::BATCH).and_then(|bytes| body::encoded(arrival.headers, bytes, false));
    let decoded = match read {
        Ok(decoded) => decoded,
        Err((status, words)) => return Reply::error(status, "invalid_body", &words).for_token(Some(token)),
    };
    let reply = match serde_json::from_str::<Batch>(&decoded.text) {
        Err(error) => Reply::error(StatusCode::BAD_REQUEST, "invalid_body", &error.to_string()),
        Ok(batch) => stored(rules, arrival, &token, &batch, &decoded.text),
    };
    reply.decoded(decoded).for_token(Some(token))
}

fn check_headers(headers: &HeaderMap) -> Result<(), Box<Reply>> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let bad = |words: &str| Err(Box::new(Reply::error(StatusCode::BAD_REQUEST, "invalid_header", words)));
    if body::media_type(headers) != "application/json" {
        let words = "send application/json";
        return Err(Box::new(Reply::error(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", words)));
    }
    if !text("posthog-sdk-info").split_once('/').is_some_and(|(name, version)| !name.is_empty() && !version.is_empty())
    {
        return bad("PostHog-Sdk-Info must be name/version");
    }
    if text("posthog-attempt").parse::<u32>().ok().is_none_or(|attempt| attempt == 0) {
        return bad("PostHog-Attempt must be 1 or more");
    }
    if !is_uuid(text("posthog-request-id")) {
        return bad("PostHog-Request-Id must be a UUID");
    }
    if !is_time(text("posthog-request-timestamp")) {
        return bad("PostHog-Request-Timestamp must be a time (RFC 3339)");
    }
    if text("user-agent").is_empty() {
        return bad("User-Agent is required");
    }
    Ok(())
}

/// `2026-11-20T16:01:54.269Z` and its like: date, time, fraction, zone.
fn is_time(text: &str) -> bool {
    let shape = |text: &str, pattern: &str| {
        text.len() == pattern.len()
            && text.bytes().zip(pattern.bytes()).all(|(byte, wanted)| match wanted {
                b'0' => byte.is_ascii_digit(),
                _ => byte == wanted,
            })
    };
    let Some((date, rest)) = text.split_once(['T', 't', ' ']) else { return false };
    let Some(at) = rest.find(['Z', 'z', '+', '-']) else { return false };
    let (Some(clock), Some(zone)) = (rest.get(..at), rest.get(at..)) else { return false };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    shape(date, "0000-00-00")
        && shape(clock, "00:00:00")
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
        && (zone.eq_ignore_ascii_case("z") || zone.get(1..).is_some_and(|zone| shape(zone, "00:00")))
}

fn check_event(event: &Event) -> Result<(), &'static str> {
    if event.event.is_empty() || event.event.chars().count() > NAME_CHARS {
        return Err("the event's name must have 1 to 200 characters");
    }
    if event.distinct_id.chars().count() > ID_CHARS {
        return Err("distinct_id must have at most 200 characters");
    }
    if is_illegal(&event.distinct_id, true) {
        return Err("illegal distinct_id");
    }
    if !is_time(&event.timestamp) {
        return Err("timestamp must be a time (RFC 3339)");
    }
    Ok(())
}

fn stored(rules: &Rules, arrival: &Arrival<'_>, token: &str, batch: &Batch, text: &str) -> Reply {
    let bad = |words: &str| Reply::error(StatusCode::BAD_REQUEST, "invalid_body", words);
    if batch.batch.is_empty() || !is_time(&batch.created_at) {
        return bad("created_at must be a time and batch must not be empty");
    }
    if batch.batch.iter().any(|event| !is_uuid(&event.uuid)) {
        return bad("uuid must be a UUID");
    }
    let raws = match serde_json::from_str::<Value>(text) {
        Ok(mut value) => value.get_mut("batch").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    let (mut events, mut discarded, mut results) = (Vec::new(), Vec::new(), Map::new());
    for (event, raw) in batch.batch.iter().zip(raws) {
        let mut drop = |reason: Discard, words: &str| {
            discarded.push((event.event.clone(), reason));
            results.insert(event.uuid.clone(), json!({"result": "drop", "details": words}));
        };
        if let Err(words) = check_event(event) {
            drop(Discard::Invalid, words);
            continue;
        }
        if rules.over_quota.contains("events") {
            drop(Discard::Quota, "over quota");
            continue;
        }
        let mut properties = event.properties.clone();
        for (key, value) in [("$session_id", &event.session_id), ("$window_id", &event.window_id)] {
            if let Some(value) = value {
                properties.insert(key.to_owned(), Value::from(value.as_str()));
            }
        }
        if event.options.cookieless_mode == Some(true) {
            properties.insert("$cookieless_mode".to_owned(), Value::Bool(true));
        }
        let origin = Origin { ip: arrival.client_ip, token, now: arrival.now };
        let settled = cookieless::settle(rules.cookieless, &event.event, &event.distinct_id, &mut properties, &origin);
        let distinct_id = match settled {
            Ok(_) if !rules.knows(token) => {
                discarded.push((event.event.clone(), Discard::UnknownToken));
                results.insert(event.uuid.clone(), json!({"result": "ok"}));
                continue;
            }
            Ok(id) => id,
            Err(reason) => {
                drop(reason, "cookieless");
                continue;
            }
        };
        results.insert(event.uuid.clone(), json!({"result": "ok"}));
        let sent = id_of(&Value::from(distinct_id)).unwrap_or_default();
        events.push(StoredEvent {
            name: event.event.clone(),
            distinct_id: sent,
            uuid: Some(event.uuid.clone()),
            token: token.to_owned(),
            timestamp: Some(event.timestamp.clone()),
            sent_at: Some(batch.created_at.clone()),
            profile: event.options.process_person_profile != Some(false),
            properties,
            raw,
            request: 0,
        });
    }
    let mut reply = Reply { events, discarded, ..Reply::ok(&json!({ "results": results })) };
    if let Some(id) = arrival.headers.get("posthog-request-id") {
        reply = reply.with(http::HeaderName::from_static("posthog-request-id"), HeaderValue::clone(id));
    }
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_rfc_3339() {
        for good in ["2026-11-20T16:01:54.269Z", "2026-11-20T16:01:58.007169+00:00", "2026-11-20T16:01:58-05:30"] {
            assert!(is_time(good), "{good}");
        }
        for bad in ["", "2026-11-20", "2026-11-20T16:01:54", "20261120T160154Z", "2026-11-20T16:01:54.Z", "yesterday"] {
            assert!(!is_time(bad), "{bad}");
        }
    }
}
