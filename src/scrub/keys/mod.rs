//! What a key says about its value: keys of properties, parameters of URLs, form fields, labels in text, and the segments
//! of a path before a value.
//!
//! A key is taken apart into words ([`words`]); each word and each compound of neighbouring words is looked up in lists
//! of nine and more languages. The longest sensitive compound decides, the last one if there are several, unless a
//! word beside it takes the meaning away (`token_count`, `has_phone`, `auth_method`).

mod ids;
mod kinds;
mod lexicon;
pub(crate) mod memo;
mod parts;
mod prefixes;
mod quiet;
mod quiet_tongues;
mod sdk;
mod stems;
mod tongues;
pub(crate) mod vocabulary;
pub(crate) mod words;

use super::kind::Kind;
use words::Words;

/// What else is known about words and keys, one bit each.
pub(crate) mod flag {
    /// Numbers under this key belong to things.
    pub(crate) const NUMBERS: u32 = 1;
    /// Dotted numbers are versions.
    pub(crate) const VERSIONS: u32 = 1 << 1;
    /// Opaque text is a digest or state, not a secret.
    pub(crate) const DIGESTS: u32 = 1 << 2;
    /// Numbers are geometry.
    pub(crate) const GEOMETRY: u32 = 1 << 3;
    /// Looks: no numbers, no secrets.
    pub(crate) const STYLE: u32 = 1 << 4;
    /// Attribution parameter.
    pub(crate) const ATTRIBUTION: u32 = 1 << 5;
    /// Coupons.
    pub(crate) const CODES: u32 = 1 << 6;
    /// The value is the address of a page.
    pub(crate) const PAGES: u32 = 1 << 7;
    /// The value is a path of a file.
    pub(crate) const FILES: u32 = 1 << 8;
    /// A person is around or meant.
    pub(crate) const PERSON: u32 = 1 << 9;
    /// Takes the meaning of a sensitive word before it away.
    pub(crate) const AFTER: u32 = 1 << 10;
    /// Takes the meaning of a sensitive word after it away.
    pub(crate) const BEFORE: u32 = 1 << 11;
    /// Says nothing by itself.
    pub(crate) const FILLER: u32 = 1 << 12;
    /// As segment of a path: secrets follow.
    pub(crate) const SECRETS_FOLLOW: u32 = 1 << 13;
    /// Convinces only together with a fitting value.
    pub(crate) const WEAK: u32 = 1 << 14;
    /// Counts also at the end of a longer word.
    pub(crate) const TAIL: u32 = 1 << 15;
    /// Counts only when written as one word.
    pub(crate) const SOLO: u32 = 1 << 16;
    /// A field of the vendor's protocol: only what is personal by its shape is removed.
    pub(crate) const PROTOCOL: u32 = 1 << 19;
    /// Counts also at the beginning of a longer word.
    pub(crate) const HEAD: u32 = 1 << 20;
    /// A parameter of a page that secrets lead to (`/reset?k=...`).
    pub(crate) const LINKED: u32 = 1 << 21;
    /// No word of the key is in any list.
    pub(crate) const UNKNOWN: u32 = 1 << 22;
    /// Such a key beside data of a person: its value is judged by its look.
    pub(crate) const GUESSED: u32 = 1 << 23;
    /// An id or code: nobody's name.
    pub(crate) const IDENT: u32 = 1 << 24;
    /// One line of several (`line1`): of an address, where one is told.
    pub(crate) const LINE: u32 = 1 << 25;
    /// Dotted numbers that begin like those of versions are versions.
    pub(crate) const SHORT_VERSIONS: u32 = 1 << 27;
    /// As a segment of a path: secrets follow, directly or in its parameters, by a stem of some language.
    pub(crate) const LEADS: u32 = 1 << 26;
}

/// The flags that a key hands on to its value.
const HANDED_ON: u32 = flag::NUMBERS
    | flag::VERSIONS
    | flag::SHORT_VERSIONS
    | flag::DIGESTS
    | flag::GEOMETRY
    | flag::STYLE
    | flag::ATTRIBUTION
    | flag::CODES
    | flag::PAGES
    | flag::FILES
    | flag::PERSON
    | flag::FILLER
    | flag::IDENT
    | flag::SECRETS_FOLLOW;

/// What one word means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sense {
    pub(crate) kind: Option<Kind>,
    pub(crate) flags: u32,
}

/// What a key says about its value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Key {
    /// The kind of data that the key announces.
    pub(crate) kind: Option<Kind>,
    /// Flags of [`flag`]; with [`flag::WEAK`] the announcement needs a fitting value.
    pub(crate) flags: u32,
    /// The site's rule for the key; 0 is none.
    pub(crate) rule: u16,
}

impl Key {
    /// A key that says nothing.
    pub(crate) const SILENT: Self = Self { kind: None, flags: 0, rule: 0 };

