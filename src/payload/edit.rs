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
use std::cmp::Reverse;

use super::document::{Document, Nested, Node};
use super::scan::{Limits, Span};

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
#[derive(Debug, Clone, Default)]
pub struct Edits {
    spans: Vec<Edit>,
    changes: Vec<Change>,
}

#[derive(Debug, Clone)]
struct Edit {
    span: Span,
    fill: Fill,
    layer: u8,
    priority: Priority,
}

/// A change in the structure, resolved against the tape at the end.
#[derive(Debug, Clone)]
struct Change {
    /// The token of the string that holds the text meant; `None`: the document itself.
    home: Option<u32>,
    container: u32,
    child: u32,
    act: Act,
    priority: Priority,
}

#[derive(Debug, Clone)]
enum Act {
    Remove,
    Keep,
    Replace(Fill),
    /// Key and value of a new member.
    Insert(Fill),
}

impl Change {
    const fn place(&self) -> (Option<u32>, u32) {
        (self.home, self.container)
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
    fn added(&self) -> usize {
        let spans = self.spans.iter().map(|edit| edit.fill.len());
        let changes = self.changes.iter().map(|change| match &change.act {
            Act::Replace(fill) | Act::Insert(fill) => fill.len(),
            Act::Remove | Act::Keep => 0,
        });
        spans.chain(changes).map(|length| length.saturating_add(1)).sum()
    }

    /// The structural changes, those of one container side by side.
    fn ordered_changes(&self) -> Cow<'_, [Change]> {
        if self.changes.is_sorted_by_key(Change::place) {
            return Cow::Borrowed(&self.changes);
        }
        let mut changes = self.changes.clone();
        changes.sort_by_key(Change::place);
        Cow::Owned(changes)
    }

    /// Replaces these bytes, for the scrub stage. `layer`: how many JSON strings are around the place (0 in the
    /// document itself, 1 in a [`Nested`] one).
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

    fn change(&mut self, container: Node<'_>, child: Node<'_>, act: Act, priority: Priority) {
        let home = container.document().home();
        self.changes.push(Change { home, container: container.index(), child: child.index(), act, priority });
    }
}

/// What became of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spliced {
    /// Nothing was to change: the received bytes are the result.
    Unchanged,
    /// The new text.
    Edited(Vec<u8>),
}

/// Puts the changed text together.
#[must_use]
pub fn splice(document: &Document, edits: &Edits) -> Spliced {
    if edits.is_empty() {
        return Spliced::Unchanged;
    }
    let mut out = Vec::new();
    splice_into(document, edits, &mut out);
    Spliced::Edited(out)
}

/// Appends the changed text to a buffer; without edits that is the received text.
pub fn splice_into(document: &Document, edits: &Edits, out: &mut Vec<u8>) {
    let mut writer = Writer { text: document.text().as_bytes(), at: 0, out };
    writer.out.reserve(writer.text.len().saturating_add(edits.added()));
    let changes = edits.ordered_changes();
    if let ([], [_]) = (edits.spans.as_slice(), changes.as_ref()) {
        // One change is at most one cut: nothing to put in order. Most events end here.
        resolve(document, &changes, &mut |cut| writer.cut(&cut));
    } else {
        let mut cuts: Vec<Cut<'_>> = Vec::with_capacity(edits.len());
        cuts.extend(edits.spans.iter().map(Cut::of));
        resolve(document, &changes, &mut |cut| cuts.push(cut));
        order(&mut cuts);
        cuts.iter().for_each(|cut| writer.cut(cut));
    }
    writer.finish();
}

/// Outer before inner, higher priority before lower, later before earlier; insertions cover nothing, so they come before
/// what starts at their place and keep their own order.
fn order(cuts: &mut [Cut<'_>]) {
    // The sort is stable, so what came later has to stand first.
    cuts.reverse();
    cuts.sort_by_key(|cut| {
        let Span { start, end } = cut.span;
        (start, end > start, Reverse(end), Reverse(cut.priority))
    });
    for same_place in cuts.chunk_by_mut(|a, b| a.span.is_empty() && a.span == b.span) {
        same_place.reverse();
    }
}

/// The text between the cuts, and what takes their place.
struct Writer<'w> {
    text: &'w [u8],
    /// How far the text has been dealt with.
    at: u32,
    out: &'w mut Vec<u8>,
}

