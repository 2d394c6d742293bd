//! JSON: the event itself, and JSON that stands in a string, however it got there.
//!
//! Keys are looked through as well as values, and hand on what they announce: an array to its elements, an object to members
//! whose own key says nothing (`"phone": {"number": ...}`).

use super::members::{Members, Whole};
use super::{Codec, Look, Spot, clean};
use crate::payload::scan::{self, Limits, Shape, Token};
use crate::scrub::detect::opaque;
use crate::scrub::features::{Features, byte};
use crate::scrub::hits::{Hit, Put};
use crate::scrub::keys::{Key, flag};
use crate::scrub::kind::Kind;
use crate::scrub::look::announce;
use crate::scrub::policy::Rule;

/// Limits of JSON in a string.
const NESTED: Limits = Limits { bytes: 8_000_000, depth: 64, tokens: 200_000 };

/// Values from this length on are remembered while their body is looked through: an address of a page stands in most events
/// of a batch, and in several properties of each.
const LONG: usize = 24;
/// How many are remembered.
const REMEMBERED: usize = 48;

/// A value that was looked through: its place, its key, and its findings by number.
#[derive(Debug, Clone, Copy)]
struct Seen {
    start: usize,
    end: usize,
    key: Key,
    hits: (usize, usize),
}

/// The long values of a body so far; the newest take the place of the oldest.
#[derive(Debug, Default)]
pub(super) struct Repeats(Vec<Seen>, usize);

impl Repeats {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    fn note(&mut self, seen: Seen) {
        if self.0.len() < REMEMBERED {
            self.0.push(seen);
        } else if let Some(place) = self.0.get_mut(self.1 % REMEMBERED) {
            *place = seen;
            self.1 = self.1.wrapping_add(1);
        }
    }
}

