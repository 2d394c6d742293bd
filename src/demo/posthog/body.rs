//! From a request's query, headers and body to JSON text, in the vendor's order.
//!
//! | lane | order | refused |
//! |---|---|---|
//! | capture | query `data` or body; base64 when it looks so; form; hints; gzip by hint or magic, lz-string by hint; base64 once more on old paths | 400; 413 above the path's limit |
//! | flags | gzip by hint or magic, then base64 where it is no JSON; a form's `data` in base64, without gzip | 400 |
//! | second protocol | `content-encoding` alone: gzip, deflate, br, zstd | 415 |
//!
//! Source: PostHog/posthog `rust/capture/src/v0_request.rs`, `rust/feature-flags/src/api/request_handler`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, StatusCode, header};

use super::form;
use super::stream::{self, Unread};
use crate::demo::listen::{Body, Unread as Unsent};

/// The largest body of any path, in bytes: replay.
pub(super) const LARGEST: usize = 25 << 20;
/// `/e/` and its aliases, in bytes on the wire.
pub(super) const EVENT: usize = 2 << 20;
/// `/batch/`, in bytes on the wire.
pub(super) const BATCH: usize = 20 << 20;
/// What any body may hold when inflated, in bytes.
const INFLATED: usize = 64 << 20;
/// How far base64 and forms are sniffed, in bytes.
const SNIFFED: usize = 128;

/// A body as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decoded {
    pub(super) text: String,
    pub(super) steps: Vec<&'static str>,
}

/// A status and words.
pub(super) type Refusal = (StatusCode, String);

fn bad(words: &str) -> Refusal {
    (StatusCode::BAD_REQUEST, words.to_owned())
}

/// The bytes of a body of at most `limit`.
pub(super) fn bytes(body: &Body, limit: usize) -> Result<&[u8], Refusal> {
    match body {
        Ok(bytes) if bytes.len() <= limit => Ok(bytes),
        Ok(_) | Err(Unsent::TooLarge) => {
            Err((StatusCode::PAYLOAD_TOO_LARGE, "request payload is too large".to_owned()))
        }
        Err(Unsent::Incomplete) => Err((StatusCode::REQUEST_TIMEOUT, "the body did not arrive".to_owned())),
    }
}

fn inflated(result: Result<Vec<u8>, Unread>, what: &str) -> Result<Vec<u8>, Refusal> {
    result.map_err(|error| match error {
        Unread::Broken => bad(&format!("failed to decode request: invalid {what} data")),
        Unread::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "the inflated payload is too large".to_owned()),
    })
}

fn looks_like_form(bytes: &[u8]) -> bool {
    let head = bytes.get(..SNIFFED).unwrap_or(bytes);
    let has = |word: &[u8]| head.windows(word.len()).any(|window| window == word);
    has(b"data=") || has(b"_=") || has(b"ip=") || has(b"compression=")
}

fn looks_like_base64(bytes: &[u8]) -> bool {
    let head = bytes.get(..SNIFFED).unwrap_or(bytes);
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
    !bytes.is_empty() && bytes.len().is_multiple_of(4) && head.iter().all(allowed)
}

/// The media type without its parameters, in lower case.
pub(super) fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hint {
    Gzip,
    Lz64,
    Base64,
    None,
}

fn hint(word: Option<&str>) -> Hint {
    match word {
        Some("gzip" | "gzip-js") => Hint::Gzip,
        Some("lz64" | "lz-string") => Hint::Lz64,
        Some("base64" | "b64") => Hint::Base64,
        _ => Hint::None,
    }
}

fn encoding(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::CONTENT_ENCODING).and_then(|value| value.to_str().ok()).map(str::trim)
}

