//! Key derivations that cost milliseconds, done for values that anybody can send.
//!
//! Promise: junk cannot buy more than a fixed share of a processor. A derivation is paid from a budget of the whole
//! reader and from one of the sender's network; when either is spent the answer is `Unavailable`, and the event goes
//! on without identity. What was derived once is remembered under a hash of the value, good and bad alike, so a
//! visitor pays once; the same value asked for twice at a time is derived once. The work is done on the runtime's
//! threads for blocking work, at most [`AT_ONCE`] at a time, and is waited for no longer than the deadline; what
//! comes later is remembered for the next request.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::sync::Cache;
use sha2::{Digest as _, Sha256};
use tokio::sync::{OnceCell, Semaphore};

use crate::clock::UnixMillis;
use crate::config::units::Rate;
use crate::session::context::Context;
use crate::session::refusal::Refusal;

/// How many results are remembered.
const REMEMBERED: usize = 8192;
/// How many derivations run at once.
const AT_ONCE: usize = 2;
/// How many networks are told apart. Two that fall together share a budget.
const NETWORKS: usize = 4096;
/// The share of the whole budget that one network may use.
const SHARE: u32 = 8;

/// The whole budget by default: at a few milliseconds each, a fifth of one processor.
pub(crate) const DEFAULT: Rate = Rate { count: 50, per: std::time::Duration::from_secs(1) };

type Slot<T> = Arc<OnceCell<Result<T, Refusal>>>;

/// The budget and the memory of one reader.
pub(crate) struct Derivations<T> {
    remembered: Cache<[u8; 32], Slot<T>>,
    running: Arc<Semaphore>,
    budgets: Mutex<Budgets>,
}

/// One derivation.
pub(crate) struct Job<F> {
    /// What it is remembered under.
    pub(crate) name: [u8; 32],
    /// How many derivations it may take.
    pub(crate) cost: u32,
    /// The work; its refusals must be definite.
    pub(crate) work: F,
}

struct Budgets {
    whole: Bucket,
    networks: Vec<Bucket>,
}

/// A bucket that fills at a steady rate up to two seconds' worth.
#[derive(Clone)]
struct Bucket {
    capacity: i64,
    /// Thousandths of a derivation per millisecond, that is derivations per second.
    rate: i64,
    millis: i64,
    level: i64,
}

impl<T: Clone + Send + Sync + 'static> Derivations<T> {
    /// Starts with full budgets and nothing remembered.
    pub(crate) fn new(rate: Rate) -> Self {
        let per_second =
            u64::from(rate.count).saturating_mul(1000) / u64::try_from(rate.per.as_millis()).unwrap_or(1000).max(1);
        let per_second = i64::try_from(per_second).unwrap_or(i64::MAX).max(1);
        let network = Bucket::new((per_second / i64::from(SHARE)).max(1));
        Self {
            remembered: Cache::new(REMEMBERED),
            running: Arc::new(Semaphore::new(AT_ONCE)),
            budgets: Mutex::new(Budgets { whole: Bucket::new(per_second), networks: vec![network; NETWORKS] }),
        }
    }

    /// Does the job, or recalls what it gave.
    pub(crate) async fn run<F>(&self, job: Job<F>, context: &Context<'_>) -> Result<T, Refusal>
    where
        F: FnOnce() -> Result<T, Refusal> + Send + 'static,
    {
        let Job { name, cost, work } = job;
        if let Some(known) = self.remembered.get(&name).as_ref().and_then(|slot| slot.get()) {
            return known.clone();
        }
        if !self.pay(cost, context.address, context.now) {
            return Err(Refusal::Unavailable);
        }
        let permit = Arc::clone(&self.running);
        let slot = self.remembered.get_or_insert_with(&name, || Ok::<_, Refusal>(Slot::default()))?;
        let filled = async {
            let result = slot.get_or_try_init(|| async {
                let permit = permit.acquire_owned().await.map_err(|_| Refusal::Unavailable)?;
                let late = Arc::clone(&slot);
                let done = tokio::task::spawn_blocking(move || {
                    let result = work();
                    drop(permit);
                    // Takes effect when nobody waits any more; otherwise the one who waits fills the slot.
                    if result.as_ref().err().is_none_or(|refusal| refusal.is_definite()) {
                        drop(late.set(result.clone()));
                    }
                    result
                });
                match done.await {
                    Ok(Err(refusal)) if !refusal.is_definite() => Err(refusal),
                    Ok(result) => Ok(result),
                    Err(_) => Err(Refusal::Unavailable),
                }
            });
            result.await?.clone()
        };
        tokio::time::timeout_at(context.until, filled).await.unwrap_or(Err(Refusal::Unavailable))
    }

    /// Takes the cost from both budgets, or from neither.
    fn pay(&self, cost: u32, address: Option<IpAddr>, now: UnixMillis) -> bool {
        let cost = i64::from(cost);
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        let Budgets { whole, networks } = &mut *budgets;
        let mut network = address.and_then(|address| networks.get_mut(place(address)));
        let allowed = network.as_mut().is_none_or(|network| network.has(cost, now)) && whole.has(cost, now);
        if allowed {
            whole.take(cost);
            if let Some(network) = network {
                network.take(cost);
            }
        }
        allowed
    }
}

