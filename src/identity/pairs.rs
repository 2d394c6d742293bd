//! Which random id of a browser was seen with which account, so that anonymous history becomes one person's and never
//! two people's.
//!
//! Promise: an id that was seen with two accounts belongs to nobody from then on, whoever agreed to what; for an id of one
//! account's alone, joining is said once, and again only when the saying did not arrive. Kept are hashes under a random
//! key of this process, for [`LIFE`], of at most [`MOST`] ids: more drop the least used, whose joining may then be said
//! once more, which changes nothing at the vendor. Another process knows nothing of it; there the vendor's own rule holds
//! that an id which is part of a person is not joined to another.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use quick_cache::sync::Cache;

use crate::clock::UnixMillis;
use crate::person::AppUserId;

/// How long an id is remembered, in milliseconds: 30 days.
const LIFE: i64 = 30 * 24 * 3600 * 1000;
/// How many ids are remembered: a few megabytes when full.
const MOST: usize = 50_000;

/// The ids that were seen by one upstream.
pub struct Pairs {
    seen: Cache<u128, Arc<Pair>>,
    /// Two halves of a hash that nobody outside can make collide.
    hash: [RandomState; 2],
}

/// One id of a browser.
#[derive(Default)]
struct Pair(Mutex<State>);

#[derive(Default)]
struct State {
    /// The account that it was seen with first, as a hash.
    account: Option<u128>,
    since: i64,
    shared: bool,
    said: Said,
}

/// Whether the vendor was told that the id's history is the account's.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Said {
    #[default]
    No,
    UnderWay,
    Yes,
}

/// An id that one account alone was seen with.
#[derive(Clone)]
pub struct Own(Arc<Pair>);

/// The right to tell the vendor that an id's history is its account's. Dropped, it goes to the next who asks.
pub struct Saying(Arc<Pair>);

impl Default for Pairs {
    fn default() -> Self {
        Self { seen: Cache::new(MOST), hash: [RandomState::new(), RandomState::new()] }
    }
}

impl Pairs {
    /// Notes that an account was seen with an id, and tells whether it is the only one.
    pub fn meet(&self, id: &str, account: &AppUserId, now: UnixMillis) -> Option<Own> {
        let pair = self.seen.get_or_insert_with(&self.hash("id", id), || Ok::<_, ()>(Arc::default())).ok()?;
        let account = self.hash("account", account.expose());
        let is_own = {
            let mut state = pair.state();
            if now.0.saturating_sub(state.since) > LIFE {
                *state = State { account: None, since: now.0, shared: false, said: Said::No };
            }
            match state.account {
                None => state.account = Some(account),
                Some(first) if first == account => {}
                Some(_) => state.shared = true,
            }
            !state.shared
        };
        is_own.then_some(Own(pair))
    }

    fn hash(&self, what: &str, text: &str) -> u128 {
        let [one, two] = self.hash.each_ref().map(|hash| u128::from(hash.hash_one((what, text))));
        one << 64 | two
    }
}

impl Own {
    /// Takes it on to tell the vendor; nothing when it was told, or is being told.
    #[must_use]
    pub fn say(self) -> Option<Saying> {
        let mut state = self.0.state();
        if state.said != Said::No {
            return None;
        }
        state.said = Said::UnderWay;
        drop(state);
        Some(Saying(self.0))
    }
}

impl Saying {
    /// The vendor was told.
    pub fn arrived(self) {
        self.0.state().said = Said::Yes;
    }
}

impl Drop for Saying {
    fn drop(&mut self) {
        let mut state = self.0.state();
        if state.said == Said::UnderWay {
            state.said = Said::No;
        }
    }
}

impl Pair {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0190f3a2-7c1d-7abc-8def-0123456789ab";

    fn user(id: &str) -> AppUserId {
        AppUserId::from_text(id).unwrap()
    }

    #[test]
    fn joining_is_said_once_and_again_only_when_it_did_not_arrive() {
        let pairs = Pairs::default();
        let now = UnixMillis(1_000_000);
        let first = pairs.meet(ID, &user("maria"), now).unwrap().say().unwrap();
        assert!(pairs.meet(ID, &user("maria"), now).unwrap().say().is_none(), "it is under way");
        drop(first);
        pairs.meet(ID, &user("maria"), now).unwrap().say().unwrap().arrived();
        assert!(pairs.meet(ID, &user("maria"), now).unwrap().say().is_none());
        let later = UnixMillis(now.0 + LIFE + 1);
        assert!(pairs.meet(ID, &user("maria"), later).unwrap().say().is_some());
    }

    #[test]
    fn an_id_of_two_accounts_is_nobody_s_from_then_on() {
        let pairs = Pairs::default();
        let now = UnixMillis(1_000_000);
        assert!(pairs.meet(ID, &user("maria"), now).is_some());
        assert!(pairs.meet(ID, &user("jonas"), now).is_none());
        assert!(pairs.meet(ID, &user("maria"), now).is_none());
        assert!(pairs.meet("0190f3a2-7c1d-7abc-8def-0123456789ac", &user("jonas"), now).is_some());
    }
}
