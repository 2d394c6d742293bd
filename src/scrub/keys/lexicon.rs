//! The word lists as one hash table, built once.

use std::sync::LazyLock;

use super::quiet_tongues::MORE_QUIET;
use super::tongues::MORE;
use super::{Sense, flag, ids::IDS, kinds::KINDS, quiet::QUIET, stems::STEMS};

/// A power of two, more than twice the number of words: look-ups of unknown words end at the first or second place.
const PLACES: usize = 16384;

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::build);

/// What a word (or compound of neighbouring words) of a key means; nothing for unknown words.
pub(super) fn sense(word: &[u8]) -> Option<Sense> {
    LEXICON.find(word)
}

/// What the longest known word at the end of this one means, if it is marked as counting there.
pub(super) fn tail(word: &[u8]) -> Option<Sense> {
    // Shorter tails than five letters are endings of too many words.
    let end = word.get(word.len().checked_sub(TAIL)?..)?;
    if !LEXICON.tails.has(end) {
        return None;
    }
    (2..=word.len() - TAIL)
        .filter_map(|cut| word.get(cut..))
        .find_map(|rest| sense(rest).filter(|own| own.flags & flag::TAIL != 0))
}

/// What the longest known word at the beginning of this one means, if it is marked as counting there.
pub(super) fn head(word: &[u8]) -> Option<Sense> {
    if !LEXICON.heads.has(word.get(..HEAD)?) {
        return None;
    }
    (HEAD..word.len().min(30))
        .rev()
        .filter_map(|cut| word.get(..cut))
        .find_map(|start| sense(start).filter(|own| own.flags & flag::HEAD != 0))
}

/// The shortest tail and the shortest stem, in bytes.
const TAIL: usize = 5;
const HEAD: usize = 4;

/// The ends of all tails, or the beginnings of all stems: most words share none, and need no further look-up.
struct Filter([u64; 64]);

impl Filter {
    fn bit(bytes: &[u8]) -> (usize, u64) {
        let hash = bytes.iter().fold(0_usize, |hash, own| hash.wrapping_mul(31).wrapping_add(usize::from(*own)));
        (hash / 64 % 64, 1 << (hash % 64))
    }

    fn add(&mut self, bytes: Option<&[u8]>) {
        let Some(bytes) = bytes else { return };
        let (place, bit) = Self::bit(bytes);
        if let Some(slot) = self.0.get_mut(place) {
            *slot |= bit;
        }
    }

    fn has(&self, bytes: &[u8]) -> bool {
        let (place, bit) = Self::bit(bytes);
        self.0.get(place).is_some_and(|slot| slot & bit != 0)
    }
}

/// Makes the table, so that no event waits for it.
pub(super) fn prepare() {
    LazyLock::force(&LEXICON);
}

struct Lexicon {
    places: Vec<Option<(&'static str, Sense)>>,
    tails: Filter,
    heads: Filter,
}

impl Lexicon {
    fn build() -> Self {
        let mut own = Self { places: vec![None; PLACES], tails: Filter([0; 64]), heads: Filter([0; 64]) };
        for (kind, list) in KINDS.iter().chain(IDS).chain(MORE).chain(STEMS) {
            for word in list.split_ascii_whitespace() {
                let (word, flags) = own.marked(word);
                let sense = own.entry(word);
                // The first list that names a word decides.
                if sense.kind.is_none() {
                    sense.kind = Some(*kind);
                    sense.flags |= flags;
                } else if sense.kind == Some(*kind) {
                    sense.flags |= flags & (flag::HEAD | flag::TAIL);
                }
            }
        }
        for (flags, list) in QUIET.iter().chain(MORE_QUIET) {
            for word in list.split_ascii_whitespace() {
                let (word, marks) = own.marked(word);
                own.entry(word).flags |= flags | marks;
            }
        }
        own
    }

    /// A word without its marks, and what they say; the filters learn it.
    fn marked(&mut self, word: &'static str) -> (&'static str, u32) {
        let marks = word.len() - word.trim_start_matches(['+', '~', '=', '^']).len();
        let (marks, word) = word.split_at_checked(marks).unwrap_or(("", word));
        let flags = marks.bytes().fold(0, |flags, mark| {
            flags
                | match mark {
                    b'+' => flag::TAIL,
                    b'~' => flag::WEAK,
                    b'^' => flag::HEAD,
                    _ => flag::SOLO,
                }
        });
        if flags & flag::TAIL != 0 {
            self.tails.add(word.len().checked_sub(TAIL).and_then(|from| word.as_bytes().get(from..)));
        }
        if flags & flag::HEAD != 0 {
            self.heads.add(word.as_bytes().get(..HEAD));
        }
        (word, flags)
    }

    fn entry(&mut self, word: &'static str) -> &mut Sense {
        let start = place(word.as_bytes());
        let found = (start..start + PLACES)
            .map(|at| at % PLACES)
            .find(|at| self.places.get(*at).is_some_and(|own| own.is_none_or(|(known, _)| known == word)));
        // The table is far from full (tested), so there is always a place; the first one stands in otherwise.
        let slot = self.places.get_mut(found.unwrap_or_default());
        static_slot(slot, word)
    }

    fn find(&self, word: &[u8]) -> Option<Sense> {
        let start = place(word);
        for at in start..start + PLACES {
            match self.places.get(at % PLACES) {
                Some(Some((known, sense))) if known.as_bytes() == word => return Some(*sense),
                Some(Some(_)) => {}
                _ => return None,
            }
        }
        None
    }
}

#[allow(clippy::expect_used, reason = "runs once over constant lists; a test runs it")]
fn static_slot<'a>(slot: Option<&'a mut Option<(&'static str, Sense)>>, word: &'static str) -> &'a mut Sense {
    &mut slot.expect("a table has places").get_or_insert((word, Sense::default())).1
}

fn place(word: &[u8]) -> usize {
    hash(word) % PLACES
}

/// FNV-1a.
pub(super) fn hash(word: &[u8]) -> usize {
    let hash = word
        .iter()
        .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3));
    usize::try_from((hash ^ (hash >> 29)) & 0xFFFF_FFFF).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrub::kind::Kind;

    #[test]
    fn the_table_is_less_than_half_full() {
        let used = LEXICON.places.iter().flatten().count();
        assert!(used > 3000 && used < PLACES / 2, "{used}");
    }

    #[test]
    fn words_are_written_as_keys_are_folded() {
        for (_, list) in KINDS.iter().chain(IDS).chain(MORE).chain(STEMS) {
            for word in list.split_ascii_whitespace() {
                let word = word.trim_start_matches(['+', '~', '=', '^']);
                let words = super::super::words::Words::of(word);
                assert_eq!(words.joined(), Some(word));
            }
        }
    }

    #[test]
    fn tails_count_only_where_marked() {
        assert_eq!(tail(b"kundentelefonnummer").and_then(|sense| sense.kind), Some(Kind::Phone));
        assert_eq!(tail(b"useremail").and_then(|sense| sense.kind), Some(Kind::Email));
        for word in ["compass", "hotel", "filename", "passwordless", "island", "hostname", "bypass"] {
            assert!(tail(word.as_bytes()).is_none(), "{word}");
        }
    }
}
