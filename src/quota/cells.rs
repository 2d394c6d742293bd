//! The memory of a keyed quota: an array of points in time with no keys in it.
//!
//! governor's limit (GCRA) needs one number per key: the theoretical arrival time of the next event. A table of
//! keys would have to throw some away when it is full, and whoever can fill it can then have *his own* thrown away
//! and start afresh. So there is no table: a key names [`WAYS`] cells of an array, its number is the *smallest* of
//! them, and an allowed event raises those that are below the new number (a count-min sketch with conservative
//! update, on points in time instead of counts).
//!
//! What follows:
//! - memory is fixed, and nothing personal is in it;
//! - a key's number is never below its true one: no flood of other keys makes anybody's limit looser;
//! - it is above it only when *all* its cells were raised by others, that is when the array is crowded with keys
//!   that are near their own limit at the same time; what passes too seldom then recovers by itself, since a
//!   point in time goes by.

use std::sync::{Mutex, PoisonError};

use governor::nanos::Nanos;
use governor::state::StateStore;

use super::keyer::Key;

/// Cells per key of the configuration: with fewer, ordinary crowds would get in each other's way.
const CELLS_PER_KEY: usize = 4;

/// Cells that one key names.
const WAYS: usize = 3;

/// Shards with a lock each; a key's cells are all in one shard.
const SHARDS: usize = 16;

/// The array.
pub(super) struct Cells(Vec<Mutex<Vec<u64>>>);

impl Cells {
    /// Room for about so many keys at once. Untouched pages cost no memory.
    pub(super) fn for_keys(keys: u32) -> Self {
        let keys = usize::try_from(keys).unwrap_or(usize::MAX).max(SHARDS);
        let per_shard = (keys.saturating_mul(CELLS_PER_KEY) / SHARDS).next_power_of_two();
        Self((0..SHARDS).map(|_| Mutex::new(vec![0; per_shard])).collect())
    }

    /// Bytes of the array.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.0.iter().map(|shard| shard.lock().unwrap().capacity() * size_of::<u64>()).sum()
    }
}

impl StateStore for Cells {
    type Key = Key;

    fn measure_and_replace<T, F, E>(&self, key: &Key, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let shard = usize::try_from(key.0 >> 60).unwrap_or_default() % SHARDS;
        let Some(shard) = self.0.get(shard) else { return decide(None).map(|(answer, _)| answer) };
        let mut cells = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let places = places(key.0, cells.len());
        let least = places.iter().filter_map(|place| cells.get(*place)).min().copied().unwrap_or(0);
        let (answer, next) = decide((least > 0).then(|| Nanos::new(least)))?;
        for place in places {
            if let Some(cell) = cells.get_mut(place) {
                *cell = (*cell).max(next.as_u64());
            }
        }
        Ok(answer)
    }
}

/// The key's cells in a shard of `cells` (a power of two): the hash is random, so its halves and their sum are
/// as good as three hashes (Kirsch and Mitzenmacher, "Less hashing, same performance").
fn places(hash: u64, cells: usize) -> [usize; WAYS] {
    let (first, step) = (hash & 0xffff_ffff, (hash >> 32) | 1);
    let mask = cells.saturating_sub(1);
    let place = |n: u64| usize::try_from(first.wrapping_add(step.wrapping_mul(n)) & 0xffff_ffff).unwrap_or(0) & mask;
    [place(0), place(1), place(2)]
}
