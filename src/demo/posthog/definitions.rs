//! What server SDKs ask for with a personal key: the flags' definitions and remote configuration.

use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use super::capture::Arrival;
use super::form;
use super::reply::Reply;
use super::rules::{Bucket, Flag, Rules};
use super::v1::bearer;

fn refused(rules: &Rules, arrival: &Arrival<'_>) -> Option<Reply> {
    let token = form::value(arrival.query, "token");
    if !bearer(arrival.headers).is_some_and(|key| rules.is_personal_key(key)) {
        let words = "Authentication credentials were not provided.";
        return Some(Reply::error(StatusCode::UNAUTHORIZED, "authentication_error", words).for_token(token));
    }
    token
        .as_deref()
        .is_some_and(|token| !rules.knows(token))
        .then(|| Reply::error(StatusCode::FORBIDDEN, "permission_denied", "No such project.").for_token(token))
}

/// `GET /flags/definitions`, 304 for the `ETag` it gave before.
pub(super) fn all(rules: &Rules, arrival: &Arrival<'_>) -> Reply {
    if let Some(refused) = refused(rules, arrival) {
        return refused;
    }
    let flags: Vec<Value> = rules.flags.iter().map(definition).collect();
    let body = json!({"flags": flags, "group_type_mapping": {"0": "company"}, "cohorts": {}});
    let digest: String =
        Sha1::digest(body.to_string().as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{digest}\"");
    let known = arrival.headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let reply = if known == Some(tag.as_str()) { Reply::empty(StatusCode::NOT_MODIFIED) } else { Reply::ok(&body) };
    let reply = reply.for_token(form::value(arrival.query, "token"));
    match HeaderValue::from_str(&tag) {
        Ok(tag) => reply.with(header::ETAG, tag),
        Err(_) => reply,
    }
}

/// `GET /api/projects/@current/feature_flags/<key>/remote_config`.
pub(super) fn remote_config(rules: &Rules, arrival: &Arrival<'_>, key: &str) -> Reply {
    if let Some(refused) = refused(rules, arrival) {
        return refused;
    }
    let payload = rules.flags.iter().find(|flag| flag.key == key).and_then(|flag| flag.payload.clone());
    match payload {
        Some(payload) => Reply::ok(&payload),
        None => Reply::error(StatusCode::NOT_FOUND, "not_found", "Not found."),
    }
}

fn definition(flag: &Flag) -> Value {
    let variants: Vec<Value> =
        flag.variants.iter().map(|(name, percent)| json!({"key": name, "rollout_percentage": percent})).collect();
    let multivariate = if variants.is_empty() { Value::Null } else { json!({ "variants": variants }) };
    let payloads = flag.payload.as_ref().map_or_else(|| json!({}), |payload| json!({ "true": payload }));
    let mut filters = json!({
        "groups": [{"properties": [], "rollout_percentage": flag.rollout, "variant": null}],
        "multivariate": multivariate, "payloads": payloads,
    });
    if flag.bucket == Bucket::Company
        && let Some(map) = filters.as_object_mut()
    {
        map.insert("aggregation_group_type_index".to_owned(), json!(0));
    }
    json!({"id": 1, "key": flag.key, "name": flag.key, "active": true, "deleted": false, "filters": filters})
}
