//! The travelling value of the session pipeline: one cookie value on its way from text to a decoded session.
//!
//! Each step takes what is there and leaves what it made of it. Bytes are wiped when they are replaced or dropped:
//! the plaintext of an encrypted session often holds access tokens that are none of our business.

use zeroize::Zeroizing;

use super::refusal::Refusal;
use crate::clock::UnixMillis;
use crate::person::Value;

/// What a candidate holds at a point of the pipeline.
pub(crate) enum Content {
    /// Bytes: the cookie's value, a plaintext, a stored value.
    Bytes(Zeroizing<Vec<u8>>),
    /// A decoded value: a session, a row, the claims of a token.
    Value(Value),
}

/// One value that might be the session.
pub(crate) struct Candidate<'a> {
    /// The configured name under which it was found, without a chunk's number.
    pub(crate) name: &'a str,
    /// What is known so far.
    pub(crate) content: Content,
    /// The values of the cookie that carries the signature, for formats that sign in a second cookie.
    pub(crate) companions: Vec<&'a [u8]>,
    /// True until a store or an endpoint was asked: what the cookie itself says is a snapshot.
    pub(crate) snapshot: bool,
    /// What `bauta session decode` tells about the way.
    pub(crate) trace: Trace,
}

/// How far a candidate got, and what was learnt on the way. Holds no contents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Trace {
    /// How many steps were passed.
    pub(crate) passed: usize,
    /// The key that fitted.
    pub(crate) key: Option<KeyLabel>,
    /// The time of issue that the value carries.
    pub(crate) issued: Option<UnixMillis>,
    /// When the value ends.
    pub(crate) expires: Option<UnixMillis>,
}

/// Which of the configured keys: its place in the list, and its public id if the format has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyLabel {
    /// The place in the list, from 0.
    pub(crate) index: usize,
    /// `kid` of a key set, id of a password.
    pub(crate) id: Option<String>,
}

impl<'a> Candidate<'a> {
    /// A candidate as it was found in the request.
    pub(crate) fn found(name: &'a str, value: Vec<u8>) -> Self {
        Self {
            name,
            content: Content::Bytes(Zeroizing::new(value)),
            companions: Vec::new(),
            snapshot: true,
            trace: Trace::default(),
        }
    }

    /// The bytes. A decoded scalar counts as its text, so that a token inside a session can be read in turn.
    ///
    /// # Errors
    /// `Anonymous` when there is nothing, `Malformed` when there is something that is no text.
    pub(crate) fn bytes(&self) -> Result<&[u8], Refusal> {
        match &self.content {
            Content::Bytes(bytes) => Ok(bytes),
            Content::Value(Value::Bytes(bytes)) => Ok(bytes),
            Content::Value(Value::Null) => Err(Refusal::Anonymous),
            Content::Value(value) => value.scalar().map(str::as_bytes).ok_or(Refusal::Malformed),
        }
    }

    /// Replaces the content by bytes.
    pub(crate) fn set_bytes(&mut self, bytes: impl Into<Zeroizing<Vec<u8>>>) {
        self.content = Content::Bytes(bytes.into());
    }

    /// Replaces the content by a decoded value.
    pub(crate) fn set_value(&mut self, value: Value) {
        self.content = Content::Value(value);
    }

    /// The decoded value; bytes that no codec was asked to read count as text.
    pub(crate) fn into_value(self) -> Value {
        match self.content {
            Content::Value(value) => value,
            Content::Bytes(bytes) => match std::str::from_utf8(&bytes) {
                Ok(text) => Value::Text(text.to_owned()),
                Err(_) => Value::Bytes(bytes.to_vec()),
            },
        }
    }
}
