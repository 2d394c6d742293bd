//! A strict stand-in for the vendor Plausible: it refuses what the real service refuses, and shows what arrived.
//!
//! Promise: content types, limits, aliases, answers and the client-address rule are those of the public source
//! (plausible/analytics, May 2026); it shares no code with the pipeline that it judges. Input: HTTP/1.1 requests,
//! as a vendor gets them. Output: the vendor's answers, and everything received, in process
//! ([`Vendor::events`], [`Vendor::requests`]) and over HTTP for tests in other languages:
//!
//! | request | answer |
//! |---|---|
//! | `GET /_events` | the stored events as JSON; `?count=3&wait=5000` waits up to 5000 ms for three |
//! | `GET /_requests` | every request as JSON |
//! | `DELETE /_events` | 204; both are empty again |
//!
//! Differences from the service: revenue is stored without a goal, a name is measured in code points, and the
//! account settings that discard events are [`Rules`].

mod address;
mod body;
mod desk;
mod filter;
mod form;
mod json;
mod location;
mod props;
mod record;
mod script;
mod submission;

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

pub use self::filter::{Fate, Rules};
pub use self::props::{Props, Revenue};
pub use self::record::{Discard, Received, StoredEvent};

/// A running stand-in vendor. It stops when it is dropped.
#[derive(Debug)]
pub struct Vendor {
    desk: Arc<Desk>,
    listening: Listening,
}

impl Vendor {
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
        let base = format!("http://{}", listener.local_addr()?);
        let (stored, _) = watch::channel(0);
        let desk = Arc::new(Desk { rules, base, clock, state: Mutex::default(), stored });
        let shared = Arc::clone(&desk);
        // One byte more than the largest body, so that the largest passes and the next is known to be too large.
        let listening = Listening::start(listener, body::LARGEST + 1, move |request, peer| {
            let desk = Arc::clone(&shared);
            async move { desk.answer(request, peer.ip()).await }
        })?;
        Ok(Self { desk, listening })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.listening.address()
    }

    /// Its base address, `http://127.0.0.1:port`, as an upstream's `url`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.desk.base
    }

    /// The stored events, oldest first.
    #[must_use]
    pub fn events(&self) -> Vec<StoredEvent> {
        self.desk.state().0.events.iter().cloned().collect()
    }

    /// Everything that arrived, oldest first; not the queries of `/_events` and `/_requests`.
    #[must_use]
    pub fn requests(&self) -> Vec<Arc<Received>> {
        self.desk.state().0.requests.iter().cloned().collect()
    }

    /// The number of the newest request, 0 before the first.
    #[must_use]
    pub fn newest(&self) -> u64 {
        self.desk.state().0.received
    }

    /// Takes out the requests that arrived after number `number`, and forgets their events: what a rehearsal sent.
    pub fn take_after(&self, number: u64) -> Vec<Arc<Received>> {
        self.desk.take_after(number)
    }

    /// Forgets what arrived and every visitor's session.
    pub fn clear(&self) {
        self.desk.clear();
    }

    /// Waits until `count` events have been stored since the last [`Vendor::clear`]; false if the deadline passes.
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
