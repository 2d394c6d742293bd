//! Keys of properties and parameters, and a memory of their meaning: a site has a few hundred, and reading one takes ten
//! times as long as finding it again.

use super::{Key, flag, read};
use crate::scrub::features::{class, is};

/// A power of two; 373 different keys stood in all captured events of two vendors, and segments of paths are read as keys too.
const PLACES: usize = 4096;
/// The longest key that is remembered, in words of eight bytes.
const WORDS: usize = 5;
const LONGEST: usize = WORDS * 8;

/// Meanings by key. Only names that a programmer writes are kept (letters, `$`, `_`, `-`, `.`, up to three digits), never a key that could be data.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    places: Vec<Place>,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    key: Key,
    name: Name,
}

/// A name as words of eight bytes. The last word of a longer one are its last eight bytes, so that nothing is copied byte by
/// byte; the length tells apart what that makes equal.
#[derive(Debug, Clone, Copy)]
struct Name {
    words: [u64; WORDS],
    length: usize,
}

/// No name is empty.
const EMPTY: Place = Place { key: Key::SILENT, name: Name { words: [0; WORDS], length: 0 } };

impl Memo {
    /// The meaning of the key of a property or parameter.
    pub(crate) fn key(&mut self, name: &str) -> Key {
        self.known(name).unwrap_or_else(|| property(name))
    }

    /// The meaning of a key that a programmer wrote; nothing for one that could be data itself.
    pub(crate) fn known(&mut self, name: &str) -> Option<Key> {
        let bytes = name.as_bytes();
        if bytes.is_empty() || bytes.len() > LONGEST {
            return None;
        }
        let own = Name::of(bytes);
        if self.places.is_empty() {
            self.places = vec![EMPTY; PLACES];
        }
        let place = self.places.get_mut(own.hash() % PLACES)?;
        if place.name.is(&own) {
            return Some(place.key);
        }
        if !is_name(bytes) {
            return None;
        }
        let key = property(name);
        *place = Place { key, name: own };
        Some(key)
    }
}

/// True for a name that a programmer wrote, and that holds no number, address or base64 of one.
fn is_name(bytes: &[u8]) -> bool {
    const NAMES: u32 =
        class::UPPER | class::LOWER | class::UNDERSCORE | class::DASH | class::DOT | class::DIGIT | class::OTHER;
    let mut bits = 0;
    let mut digits = 0;
    for own in bytes {
        let class = class(*own);
        bits |= class;
        digits += class & class::DIGIT;
    }
    // Three digits are no number of a person; keys of vendors and base64 of an address have capitals and digits.
    let coded = class::UPPER | class::DIGIT;
    bits & !NAMES == 0
        && digits <= 3
        && (bytes.len() < 16 || bits & coded != coded)
        && (bits & class::OTHER == 0 || bytes.iter().all(|own| *own == b'$' || !is(*own, class::OTHER)))
}

impl Name {
    #[inline]
    fn of(bytes: &[u8]) -> Self {
        let mut words = [0; WORDS];
        let (whole, rest) = bytes.as_chunks::<8>();
        for (slot, word) in words.iter_mut().zip(whole) {
            *slot = u64::from_le_bytes(*word);
        }
        if let Some(slot) = words.get_mut(whole.len()).filter(|_| !rest.is_empty()) {
            *slot = match bytes.last_chunk::<8>() {
                Some(last) => u64::from_le_bytes(*last),
                None => rest.iter().fold(0, |own, byte| own << 8 | u64::from(*byte)),
            };
        }
        Self { words, length: bytes.len() }
    }

    #[inline]
    fn hash(&self) -> usize {
        let hash = self.words.iter().fold(self.length as u64, |hash, word| mix(hash, *word));
        usize::try_from(hash & 0xFFFF_FFFF).unwrap_or_default()
    }

    #[inline]
    fn is(&self, other: &Self) -> bool {
        let differences = self.words.iter().zip(&other.words).fold(0, |found, (one, other)| found | (one ^ other));
        differences == 0 && self.length == other.length
    }
}

fn mix(hash: u64, word: u64) -> u64 {
    let product = (hash ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    product ^ product >> 32
}

/// The meaning of the key of a property: fields of a vendor's protocol, and prefixes that say which page is meant.
pub(crate) fn property(name: &str) -> Key {
    if is_protocol(name) { Key::SILENT.with(flag::PROTOCOL) } else { read(without_prefix(name)) }
}

/// Fields of the vendors' protocols: an event without them, or with other values, is refused or misfiled. Only what is
/// personal by its shape is removed from them (an e-mail address as `distinct_id`).
fn is_protocol(name: &str) -> bool {
    matches!(
        name,
        "distinct_id"
            | "$distinct_id"
            | "$device_id"
            | "$session_id"
            | "$window_id"
            | "$insert_id"
            | "$anon_distinct_id"
            | "$user_id"
            | "uuid"
            | "event"
            | "timestamp"
            | "sent_at"
            | "offset"
            | "$groups"
            | "$group_key"
            | "$group_type"
            | "$lib"
            | "$host"
            | "$cookieless_mode"
            | "$process_person_profile"
            | "library"
            | "historical_migration"
            | "$pageview_id"
            | "$feature_flag"
            | "$active_feature_flags"
            | "$event_type"
            | "$set_once"
            | "$browser"
            | "$os"
            | "$device_type"
    )
}

/// PostHog puts these before the names of properties of the first or the previous page.
fn without_prefix(name: &str) -> &str {
    const PREFIXES: [&str; 5] = ["$initial_", "$session_entry_", "$prev_pageview_", "$latest_", "attr__"];
    PREFIXES.iter().find_map(|own| name.strip_prefix(own)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_what_is_read() {
        let mut memo = Memo::default();
        for _ in 0..3 {
            for name in [
                "email",
                "$initial_email",
                "first_name",
                "$session_id",
                "session_id",
                "a@b.co",
                "x1",
                "",
                "token_count",
                &"long_".repeat(20),
            ] {
                assert_eq!(memo.key(name), property(name), "{name}");
            }
        }
    }

    #[test]
    fn keys_that_could_be_data_are_not_remembered() {
        for name in
            ["ada@example.org", "0151 123", "a/b", "k%40", "name=ada", "4111", "ada1942", "AKIA7RJU5DHK3VXAHQJX"]
        {
            assert!(!is_name(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn fields_of_the_protocol_are_known() {
        assert!(property("$session_id").has(flag::PROTOCOL) && property("$session_id").kind.is_none());
        assert!(property("session_id").kind.is_some());
    }
}
