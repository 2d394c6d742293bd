//! From authenticated bytes to a decoded session.
//!
//! Promise: every format is read as inert data. No class is looked up, nothing is executed, depth and size are
//! bounded. Failure: `Malformed`.

pub(crate) mod edn;
pub(crate) mod json;
pub(crate) mod zlib;

use super::candidate::Candidate;
use super::encoding;
use super::refusal::Refusal;
use crate::person::Value;

/// The deepest nesting that is read.
pub(crate) const DEPTH: usize = 64;
/// The most bytes that are read or inflated.
pub(crate) const LARGEST: usize = 1024 * 1024;

/// One step of decoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    /// Base64.
    Base64,
    /// Base64url; a leading dot says that the bytes are deflated (django.core.signing, Flask).
    DottedZlib,
    /// JSON.
    Json,
    /// Flask's tagged JSON.
    TaggedJson,
    /// EDN.
    Edn,
    /// Text, or JSON behind `j:` (npm cookie-parser).
    JsonCookie,
}

impl Codec {
    /// What it reads, for `bauta session decode`.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::DottedZlib => "base64 and zlib",
            Self::Json | Self::TaggedJson => "json",
            Self::Edn => "edn",
            Self::JsonCookie => "text or json",
        }
    }

    /// Replaces the content by what it says.
    pub(crate) fn apply(self, candidate: &mut Candidate<'_>) -> Result<(), Refusal> {
        let bytes = candidate.bytes()?;
        if bytes.len() > LARGEST {
            return Err(Refusal::TooLarge);
        }
        let decoded = match self {
            Self::Base64 => Decoded::Bytes(encoding::base64(bytes)),
            Self::DottedZlib => Decoded::Bytes(zlib::dotted(bytes)),
            Self::Json => Decoded::Value(json::read(bytes)),
            Self::TaggedJson => Decoded::Value(json::read(bytes).map(json::untag)),
            Self::Edn => Decoded::Value(edn::read(bytes)),
            Self::JsonCookie => match bytes.strip_prefix(b"j:") {
                Some(json) => Decoded::Value(json::read(json)),
                None => Decoded::Bytes(Some(bytes.to_vec())),
            },
        };
        match decoded {
            Decoded::Bytes(Some(bytes)) => candidate.set_bytes(bytes),
            Decoded::Value(Some(value)) => candidate.set_value(value),
            Decoded::Bytes(None) | Decoded::Value(None) => return Err(Refusal::Malformed),
        }
        Ok(())
    }
}

enum Decoded {
    Bytes(Option<Vec<u8>>),
    Value(Option<Value>),
}