    /// True if one of the flags is set.
    #[inline]
    pub(crate) const fn has(self, flags: u32) -> bool {
        self.flags & flags != 0
    }

    /// This key without these flags.
    pub(crate) const fn without(self, flags: u32) -> Self {
        Self { kind: self.kind, flags: self.flags & !flags, rule: self.rule }
    }

    /// This key with further flags.
    pub(crate) const fn with(self, flags: u32) -> Self {
        Self { kind: self.kind, flags: self.flags | flags, rule: self.rule }
    }

    /// One line of several is one of an address where the key, or that of the object around it, means a person or a delivery.
    pub(crate) const fn in_address(self, around: u32) -> Self {
        if self.has(flag::LINE) && around & flag::PERSON != 0 {
            return Self { kind: Some(Kind::Address), flags: self.flags & flag::PERSON | flag::WEAK, rule: self.rule };
        }
        self
    }
}

/// True for `line1`, `shipping_line_2`; not for `line`, which programs have as well.
fn is_line(key: &str, words: &Words) -> bool {
    let last = words.len().saturating_sub(1);
    key.ends_with(['1', '2', '3']) && words.compound(last, last) == b"line"
}

/// Reads a key.
pub(crate) fn read(key: &str) -> Key {
    let words = Words::of(key);
    meaning(key, &words).with(if leads_to_secrets(&words) { flag::LEADS } else { 0 })
}

/// What the words of a key announce together.
fn meaning(key: &str, words: &Words) -> Key {
    let count = words.len();
    let mut best: Option<(usize, usize, Sense)> = None;
    let mut flags = 0;
    let (mut fillers, mut known) = (0_usize, 0_usize);
    for first in 0..count {
        for last in (first..count.min(first + 5)).rev() {
            let Some(sense) = lookup(words, first, last) else { continue };
            known += usize::from(first == last);
            if sense.kind.is_some() {
                // Of two words for a name, the one that needs no further proof (`familiya_imya`, `pouzivatelske_meno`).
                let surer = |own: Sense| {
                    matches!(own.kind, Some(Kind::Name | Kind::Username))
                        && sense.kind == Some(Kind::Name)
                        && sense.flags & !own.flags & flag::WEAK != 0
                };
                let longer = best.is_none_or(|(from, to, own)| {
                    last - first > to - from || !surer(own) && (last - first == to - from || from > last)
                });
                if longer {
                    best = Some((first, last, sense));
                }
            }
            flags |= sense.flags;
            if first == last && sense.flags & flag::FILLER != 0 {
                fillers += 1;
            }
        }
    }
    let quiet = flags & HANDED_ON;
    // `broj_putovnice`: the words announce nothing, or little, by themselves.
    if best.is_none_or(|(.., sense)| sense.flags & flag::WEAK != 0) {
        best = parts::pair(words).or(best);
    }
    let Some((first, last, sense)) = best else {
        // A filler only when nothing else is said: `value`, `raw_text`, and not `parcel_no`.
        let filler = if fillers == count && count > 0 { flag::FILLER } else { 0 };
        let unknown = if known == 0 && count > 0 && !is_common(words) { flag::UNKNOWN } else { 0 };
        let line = if is_line(key, words) { flag::LINE } else { 0 };
        let flags = (quiet & !flag::FILLER) | (filler & quiet) | unknown | line;
        return Key { kind: None, flags, rule: 0 }.in_address(flags);
    };
    if is_neutralised(words, first, last, sense) {
        return Key { kind: None, flags: quiet & !(flag::FILLER | flag::PERSON), rule: 0 };
    }
    let person = quiet & flag::PERSON;
    let weak = if sense.kind == Some(Kind::Name) && person != 0 { 0 } else { sense.flags & flag::WEAK };
    // What the other words say about numbers or opaque text does not hold for announced data, except for attribution.
    let kept = quiet & (flag::ATTRIBUTION | flag::PERSON | flag::PAGES | flag::SECRETS_FOLLOW | flag::DIGESTS);
    Key { kind: sense.kind, flags: kept | weak, rule: 0 }
}

