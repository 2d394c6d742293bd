//! From authenticated bytes to a decoded session.
//!
//! Promise: every format is read as inert data. No class is looked up, nothing is executed, depth and size are
//! bounded. Failure: `Malformed`.

pub(crate) mod cursor;
pub(crate) mod edn;
pub(crate) mod etf;
pub(crate) mod java;
pub(crate) mod json;
pub(crate) mod lz4;
pub(crate) mod marshal;
pub(crate) mod msgpack;
pub(crate) mod php;
pub(crate) mod pickle;
pub(crate) mod zlib;

use super::candidate::Candidate;
use super::digest::Digest;
use super::encoding;
use super::refusal::Refusal;
use super::setup::Setup;
use crate::config::session::{KeyTransform, Serializer};
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
    /// Base64url.
    Base64Url,
    /// Base64 in lines (Ruby's `pack("m")`).
    Base64Lines,
    /// Base64url; a leading dot says that the bytes are deflated (django.core.signing, Flask).
    DottedZlib,
    /// An LZ4 frame.
    Lz4,
    /// JSON.
    Json,
    /// Deflated JSON.
    ZipJson,
    /// Flask's tagged JSON.
    TaggedJson,
    /// Text, or JSON behind `j:` (npm cookie-parser).
    JsonCookie,
    /// JSON, or base64url of it behind `base64-` (@supabase/ssr).
    Supabase,
    /// EDN.
    Edn,
    /// Erlang's external term format.
    Etf,
    /// MessagePack.
    MsgPack,
    /// Ruby's Marshal.
    Marshal,
    /// Ruby's Marshal by its first two bytes, else JSON, deflated or not.
    Ruby,
    /// PHP's `serialize`.
    Php,
    /// PHP's `serialize` of a text that is serialized itself (Laravel's cache stores), or once.
    PhpTwice,
    /// PHP's session handler `php`.
    PhpSession,
    /// PHP's session handler `php_binary`.
    PhpBinary,
    /// Python's pickle.
    Pickle,
    /// What Django's caches hold: pickle, JSON, either of them deflated.
    DjangoCache,
    /// A Java text, serialized.
    JavaText,
    /// SHA-256 in hexadecimal.
    Sha256Hex,
    /// `2::` and SHA-256 in hexadecimal: Rack's private id of a public one.
    RackPrivateId,
}

/// A codec that the operator may choose.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice {
    /// What is read when nothing is chosen.
    pub(crate) default: Codec,
    /// What may be chosen.
    pub(crate) allowed: &'static [Serializer],
}

impl Choice {
    /// Picks the codec of the configuration.
    pub(crate) fn build(self, setup: &mut Setup<'_>) -> Codec {
        let Some(serializer) = setup.take("serializer", |config| config.serializer) else { return self.default };
        if !self.allowed.contains(&serializer) {
            let words: Vec<&str> = self.allowed.iter().map(|serializer| serializer.word()).collect();
            let problem = format!("preset {} is not written in {}", setup.preset.name, serializer.word());
            setup.fault("serializer", problem, format!("use one of {}, or leave it out", words.join(", ")));
        }
        match serializer {
            Serializer::Json => Codec::Json,
            Serializer::Zipjson => Codec::ZipJson,
            Serializer::Marshal => Codec::Marshal,
            Serializer::Msgpack => Codec::MsgPack,
            Serializer::Pickle => Codec::Pickle,
            Serializer::Php => Codec::PhpSession,
            Serializer::PhpSerialize => Codec::Php,
            Serializer::PhpBinary => Codec::PhpBinary,
        }
    }
}

/// How an id becomes a key, when the operator may choose.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyChoice(pub(crate) KeyTransform);

impl KeyChoice {
    /// Picks the transform of the configuration; `None` leaves the id as it is.
    pub(crate) fn build(self, setup: &mut Setup<'_>) -> Option<Codec> {
        match setup.take("key_transform", |config| config.key_transform).unwrap_or(self.0) {
            KeyTransform::None => None,
            KeyTransform::Sha256Hex => Some(Codec::Sha256Hex),
            KeyTransform::RackPrivateId => Some(Codec::RackPrivateId),
        }
    }
}

fn hash(bytes: &[u8]) -> String {
    encoding::to_hex(&Digest::Sha256.hash(&[bytes]))
}

enum Decoded {
    Bytes(Option<Vec<u8>>),
    Value(Option<Value>),
}

