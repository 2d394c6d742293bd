//! The vendors' scripts and static files, fetched in our own name and kept.
//!
//! Promise: one fetch at a time for one file, however many ask; a page waits a second at most and then gets the copy of
//! before, or a quick 502; nothing but a whole answer of status 200 with the type that its name says is ever kept or
//! given; nothing of a visitor's request reaches the vendor, and no field of the vendor but the type reaches the page.
//! A copy is fresh as long as the vendor's `Cache-Control` says (a minute at least, a day at most) and is good for a
//! week when the vendor fails (RFC 5861 section 4). Entries, bytes and fetches at once are bounded. Input: a key, a way
//! to fetch, the visitor's conditional fields. Output: a [`Reply`] and the word for the metrics.

mod copy;
mod table;

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::sync::{Semaphore, watch};
use tokio_util::task::TaskTracker;

use self::copy::Copy;
use self::table::{Known, Table};
use crate::clock::Clock;
use crate::reply::Reply;

/// How long a page waits for a file that is not here.
const PATIENCE: Duration = Duration::from_secs(1);
/// Fetches at once, over all files.
const FETCHES: usize = 8;
/// After a failure the vendor is left alone for this long.
const RESPITE: Duration = Duration::from_secs(10);
/// How long a 404 is believed.
const ABSENCE: Duration = Duration::from_secs(60);

/// What a fetch gave.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The vendor's status.
    pub status: StatusCode,
    /// The vendor's fields.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

/// How an asset was answered: the word in the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Served {
    /// From a fresh copy.
    Hit,
    /// Fetched now.
    Fetched,
    /// From a copy that was due, since the vendor failed or was slow.
    Stale,
    /// The vendor has no such file.
    Absent,
    /// There is nothing to give.
    Failed,
}

impl Served {
    /// The word in metrics and logs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Fetched => "fetched",
            Self::Stale => "stale",
            Self::Absent => "absent",
            Self::Failed => "failed",
        }
    }
}

/// All copies of the process.
pub struct Assets {
    table: Mutex<Table>,
    fetches: Arc<Semaphore>,
    tasks: TaskTracker,
    clock: Arc<dyn Clock>,
}

/// The path and query that the vendor is asked for: of the query only a plain `v`, which the vendors' scripts use to get
/// past caches, so that nobody can fill the cache or the vendor's logs with words of their own.
#[must_use]
pub fn target(path: &str, query: Option<&str>) -> Option<PathAndQuery> {
    let allowed = |value: &&str| {
        (1..=32).contains(&value.len())
            && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    };
    let version = query.unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("v=")).filter(allowed);
    match version {
        Some(version) => format!("{path}?v={version}").parse().ok(),
        None => path.parse().ok(),
    }
}

impl Assets {
    /// An empty cache.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { table: Mutex::default(), fetches: Arc::new(Semaphore::new(FETCHES)), tasks: TaskTracker::new(), clock }
    }

    /// Answers a GET. `key` names the file at its upstream; `fetch` asks the vendor, given the entity tag of the copy
    /// that is here, and has a deadline of its own; it fails with a word. `visitor` is read for `If-None-Match` and
    /// `Accept-Encoding` alone.
    pub async fn get<F, R>(self: &Arc<Self>, key: &str, visitor: &HeaderMap, fetch: F) -> (Reply, Served)
    where
        F: FnOnce(Option<HeaderValue>) -> R + Send + 'static,
        R: Future<Output = Result<Fetched, &'static str>> + Send + 'static,
    {
        let now = self.clock.now();
        let mut flight = {
            let mut table = self.lock();
            match table.look(key, now) {
                Known::Fresh(copy) => return (copy.reply(visitor, now), Served::Hit),
                Known::Absent => return (Reply::not_found(), Served::Absent),
                Known::Resting(Some(copy)) => return (copy.reply(visitor, now), Served::Stale),
                Known::Resting(None) => return (unavailable(), Served::Failed),
                Known::Coming(flight) => flight,
                Known::Due(tag) => match Arc::clone(&self.fetches).try_acquire_owned() {
                    Ok(permit) => {
                        let (landed, flight) = watch::channel(());
                        table.depart(key, flight.clone());
                        let this = Arc::clone(self);
                        let key = key.to_owned();
                        self.tasks.spawn(async move {
                            let outcome = fetch(tag).await;
                            this.settle(&key, outcome);
                            // Who waits hears it by the end of the channel, also when the fetch panics.
                            drop((landed, permit));
                        });
                        flight
                    }
                    Err(_) => return self.at_hand(key, visitor, Served::Stale),
                },
            }
        };
        // The channel ends with the flight; that is all it says.
        let _ = tokio::time::timeout(PATIENCE, flight.changed()).await;
        self.at_hand(key, visitor, Served::Fetched)
    }

    /// What is here after waiting; `fresh` is the word for a copy that is fresh.
    fn at_hand(&self, key: &str, visitor: &HeaderMap, fresh: Served) -> (Reply, Served) {
        let now = self.clock.now();
        let mut table = self.lock();
        match table.look(key, now) {
            Known::Fresh(copy) => return (copy.reply(visitor, now), fresh),
            Known::Absent => return (Reply::not_found(), Served::Absent),
            _ => {}
        }
        match table.copy(key, now) {
            Some(copy) => (copy.reply(visitor, now), Served::Stale),
            None => (unavailable(), Served::Failed),
        }
    }

    /// Enters what a fetch gave.
    fn settle(&self, key: &str, outcome: Result<Fetched, &'static str>) {
        let now = self.clock.now();
        let mut table = self.lock();
        match outcome {
            Ok(fetched) if fetched.status == StatusCode::NOT_MODIFIED => {
                if !table.confirm(key, &fetched.headers, now) {
                    table.rest(key, now.after(RESPITE));
                }
            }
            Ok(fetched) if matches!(fetched.status, StatusCode::NOT_FOUND | StatusCode::GONE) => {
                table.absent(key, now.after(ABSENCE));
            }
            Ok(fetched) => match Copy::of(key, fetched, now) {
                Ok(copy) => table.keep(key, Arc::new(copy), now),
                Err(problem) => {
                    tracing::warn!(problem, "a vendor's file is not passed on");
                    table.rest(key, now.after(RESPITE));
                }
            },
            Err(_) => table.rest(key, now.after(RESPITE)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unavailable() -> Reply {
    Reply::text(StatusCode::BAD_GATEWAY, "the script is not available\n")
}

#[cfg(test)]
mod tests;
