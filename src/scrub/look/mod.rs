//! Looking through text: every value of an event, in every form in which it may stand.
//!
//! One [`Look`] goes through one event. A text is taken as what it is (JSON, the address of a page, parameters, prose), its
//! parts are offered to the detectors with what their key announces, and what it decodes to is looked
//! through in the same way, up to [`ROUNDS`] rounds deep. Findings come out as byte ranges of the outermost text.
//!
//! Everything takes time linear in the text: each layer is cut into parts or decoded once, and the sum of what
//! all layers hold is bounded; a text beyond that bound is given up as a whole rather than passed on unread.

mod announce;
mod clean;
mod guess;
mod gzip;
mod json;
mod label;
mod members;
mod parameters;
mod prose;
mod shape;
mod spot;
mod url;

use super::base64;
use super::decode::{self, Codec};
use super::detect::{crypto, email, geo, letters, name, net, numbers, secret};
use super::features::{Features, class};
use super::hits::{By, Hit, Hits, Put};
use super::keys::memo::Memo;
use super::keys::{Key, flag};
use super::kind::{Kind, is_mark};
use super::own::OwnTerms;
use super::policy::{Policy, Rule};
use crate::payload::scan::Tape;
use shape::Shape;
pub(crate) use spot::{Place, Spot};

/// How many times a text is decoded: percent twice and base64 once, or any other three, and one to spare.
const ROUNDS: u8 = 4;

/// How deep parts may lie in parts (JSON in a parameter of a URL in a string of JSON ...).
const DEPTH: u8 = 24;

/// How many times its own length a text may be worth looking at, in all layers together.
const WORK_PER_BYTE: usize = 40;

/// Memory that is used again from event to event.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    texts: Vec<String>,
    tapes: Vec<Tape>,
    hits: Hits,
    memo: Memo,
    seen: json::Repeats,
    clean: clean::Clean,
}

/// One look through one event.
pub(crate) struct Look<'a> {
    policy: &'a Policy,
    own: &'a OwnTerms,
    pub(crate) hits: Hits,
    texts: Vec<String>,
    tapes: Vec<Tape>,
    memo: Memo,
    seen: json::Repeats,
    clean: clean::Clean,
    /// Texts that were made for a place, by number.
    pub(crate) fills: Vec<String>,
    /// Members that go with their keys: the tokens of object and key.
    pub(crate) dropped: Vec<(u32, u32)>,
    /// How many texts of JSON are around the current place, besides the document.
    nesting: u32,
    /// The project's own public token, which must arrive.
    project: Option<&'a str>,
    /// It stands in the current outermost text.
    met_project: bool,
    /// Bytes that may still be looked at in the current outermost text.
    work: usize,
}

impl<'a> Look<'a> {
    pub(crate) fn new(policy: &'a Policy, own: &'a OwnTerms, scratch: Scratch) -> Self {
        let Scratch { texts, tapes, mut hits, mut memo, mut seen, mut clean } = scratch;
        hits.forget(0);
        memo.begin();
        seen.clear();
        clean.begin(policy.id());
        Self {
            policy,
            own,
            hits,
            texts,
            tapes,
            memo,
            seen,
            clean,
            fills: Vec::new(),
            dropped: Vec::new(),
            nesting: 0,
            project: None,
            met_project: false,
            work: 0,
        }
    }

    /// Sets the project's own public token, which must arrive.
    pub(crate) fn set_project(&mut self, token: Option<&'a str>) {
        self.project = token;
    }

    /// Gives the memory back.
    pub(crate) fn into_scratch(self) -> Scratch {
        Scratch {
            texts: self.texts,
            tapes: self.tapes,
            hits: self.hits,
            memo: self.memo,
            seen: self.seen,
            clean: self.clean,
        }
    }

    /// What a key announces under the site's policy.
    fn key_of(&mut self, name: &str) -> Key {
        let own = self.memo.key(name);
        self.policy.amend(name, own)
    }

    /// Looks through an outermost text. Findings are settled, in its bytes.
    pub(crate) fn outermost(&mut self, text: &str, found: Features, spot: Spot) {
        self.work = text.len().saturating_mul(WORK_PER_BYTE).saturating_add(4096);
        let point = self.hits.len();
        self.value(text, found, spot);
        self.hits.settle(point);
        // A finding that is no part of the text would cut into what stands behind it: give up rather than write that.
        let parts = self.hits.since(point).iter().all(|hit| text.get(hit.start..hit.end).is_some());
        if self.work == 0 || !parts {
            self.give_up(text, point);
        }
    }

    /// A text that could not be read to the end goes as a whole.
    fn give_up(&mut self, text: &str, point: usize) {
        self.hits.forget(point);
        self.hits.mark(0, text.len(), Kind::Unreadable);
    }

