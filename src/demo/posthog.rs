//! A strict stand-in for the vendor PostHog: it refuses what the real service refuses, and shows what arrived.
//!
//! Promise: routes, decoding order, token and id rules, answers and limits are those of the public source
//! (PostHog/posthog `rust/capture`, `rust/feature-flags`, 2025-2026) and of the vendor's documentation; it shares no
//! code with the pipeline that it judges. Input: HTTP/1.1 requests, as a vendor gets them. Output: the vendor's
//! answers, and everything received, in process ([`PostHog::events`], [`PostHog::flag_calls`],
//! [`PostHog::requests`]) and over HTTP for tests in other languages:
//!
//! | request | answer |
//! |---|---|
//! | `GET /_events` | the stored events as JSON; `?count=3&wait=5000` waits up to 5000 ms for three |
//! | `GET /_flags` | the flag evaluations as JSON |
//! | `GET /_requests` | every request as JSON, with what its body decoded to |
//! | `DELETE /_events` | 204; all three are empty again |
//!
//! Differences from the service: no account exists, so [`Rules`] says which tokens, flags, quotas and modes there
//! are; geography, property types and the clocks' skew are not imitated. Memory is bounded in requests and in bytes.

mod assets;
mod body;
mod capture;
mod cookieless;
mod definitions;
mod desk;
mod event;
mod flags;
mod form;
mod persons;
mod record;
mod reply;
mod rules;
mod stream;
mod v1;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tokio::net::TcpListener;
use tokio::sync::watch;

use self::desk::Desk;
use super::listen::{Body, Listening};
use crate::clock::{Clock, SystemClock};

pub use self::record::{Discard, FlagCall, Received, StoredEvent};
pub use self::rules::{Bucket, Cookieless, Flag, Rules, Serves};

/// A running stand-in of PostHog. It stops when it is dropped.
#[derive(Debug)]
pub struct PostHog {
    desk: Arc<Desk>,
    listening: Listening,
    url: String,
}

impl PostHog {
    /// Listens on `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn start(address: SocketAddr, rules: Rules) -> io::Result<Self> {
        Self::start_at(address, rules, Box::new(SystemClock)).await
    }

    /// The same with another clock.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn start_at(address: SocketAddr, rules: Rules, clock: Box<dyn Clock>) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (stored, _) = watch::channel(0);
        let desk = Arc::new(Desk { rules, clock, state: Mutex::default(), stored });
        let shared = Arc::clone(&desk);
        // One byte more than the largest body, so that the largest passes and the next is known to be too large.
        let listening = Listening::start(listener, body::LARGEST + 1, move |request, peer| {
            let desk = Arc::clone(&shared);
            async move { desk.answer(request, peer.ip()).await }
        })?;
        Ok(Self { desk, listening, url })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.listening.address()
    }

    /// Its base address, `http://127.0.0.1:port`, as an upstream's `url`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The stored events, oldest first.
    #[must_use]
    pub fn events(&self) -> Vec<StoredEvent> {
        self.desk.state().log.events.iter().cloned().collect()
    }

    /// The flag evaluations, oldest first.
    #[must_use]
    pub fn flag_calls(&self) -> Vec<FlagCall> {
        self.desk.state().log.flags.iter().cloned().collect()
    }

    /// Everything that arrived, oldest first; not the queries of `/_events` and its like.
    #[must_use]
    pub fn requests(&self) -> Vec<Arc<Received>> {
        self.desk.state().log.requests.iter().cloned().collect()
    }

    /// The number of the newest request, 0 before the first.
    #[must_use]
    pub fn newest(&self) -> u64 {
        self.desk.state().log.received
    }

    /// Whether the vendor would show two ids as one person.
    #[must_use]
    pub fn same_person(&self, token: &str, one: &str, other: &str) -> bool {
        self.desk.state().persons.same(token, one, other)
    }

    /// Takes out the requests that arrived after number `number`, and forgets their events: what a rehearsal sent.
    pub fn take_after(&self, number: u64) -> Vec<Arc<Received>> {
        self.desk.take_after(number)
    }

    /// Forgets what arrived, and every person.
    pub fn clear(&self) {
        self.desk.clear();
    }

    /// Waits until `count` events have been stored since the last [`PostHog::clear`]; false if the deadline passes.
    pub async fn wait_for(&self, count: u64, deadline: Duration) -> bool {
        self.desk.wait_for(count, deadline).await
    }

    /// Answers one request without a socket, for listeners of another kind (TLS, a unix socket, a slow one).
    pub async fn answer(&self, request: Request<Body>, peer: IpAddr) -> Response<Full<Bytes>> {
        self.desk.answer(request, peer).await
    }

    /// Frees the port.
    pub async fn stop(self) {
        self.listening.stop().await;
    }
}

#[cfg(test)]
mod tests;
