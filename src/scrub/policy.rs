//! What the site wants beyond the recommendation: rules for keys, templates of paths, query lists, patterns, presets.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use hmac::{Hmac, KeyInit, Mac};
use regex::{Regex, RegexBuilder};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::hits::Hits;
use super::keys::Key;
use super::keys::words::Words;
use super::kind::Kind;
use super::template::Template;
use crate::config::fault::{Faults, KeyPath};
use crate::config::scrub::{Preset, Scrub};

/// The most keys with rules.
const RULES: usize = 10_000;
/// The most patterns, and the largest of them when compiled: every text is looked at by each.
const PATTERNS: usize = 64;
/// The largest compiled pattern.
const PATTERN_BYTES: usize = 1 << 20;
/// Characters of a hash, 80 bits; fewer than the least are no better than a mark.
const HASH: usize = 16;
const LEAST_HASH: usize = 8;

/// The policy in the form in which it is asked. `Default` is the recommendation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policy {
    /// Tells policies apart; 0 is the recommendation.
    id: u64,
    preset: Preset,
    /// Rules by folded key: an index plus one into `rules`.
    names: BTreeMap<String, u16>,
    /// Rules by folded words that stand in a key, with words before or after them (`*_search`, `user_*`).
    words: BTreeMap<String, Wide>,
    rules: Vec<Rule>,
    templates: Vec<Template>,
    query: bool,
    click_ids: bool,
    truncate_ip: bool,
    patterns: Vec<Regex>,
    key: Option<HashKey>,
}

/// What becomes of the values of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rule {
    /// They stay.
    Keep,
    /// They go.
    Deny,
    /// A keyed hash takes their place.
    Hash(String),
    /// The key goes with them.
    Drop,
    /// A word takes their place.
    Replace(String),
    /// Only these stay.
    Texts(Vec<Text>),
    /// They stay in a query that is otherwise emptied.
    Query,
}

/// A rule for words that stand in a key.
#[derive(Debug, Clone, Copy)]
struct Wide {
    /// Other words may stand before them.
    before: bool,
    /// Other words may stand after them.
    after: bool,
    rule: u16,
}

/// The key of hashes. Not shown.
#[derive(Clone)]
struct HashKey(Zeroizing<Vec<u8>>);

impl fmt::Debug for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashKey(..)")
    }
}

