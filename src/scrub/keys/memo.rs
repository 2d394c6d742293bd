//! Keys of properties and parameters, and a memory of their meaning: a site has a few hundred, and reading one takes ten
//! times as long as finding it again.

use super::{Key, flag, read};
use crate::scrub::features::{class, is};

/// A power of two of pairs of places; 373 different keys stood in all captured events of two vendors, and segments of paths are
/// read as keys too.
const PAIRS: usize = 2048;
/// The longest key that is remembered, in bytes.
const LONGEST: usize = 47;

/// Meanings by key. Only names that a programmer writes are kept (letters, `$`, `_`, `-`, `.`, up to three digits), never a key that
/// could be data.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    /// Two keys that share a hash do not drive each other out.
    pairs: Vec<[Place; 2]>,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    key: Key,
    length: u8,
    name: [u8; LONGEST],
}

/// The empty name, which announces nothing.
const EMPTY: Place = Place { key: Key::SILENT, length: 0, name: [0; LONGEST] };

impl Place {
    fn of(key: Key, name: &[u8]) -> Self {
        let mut own = Self { key, length: u8::try_from(name.len()).unwrap_or(0), ..EMPTY };
        own.name.iter_mut().zip(name).for_each(|(slot, byte)| *slot = *byte);
        own
    }

    #[inline]
    fn is(&self, name: &[u8]) -> bool {
        self.name.get(..usize::from(self.length)) == Some(name)
    }
}

impl Memo {
    /// The meaning of the key of a property or parameter.
    pub(crate) fn key(&mut self, name: &str) -> Key {
        self.known(name).unwrap_or_else(|| property(name))
    }

    /// The meaning of a key that a programmer wrote; nothing for one that could be data itself.
    pub(crate) fn known(&mut self, name: &str) -> Option<Key> {
        self.recall(name.as_bytes()).or_else(|| self.learn(name))
    }

    /// The meaning of a key that was read before.
    #[inline]
    pub(crate) fn recall(&self, name: &[u8]) -> Option<Key> {
        let [first, second] = self.pairs.get(hash(name) % PAIRS)?;
        let place = if first.is(name) { first } else { second };
        place.is(name).then_some(place.key)
    }

    #[cold]
    fn learn(&mut self, name: &str) -> Option<Key> {
        let bytes = name.as_bytes();
        if bytes.len() > LONGEST || !is_name(bytes) {
            return None;
        }
        let key = property(name);
        if let Some(pair) = self.pairs.get_mut(hash(bytes) % PAIRS) {
            let [first, _] = *pair;
            *pair = [Place::of(key, bytes), first];
        }
        Some(key)
    }

    /// Makes room, once per thread.
    pub(crate) fn begin(&mut self) {
        if self.pairs.is_empty() {
            self.pairs = vec![[EMPTY; 2]; PAIRS];
        }
    }
}

/// From the length and the first, middle and last eight bytes of a name.
#[inline]
fn hash(name: &[u8]) -> usize {
    let seed = name.len() as u64;
    let hash = match (name.first_chunk::<8>(), name.last_chunk::<8>()) {
        (Some(first), Some(last)) => {
            let middle = name.get(name.len() / 2 - 4..).and_then(<[u8]>::first_chunk::<8>).unwrap_or(first);
            let [first, middle, last] = [first, middle, last].map(|own| u64::from_le_bytes(*own));
            mix(mix(seed ^ first) ^ middle.rotate_left(23) ^ last)
        }
        _ => mix(name.iter().fold(seed, |own, byte| own << 8 | u64::from(*byte))),
    };
    usize::try_from(hash & 0xFFFF_FFFF).unwrap_or_default()
}

/// True for a name that a programmer wrote, and that holds no number, address or base64 of one.
fn is_name(bytes: &[u8]) -> bool {
    // Flags are named by whoever made them.
    let bytes = bytes.strip_prefix(b"$feature/").unwrap_or(bytes);
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

#[inline]
fn mix(word: u64) -> u64 {
    let product = word.wrapping_mul(0x9E37_79B9_7F4A_7C15);
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
        memo.begin();
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