/// Reads the words before a value in prose. What they announce must stand at their end, but for words that say nothing.
pub(crate) fn read_label(phrase: &str) -> Option<Key> {
    let words = Words::last_of(phrase);
    let flags_of = |at: usize| lexicon::sense(words.compound(at, at)).map_or(0, |own| own.flags);
    let mut count = words.len();
    for _ in 0..3 {
        let last = count.checked_sub(1)?;
        let found = (last.saturating_sub(3)..=last).find_map(|first| {
            let sense = lookup(&words, first, last)?;
            sense.kind.map(|kind| Key { kind: Some(kind), flags: sense.flags & flag::WEAK, rule: 0 })
        });
        if found.is_some() {
            return found;
        }
        if let Some(sense) = parts::pair_at(&words, last) {
            return Some(Key { kind: sense.kind, flags: sense.flags & flag::WEAK, rule: 0 });
        }
        let word = words.compound(last, last);
        let verb = matches!(
            word,
            b"is"
                | b"was"
                | b"are"
                | b"ist"
                | b"lautet"
                | b"est"
                | b"es"
                | b"e"
                | b"jest"
                | b"je"
                | b"este"
                | b"adalah"
                | b"lyder"
                | b"ar"
                | b"er"
                | b"on"
                | b"to"
                | b"a"
                | b"my"
                | b"id"
                | b"as"
        );
        if !verb && flags_of(last) & flag::FILLER == 0 {
            return None;
        }
        count = last;
    }
    None
}

/// True if secrets travel behind a segment of a path with these words, or in its parameters.
fn leads_to_secrets(words: &Words) -> bool {
    let whole = words.compound(0, words.len().saturating_sub(1));
    // `activewear` begins like a word for activating, and is a thing.
    let word = |at: usize| words.compound(at, at);
    (0..words.len()).any(|at| stems::secrets_follow(word(at)) && !stems::is_thing(word(at)))
        || words.len() > 1
            && (stems::secrets_follow(whole)
                || lexicon::sense(whole).is_some_and(|own| own.flags & flag::SECRETS_FOLLOW != 0))
}

/// True if some word is one of products and pages: the key is no foreign word for what is personal.
fn is_common(words: &Words) -> bool {
    (0..words.len()).map(|at| words.compound(at, at)).any(|own| vocabulary::is_common(own) || stems::is_thing(own))
}

/// Makes the tables, so that no event waits for them.
pub(super) fn prepare() {
    lexicon::prepare();
    parts::prepare();
    stems::prepare();
}

fn lookup(words: &Words, first: usize, last: usize) -> Option<Sense> {
    let compound = words.compound(first, last);
    match lexicon::sense(compound) {
        Some(sense) if first < last && sense.flags & flag::SOLO != 0 => None,
        // Compounds of several words count for their kind only: `order_by` is not `orderby`. Paths of files are told from
        // those of pages by both words (`abs_path`), and so are things with numbers (`delivery_note`).
        Some(Sense { kind: None, flags }) if first < last => {
            let flags = flags & (flag::FILES | flag::NUMBERS);
            (flags != 0).then_some(Sense { kind: None, flags })
        }
        Some(sense) => Some(sense),
        None if first == last && compound.len() >= 5 => lexicon::tail(compound).or_else(|| lexicon::head(compound)),
        None => None,
    }
}

fn is_neutralised(words: &Words, first: usize, last: usize, sense: Sense) -> bool {
    let flags_of = |at: usize| lexicon::sense(words.compound(at, at)).map_or(0, |own| own.flags);
    if sense.kind == Some(Kind::Name) && sense.flags & flag::WEAK != 0 {
        // `name` beside a word that means no person names a thing: `product_name`, `nom_fichier`.
        return (0..words.len())
            .filter(|at| *at < first || *at > last)
            .any(|at| flags_of(at) & (flag::PERSON | flag::FILLER) == 0 && !is_prefix(words.compound(at, at)));
    }
    // `content_hash`, `image_hash`: digests of things.
    if sense.flags & (flag::WEAK | flag::DIGESTS) == flag::WEAK | flag::DIGESTS {
        let thing = |at: usize| stems::is_thing(words.compound(at, at));
        if (0..words.len()).any(|at| (at < first || at > last) && thing(at)) {
            return true;
        }
    }
    let before = (0..first).any(|at| flags_of(at) & flag::BEFORE != 0 && flags_of(at) & flag::FILLER == 0);
    let after = (last + 1..words.len()).any(|at| takes_away(lexicon::sense(words.compound(at, at)), sense));
    before || after
}

/// True if a word behind an announcement takes its meaning away. `ship_to_name` is still a name; `phone_field` may hold a
/// number, which its value tells.
fn takes_away(word: Option<Sense>, announced: Sense) -> bool {
    let Some(word) = word.filter(|own| own.flags & flag::AFTER != 0) else { return false };
    match announced.kind {
        Some(Kind::Name) => word.kind != Some(Kind::Name),
        Some(Kind::Phone | Kind::Dob) => word.flags & flag::FILLER == 0 || word.flags & flag::IDENT != 0,
        _ => true,
    }
}

/// What PostHog and others put before the name of a property (`$initial_current_url`, `$session_entry_url`, `attr__href`).
fn is_prefix(word: &[u8]) -> bool {
    matches!(
        word,
        b"initial"
            | b"session"
            | b"entry"
            | b"attr"
            | b"data"
            | b"set"
            | b"once"
            | b"prev"
            | b"pageview"
            | b"field"
            | b"prop"
    )
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
