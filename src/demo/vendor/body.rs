//! From a request's headers and body to the keys that the vendor sees, by content type.
//!
//! | content type | read as | failure |
//! |---|---|---|
//! | `application/json`, `application/*+json` | JSON; anything but an object has no keys | 413 above 8 MB, 400 in the framework's words |
//! | `application/x-www-form-urlencoded`, `multipart/*` | form fields, brackets nest | 413, 400 |
//! | missing or no media type | nothing: no keys | 400 later, for the missing keys |
//! | anything else, `text/plain` first of all | the raw body must be a JSON object of at most 1 MB | 400, field `request` |
//!
//! Bodies are never inflated. Source: Plug.Parsers as configured in plausible/analytics `endpoint.ex`, and
//! `lib/plausible/ingestion/request.ex`.

use http::{HeaderMap, header};

use super::form;
use super::json::{Json, decode};
use crate::demo::listen::{Body, Unread};

/// The largest raw body, in bytes.
const RAW: usize = 1_000_000;
/// The largest form, in bytes (the framework's own default for this parser).
const FORM: usize = 1_000_000;
/// The largest body of any kind, in bytes.
pub(super) const LARGEST: usize = 8_000_000;

/// A request that the vendor's framework or the first step of ingestion refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// 413 in the framework's words.
    TooLarge,
    /// 400 in the framework's words.
    Framework,
    /// 400 with the field `request`.
    Request,
    /// The client did not send its body.
    Incomplete,
}

/// The keys of a request.
pub(super) fn params(headers: &HeaderMap, body: &Body) -> Result<Json, Unreadable> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| media_type(value.as_bytes()));
    let body = match (body, &kind) {
        (Ok(body), _) => body,
        (Err(Unread::Incomplete), _) => return Err(Unreadable::Incomplete),
        (Err(Unread::TooLarge), None) => return Ok(Json::Map(Vec::new())),
        (Err(Unread::TooLarge), Some(kind)) => return Err(kind.too_large()),
    };
    match kind {
        None => Ok(Json::Map(Vec::new())),
        Some(Kind::Json) if body.is_empty() => Ok(Json::Map(Vec::new())),
        Some(kind) if body.len() > kind.limit() => Err(kind.too_large()),
        Some(Kind::Json) => match decode(body).map_err(|_| Unreadable::Framework)? {
            map @ Json::Map(_) => Ok(map),
            other => Ok(Json::Map(vec![("_json".to_owned(), other)])),
        },
        Some(Kind::Form) => form::urlencoded(body).ok_or(Unreadable::Framework),
        Some(Kind::Multipart(boundary)) => {
            let boundary = boundary.ok_or(Unreadable::Framework)?;
            form::multipart(body, &boundary).ok_or(Unreadable::Framework)
        }
        Some(Kind::Raw) => match decode(body) {
            Ok(map @ Json::Map(_)) => Ok(map),
            Ok(_) | Err(_) => Err(Unreadable::Request),
        },
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Json,
    Form,
    Multipart(Option<String>),
    Raw,
}

impl Kind {
    const fn limit(&self) -> usize {
        match self {
            Self::Json | Self::Multipart(_) => LARGEST,
            Self::Form => FORM,
            Self::Raw => RAW,
        }
    }

    const fn too_large(&self) -> Unreadable {
        match self {
            Self::Raw => Unreadable::Request,
            Self::Json | Self::Form | Self::Multipart(_) => Unreadable::TooLarge,
        }
    }
}

