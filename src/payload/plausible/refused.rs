//! What the vendor refuses by its shape, and how it says so.
//!
//! Only refusals that we must know ourselves are here: those where nothing is left to forward, or where the event's
//! site cannot be told. Everything else goes through, and the vendor answers.

use crate::outcome::Outcome;

/// A refusal before the pipeline, with the vendor's own answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A raw body that is no JSON object.
    #[error("body is not a JSON object")]
    NotAnObject,
    /// A raw body longer than the vendor reads; it answers as to one that is no JSON object.
    #[error("body is larger than the vendor reads")]
    RawTooLarge,
    /// A body that the vendor's framework cannot parse as its content type says.
    #[error("body does not fit its content type")]
    Unparsable,
    /// A body larger than the vendor's framework reads for its content type.
    #[error("body is larger than its content type allows")]
    TooLarge,
    /// A body that the vendor reads as empty: no content type that it knows, or nothing in it.
    #[error("body holds no event")]
    Empty,
    /// An event that names no site, with a URL without host.
    #[error("event names no domain")]
    NoDomain,
}

impl Refused {
    /// The status that the vendor answers.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::TooLarge => 413,
            _ => 400,
        }
    }

    /// The content type of [`Refused::body`].
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Unparsable | Self::TooLarge => "text/plain; charset=utf-8",
            _ => "application/json; charset=utf-8",
        }
    }

    /// The answer: the vendor's `errors` object, or the words of its framework (plausible/analytics
    /// `lib/plausible/ingestion/request.ex`).
    #[must_use]
    pub const fn body(self) -> &'static str {
        match self {
            Self::NotAnObject | Self::RawTooLarge => {
                r#"{"errors":{"request":["Unable to parse request body as json"]}}"#
            }
            Self::Unparsable => "Bad Request",
            Self::TooLarge => "Request Entity Too Large",
            Self::Empty => {
                r#"{"errors":{"domain":["can't be blank"],"event_name":["can't be blank"],"url":["is required"]}}"#
            }
            Self::NoDomain => r#"{"errors":{"domain":["can't be blank"]}}"#,
        }
    }

    /// How the event ends.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::TooLarge | Self::RawTooLarge => Outcome::TooLarge,
            _ => Outcome::Malformed,
        }
    }
}
