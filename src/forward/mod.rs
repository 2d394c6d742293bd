//! Forwarding: one upstream's connections, and one exchange over them.
//!
//! Promise: a request leaves at most once. A connection that is found closed *before* anything of the request was
//! written to it is replaced; after that nothing is repeated, because Plausible's events carry no id and would be
//! counted twice. Every wait has a deadline, an answer has a largest size, redirects are not followed, and nobody's
//! cookies or credentials can pass (the header fields are [`VendorHeaders`]). Input: [`Outgoing`]. Output:
//! [`Answer`], or a [`ForwardError`] that says how much is known.
//!
//! No retry, no breaker and no spool live here.

mod connect;
mod pieces;
mod pool;
mod target;
pub mod tls;
mod upstream;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, Method, StatusCode};

use crate::headers::{AnswerTo, VendorHeaders};

pub use connect::{Resolve, Resolved, SystemResolver};
pub use pieces::Pieces;
pub use pool::Pooling;
pub use upstream::Upstream;

/// A request to a vendor.
#[derive(Clone)]
pub struct Outgoing {
    /// The method.
    pub method: Method,
    /// Path and query below the upstream's address.
    pub target: PathAndQuery,
    /// The header fields, without `Host` and length.
    pub headers: VendorHeaders,
    /// The body; empty for GET.
    pub body: Pieces,
    /// What it is for: decides the largest answer and the fields that pass back.
    pub to: AnswerTo,
}

/// A vendor's answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status as the vendor gave it. A redirect (3xx) is an answer like any other: it is not followed, and its
    /// `Location` does not pass back.
    pub status: StatusCode,
    /// The fields that pass back to the page.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// Why there is no answer. Messages say nothing about the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ForwardError {
    /// The name could not be resolved, or nobody accepted the connection in time.
    #[error("cannot connect to the upstream")]
    Connect,
    /// All connections to this upstream are in use.
    #[error("too many connections to the upstream")]
    Busy,
    /// The TLS handshake failed: not trusted, another name, no common version.
    #[error("the upstream cannot prove its name")]
    Tls,
    /// The answer was not complete in time.
    #[error("the upstream did not answer in time")]
    Timeout,
    /// The answer is larger than allowed.
    #[error("the upstream's answer is larger than allowed")]
    TooLarge,
    /// What came back is no HTTP.
    #[error("the upstream's answer is no HTTP")]
    Protocol,
    /// The connection ended in the middle.
    #[error("the upstream closed the connection without a whole answer")]
    Closed,
}

impl ForwardError {
    /// Every error, in the order of the metrics page.
    pub const ALL: [Self; 7] =
        [Self::Connect, Self::Busy, Self::Tls, Self::Timeout, Self::TooLarge, Self::Protocol, Self::Closed];

    /// The word in metrics and logs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Busy => "busy",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::TooLarge => "too_large",
            Self::Protocol => "protocol",
            Self::Closed => "closed",
        }
    }

    /// Whether the vendor certainly never saw the request, so that sending it again cannot count it twice.
    #[must_use]
    pub const fn certainly_unsent(self) -> bool {
        matches!(self, Self::Connect | Self::Busy | Self::Tls)
    }
}
