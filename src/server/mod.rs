//! Listeners: accepting, TLS, admission caps, deadlines and drain; probes and the admin interface.
//!
//! Promise: whatever arrives, a [`Handler`] sees only requests that are sane ([`sanity`]), within the caps
//! ([`Settings`]), one permit each; and every connection ends by a deadline. The stack gives little of this by
//! itself: hyper closes no silent connection with its automatic builder, has no time limit for bodies and accepts
//! requests without Host, CONNECT and `..` (hyper issues 3756 and 3962 about the first).
//!
//! HTTP/1.1 only in the clear, h2 or HTTP/1.1 by ALPN under TLS. Upgrades are never made and trailers never seen.

pub mod address;
pub mod admin;
pub mod body;
mod connection;
pub mod counters;
pub mod health;
pub mod inherited;
pub mod listener;
pub mod sanity;
mod service;
pub mod settings;
pub mod tls;
mod watch;

use std::future::Future;
use std::sync::Arc;

use http::{Request, Response};
use hyper::body::Incoming;

use crate::client_address::Peer;

pub use address::{Address, Bound};
pub use body::{Body, BodyError, Held, Room, read_body};
pub use counters::{Counters, Refusal};
pub use inherited::Inherited;
pub use listener::{Drained, Listener};
pub use settings::Settings;

/// Where a request came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// The other end of the connection.
    pub peer: Peer,
    /// Whether the connection is encrypted up to us.
    pub tls: bool,
}

/// What answers requests.
///
/// The request has an origin-form target without dot segments, one of the methods GET, HEAD, POST, OPTIONS, PUT,
/// PATCH and DELETE, and exactly one well-formed `Host` (for h2 made from `:authority`). Its body is not read yet:
/// use [`read_body`]. A panic in here is counted and answered with 500; the future is dropped when the client
/// goes away.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request. Every wait in here needs a deadline of its own.
    fn handle(
        self: Arc<Self>,
        request: Request<Incoming>,
        from: Arrival,
    ) -> impl Future<Output = Response<Body>> + Send;
}
