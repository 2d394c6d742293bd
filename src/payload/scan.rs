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

use super::tape::narrow;
pub use super::tape::{Limits, Malformed, Shape, Span, Tape, Token};

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
    document(text.as_bytes(), limits, tape)
}

// ---------------------------------------------------------------------------------------------------------------------

/// The root's parent.
const NOBODY: u32 = u32::MAX;

/// The whole text. While a container is open, its `next` holds the index of the container around it, so the stack lives
/// in the tape. The position is a local and the rare paths are calls, so the common ones stay in registers.
fn document(bytes: &[u8], limits: &Limits, tape: &mut Tape) -> Result<(), Malformed> {
    let Tape { tokens, lone } = tape;
    let deepest = limits.depth.min(Limits::DEEPEST);
    let mut at = 0_usize;
    let mut parent = NOBODY;
    let mut inside = Shape::Array;
    let mut depth = 0_u8;
    loop {
        // A member or a value is due.
        at = skip_space(bytes, at);
        if inside == Shape::Object {
            at = string(bytes, at, Shape::Key, depth, limits.tokens, tokens, lone)?;
            at = skip_space(bytes, at);
            if bytes.get(at) != Some(&b':') {
                return Err(syntax(at));
            }
            at = skip_space(bytes, at.wrapping_add(1));
        }
        let start = at;
        let shape = match bytes.get(at) {
            Some(b'"') => {
                at = string(bytes, at, Shape::Text, depth, limits.tokens, tokens, lone)?;
                Shape::Text
            }
            Some(b'{') => Shape::Object,
            Some(b'[') => Shape::Array,
            Some(b'-' | b'0'..=b'9') => {
                at = number(bytes, at)?;
                Shape::Number
            }
            Some(b't') => {
                at = literal(bytes, at, b"true")?;
                Shape::True
            }
            Some(b'f') => {
                at = literal(bytes, at, b"false")?;
                Shape::False
            }
            Some(b'n') => {
                at = literal(bytes, at, b"null")?;
                Shape::Null
            }
            _ => return Err(syntax(at)),
        };
        match shape {
            Shape::Text => {}
            Shape::Object | Shape::Array => {
                if depth >= deepest {
                    return Err(Malformed::Depth);
                }
                let index = narrow(tokens.len());
                let span = Span::of(start, start);
                push(tokens, limits.tokens, Token { shape, escaped: false, depth, span, next: parent })?;
                (parent, inside) = (index, shape);
                depth = depth.wrapping_add(1);
                at = skip_space(bytes, at.wrapping_add(1));
                if bytes.get(at) != Some(if shape == Shape::Object { &b'}' } else { &b']' }) {
                    continue;
                }
            }
            _ => {
                let next = narrow(tokens.len()).wrapping_add(1);
                let span = Span::of(start, at);
                push(tokens, limits.tokens, Token { shape, escaped: false, depth, span, next })?;
            }
        }
        // A value is complete: any number of closing brackets, then a comma or the end.
        loop {
            at = skip_space(bytes, at);
            if parent == NOBODY {
                return if at >= bytes.len() { Ok(()) } else { Err(syntax(at)) };
            }
            match (bytes.get(at), inside) {
                (Some(b','), _) => {
                    at = at.wrapping_add(1);
                    break;
                }
                (Some(b'}'), Shape::Object) | (Some(b']'), Shape::Array) => {
                    at = at.wrapping_add(1);
                    parent = close(tokens, parent, at);
                    depth = depth.wrapping_sub(1);
                    inside = tokens.get(parent as usize).map_or(Shape::Array, |token| token.shape);
                }
                _ => return Err(syntax(at)),
            }
        }
    }
}

#[inline]
fn push(tokens: &mut Vec<Token>, most: usize, token: Token) -> Result<(), Malformed> {
    if tokens.len() >= most {
        return Err(Malformed::TooMany);
    }
    tokens.push(token);
    Ok(())
}

/// Completes the container at this index and returns the index of the one around it.
#[inline]
fn close(tokens: &mut [Token], index: u32, end: usize) -> u32 {
    let next = narrow(tokens.len());
    let Some(token) = tokens.get_mut(index as usize) else { return NOBODY };
    token.span.end = narrow(end);
    std::mem::replace(&mut token.next, next)
}

#[cold]
fn syntax(at: usize) -> Malformed {
    Malformed::Syntax { at: narrow(at) }
}

/// The offset of the next byte that is no white space.
#[inline]
fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at = at.wrapping_add(1);
    }
    at
}

/// A string from its opening quote on; returns the offset after the closing one.
// Inlined by force, like `plain`: a call per string costs a fifth of the whole scan.
#[inline(always)]
fn string(
    bytes: &[u8],
    at: usize,
    shape: Shape,
    depth: u8,
    most: usize,
    tokens: &mut Vec<Token>,
    lone: &mut Vec<Span>,
) -> Result<usize, Malformed> {
    if bytes.get(at) != Some(&b'"') {
        return Err(syntax(at));
    }
    let start = at.wrapping_add(1);
    let mut end = plain(bytes, start);
    let escaped = bytes.get(end) == Some(&b'\\');
    if escaped {
        end = escapes(bytes, end, lone)?;
    }
    if bytes.get(end) != Some(&b'"') {
        return Err(syntax(end));
    }
    let next = narrow(tokens.len()).wrapping_add(1);
    push(tokens, most, Token { shape, escaped, depth, span: Span::of(start, end), next })?;
    Ok(end.wrapping_add(1))
}

