//! Revocation at once: since when a person's snapshot claims are not believed any more.
//!
//! A claim inside a self-contained cookie says what was true when the cookie was made; a cookie on another device
//! says it for weeks. `POST /consent/invalidate` notes the time here, and from the next request on such a claim
//! counts only when it says itself that it was issued later, or when a record grants again (product invariant 7).
//!
//! The table is bounded. When it is full, its older half gives way to one floor for everybody: it can forget who was
//! invalidated, never that somebody was. With a store the time is written there as well and survives a restart.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::clock::UnixMillis;
use crate::person::AppUserId;
use crate::store::{Change, ConsentStore, Record, StoreError};

/// How long the store may take to record an objection.
const OBJECTION_TIME: Duration = Duration::from_secs(2);
/// How many people are remembered: about 4 MB when full.
const CAPACITY: usize = 100_000;

/// The times of invalidation that this process knows.
pub struct Invalidations {
    table: Mutex<Table>,
    capacity: usize,
}

#[derive(Default)]
struct Table {
    times: HashMap<[u8; 16], UnixMillis>,
    floor: Option<UnixMillis>,
}

impl Default for Invalidations {
    fn default() -> Self {
        Self::with_capacity(CAPACITY)
    }
}

impl Invalidations {
    /// A table that remembers so many people.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self { table: Mutex::default(), capacity: capacity.max(1) }
    }

    /// Notes that claims about this person issued at `at` or before are not to be believed.
    pub fn note(&self, realm: &str, user: &AppUserId, at: UnixMillis) {
        let mut table = self.lock();
        if table.times.len() >= self.capacity {
            table.forget_older_half();
        }
        let time = table.times.entry(key(realm, user)).or_insert(at);
        *time = (*time).max(at);
    }

    /// Since when claims about this person are not believed.
    #[must_use]
    pub fn since(&self, realm: &str, user: &AppUserId) -> Option<UnixMillis> {
        let table = self.lock();
        table.times.get(&key(realm, user)).copied().max(table.floor)
    }

    /// Takes over everything that another table remembers.
    pub fn adopt(&self, other: &Self) {
        let (times, floor) = {
            let other = other.lock();
            (other.times.clone(), other.floor)
        };
        let mut table = self.lock();
        table.floor = table.floor.max(floor);
        for (key, at) in times {
            if table.times.len() >= self.capacity {
                table.forget_older_half();
            }
            let time = table.times.entry(key).or_insert(at);
            *time = (*time).max(at);
        }
    }

    /// How many people are remembered by themselves.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().times.len()
    }

    /// True when nobody is remembered by themselves.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // A panic while the lock was held leaves a table that is still a table.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn forget_older_half(&mut self) {
        let mut times = self.times.values().copied().collect::<Vec<_>>();
        let middle = times.len() / 2;
        let (_, median, _) = times.select_nth_unstable(middle);
        let floor = *median;
        self.times.retain(|_, time| *time > floor);
        self.floor = self.floor.max(Some(floor));
    }
}

/// A person as the table knows them. The table never leaves the process, so the digest needs no key.
fn key(realm: &str, user: &AppUserId) -> [u8; 16] {
    let mut hash = Sha256::new();
    hash.update(u64::try_from(realm.len()).unwrap_or(u64::MAX).to_be_bytes());
    hash.update(realm);
    hash.update(user.expose());
    let mut key = [0; 16];
    key.iter_mut().zip(hash.finalize()).for_each(|(slot, byte)| *slot = byte);
    key
}

/// What the admin listener holds to carry out `POST /consent/invalidate`.
#[derive(Clone)]
pub struct Revocation {
    invalidations: Arc<Invalidations>,
    store: Option<Arc<dyn ConsentStore>>,
}

impl Revocation {
    /// Over the table that the policies read, and the store if one is open.
    #[must_use]
    pub fn new(invalidations: Arc<Invalidations>, store: Option<Arc<dyn ConsentStore>>) -> Self {
        Self { invalidations, store }
    }

    /// Takes over what an earlier configuration was told, so that a reload forgets no revocation.
    pub fn adopt(&self, earlier: &Self) {
        self.invalidations.adopt(&earlier.invalidations);
    }

    /// True when choices are recorded here.
    #[must_use]
    pub fn keeps_records(&self) -> bool {
        self.store.is_some()
    }

    /// The store, where one is open.
    #[must_use]
    pub fn store(&self) -> Option<&dyn ConsentStore> {
        self.store.as_deref()
    }

    /// Carries out a change that depends on the person's record, and ends what their older claims say.
    ///
    /// # Errors
    /// When the store did not take it.
    pub async fn lower(
        &self,
        realm: &str,
        user: &AppUserId,
        change: impl FnOnce(&Record) -> Change + Send,
        at: UnixMillis,
    ) -> Result<(), StoreError> {
        let Some(store) = &self.store else { return Ok(()) };
        let now = store.get(realm, user, OBJECTION_TIME).await?;
        store.change(realm, user, change(&now), at, OBJECTION_TIME).await?;
        Ok(())
    }

    /// From the next request on, claims about this person issued at `at` or before are not believed.
    ///
    /// # Errors
    /// When the store did not take it. It holds in this process all the same, but not after a restart and not in
    /// another replica.
    pub async fn invalidate(
        &self,
        realm: &str,
        user: &AppUserId,
        at: UnixMillis,
        deadline: Duration,
    ) -> Result<(), StoreError> {
        self.invalidations.note(realm, user, at);
        if let Some(store) = &self.store {
            store.change(realm, user, Change::Invalidate, at, deadline).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Invalidations;
    use crate::clock::UnixMillis;
    use crate::person::AppUserId;

    fn user(id: &str) -> AppUserId {
        AppUserId::from_text(id).unwrap()
    }

    #[test]
    fn a_person_is_invalidated_in_one_realm_and_the_latest_time_counts() {
        let table = Invalidations::default();
        table.note("shop", &user("u1"), UnixMillis(10));
        table.note("shop", &user("u1"), UnixMillis(5));
        assert_eq!(table.since("shop", &user("u1")), Some(UnixMillis(10)));
        assert_eq!(table.since("shop", &user("u2")), None);
        assert_eq!(table.since("sho", &user("pu1")), None);
    }

    #[test]
    fn a_table_that_takes_over_keeps_the_later_time_of_both() {
        let (old, new) = (Invalidations::default(), Invalidations::default());
        old.note("shop", &user("u1"), UnixMillis(10));
        old.note("shop", &user("u2"), UnixMillis(10));
        new.note("shop", &user("u2"), UnixMillis(20));
        new.adopt(&old);
        assert_eq!(new.since("shop", &user("u1")), Some(UnixMillis(10)));
        assert_eq!(new.since("shop", &user("u2")), Some(UnixMillis(20)));
    }

    #[test]
    fn a_full_table_forgets_who_but_never_that() {
        let table = Invalidations::with_capacity(8);
        for number in 0..1000 {
            table.note("shop", &user(&number.to_string()), UnixMillis(number));
            assert!(table.len() <= 8);
        }
        for number in 0..1000 {
            assert!(table.since("shop", &user(&number.to_string())) >= Some(UnixMillis(number)));
        }
    }
}