impl Writer<'_> {
    /// Writes a cut, unless it lies inside an earlier one.
    fn cut(&mut self, cut: &Cut<'_>) {
        let Span { start, end } = cut.span;
        let inside = if cut.span.is_empty() { start < self.at } else { end <= self.at };
        if !inside {
            // Of two that overlap in part the second starts before `at`, and the slice is none.
            self.out.extend_from_slice(self.text.get(self.at as usize..start as usize).unwrap_or_default());
            cut.write(self.out);
            self.at = end;
        }
    }

    fn finish(self) {
        self.out.extend_from_slice(self.text.get(self.at as usize..).unwrap_or_default());
    }
}

// ---------------------------------------------------------------------------------------------------------------------

/// An edit in the coordinates of the outermost text, ready to be written.
struct Cut<'e> {
    span: Span,
    comma: bool,
    fill: &'e Fill,
    layer: u8,
    priority: Priority,
}

impl<'e> Cut<'e> {
    fn of(edit: &'e Edit) -> Self {
        Self { span: edit.span, comma: false, fill: &edit.fill, layer: edit.layer, priority: edit.priority }
    }

    fn write(&self, out: &mut Vec<u8>) {
        if self.comma {
            out.push(b',');
        }
        match (self.fill, self.layer) {
            (Fill::Nothing, _) => {}
            (Fill::Raw(text), 0) => out.extend_from_slice(text.as_bytes()),
            (Fill::Text(text), 0) => escape_into(text, out),
            (Fill::Quoted(text), 0) => {
                out.push(b'"');
                escape_into(text, out);
                out.push(b'"');
            }
            (fill, layers) => {
                let mut text = match fill {
                    Fill::Raw(text) => text.to_string(),
                    Fill::Quoted(text) => quoted(text),
                    Fill::Text(text) => escaped(text),
                    Fill::Nothing => String::new(),
                };
                for _ in 1..layers {
                    text = escaped(&text);
                }
                escape_into(&text, out);
            }
        }
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

const NOTHING: Fill = Fill::Nothing;

/// Turns structural changes into cuts, container by container. The changes are in the order of [`Change::place`].
fn resolve<'e>(document: &Document, changes: &'e [Change], emit: &mut impl FnMut(Cut<'e>)) {
    for same_text in changes.chunk_by(|a, b| a.home == b.home) {
        let home = same_text.first().and_then(|change| change.home);
        // The limits were enforced when the text was first read.
        let nested = home.and_then(|token| document.node(token).nested(&Limits::default())).and_then(Result::ok);
        let place = match (home, &nested) {
            (None, _) => Place { document, nested: None },
            (Some(_), Some(nested)) => Place { document: nested.document(), nested: Some(nested) },
            (Some(_), None) => continue,
        };
        for same_container in same_text.chunk_by(|a, b| a.container == b.container) {
            place.container(same_container, emit);
        }
    }
}

/// The text that changes are about, and the way out of it.
struct Place<'d> {
    document: &'d Document,
    nested: Option<&'d Nested>,
}

impl Place<'_> {
    fn cut<'e>(&self, span: Span, comma: bool, fill: &'e Fill, priority: Priority) -> Cut<'e> {
        let (span, layer) = match self.nested {
            None => (span, 0),
            Some(nested) => (nested.raw(span), 1),
        };
        Cut { span, comma, fill, layer, priority }
    }

    fn container<'e>(&self, changes: &'e [Change], emit: &mut impl FnMut(Cut<'e>)) {
        let Some(first) = changes.first() else { return };
        let node = self.document.node(first.container);
        let mut filled = node.token().next > node.index().saturating_add(1);
        if changes.iter().any(|change| matches!(change.act, Act::Remove)) {
            filled = self.removals(node, changes, emit);
        }
        for change in changes {
            match &change.act {
                Act::Remove | Act::Keep => {}
                Act::Replace(fill) => {
                    let value = self.document.node(change.child);
                    emit(self.cut(value.whole(), false, fill, change.priority));
                }
                Act::Insert(fill) => {
                    let brace = node.span().end.saturating_sub(1);
                    emit(self.cut(Span { start: brace, end: brace }, filled, fill, change.priority));
                    filled = true;
                }
            }
        }
    }

    /// Cuts the removed children of a container, each with one comma, and tells whether any child stays.
    fn removals<'e>(&self, node: Node<'_>, changes: &'e [Change], emit: &mut impl FnMut(Cut<'e>)) -> bool {
        let mut verdicts: Vec<(u32, Priority, bool)> = changes
            .iter()
            .filter_map(|change| match change.act {
                Act::Remove => Some((change.child, change.priority, true)),
                Act::Keep => Some((change.child, change.priority, false)),
                _ => None,
            })
            .collect();
        verdicts.sort_unstable();
        // The last verdict about a child is the one of the highest priority.
        let mut due = verdicts
            .chunk_by(|a, b| a.0 == b.0)
            .filter_map(|same| same.last().filter(|verdict| verdict.2).map(|verdict| (verdict.0, verdict.1)))
            .peekable();

        let children = node.members().map(|(key, value)| (key.index(), key.whole().start, value.whole().end));
        let elements = node.elements().map(|value| (value.index(), value.whole().start, value.whole().end));
        let mut kept: Option<u32> = None;
        let mut run: Option<(Span, Priority)> = None;
        for (index, start, end) in children.chain(elements) {
            if let Some((_, priority)) = due.next_if(|(child, _)| *child == index) {
                let (begin, before) = run.map_or((start, priority), |(span, before)| (span.start, before));
                run = Some((Span { start: begin, end }, priority.max(before)));
                continue;
            }
            if let Some((span, priority)) = run.take() {
                // After a kept child the run takes the commas before it, at the front those after it.
                let span = kept.map_or(Span { start: span.start, end: start }, |after| Span { start: after, ..span });
                emit(self.cut(span, false, &NOTHING, priority));
            }
            kept = Some(end);
        }
        if let Some((span, priority)) = run {
            emit(self.cut(Span { start: kept.unwrap_or(span.start), ..span }, false, &NOTHING, priority));
        }
        kept.is_some()
    }
}

