//! What a piece of text is made of, found in one pass: the gate in front of every detector.
//!
//! Most strings of an event (`web`, `/pricing`, `Europe/Berlin`) lack the bytes that any personal
//! data needs; they leave here after about a nanosecond per byte.

/// One bit per class of bytes. Those of the alphabet of base64url are the lowest.
pub(crate) mod class {
    pub(crate) const DIGIT: u32 = 1;
    pub(crate) const UPPER: u32 = 1 << 1;
    pub(crate) const LOWER: u32 = 1 << 2;
    pub(crate) const DASH: u32 = 1 << 3;
    pub(crate) const UNDERSCORE: u32 = 1 << 4;
    pub(crate) const AMPERSAND: u32 = 1 << 5;
    pub(crate) const BACKSLASH: u32 = 1 << 6;
    pub(crate) const COLON: u32 = 1 << 7;
    pub(crate) const SLASH: u32 = 1 << 8;
    pub(crate) const EQUALS: u32 = 1 << 9;
    pub(crate) const PLUS: u32 = 1 << 10;
    pub(crate) const DOT: u32 = 1 << 11;
    pub(crate) const AT: u32 = 1 << 12;
    pub(crate) const SPACE: u32 = 1 << 13;
    pub(crate) const QUOTE: u32 = 1 << 14;
    pub(crate) const QUERY: u32 = 1 << 15;
    pub(crate) const HASH: u32 = 1 << 16;
    pub(crate) const BRACE: u32 = 1 << 17;
    pub(crate) const PERCENT: u32 = 1 << 18;
    pub(crate) const WIDE: u32 = 1 << 19;
    /// The first byte of full-width forms, besides others of U+F000 to U+FFFF.
    pub(crate) const FULL: u32 = 1 << 22;
    pub(crate) const SEMICOLON: u32 = 1 << 20;
    /// `<`, `>`, `,`, `|` and what else ends a word in prose.
    pub(crate) const OTHER: u32 = 1 << 21;
    /// Letters and digits.
    pub(crate) const ALNUM: u32 = DIGIT | UPPER | LOWER;
    /// The alphabet of base64url.
    pub(crate) const WORD: u32 = ALNUM | DASH | UNDERSCORE;
}

/// Runs are measured, and digits counted, by these.
const _: () = assert!(class::WORD == 0b1_1111 && class::DIGIT == 1);

const fn class_of(byte: u8) -> u32 {
    match byte {
        b'0'..=b'9' => class::DIGIT,
        b'A'..=b'Z' => class::UPPER,
        b'a'..=b'z' => class::LOWER,
        b'@' => class::AT,
        b'%' => class::PERCENT,
        b'&' => class::AMPERSAND,
        b'\\' => class::BACKSLASH,
        b':' => class::COLON,
        b'/' => class::SLASH,
        b'=' => class::EQUALS,
        b'+' => class::PLUS,
        b'.' => class::DOT,
        b'-' => class::DASH,
        b' ' | b'\t' | b'\n' | b'\r' => class::SPACE,
        b'"' | b'\'' | b'`' => class::QUOTE,
        b'?' => class::QUERY,
        b'#' => class::HASH,
        b'{' | b'[' => class::BRACE,
        b'_' => class::UNDERSCORE,
        b';' => class::SEMICOLON,
        0xEF => class::WIDE | class::FULL,
        0x80.. => class::WIDE,
        _ => class::OTHER,
    }
}

static CLASSES: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0_u8;
    loop {
        // A constant table is built once at compile time; the index is a byte and the table has 256 places.
        #[allow(clippy::indexing_slicing, reason = "a byte indexes a table of 256")]
        {
            table[byte as usize] = class_of(byte);
        }
        if byte == u8::MAX {
            break;
        }
        byte += 1;
    }
    table
};

/// The class bit of a byte.
#[inline]
#[allow(clippy::indexing_slicing, reason = "a byte indexes a table of 256")]
pub(crate) fn class(byte: u8) -> u32 {
    CLASSES[usize::from(byte)]
}

/// True if the byte belongs to one of these classes.
#[inline]
pub(crate) fn is(byte: u8, classes: u32) -> bool {
    class(byte) & classes != 0
}

/// The classes of all bytes together.
#[inline]
pub(crate) fn union(bytes: &[u8]) -> u32 {
    // Eight by eight, so that the loop itself costs little.
    let (eights, rest) = bytes.as_chunks::<8>();
    let add = |bits, own: &[u8]| own.iter().fold(bits, |bits, own| bits | class(*own));
    add(eights.iter().fold(0, |bits, own| add(bits, own)), rest)
}

/// The byte at this place, 0 beyond the end.
#[inline]
pub(crate) fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

/// The byte before this place, 0 at the start.
#[inline]
pub(crate) fn before(bytes: &[u8], at: usize) -> u8 {
    at.checked_sub(1).map_or(0, |place| byte(bytes, place))
}

/// How many bytes are so: in pieces whose sum fits a byte, so that the machine adds vectors of bytes.
#[inline]
pub(crate) fn count(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    bytes.chunks(128).map(|own| usize::from(own.iter().map(|own| u8::from(is(*own))).sum::<u8>())).sum()
}

/// The classes of all bytes together, and the length of the longest run over the alphabet of base64url. Without a branch: where runs
/// end is nothing that a processor could foresee.
fn union_and_longest(bytes: &[u8]) -> (u32, u32) {
    let (mut bits, mut longest, mut run) = (0, 0, 0_u32);
    for own in bytes {
        let class = class(*own);
        bits |= class;
        // All ones in a run: its classes are the lowest.
        let inside = (class.cast_signed().wrapping_sub(class::WORD.cast_signed() + 1) >> 31).cast_unsigned();
        run = run.wrapping_add(1) & inside;
        longest = longest.max(run);
    }
    (bits, longest)
}

/// What a text is made of.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Features {
    /// Union of the classes of all bytes.
    pub(crate) bits: u32,
    /// Number of decimal digits.
    pub(crate) digits: u32,
    /// Length of the longest run over the alphabet of base64url.
    pub(crate) longest: u32,
}

impl Features {
    /// What this text is made of.
    #[inline]
    pub(crate) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let (bits, longest) = union_and_longest(bytes);
        let digits = if bits & class::DIGIT == 0 { 0 } else { count(bytes, |own| own.is_ascii_digit()) };
        Self { bits, digits: u32::try_from(digits).unwrap_or(u32::MAX), longest }
    }

    /// True if a byte of one of these classes occurs.
    #[inline]
    pub(crate) const fn any(self, classes: u32) -> bool {
        self.bits & classes != 0
    }

    /// True if bytes of all these classes occur.
    #[inline]
    pub(crate) const fn all(self, classes: u32) -> bool {
        self.bits & classes == classes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_count_digits_and_the_longest_run() {
        let found = Features::of("tel. +49 151-8629 a_b");
        assert_eq!(found.digits, 9);
        assert_eq!(found.longest, 8);
        assert!(found.all(class::PLUS | class::DASH | class::UNDERSCORE | class::SPACE | class::DOT));
        assert!(!found.any(class::AT | class::UPPER | class::WIDE));
    }

    #[test]
    fn empty_text_has_none() {
        let found = Features::of("");
        assert_eq!((found.bits, found.digits, found.longest), (0, 0, 0));
    }
}
