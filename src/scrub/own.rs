//! What is known about the very person whose event it is: account id, e-mail address, handle, name, telephone number.
//!
//! No pattern finds an opaque id or a name; the session tells them, so they can be removed wherever they stand and however
//! they are encoded (product invariant 9). Terms are wiped when dropped and never printed.
//!
//! A short term would eat innocent text (user `1`, Ms Li), so each has a rule by its length and make: it must stand
//! alone as a word or number, or be the whole value under a key that means a person.

use zeroize::Zeroizing;

use super::detect::numbers;
use super::features::{before, byte, class, is};
use super::hits::Hits;
use super::keys::{self, flag, vocabulary};
use super::kind::Kind;
use super::look::Spot;
use crate::config::session::Own;
use crate::person::{Person, Value};

/// The most terms that are taken from one session.
const MOST: usize = 64;
/// How deep and how broad claims are searched for data that no path names.
const NODES: usize = 512;

/// The terms of one person. No `Debug`: they are what must not leave.
#[derive(Default)]
pub struct OwnTerms {
    terms: Vec<Term>,
    /// National significant numbers of telephones, digits only.
    phones: Vec<Zeroizing<Vec<u8>>>,
    /// Bit per hash of three neighbouring bytes that some term starts with.
    starts: Starts,
}

struct Term {
    /// In lower case where ASCII has one.
    text: Zeroizing<String>,
    rule: Rule,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rule {
    /// Wherever it stands.
    Anywhere,
    /// No letter or digit touches it.
    Word,
    /// Only as the whole value, where the key means a person.
    Whole,
}

struct Starts([u64; 64]);

impl Default for Starts {
    fn default() -> Self {
        Self([0; 64])
    }
}

impl Starts {
    fn place(three: [u8; 3]) -> (usize, u64) {
        let [a, b, c] = three.map(|own| u32::from(own.to_ascii_lowercase()));
        let hash = (a.wrapping_mul(0x9E37) ^ b.wrapping_mul(0x85EB_CA6B) ^ c.wrapping_mul(0xC2B2_AE35)) >> 7;
        ((hash & 63) as usize, 1 << (hash >> 6 & 63))
    }

    fn insert(&mut self, three: [u8; 3]) {
        let (place, bit) = Self::place(three);
        if let Some(slot) = self.0.get_mut(place) {
            *slot |= bit;
        }
    }

    fn has(&self, three: [u8; 3]) -> bool {
        let (place, bit) = Self::place(three);
        self.0.get(place).is_some_and(|slot| slot & bit != 0)
    }
}

impl OwnTerms {
    /// No person is known: nothing to look for.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The terms of a person: the account id, what the paths of `[site.session.own]` name, and what the session's
    /// own keys announce (`email`, `first_name`, `phone`, ...).
    #[must_use]
    pub fn of(person: &Person, own: &Own) -> Self {
        let mut terms = Self::default();
        terms.id(person.user.expose());
        let paths = [
            (&own.email, Kind::Email),
            (&own.handle, Kind::Username),
            (&own.name, Kind::Name),
            (&own.phone, Kind::Phone),
        ];
        for (paths, kind) in paths {
            for value in paths.iter().filter_map(|path| person.claims.at(path)) {
                terms.claim(value, kind);
            }
        }
        terms.discover(&person.claims);
        terms.arrange();
        terms
    }

    fn arrange(&mut self) {
        // Long terms before short ones: the longest finding names the range.
        self.terms.sort_by(|a, b| b.text.len().cmp(&a.text.len()).then_with(|| a.text.cmp(&b.text)));
        self.terms.dedup_by(|a, b| a.text == b.text);
        for term in &self.terms {
            if let [a, b, c, ..] = term.text.as_bytes() {
                self.starts.insert([*a, *b, *c]);
            }
        }
    }

    /// Also these ids, which stand in the event's own identity fields.
    #[must_use]
    pub fn and_ids(mut self, ids: &[String]) -> Self {
        if ids.is_empty() {
            return self;
        }
        for id in ids {
            self.id(id);
        }
        self.arrange();
        self
    }

    /// True if there is nothing to look for.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.phones.is_empty()
    }

