//! Putting the changed text together.
//!
//! Structural changes are resolved against the tape into cuts, the cuts are put in order, and the text is copied once with
//! the cuts left out and their fills put in.

use std::cmp::Reverse;
use std::ops::Range;

use super::document::{Document, Nested, Node};
use super::edit::{Act, Change, Edit, Edits, Fill, Priority};
use super::scan::{Limits, Span};
use super::text::{escape, escaped, quoted};

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
    out.reserve(document.text().len().saturating_add(edits.added()));
    write(document, edits, out);
}

/// The changed text as ranges of the received one, each followed by what was put after it: nothing of the text is copied.
#[must_use]
pub fn pieces(document: &Document, edits: &Edits) -> Vec<(Range<usize>, Vec<u8>)> {
    let mut out = Pieces(Vec::new(), Vec::new());
    write(document, edits, &mut out);
    out.0
}

fn write(document: &Document, edits: &Edits, out: &mut impl Out) {
    let mut writer = Writer { text: document.text().as_bytes(), at: 0, out };
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

/// Where the changed text goes.
trait Out {
    /// Takes a part of the received text.
    fn keep(&mut self, text: &[u8], range: Range<usize>);
    /// Where a fill is written.
    fn fill(&mut self) -> &mut Vec<u8>;
}

impl Out for Vec<u8> {
    fn keep(&mut self, text: &[u8], range: Range<usize>) {
        self.extend_from_slice(text.get(range).unwrap_or_default());
    }
    fn fill(&mut self) -> &mut Vec<u8> {
        self
    }
}

/// The pieces, and a place for what cannot be: a fill of no piece.
struct Pieces(Vec<(Range<usize>, Vec<u8>)>, Vec<u8>);

impl Out for Pieces {
    fn keep(&mut self, text: &[u8], range: Range<usize>) {
        if text.get(range.clone()).is_some_and(|part| !part.is_empty()) {
            self.0.push((range, Vec::new()));
        }
    }
    fn fill(&mut self) -> &mut Vec<u8> {
        let last = self.0.len().saturating_sub(1);
        if self.0.is_empty() {
            self.0.push((0..0, Vec::new()));
        }
        self.0.get_mut(last).map_or(&mut self.1, |(_, fill)| fill)
    }
}

/// The text between the cuts, and what takes their place.
struct Writer<'w, O> {
    text: &'w [u8],
    /// How far the text has been dealt with.
    at: u32,
    out: &'w mut O,
}

impl<O: Out> Writer<'_, O> {
    /// Writes a cut, unless it lies inside an earlier one.
    fn cut(&mut self, cut: &Cut<'_>) {
        let Span { start, end } = cut.span;
        let inside = if cut.span.is_empty() { start < self.at } else { end <= self.at };
        if !inside {
            // Of two that overlap in part the second starts before `at`, and the slice is none.
            self.out.keep(self.text, self.at as usize..start as usize);
            cut.write(self.out.fill());
            self.at = end;
        }
    }

    fn finish(self) {
        self.out.keep(self.text, self.at as usize..self.text.len());
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

fn escape_into(text: &str, out: &mut Vec<u8>) {
    escape(text, &mut |piece| out.extend_from_slice(piece.as_bytes()));
}
