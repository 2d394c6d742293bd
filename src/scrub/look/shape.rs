//! What a text is by its form: an address, parameters, or prose.

use crate::scrub::features::{Features, byte, class, is};

/// What a text is, by its first characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `https://...`, `/path?x=1`, `mailto:...`, `page?x=1`, `#/path`
    Address,
    /// `a=1&b=2`
    Parameters,
    None,
}

/// Tells addresses and parameters from prose.
pub(super) fn shape(text: &str, found: Features) -> Shape {
    let bytes = text.as_bytes();
    if found.any(class::SLASH) && scheme_length(bytes).is_some() {
        return Shape::Address;
    }
    let prose = found.any(class::SPACE | class::QUOTE);
    match byte(bytes, 0) {
        b'/' | b'?' | b'#' if !prose => return Shape::Address,
        // `/search?q=ada lovelace`: someone forgot to escape.
        b'/' | b'?' if found.all(class::QUERY | class::EQUALS) && !found.any(class::QUOTE) => return Shape::Address,
        _ => {}
    }
    if prose || !found.any(class::EQUALS | class::SLASH | class::QUERY) {
        return Shape::None;
    }
    let first = bytes
        .iter()
        .position(|own| is(*own, class::EQUALS | class::QUERY | class::SLASH | class::HASH | class::AMPERSAND));
    match first.map_or(0, |at| byte(bytes, at)) {
        b'=' if found.any(class::AMPERSAND) || is_parameter_name(bytes) => Shape::Parameters,
        b'?' if found.any(class::EQUALS) => Shape::Address,
        b'/' if found.all(class::QUERY | class::EQUALS) => Shape::Address,
        _ => Shape::None,
    }
}

/// True if an address or parameters may end in the text and a sentence go on: `https://a.example/reset/0y1l0I thanks`. Somebody
/// may as well have forgotten to escape.
pub(super) fn may_go_on(text: &str, found: Features) -> bool {
    found.any(class::SPACE | class::QUOTE) || found.any(class::WIDE) && text.contains(is_wide_punctuation)
}

/// Punctuation, quotes and spaces beyond ASCII, which no address holds unescaped: Chinese and Japanese have no blank behind an
/// address, other scripts have marks of their own.
pub(super) const fn is_wide_punctuation(own: char) -> bool {
    matches!(own, '\u{A0}' | '\u{AB}' | '\u{BB}' | '\u{2000}'..='\u{206F}' | '\u{3000}'..='\u{303F}' | '\u{FEFF}')
        // Armenian, Hebrew, Arabic, Indic, Burmese, Ethiopic, Khmer.
        || matches!(own, '\u{589}' | '\u{5BE}' | '\u{5C3}' | '\u{60C}' | '\u{61B}' | '\u{61F}' | '\u{6D4}')
        || matches!(own, '\u{964}' | '\u{965}' | '\u{104A}' | '\u{104B}' | '\u{1361}'..='\u{1368}' | '\u{17D4}'..='\u{17DA}')
        // Full-width forms of ASCII's, half-width forms of Japanese ones.
        || matches!(own, '\u{FF01}'..='\u{FF0F}' | '\u{FF1A}'..='\u{FF20}' | '\u{FF3B}'..='\u{FF40}')
        || matches!(own, '\u{FF5B}'..='\u{FF65}')
}

/// `name=`: the padding of base64 is none.
pub(super) fn is_parameter_name(bytes: &[u8]) -> bool {
    let Some(end) = memchr::memchr(b'=', bytes) else { return false };
    let name = bytes.get(..end).unwrap_or_default();
    // `OTEuMTMzLjcuNQ==:` in a sentence ends in padding as well.
    let padding =
        bytes.get(end..).unwrap_or_default().iter().all(|own| !is(*own, class::WORD | class::WIDE | class::PERCENT));
    !padding
        && (1..=64).contains(&name.len())
        && name
            .iter()
            .all(|own| is(*own, class::WORD | class::DOT | class::BRACE | class::PERCENT) || matches!(own, b']' | b'$'))
}

/// Where `://` stands.
pub(super) fn find_scheme(bytes: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b':', bytes).find(|at| byte(bytes, at + 1) == b'/' && byte(bytes, at + 2) == b'/')
}

/// Length of `scheme://` or `//` at the start.
pub(super) fn scheme_length(bytes: &[u8]) -> Option<usize> {
    let name = bytes
        .iter()
        .take(24)
        .take_while(|own| is(**own, class::ALNUM | class::PLUS | class::DOT | class::DASH))
        .count();
    let rest = bytes.get(name..)?;
    if name > 0 && rest.starts_with(b"://") && byte(bytes, 0).is_ascii_alphabetic() {
        return Some(name + 3);
    }
    (name == 0 && rest.starts_with(b"//") && is(byte(bytes, 2), class::ALNUM)).then_some(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape_of(text: &str) -> Shape {
        shape(text, Features::of(text))
    }

    #[test]
    fn addresses_and_parameters_are_told_from_prose() {
        for text in [
            "https://example.org/x",
            "//example.org/x?y=1",
            "/path/to?x=1",
            "/path",
            "?q=1",
            "#/route?x=1",
            "#token=1",
            "page.html?x=1",
            "app://x/y",
            "example.org/path?x=1",
            "mailto:ada@example.org?subject=x",
            "/search?q=ada lovelace",
            "postgres://u:p@h/db",
        ] {
            assert_eq!(shape_of(text), Shape::Address, "{text}");
        }
        for text in ["a=1&b=2", "plan=team", "user[email]=x", "utm_source=x&utm_medium=y"] {
            assert_eq!(shape_of(text), Shape::Parameters, "{text}");
        }
        for text in [
            "hello world",
            "YWRhQGV4YW1wbGU=",
            "a = b",
            "1/2",
            "price: 5",
            "x",
            "and/or",
            "/ not a path",
            "say \"a=b\"",
            "ada@example.org",
        ] {
            assert_eq!(shape_of(text), Shape::None, "{text}");
        }
    }
}
