//! Accepting connections, and ending well.
//!
//! Connections wait for a permit before they are accepted, so that too many of them queue in the kernel and cost
//! nothing here. When the drain begins the socket closes at once, idle connections end, busy ones get
//! `Connection: close` or GOAWAY with their answer, and what is not done by the deadline is cut off. Every task is
//! owned: when [`Listener::run`] returns or is dropped, nothing of it runs on.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Handler;
use super::address::{Bound, Stream};
use super::body::Room;
use super::connection::House;
use super::counters::Counters;
use super::settings::Settings;
use crate::client_address::Peer;

/// After a failed accept, such as too many open files: trying again at once would only burn the processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// At the drain: how long connections are still taken from the kernel's queue before the socket closes.
const SWEEP: Duration = Duration::from_millis(20);

/// Memory for large answers (scripts) that peers have not read yet; when it is used up, further ones get 503.
const UNTAKEN: u64 = 64 * 1024 * 1024;

/// One listening socket with all it needs.
pub struct Listener<H> {
    /// The socket.
    pub bound: Bound,
    /// TLS, or HTTP/1.1 in the clear.
    pub tls: Option<TlsAcceptor>,
    /// Caps and deadlines.
    pub settings: Settings,
    /// What answers.
    pub handler: Arc<H>,
    /// What is counted.
    pub counters: Arc<Counters>,
}

/// How a drain ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drained {
    /// Connections that were not done by the deadline and were cut off.
    pub cut: usize,
}

impl<H: Handler> Listener<H> {
    /// Serves until `drain` is cancelled, then finishes what is in flight within [`Settings::drain`].
    pub async fn run(self, drain: CancellationToken) -> Drained {
        let Self { bound, tls, settings, handler, counters } = self;
        let permits = Arc::new(Semaphore::new(settings.connections));
        let settings = Arc::new(settings);
        let cut = CancellationToken::new();
        let house = Arc::new(House {
            handler,
            counters: Arc::clone(&counters),
            settings: Arc::clone(&settings),
            tls,
            drain: drain.clone(),
            cut: cut.clone(),
            streams: TaskTracker::new(),
            untaken: Room::of(UNTAKEN),
        });
        // Also when this future is dropped: the connections go with `tasks`, the h2 streams with this.
        let _end = cut.clone().drop_guard();
        let mut tasks = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                () = drain.cancelled() => break,
                Some(ended) = tasks.join_next() => note(&counters, ended),
                accepted = next(&bound, &permits) => match accepted {
                    Ok((stream, peer, permit)) => {
                        let house = Arc::clone(&house);
                        let place = Place::take(&counters, permit);
                        tasks.spawn(async move {
                            house.serve(stream, peer).await;
                            drop(place);
                        });
                    }
                    Err(error) if is_the_peers(&error) => {}
                    Err(error) => {
                        counters.accept_error();
                        tracing::warn!(%error, "cannot accept a connection");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
            }
        }
        // Who had connected when the drain began stands in the kernel's queue, and closing would reset it.
        let last = tokio::time::Instant::now() + SWEEP;
        while let Ok(Ok((stream, peer, permit))) = tokio::time::timeout_at(last, next(&bound, &permits)).await {
            let house = Arc::clone(&house);
            let place = Place::take(&counters, permit);
            tasks.spawn(async move {
                house.serve(stream, peer).await;
                drop(place);
            });
        }
        drop(bound);
        let finished = tokio::time::timeout(settings.drain, async {
            while let Some(ended) = tasks.join_next().await {
                note(&counters, ended);
            }
            house.streams.close();
            house.streams.wait().await;
        });
        let cut_off = match finished.await {
            Ok(()) => 0,
            Err(_) => tasks.len(),
        };
        cut.cancel();
        tasks.shutdown().await;
        house.streams.close();
        house.streams.wait().await;
        Drained { cut: cut_off }
    }
}

/// The next connection, once there is room for it. Cancel safe.
async fn next(bound: &Bound, permits: &Arc<Semaphore>) -> io::Result<(Stream, Peer, OwnedSemaphorePermit)> {
    let permit = Arc::clone(permits).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = bound.accept().await?;
    Ok((stream, peer, permit))
}

/// Errors of a connection that was gone before we took it (accept(2), "Error handling").
fn is_the_peers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted, InvalidInput, NotConnected, TimedOut};
    matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted | InvalidInput | NotConnected | TimedOut)
}

/// A panic outside a handler ends its connection only, and is counted.
fn note(counters: &Counters, ended: Result<(), JoinError>) {
    if ended.is_err_and(|error| error.is_panic()) {
        counters.panic();
    }
}

/// A connection's place: its permit and its count.
struct Place {
    counters: Arc<Counters>,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    fn take(counters: &Arc<Counters>, permit: OwnedSemaphorePermit) -> Self {
        counters.opened();
        Self { counters: Arc::clone(counters), _permit: permit }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.counters.closed();
    }
}
