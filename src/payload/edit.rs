//! What is to change in a text, and the one place that changes it.
//!
//! [`Edits`] collects spans with what to put there, and structural changes (a member or element goes, a member comes).
//! [`splice`] puts the new text together: every byte outside an edit is the received one. Rules:
//!
//! - an outer edit beats everything inside it; of two edits of the same span the higher [`Priority`] wins, then the later;
//! - edits that overlap in part cover both ranges, so nothing meant to be removed stays;
//! - a removed member or element takes exactly one comma with it, whichever of its neighbours go as well;
//! - a fill at layer *n* stands inside *n* JSON strings and is escaped once more for each.
//!
//! Whoever adds a span keeps it off the middle of an escape: use [`Unescaped::raw`](super::document::Unescaped::raw).

use std::borrow::Cow;
use std::cell::Cell;

use super::document::{Document, Node};
use super::scan::Span;
pub use super::splice::{Spliced, pieces, splice, splice_into};
pub use super::text::{push_quoted, quoted};

/// What is written in the place of a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fill {
    /// Text, written JSON-escaped; the place is inside a string.
    Text(Cow<'static, str>),
    /// Text, written JSON-escaped with quotes around it; the place is a whole value.
    Quoted(Cow<'static, str>),
    /// A JSON fragment as it stands.
    Raw(Cow<'static, str>),
    /// Nothing.
    Nothing,
}

/// Whose edit wins when two want the same span, or when one removes what the other sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Repairs of the spelling (lone surrogates).
    Repair,
    /// Removal of personal data.
    Scrub,
    /// The pseudonym, the traits, and what must not stand beside them.
    Identity,
}

/// The changes to one document.
#[derive(Debug, Clone)]
pub struct Edits {
    pub(super) spans: Vec<Edit>,
    changes: Vec<Change>,
}

#[derive(Debug, Clone)]
pub(super) struct Edit {
    pub(super) span: Span,
    pub(super) fill: Fill,
    pub(super) layer: u8,
    pub(super) priority: Priority,
}

/// A change in the structure, resolved against the tape at the end.
#[derive(Debug, Clone)]
pub(super) struct Change {
    /// The token of the string that holds the text meant; `None`: the document itself.
    pub(super) home: Option<u32>,
    pub(super) container: u32,
    pub(super) child: u32,
    pub(super) act: Act,
    pub(super) priority: Priority,
}

#[derive(Debug, Clone)]
pub(super) enum Act {
    Remove,
    Keep,
    Replace(Fill),
    /// Key and value of a new member, or a new element.
    Insert(Fill),
}

impl Change {
    const fn place(&self) -> (Option<u32>, u32) {
        (self.home, self.container)
    }
}

thread_local! {
    /// The memory of the last edits this thread dropped, empty: a worker edits one body after the other.
    static SPARE: Cell<(Vec<Edit>, Vec<Change>)> = const { Cell::new((Vec::new(), Vec::new())) };
}

/// The most memory kept, in edits and in changes.
const SPARE_EDITS: usize = 1024;

impl Default for Edits {
    fn default() -> Self {
        let (spans, changes) = SPARE.try_with(Cell::take).unwrap_or_default();
        Self { spans, changes }
    }
}

impl Drop for Edits {
    fn drop(&mut self) {
        if self.spans.capacity() <= SPARE_EDITS && self.changes.capacity() <= SPARE_EDITS {
            self.clear();
            let memory = (std::mem::take(&mut self.spans), std::mem::take(&mut self.changes));
            // At the end of the thread there is nowhere to keep it.
            let _ = SPARE.try_with(|spare| spare.set(memory));
        }
    }
}

impl Edits {
    /// No edits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// True when nothing is to change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty() && self.changes.is_empty()
    }

    /// How many edits were written down.
    #[must_use]
    pub fn len(&self) -> usize {
        self.spans.len().saturating_add(self.changes.len())
    }

    /// Forgets all edits and keeps the memory.
    pub fn clear(&mut self) {
        self.spans.clear();
        self.changes.clear();
    }

    /// The bytes that fills may add, roughly.
    pub(super) fn added(&self) -> usize {
        let spans = self.spans.iter().map(|edit| edit.fill.len());
        let changes = self.changes.iter().map(|change| match &change.act {
            Act::Replace(fill) | Act::Insert(fill) => fill.len(),
            Act::Remove | Act::Keep => 0,
        });
        spans.chain(changes).map(|length| length.saturating_add(1)).sum()
    }

    /// The structural changes, those of one container side by side.
    pub(super) fn ordered_changes(&self) -> Cow<'_, [Change]> {
        if self.changes.is_sorted_by_key(Change::place) {
            return Cow::Borrowed(&self.changes);
        }
        let mut changes = self.changes.clone();
        changes.sort_by_key(Change::place);
        Cow::Owned(changes)
    }

    /// Replaces these bytes, for the scrub stage. `layer`: how many JSON strings are around the place (0 in the
    /// document itself, 1 in a [`Nested`](super::document::Nested) one).
    pub fn add(&mut self, span: Span, fill: Fill, layer: u8) {
        self.add_as(span, fill, layer, Priority::Scrub);
    }

    /// As [`Edits::add`] for another stage.
    pub fn add_as(&mut self, span: Span, fill: Fill, layer: u8, priority: Priority) {
        self.spans.push(Edit { span, fill, layer, priority });
    }

    /// Replaces every lone surrogate escape by `\ufffd`, which has its length and saves the event: Jason and serde_json
    /// both refuse the lone half.
    pub fn repair_surrogates(&mut self, document: &Document) {
        for span in document.lone_surrogates() {
            self.add_as(*span, Fill::Raw(Cow::Borrowed("\\ufffd")), 0, Priority::Repair);
        }
    }

    /// Replaces a whole value, quotes or brackets included.
    pub fn replace(&mut self, value: Node<'_>, fill: Fill, priority: Priority) {
        self.change(value, value, Act::Replace(fill), priority);
    }

    /// Removes a member of this object with one comma.
    pub fn remove_member(&mut self, object: Node<'_>, key: Node<'_>, priority: Priority) {
        self.change(object, key, Act::Remove, priority);
    }

    /// Removes an element of this array with one comma.
    pub fn remove_element(&mut self, array: Node<'_>, element: Node<'_>, priority: Priority) {
        self.change(array, element, Act::Remove, priority);
    }

    /// Keeps a member that a stage of lower priority wants to remove.
    pub fn keep_member(&mut self, object: Node<'_>, key: Node<'_>, priority: Priority) {
        self.change(object, key, Act::Keep, priority);
    }

    /// Adds a member at the closing brace of this object. The fragment is `"key":value`, without commas.
    pub fn insert_member(&mut self, object: Node<'_>, fragment: String) {
        self.change(object, object, Act::Insert(Fill::Raw(Cow::Owned(fragment))), Priority::Identity);
    }

    /// Adds an element at the end of this array. The fragment is a value, without commas.
    pub fn insert_element(&mut self, array: Node<'_>, fragment: String) {
        self.change(array, array, Act::Insert(Fill::Raw(Cow::Owned(fragment))), Priority::Identity);
    }

    fn change(&mut self, container: Node<'_>, child: Node<'_>, act: Act, priority: Priority) {
        let home = container.document().home();
        self.changes.push(Change { home, container: container.index(), child: child.index(), act, priority });
    }
}

impl Fill {
    fn len(&self) -> usize {
        match self {
            Self::Text(text) | Self::Quoted(text) | Self::Raw(text) => text.len().saturating_add(2),
            Self::Nothing => 0,
        }
    }
}
