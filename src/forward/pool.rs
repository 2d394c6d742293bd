//! The connections of one upstream that wait for their next request.
//!
//! Bounded in number, idle time and age: an idle connection is one that the vendor may just be closing, and an old
//! one is at an address that the name may have left. A connection belongs to whoever holds its [`Lease`]: dropped
//! in the middle of an exchange it closes, so that no answer can ever be read by the wrong request.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::AbortHandle;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::ForwardError;
use super::connect::Wire;
use super::pieces::Pieces;

/// The largest head of an answer.
const MOST_HEAD: usize = 32 * 1024;

/// Bounds on an upstream's connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pooling {
    /// How many connections there may be at once: by default as many as requests in flight.
    pub connections: usize,
    /// How many of them may wait.
    pub idle: usize,
    /// How long one may wait. Vendors' front ends close theirs after 60 s or more, and a request that meets the
    /// closing half-way is lost, so ours close first.
    pub idle_time: Duration,
    /// How old one may get before the name is resolved again.
    pub age: Duration,
}

impl Default for Pooling {
    fn default() -> Self {
        Self { connections: 512, idle: 32, idle_time: Duration::from_secs(30), age: Duration::from_secs(300) }
    }
}

/// The waiting connections.
pub(super) struct Pool {
    pooling: Pooling,
    waiting: Mutex<Vec<Lease>>,
    tasks: TaskTracker,
    opened: AtomicU64,
    reused: AtomicU64,
}

impl Pool {
    pub(super) fn new(pooling: Pooling) -> Self {
        Self {
            pooling,
            waiting: Mutex::default(),
            tasks: TaskTracker::new(),
            opened: AtomicU64::new(0),
            reused: AtomicU64::new(0),
        }
    }

    /// The connection that waited for the shortest time and can be used; those that cannot are dropped.
    pub(super) fn take(&self) -> Option<Lease> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(lease) = waiting.pop() {
            if lease.sender.is_ready() && lease.is_fresh(&self.pooling) {
                self.reused.fetch_add(1, Ordering::Relaxed);
                lease.clock.busy();
                return Some(lease);
            }
        }
        None
    }

    /// Gives a connection back after a whole answer was read from it.
    pub(super) fn give_back(&self, lease: Lease) {
        if lease.sender.is_closed() || !lease.is_fresh(&self.pooling) {
            return;
        }
        lease.clock.idle();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < self.pooling.idle {
            waiting.push(lease);
        }
    }

    /// Begins to speak HTTP on a new connection. `permit` is held until the connection is closed.
    pub(super) async fn open(&self, wire: Wire, permit: OwnedSemaphorePermit) -> Result<Lease, ForwardError> {
        let mut builder = http1::Builder::new();
        builder.max_buf_size(MOST_HEAD).max_header_size(MOST_HEAD);
        let (sender, connection) = builder.handshake(TokioIo::new(wire)).await.map_err(|_| ForwardError::Protocol)?;
        let clock = Arc::new(Clock::start());
        let (pooling, watched) = (self.pooling, Arc::clone(&clock));
        let task = self.tasks.spawn(async move {
            tokio::select! {
                // The error, if there is one, is also what the request in flight gets.
                _ = connection => {}
                () = watched.expired(&pooling) => {}
            }
            drop(permit);
        });
        self.opened.fetch_add(1, Ordering::Relaxed);
        Ok(Lease { sender, clock, _task: Abort(task.abort_handle()) })
    }

    /// Connections made, and requests that found one waiting, since start.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.opened.load(Ordering::Relaxed), self.reused.load(Ordering::Relaxed))
    }

    /// Connections open now.
    pub(super) fn open_now(&self) -> usize {
        self.tasks.len()
    }
}

/// A connection in somebody's hands.
pub(super) struct Lease {
    pub(super) sender: SendRequest<Pieces>,
    clock: Arc<Clock>,
    _task: Abort,
}

impl Lease {
    fn is_fresh(&self, pooling: &Pooling) -> bool {
        self.clock.born.elapsed() < pooling.age && self.clock.waits().is_none_or(|wait| wait < pooling.idle_time)
    }
}

/// Ends a connection's task, and with it the connection, when nobody holds it any more.
struct Abort(AbortHandle);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// When a connection was made, and since when it waits.
struct Clock {
    born: Instant,
    /// Milliseconds after `born` plus one; 0 while it is in use.
    waits_since: AtomicU64,
}

impl Clock {
    fn start() -> Self {
        Self { born: Instant::now(), waits_since: AtomicU64::new(0) }
    }

    fn busy(&self) {
        self.waits_since.store(0, Ordering::Relaxed);
    }

    fn idle(&self) {
        let now = u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX - 1);
        self.waits_since.store(now + 1, Ordering::Relaxed);
    }

    /// How long it has been waiting.
    fn waits(&self) -> Option<Duration> {
        let since = self.waits_since.load(Ordering::Relaxed).checked_sub(1)?;
        Some(self.born.elapsed().saturating_sub(Duration::from_millis(since)))
    }

    /// Returns when the connection has waited for too long. Looks only when it could be so far.
    async fn expired(&self, pooling: &Pooling) {
        loop {
            let rest = match self.waits() {
                Some(wait) if wait >= pooling.idle_time => return,
                Some(wait) => pooling.idle_time - wait,
                None => pooling.idle_time,
            };
            tokio::time::sleep(rest.max(Duration::from_millis(1))).await;
        }
    }
}