    /// True if nothing can be found in a text: most values end here, after the one pass that saw their bytes.
    fn is_empty_handed(&self, text: &str, found: Features, key: Key) -> bool {
        // A key that means a person, or one that nobody knows beside a person's data, waits for names, dates and numbers.
        let waits = key.has(flag::PERSON | flag::GUESSED) && found.any(class::SPACE | class::WIDE | class::DIGIT);
        key.kind.is_none()
            && key.rule == 0
            && !waits
            && !is_worth_it(found)
            && self.own.is_empty()
            && !self.policy.is_curious()
            && !secret::is_home(text)
    }

    /// Looks through a decoded text under a key.
    fn value(&mut self, text: &str, found: Features, spot: Spot) {
        if text.is_empty() || (spot.key.rule != 0 && self.ruled(text, spot.key)) {
            return;
        }
        if self.project.is_some_and(|own| own == text) {
            self.met_project = true;
            return;
        }
        if may_be_wide(text, found) {
            let point = self.hits.len();
            let then = |own: &mut Self, text: &str, spot| own.value(text, Features::of(text), spot);
            self.decoded(text, Codec::Wide, spot.decoded(), then);
            if self.hits.len() > point {
                return;
            }
        }
        if spot.key.kind.is_some_and(|kind| self.policy.heeds(kind)) {
            if announce::find(text, spot, self.policy, &mut self.hits) {
                return;
            }
            // A further round of escapes may hide what the key announces.
            let escaped = spot.round < ROUNDS && found.any(class::PERCENT | class::AMPERSAND | class::BACKSLASH);
            let then = |own: &mut Self, text: &str, spot| own.value(text, Features::of(text), spot);
            if escaped && self.decoded(text, Codec::Text, spot.decoded(), then) {
                return;
            }
            if self.announced_in_base64(text, spot) {
                return;
            }
        }
        if spot.key.has(flag::GUESSED)
            && spot.key.kind.is_none()
            && let Some(kind) = guess::guess(text).filter(|kind| self.policy.heeds(*kind))
        {
            self.hits.mark_by(0, text.len(), kind, By::Key);
            return;
        }
        // `"author": "Ada Lovelace"`: the key means a person, and the value looks like a person's name.
        if spot.key.kind.is_none()
            && spot.key.has(flag::PERSON)
            && found.any(class::SPACE | class::WIDE)
            && self.policy.heeds(Kind::Name)
            && name::is_person(text)
        {
            self.hits.mark_by(0, text.len(), Kind::Name, By::Key);
            return;
        }
        self.inside(text, found, spot);
    }

    /// `?dob=MTk3MS0wMy0wOQ`: what the key announces stands there in base64. It goes as a whole.
    fn announced_in_base64(&mut self, text: &str, spot: Spot) -> bool {
        let run = text.trim_end_matches('=');
        if spot.round >= ROUNDS || !(8..=1024).contains(&run.len()) || !run.bytes().all(base64::is_character) {
            return false;
        }
        let Some(plain) = base64::decode_text(run.as_bytes()) else { return false };
        let point = self.hits.len();
        self.value(&plain, Features::of(&plain), spot.decoded());
        let Some(first) = self.hits.since(point).first().copied() else { return false };
        self.hits.forget(point);
        self.hits.mark_by(0, text.len(), first.kind, first.by);
        true
    }

    /// Does what the site's rule for a key says. False if the value is to be looked through all the same.
    fn ruled(&mut self, text: &str, key: Key) -> bool {
        let policy = self.policy;
        let Some(rule) = policy.rule_of(key) else { return false };
        if matches!(rule, Rule::Keep) || is_mark(text) {
            return true;
        }
        let fill = match rule {
            Rule::Keep | Rule::Query => return false,
            Rule::Texts(texts) => {
                if !texts.iter().any(|own| own.keep(text, &mut self.hits)) {
                    self.mark_all(text, Kind::Denied);
                }
                return true;
            }
            Rule::Deny | Rule::Drop => None,
            Rule::Hash(name) => policy.hash(name, text),
            Rule::Replace(word) => (word.len() <= text.len()).then(|| word.clone()),
        };
        if fill.as_deref() == Some(text) {
            return true;
        }
        let put = fill.map_or(Put::Mark, |fill| {
            self.fills.push(fill);
            Put::Fill(u32::try_from(self.fills.len() - 1).unwrap_or(u32::MAX))
        });
        self.hits.push(Hit { start: 0, end: text.len(), kind: Kind::Denied, put, by: By::Policy });
        true
    }

    /// Looks into a text that its key does not condemn.
    fn inside(&mut self, text: &str, found: Features, spot: Spot) {
        if !self.own.is_empty() {
            self.own.find(text, spot, &mut self.hits);
        }
        if !is_worth_it(found) && !self.policy.is_curious() && !secret::is_home(text) {
            return;
        }
        if spot.round > ROUNDS || spot.depth > DEPTH || self.work < text.len() {
            // Too deep for data that anybody wrote down: a round that nobody decodes is passed, work without end is not.
            self.work = if self.work < text.len() { 0 } else { self.work };
            return;
        }
        self.work -= text.len();
        // What is packed there is looked through by who unpacks it, and escapes or addresses in it would be chance.
        if gzip::is_gzip(text) {
            self.printable_runs(text, spot);
            return;
        }
        if found.any(class::BRACE) && self.json_text(text, spot) {
            return;
        }
        let shape = shape::shape(text, found);
        let goes_on = shape != Shape::None && !spot.cut && shape::may_go_on(text, found);
        let within = Spot { cut: spot.cut || goes_on, ..spot };
        match shape {
            Shape::Address => self.address(text, found, within),
            Shape::Parameters => self.parameters(text, within),
            Shape::None => {}
        }
        if shape == Shape::None || goes_on {
            self.prose(text, found, Spot { cut: true, ..spot });
        }
    }