/// The offset of the next quote, backslash or control character of a string, or the end of the text.
#[inline(always)]
pub(super) fn plain(bytes: &[u8], at: usize) -> usize {
    let mut rest = bytes.get(at..).unwrap_or_default();
    while let Some((word, tail)) = rest.split_first_chunk::<8>() {
        let hits = special(u64::from_le_bytes(*word));
        if hits != 0 {
            return bytes.len().wrapping_sub(rest.len()).wrapping_add((hits.trailing_zeros() / 8) as usize);
        }
        rest = tail;
    }
    let skip = rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20)).count();
    bytes.len().wrapping_sub(rest.len()).wrapping_add(skip)
}

/// The rest of a string from its first backslash on; returns the offset of the closing quote.
#[inline(never)]
fn escapes(bytes: &[u8], mut at: usize, lone: &mut Vec<Span>) -> Result<usize, Malformed> {
    loop {
        match bytes.get(at) {
            Some(b'\\') => at = escape(bytes, at, lone)?,
            Some(b'"') => return Ok(at),
            Some(0..0x20) | None => return Err(syntax(at)),
            Some(_) => at = plain(bytes, at),
        }
    }
}

/// One escape from its backslash on (RFC 8259 section 7).
#[inline]
fn escape(bytes: &[u8], at: usize, lone: &mut Vec<Span>) -> Result<usize, Malformed> {
    let kind = at.wrapping_add(1);
    match bytes.get(kind) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at.wrapping_add(2)),
        Some(b'u') => {
            let rest = bytes.get(at..).unwrap_or_default();
            match hex4(rest).ok_or_else(|| syntax(kind))? {
                0xD800..=0xDBFF if rest.get(6..).and_then(hex4).is_some_and(is_low) => return Ok(at.wrapping_add(12)),
                0xD800..=0xDFFF => lone.push(Span::of(at, at.wrapping_add(6))),
                _ => {}
            }
            Ok(at.wrapping_add(6))
        }
        _ => Err(syntax(kind)),
    }
}

#[inline]
fn literal(bytes: &[u8], at: usize, word: &[u8]) -> Result<usize, Malformed> {
    if bytes.get(at..).is_some_and(|rest| rest.starts_with(word)) {
        Ok(at.wrapping_add(word.len()))
    } else {
        Err(syntax(at))
    }
}

/// A number (RFC 8259 section 6); returns the offset after it.
#[inline]
fn number(bytes: &[u8], start: usize) -> Result<usize, Malformed> {
    let at = if bytes.get(start) == Some(&b'-') { start.wrapping_add(1) } else { start };
    let at = match bytes.get(at) {
        Some(b'0') => at.wrapping_add(1),
        _ => digits(bytes, at)?,
    };
    match bytes.get(at) {
        Some(b'.' | b'e' | b'E') => real(bytes, start, at),
        _ => Ok(at),
    }
}

/// The fraction and exponent of a number, and whether it fits an `f64`.
#[inline(never)]
fn real(bytes: &[u8], start: usize, mut at: usize) -> Result<usize, Malformed> {
    if bytes.get(at) == Some(&b'.') {
        at = digits(bytes, at.wrapping_add(1))?;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        at = at.wrapping_add(1);
        if let Some(b'+' | b'-') = bytes.get(at) {
            at = at.wrapping_add(1);
        }
        at = digits(bytes, at)?;
    }
    let text = bytes.get(start..at).and_then(|bytes| std::str::from_utf8(bytes).ok());
    match text.and_then(|text| text.parse::<f64>().ok()) {
        Some(value) if value.is_finite() => Ok(at),
        _ => Err(Malformed::Number),
    }
}

/// One digit or more.
#[inline]
fn digits(bytes: &[u8], start: usize) -> Result<usize, Malformed> {
    let mut at = start;
    while let Some(b'0'..=b'9') = bytes.get(at) {
        at = at.wrapping_add(1);
    }
    if at == start { Err(syntax(at)) } else { Ok(at) }
}

/// The high bit of every byte of the word that is a quote, a backslash or a control character. The lowest bit set is
/// exact; bits above it may be false, as a borrow runs upwards.
#[inline]
const fn special(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 0xFF;
    const HIGH: u64 = ONES << 7;
    // Flipping this bit swaps the quote (0x22) with the space (0x20) and keeps the control characters below both, so one
    // subtraction finds them all.
    let low = (word ^ (ONES * 0x02)).wrapping_sub(ONES * 0x21);
    let slash = (word ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
    (low | slash) & !word & HIGH
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
