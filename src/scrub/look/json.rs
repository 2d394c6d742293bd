//! JSON: the event itself, and JSON that stands in a string, however it got there.
//!
//! Keys are looked through as well as values, and hand on what they announce: an array to its elements, an object to members
//! whose own key says nothing (`"phone": {"number": ...}`).

use super::{Codec, Look, Spot, clean, guess};
use crate::payload::scan::{self, Limits, Shape, Token};
use crate::scrub::features::{Features, byte};
use crate::scrub::hits::{Hit, Put};
use crate::scrub::keys::{self, Key, flag};
use crate::scrub::kind::{Kind, is_mark};
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
        let Some(token) = tokens.get(index as usize).copied() else { return };
        match token.shape {
            Shape::Object => self.object(text, tokens, index, token, spot),
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
        let mut at = index + 1;
        // What the object as a whole says is asked once: an object may have a hundred thousand members.
        let (mut described, mut full_name, mut beside) = (None, None, None);
        while let Some(name) = tokens.get(at as usize).copied().filter(|_| at < object.next) {
            let own = self.member_key(text, name);
            if self.nesting == 0 && matches!(self.policy.rule_of(own), Some(Rule::Drop)) {
                self.dropped.push((index, at));
            }
            // `{"nome": .., "cognome": ..}`
            let full = own.kind == Some(Kind::Name)
                && own.has(flag::WEAK)
                && *full_name.get_or_insert_with(|| self.object_holds_full_name(text, tokens, index, object));
            let own = if full { own.without(flag::WEAK) } else { own };
            let key = inherit(spot.key, own, spot.round > 0);
            let open =
                key.has(flag::UNKNOWN) && key.kind.is_none() && may_be_guessed(text, tokens.get(name.next as usize))
                    || key.kind == Some(Kind::Name) && key.has(flag::WEAK);
            let key = if open {
                let near = *described.get_or_insert_with(|| {
                    spot.key.has(flag::PERSON) || self.object_describes_person(text, tokens, index, object)
                });
                if near { key.with(flag::GUESSED) } else { key }
            } else {
                key
            };
            let key = if own.has(flag::FILLER) && key.kind.is_none() {
                beside.get_or_insert_with(|| self.named_beside(text, tokens, index, object)).unwrap_or(key)
            } else {
                key
            };
            self.json(text, tokens, name.next, Spot { key, ..spot });
            at = tokens.get(name.next as usize).map_or(object.next, |value| value.next);
        }
    }

    /// True if a member's key is part of a person's name beyond doubt.
    fn object_holds_full_name(&mut self, text: &str, tokens: &[Token], index: u32, object: Token) -> bool {
        let mut at = index + 1;
        for _ in 0..64 {
            let Some(name) = tokens.get(at as usize).filter(|_| at < object.next) else { return false };
            let key = self.key_of(text.get(name.span.range()).unwrap_or_default());
            if key.kind == Some(Kind::Name) && !key.has(flag::WEAK) {
                return true;
            }
            at = tokens.get(name.next as usize).map_or(object.next, |value| value.next);
        }
        false
    }

    /// True if a member's key announces data of a person.
    fn object_describes_person(&mut self, text: &str, tokens: &[Token], index: u32, object: Token) -> bool {
        let mut at = index + 1;
        for _ in 0..64 {
            let Some(name) = tokens.get(at as usize).filter(|_| at < object.next) else { return false };
            if guess::is_personal(self.key_of(text.get(name.span.range()).unwrap_or_default())) {
                return true;
            }
            at = tokens.get(name.next as usize).map_or(object.next, |value| value.next);
        }
        false
    }

    /// Reads a member's key, and looks through it when it could be data itself.
    pub(crate) fn member_key(&mut self, text: &str, name: Token) -> Key {
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

    /// `{"name": "email", "value": ...}`: the key of a value that stands beside it, as forms and elements of pages are
    /// written down.
    fn named_beside(&mut self, text: &str, tokens: &[Token], index: u32, object: Token) -> Option<Key> {
        let mut at = index + 1;
        let mut found = None;
        while let Some(name) = tokens.get(at as usize).filter(|_| at < object.next) {
            let value = tokens.get(name.next as usize)?;
            let key = text.get(name.span.range()).unwrap_or_default();
            let names = matches!(
                key,
                "name"
                    | "key"
                    | "field"
                    | "attr__name"
                    | "attr__id"
                    | "attr__autocomplete"
                    | "attr__placeholder"
                    | "attr__type"
                    | "label"
                    | "property"
                    | "question"
            );
            if names && value.shape == Shape::Text && !value.escaped && value.span.len() <= 48 {
                let word = text.get(value.span.range()).unwrap_or_default();
                // Attributes are what a programmer wrote; labels may be anything.
                let own = if key.starts_with("attr__") { self.memo.key(word) } else { named(word) };
                if own.kind.is_some() {
                    found = Some(own);
                }
            }
            at = value.next;
        }
        found
    }

    /// A string of the tape, escapes undone.
    fn string(&mut self, text: &str, token: Token, spot: Spot) {
        let raw = text.get(token.span.range()).unwrap_or_default();
        if raw.is_empty() {
            return;
        }
        if is_known_shape(raw, spot.key) {
            // Nothing but the account's own id could be personal here.
            if !self.own.is_empty() {
                let own = self.own;
                self.part(token.span.start as usize, |look| own.find(raw, spot, &mut look.hits));
            }
            return;
        }
        let found = Features::of(raw);
        if self.is_empty_handed(raw, found, spot.key) {
            return;
        }
        if self.nesting > 0 || raw.len() < clean::SHORTEST {
            self.string_once(raw, found, token, spot);
            return;
        }
        let start = token.span.start as usize;
        let tag = if self.own.is_empty() { Some(self.clean.tag(raw, spot.key)) } else { None };
        if tag.is_some_and(|tag| self.clean.has(tag)) || (raw.len() >= LONG && self.repeat(text, raw, start, spot.key))
        {
            return;
        }
        let point = self.hits.len();
        self.met_project = false;
        self.string_once(raw, found, token, spot);
        match tag {
            Some(tag) if self.hits.len() == point && !self.met_project => self.clean.add(tag),
            _ if raw.len() >= LONG => {
                self.seen.note(Seen { start, end: start + raw.len(), key: spot.key, hits: (point, self.hits.len()) });
            }
            _ => {}
        }
    }

    /// An equal value under an equal key of the same body has the same findings. False if there is none.
    fn repeat(&mut self, text: &str, raw: &str, start: usize, key: Key) -> bool {
        let same = |seen: &&Seen| seen.key == key && text.get(seen.start..seen.end) == Some(raw);
        let Some(seen) = self.seen.0.iter().find(same).copied() else { return false };
        for at in seen.hits.0..seen.hits.1 {
            let Some(hit) = self.hits.since(at).first().copied() else { break };
            self.hits.push(Hit { start: hit.start - seen.start + start, end: hit.end - seen.start + start, ..hit });
        }
        true
    }

    fn string_once(&mut self, raw: &str, found: Features, token: Token, spot: Spot) {
        self.part(token.span.start as usize, |own| {
            let then = |own: &mut Self, text: &str, spot| own.top_value(text, Features::of(text), spot);
            let decoded = token.escaped && own.decoded(raw, Codec::Json, spot, then);
            if !decoded {
                own.top_value(raw, found, spot);
            }
        });
    }

    fn top_value(&mut self, text: &str, found: Features, spot: Spot) {
        if self.nesting > 0 { self.value(text, found, spot) } else { self.outermost(text, found, spot) }
    }

    /// A number: replaced as a whole, except for coordinates.
    fn number(&mut self, text: &str, token: Token, spot: Spot) {
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

/// True if the look of a value could tell that it is personal.
fn may_be_guessed(text: &str, value: Option<&Token>) -> bool {
    value
        .filter(|own| own.shape == Shape::Text)
        .is_some_and(|own| own.escaped || text.get(own.span.range()).is_some_and(|raw| guess::guess(raw).is_some()))
}

/// What a label or question announces: the last words of a phrase, or a word like a key. A mark announces nothing.
fn named(text: &str) -> Key {
    match text.trim_end_matches(['?', ':', '*', ' ']) {
        _ if is_mark(text) => Key::SILENT,
        phrase if phrase.contains(' ') => keys::read_label(phrase).unwrap_or(Key::SILENT),
        word => keys::read(word),
    }
}

/// What a member's key means below the key of its object. `packed`: the object was encoded as the value of that key, so
/// that a short name of a member (`{"v": ...}`) says nothing against it.
fn inherit(outer: Key, own: Key, packed: bool) -> Key {
    // The rule for an object holds for what is in it.
    let rule = if own.rule == 0 { outer.rule } else { own.rule };
    match (outer.kind, own.kind) {
        // `{"phone": {"number": ..}}`; a name's parts are named by themselves.
        (Some(kind), None) if own.has(flag::FILLER) => {
            Key { kind: Some(kind), flags: own.flags | outer.flags & flag::WEAK, rule }
        }
        (Some(kind), None) if packed && own.flags & !flag::UNKNOWN == 0 => {
            Key { kind: Some(kind), flags: outer.flags & flag::WEAK, rule }
        }
        // `{"address": {"line1": .., "number": ..}}`
        (None, Some(Kind::Name)) if outer.has(flag::PERSON) => {
            Key { kind: own.kind, flags: own.flags & !flag::WEAK, rule }
        }
        _ => Key { rule, ..own },
    }
}

/// Shapes that need no look: what almost all ids and times of an event are.
fn is_known_shape(raw: &str, key: Key) -> bool {
    let bytes = raw.as_bytes();
    match bytes.len() {
        36 if byte(bytes, 8) == b'-' => {
            key.kind.is_none() && key.rule == 0 && crate::scrub::detect::opaque::is_uuid(bytes)
        }
        20..=30 if byte(bytes, 4) == b'-' && byte(bytes, 10) == b'T' => {
            // RFC 3339 times.
            bytes.iter().all(|own| own.is_ascii_digit() || matches!(own, b'-' | b':' | b'.' | b'T' | b'Z' | b'+'))
                && key.kind.is_none()
                && key.rule == 0
        }
        _ => false,
    }
}
