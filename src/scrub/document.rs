//! A whole body: which of its fields belong to the vendor's protocol, and what is to change in the others.

use std::borrow::Cow;
use std::cell::RefCell;

use super::hits::{Hit, Put};
use super::keys::{Key, flag};
use super::kind::Kind;
use super::look::{Look, Scratch, Spot};
use super::own::OwnTerms;
use super::policy::Policy;
use super::report::{Finding, Report};
use crate::payload::document::Document;
use crate::payload::edit::{Edits, Fill, Priority};
use crate::payload::posthog::shape;
use crate::payload::scan::{Shape, Span, Token};

/// Whose event it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Plausible: short and long names at the top, properties below (plausible/analytics
    /// `lib/plausible/ingestion/request.ex`).
    Plausible,
    /// PostHog: one event, an array or a `batch` of events, or a request for feature flags.
    Posthog,
}

impl Profile {
    /// The profile of a vendor's word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "plausible" => Some(Self::Plausible),
            "posthog" => Some(Self::Posthog),
            _ => None,
        }
    }
}

thread_local! {
    /// Memory of this thread's last look; holds no text between looks.
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::default());
}

/// Looks through a body and calls `each` with every finding, in bytes of the body, in order.
pub(super) fn look_through(
    document: &Document,
    profile: Profile,
    policy: &Policy,
    own: &OwnTerms,
    mut each: impl FnMut(Hit, &[String]),
) -> Vec<(u32, u32)> {
    let scratch = SCRATCH.with(RefCell::take);
    let project = match profile {
        Profile::Plausible => None,
        Profile::Posthog => project_token(document),
    };
    let mut look = Look::new(policy, own, scratch);
    let (text, tokens) = (document.text(), document.tokens());
    match profile {
        Profile::Plausible => plausible(&mut look, text, tokens),
        Profile::Posthog => {
            look.set_project(project.as_deref());
            look.json(text, tokens, 0, Spot::value(Key::SILENT));
        }
    }
    look.hits.settle(0);
    for hit in look.hits.since(0) {
        each(*hit, &look.fills);
    }
    let dropped = std::mem::take(&mut look.dropped);
    SCRATCH.with(|place| place.replace(look.into_scratch()));
    dropped
}

/// Writes down what is to change.
pub(super) fn edit(
    document: &Document,
    profile: Profile,
    policy: &Policy,
    own: &OwnTerms,
    edits: &mut Edits,
    report: &mut Report,
) {
    let dropped = look_through(document, profile, policy, own, |hit, fills| {
        report.add(hit.kind);
        let (span, fill) = fill(document, hit, fills);
        edits.add(span, fill, 0);
    });
    for (object, key) in dropped {
        report.add(Kind::Denied);
        edits.remove_member(document.node(object), document.node(key), Priority::Scrub);
    }
}

/// What is written in the place of a finding. Marks need no escaping, in however many strings they stand.
fn fill(document: &Document, hit: Hit, fills: &[String]) -> (Span, Fill) {
    let length = hit.end.saturating_sub(hit.start);
    let span = Span { start: narrow(hit.start), end: narrow(hit.end) };
    let fill = match hit.put {
        Put::Nothing => Fill::Nothing,
        Put::Text(text) => Fill::Raw(text.into()),
        Put::Fill(number) => Fill::Raw(fills.get(number as usize).cloned().unwrap_or_default().into()),
        Put::Mark => Fill::Raw(hit.kind.mark(length).into()),
        Put::Number => {
            // The last token that starts here or before: the number itself, or the string around it.
            let after = document.tokens().partition_point(|token| token.span.start <= span.start);
            let around = after.checked_sub(1).and_then(|last| document.tokens().get(last));
            let in_string = around.is_none_or(|token| token.shape != Shape::Number);
            let mark = hit.kind.mark(length.saturating_sub(2));
            match length {
                // Quotes would have to be escaped once per string around the number.
                4.. if in_string => Fill::Raw("null".into()),
                3.. if !in_string => Fill::Quoted(mark.into()),
                _ => Fill::Raw("0".into()),
            }
        }
    };
    (span, fill)
}

fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// The findings with their places, for `explain` and `audit`.
pub(super) fn findings(document: &Document, profile: Profile, policy: &Policy, own: &OwnTerms) -> Vec<Finding> {
    let mut hits = Vec::new();
    let _ = look_through(document, profile, policy, own, |hit, _| hits.push(hit));
    hits.iter()
        .map(|hit| Finding {
            kind: hit.kind,
            by: hit.by,
            pointer: pointer(document, &hits, hit.start),
            length: hit.end.saturating_sub(hit.start),
        })
        .collect()
}

/// The JSON pointer of the innermost value around a byte, with findings in its parts marked.
fn pointer(document: &Document, hits: &[Hit], at: usize) -> String {
    let tokens = document.tokens();
    let mut out = String::new();
    let mut index = 0;
    let holds = |token: &Token| token.span.start as usize <= at && at < token.span.end as usize;
    'deeper: while let Some(token) = tokens.get(index as usize).copied() {
        let mut child = index + 1;
        let mut number = 0;
        while let Some(own) = tokens.get(child as usize).copied().filter(|_| child < token.next) {
            let value = if own.shape == Shape::Key { own.next } else { child };
            let Some(inner) = tokens.get(value as usize) else { break };
            if holds(inner) {
                out.push('/');
                if own.shape == Shape::Key {
                    push_key(document, hits, own, &mut out)
                } else {
                    out.push_str(&number.to_string())
                }
                index = value;
                if matches!(inner.shape, Shape::Object | Shape::Array) {
                    continue 'deeper;
                }
                return out;
            }
            number += 1;
            child = inner.next;
        }
        break;
    }
    out
}

fn push_key(document: &Document, hits: &[Hit], key: Token, out: &mut String) {
    let (start, end) = (key.span.start as usize, key.span.end as usize);
    let mut at = start;
    let mut push = |from: usize, to: usize| {
        let part = document.text().get(from..to).unwrap_or_default();
        out.push_str(&part.replace('~', "~0").replace('/', "~1"));
    };
    let mut marks = Vec::new();
    for hit in hits.iter().filter(|hit| start <= hit.start && hit.end <= end) {
        push(at, hit.start);
        marks.push(hit);
        at = hit.end;
    }
    if marks.is_empty() {
        push(start, end);
    } else if let Some(hit) = marks.first() {
        out.push_str(hit.kind.mark(usize::MAX));
    }
}

/// The fields at the top of a Plausible event; everything else is looked through like any JSON.
fn plausible(look: &mut Look<'_>, text: &str, tokens: &[Token]) {
    let Some(root) = tokens.first().filter(|root| root.shape == Shape::Object).copied() else {
        look.json(text, tokens, 0, Spot::value(Key::SILENT));
        return;
    };
    let mut at = 1;
    while let Some(name) = tokens.get(at as usize).copied().filter(|_| at < root.next) {
        let Some(value) = tokens.get(name.next as usize).copied() else { return };
        let key = text.get(name.span.range()).unwrap_or_default();
        let field = match key {
            // The site: the vendor refuses an event without it.
            "d" | "domain" => None,
            "n" | "name" => Some(Key::SILENT.with(flag::PROTOCOL)),
            "u" | "url" | "r" | "referrer" => Some(Key::SILENT.with(flag::PAGES)),
            "v" | "h" | "hashMode" | "e" | "sd" | "w" | "i" | "interactive" if value.shape != Shape::Text => None,
            "m" | "meta" | "p" | "props" => Some(Key::SILENT),
            "$" | "revenue" => Some(Key::SILENT.with(flag::NUMBERS)),
            _ => Some(look.member_key(text, &name)),
        };
        if let Some(key) = field {
            look.json(text, tokens, name.next, Spot::value(key));
        }
        at = value.next;
    }
}

/// The project's token, wherever PostHog reads it. A `token` anywhere else is the application's.
fn project_token(document: &Document) -> Option<Cow<'_, str>> {
    let root = document.root();
    let mut events = root.elements().chain(root.get_all("batch").flat_map(|batch| batch.elements()));
    shape::token(document, root).or_else(|| events.find_map(|event| shape::token(document, event)))
}
