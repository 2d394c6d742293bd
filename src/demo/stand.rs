//! What both vendors' stand-ins have in common: a listener in front of a desk that answers and remembers.
//!
//! Promise: what arrived can be read, awaited and forgotten in process, the same way for either vendor. Input: HTTP/1.1
//! requests. Output: the desk's answers. It stops when it is dropped.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::listen::{Body, Listening};
use crate::clock::{Clock, SystemClock};

/// One vendor's half: what is answered, and what is written down.
pub trait Desk: Send + Sync + 'static {
    /// What the account behind it would say.
    type Rules: Send;
    /// A stored event.
    type Event: Clone;
    /// A request as it arrived.
    type Request;
    /// The largest body that it reads, in bytes.
    const LARGEST: usize;

    /// Opens the desk; `url` is where it is reached.
    fn open(rules: Self::Rules, clock: Box<dyn Clock>, url: String, stored: watch::Sender<u64>) -> Self;
    /// Answers one request.
    fn answer(&self, request: Request<Body>, peer: IpAddr) -> impl Future<Output = Response<Full<Bytes>>> + Send;
    /// The stored events, oldest first.
    fn events(&self) -> Vec<Self::Event>;
    /// Everything that arrived, oldest first.
    fn requests(&self) -> Vec<Arc<Self::Request>>;
    /// The number of the newest request, 0 before the first.
    fn newest(&self) -> u64;
    /// Takes out what arrived after a request's number, and forgets its events.
    fn take_after(&self, number: u64) -> Vec<Arc<Self::Request>>;
    /// Forgets everything.
    fn clear(&self);
    /// How many events are stored.
    fn stored(&self) -> &watch::Sender<u64>;
}

/// Waits until a desk has stored so many events; false if the deadline passes.
pub(super) async fn wait_for(stored: &watch::Sender<u64>, count: u64, deadline: Duration) -> bool {
    let mut stored = stored.subscribe();
    matches!(tokio::time::timeout(deadline, stored.wait_for(|stored| *stored >= count)).await, Ok(Ok(_)))
}

/// A running stand-in. It stops when it is dropped.
pub struct Stand<D> {
    pub(super) desk: Arc<D>,
    listening: Listening,
    url: String,
}

impl<D> std::fmt::Debug for Stand<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stand").field("url", &self.url).finish_non_exhaustive()
    }
}

impl<D: Desk> Stand<D> {
    /// Listens on `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn start(address: SocketAddr, rules: D::Rules) -> io::Result<Self> {
        Self::start_at(address, rules, Box::new(SystemClock)).await
    }

    /// The same with another clock.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn start_at(address: SocketAddr, rules: D::Rules, clock: Box<dyn Clock>) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (stored, _) = watch::channel(0);
        let desk = Arc::new(D::open(rules, clock, url.clone(), stored));
        let shared = Arc::clone(&desk);
        // One byte more than the largest body, so that the largest passes and the next is known to be too large.
        let listening = Listening::start(listener, D::LARGEST + 1, move |request, peer| {
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
    pub fn events(&self) -> Vec<D::Event> {
        self.desk.events()
    }

    /// Everything that arrived, oldest first; not the queries of `/_events` and its like.
    #[must_use]
    pub fn requests(&self) -> Vec<Arc<D::Request>> {
        self.desk.requests()
    }

    /// The number of the newest request, 0 before the first.
    #[must_use]
    pub fn newest(&self) -> u64 {
        self.desk.newest()
    }

    /// Takes out the requests that arrived after number `number`, and forgets their events: what a rehearsal sent.
    pub fn take_after(&self, number: u64) -> Vec<Arc<D::Request>> {
        self.desk.take_after(number)
    }

    /// Forgets what arrived, and every session or person.
    pub fn clear(&self) {
        self.desk.clear();
    }

    /// Waits until `count` events have been stored since the last [`Stand::clear`]; false if the deadline passes.
    pub async fn wait_for(&self, count: u64, deadline: Duration) -> bool {
        wait_for(self.desk.stored(), count, deadline).await
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