impl Codec {
    /// What it reads, for `bauta session decode`.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Base64 | Self::Base64Url | Self::Base64Lines => "base64",
            Self::DottedZlib => "base64 and zlib",
            Self::Lz4 => "lz4",
            Self::Json | Self::ZipJson | Self::TaggedJson | Self::Supabase => "json",
            Self::JsonCookie => "text or json",
            Self::Edn => "edn",
            Self::Etf => "erlang term",
            Self::MsgPack => "msgpack",
            Self::Marshal => "marshal",
            Self::Ruby => "marshal or json",
            Self::Php | Self::PhpTwice | Self::PhpSession | Self::PhpBinary => "php",
            Self::Pickle => "pickle",
            Self::DjangoCache => "pickle or json",
            Self::JavaText => "java text",
            Self::Sha256Hex | Self::RackPrivateId => "hash",
        }
    }

    /// Replaces the content by what it says.
    pub(crate) fn apply(self, candidate: &mut Candidate<'_>) -> Result<(), Refusal> {
        let bytes = candidate.bytes()?;
        if bytes.len() > LARGEST {
            return Err(Refusal::TooLarge);
        }
        match self.read(bytes) {
            Decoded::Bytes(Some(bytes)) => candidate.set_bytes(bytes),
            Decoded::Value(Some(value)) => candidate.set_value(value),
            Decoded::Bytes(None) | Decoded::Value(None) => return Err(Refusal::Malformed),
        }
        Ok(())
    }

    fn read(self, bytes: &[u8]) -> Decoded {
        match self {
            Self::Base64 => Decoded::Bytes(encoding::base64(bytes)),
            Self::Base64Url => Decoded::Bytes(encoding::base64url(bytes)),
            Self::Base64Lines => {
                let text: Vec<u8> = bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
                Decoded::Bytes(encoding::base64(&text))
            }
            Self::DottedZlib => Decoded::Bytes(zlib::dotted(bytes)),
            Self::Lz4 => Decoded::Bytes(lz4::frame(bytes)),
            Self::Json => Decoded::Value(json::read(bytes)),
            Self::ZipJson => Decoded::Value(zlib::inflate(bytes).and_then(|json| json::read(&json))),
            Self::TaggedJson => Decoded::Value(json::read(bytes).map(json::untag)),
            Self::JsonCookie => match bytes.strip_prefix(b"j:") {
                Some(json) => Decoded::Value(json::read(json)),
                None => Decoded::Bytes(Some(bytes.to_vec())),
            },
            Self::Supabase => Decoded::Value(match bytes.strip_prefix(b"base64-") {
                Some(text) => encoding::base64url(text).and_then(|json| json::read(&json)),
                None => json::read(bytes),
            }),
            Self::Edn => Decoded::Value(edn::read(bytes)),
            Self::Etf => Decoded::Value(etf::read(bytes)),
            Self::MsgPack => Decoded::Value(msgpack::read(bytes)),
            Self::Marshal => Decoded::Value(marshal::read(bytes)),
            Self::Ruby => match bytes.first() {
                Some(4) => Self::Marshal.read(bytes),
                // The first byte of every zlib stream that Ruby writes (RFC 1950 section 2.2); no JSON begins so.
                Some(b'x') => Self::ZipJson.read(bytes),
                _ => Self::Json.read(bytes),
            },
            Self::Php => Decoded::Value(php::read(bytes)),
            Self::PhpTwice => Decoded::Value(match php::read(bytes) {
                Some(Value::Text(text)) => php::read(text.as_bytes()),
                Some(Value::Bytes(text)) => php::read(&text),
                once => once,
            }),
            Self::PhpSession => Decoded::Value(php::session(bytes)),
            Self::PhpBinary => Decoded::Value(php::binary_session(bytes)),
            Self::Pickle => Decoded::Value(pickle::read(bytes)),
            // The first byte of every pickle since protocol 2, and of a zlib stream; JSON begins with neither.
            Self::DjangoCache => match bytes.first() {
                Some(0x80) => Self::Pickle.read(bytes),
                Some(b'x') => zlib::inflate(bytes).map_or(Decoded::Value(None), |inner| match inner.first() {
                    Some(0x80) => Self::Pickle.read(&inner),
                    _ => Self::Json.read(&inner),
                }),
                _ => Self::Json.read(bytes),
            },
            Self::JavaText => Decoded::Value(java::text(bytes).map(Value::Text)),
            Self::Sha256Hex => Decoded::Bytes(Some(hash(bytes).into_bytes())),
            Self::RackPrivateId => Decoded::Bytes(Some(format!("2::{}", hash(bytes)).into_bytes())),
        }
    }
}
