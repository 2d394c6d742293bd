//! Connections that are kept between questions.
//!
//! Promise: at most [`MOST`] questions are under way and as many connections are being made; one that nobody used for
//! [`IDLE`] is closed. A connection is made by a task of the pool, so that one that takes longer than an event may
//! wait is there for the next event. After a connection could not be made nobody tries again for [`PAUSE`]: a back
//! end that is down costs nothing. The tasks end with the pool.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::Trouble;

/// How many connections are kept.
const MOST: usize = 2;
/// How long an unused one is kept.
const IDLE: Duration = Duration::from_secs(60);
/// How long making one may take.
const DIAL: Duration = Duration::from_secs(5);
/// How long nobody tries after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// Makes connections.
pub(super) trait Dial: Send + Sync + 'static {
    /// A connection that is ready for a question.
    type Connection: Send + 'static;

    /// Makes one.
    fn dial(&self) -> impl Future<Output = Result<Self::Connection, Trouble>> + Send;
}

/// The connections to one back end.
pub(super) struct Pool<D: Dial> {
    shared: Arc<Shared<D>>,
    tasks: Mutex<JoinSet<()>>,
}

struct Shared<D: Dial> {
    dial: D,
    questions: Arc<Semaphore>,
    dials: Arc<Semaphore>,
    state: Mutex<State<D::Connection>>,
}

struct State<C> {
    kept: Vec<(C, Instant)>,
    /// A task closes what is too old.
    swept: bool,
    failed: Option<(Instant, Trouble)>,
}

impl<D: Dial> Pool<D> {
    /// Without any connection yet.
    pub(super) fn new(dial: D) -> Self {
        let state = Mutex::new(State { kept: Vec::new(), swept: false, failed: None });
        let (questions, dials) = (Arc::new(Semaphore::new(MOST)), Arc::new(Semaphore::new(MOST)));
        Self { shared: Arc::new(Shared { dial, questions, dials, state }), tasks: Mutex::default() }
    }

    /// What makes the connections.
    pub(super) fn dialer(&self) -> &D {
        &self.shared.dial
    }

    /// Waits for the turn to ask one question.
    pub(super) async fn turn(&self) -> Result<OwnedSemaphorePermit, Trouble> {
        Arc::clone(&self.shared.questions).acquire_owned().await.map_err(Trouble::down)
    }

    /// A connection from before. It may be broken by now.
    pub(super) fn kept(&self) -> Option<D::Connection> {
        let mut state = self.shared.state();
        std::iter::from_fn(|| state.kept.pop()).find(|(_, since)| since.elapsed() < IDLE).map(|(kept, _)| kept)
    }

    /// A new connection.
    pub(super) async fn fresh(&self) -> Result<D::Connection, Trouble> {
        let leave = Arc::clone(&self.shared.dials).acquire_owned().await.map_err(Trouble::down)?;
        if let Some((at, trouble)) = &self.shared.state().failed
            && at.elapsed() < PAUSE
        {
            return Err(trouble.clone());
        }
        // One that was made for somebody who did not wait for it.
        if let Some(kept) = self.kept() {
            return Ok(kept);
        }
        let (hand_over, arrived) = oneshot::channel();
        let shared = Arc::clone(&self.shared);
        self.start(async move {
            let made = timeout(DIAL, shared.dial.dial()).await.unwrap_or(Err(Trouble::Late));
            shared.state().failed = made.as_ref().err().map(|trouble| (Instant::now(), trouble.clone()));
            let unwanted = hand_over.send(made).err().and_then(Result::ok);
            drop(leave);
            if let Some(connection) = unwanted
                && shared.keep(connection)
            {
                shared.sweep().await;
            }
        });
        arrived.await.map_err(Trouble::down)?
    }

    /// Takes a connection back whose last answer was read to the end.
    pub(super) fn keep(&self, connection: D::Connection) {
        if self.shared.keep(connection) {
            let shared = Arc::clone(&self.shared);
            self.start(async move { shared.sweep().await });
        }
    }

    fn start(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }
}

impl<D: Dial> Shared<D> {
    fn state(&self) -> MutexGuard<'_, State<D::Connection>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True when somebody must sweep.
    fn keep(&self, connection: D::Connection) -> bool {
        let mut state = self.state();
        if state.kept.len() < MOST {
            state.kept.push((connection, Instant::now()));
        }
        !std::mem::replace(&mut state.swept, true)
    }

    /// Closes what is too old until nothing is kept.
    async fn sweep(&self) {
        loop {
            let next = {
                let mut state = self.state();
                state.kept.retain(|(_, since)| since.elapsed() < IDLE);
                let oldest = state.kept.iter().map(|(_, since)| *since).min();
                state.swept = oldest.is_some();
                oldest
            };
            match next {
                Some(oldest) => sleep_until(oldest + IDLE).await,
                None => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use tokio::time::{advance, sleep, timeout};

    use super::{Dial, IDLE, PAUSE, Pool, Trouble};

    /// Counts the connections that are open.
    struct Counter {
        takes: Duration,
        works: bool,
        open: Arc<AtomicUsize>,
        made: Arc<AtomicUsize>,
    }

    struct Open(Arc<AtomicUsize>);

    impl Drop for Open {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
    }

    impl Dial for Counter {
        type Connection = Open;

        async fn dial(&self) -> Result<Open, Trouble> {
            sleep(self.takes).await;
            self.made.fetch_add(1, Ordering::Relaxed);
            if !self.works {
                return Err(Trouble::Down("no".into()));
            }
            self.open.fetch_add(1, Ordering::Relaxed);
            Ok(Open(Arc::clone(&self.open)))
        }
    }

    fn pool(takes: Duration, works: bool) -> (Pool<Counter>, Arc<AtomicUsize>, Arc<AtomicUsize>) {
        let (open, made) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        (Pool::new(Counter { takes, works, open: Arc::clone(&open), made: Arc::clone(&made) }), open, made)
    }

    #[tokio::test(start_paused = true)]
    async fn an_unused_connection_is_closed_after_a_pause() {
        let (pool, open, _) = pool(Duration::ZERO, true);
        let connection = pool.fresh().await.ok().unwrap();
        pool.keep(connection);
        assert_eq!(open.load(Ordering::Relaxed), 1);
        tokio::task::yield_now().await;
        advance(IDLE).await;
        tokio::task::yield_now().await;
        assert_eq!(open.load(Ordering::Relaxed), 0);
        assert!(pool.kept().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_comes_too_late_is_there_for_the_next_question() {
        let (pool, _, made) = pool(Duration::from_millis(200), true);
        assert!(timeout(Duration::from_millis(50), pool.fresh()).await.is_err());
        sleep(Duration::from_millis(200)).await;
        assert!(pool.kept().is_some());
        assert_eq!(made.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_failure_nobody_tries_for_a_while() {
        let (pool, _, made) = pool(Duration::ZERO, false);
        for _ in 0..3 {
            assert!(pool.fresh().await.is_err());
        }
        assert_eq!(made.load(Ordering::Relaxed), 1);
        advance(PAUSE).await;
        assert!(pool.fresh().await.is_err());
        assert_eq!(made.load(Ordering::Relaxed), 2);
    }
}