impl Look<'_> {
    /// Looks through a text that is JSON. False if it is not.
    pub(super) fn json_text(&mut self, text: &str, spot: Spot) -> bool {
        let start = text.len() - text.trim_ascii_start().len();
        if !matches!(byte(text.as_bytes(), start), b'{' | b'[') || text.len() < 4 {
            return false;
        }
        let mut tape = self.tapes.pop().unwrap_or_default();
        let read = scan::scan_into(text, &NESTED, &mut tape).is_ok();
        if read {
            self.nesting += 1;
            self.json(text, &tape.tokens, 0, Spot { depth: spot.depth.saturating_add(2), ..spot });
            self.nesting -= 1;
        }
        self.tapes.push(tape);
        read
    }

    /// Looks through the value at this place of a tape. Findings are in bytes of the scanned text.
    pub(crate) fn json(&mut self, text: &str, tokens: &[Token], index: u32, spot: Spot) {
        let Some(token) = tokens.get(index as usize) else { return };
        match token.shape {
            Shape::Object => self.object(text, tokens, index, *token, spot),
            Shape::Array => {
                let mut at = index + 1;
                while let Some(element) = tokens.get(at as usize).filter(|_| at < token.next) {
                    self.json(text, tokens, at, spot);
                    at = element.next;
                }
            }
            Shape::Text | Shape::Key => self.string(text, token, spot),
            Shape::Number => self.number(text, token, spot),
            Shape::True | Shape::False | Shape::Null => {}
        }
    }

    fn object(&mut self, text: &str, tokens: &[Token], index: u32, object: Token, spot: Spot) {
        // What the object as a whole says is asked once: an object may have a hundred thousand members.
        let mut whole = Whole::default();
        let silent = spot.key.kind.is_none() && spot.key.rule == 0;
        let mut at = index + 1;
        while at < object.next {
            let Some([name, value]) = tokens.get(at as usize..).and_then(<[Token]>::first_chunk) else { return };
            let own = self.member_key(text, name);
            // Most keys announce nothing and have nothing from their object.
            let plain =
                silent && own.kind.is_none() && own.rule == 0 && !own.has(flag::UNKNOWN | flag::FILLER | flag::LINE);
            let key = if plain {
                own
            } else {
                if self.nesting == 0 && matches!(self.policy.rule_of(own), Some(Rule::Drop)) {
                    self.dropped.push((index, at));
                }
                self.meant(Members { text, tokens, index, object }, &mut whole, own, value, spot)
            };
            match value.shape {
                Shape::True | Shape::False | Shape::Null => {}
                Shape::Text => self.string(text, value, Spot { key, ..spot }),
                _ => self.json(text, tokens, at + 1, Spot { key, ..spot }),
            }
            at = value.next;
        }
    }

    /// Reads a member's key, and looks through it when it could be data itself.
    // Inlined by force, like `string`: every member goes through both.
    #[inline(always)]
    pub(crate) fn member_key(&mut self, text: &str, name: &Token) -> Key {
        let known = if self.own.is_empty() && self.policy.rules_nothing() {
            self.memo.recall(self.memo.tag(bytes_of(text, name)))
        } else {
            None
        };
        known.unwrap_or_else(|| self.new_member_key(text, name))
    }

    #[inline(never)]
    fn new_member_key(&mut self, text: &str, name: &Token) -> Key {
        let raw = text.get(name.span.range()).unwrap_or_default();
        if self.own.is_empty()
            && let Some(key) = self.memo.known(raw)
        {
            return self.policy.amend(raw, key);
        }
        self.string(text, name, Spot::value(Key::SILENT.with(flag::PROTOCOL)));
        if name.escaped {
            let mut own = self.texts.pop().unwrap_or_default();
            let changed = crate::scrub::decode::decode(raw, Codec::Json, &mut own);
            let key = self.key_of(if changed { &own } else { raw });
            self.texts.push(own);
            return key;
        }
        self.key_of(raw)
    }

    /// A string of the tape, escapes undone.
    #[inline(always)]
    fn string(&mut self, text: &str, token: &Token, spot: Spot) {
        let raw = bytes_of(text, token);
        if is_known_shape(raw, spot.key) || raw.is_empty() {
            if !self.own.is_empty() {
                self.own_id(text, token, spot);
            }
            return;
        }
        let remembers = spot.round == 0 && raw.len() >= clean::SHORTEST && self.own.is_empty();
        let tag = if remembers { Some(self.clean.tag(raw, spot)) } else { None };
        if tag.is_none_or(|tag| !self.clean.has(tag)) {
            self.new_string(text, token, spot, tag);
        }
    }

    /// Nothing but the account's own id could be personal here.
    fn own_id(&mut self, text: &str, token: &Token, spot: Spot) {
        let (raw, own) = (text.get(token.span.range()).unwrap_or_default(), self.own);
        self.part(token.span.start as usize, |look| own.find(raw, spot, &mut look.hits));
    }

    /// A string that is not known to be clean.
    #[inline(never)]
    fn new_string(&mut self, text: &str, token: &Token, spot: Spot, tag: Option<u64>) {
        let raw = text.get(token.span.range()).unwrap_or_default();
        // Escapes are undone before anything counts.
        let found = if token.escaped { None } else { Some(Features::of(raw)) };
        if found.is_some_and(|found| self.is_empty_handed(raw, found, spot.key)) {
            tag.into_iter().for_each(|tag| self.clean.add(tag));
            return;
        }
        if self.repeat(text, raw, token, spot.key) {
            return;
        }
        let point = self.hits.len();
        // A text around this one goes on asking for itself.
        let met_before = std::mem::take(&mut self.met_project);
        self.string_once(raw, found, token, spot);
        // What was not read to the end, for want of work, has no verdict.
        let clean = self.hits.len() == point && !self.met_project && self.work > 0;
        match tag {
            Some(tag) if clean => self.clean.add(tag),
            _ if self.nesting == 0 && raw.len() >= LONG => {
                let (start, end) = (token.span.start as usize, token.span.end as usize);
                self.seen.note(Seen { start, end, key: spot.key, hits: (point, self.hits.len()) });
            }
            _ => {}
        }
        self.met_project |= met_before;
    }

    /// An equal value under an equal key of the same body has the same findings. False if there is none.
    fn repeat(&mut self, text: &str, raw: &str, token: &Token, key: Key) -> bool {
        if self.nesting > 0 || raw.len() < LONG {
            return false;
        }
        let start = token.span.start as usize;
        let same = |seen: &&Seen| seen.key == key && text.get(seen.start..seen.end) == Some(raw);
        let Some(seen) = self.seen.0.iter().find(same).copied() else { return false };
        for at in seen.hits.0..seen.hits.1 {
            let Some(hit) = self.hits.since(at).first().copied() else { break };
            self.hits.push(Hit { start: hit.start - seen.start + start, end: hit.end - seen.start + start, ..hit });
        }
        true
    }

    fn string_once(&mut self, raw: &str, found: Option<Features>, token: &Token, spot: Spot) {
        self.part(token.span.start as usize, |own| {
            let then = |own: &mut Self, text: &str, spot| own.top_value(text, Features::of(text), spot);
            let decoded = token.escaped && own.decoded(raw, Codec::Json, spot, then);
            if !decoded {
                own.top_value(raw, found.unwrap_or_else(|| Features::of(raw)), spot);
            }
        });
    }

    fn top_value(&mut self, text: &str, found: Features, spot: Spot) {
        if self.nesting > 0 { self.value(text, found, spot) } else { self.outermost(text, found, spot) }
    }

    /// A number: replaced as a whole, except for coordinates.
    fn number(&mut self, text: &str, token: &Token, spot: Spot) {
        let raw = text.get(token.span.range()).unwrap_or_default();
        let rule = self.policy.rule_of(spot.key);
        if matches!(rule, Some(Rule::Keep)) || (raw.len() < 3 && rule.is_none()) {
            return;
        }
        let point = self.hits.len();
        if rule.is_some_and(|rule| *rule != Rule::Query) {
            self.mark_all(raw, Kind::Denied);
        } else if spot.key.kind.is_none_or(|_| !announce::find(raw, spot, self.policy, &mut self.hits))
            && raw.len() >= 9
        {
            self.detect(raw, Features::of(raw), spot);
        }
        if !self.own.is_empty() {
            self.own.find_number(raw, spot, &mut self.hits);
        }
        let coarser = self.hits.since(point).iter().all(|hit| hit.put == Put::Nothing);
        if coarser {
            self.hits.shift(point, token.span.start as usize);
        } else if let Some(first) = self.hits.since(point).iter().find(|hit| hit.put != Put::Nothing).copied() {
            self.hits.forget(point);
            self.hits.push(Hit {
                start: token.span.start as usize,
                end: token.span.end as usize,
                put: Put::Number,
                ..first
            });
        }
    }
}

/// The bytes of a string or key between its quotes.
#[inline]
fn bytes_of<'a>(text: &'a str, token: &Token) -> &'a [u8] {
    text.as_bytes().get(token.span.range()).unwrap_or_default()
}

/// Shapes that need no look: what almost all ids and times of an event are.
#[inline]
fn is_known_shape(bytes: &[u8], key: Key) -> bool {
    let shape = match bytes.len() {
        36 if byte(bytes, 8) == b'-' => opaque::is_uuid(bytes),
        20..=30 if byte(bytes, 4) == b'-' && byte(bytes, 10) == b'T' => {
            // RFC 3339 times. Counted in bytes, many at once.
            let part = |own: u8| own.is_ascii_digit() | matches!(own, b'-' | b':' | b'.' | b'T' | b'Z' | b'+');
            usize::from(bytes.iter().map(|own| u8::from(part(*own))).sum::<u8>()) == bytes.len()
        }
        _ => false,
    };
    shape && key.kind.is_none() && key.rule == 0
}