// ---------------------------------------------------------------------------------------------------------------------

/// A text as a JSON string with quotes.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_add(2));
    push_quoted(text, &mut out);
    out
}

/// Appends a text as a JSON string with quotes.
pub fn push_quoted(text: &str, out: &mut String) {
    out.push('"');
    escape(text, &mut |piece| out.push_str(piece));
    out.push('"');
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_add(8));
    escape(text, &mut |piece| out.push_str(piece));
    out
}

fn escape_into(text: &str, out: &mut Vec<u8>) {
    escape(text, &mut |piece| out.extend_from_slice(piece.as_bytes()));
}

/// Escapes what RFC 8259 section 7 demands, and nothing else; the result comes in pieces.
fn escape(text: &str, put: &mut impl FnMut(&str)) {
    let special = |byte: u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    // Without an early exit the compiler looks at many bytes at once, and most text has nothing to escape.
    if !text.bytes().fold(false, |found, byte| found | special(byte)) {
        return put(text);
    }
    let mut rest = text;
    while let Some(at) = rest.bytes().position(special) {
        let Some((plain, special)) = rest.split_at_checked(at) else { break };
        put(plain);
        let mut characters = special.chars();
        match characters.next() {
            Some('"') => put("\\\""),
            Some('\\') => put("\\\\"),
            Some('\n') => put("\\n"),
            Some('\r') => put("\\r"),
            Some('\t') => put("\\t"),
            Some(control) => put(&format!("\\u{:04x}", u32::from(control))),
            None => {}
        }
        rest = characters.as_str();
    }
    put(rest);
}
