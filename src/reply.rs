//! The answers that we give in the vendor's place: what the vendor's own clients expect, and nothing about a person.

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// A complete answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The header fields; the length is made by the connection.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Reply {
    /// A plain text answer.
    #[must_use]
    pub fn text(status: StatusCode, body: &'static str) -> Self {
        Self::with(status, "text/plain; charset=utf-8", Bytes::from_static(body.as_bytes()))
    }

    /// An answer with a body of a type.
    #[must_use]
    pub fn with(status: StatusCode, content_type: &'static str, body: Bytes) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Self { status, headers, body }
    }

    /// Plausible's success, which its trackers also get for events that we decided not to forward.
    #[must_use]
    pub fn plausible_ok() -> Self {
        Self::text(StatusCode::ACCEPTED, "ok")
    }

    /// 404 for paths, sites and projects that do not exist here.
    #[must_use]
    pub fn not_found() -> Self {
        Self::text(StatusCode::NOT_FOUND, "not found\n")
    }

    /// 405 with the methods that exist.
    #[must_use]
    pub fn not_allowed(allow: &'static str) -> Self {
        Self::text(StatusCode::METHOD_NOT_ALLOWED, "method not allowed\n")
            .header(ALLOW, HeaderValue::from_static(allow))
    }

    /// 421 for a host that is no site's.
    #[must_use]
    pub fn misdirected() -> Self {
        Self::text(StatusCode::MISDIRECTED_REQUEST, "this host is not served here\n")
    }

    /// 429 with the seconds after which an event would pass.
    #[must_use]
    pub fn limited(seconds: u32) -> Self {
        Self::text(StatusCode::TOO_MANY_REQUESTS, "too many events\n").header(RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// The same answer, to be taken for nothing but its type.
    #[must_use]
    pub fn nosniff(self) -> Self {
        self.header(http::header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"))
    }

    /// The same answer with a further field.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The same answer with further fields (CORS).
    #[must_use]
    pub fn headers(mut self, more: HeaderMap) -> Self {
        self.headers.extend(more);
        self
    }
}