/// The parser for a content type; none when it is not `type/subtype`.
fn media_type(value: &[u8]) -> Option<Kind> {
    let value = std::str::from_utf8(value).ok()?;
    let (essence, parameters) = value.split_once(';').unwrap_or((value, ""));
    let (main, sub) = essence.trim().split_once('/')?;
    let is_token = |text: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`{|}~".contains(&byte);
        !text.is_empty() && text.bytes().all(allowed)
    };
    if !is_token(main) || !is_token(sub) {
        return None;
    }
    let (main, sub) = (main.to_ascii_lowercase(), sub.to_ascii_lowercase());
    Some(match (main.as_str(), sub.as_str()) {
        ("application", "json") => Kind::Json,
        ("application", sub) if sub.ends_with("+json") => Kind::Json,
        ("application", "x-www-form-urlencoded") => Kind::Form,
        ("multipart", "form-data" | "mixed") => Kind::Multipart(boundary(parameters)),
        _ => Kind::Raw,
    })
}

fn boundary(parameters: &str) -> Option<String> {
    let pairs = parameters.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"))?;
    let value = value.trim().trim_matches('"');
    (!value.is_empty()).then(|| value.to_owned())
}

/// Whether the router goes on with these `Accept` headers (406 if not): absent, any, or JSON.
pub(super) fn accepts_json(headers: &HeaderMap) -> bool {
    let mut ranges = headers.get_all(header::ACCEPT).iter().peekable();
    if ranges.peek().is_none() {
        return true;
    }
    let wanted = |range: &str| {
        let essence = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        matches!(essence.as_str(), "*/*" | "application/*" | "application/json")
    };
    ranges.filter_map(|value| value.to_str().ok()).any(|value| value.split(',').any(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::HeaderValue;

    fn read(kind: Option<&'static str>, body: impl Into<Bytes>) -> Result<Json, Unreadable> {
        let mut headers = HeaderMap::new();
        if let Some(kind) = kind {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        params(&headers, &Ok(body.into()))
    }

    fn name(params: &Json) -> Option<String> {
        params.get("n").and_then(Json::stored)
    }

    const EVENT: &str = r#"{"n":"x"}"#;

    #[test]
    fn text_and_unknown_types_are_read_as_json() {
        for kind in ["text/plain", "text/plain;charset=UTF-8", "application/octet-stream", "text/json", "image/png"] {
            assert_eq!(name(&read(Some(kind), EVENT).unwrap()), Some("x".into()), "{kind}");
        }
    }

    #[test]
    fn a_raw_body_that_is_no_object_is_refused_as_request() {
        for body in ["", "[]", "\"x\"", "{", "n=x"] {
            assert_eq!(read(Some("text/plain"), body), Err(Unreadable::Request), "{body}");
        }
    }

    #[test]
    fn json_types_use_the_framework_and_its_refusals() {
        assert_eq!(name(&read(Some("application/json"), EVENT).unwrap()), Some("x".into()));
        assert_eq!(name(&read(Some("application/vnd.x+json; v=1"), EVENT).unwrap()), Some("x".into()));
        assert_eq!(read(Some("application/json"), "{"), Err(Unreadable::Framework));
        assert_eq!(name(&read(Some("application/json"), "[1]").unwrap()), None);
        assert_eq!(read(Some("application/json"), ""), Ok(Json::Map(vec![])));
    }

    #[test]
    fn without_a_content_type_the_body_is_ignored() {
        assert_eq!(read(None, EVENT), Ok(Json::Map(vec![])));
        assert_eq!(read(Some("plain"), EVENT), Ok(Json::Map(vec![])));
    }

    #[test]
    fn each_type_has_its_own_size_limit_and_answer() {
        let padded = |size: usize| format!("{EVENT}{}", " ".repeat(size - EVENT.len()));
        assert!(read(Some("text/plain"), padded(RAW)).is_ok());
        assert_eq!(read(Some("text/plain"), padded(RAW + 1)), Err(Unreadable::Request));
        assert!(read(Some("application/json"), padded(LARGEST)).is_ok());
        assert_eq!(read(Some("application/json"), padded(LARGEST + 1)), Err(Unreadable::TooLarge));
        assert_eq!(read(Some("application/x-www-form-urlencoded"), padded(FORM + 1)), Err(Unreadable::TooLarge));
    }

    #[test]
    fn a_compressed_body_is_not_inflated() {
        assert_eq!(read(Some("text/plain"), &b"\x1f\x8b\x08\x00"[..]), Err(Unreadable::Request));
    }

    #[test]
    fn forms_give_the_same_keys() {
        assert_eq!(name(&read(Some("application/x-www-form-urlencoded"), "n=x&u=y").unwrap()), Some("x".into()));
        let body = "--b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\nx\r\n--b--\r\n";
        assert_eq!(name(&read(Some("multipart/form-data; boundary=b"), body).unwrap()), Some("x".into()));
        assert_eq!(read(Some("multipart/form-data"), body), Err(Unreadable::Framework));
        assert_eq!(name(&read(Some("application/x-www-form-urlencoded"), EVENT).unwrap()), None);
    }

    #[test]
    fn accept_must_allow_json() {
        let accepts = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::ACCEPT, HeaderValue::from_static(value));
            }
            accepts_json(&headers)
        };
        assert!(accepts(&[]) && accepts(&["*/*"]) && accepts(&["text/html, */*;q=0.1"]));
        assert!(accepts(&["application/json"]) && accepts(&["text/html", "application/json"]));
        assert!(!accepts(&["text/html"]) && !accepts(&["text/html, image/png"]));
    }
}