impl Policy {
    /// Reads the configuration. Every fault is named; what is sound stays usable.
    pub(crate) fn build(shape: &Scrub, at: &KeyPath, faults: &mut Faults) -> Self {
        let strict = shape.preset == Preset::Strict;
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let mut own = Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            preset: shape.preset,
            click_ids: shape.click_ids || strict,
            truncate_ip: shape.truncate_ip,
            query: shape.query.is_some() || strict,
            ..Self::default()
        };
        own.list("allow", &shape.allow, |_| Rule::Keep, at, faults);
        own.list("deny", &shape.deny, |_| Rule::Deny, at, faults);
        own.list("hash", &shape.hash, |name| Rule::Hash(name.to_owned()), at, faults);
        own.list("drop", &shape.drop, |_| Rule::Drop, at, faults);
        for (name, word) in &shape.replace {
            let place = at.key("replace").key(name);
            if word.is_empty()
                || !word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'~' | b'-'))
            {
                faults.push(
                    place,
                    format!("the word {word:?} must consist of letters, digits and . _ ~ -"),
                    "write a word such as \"removed\"",
                );
            } else {
                own.rule(name, Rule::Replace(word.clone()), place, faults);
            }
        }
        for (name, texts) in &shape.texts {
            let texts = texts.iter().map(|own| Text::read(own)).collect();
            own.rule(name, Rule::Texts(texts), at.key("texts").key(name), faults);
        }
        own.list("query", shape.query.as_deref().unwrap_or_default(), |_| Rule::Query, at, faults);
        for (index, path) in shape.paths.iter().enumerate() {
            match Template::read(path) {
                Some(template) => own.templates.push(template),
                None => faults.push(
                    at.key("paths").index(index),
                    format!("the template {path:?} must start with a slash and have a part with a colon"),
                    "write it like \"/u/:id/orders\"",
                ),
            }
        }
        for (index, pattern) in shape.patterns.iter().enumerate() {
            if index == PATTERNS {
                faults.push(
                    at.key("patterns"),
                    format!("{} patterns, and {PATTERNS} are the most", shape.patterns.len()),
                    "join patterns with |",
                );
                break;
            }
            match RegexBuilder::new(&pattern.pattern).size_limit(PATTERN_BYTES).build() {
                Ok(regex) if regex.find("").is_none() => own.patterns.push(regex),
                Ok(_) => faults.push(
                    at.key("patterns").index(index).key("pattern"),
                    format!("the pattern {:?} matches the empty text", pattern.name),
                    "demand at least one character",
                ),
                Err(_) => faults.push(
                    at.key("patterns").index(index).key("pattern"),
                    format!("the pattern {:?} is no regular expression of linear time and moderate size", pattern.name),
                    "write it without look-around and back-references, like \"KD-[0-9]{6}\"",
                ),
            }
        }
        own
    }

    /// This policy with the key of its hashes. Without one, hashed values are removed.
    pub(crate) fn with_key(mut self, key: &[u8]) -> Self {
        self.key = Some(HashKey(Zeroizing::new(key.to_vec())));
        self
    }

    fn list(&mut self, key: &str, names: &[String], rule: impl Fn(&str) -> Rule, at: &KeyPath, faults: &mut Faults) {
        for (index, name) in names.iter().enumerate() {
            self.rule(name, rule(&fold(name)), at.key(key).index(index), faults);
        }
    }

    fn rule(&mut self, name: &str, rule: Rule, place: KeyPath, faults: &mut Faults) {
        let folded = fold(name);
        if folded.is_empty() {
            faults.push(
                place,
                "a key must hold at least one letter",
                "write the name of a property or of a query parameter",
            );
            return;
        }
        let (before, after) = (name.starts_with('*'), name.ends_with('*'));
        let wide = before || after;
        let known = if wide { self.words.contains_key(&folded) } else { self.names.contains_key(&folded) };
        if known {
            faults.push(place, format!("the key {name:?} has a rule already"), "name each key once, in one spelling");
            return;
        }
        if self.rules.len() == RULES {
            faults.push(place, format!("more than {RULES} keys have rules"), "use * for words in keys: \"*_email\"");
            return;
        }
        self.rules.push(rule);
        let rule = u16::try_from(self.rules.len()).unwrap_or(u16::MAX);
        if wide {
            self.words.insert(folded, Wide { before, after, rule });
        } else {
            self.names.insert(folded, rule);
        }
    }

    /// A key with the site's rule for it.
    #[inline]
    pub(crate) fn amend(&self, name: &str, own: Key) -> Key {
        if self.rules_nothing() { own } else { self.ruled(name, own) }
    }

    /// True if the site has no rules for keys.
    #[inline]
    pub(crate) fn rules_nothing(&self) -> bool {
        self.rules.is_empty()
    }

    fn ruled(&self, name: &str, own: Key) -> Key {
        let words = Words::of(name);
        let Some(last) = words.len().checked_sub(1) else { return own };
        let exact = words.joined().and_then(|all| self.names.get(all)).copied();
        Key { rule: exact.or_else(|| self.wide(&words, last)).unwrap_or_default(), ..own }
    }

    /// The rule for words that stand in a key: the longest run of words that has one.
    fn wide(&self, words: &Words, last: usize) -> Option<u16> {
        if self.words.is_empty() {
            return None;
        }
        (0..=last).rev().find_map(|length| {
            (0..=last - length).find_map(|first| {
                let end = first + length;
                let wide = self.words.get(std::str::from_utf8(words.compound(first, end)).ok()?)?;
                ((first == 0 || wide.before) && (end == last || wide.after)).then_some(wide.rule)
            })
        })
    }

    /// The rule of a key.
    pub(crate) fn rule_of(&self, key: Key) -> Option<&Rule> {
        self.rules.get(usize::from(key.rule).checked_sub(1)?)
    }

    /// A number that no other policy of this process has.
    pub(crate) const fn id(&self) -> u64 {
        self.id
    }

    /// True if text is to be looked through that holds nothing by its bytes.
    pub(crate) fn is_curious(&self) -> bool {
        self.is_strict() || !self.patterns.is_empty()
    }

    /// True if what is merely likely goes as well.
    pub(crate) const fn is_strict(&self) -> bool {
        matches!(self.preset, Preset::Strict)
    }

    /// True if values of this kind are removed when their key alone announces them.
    pub(crate) const fn heeds(&self, kind: Kind) -> bool {
        !matches!(self.preset, Preset::Minimal)
            || matches!(
                kind,
                Kind::Password
                    | Kind::Token
                    | Kind::ApiKey
                    | Kind::Jwt
                    | Kind::SessionId
                    | Kind::Otp
                    | Kind::OauthCode
                    | Kind::ClickId
            )
    }

    /// True if parameters that are neither attribution nor listed lose their values.
    pub(crate) const fn empties_queries(&self) -> bool {
        self.query
    }

    /// True if the values of ad click ids go.
    pub(crate) const fn removes_click_ids(&self) -> bool {
        self.click_ids
    }

    /// True if the network of an IP address stays.
    pub(crate) const fn truncates_ip(&self) -> bool {
        self.truncate_ip
    }

    /// True if there are templates of paths.
    pub(crate) const fn has_templates(&self) -> bool {
        !self.templates.is_empty()
    }

    /// Finds the parts of a path that a template marks with a colon.
    pub(crate) fn find_in_path(&self, path: &str, hits: &mut Hits) {
        for template in &self.templates {
            template.find(path, hits);
        }
    }

    /// Finds the site's own patterns.
    pub(crate) fn find_patterns(&self, text: &str, hits: &mut Hits) {
        for pattern in &self.patterns {
            for found in pattern.find_iter(text) {
                hits.mark(found.start(), found.end(), Kind::Custom);
            }
        }
    }

    /// The hash that takes a value's place: between stars like a mark, no longer than the value. Nothing without a key, or when
    /// the value leaves no room for eight characters.
    pub(crate) fn hash(&self, name: &str, value: &str) -> Option<String> {
        const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        let room = value.len().checked_sub(2).filter(|room| *room >= LEAST_HASH)?.min(HASH);
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key.as_ref()?.0).ok()?;
        for part in ["scrub", name, value] {
            mac.update(&u64::try_from(part.len()).unwrap_or_default().to_be_bytes());
            mac.update(part.as_bytes());
        }
        let digest = mac.finalize().into_bytes();
        let letter = |own: &u8| ALPHABET.get(usize::from(own & 31)).copied().map_or('a', char::from);
        Some(format!("*{}*", digest.iter().take(room).map(letter).collect::<String>()))
    }
}

