//! One kept file: checked when it comes, in two encodings, with a tag of our own for each.

use std::io::{Read as _, Write as _};
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use sha2::{Digest as _, Sha256};

use super::Fetched;
use crate::clock::UnixMillis;
use crate::reply::Reply;

/// The largest file after decoding.
const MOST: usize = 4 * 1024 * 1024;
/// Smaller bodies are not worth compressing.
const WORTH: usize = 1024;
/// A vendor's freshness is brought between these.
const LEAST_FRESH: u64 = 60;
const MOST_FRESH: u64 = 86_400;
/// How long a page's browser may keep it: a withdrawn script must be gone within the hour.
const PAGE_FRESH: u64 = 3600;
/// How long a copy is good when the vendor fails.
const STALE: Duration = Duration::from_secs(7 * 86_400);

/// A file as it is given to pages.
#[derive(Debug)]
pub(super) struct Copy {
    body: Bytes,
    gzip: Option<Bytes>,
    kind: HeaderValue,
    tag: String,
    pub(super) vendor_tag: Option<HeaderValue>,
    pub(super) fresh_until: UnixMillis,
    pub(super) good_until: UnixMillis,
}

impl Copy {
    /// Checks a vendor's answer. The error is a word for the log.
    pub(super) fn of(key: &str, fetched: Fetched, now: UnixMillis) -> Result<Self, &'static str> {
        let Fetched { status, headers, body } = fetched;
        if status != StatusCode::OK {
            return Err("its status is not 200");
        }
        let kind = headers.get(CONTENT_TYPE).ok_or("it has no type")?;
        if !is_of_kind(key, kind) {
            return Err("its type is not what its name says");
        }
        let body = decoded(&headers, body)?;
        if body.iter().all(u8::is_ascii_whitespace) {
            return Err("it is empty");
        }
        let gzip = compressed(&body);
        let tag = Sha256::digest(&body).iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self {
            body,
            gzip,
            kind: kind.clone(),
            tag,
            vendor_tag: headers.get(ETAG).cloned(),
            fresh_until: now.after(freshness(&headers)),
            good_until: now.after(STALE),
        })
    }

    /// The same file, confirmed by the vendor just now.
    pub(super) fn confirmed(&self, headers: &HeaderMap, now: UnixMillis) -> Self {
        Self {
            body: self.body.clone(),
            gzip: self.gzip.clone(),
            kind: self.kind.clone(),
            tag: self.tag.clone(),
            vendor_tag: headers.get(ETAG).or(self.vendor_tag.as_ref()).cloned(),
            fresh_until: now.after(freshness(headers)),
            good_until: now.after(STALE),
        }
    }

    /// The bytes that it takes.
    pub(super) fn size(&self) -> usize {
        self.body.len() + self.gzip.as_ref().map_or(0, Bytes::len)
    }

    /// The answer to a page: 304 when it has this very file in this very encoding.
    pub(super) fn reply(&self, visitor: &HeaderMap, now: UnixMillis) -> Reply {
        let gzip = self.gzip.as_ref().filter(|_| takes_gzip(visitor));
        let tag = format!("\"{}{}\"", self.tag, if gzip.is_some() { "-gz" } else { "" });
        let left =
            u64::try_from(self.fresh_until.seconds() - now.seconds()).unwrap_or(0).clamp(LEAST_FRESH, PAGE_FRESH);
        let mut headers = HeaderMap::with_capacity(7);
        let mut set = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        set(ETAG, &tag);
        set(CACHE_CONTROL, &format!("public, max-age={left}"));
        set(VARY, "accept-encoding");
        set(X_CONTENT_TYPE_OPTIONS, "nosniff");
        set(HeaderName::from_static("cross-origin-resource-policy"), "cross-origin");
        if has(visitor, &tag) {
            return Reply { status: StatusCode::NOT_MODIFIED, headers, body: Bytes::new() };
        }
        if gzip.is_some() {
            set(CONTENT_ENCODING, "gzip");
        }
        headers.insert(CONTENT_TYPE, self.kind.clone());
        Reply { status: StatusCode::OK, headers, body: gzip.unwrap_or(&self.body).clone() }
    }
}

/// Whether a type is what the end of the name promises. Files without a known end are scripts: those are what pages
/// load under names of their own.
fn is_of_kind(key: &str, kind: &HeaderValue) -> bool {
    let kind = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let path = key.split('?').next().unwrap_or_default();
    let end = path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("js", |(_, end)| end);
    let allowed: &[&str] = match end {
        "json" | "map" => &["application/json", "text/plain", "application/octet-stream"],
        "css" => &["text/css"],
        _ => &["application/javascript", "text/javascript", "application/x-javascript"],
    };
    // Without an end a configuration is possible too (`/array/<token>/config`).
    allowed.contains(&kind.as_str()) || (end == "js" && !path.ends_with(".js") && kind == "application/json")
}

/// We ask for no encoding; a vendor that uses gzip all the same is undone, anything else is not understood.
fn decoded(headers: &HeaderMap, body: Bytes) -> Result<Bytes, &'static str> {
    match headers.get(CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        None | Some(b"identity") if body.len() <= MOST => Ok(body),
        Some(b"gzip") => {
            let mut out = Vec::new();
            let most = u64::try_from(MOST).unwrap_or(u64::MAX) + 1;
            GzDecoder::new(&body[..]).take(most).read_to_end(&mut out).map_err(|_| "it is broken gzip")?;
            if out.len() > MOST { Err("it is too large") } else { Ok(out.into()) }
        }
        None | Some(b"identity") => Err("it is too large"),
        Some(_) => Err("its encoding was not asked for"),
    }
}

fn compressed(body: &Bytes) -> Option<Bytes> {
    if body.len() < WORTH {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).ok()?;
    let done = encoder.finish().ok()?;
    (done.len() < body.len()).then(|| done.into())
}

fn freshness(headers: &HeaderMap) -> Duration {
    let text =
        headers.get(CACHE_CONTROL).and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    let age = |name: &str| {
        text.split(',').find_map(|part| part.trim().strip_prefix(name)?.trim_matches('"').parse::<u64>().ok())
    };
    let seconds = age("s-maxage=").or_else(|| age("max-age=")).unwrap_or(300);
    Duration::from_secs(seconds.clamp(LEAST_FRESH, MOST_FRESH))
}

/// RFC 9110 section 12.5.3, as far as one encoding needs it.
fn takes_gzip(visitor: &HeaderMap) -> bool {
    let lists = visitor.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let refused = parts.any(|part| {
            part.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()).is_some_and(|quality| quality <= 0.0)
        });
        named && !refused
    })
}

/// RFC 9110 section 13.1.2: weak comparison.
fn has(visitor: &HeaderMap, tag: &str) -> bool {
    let lists = visitor.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}
