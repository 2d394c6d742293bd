//! What PostHog refuses by its shape, and how it says so: plain text on the first protocol, JSON on the second.

use crate::outcome::Outcome;

/// A refusal before the pipeline, with the vendor's own kind of answer. Always a 4xx: posthog-js sends anything else
/// again, up to ten times (posthog-js `src/retry-queue.ts`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nothing in the body.
    #[error("empty payload")]
    Empty,
    /// It cannot be decoded as it says or as it looks.
    #[error("failed to decode request: invalid encoding")]
    Encoding,
    /// It is no JSON, or not of the vendor's shape.
    #[error("failed to parse request: invalid event")]
    Unparsable,
    /// There is no token anywhere.
    #[error("no project api_key provided")]
    NoToken,
    /// A token that no project can have.
    #[error("invalid project api_key")]
    BadToken,
    /// Several tokens in one request.
    #[error("event batch contains multiple api_keys")]
    ManyTokens,
    /// An event without a person's id.
    #[error("event submitted without a distinct_id")]
    NoId,
    /// An event without a name.
    #[error("event submitted with an empty event name")]
    NoName,
    /// Larger than the vendor reads, or holding more than we decode.
    #[error("payload too large")]
    TooLarge,
    /// A content type that the path does not take.
    #[error("unsupported content type")]
    ContentType,
}

impl Refused {
    /// The status that the vendor answers (`rust/capture/src/api.rs`).
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::NoToken | Self::BadToken | Self::ManyTokens => 401,
            Self::TooLarge => 413,
            Self::ContentType => 415,
            Self::Empty | Self::Encoding | Self::Unparsable | Self::NoId | Self::NoName => 400,
        }
    }

    /// How the request's events end.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::TooLarge => Outcome::TooLarge,
            Self::BadToken => Outcome::ForeignSite,
            _ => Outcome::Malformed,
        }
    }

    /// The code on the second protocol.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoToken | Self::BadToken | Self::ManyTokens => "invalid_token",
            Self::TooLarge => "payload_too_large",
            Self::ContentType => "unsupported_media_type",
            _ => "validation_error",
        }
    }
}