/// A text that may stand under a key: literal parts, with parts between them that go (`Invoice for *`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text(Vec<String>);

impl Text {
    fn read(text: &str) -> Self {
        Self(text.split('*').map(str::to_owned).collect())
    }

    /// Marks what stands at the stars. False if the text is another.
    pub(crate) fn keep(&self, text: &str, hits: &mut Hits) -> bool {
        let ends = self.0.split_first().and_then(|(first, rest)| Some((first, rest.split_last()?)));
        let Some((first, (last, middle))) = ends else {
            return self.0.first().is_some_and(|only| only == text);
        };
        let point = hits.len();
        let fits =
            text.len() >= first.len() + last.len() && text.starts_with(first.as_str()) && text.ends_with(last.as_str());
        let end = text.len().saturating_sub(last.len());
        let mut at = first.len();
        for part in middle.iter().filter(|own| !own.is_empty()) {
            let Some(found) = text.get(at..end).filter(|_| fits).and_then(|rest| rest.find(part.as_str())) else {
                hits.forget(point);
                return false;
            };
            mark_gap(text, at, at + found, hits);
            at += found + part.len();
        }
        if fits {
            mark_gap(text, at, end, hits);
        }
        fits
    }
}

/// Marks what stands at a star, unless it is a mark already.
fn mark_gap(text: &str, start: usize, end: usize, hits: &mut Hits) {
    if text.get(start..end).is_some_and(|gap| !super::kind::is_mark(gap)) {
        hits.mark(start, end, Kind::Denied);
    }
}

/// A key without separators and case: `user_email`, `userEmail` and `User-Email` are one.
fn fold(name: &str) -> String {
    Words::of(name).joined().unwrap_or_default().to_owned()
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
