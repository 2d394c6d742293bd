//! Verdicts that are remembered between events: user agents, addresses of pages, titles and chains of elements come again and
//! again, and most hold nothing.
//!
//! Only this is kept: that a text under a key and a policy was clean, as a hash under a random key of this thread. No text is
//! kept; who chooses texts cannot choose their hashes. Nothing is remembered while a signed-in person is looked for, nor of a
//! text with the project's own token in it, which is clean in the events of that project alone.

use std::hash::{BuildHasher, Hasher, RandomState};

use crate::scrub::keys::Key;

/// A power of two: 32 kB per thread.
const PLACES: usize = 4096;
/// Shorter texts are looked through as quickly as they are hashed.
pub(super) const SHORTEST: usize = 16;

/// Hashes of clean texts.
#[derive(Debug, Default)]
pub(super) struct Clean {
    state: RandomState,
    places: Vec<u64>,
    /// The policy of the current event.
    policy: u64,
}

impl Clean {
    /// Begins an event: what is clean under one policy may not be so under another.
    pub(super) fn begin(&mut self, policy: u64) {
        self.policy = policy;
    }

    /// The hash of a text under a key.
    pub(super) fn tag(&self, text: &str, key: Key) -> u64 {
        let mut hasher = self.state.build_hasher();
        let kind = key.kind.map_or(0, |kind| u64::from(kind as u8) + 1);
        hasher.write_u64(self.policy);
        hasher.write_u64(u64::from(key.flags) | kind << 32 | u64::from(key.rule) << 40);
        hasher.write(text.as_bytes());
        // Zero is an empty place.
        hasher.finish() | 1
    }

    /// True if the text with this hash was clean.
    pub(super) fn has(&self, tag: u64) -> bool {
        self.places.get(place(tag)) == Some(&tag)
    }

    /// Remembers a clean text; the older one of the same place is forgotten.
    pub(super) fn add(&mut self, tag: u64) {
        if self.places.is_empty() {
            self.places = vec![0; PLACES];
        }
        if let Some(slot) = self.places.get_mut(place(tag)) {
            *slot = tag;
        }
    }
}

fn place(tag: u64) -> usize {
    usize::try_from(tag >> 1).unwrap_or_default() % PLACES
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrub::keys::flag;

    #[test]
    fn a_text_is_clean_only_as_it_was_looked_at() {
        let mut clean = Clean::default();
        clean.begin(1);
        let tag = clean.tag("https://example.org/pricing", Key::SILENT);
        assert!(!clean.has(tag));
        clean.add(tag);
        assert!(clean.has(clean.tag("https://example.org/pricing", Key::SILENT)));
        assert!(!clean.has(clean.tag("https://example.org/pricing?", Key::SILENT)));
        assert!(!clean.has(clean.tag("https://example.org/pricing", Key::SILENT.with(flag::PAGES))));
        clean.begin(2);
        assert!(!clean.has(clean.tag("https://example.org/pricing", Key::SILENT)));
        clean.begin(1);
        assert!(clean.has(clean.tag("https://example.org/pricing", Key::SILENT)));
    }
}
