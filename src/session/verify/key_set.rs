//! A set of public keys that its issuer publishes at an address.
//!
//! Promise: tokens never wait for a fetch when their key is known. A key id that is not known is worth one fetch a
//! minute at most, whoever asks for it; a set that is older than an hour is fetched again beside the work. When a
//! fetch fails the last good keys stay. A fetch is done by a task of the set, so that one that takes longer than an
//! event may wait is there for the next event. Failure: the set stays as it is, and the cause is counted.

use std::path::Path;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use super::jwks;
use super::jwt::TokenKey;
use crate::backend::{Access, Http, Request, Trouble};
use crate::session::resolve::Tally;

/// How long a set counts as fresh.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// The shortest time between two fetches.
const PAUSE: Duration = Duration::from_secs(60);
/// The same while there is no key at all.
const PAUSE_WITHOUT: Duration = Duration::from_secs(5);
/// How long a fetch may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The largest set, in bytes.
const LARGEST: usize = 256 * 1024;

/// One published set.
pub(crate) struct KeySet {
    shared: Arc<Shared>,
    tasks: Mutex<JoinSet<()>>,
}

struct Shared {
    http: Http,
    tally: Arc<Tally>,
    keys: RwLock<Arc<Vec<TokenKey>>>,
    state: Mutex<State>,
    ended: Notify,
}

#[derive(Default)]
struct State {
    running: bool,
    tried: Option<Instant>,
    fetched: Option<Instant>,
}

impl KeySet {
    /// Reads the address; fetches when the first token comes.
    pub(crate) fn open(url: &str, ca_file: Option<&Path>, tally: Arc<Tally>) -> Result<Self, String> {
        let http = Http::open(&Access { url, password: None, ca_file, base: Path::new("") })?;
        let (keys, state, ended) = (RwLock::default(), Mutex::default(), Notify::new());
        Ok(Self { shared: Arc::new(Shared { http, tally, keys, state, ended }), tasks: Mutex::default() })
    }

    /// The keys as they are known now.
    pub(crate) fn keys(&self) -> Arc<Vec<TokenKey>> {
        let is_old = self.shared.state().fetched.is_some_and(|at| at.elapsed() >= FRESH);
        if is_old {
            self.start();
        }
        Arc::clone(&self.shared.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Fetches the set again if it may, and waits for it until the deadline. True when the set may have changed.
    pub(crate) async fn renew(&self, until: Instant) -> bool {
        let mut ended = pin!(self.shared.ended.notified());
        ended.as_mut().enable();
        self.start();
        if !self.shared.state().running {
            return false;
        }
        timeout_at(until, ended).await.is_ok()
    }

    /// Fetches the set as it is now, for `check --online`.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub(crate) async fn probe(&self, until: Instant) -> Result<(), Trouble> {
        timeout_at(until, self.shared.ask()).await.unwrap_or(Err(Trouble::Late)).map(drop)
    }

    /// Starts a fetch, unless there is one or there was one a moment ago.
    fn start(&self) {
        let is_empty = self.shared.keys.read().unwrap_or_else(PoisonError::into_inner).is_empty();
        let pause = if is_empty { PAUSE_WITHOUT } else { PAUSE };
        {
            let mut state = self.shared.state();
            if state.running || state.tried.is_some_and(|at| at.elapsed() < pause) {
                return;
            }
            state.running = true;
            state.tried = Some(Instant::now());
        }
        let shared = Arc::clone(&self.shared);
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(async move { shared.fetch().await });
    }
}

impl Shared {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn fetch(&self) {
        match timeout(PATIENCE, self.ask()).await.unwrap_or(Err(Trouble::Late)) {
            Ok(keys) => {
                *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
                self.state().fetched = Some(Instant::now());
            }
            Err(trouble) => self.tally.count(&trouble),
        }
        self.state().running = false;
        self.ended.notify_waiters();
    }

    async fn ask(&self) -> Result<Vec<TokenKey>, Trouble> {
        let response = self.http.ask(&Request::default(), LARGEST).await?;
        if response.status != 200 {
            return Err(Trouble::Refused(format!("status {}", response.status)));
        }
        // A shared secret in a published set would let everybody make tokens.
        let mut keys = jwks::read(&response.body).map_err(Trouble::Nonsense)?;
        keys.retain(TokenKey::is_public);
        if keys.is_empty() { Err(Trouble::Nonsense("no public key".into())) } else { Ok(keys) }
    }
}
