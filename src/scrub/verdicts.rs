//! A table of what was found out about texts: by their hashes under a random key of this process, never by the texts
//! (docs/decisions/0007-clean-verdicts.md).

/// Pairs of places, so that two texts that share a pair do not drive each other out; the newer one stands first.
#[derive(Debug, Clone)]
pub(super) struct Verdicts<T, const PAIRS: usize>(Vec<[(u64, T); 2]>);

impl<T, const PAIRS: usize> Default for Verdicts<T, PAIRS> {
    /// A table without room, in which nothing is found.
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Copy + Default, const PAIRS: usize> Verdicts<T, PAIRS> {
    /// True before there is room.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is known of the text with this hash, which is never zero: that is an empty place.
    #[inline]
    pub(super) fn get(&self, tag: u64) -> Option<T> {
        let [first, second] = self.0.get(Self::pair(tag))?;
        let place = if first.0 == tag { first } else { second };
        (place.0 == tag).then_some(place.1)
    }

    /// Remembers it; the older one of its pair is forgotten.
    pub(super) fn put(&mut self, tag: u64, own: T) {
        if self.0.is_empty() {
            self.0 = vec![[(0, T::default()); 2]; PAIRS];
        }
        if let Some(pair) = self.0.get_mut(Self::pair(tag)) {
            let [first, _] = *pair;
            *pair = [(tag, own), first];
        }
    }

    #[inline]
    fn pair(tag: u64) -> usize {
        usize::try_from(tag >> 1 & 0xFFFF_FFFF).unwrap_or_default() % PAIRS
    }
}
