//! One round of decoding: what a browser, a form parser or a JSON reader would make of a text.
//!
//! Percent escapes, HTML character references and backslash escapes are undone together in one pass, so that a
//! round costs one copy however they are mixed; what comes out may hold a further round. Findings in the decoded text
//! are moved back by walking the source once more, and a range always covers whole escapes.

use std::ops::ControlFlow;

use super::features::byte;
use super::hits::Hits;

#[path = "decode_html.rs"]
mod html;

/// Which escapes are undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    /// The escapes of a JSON string (RFC 8259 section 7).
    Json,
    /// Percent escapes, HTML character references, `\u0040`, `\x40` and `\u{40}`.
    Text,
    /// What input methods and typesetters put in the place of ASCII: full-width forms, spaces and dashes.
    Wide,
}

/// One escape: the character that it stands for and how many bytes it takes.
type Unit = (char, usize);

/// Undoes one round of escapes into `out`. False if there was none; `out` then holds nothing of use.
pub(crate) fn decode(text: &str, codec: Codec, out: &mut String) -> bool {
    out.clear();
    let mut plain = 0;
    let mut changed = false;
    let _ = each_unit(text, codec, |at, (character, length)| {
        out.push_str(text.get(plain..at).unwrap_or_default());
        out.push(character);
        plain = at.saturating_add(length);
        changed = true;
        ControlFlow::<()>::Continue(())
    });
    if changed {
        out.push_str(text.get(plain..).unwrap_or_default());
    }
    changed
}

/// Moves settled findings of the decoded text back to the text it was decoded from.
pub(crate) fn map_back(text: &str, codec: Codec, hits: &mut Hits, point: usize) {
    let mut pending = hits.since_mut(point).iter_mut().flat_map(|hit| [(&mut hit.start, false), (&mut hit.end, true)]);
    let mut next = pending.next();
    // Offsets behind the last unit, in the source and in the decoded text.
    let (mut source, mut decoded) = (0_usize, 0_usize);
    let _ = each_unit(text, codec, |at, (character, length)| {
        let gap = at.saturating_sub(source);
        let (start, end) =
            (decoded.saturating_add(gap), decoded.saturating_add(gap).saturating_add(character.len_utf8()));
        loop {
            match next.take() {
                None => return ControlFlow::Break(()),
                // In the plain text before this unit, or exactly at its start.
                Some((place, _)) if *place <= start => *place = source.saturating_add(place.saturating_sub(decoded)),
                // Inside the unit: starts move to its start, ends to its end.
                Some((place, is_end)) if *place < end => {
                    *place = if is_end { at.saturating_add(length) } else { at };
                }
                later => {
                    next = later;
                    break;
                }
            }
            next = pending.next();
        }
        source = at.saturating_add(length);
        decoded = end;
        ControlFlow::Continue(())
    });
    while let Some((place, _)) = next {
        *place = source.saturating_add(place.saturating_sub(decoded));
        next = pending.next();
    }
}

/// Calls `each` with the place and meaning of every escape, in order.
fn each_unit(text: &str, codec: Codec, mut each: impl FnMut(usize, Unit) -> ControlFlow<()>) -> ControlFlow<()> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| match codec {
        Codec::Json => memchr::memchr(b'\\', rest),
        Codec::Text => memchr::memchr3(b'%', b'&', b'\\', rest),
        // The first bytes of the characters that `ascii_for` knows.
        Codec::Wide => memchr::memchr3(0xE2, 0xE3, 0xEF, rest),
    }) {
        at = at.saturating_add(found);
        let unit = match (codec, byte(bytes, at)) {
            (Codec::Json, _) => Some(json(bytes, at)),
            (Codec::Text, b'%') => percent(bytes, at),
            (Codec::Text, b'&') => html::reference(bytes.get(at..).unwrap_or_default()),
            (Codec::Text, _) => backslash(bytes, at),
            (Codec::Wide, _) => ascii_for(text, at),
        };
        match unit {
            Some(unit) => {
                each(at, unit)?;
                at = at.saturating_add(unit.1);
            }
            None => at = at.saturating_add(1),
        }
    }
    ControlFlow::Continue(())
}

