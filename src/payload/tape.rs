//! The vocabulary of the scanner: what it writes ([`Tape`]), what it accepts ([`Limits`]), and why it refuses
//! ([`Malformed`], which carries a position and never content).

/// A half-open range of bytes in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl Span {
    /// The span of these two offsets.
    #[must_use]
    pub(super) const fn of(start: usize, end: usize) -> Self {
        Self { start: narrow(start), end: narrow(end) }
    }

    /// Length in bytes.
    #[must_use]
    pub const fn len(self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    /// True when it covers no byte.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// As a range of `usize`, for `get`.
    #[must_use]
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// What a token is. Object keys have a shape of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// `{...}`; its members follow on the tape.
    Object,
    /// `[...]`; its elements follow on the tape.
    Array,
    /// The key of a member; the value follows.
    Key,
    /// A string value.
    Text,
    /// A number in its source spelling.
    Number,
    /// `true`.
    True,
    /// `false`.
    False,
    /// `null`.
    Null,
}

/// One entry of the tape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub shape: Shape,
    /// Strings and keys: an escape stands in it, so its text differs from its bytes.
    pub escaped: bool,
    /// How many containers are around it.
    pub depth: u8,
    /// Where it stands. Strings and keys: without the quotes. Containers: with the brackets.
    pub span: Span,
    /// Index of the token after this value (containers: after everything inside). Keys: index of the value.
    pub next: u32,
}

/// What the scanner accepts at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of text.
    pub bytes: usize,
    /// Nested containers; values above 127 count as 127 (serde_json, and with it PostHog, refuses 128).
    pub depth: u8,
    /// Tokens: values plus keys.
    pub tokens: usize,
}

impl Default for Limits {
    /// 8,000,000 bytes (the larger of Plausible's two body limits), 127 levels, and 500,000 tokens, whose tape takes as
    /// much memory as such a body. Real events have a token per ten bytes.
    fn default() -> Self {
        Self { bytes: 8_000_000, depth: Self::DEEPEST, tokens: 500_000 }
    }
}

impl Limits {
    /// The deepest nesting that every vendor reads.
    pub const DEEPEST: u8 = 127;
}

/// Why a text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The bytes are not UTF-8 (overlong forms and encoded surrogates included).
    #[error("body is not UTF-8")]
    Utf8,
    /// Not JSON by RFC 8259, at this byte.
    #[error("body is not JSON (byte {at})")]
    Syntax {
        /// Offset of the offending byte; the length of the text when it ends too early.
        at: u32,
    },
    /// More containers inside one another than allowed.
    #[error("body is nested too deeply")]
    Depth,
    /// More bytes than allowed.
    #[error("body is too large")]
    TooLarge,
    /// More tokens than allowed.
    #[error("body holds too many values")]
    TooMany,
    /// A number beyond the range of `f64`.
    #[error("body holds a number out of range")]
    Number,
}

/// What a scan found.
#[derive(Debug, Clone, Default)]
pub struct Tape {
    /// The tokens in document order; the first is the root.
    pub tokens: Vec<Token>,
    /// The six bytes of each lone surrogate escape, in document order.
    pub lone: Vec<Span>,
}

/// Offsets and indices as the tape holds them. They stay below `u32::MAX`: the scanner refuses longer texts, and a tape
/// is never longer than its text.
#[inline]
pub(super) const fn narrow(offset: usize) -> u32 {
    #[allow(clippy::cast_possible_truncation, reason = "bounded by scan_into")]
    {
        offset as u32
    }
}
