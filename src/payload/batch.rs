//! The value that travels: one [`Batch`] per request, whose state type is the grant of the last stage it went through.
//!
//! A stage takes a batch of the state before it, works on events and edits, and hands on the batch with its own grant as
//! the new state. Grants have private fields, so only the stage can make them; [`Batch::encode`] exists for a state that
//! is [`Last`]. A pipeline that forgets a stage does not compile:
//!
//! ```compile_fail
//! use bauta::payload::batch::{Batch, Raw};
//! fn forward(batch: &Batch<Raw>) {
//!     let _ = batch.encode();
//! }
//! ```
//!
//! while one that goes through a grant that is the last does:
//!
//! ```
//! use bauta::payload::batch::{Batch, Grant, Last, Raw};
//! struct Permitted;
//! impl Grant<Raw> for Permitted {}
//! impl Last for Permitted {}
//! fn forward(batch: Batch<Raw>) {
//!     let _ = batch.grant(Permitted).encode();
//! }
//! ```
//!
//! Every event ends in exactly one [`Outcome`]. The [`Ledger`] counts them when it is dropped, and what was never
//! settled counts as [`Outcome::Abandoned`]: a disconnect or a contained panic loses nothing (product invariant 3).

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use super::document::{Document, Node};
use super::edit::{Edits, Priority, pieces, splice_into};
use crate::level::Level;
use crate::outcome::Outcome;

/// Where events are counted: telemetry in the program, a counter in a test.
pub trait Accounting: Send + Sync {
    /// This many events came in.
    fn received(&self, events: usize);
    /// One of them ended.
    fn ended(&self, outcome: Outcome);
}

/// What is to become of an event. A stage lowers or ends, never the reverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It goes on, at this level at most.
    Keep(Level),
    /// It has ended.
    End(Outcome),
}

/// The fates of the events of one request.
pub struct Ledger {
    fates: Vec<Fate>,
    accounting: Arc<dyn Accounting>,
}

impl Ledger {
    /// Counts so many events as received; each starts at [`Level::Full`], the top of the ladder.
    #[must_use]
    pub fn open(events: usize, accounting: Arc<dyn Accounting>) -> Self {
        accounting.received(events);
        Self { fates: vec![Fate::Keep(Level::Full); events], accounting }
    }

    /// Counts further events as received, up to so many in all.
    fn cover(&mut self, events: usize) {
        let further = events.saturating_sub(self.fates.len());
        if further > 0 {
            self.accounting.received(further);
            self.fates.resize(events, Fate::Keep(Level::Full));
        }
    }

    /// All fates, in the order of the events.
    #[must_use]
    pub fn fates(&self) -> &[Fate] {
        &self.fates
    }

    /// Lowers the level of an event that goes on; a higher level changes nothing.
    pub fn lower(&mut self, event: usize, level: Level) {
        if let Some(Fate::Keep(now)) = self.fates.get_mut(event) {
            *now = now.lower(level);
        }
    }

    /// Ends an event that goes on; the first end stays.
    pub fn end(&mut self, event: usize, outcome: Outcome) {
        if let Some(fate @ Fate::Keep(_)) = self.fates.get_mut(event) {
            *fate = Fate::End(outcome);
        }
    }

    /// Ends every event that goes on, and the ledger.
    pub fn end_all(mut self, outcome: Outcome) {
        self.settle(|_, _| outcome);
    }

    fn settle(&mut self, mut outcome: impl FnMut(usize, Level) -> Outcome) {
        for (event, fate) in self.fates.iter_mut().enumerate() {
            if let Fate::Keep(level) = *fate {
                *fate = Fate::End(outcome(event, level));
            }
        }
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        for fate in &self.fates {
            self.accounting.ended(match fate {
                Fate::Keep(_) => Outcome::Abandoned,
                Fate::End(outcome) => *outcome,
            });
        }
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ledger").field(&self.fates).finish()
    }
}

// ---------------------------------------------------------------------------------------------------------------------

/// One analytics record of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// Its value on the tape.
    pub token: u32,
    /// The array it stands in, if the request carries several.
    pub list: Option<u32>,
}

impl Event {
    /// The event of a body that is one event.
    pub const ONLY: Self = Self { token: 0, list: None };
}

/// The state of a batch that no stage has seen.
#[derive(Debug)]
pub struct Raw;

/// `T: Grant<S>`: a batch of state `S` may become one of state `T`.
pub trait Grant<From> {}

/// The state after the last stage: the batch may leave.
pub trait Last {}

/// The events of one request on their way through the stages.
#[derive(Debug)]
pub struct Batch<S> {
    document: Document,
    events: Vec<Event>,
    edits: Edits,
    ledger: Ledger,
    state: S,
}

