//! Words and stems with what they mean, for look-ups that mostly fail: a filter over the first bytes answers those.

use std::cmp::Reverse;

use super::lexicon::hash;

/// A power of two, about twice the number of words of the longest list.
const BUCKETS: usize = 1024;
/// The shortest stem, in bytes.
const SHORTEST: usize = 3;

/// A word, a stem or an ending, with its bits.
type Entry = (&'static [u8], u32);

/// A set of words, a set of stems and a set of endings, each with bits.
pub(super) struct Prefixes {
    /// By hash: a power of two of buckets, of which most hold none or one.
    words: Vec<Vec<Entry>>,
    /// In order.
    stems: Vec<Entry>,
    /// By their last byte, the longest first.
    endings: Vec<Vec<Entry>>,
    /// One bit per hash of the first three bytes of a stem.
    starts: [u64; 64],
}

impl Prefixes {
    /// Reads lists of words; a `-` at the end marks a stem, one at the start an ending, and
    /// the bits of equal words are joined.
    pub(super) fn read<'a>(lists: impl IntoIterator<Item = &'a (u32, &'static str)>) -> Self {
        let mut own = Self {
            words: vec![Vec::new(); BUCKETS],
            stems: Vec::new(),
            endings: vec![Vec::new(); 256],
            starts: [0; 64],
        };
        for (bits, list) in lists {
            for word in list.split_ascii_whitespace() {
                if let Some(ending) = word.strip_prefix('-') {
                    own.add_ending(ending.as_bytes(), *bits);
                } else if let Some(stem) = word.strip_suffix('-') {
                    own.add_stem(stem.as_bytes(), *bits);
                } else {
                    own.add_word(word.as_bytes(), *bits);
                }
            }
        }
        own.stems.sort_unstable();
        own.stems.dedup_by(|later, first| {
            let same = later.0 == first.0;
            first.1 |= if same { later.1 } else { 0 };
            same
        });
        own
    }

    fn add_word(&mut self, word: &'static [u8], bits: u32) {
        let Some(bucket) = self.words.get_mut(hash(word) % BUCKETS) else { return };
        match bucket.iter_mut().find(|own| own.0 == word) {
            Some(own) => own.1 |= bits,
            None => bucket.push((word, bits)),
        }
    }

    fn add_stem(&mut self, stem: &'static [u8], bits: u32) {
        let (place, bit) = start(stem);
        if let Some(slot) = self.starts.get_mut(place) {
            *slot |= bit;
        }
        self.stems.push((stem, bits));
    }

    fn add_ending(&mut self, ending: &'static [u8], bits: u32) {
        let last = ending.last().copied().unwrap_or_default();
        if let Some(bucket) = self.endings.get_mut(usize::from(last)) {
            bucket.push((ending, bits));
            bucket.sort_by_key(|own| Reverse(own.0.len()));
        }
    }

    /// The bits of what a word begins with and of what it ends with: `bevestigings` and `kode`. Nothing if it is no compound.
    pub(super) fn halves(&self, word: &[u8]) -> Option<(u32, u32)> {
        let alike = self.endings.get(usize::from(*word.last()?))?;
        let fits = |own: &&Entry| word.len() >= own.0.len() + SHORTEST && word.ends_with(own.0);
        let (ending, bits) = alike.iter().find(fits)?;
        let start = self.of(word.get(..word.len() - ending.len())?);
        (start != 0).then_some((start, *bits))
    }

    /// The bits of a word: those of the whole, and those of the longest stem that it begins with.
    pub(super) fn of(&self, word: &[u8]) -> u32 {
        let bucket = self.words.get(hash(word) % BUCKETS);
        let whole = bucket.and_then(|own| own.iter().find(|own| own.0 == word)).map_or(0, |own| own.1);
        let (place, bit) = start(word);
        if word.len() < SHORTEST || self.starts.get(place).is_none_or(|slot| slot & bit == 0) {
            return whole;
        }
        whole | self.stem_of(word)
    }

    fn stem_of(&self, mut word: &[u8]) -> u32 {
        loop {
            // A stem of the word stands before it in the order, and all between the two begin with that stem.
            let after = self.stems.partition_point(|own| own.0 <= word);
            let Some((stem, bits)) = after.checked_sub(1).and_then(|last| self.stems.get(last)) else { return 0 };
            let shared = stem.iter().zip(word).take_while(|(one, other)| one == other).count();
            if shared == stem.len() {
                return *bits;
            }
            let Some(rest) = word.get(..shared).filter(|rest| rest.len() >= SHORTEST) else { return 0 };
            word = rest;
        }
    }
}

fn start(bytes: &[u8]) -> (usize, u64) {
    let hash =
        bytes.iter().take(SHORTEST).fold(0_usize, |hash, own| hash.wrapping_mul(37).wrapping_add(usize::from(*own)));
    (hash / 64 % 64, 1 << (hash % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_longest_stems_are_found() {
        let own = Prefixes::read(&[(1, "broj- no"), (2, "brojk- no"), (4, "nomer")]);
        for (word, bits) in [
            ("no", 3),
            ("nomer", 4),
            ("nomera", 0),
            ("broj", 1),
            ("broja", 1),
            ("brojka", 2),
            ("b", 0),
            ("", 0),
            ("číslo", 0),
        ] {
            assert_eq!(own.of(word.as_bytes()), bits, "{word}");
        }
        let own = Prefixes::read(&[(1, "bevestig-"), (2, "-kode -code")]);
        assert_eq!(own.halves(b"bevestigingskode"), Some((1, 2)));
        assert_eq!(own.halves(b"landkode"), None);
        assert_eq!(own.halves(b"kode"), None);
    }
}
