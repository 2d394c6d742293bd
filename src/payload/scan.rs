//! A validating JSON scanner: one pass over UTF-8 text into a flat tape of [`Token`]s.
//!
//! Promises: the grammar is RFC 8259 to the letter (no BOM, no raw control character, no `01`, no `NaN`, no trailing
//! comma or text), nesting is held without recursion, and bytes, depth and tokens are bounded by [`Limits`].
//! What it leaves open on purpose, because the vendors differ: duplicate keys pass, and so does a lone surrogate
//! escape (`\ud83d`, what `JSON.stringify` writes for a cut emoji), whose place is reported in [`Tape::lone`]
//! so that it can be repaired. A number with a fraction or an exponent that no `f64` can hold is refused, since every
//! vendor refuses it; digits of integers are not counted.
//!
//! Errors carry a position, never content.

/// A half-open range of bytes in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl Span {
    /// The span of these two offsets; offsets beyond `u32` do not occur, as [`Limits`] are below that.
    #[must_use]
    pub(crate) fn of(start: usize, end: usize) -> Self {
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
    /// 8,000,000 bytes (the larger of Plausible's two body limits), 127 levels, a token per four bytes of that.
    fn default() -> Self {
        Self { bytes: 8_000_000, depth: Self::DEEPEST, tokens: 2_000_000 }
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

/// Scans a text into a new tape.
///
/// # Errors
/// [`Malformed`], with nothing of the content in it.
pub fn scan(text: &str, limits: &Limits) -> Result<Tape, Malformed> {
    let mut tape = Tape::default();
    scan_into(text, limits, &mut tape)?;
    Ok(tape)
}

/// Scans a text into a tape whose memory is used again. After an error the tape's content is meaningless.
///
/// # Errors
/// As [`scan`].
pub fn scan_into(text: &str, limits: &Limits, tape: &mut Tape) -> Result<(), Malformed> {
    tape.tokens.clear();
    tape.lone.clear();
    if text.len() > limits.bytes || u32::try_from(text.len()).is_err() {
        return Err(Malformed::TooLarge);
    }
    // A token stands for about ten bytes in real events; more than this is left to growth by doubling.
    tape.tokens.reserve((text.len() / 8).clamp(16, 4096));
    Scanner {
        bytes: text.as_bytes(),
        at: 0,
        deepest: limits.depth.min(Limits::DEEPEST),
        most: limits.tokens,
        tokens: &mut tape.tokens,
        lone: &mut tape.lone,
    }
    .document()
}

// ---------------------------------------------------------------------------------------------------------------------

/// The root's parent.
const NOBODY: u32 = u32::MAX;

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    deepest: u8,
    most: usize,
    tokens: &'a mut Vec<Token>,
    lone: &'a mut Vec<Span>,
}

impl Scanner<'_> {
    /// The whole text. While a container is open, its `next` holds the index of the container around it, so
    /// the stack lives in the tape.
    fn document(&mut self) -> Result<(), Malformed> {
        let mut parent = NOBODY;
        let mut inside = Shape::Array;
        let mut depth = 0_u8;
        loop {
            // A value is due.
            let start = self.skip_space();
            match self.peek() {
                Some(b'"') => self.string(Shape::Text, depth)?,
                Some(open @ (b'{' | b'[')) => {
                    if depth >= self.deepest {
                        return Err(Malformed::Depth);
                    }
                    let shape = if open == b'{' { Shape::Object } else { Shape::Array };
                    let index = narrow(self.tokens.len());
                    self.push(shape, false, depth, start, start, parent)?;
                    (parent, inside) = (index, shape);
                    depth = depth.wrapping_add(1);
                    self.at = self.at.wrapping_add(1);
                    self.skip_space();
                    match (shape, self.peek()) {
                        (Shape::Object, Some(b'}')) | (Shape::Array, Some(b']')) => {}
                        (Shape::Object, _) => {
                            self.key(depth)?;
                            continue;
                        }
                        _ => continue,
                    }
                }
                Some(b'-' | b'0'..=b'9') => self.number(depth)?,
                Some(b't') => self.literal(b"true", Shape::True, depth)?,
                Some(b'f') => self.literal(b"false", Shape::False, depth)?,
                Some(b'n') => self.literal(b"null", Shape::Null, depth)?,
                _ => return Err(self.syntax()),
            }
            // A value is complete: a comma, any number of closing brackets, or the end.
            loop {
                self.skip_space();
                let byte = self.peek();
                if parent == NOBODY {
                    return if byte.is_none() { Ok(()) } else { Err(self.syntax()) };
                }
                match (byte, inside) {
                    (Some(b','), Shape::Object) => {
                        self.at = self.at.wrapping_add(1);
                        self.skip_space();
                        self.key(depth)?;
                        break;
                    }
                    (Some(b','), _) => {
                        self.at = self.at.wrapping_add(1);
                        break;
                    }
                    (Some(b'}'), Shape::Object) | (Some(b']'), Shape::Array) => {
                        self.at = self.at.wrapping_add(1);
                        parent = self.close(parent);
                        depth = depth.wrapping_sub(1);
                        inside = self.tokens.get(parent as usize).map_or(Shape::Array, |token| token.shape);
                    }
                    _ => return Err(self.syntax()),
                }
            }
        }
    }

    /// Completes the container at this index and returns the index of the one around it.
    fn close(&mut self, index: u32) -> u32 {
        let next = narrow(self.tokens.len());
        let end = narrow(self.at);
        let Some(token) = self.tokens.get_mut(index as usize) else { return NOBODY };
        token.span.end = end;
        std::mem::replace(&mut token.next, next)
    }

    #[inline]
    fn push(
        &mut self,
        shape: Shape,
        escaped: bool,
        depth: u8,
        start: usize,
        end: usize,
        next: u32,
    ) -> Result<(), Malformed> {
        if self.tokens.len() >= self.most {
            return Err(Malformed::TooMany);
        }
        self.tokens.push(Token { shape, escaped, depth, span: Span::of(start, end), next });
        Ok(())
    }

    /// A token without children: the next one follows it.
    #[inline]
    fn leaf(&mut self, shape: Shape, escaped: bool, depth: u8, start: usize, end: usize) -> Result<(), Malformed> {
        let next = narrow(self.tokens.len()).wrapping_add(1);
        self.push(shape, escaped, depth, start, end, next)
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Moves to the next byte that is no white space and returns its offset.
    #[inline]
    fn skip_space(&mut self) -> usize {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at = self.at.wrapping_add(1);
        }
        self.at
    }

    fn syntax(&self) -> Malformed {
        Malformed::Syntax { at: narrow(self.at) }
    }

    /// A key and its colon.
    #[inline]
    fn key(&mut self, depth: u8) -> Result<(), Malformed> {
        if self.peek() != Some(b'"') {
            return Err(self.syntax());
        }
        self.string(Shape::Key, depth)?;
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.syntax());
        }
        self.at = self.at.wrapping_add(1);
        Ok(())
    }

    /// A string from its opening quote on.
    #[inline]
    fn string(&mut self, shape: Shape, depth: u8) -> Result<(), Malformed> {
        self.at = self.at.wrapping_add(1);
        let start = self.at;
        let mut escaped = false;
        loop {
            match self.plain() {
                Some(b'"') => {
                    let end = self.at;
                    self.at = self.at.wrapping_add(1);
                    return self.leaf(shape, escaped, depth, start, end);
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                _ => return Err(self.syntax()),
            }
        }
    }

    /// Moves over ordinary bytes of a string to the next quote, backslash or control character, eight at a time.
    #[inline]
    fn plain(&mut self) -> Option<u8> {
        let mut rest = self.bytes.get(self.at..)?;
        while let Some((word, tail)) = rest.split_first_chunk::<8>() {
            let hits = special(u64::from_le_bytes(*word));
            if hits != 0 {
                let skip = (hits.trailing_zeros() / 8) as usize;
                self.at = self.bytes.len().wrapping_sub(rest.len()).wrapping_add(skip);
                return self.peek();
            }
            rest = tail;
        }
        for &byte in rest {
            if byte == b'"' || byte == b'\\' || byte < 0x20 {
                self.at = self.bytes.len().wrapping_sub(rest.len());
                self.at = self.at.wrapping_add(rest.iter().take_while(|b| !is_special(**b)).count());
                return Some(byte);
            }
        }
        self.at = self.bytes.len();
        None
    }

    /// An escape from its backslash on (RFC 8259 section 7).
    fn escape(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        self.at = self.at.wrapping_add(1);
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at = self.at.wrapping_add(1);
                Ok(())
            }
            Some(b'u') => {
                let rest = self.bytes.get(start..).unwrap_or_default();
                let unit = hex4(rest).ok_or_else(|| self.syntax())?;
                self.at = start.wrapping_add(6);
                match unit {
                    0xD800..=0xDBFF if rest.get(6..).and_then(hex4).is_some_and(is_low) => {
                        self.at = start.wrapping_add(12);
                    }
                    0xD800..=0xDFFF => self.lone.push(Span::of(start, self.at)),
                    _ => {}
                }
                Ok(())
            }
            _ => Err(self.syntax()),
        }
    }

    #[inline]
    fn literal(&mut self, word: &[u8], shape: Shape, depth: u8) -> Result<(), Malformed> {
        let start = self.at;
        if !self.bytes.get(start..).is_some_and(|rest| rest.starts_with(word)) {
            return Err(self.syntax());
        }
        self.at = start.wrapping_add(word.len());
        self.leaf(shape, false, depth, start, self.at)
    }

    /// A number (RFC 8259 section 6).
    #[inline]
    fn number(&mut self, depth: u8) -> Result<(), Malformed> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at = self.at.wrapping_add(1);
        }
        match self.peek() {
            Some(b'0') => self.at = self.at.wrapping_add(1),
            Some(b'1'..=b'9') => self.digits()?,
            _ => return Err(self.syntax()),
        }
        let mut real = false;
        if self.peek() == Some(b'.') {
            real = true;
            self.at = self.at.wrapping_add(1);
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            real = true;
            self.at = self.at.wrapping_add(1);
            if let Some(b'+' | b'-') = self.peek() {
                self.at = self.at.wrapping_add(1);
            }
            self.digits()?;
        }
        if real {
            let text = self.bytes.get(start..self.at).and_then(|bytes| std::str::from_utf8(bytes).ok());
            if !text.and_then(|text| text.parse::<f64>().ok()).is_some_and(f64::is_finite) {
                return Err(Malformed::Number);
            }
        }
        self.leaf(Shape::Number, false, depth, start, self.at)
    }

    /// One digit or more.
    #[inline]
    fn digits(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at = self.at.wrapping_add(1);
        }
        if self.at == start { Err(self.syntax()) } else { Ok(()) }
    }
}

