//! `/flags` and `/decide`: who gets which feature. The version decides the shape of the answer.
//!
//! | route | `v` | shape |
//! |---|---|---|
//! | `/decide` | 1 | a list of what is on |
//! | `/decide` | 2 | a map of what is on |
//! | `/decide` | 3, `/flags` 1 | a map of all, with payloads |
//! | `/decide` | 4, `/flags` 2 to 4 | a map of details |

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::body;
use super::capture::Arrival;
use super::cookieless::{self, SENTINEL};
use super::event::{check_token, id_of};
use super::form;
use super::record::FlagCall;
use super::reply::Reply;
use super::rules::{Bucket, Flag, Rules};

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    Flags,
    Decide,
}

/// Answers one request.
pub(super) fn answer(rules: &Rules, route: Route, arrival: &Arrival<'_>) -> Reply {
    let read =
        body::bytes(arrival.body, body::EVENT).and_then(|bytes| body::flags(arrival.query, arrival.headers, bytes));
    let decoded = match read {
        Ok(decoded) => decoded,
        Err((status, words)) => return Reply::refused(status, &words),
    };
    let reply = match serde_json::from_str::<Value>(&plain_numbers(&decoded.text)) {
        Ok(Value::Object(request)) => evaluated(rules, route, arrival, &request),
        Ok(_) => Reply::refused(StatusCode::BAD_REQUEST, "failed to parse request: an object is needed"),
        Err(error) => Reply::refused(StatusCode::BAD_REQUEST, &format!("failed to parse request: {error}")),
    };
    reply.decoded(decoded)
}

/// `NaN` and `Infinity` outside of texts become null.
fn plain_numbers(text: &str) -> String {
    let (mut out, mut rest, mut in_text) = (String::with_capacity(text.len()), text, false);
    while let Some(first) = rest.chars().next() {
        let word = ["-Infinity", "Infinity", "NaN"].into_iter().find(|word| !in_text && rest.starts_with(word));
        if let Some(word) = word {
            out.push_str("null");
            rest = rest.get(word.len()..).unwrap_or_default();
            continue;
        }
        out.push(first);
        rest = rest.get(first.len_utf8()..).unwrap_or_default();
        if in_text && first == '\\' {
            let escaped = rest.chars().next();
            out.extend(escaped);
            rest = rest.get(escaped.map_or(0, char::len_utf8)..).unwrap_or_default();
        } else if first == '"' {
            in_text = !in_text;
        }
    }
    out
}

fn evaluated(rules: &Rules, route: Route, arrival: &Arrival<'_>, request: &Map<String, Value>) -> Reply {
    let token = ["token", "api_key", "$token"].iter().find_map(|key| request.get(*key)).and_then(Value::as_str);
    let Some(token) = token else {
        return Reply::refused(StatusCode::UNAUTHORIZED, "No API token provided.");
    };
    let named = Some(token.to_owned());
    if check_token(token).is_err() || !rules.knows(token) {
        return Reply::refused(StatusCode::UNAUTHORIZED, "The provided API key is invalid.").for_token(named);
    }
    let id = request.get("distinct_id").or_else(|| request.get("$distinct_id")).and_then(id_of);
    let Some(id) = id else {
        return Reply::refused(StatusCode::BAD_REQUEST, "The distinct_id field is missing or empty.").for_token(named);
    };
    let id = if id == SENTINEL { hashed(arrival, request, token) } else { id };
    let over = rules.over_quota.contains("feature_flags");
    let is_true = |key: &str| request.get(key) == Some(&Value::Bool(true));
    let only: Option<Vec<&str>> = request
        .get("flag_keys_to_evaluate")
        .and_then(Value::as_array)
        .map(|keys| keys.iter().filter_map(Value::as_str).collect());
    let for_surveys = form::value(arrival.query, "only_evaluate_survey_feature_flags").as_deref() == Some("true");
    let wanted = |flag: &&Flag| {
        !over
            && !is_true("disable_flags")
            && only.as_ref().is_none_or(|keys| keys.contains(&flag.key.as_str()))
            && (!for_surveys || flag.key.starts_with("survey-targeting-"))
    };
    let values: BTreeMap<String, Value> =
        rules.flags.iter().filter(wanted).map(|flag| (flag.key.clone(), value(flag, &id, request))).collect();
    let version = form::value(arrival.query, "v").and_then(|text| text.parse::<u8>().ok());
    let mut answer = match (route, version.unwrap_or(1)) {
        (Route::Decide, 1) => json!({"featureFlags": on(&values).keys().collect::<Vec<_>>()}),
        (Route::Decide, 2) => json!({ "featureFlags": on(&values) }),
        (Route::Decide, 3) | (Route::Flags, 1) => json!({
            "featureFlags": values, "featureFlagPayloads": payloads(rules, &values),
            "errorsWhileComputingFlags": false,
        }),
        _ => json!({ "flags": details(rules, &values), "errorsWhileComputingFlags": false }),
    };
    if let Some(map) = answer.as_object_mut() {
        map.insert("requestId".to_owned(), Value::from("00000000-0000-4000-8000-000000000000"));
        if over {
            map.insert("quotaLimited".to_owned(), json!(["feature_flags"]));
        }
        if route == Route::Decide || form::value(arrival.query, "config").as_deref() == Some("true") {
            map.extend(super::assets::config(rules, token));
        }
    }
    let call = FlagCall { distinct_id: id, token: token.to_owned(), values, request: 0 };
    Reply { flags: Some(call), ..Reply::ok(&answer) }.for_token(named)
}

