//! `/array/*` and `/static/*`: the remote configuration, and the SDK's scripts from a folder of its package.

use std::path::Path;

use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::event::check_token;
use super::reply::Reply;
use super::rules::Rules;

/// The largest script, in bytes.
const LARGEST: u64 = 8 << 20;

/// The remote configuration of a project.
pub(super) fn config(rules: &Rules, token: &str) -> Map<String, Value> {
    let recording = match rules.records {
        true => json!({
            "endpoint": "/s/", "recorderVersion": "v2", "consoleLogRecordingEnabled": true, "sampleRate": null,
            "minimumDurationMilliseconds": null, "linkedFlag": null, "networkPayloadCapture": null,
        }),
        false => Value::Bool(false),
    };
    let config = json!({
        "token": token, "supportedCompression": ["gzip", "gzip-js"], "hasFeatureFlags": true,
        "captureDeadClicks": true, "capturePerformance": {"network_timing": true, "web_vitals": true, "web_vitals_allowed_metrics": null},
        "autocapture_opt_out": false, "autocaptureExceptions": true, "analytics": {"endpoint": "/i/v0/e/"},
        "elementsChainAsString": true, "errorTracking": {"autocaptureExceptions": true, "suppressionRules": []},
        "sessionRecording": recording, "heatmaps": true, "surveys": false, "defaultIdentifiedOnly": true,
        "siteApps": [], "config": {"enable_collect_everything": true}, "toolbarParams": {}, "isAuthenticated": false, "quotaLimited": [],
    });
    match config {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// A path below `/array/`.
pub(super) fn array(rules: &Rules, rest: &str) -> Reply {
    let Some((token, file)) = rest.split_once('/') else { return Reply::empty(StatusCode::NOT_FOUND) };
    let named = Some(token.to_owned());
    if check_token(token).is_err() || !rules.knows(token) {
        return Reply::empty(StatusCode::NOT_FOUND).for_token(named);
    }
    let config = Value::Object(config(rules, token));
    match file {
        "config" => Reply::ok(&config),
        "config.js" => {
            let token = Value::from(token);
            Reply::script(format!(
                "(function(){{window._POSTHOG_REMOTE_CONFIG=window._POSTHOG_REMOTE_CONFIG||{{}};\
                 window._POSTHOG_REMOTE_CONFIG[{token}]={{config:{config},siteApps:[]}};}})();"
            ))
        }
        "array.js" => script(rules, "array.js"),
        _ => Reply::empty(StatusCode::NOT_FOUND),
    }
    .for_token(named)
}

/// A path below `/static/`: `<kind>.js` or `<version>/<kind>.js`.
pub(super) fn script(rules: &Rules, rest: &str) -> Reply {
    let file = match rest.split_once('/') {
        None => rest,
        Some((version, file)) if version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') => file,
        Some(_) => return Reply::empty(StatusCode::NOT_FOUND),
    };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let fits = file.ends_with(".js") && !file.starts_with('.') && file.bytes().all(is_plain);
    match &rules.dist {
        _ if !fits => Reply::empty(StatusCode::NOT_FOUND),
        None => Reply::script("/* a script of the stand-in */"),
        Some(folder) => match read(&folder.join(file)) {
            Some(text) => Reply::script(text),
            None => Reply::empty(StatusCode::NOT_FOUND),
        },
    }
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let size = std::fs::metadata(path).ok()?.len();
    if size > LARGEST { None } else { std::fs::read(path).ok() }
}

/// `GET /api/surveys/` and its like: an empty list for a known token.
pub(super) fn list(rules: &Rules, key: &str, token: Option<String>) -> Reply {
    match &token {
        Some(known) if check_token(known).is_ok() && rules.knows(known) => {
            let empty = Map::from_iter([(key.to_owned(), json!([]))]);
            Reply::ok(&Value::Object(empty))
        }
        _ => Reply::error(StatusCode::UNAUTHORIZED, "authentication_error", "The provided API key is invalid."),
    }
    .for_token(token)
}

/// The origin of a request, for scripts that are asked for by other sites.
pub(super) fn origin(headers: &HeaderMap) -> Option<http::HeaderValue> {
    headers.get(http::header::ORIGIN).cloned()
}
