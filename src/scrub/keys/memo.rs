//! Keys of properties and parameters, and a memory of their meaning: a site has a few hundred, and reading one takes a hundred
//! times as long as finding it again. Those that the vendors' own SDKs write are known from the start.

use std::hash::{BuildHasher, Hasher};
use std::sync::LazyLock;

use foldhash::quality::RandomState;

use super::{Key, flag, read, sdk};
use crate::scrub::detect::opaque::{Opacity, opacity};
use crate::scrub::features::{class, is};
use crate::scrub::verdicts::Verdicts;

/// A power of two of pairs of places, 64 kB: 373 different keys stood in all captured events of two vendors, and segments of paths
/// are read as keys too.
const PAIRS: usize = 2048;
/// The longest key that is remembered, in bytes.
const LONGEST: usize = 64;

/// Meanings by key, which is held as a hash under a random key of this process. Only names that a programmer writes are kept
/// (letters, `$`, `_`, `-`, `.`, up to three digits), never a key that could be data.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memo {
    state: RandomState,
    keys: Verdicts<Key, PAIRS>,
}

/// What a new thread knows.
static SDK: LazyLock<Memo> = LazyLock::new(|| {
    let mut own = Memo::default();
    for name in sdk::NAMES.split_ascii_whitespace() {
        own.keys.put(own.tag(name.as_bytes()), property(name));
    }
    own
});

impl Memo {
    /// The meaning of the key of a property or parameter.
    pub(crate) fn key(&mut self, name: &str) -> Key {
        self.known(name).unwrap_or_else(|| property(name))
    }

    /// The meaning of a key that a programmer wrote; nothing for one that could be data itself.
    pub(crate) fn known(&mut self, name: &str) -> Option<Key> {
        let tag = self.tag(name.as_bytes());
        self.recall(tag).or_else(|| self.learn(name, tag))
    }

    /// The hash of a key.
    #[inline]
    pub(crate) fn tag(&self, name: &[u8]) -> u64 {
        let mut hasher = self.state.build_hasher();
        hasher.write(name);
        hasher.finish() | 1
    }

    /// The meaning of the key with this hash, if it was read before.
    #[inline]
    pub(crate) fn recall(&self, tag: u64) -> Option<Key> {
        self.keys.get(tag)
    }

    #[cold]
    fn learn(&mut self, name: &str, tag: u64) -> Option<Key> {
        let bytes = name.as_bytes();
        // `ghp_...`: a secret in the place of a key.
        if bytes.len() > LONGEST || !is_name(bytes) || (bytes.len() >= 20 && opacity(name) != Opacity::Plain) {
            return None;
        }
        let key = property(name);
        self.keys.put(tag, key);
        Some(key)
    }

    /// Begins with what every thread knows.
    pub(crate) fn begin(&mut self) {
        if self.keys.is_empty() {
            self.clone_from(&SDK);
        }
    }
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
    fn names_of_the_sdks_are_known_from_the_start() {
        let mut memo = Memo::default();
        memo.begin();
        let names: Vec<_> = sdk::NAMES.split_ascii_whitespace().collect();
        let known = names.iter().filter(|name| memo.recall(memo.tag(name.as_bytes())) == Some(property(name))).count();
        // A pair that three of them share holds two; which ones do is chance.
        assert!(known * 100 >= names.len() * 90, "{known} of {}", names.len());
        assert!(names.iter().all(|name| is_name(name.as_bytes())));
        assert_eq!(names.iter().collect::<std::collections::BTreeSet<_>>().len(), names.len());
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