/// The place of an address's network: the address itself, or the /64 of IPv6.
fn place(address: IpAddr) -> usize {
    let network = match address {
        IpAddr::V4(address) => u64::from(u32::from(address)),
        IpAddr::V6(address) => u64::try_from(u128::from(address) >> 64).unwrap_or(0),
    };
    let hash: [u8; 32] = Sha256::digest(network.to_le_bytes()).into();
    hash.iter().take(4).fold(0, |place, byte| (place * 256 + usize::from(*byte)) % NETWORKS)
}

impl Bucket {
    const fn new(per_second: i64) -> Self {
        let capacity = per_second.saturating_mul(2).saturating_mul(1000);
        Self { capacity, rate: per_second, millis: i64::MIN, level: capacity }
    }

    /// Fills up to the time, and says whether so much is there. A clock that goes back fills nothing.
    fn has(&mut self, cost: i64, now: UnixMillis) -> bool {
        let passed = now.0.saturating_sub(self.millis).max(0);
        self.level = self.level.saturating_add(passed.saturating_mul(self.rate)).min(self.capacity);
        self.millis = self.millis.max(now.0);
        self.level >= cost.saturating_mul(1000)
    }

    const fn take(&mut self, cost: i64) {
        self.level -= cost.saturating_mul(1000);
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, mpsc};
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Derivations, Job};
    use crate::clock::UnixMillis;
    use crate::config::units::Rate;
    use crate::cookies::Cookies;
    use crate::session::context::Context;
    use crate::session::pick::{Others, Pick};
    use crate::session::refusal::Refusal;

    const RATE: Rate = Rate { count: 16, per: Duration::from_secs(1) };

    fn run(
        derivations: &Derivations<u8>,
        name: u8,
        address: Option<&str>,
        millis: i64,
        work: impl FnOnce() -> Result<u8, Refusal> + Send + 'static,
    ) -> Result<u8, Refusal> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let cookies = Cookies::default();
        let address: Option<IpAddr> = address.map(|text| text.parse().unwrap());
        let others = Others { cookies: &cookies, pick: Pick::PLAIN };
        let context =
            Context { now: UnixMillis(millis), until: Instant::now() + Duration::from_millis(200), address, others };
        runtime.block_on(derivations.run(Job { name: [name; 32], cost: 1, work }, &context))
    }

    #[test]
    fn what_was_derived_once_is_remembered_good_or_bad() {
        let derivations = Derivations::new(RATE);
        let counter = Arc::new(AtomicUsize::new(0));
        for (name, result) in [(1, Ok(7)), (2, Err(Refusal::BadSignature))] {
            for _ in 0..3 {
                let counter = Arc::clone(&counter);
                let found = run(&derivations, name, None, 0, move || {
                    counter.fetch_add(1, Ordering::Relaxed);
                    result
                });
                assert_eq!(found, result);
            }
        }
        assert_eq!(counter.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn a_spent_budget_refuses_until_it_fills_again() {
        let derivations = Derivations::new(RATE);
        for name in 0..32 {
            assert_eq!(run(&derivations, name, None, 0, || Ok(1)), Ok(1));
        }
        assert_eq!(run(&derivations, 100, None, 0, || Ok(1)), Err(Refusal::Unavailable));
        assert_eq!(run(&derivations, 1, None, 0, || Ok(2)), Ok(1), "what is remembered costs nothing");
        assert_eq!(run(&derivations, 100, None, 62, || Ok(1)), Err(Refusal::Unavailable));
        assert_eq!(run(&derivations, 100, None, 63, || Ok(1)), Ok(1));
    }

    #[test]
    fn one_network_cannot_spend_everybody_s_budget() {
        let derivations = Derivations::new(RATE);
        for name in 0..4 {
            assert_eq!(run(&derivations, name, Some("2001:db8::1"), 0, || Ok(1)), Ok(1));
        }
        assert_eq!(run(&derivations, 5, Some("2001:db8::2"), 0, || Ok(1)), Err(Refusal::Unavailable));
        assert_eq!(run(&derivations, 6, Some("192.0.2.1"), 0, || Ok(1)), Ok(1));
    }

    #[test]
    fn a_late_result_is_there_for_the_next_request() {
        let derivations = Derivations::new(RATE);
        let (release, wait) = mpsc::channel::<()>();
        let (finished, done) = mpsc::channel::<()>();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let cookies = Cookies::default();
        let others = Others { cookies: &cookies, pick: Pick::PLAIN };
        let context =
            Context { now: UnixMillis(0), until: Instant::now() + Duration::from_millis(1), address: None, others };
        let work = move || {
            wait.recv().ok();
            finished.send(()).ok();
            Ok(9)
        };
        let job = Job { name: [9; 32], cost: 1, work };
        assert_eq!(runtime.block_on(derivations.run(job, &context)), Err(Refusal::Unavailable));
        release.send(()).unwrap();
        done.recv().unwrap();
        drop(runtime);
        assert_eq!(run(&derivations, 9, None, 0, || Ok(1)), Ok(9));
    }
}