/// The same hash that events without an id get.
fn hashed(arrival: &Arrival<'_>, request: &Map<String, Value>, token: &str) -> String {
    let header = |name: &str| arrival.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let origin = header("origin");
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let extra: String =
        request.get("cookieless_hash_extra").and_then(Value::as_str).unwrap_or_default().chars().take(100).collect();
    let parts = [arrival.client_ip, header("user-agent"), cookieless::root(host), token, &extra];
    cookieless::hash(&parts, arrival.now)
}

fn value(flag: &Flag, id: &str, request: &Map<String, Value>) -> Value {
    let text = |value: Option<&Value>| value.and_then(id_of);
    match flag.bucket {
        Bucket::Person => flag.value(id),
        Bucket::Device => {
            let device = text(request.get("$device_id").or_else(|| request.get("device_id")));
            flag.value(device.as_deref().unwrap_or(id))
        }
        Bucket::Company => match text(request.get("groups").and_then(|groups| groups.get("company"))) {
            Some(key) => flag.value(&key),
            None => Value::Bool(false),
        },
    }
}

fn on(values: &BTreeMap<String, Value>) -> BTreeMap<&String, &Value> {
    values.iter().filter(|(_, value)| **value != Value::Bool(false)).collect()
}

fn payloads(rules: &Rules, values: &BTreeMap<String, Value>) -> Map<String, Value> {
    let is_on = |key: &String| values.get(key).is_some_and(|value| *value != Value::Bool(false));
    let given = rules.flags.iter().filter(|flag| is_on(&flag.key));
    given.filter_map(|flag| Some((flag.key.clone(), flag.payload.clone()?))).collect()
}

fn details(rules: &Rules, values: &BTreeMap<String, Value>) -> Map<String, Value> {
    let payloads = payloads(rules, values);
    let detail = |(key, value): (&String, &Value)| {
        let enabled = *value != Value::Bool(false);
        let code = if enabled { "condition_match" } else { "no_condition_match" };
        let detail = json!({
            "key": key, "enabled": enabled, "variant": value.as_str(),
            "reason": {"code": code, "condition_index": 0, "description": code},
            "metadata": {"id": 1, "version": 1, "payload": payloads.get(key)},
        });
        (key.clone(), detail)
    };
    values.iter().map(detail).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_javascript_are_read_outside_of_texts_only() {
        assert_eq!(
            plain_numbers(r#"{"a":NaN,"b":-Infinity,"c":"NaN \" NaN"}"#),
            r#"{"a":null,"b":null,"c":"NaN \" NaN"}"#
        );
    }
}