/// The ASCII character that a wide one stands for: a full-width form (U+FF01 to U+FF5E, compatible with U+0021 to U+007E), a
/// space, or a dash between digits; between words a dash divides more than a hyphen does.
fn ascii_for(text: &str, at: usize) -> Option<Unit> {
    let (head, rest) = text.split_at_checked(at)?;
    let wide = rest.chars().next()?;
    let digit = |own: char| matches!(own, '0'..='9' | '\u{FF10}'..='\u{FF19}');
    let between = || head.ends_with(digit) && rest.chars().nth(1).is_some_and(digit);
    let own = match wide {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(wide) - 0xFEE0)?,
        '\u{3000}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30FC}' if between() => '-',
        _ => return None,
    };
    Some((own, wide.len_utf8()))
}

/// The value of `count` hexadecimal digits.
fn hex(bytes: &[u8], at: usize, count: usize) -> Option<u32> {
    let digits = bytes.get(at..at.checked_add(count)?)?;
    digits.iter().try_fold(0_u32, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))
}

/// A character written as one or more percent escapes (RFC 3986 section 2.1), or as `%u0040` (ECMA-262 annex B
/// `escape`). A byte that is no UTF-8 is read as Latin-1, which is what produced it.
fn percent(bytes: &[u8], at: usize) -> Option<Unit> {
    if byte(bytes, at + 1) | 0x20 == b'u' {
        return char::from_u32(hex(bytes, at + 2, 4)?).map(|character| (character, 6));
    }
    let first = hex(bytes, at + 1, 2)?;
    let lead = u8::try_from(first).ok()?;
    let more = match lead {
        0..=0x7F => return Some((char::from(lead), 3)),
        0xC2..=0xDF => 1,
        0xE0..=0xEF => 2,
        0xF0..=0xF4 => 3,
        _ => 0,
    };
    let mut raw = [lead, 0, 0, 0];
    for (place, slot) in raw.iter_mut().enumerate().skip(1).take(more) {
        let next = at.saturating_add(place.saturating_mul(3));
        let value = (byte(bytes, next) == b'%').then(|| hex(bytes, next + 1, 2)).flatten();
        match value.and_then(|value| u8::try_from(value).ok()) {
            Some(value) => *slot = value,
            None => return Some((char::from(lead), 3)),
        }
    }
    let text = raw.get(..=more).and_then(|raw| std::str::from_utf8(raw).ok());
    match text.and_then(|text| text.chars().next()) {
        Some(character) => Some((character, (more + 1) * 3)),
        None => Some((char::from(lead), 3)),
    }
}

/// `\u0040`, `\x40`, `\u{40}`; surrogate pairs make one character.
fn backslash(bytes: &[u8], at: usize) -> Option<Unit> {
    match byte(bytes, at + 1) {
        b'x' => char::from_u32(hex(bytes, at + 2, 2)?).map(|character| (character, 4)),
        b'u' if byte(bytes, at + 2) == b'{' => {
            let digits = bytes.get(at + 3..)?.iter().take(6).take_while(|digit| digit.is_ascii_hexdigit()).count();
            let value = hex(bytes, at + 3, digits).filter(|_| digits > 0 && byte(bytes, at + 3 + digits) == b'}')?;
            char::from_u32(value).map(|character| (character, digits + 4))
        }
        b'u' => utf16(bytes, at),
        _ => None,
    }
}

/// `\u` and four digits, or two of them for a surrogate pair; a lone surrogate is U+FFFD.
fn utf16(bytes: &[u8], at: usize) -> Option<Unit> {
    let unit = hex(bytes, at + 2, 4)?;
    if let Some(character) = char::from_u32(unit) {
        return Some((character, 6));
    }
    let escaped = byte(bytes, at + 6) == b'\\' && byte(bytes, at + 7) == b'u';
    let low = escaped.then(|| hex(bytes, at + 8, 4)).flatten().filter(|low| (0xDC00..0xE000).contains(low));
    match low {
        Some(low) if unit < 0xDC00 => {
            let pair = 0x1_0000 + ((unit & 0x3FF) << 10) + (low & 0x3FF);
            Some((char::from_u32(pair).unwrap_or(char::REPLACEMENT_CHARACTER), 12))
        }
        _ => Some((char::REPLACEMENT_CHARACTER, 6)),
    }
}

