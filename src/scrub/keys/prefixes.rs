//! Words and stems with what they mean, for look-ups that mostly fail: a filter over the first bytes answers those.

use super::lexicon::hash;

/// A power of two, about twice the number of words of the longest list.
const BUCKETS: usize = 1024;
/// The shortest stem, in bytes.
const SHORTEST: usize = 3;

/// A set of words and a set of stems, each with bits.
pub(super) struct Prefixes {
    /// By hash: a power of two of buckets, of which most hold none or one.
    words: Vec<Vec<(&'static str, u32)>>,
    stems: Vec<(&'static str, u32)>,
    endings: Vec<(&'static str, u32)>,
    /// One bit per hash of the first three bytes of a stem.
    starts: [u64; 64],
}

impl Prefixes {
    /// Reads lists of words; a `-` at the end marks a stem, one at the start an ending, and
    /// the bits of equal words are joined.
    pub(super) fn read<'a>(lists: impl IntoIterator<Item = &'a (u32, &'static str)>) -> Self {
        let mut own =
            Self { words: vec![Vec::new(); BUCKETS], stems: Vec::new(), endings: Vec::new(), starts: [0; 64] };
        for (bits, list) in lists {
            for word in list.split_ascii_whitespace() {
                if let Some(ending) = word.strip_prefix('-') {
                    own.endings.push((ending, *bits));
                    continue;
                }
                match word.strip_suffix('-') {
                    Some(stem) => {
                        let (place, bit) = start(stem.as_bytes());
                        if let Some(slot) = own.starts.get_mut(place) {
                            *slot |= bit;
                        }
                        own.stems.push((stem, *bits));
                    }
                    None => own.add(word, *bits),
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

    /// The bits of what a word begins with and of what it ends with: `bevestigings` and `kode`. Nothing if it is no compound.
    pub(super) fn halves(&self, word: &str) -> Option<(u32, u32)> {
        let fits = |own: &&(&str, u32)| word.len() >= own.0.len() + SHORTEST && word.ends_with(own.0);
        let (ending, bits) = self.endings.iter().filter(fits).max_by_key(|own| own.0.len())?;
        let start = self.of(word.get(..word.len() - ending.len())?);
        (start != 0).then_some((start, *bits))
    }

    fn add(&mut self, word: &'static str, bits: u32) {
        let Some(bucket) = self.words.get_mut(hash(word) % BUCKETS) else { return };
        match bucket.iter_mut().find(|own| own.0 == word) {
            Some(own) => own.1 |= bits,
            None => bucket.push((word, bits)),
        }
    }

    /// The bits of a word: those of the whole, and those of the longest stem that it begins with.
    pub(super) fn of(&self, word: &str) -> u32 {
        let bucket = self.words.get(hash(word) % BUCKETS);
        let whole = bucket.and_then(|own| own.iter().find(|own| own.0 == word)).map_or(0, |own| own.1);
        let (place, bit) = start(word.as_bytes());
        if word.len() < SHORTEST || self.starts.get(place).is_none_or(|slot| slot & bit == 0) {
            return whole;
        }
        let mut stems = (SHORTEST..=word.len()).rev().filter_map(|cut| word.get(..cut));
        let known = |stem| self.stems.binary_search_by(|own| own.0.cmp(stem)).ok().and_then(|at| self.stems.get(at));
        whole | stems.find_map(known).map_or(0, |own| own.1)
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
            assert_eq!(own.of(word), bits, "{word}");
        }
        let own = Prefixes::read(&[(1, "bevestig-"), (2, "-kode -code")]);
        assert_eq!(own.halves("bevestigingskode"), Some((1, 2)));
        assert_eq!(own.halves("landkode"), None);
        assert_eq!(own.halves("kode"), None);
    }
}