    /// Finds the terms in decoded text.
    pub(crate) fn find(&self, text: &str, spot: Spot, hits: &mut Hits) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some([a, b, c]) = bytes.get(at..at + 3) {
            let found = if self.starts.has([*a, *b, *c]) { self.term_at(bytes, at) } else { None };
            match found {
                Some(end) => {
                    hits.mark(at, end, Kind::Own);
                    at = end;
                }
                None => at += 1,
            }
        }
        if spot.key.has(flag::PERSON) && self.terms.iter().any(|term| text.eq_ignore_ascii_case(&term.text)) {
            hits.mark(0, text.len(), Kind::Own);
        }
        for phone in &self.phones {
            numbers::find_digits(bytes, phone, |start, end| hits.mark(start, end, Kind::Own));
        }
    }

    /// Finds an id that stands as a JSON number.
    pub(crate) fn find_number(&self, raw: &str, spot: Spot, hits: &mut Hits) {
        let person = spot.key.has(flag::PERSON);
        let same = |term: &Term| *term.text == raw && (person || term.rule != Rule::Whole);
        let phone = self.phones.iter().any(|own| raw.len() >= own.len() && raw.as_bytes().ends_with(&ascii(own)));
        if phone || self.terms.iter().any(same) {
            hits.mark(0, raw.len(), Kind::Own);
        }
    }

    /// Where a term that starts here ends.
    fn term_at(&self, bytes: &[u8], start: usize) -> Option<usize> {
        let rest = bytes.get(start..)?;
        let term = self.terms.iter().find(|term| {
            let length = term.text.len();
            let same = rest.get(..length).is_some_and(|head| head.eq_ignore_ascii_case(term.text.as_bytes()));
            same && match term.rule {
                Rule::Anywhere => true,
                Rule::Word => stands_alone(bytes, start, start + length),
                Rule::Whole => false,
            }
        })?;
        Some(start + term.text.len())
    }

    fn push(&mut self, text: &str, rule: Rule) {
        let text = text.trim();
        if self.terms.len() < MOST && text.chars().count() >= 3 || rule == Rule::Whole && !text.is_empty() {
            self.terms.push(Term { text: Zeroizing::new(text.to_ascii_lowercase()), rule });
        }
    }

    /// The account id. Digits alone are common: six of them must stand alone, fewer count only where a person is meant.
    fn id(&mut self, id: &str) {
        let digits = id.bytes().all(|own| own.is_ascii_digit());
        let rule = match id.len() {
            ..4 => Rule::Whole,
            4..6 if digits => Rule::Whole,
            _ if digits => Rule::Word,
            4..8 => Rule::Word,
            _ if vocabulary::is_common(id) => Rule::Whole,
            8..12 => Rule::Word,
            _ => Rule::Anywhere,
        };
        self.push(id, rule);
        if super::detect::opaque::is_uuid(id.as_bytes()) {
            self.push(&Zeroizing::new(id.replace('-', "")), Rule::Anywhere);
        }
        if id.contains('@') {
            self.email(id);
        }
    }

    fn claim(&mut self, value: &Value, kind: Kind) {
        if let Value::List(items) = value {
            for item in items.iter().take(8) {
                self.claim(item, kind);
            }
        }
        let Some(text) = value.scalar().map(str::trim).filter(|text| !text.is_empty() && text.len() <= 320) else {
            return;
        };
        match kind {
            Kind::Email => self.email(text),
            Kind::Phone => self.phone(text),
            Kind::Username => self.handle(text),
            _ => self.name(text),
        }
    }

    fn email(&mut self, address: &str) {
        let Some((local, _)) = address.rsplit_once('@') else { return };
        self.push(address, Rule::Anywhere);
        self.handle(local);
        if let Some((plain, _)) = local.split_once('+') {
            self.handle(plain);
        }
    }

    fn handle(&mut self, handle: &str) {
        let handle = handle.trim_start_matches('@');
        let common = vocabulary::is_common(handle) || handle.bytes().all(|own| own.is_ascii_digit());
        let rule = match handle.chars().count() {
            ..4 => Rule::Whole,
            _ if common => Rule::Whole,
            _ => Rule::Word,
        };
        self.push(handle, rule);
    }

    /// A name as a whole, joined in the ways in which logins and slugs join it, and its longer parts.
    fn name(&mut self, name: &str) {
        for form in [Zeroizing::new(name.to_owned()), Zeroizing::new(plain(name))] {
            let parts: Vec<&str> = form.split([' ', '\u{a0}', ',']).filter(|part| !part.is_empty()).collect();
            if form.chars().count() >= 5 && parts.len() >= 2 {
                for separator in [" ", ".", "-", "_", "+", ""] {
                    self.push(&Zeroizing::new(parts.join(separator)), Rule::Word);
                }
                if let [first, .., last] = parts.as_slice() {
                    for (a, b) in [(last, first), (first, last)] {
                        for separator in [", ", " ", ".", "-", "_", ""] {
                            self.push(&Zeroizing::new(format!("{a}{separator}{b}")), Rule::Word);
                        }
                    }
                }
            }
            for part in parts {
                let rule =
                    if part.chars().count() >= 4 && !vocabulary::is_common(part) { Rule::Word } else { Rule::Whole };
                self.push(part, rule);
            }
        }
    }

    fn phone(&mut self, number: &str) {
        let digits: Zeroizing<Vec<u8>> =
            Zeroizing::new(number.bytes().filter(u8::is_ascii_digit).map(|own| own - b'0').collect());
        // Country code and trunk prefix come and go; the last nine digits stay.
        let significant = digits.get(digits.len().saturating_sub(9)..).unwrap_or_default();
        let significant = significant.strip_prefix(&[0]).unwrap_or(significant);
        if significant.len() >= 7 && self.phones.len() < 8 {
            self.phones.push(Zeroizing::new(significant.to_vec()));
        }
    }

    /// Takes what the session's own keys announce.
    fn discover(&mut self, claims: &Value) {
        let mut pending = vec![claims];
        let mut seen = 0;
        while let Some(node) = pending.pop() {
            match node {
                Value::Map(members) => {
                    for (key, value) in members {
                        let kind = key.scalar().and_then(|key| keys::read(key).kind.filter(|_| key != "id"));
                        if let Some(kind @ (Kind::Email | Kind::Phone | Kind::Username | Kind::Name)) = kind {
                            self.claim(value, kind);
                        }
                        pending.push(value);
                    }
                }
                Value::List(items) => pending.extend(items),
                _ => {}
            }
            seen += 1;
            if seen > NODES {
                return;
            }
        }
    }
}

/// Latin letters without their accents.
fn plain(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for own in name.chars() {
        match keys::words::fold(own) {
            "" => out.push(own),
            folded => out.push_str(folded),
        }
    }
    out
}

fn ascii(digits: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(digits.iter().map(|own| own + b'0').collect())
}

fn stands_alone(bytes: &[u8], start: usize, end: usize) -> bool {
    let touches = |own: u8| is(own, class::ALNUM | class::WIDE);
    !touches(before(bytes, start)) && !touches(byte(bytes, end))
}

#[cfg(test)]
#[path = "own_tests.rs"]
mod tests;
