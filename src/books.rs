//! The books of one upstream: `received = sum of outcomes + in flight`, at every look (product invariant 3).
//!
//! One short lock keeps the three in step; a scrape that read separate atomics could see an event in two places or
//! in none. The lock is held for a few additions and never across a wait.

use std::sync::{Mutex, PoisonError};

use crate::outcome::Outcome;
use crate::payload::batch::Accounting;

/// A consistent copy of the books.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Page {
    /// Events that arrived since the process started.
    pub received: u64,
    /// Events that have not ended yet.
    pub in_flight: u64,
    outcomes: [u64; Outcome::ALL.len()],
}

impl Page {
    /// How many events ended this way.
    #[must_use]
    pub fn ended(&self, outcome: Outcome) -> u64 {
        self.outcomes.get(outcome as usize).copied().unwrap_or_default()
    }

    /// Whether every event is accounted for.
    #[must_use]
    pub fn balances(&self) -> bool {
        self.received == self.in_flight + self.outcomes.iter().sum::<u64>()
    }
}

/// The books themselves; shared by all requests of an upstream.
#[derive(Debug, Default)]
pub struct Books(Mutex<Page>);

impl Books {
    /// Enters events that arrived.
    fn receive(&self, events: u64) {
        self.change(|page| {
            page.received += events;
            page.in_flight += events;
        });
    }

    /// Enters the end of one event that was received before.
    fn end(&self, outcome: Outcome) {
        self.change(|page| {
            page.in_flight = page.in_flight.saturating_sub(1);
            if let Some(count) = page.outcomes.get_mut(outcome as usize) {
                *count += 1;
            }
        });
    }

    /// Enters an event that arrived and ended at once, such as a body that cannot be read.
    pub fn refuse(&self, outcome: Outcome) {
        self.receive(1);
        self.end(outcome);
    }

    /// The current state.
    #[must_use]
    pub fn page(&self) -> Page {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, entry: impl FnOnce(&mut Page)) {
        entry(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Accounting for Books {
    fn received(&self, events: usize) {
        self.receive(u64::try_from(events).unwrap_or(u64::MAX));
    }

    fn ended(&self, outcome: Outcome) {
        self.end(outcome);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_stand_in_their_own_places() {
        for (index, outcome) in Outcome::ALL.into_iter().enumerate() {
            assert_eq!(outcome as usize, index, "{}", outcome.word());
        }
    }

    #[test]
    fn the_books_balance_at_every_look() {
        let books = Books::default();
        books.receive(3);
        assert!(books.page().balances());
        books.end(Outcome::Attributed);
        books.refuse(Outcome::Malformed);
        let page = books.page();
        assert!(page.balances());
        assert_eq!((page.received, page.in_flight), (4, 2));
        assert_eq!(page.ended(Outcome::Malformed), 1);
    }

    #[test]
    fn the_books_balance_under_concurrent_entries() {
        let books = Books::default();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..5000 {
                        books.receive(2);
                        books.end(Outcome::Off);
                        books.end(Outcome::Local);
                    }
                });
            }
            for _ in 0..2000 {
                assert!(books.page().balances());
            }
        });
        assert_eq!(books.page().received, 40_000);
        assert_eq!(books.page().in_flight, 0);
    }
}
