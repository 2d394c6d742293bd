//! Spellings of bytes as text: base64, base64url, hexadecimal, base62.
//!
//! Promise: one spelling per value. Padding may be there or not, since frameworks differ in it, but the unused bits
//! of the last character must be zero and no foreign character is skipped: several spellings of one signature
//! would be several cookies for one session. Failure: `None`.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const INDIFFERENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const UNPADDED: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::RequireNone);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, INDIFFERENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, INDIFFERENT);
const JOSE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, UNPADDED);

/// Base64 with `+` and `/` (RFC 4648 section 4), padded or not.
pub(crate) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Base64 with `-` and `_` (RFC 4648 section 5), padded or not.
pub(crate) fn base64url(text: &[u8]) -> Option<Vec<u8>> {
    URL_SAFE.decode(text).ok()
}

/// Base64url without padding, as JOSE wants it (RFC 7515 section 2).
pub(crate) fn jose(text: &[u8]) -> Option<Vec<u8>> {
    JOSE.decode(text).ok()
}

/// Hexadecimal in either case.
pub(crate) fn hex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, []) = text.as_chunks::<2>() else { return None };
    pairs.iter().map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect()
}

/// Hexadecimal as every framework writes its signatures: lower case only.
pub(crate) fn lower_hex(text: &[u8]) -> Option<Vec<u8>> {
    if text.iter().any(u8::is_ascii_uppercase) { None } else { hex(text) }
}

/// Writes lower-case hexadecimal.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for digit in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(u32::from(digit), 16));
        }
        text
    })
}

/// A whole number in base 62, digits before capitals before small letters
/// (django/utils/baseconv.py, now in django/core/signing.py).
pub(crate) fn base62(text: &[u8]) -> Option<i64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_i64, |total, &byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            b'a'..=b'z' => byte - b'a' + 36,
            _ => return None,
        };
        total.checked_mul(62)?.checked_add(i64::from(digit))
    })
}

/// A whole number in decimal, digits only.
pub(crate) fn decimal(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// A whole number as big-endian bytes, at most eight of them.
pub(crate) fn big_endian(bytes: &[u8]) -> Option<i64> {
    if bytes.is_empty() || bytes.len() > 8 {
        return None;
    }
    i64::try_from(bytes.iter().fold(0_u64, |total, &byte| total << 8 | u64::from(byte))).ok()
}

#[cfg(test)]
mod tests {
    use super::{base62, base64, base64url, big_endian, decimal, hex, jose, lower_hex, to_hex};

    #[test]
    fn padding_is_optional_but_unused_bits_must_be_zero() {
        assert_eq!(base64(b"YQ==").unwrap(), b"a");
        assert_eq!(base64(b"YQ").unwrap(), b"a");
        assert_eq!(base64(b"YR"), None);
        assert_eq!(base64(b"Y Q"), None);
        assert_eq!(base64url(b"-_8").unwrap(), [0xfb, 0xff]);
        assert_eq!(base64(b"-_8"), None);
    }

    #[test]
    fn jose_wants_no_padding() {
        assert_eq!(jose(b"YQ").unwrap(), b"a");
        assert_eq!(jose(b"YQ=="), None);
    }

    #[test]
    fn hexadecimal_goes_both_ways() {
        assert_eq!(hex(b"00fF").unwrap(), [0, 255]);
        assert_eq!(lower_hex(b"00fF"), None);
        assert_eq!(hex(b"0"), None);
        assert_eq!(hex(b"zz"), None);
        assert_eq!(to_hex(&[0, 255, 16]), "00ff10");
    }

    #[test]
    fn numbers_never_overflow() {
        assert_eq!(base62(b"1xUQuM"), Some(1_795_189_934));
        assert_eq!(base62(b"zzzzzzzzzzzzzzzz"), None);
        assert_eq!(base62(b""), None);
        assert_eq!(big_endian(&[0x6b, 0, 0, 1]), Some(0x6b00_0001));
        assert_eq!(big_endian(&[255; 8]), None);
        assert_eq!(decimal(b"12"), Some(12));
        assert_eq!(decimal(b"+12"), None);
        assert_eq!(decimal(b""), None);
    }
}
