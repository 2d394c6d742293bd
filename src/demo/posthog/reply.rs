//! How a request ends: the answer, and what is written down about it.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use serde_json::{Value, json};

use super::body::Decoded;
use super::record::{Discard, FlagCall, StoredEvent};
use crate::demo::listen::answer;

/// The answer to one request and its line in the log.
pub(super) struct Reply {
    pub(super) response: Response<Full<Bytes>>,
    pub(super) error: Option<String>,
    pub(super) token: Option<String>,
    pub(super) steps: Vec<&'static str>,
    pub(super) decoded: Value,
    pub(super) events: Vec<StoredEvent>,
    pub(super) discarded: Vec<(String, Discard)>,
    pub(super) flags: Option<FlagCall>,
}

impl Reply {
    fn of(response: Response<Full<Bytes>>) -> Self {
        Self {
            response,
            error: None,
            token: None,
            steps: Vec::new(),
            decoded: Value::Null,
            events: Vec::new(),
            discarded: Vec::new(),
            flags: None,
        }
    }

    pub(super) fn empty(status: StatusCode) -> Self {
        Self::of(answer(status, "", Bytes::new()))
    }

    pub(super) fn json(status: StatusCode, body: &Value) -> Self {
        Self::of(answer(status, "application/json", body.to_string()))
    }

    pub(super) fn ok(body: &Value) -> Self {
        Self::json(StatusCode::OK, body)
    }

    pub(super) fn script(text: impl Into<Bytes>) -> Self {
        Self::of(answer(StatusCode::OK, "application/javascript", text))
            .with(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"))
    }

    /// A refusal in plain text, as capture gives it.
    pub(super) fn refused(status: StatusCode, words: &str) -> Self {
        let mut reply = Self::of(answer(status, "text/plain; charset=utf-8", words.to_owned()));
        reply.error = Some(words.to_owned());
        reply
    }

    /// A refusal in JSON, as the second protocol and the API give it.
    pub(super) fn error(status: StatusCode, code: &str, words: &str) -> Self {
        let uri = "https://posthog.com/docs/api/capture";
        let mut reply = Self::json(status, &json!({"error": code, "error_description": words, "error_uri": uri}));
        reply.error = Some(words.to_owned());
        reply
    }

    pub(super) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.response.headers_mut().insert(name, value);
        self
    }

    pub(super) fn decoded(mut self, body: Decoded) -> Self {
        self.decoded = serde_json::from_str(&body.text).unwrap_or(Value::String(body.text));
        self.steps = body.steps;
        self
    }

    pub(super) fn for_token(mut self, token: Option<String>) -> Self {
        self.token = token;
        self
    }
}