    /// Undoes one round of escapes and looks through the result. False if there was nothing to undo.
    fn decoded(&mut self, text: &str, codec: Codec, spot: Spot, then: impl FnOnce(&mut Self, &str, Spot)) -> bool {
        let mut plain = self.texts.pop().unwrap_or_default();
        let changed = decode::decode(text, codec, &mut plain);
        if changed {
            let point = self.hits.len();
            then(self, &plain, spot);
            if self.hits.len() > point {
                self.hits.settle(point);
                decode::map_back(text, codec, &mut self.hits, point);
            }
        }
        self.texts.push(plain);
        changed
    }

    /// Looks through a part of a text, which stands at this offset.
    fn part(&mut self, offset: usize, then: impl FnOnce(&mut Self)) {
        let point = self.hits.len();
        then(self);
        self.hits.shift(point, offset);
    }

    /// The detectors that need no key.
    fn detect(&mut self, text: &str, found: Features, spot: Spot) {
        let quiet = spot.key;
        let point = self.hits.len();
        let hits = &mut self.hits;
        if found.any(class::AT) {
            email::find(text, hits);
        }
        if found.any(class::DIGIT) {
            if found.digits >= 4 && found.any(class::DOT) && !quiet.has(flag::VERSIONS) {
                // `v=8.15.11.195` is a version; few that are counted in four parts begin with thirty and more.
                net::find_v4(text, if quiet.has(flag::SHORT_VERSIONS) { 30 } else { 0 }, hits);
            }
            // The number of a parcel, written as one; a sentence about it may hold others.
            let thing = quiet.has(flag::NUMBERS)
                && !found.any(class::PLUS)
                && !(found.any(class::SPACE) && found.any(class::LOWER));
            if found.digits >= 7 && !thing {
                numbers::find(text, hits);
            }
            if found.digits >= 4 && found.any(class::UPPER | class::LOWER | class::DASH) {
                let from = hits.len();
                letters::find(text, hits);
                if thing {
                    hits.keep_only(from, Kind::Iban);
                }
            }
            if found.digits >= 8 && found.all(class::DOT | class::OTHER) && !quiet.has(flag::GEOMETRY | flag::STYLE) {
                geo::find_pairs(text, hits);
            }
            if found.any(class::COLON) || (found.longest >= 17 && found.any(class::DASH)) {
                net::find_colons(text, hits);
            }
            if self.policy.truncates_ip() {
                net::truncate(text, hits, point);
            }
        }
        if found.longest >= 16 {
            secret::find(text, hits);
            if found.longest >= 26 {
                crypto::find(text, hits);
            }
        }
        self.policy.find_patterns(text, hits);
        if self.policy.is_strict() && found.all(class::UPPER | class::SPACE) {
            name::find(text, hits);
        }
        // `/home/` of a page is no directory; a drive's `\\Users\\` is one everywhere.
        let file = !quiet.has(flag::PAGES) || quiet.has(flag::FILES) || found.any(class::BACKSLASH);
        if found.any(class::SLASH | class::BACKSLASH) && spot.place == Place::Value && file {
            secret::find_home(text, hits);
        }
    }

    /// Records a finding that covers a whole text.
    fn mark_all(&mut self, text: &str, kind: Kind) {
        self.hits.mark(0, text.len(), kind);
    }
}

/// True if full-width forms (`電話：０９０…`) or numbers with other spaces and dashes than those of ASCII may stand there.
fn may_be_wide(text: &str, found: Features) -> bool {
    found.any(class::FULL)
        || found.any(class::WIDE) && found.digits >= 6 && memchr::memchr(0xE2, text.as_bytes()).is_some()
}

/// Text without any of these holds nothing: `pageview`, `Europe/Berlin`, `/pricing`.
const fn is_worth_it(found: Features) -> bool {
    const SIGNS: u32 = class::AT | class::PERCENT | class::BACKSLASH | class::AMPERSAND | class::EQUALS | class::FULL;
    found.digits >= 4
        || found.any(SIGNS)
        || (found.longest >= 8 && found.any(class::UPPER))
        || found.longest >= 20
        || (found.any(class::SLASH) && found.any(class::DOT | class::COLON))
        || found.all(class::COLON | class::SPACE)
        || found.all(class::SLASH | class::UPPER)
}

#[cfg(test)]
#[path = "look_tests.rs"]
mod tests;