/// A body of the first protocol. `legacy`: on the old paths base64 is tried once more.
pub(super) fn capture(query: &str, headers: &HeaderMap, body: &[u8], legacy: bool) -> Result<Decoded, Refusal> {
    let mut steps = Vec::new();
    let from_query = form::value(query, "data").map(|data| data.replace(' ', "+").into_bytes());
    let mut payload = from_query.unwrap_or_else(|| body.to_vec());
    if payload.is_empty() {
        return Err(bad("no data in request"));
    }
    if !looks_like_form(&payload)
        && looks_like_base64(&payload)
        && let Ok(decoded) = STANDARD.decode(&payload)
    {
        payload = decoded;
        steps.push("base64");
    }
    let mut in_form = None;
    // Exactly this type: with a parameter the vendor takes the body for JSON.
    if headers.get(header::CONTENT_TYPE).is_some_and(|value| value == "application/x-www-form-urlencoded") {
        let text = String::from_utf8(payload).map_err(|_| bad("failed to decode form data"))?;
        let mut pairs = form::pairs(&text);
        in_form = pairs.iter().position(|(name, _)| name == "compression").map(|at| pairs.swap_remove(at).1);
        let Some((_, data)) = pairs.into_iter().find(|(name, _)| name == "data") else {
            return Err(bad("missing data field in form"));
        };
        steps.push("form");
        let joined = data.replace(' ', "+");
        payload = if looks_like_base64(joined.as_bytes()) { joined } else { data }.into_bytes();
    }
    let in_query = form::value(query, "compression");
    let word = in_query.as_deref().or(in_form.as_deref()).or_else(|| encoding(headers));
    let hint = hint(word);
    if hint == Hint::Base64 && looks_like_base64(&payload) {
        payload = STANDARD.decode(&payload).map_err(|_| bad("failed to decode base64 data"))?;
        steps.push("base64");
    }
    if hint == Hint::Gzip || stream::is_gzip(&payload) {
        payload = inflated(stream::gunzip(&payload, INFLATED), "GZIP")?;
        steps.push("gzip");
    } else if hint == Hint::Lz64 {
        payload = unlz(payload)?;
        steps.push("lz64");
    }
    let mut text = String::from_utf8(payload).map_err(|_| bad("failed to decode request: invalid UTF-8"))?;
    if legacy
        && looks_like_base64(text.as_bytes())
        && let Ok(decoded) = STANDARD.decode(&text)
    {
        text = String::from_utf8(decoded).map_err(|_| bad("failed to decode request: invalid UTF-8"))?;
        steps.push("base64");
    }
    Ok(Decoded { text, steps })
}

fn unlz(payload: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    let text = String::from_utf8(payload).map_err(|_| bad("failed to decode lz64 data"))?;
    let units = lz_str::decompress_from_base64(&text).ok_or_else(|| bad("failed to decode lz64 data"))?;
    String::from_utf16(&units).map(String::into_bytes).map_err(|_| bad("failed to decode lz64 data"))
}

/// A body of `/flags` and `/decide`.
pub(super) fn flags(query: &str, headers: &HeaderMap, body: &[u8]) -> Result<Decoded, Refusal> {
    let mut steps = Vec::new();
    match media_type(headers).as_str() {
        "application/json" | "text/plain" => {
            let in_query = form::value(query, "compression");
            let hinted = hint(in_query.as_deref().or_else(|| encoding(headers))) == Hint::Gzip;
            let mut payload = body.to_vec();
            if hinted || stream::is_gzip(&payload) {
                payload = inflated(stream::gunzip(&payload, INFLATED), "gzip")?;
                steps.push("gzip");
            }
            let is_json = payload.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
            if !is_json && let Ok(decoded) = STANDARD.decode(&payload) {
                payload = decoded;
                steps.push("base64");
            }
            let text = String::from_utf8(payload).map_err(|_| bad("failed to decode request: invalid UTF-8"))?;
            Ok(Decoded { text, steps })
        }
        "application/x-www-form-urlencoded" => {
            let text = std::str::from_utf8(body).map_err(|_| bad("failed to decode form data"))?;
            let data = form::value(text, "data").ok_or_else(|| bad("missing data field in form"))?;
            let bytes = STANDARD.decode(data.replace(' ', "+")).map_err(|_| bad("failed to decode base64 data"))?;
            if stream::is_gzip(&bytes) {
                return Err(bad("gzip is not supported in forms"));
            }
            steps.extend(["form", "base64"]);
            let text = String::from_utf8(bytes).map_err(|_| bad("failed to decode request: invalid UTF-8"))?;
            Ok(Decoded { text, steps })
        }
        other => Err(bad(&format!("unsupported content type: {other}"))),
    }
}

/// A body of the second protocol, or of logs (`sniff`: those may be gzip without a word).
pub(super) fn encoded(headers: &HeaderMap, body: &[u8], sniff: bool) -> Result<Decoded, Refusal> {
    let (bytes, step) = match encoding(headers) {
        Some("gzip") => (inflated(stream::gunzip(body, INFLATED), "gzip")?, Some("gzip")),
        Some("deflate") => (inflated(stream::inflate(body, INFLATED), "deflate")?, Some("deflate")),
        Some("br") => (inflated(stream::unbrotli(body, INFLATED), "br")?, Some("br")),
        Some("zstd") => (inflated(stream::unzstd(body, INFLATED), "zstd")?, Some("zstd")),
        None | Some("" | "identity") if sniff && stream::is_gzip(body) => {
            (inflated(stream::gunzip(body, INFLATED), "gzip")?, Some("gzip"))
        }
        None | Some("" | "identity") => (body.to_vec(), None),
        Some(_) => return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported content encoding".to_owned())),
    };
    let text = String::from_utf8(bytes).map_err(|_| bad("the body is not UTF-8"))?;
    Ok(Decoded { text, steps: step.into_iter().collect() })
}