/// Offsets stay below `u32::MAX`: [`scan_into`] refuses longer texts, and a tape is never longer than its text.
#[inline]
pub(crate) const fn narrow(offset: usize) -> u32 {
    #[allow(clippy::cast_possible_truncation, reason = "bounded by scan_into")]
    {
        offset as u32
    }
}

const fn is_special(byte: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte < 0x20
}

/// The high bit of every byte of the word that is a quote, a backslash or a control character. The lowest bit set is
/// exact; bits above it may be false, as a borrow runs upwards.
#[inline]
const fn special(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let quote = word ^ (ONES * b'"' as u64);
    let slash = word ^ (ONES * b'\\' as u64);
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (control | (quote.wrapping_sub(ONES) & !quote) | (slash.wrapping_sub(ONES) & !slash)) & HIGH
}

/// The UTF-16 unit of a `\uXXXX` at the start of these bytes.
pub(crate) fn hex4(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"\\u")?.first_chunk::<4>()?;
    digits.iter().try_fold(0_u16, |unit, byte| {
        let digit = char::from(*byte).to_digit(16)?;
        Some((unit << 4) | u16::try_from(digit).ok()?)
    })
}

/// A trailing surrogate.
pub(crate) const fn is_low(unit: u16) -> bool {
    matches!(unit, 0xDC00..=0xDFFF)
}