/// An escape of a JSON string. The text was scanned, so there is always one.
fn json(bytes: &[u8], at: usize) -> Unit {
    let simple = match byte(bytes, at + 1) {
        b'u' => return utf16(bytes, at).unwrap_or((char::REPLACEMENT_CHARACTER, 2)),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        own if own.is_ascii() => char::from(own),
        _ => return (char::REPLACEMENT_CHARACTER, 1),
    };
    (simple, 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrub::kind::Kind;

    fn decoded(text: &str, codec: Codec) -> Option<String> {
        let mut out = String::new();
        decode(text, codec, &mut out).then_some(out)
    }

    /// The part of the source that a part of the decoded text stands for.
    fn source<'a>(text: &'a str, codec: Codec, part: &str) -> &'a str {
        let whole = decoded(text, codec).unwrap();
        let start = whole.find(part).unwrap();
        let mut hits = Hits::default();
        hits.mark(start, start + part.len(), Kind::Email);
        map_back(text, codec, &mut hits, 0);
        &text[hits.since(0)[0].start..hits.since(0)[0].end]
    }

    #[test]
    fn percent_escapes_are_undone_once() {
        assert_eq!(decoded("a%40b.c", Codec::Text).as_deref(), Some("a@b.c"));
        assert_eq!(decoded("a%2540b.c", Codec::Text).as_deref(), Some("a%40b.c"));
        assert_eq!(decoded("Andr%C3%A9%20%F0%9F%98%80", Codec::Text).as_deref(), Some("André 😀"));
        assert_eq!(decoded("Andr%E9 M%FCller", Codec::Text).as_deref(), Some("André Müller"));
        assert_eq!(decoded("a%u0040b", Codec::Text).as_deref(), Some("a@b"));
    }

    #[test]
    fn what_is_no_escape_stays() {
        for text in ["100%", "50% off", "%zz", "a&b", "AT&T; x", "C:\\users\\x", "%4", "\\u12", "&#;", "&#x;"] {
            assert_eq!(decoded(text, Codec::Text), None, "{text}");
        }
    }

    #[test]
    fn html_and_backslash_escapes_are_undone() {
        assert_eq!(decoded("a&#64;b&#x2e;c", Codec::Text).as_deref(), Some("a@b.c"));
        assert_eq!(decoded("a&commat;b&period;c", Codec::Text).as_deref(), Some("a@b.c"));
        assert_eq!(decoded("a\\u0040b\\x2ec\\u{20}d", Codec::Text).as_deref(), Some("a@b.c d"));
        assert_eq!(decoded("\\ud83d\\ude00", Codec::Text).as_deref(), Some("😀"));
    }

    #[test]
    fn wide_characters_become_ascii() {
        assert_eq!(
            decoded("電話：０９０\u{2212}１２３４、ａ＠ｂ．ｃ\u{3000}x\u{202F}y", Codec::Wide).as_deref(),
            Some("電話:090-1234、a@b.c x y")
        );
        assert_eq!(decoded("パスワード é “x”…", Codec::Wide), None);
        assert_eq!(source("電話：０９０－１２３４。", Codec::Wide, "090-1234"), "０９０－１２３４");
    }

    #[test]
    fn json_escapes_are_undone() {
        assert_eq!(decoded(r#"a\"b\\c\/d\n\u0040\ud83d"#, Codec::Json).as_deref(), Some("a\"b\\c/d\n@\u{FFFD}"));
        assert_eq!(decoded("plain", Codec::Json), None);
    }

    #[test]
    fn findings_move_back_to_whole_escapes() {
        assert_eq!(source("x=a%40b%2ec&y", Codec::Text, "a@b.c"), "a%40b%2ec");
        assert_eq!(source("x%20%40%20y", Codec::Text, "@"), "%40");
        assert_eq!(source("%C3%A9", Codec::Text, "é"), "%C3%A9");
        assert_eq!(source("%41%42%43", Codec::Text, "B"), "%42");
        assert_eq!(source(r#"say \"hi\" to"#, Codec::Json, "\"hi\""), r#"\"hi\""#);
        assert_eq!(source("ab%20cd", Codec::Text, "cd"), "cd");
    }

    #[test]
    fn several_findings_move_in_one_walk() {
        let text = "%41b%43d%45f";
        let mut hits = Hits::default();
        hits.mark(0, 1, Kind::Email);
        hits.mark(2, 4, Kind::Phone);
        hits.mark(5, 6, Kind::Card);
        map_back(text, Codec::Text, &mut hits, 0);
        let found: Vec<_> = hits.since(0).iter().map(|hit| &text[hit.start..hit.end]).collect();
        assert_eq!(found, ["%41", "%43d", "f"]);
    }
}
