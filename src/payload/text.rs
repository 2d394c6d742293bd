//! The inside of JSON strings: unescaping with the way back, and escaping.
//!
//! Detectors look at unescaped text; what they find is cut out of the escaped bytes. [`Unescaped`] remembers after each
//! escape where it is in both, so a range of the text maps to whole escapes and characters of the document.

use std::borrow::Cow;
use std::ops::Range;

use super::scan::{hex4, is_low, plain};
use super::tape::{Span, Token, narrow};

/// The text of a string with the way back to its bytes.
#[derive(Debug, Clone)]
pub struct Unescaped<'a> {
    /// The text, unescaped.
    pub text: Cow<'a, str>,
    pub(super) map: OffsetMap,
}

impl<'a> Unescaped<'a> {
    pub(super) fn of(raw: &'a str, token: &Token) -> Self {
        let base = token.span.start;
        if !token.escaped {
            return Self { text: Cow::Borrowed(raw), map: OffsetMap { base, turns: Vec::new() } };
        }
        let mut turns = Vec::new();
        let text = unescape(raw, &mut |after, raw_after| turns.push((after, base.wrapping_add(raw_after))));
        Self { text: Cow::Owned(text), map: OffsetMap { base, turns } }
    }

    /// Where these bytes of the text stand in the document. A range that would split a character is widened to it.
    #[must_use]
    pub fn raw(&self, range: Range<usize>) -> Span {
        self.map.raw(&self.text, range)
    }
}

/// Offsets of an unescaped text -> offsets of the document.
#[derive(Debug, Clone)]
pub(super) struct OffsetMap {
    base: u32,
    /// After each escape: (offset in the text, offset in the document).
    turns: Vec<(u32, u32)>,
}

impl OffsetMap {
    pub(super) fn raw(&self, text: &str, range: Range<usize>) -> Span {
        let start = text.floor_char_boundary(range.start);
        let end = text.ceil_char_boundary(range.end.max(start));
        Span { start: self.at(narrow(start)), end: self.at(narrow(end)) }
    }

    /// The offset of a character boundary.
    fn at(&self, offset: u32) -> u32 {
        let before = self.turns.partition_point(|(after, _)| *after <= offset);
        match before.checked_sub(1).and_then(|last| self.turns.get(last)) {
            Some((text, raw)) => raw.wrapping_add(offset.wrapping_sub(*text)),
            None => self.base.wrapping_add(offset),
        }
    }
}

/// Unescapes the inside of a JSON string that was scanned, and tells for each escape the offsets after it in the text
/// and in the bytes.
pub(super) fn unescape(raw: &str, turn: &mut impl FnMut(u32, u32)) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((plain, escape)) = memchr::memchr(b'\\', rest.as_bytes()).and_then(|at| rest.split_at_checked(at)) {
        text.push_str(plain);
        let (character, length) = escaped_character(escape.as_bytes());
        text.push(character);
        rest = escape.get(length..).unwrap_or_default();
        turn(narrow(text.len()), narrow(raw.len().wrapping_sub(rest.len())));
    }
    text.push_str(rest);
    text
}

/// The character of the escape at the start of these bytes, and how many bytes it takes.
fn escaped_character(escape: &[u8]) -> (char, usize) {
    let simple = match escape.get(1) {
        Some(b'u') => None,
        Some(b'b') => Some('\u{8}'),
        Some(b'f') => Some('\u{c}'),
        Some(b'n') => Some('\n'),
        Some(b'r') => Some('\r'),
        Some(b't') => Some('\t'),
        Some(own) => Some(char::from(*own)),
        None => return (char::REPLACEMENT_CHARACTER, 1),
    };
    if let Some(character) = simple {
        return (character, 2);
    }
    let unit = hex4(escape).unwrap_or(0xFFFD);
    let low = escape.get(6..).and_then(hex4).filter(|low| is_low(*low));
    match (char::from_u32(u32::from(unit)), low) {
        (Some(character), _) => (character, 6),
        (None, Some(low)) if !is_low(unit) => {
            let pair = 0x1_0000 + ((u32::from(unit) & 0x3FF) << 10) + (u32::from(low) & 0x3FF);
            (char::from_u32(pair).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
        }
        (None, _) => (char::REPLACEMENT_CHARACTER, 6),
    }
}

// ---------------------------------------------------------------------------------------------------------------------

/// A text as a JSON string with quotes.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_add(2));
    push_quoted(text, &mut out);
    out
}

/// Appends a text as a JSON string with quotes.
pub fn push_quoted(text: &str, out: &mut String) {
    out.push('"');
    escape(text, &mut |piece| out.push_str(piece));
    out.push('"');
}

/// A text escaped, without quotes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_add(8));
    escape(text, &mut |piece| out.push_str(piece));
    out
}

/// Escapes what RFC 8259 section 7 demands, and nothing else; the result comes in pieces.
pub(super) fn escape(text: &str, put: &mut impl FnMut(&str)) {
    let mut rest = text;
    while let Some((ordinary, special)) = rest.split_at_checked(plain(rest.as_bytes(), 0)) {
        put(ordinary);
        let mut characters = special.chars();
        match characters.next() {
            Some('"') => put("\\\""),
            Some('\\') => put("\\\\"),
            Some('\n') => put("\\n"),
            Some('\r') => put("\\r"),
            Some('\t') => put("\\t"),
            Some(control) => put(&format!("\\u{:04x}", u32::from(control))),
            None => return,
        }
        rest = characters.as_str();
    }
}
