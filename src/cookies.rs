//! The `Cookie` request header: every pair in it, in the order in which the browser sent it.
//!
//! Promise: reads what browsers and proxies really send. Several header fields count as one (HTTP/2 may split the
//! field, RFC 9113 section 8.2.3); pairs end at `;`, a pair without `=` or without a name is ignored, blanks and tabs
//! around names and values do not count, one pair of enclosing double quotes is taken off (RFC 6265 section 4.1.1),
//! and names are compared whole and case-sensitively.
//!
//! The same name may occur more than once: the browser sends one pair for each Path and Domain (RFC 6265 section
//! 5.4). Frameworks disagree on which of them counts, so [`Cookies::all`] hands out every one and the caller decides.
//!
//! Nothing is copied and nothing is cut off: the input is bounded by the limit on the request's head, and each
//! look-up walks the received bytes again. There is no failure; text that is no pair is no cookie.

use std::borrow::Cow;

use memchr::memchr;

/// The cookies of one request.
#[derive(Clone, Default)]
pub struct Cookies<'a> {
    fields: Vec<&'a [u8]>,
}

impl<'a> Cookies<'a> {
    /// Takes the values of all `Cookie` header fields of a request, in their order.
    #[must_use]
    pub fn parse(fields: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Self { fields: fields.into_iter().collect() }
    }

    /// Takes one `Cookie` header value.
    #[must_use]
    pub fn from_text(field: &'a str) -> Self {
        Self { fields: vec![field.as_bytes()] }
    }

    /// Every pair (name, value) in the order received.
    pub fn iter(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a, '_> {
        self.fields.iter().flat_map(|field| Pairs { rest: field })
    }

    /// Every value that was sent under exactly this name, in the order received.
    pub fn all<'n>(&self, name: &'n str) -> impl Iterator<Item = &'a [u8]> + use<'a, 'n, '_> {
        self.iter().filter(move |(found, _)| *found == name.as_bytes()).map(|(_, value)| value)
    }

    /// True when no pair was sent at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

/// Decodes percent escapes once; `+` stays `+`. `None` when an escape is cut short or is not hexadecimal.
#[must_use]
pub fn percent_decoded(value: &[u8]) -> Option<Cow<'_, [u8]>> {
    if memchr(b'%', value).is_none() {
        return Some(Cow::Borrowed(value));
    }
    let mut decoded = Vec::with_capacity(value.len());
    let mut bytes = value.iter();
    while let Some(&byte) = bytes.next() {
        if byte == b'%' {
            let high = hex_digit(*bytes.next()?)?;
            let low = hex_digit(*bytes.next()?)?;
            decoded.push(high << 4 | low);
        } else {
            decoded.push(byte);
        }
    }
    Some(Cow::Owned(decoded))
}

const fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

struct Pairs<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            let (pair, rest) = split_at_byte(self.rest, b';').unwrap_or((self.rest, b""));
            self.rest = rest;
            let Some((name, value)) = split_at_byte(pair, b'=') else { continue };
            let name = trim(name);
            if !name.is_empty() {
                return Some((name, unquote(trim(value))));
            }
        }
        None
    }
}

/// What stands before and after the first `byte`.
fn split_at_byte(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr(byte, text)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Takes blanks and tabs off both ends, and nothing else: other white space is part of the value.
fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

const fn unquote(value: &[u8]) -> &[u8] {
    match value {
        [b'"', inner @ .., b'"'] => inner,
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::{Cookies, percent_decoded};

    fn all(header: &str, name: &str) -> Vec<String> {
        let values = Cookies::from_text(header).all(name).map(<[u8]>::to_vec).collect::<Vec<_>>();
        values.into_iter().map(|value| String::from_utf8(value).unwrap()).collect()
    }

    #[test]
    fn a_name_is_matched_whole_and_case_sensitively() {
        assert_eq!(all("xsid=1; sidx=2; SID=3; sid=4", "sid"), ["4"]);
    }

    #[test]
    fn every_value_of_a_repeated_name_is_handed_out_in_order() {
        assert_eq!(all("sid=a;other=x; sid=b ;\tsid = c", "sid"), ["a", "b", "c"]);
    }

    #[test]
    fn pairs_without_equals_sign_or_name_are_ignored() {
        assert_eq!(Cookies::from_text("sid; =x; ; ;; a=1;").iter().collect::<Vec<_>>(), [(&b"a"[..], &b"1"[..])]);
        assert!(Cookies::from_text("nothing; here").is_empty());
    }

    #[test]
    fn the_value_begins_after_the_first_equals_sign() {
        assert_eq!(all("sid=a=b==", "sid"), ["a=b=="]);
    }

    #[test]
    fn one_pair_of_quotes_is_taken_off() {
        assert_eq!(all("sid=\"a\"; sid=\"\"b\"\"; sid=\"; sid=\"c; sid=\"\"", "sid"), ["a", "\"b\"", "\"", "\"c", ""]);
    }

    #[test]
    fn several_header_fields_are_one_header() {
        let cookies = Cookies::parse([&b"a=1; sid=x"[..], b"sid=y"]);
        assert_eq!(cookies.all("sid").collect::<Vec<_>>(), [b"x", b"y"]);
        assert_eq!(cookies.iter().count(), 3);
    }

    #[test]
    fn bytes_that_are_not_text_stay_as_they_are() {
        let cookies = Cookies::parse([&b"sid=\xff\xfe"[..]]);
        assert_eq!(cookies.all("sid").collect::<Vec<_>>(), [b"\xff\xfe"]);
    }

    #[test]
    fn escapes_are_decoded_once_and_strictly() {
        assert_eq!(percent_decoded(b"a%2Bb+c%252B").unwrap().as_ref(), b"a+b+c%2B");
        for broken in [&b"100%"[..], b"%4", b"%zz", b"ok%2g"] {
            assert!(percent_decoded(broken).is_none());
        }
    }
}