impl Batch<Raw> {
    /// A batch at the head of the pipeline. Events that the ledger was not opened for are counted as received now.
    #[must_use]
    pub fn new(document: Document, events: Vec<Event>, mut ledger: Ledger) -> Self {
        ledger.cover(events.len());
        let mut edits = Edits::new();
        edits.repair_surrogates(&document);
        Self { document, events, edits, ledger, state: Raw }
    }
}

impl<S> Batch<S> {
    /// The body.
    #[must_use]
    pub const fn document(&self) -> &Document {
        &self.document
    }

    /// The events.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The place of an event in the body.
    #[must_use]
    pub fn node(&self, event: Event) -> Node<'_> {
        self.document.node(event.token)
    }

    /// What is to become of each event, in their order.
    #[must_use]
    pub fn fates(&self) -> &[Fate] {
        self.ledger.fates()
    }

    /// The events that go on: index, event, level.
    pub fn kept(&self) -> impl Iterator<Item = (usize, Event, Level)> {
        self.events.iter().zip(self.fates()).enumerate().filter_map(|(index, (event, fate))| match fate {
            Fate::Keep(level) => Some((index, *event, *level)),
            Fate::End(_) => None,
        })
    }

    /// What is to change so far.
    #[must_use]
    pub const fn edits(&self) -> &Edits {
        &self.edits
    }

    /// What is to change, to add to.
    pub fn edits_mut(&mut self) -> &mut Edits {
        &mut self.edits
    }

    /// The body and what is to change in it, side by side.
    pub fn parts_mut(&mut self) -> (&Document, &mut Edits) {
        (&self.document, &mut self.edits)
    }

    /// The grant of the last stage.
    #[must_use]
    pub const fn state(&self) -> &S {
        &self.state
    }

    /// Lowers the level of an event; a higher level changes nothing.
    pub fn lower(&mut self, event: usize, level: Level) {
        self.ledger.lower(event, level);
    }

    /// Ends an event: it leaves the body if others stay. The first end counts.
    pub fn end(&mut self, event: usize, outcome: Outcome) {
        if !matches!(self.fates().get(event), Some(Fate::Keep(_))) {
            return;
        }
        self.ledger.end(event, outcome);
        if let Some(Event { token, list: Some(list) }) = self.events.get(event).copied() {
            let (list, element) = (self.document.node(list), self.document.node(token));
            self.edits.remove_element(list, element, Priority::Identity);
        }
    }

    /// Ends everything that goes on, and the batch: nothing of it leaves.
    pub fn end_all(self, outcome: Outcome) {
        self.ledger.end_all(outcome);
    }

    /// Goes through a stage.
    #[must_use]
    pub fn grant<T: Grant<S>>(self, state: T) -> Batch<T> {
        let Self { document, events, edits, ledger, state: _ } = self;
        Batch { document, events, edits, ledger, state }
    }
}

impl<S: Last> Batch<S> {
    /// The body that leaves.
    #[must_use]
    pub fn encode(&self) -> Outgoing {
        if self.kept().next().is_none() {
            Outgoing::Nothing
        } else if self.edits.is_empty() {
            Outgoing::Unchanged(Bytes::copy_from_slice(self.document.text().as_bytes()))
        } else {
            let mut out = Vec::new();
            splice_into(&self.document, &self.edits, &mut out);
            Outgoing::Edited(Bytes::from(out))
        }
    }

    /// The body that leaves, as pieces of the received text: a large one is not copied. Nothing when every event has
    /// ended. What is left of the batch is to be settled.
    #[must_use]
    pub fn depart(self) -> (Vec<Bytes>, Departed) {
        let Self { document, edits, ledger, events: _, state: _ } = self;
        if !ledger.fates().iter().any(|fate| matches!(fate, Fate::Keep(_))) {
            return (Vec::new(), Departed(ledger));
        }
        let pieces = pieces(&document, &edits);
        drop(edits);
        let text = Bytes::from(document.into_text());
        let mut body = Vec::with_capacity(pieces.len().saturating_mul(2));
        for (range, fill) in pieces {
            if range.end <= text.len() {
                body.push(text.slice(range));
            }
            if !fill.is_empty() {
                body.push(Bytes::from(fill));
            }
        }
        (body, Departed(ledger))
    }

    /// Ends every event that goes on by what the vendor answered for it, and the batch.
    pub fn settle(mut self, outcome: impl FnMut(usize, Level) -> Outcome) {
        self.ledger.settle(outcome);
    }
}

/// A batch whose body has left. Events that are never settled end as [`Outcome::Abandoned`].
#[derive(Debug)]
pub struct Departed(Ledger);

impl Departed {
    /// Ends every event that went on by what the vendor answered for it.
    pub fn settle(mut self, outcome: impl FnMut(usize, Level) -> Outcome) {
        self.0.settle(outcome);
    }
}

/// What leaves.
#[derive(Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// The received bytes.
    Unchanged(Bytes),
    /// The text after the edits.
    Edited(Bytes),
    /// Every event has ended: there is nothing to send.
    Nothing,
}
