//! Which files are known, and how much of them is kept.

use std::collections::HashMap;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue};
use tokio::sync::watch;

use super::copy::Copy;
use crate::clock::UnixMillis;

/// Files that are known at once.
const ENTRIES: usize = 256;
/// Bytes of all copies together.
const BYTES: usize = 32 * 1024 * 1024;

/// What is known of a file.
pub(super) enum Known {
    /// A copy that needs no question.
    Fresh(Arc<Copy>),
    /// The vendor said not long ago that there is none.
    Absent,
    /// The vendor failed a moment ago; perhaps there is an older copy.
    Resting(Option<Arc<Copy>>),
    /// It is being fetched.
    Coming(watch::Receiver<()>),
    /// It should be fetched; with the vendor's tag of the copy that is here.
    Due(Option<HeaderValue>),
}

#[derive(Default)]
struct Entry {
    copy: Option<Arc<Copy>>,
    flight: Option<watch::Receiver<()>>,
    absent_until: Option<UnixMillis>,
    resting_until: Option<UnixMillis>,
    used: u64,
}

/// The table.
#[derive(Default)]
pub(super) struct Table {
    entries: HashMap<String, Entry>,
    turn: u64,
}

impl Table {
    pub(super) fn look(&mut self, key: &str, now: UnixMillis) -> Known {
        self.turn += 1;
        let turn = self.turn;
        let Some(entry) = self.entries.get_mut(key) else { return Known::Due(None) };
        entry.used = turn;
        let copy = entry.copy.as_ref().filter(|copy| now < copy.good_until);
        if let Some(copy) = copy.filter(|copy| now < copy.fresh_until) {
            return Known::Fresh(Arc::clone(copy));
        }
        if entry.absent_until.is_some_and(|until| now < until) {
            return Known::Absent;
        }
        if entry.resting_until.is_some_and(|until| now < until) {
            return Known::Resting(copy.cloned());
        }
        // A flight whose sender is gone has landed, or crashed.
        match entry.flight.as_ref().filter(|flight| flight.has_changed().is_ok()) {
            Some(flight) => Known::Coming(flight.clone()),
            None => Known::Due(copy.and_then(|copy| copy.vendor_tag.clone())),
        }
    }

    /// The copy, if it is still good.
    pub(super) fn copy(&self, key: &str, now: UnixMillis) -> Option<Arc<Copy>> {
        self.entries.get(key)?.copy.as_ref().filter(|copy| now < copy.good_until).cloned()
    }

    pub(super) fn depart(&mut self, key: &str, flight: watch::Receiver<()>) {
        self.entry(key).flight = Some(flight);
    }

    pub(super) fn keep(&mut self, key: &str, copy: Arc<Copy>, _now: UnixMillis) {
        *self.entry(key) = Entry { copy: Some(copy), used: self.turn, ..Entry::default() };
        self.shrink(key);
    }

    /// False when there is nothing to confirm.
    pub(super) fn confirm(&mut self, key: &str, headers: &HeaderMap, now: UnixMillis) -> bool {
        let entry = self.entry(key);
        let Some(copy) = entry.copy.take() else { return false };
        entry.copy = Some(Arc::new(copy.confirmed(headers, now)));
        (entry.flight, entry.resting_until, entry.absent_until) = (None, None, None);
        true
    }

    pub(super) fn absent(&mut self, key: &str, until: UnixMillis) {
        *self.entry(key) = Entry { absent_until: Some(until), used: self.turn, ..Entry::default() };
    }

    pub(super) fn rest(&mut self, key: &str, until: UnixMillis) {
        let entry = self.entry(key);
        entry.flight = None;
        entry.resting_until = Some(until);
    }

    fn entry(&mut self, key: &str) -> &mut Entry {
        if !self.entries.contains_key(key) && self.entries.len() >= ENTRIES {
            self.forget_oldest(key);
        }
        let used = self.turn;
        self.entries.entry(key.to_owned()).or_insert_with(|| Entry { used, ..Entry::default() })
    }

    /// Lets go of what was not used for longest, until the bytes fit; the named one stays.
    fn shrink(&mut self, kept: &str) {
        while self.bytes() > BYTES && self.forget_oldest(kept) {}
    }

    /// Files that nobody has a copy of go first: names that were made up must not push out real ones.
    fn forget_oldest(&mut self, kept: &str) -> bool {
        let others = self.entries.iter().filter(|(key, _)| key.as_str() != kept);
        let oldest = others.min_by_key(|(_, entry)| (entry.copy.is_some(), entry.used)).map(|(key, _)| key.clone());
        oldest.is_some_and(|key| self.entries.remove(&key).is_some())
    }

    pub(super) fn bytes(&self) -> usize {
        self.entries.values().filter_map(|entry| entry.copy.as_ref()).map(|copy| copy.size()).sum()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}
