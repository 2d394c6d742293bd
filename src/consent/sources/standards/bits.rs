//! Bits out of base64url text, six to a character, as IAB strings pack them.
//!
//! No padding and no foreign character is accepted. Reading past the end is `None`: a string that is cut off is
//! never read as if the rest were zeros.

/// Bits with a place to read from.
pub(super) struct Bits {
    sextets: Vec<u8>,
    at: usize,
}

impl Bits {
    /// Unpacks the text; `None` for anything but `A-Z a-z 0-9 - _`, and for no text.
    pub(super) fn of(text: &str) -> Option<Self> {
        let sextets = text.bytes().map(sextet).collect::<Option<Vec<_>>>()?;
        (!sextets.is_empty()).then_some(Self { sextets, at: 0 })
    }

    /// The next `count` bits (64 at most) as a number, the first bit the highest.
    pub(super) fn number(&mut self, count: usize) -> Option<u64> {
        let mut number = 0;
        for _ in 0..count {
            number = number << 1 | u64::from(self.bit()?);
        }
        Some(number)
    }

    /// The next bit.
    pub(super) fn bit(&mut self) -> Option<bool> {
        let sextet = self.sextets.get(self.at / 6)?;
        let set = sextet >> (5 - self.at % 6) & 1 == 1;
        self.at += 1;
        Some(set)
    }

    /// Passes over bits, which must be there.
    pub(super) fn skip(&mut self, count: usize) -> Option<()> {
        let end = self.at.checked_add(count)?;
        (end <= self.sextets.len() * 6).then(|| self.at = end)
    }
}

/// The value of a base64url digit.
pub(super) const fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Bits;

    #[test]
    fn bits_come_highest_first_and_end_where_the_text_ends() {
        let mut bits = Bits::of("C_A").unwrap();
        assert_eq!(bits.number(6), Some(2));
        assert_eq!(bits.number(3), Some(7));
        assert_eq!(bits.skip(3), Some(()));
        assert_eq!(bits.number(7), None);
        assert!(Bits::of("AB").unwrap().skip(13).is_none());
    }

    #[test]
    fn foreign_characters_and_padding_are_refused() {
        for text in ["", "A=", "A+", "A/", "A A", "A.", "Ä"] {
            assert!(Bits::of(text).is_none(), "{text}");
        }
    }
}
