//! All that can be read out of what arrived: texts, what plain decoders make of them, and what replay packs into them.

use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bauta::demo::posthog::Received;
use serde_json::Value;

/// Decoders are tried this deep.
const DEPTH: usize = 4;

/// Everything in a request as one text in lower case.
pub fn haystack(request: &Received) -> String {
    let mut out = Vec::new();
    text(&request.path, DEPTH, &mut out);
    text(&request.query, DEPTH, &mut out);
    for (name, value) in request.headers.iter().filter(|(name, _)| name != "user-agent") {
        text(&format!("{name}: {value}"), DEPTH, &mut out);
    }
    walk(&request.decoded, DEPTH, &mut out);
    if request.decoded.is_null() {
        text(&String::from_utf8_lossy(&request.body), DEPTH, &mut out);
    }
    out.join("\0").to_lowercase()
}

/// Every key and value.
pub fn walk(value: &Value, depth: usize, out: &mut Vec<String>) {
    match value {
        Value::String(found) => text(found, depth, out),
        Value::Array(items) => items.iter().for_each(|item| walk(item, depth, out)),
        Value::Object(map) => {
            for (key, item) in map {
                text(key, depth, out);
                walk(item, depth, out);
            }
        }
        other => out.push(other.to_string()),
    }
}

fn text(found: &str, depth: usize, out: &mut Vec<String>) {
    out.push(found.to_owned());
    if depth == 0 {
        return;
    }
    if found.contains('%') || found.contains('+') {
        for form in [found.to_owned(), found.replace('+', " ")] {
            let decoded = percent_encoding::percent_decode_str(&form).decode_utf8_lossy().into_owned();
            if decoded != found {
                text(&decoded, depth - 1, out);
            }
        }
    }
    if let Some(inner) = packed(found) {
        walk(&inner, depth - 1, out);
    } else if found.starts_with(['{', '[', '"'])
        && let Ok(inner) = serde_json::from_str::<Value>(found)
    {
        walk(&inner, depth - 1, out);
    } else if found.len() >= 8
        && let Ok(bytes) = STANDARD.decode(found.replace('-', "+").replace('_', "/"))
        && let Ok(inner) = String::from_utf8(bytes)
    {
        text(&inner, depth - 1, out);
    }
}

/// What replay packs: gzip whose bytes are the characters of a JSON text.
pub fn packed(found: &str) -> Option<Value> {
    if !found.starts_with("\u{1f}\u{8b}") {
        return None;
    }
    let bytes: Option<Vec<u8>> = found.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    let mut inner = String::new();
    flate2::read::GzDecoder::new(bytes?.as_slice()).read_to_string(&mut inner).ok()?;
    Some(serde_json::from_str(&inner).unwrap_or(Value::String(inner)))
}
