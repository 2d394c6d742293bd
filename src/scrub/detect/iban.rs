//! International bank account numbers (ISO 13616): country, length and MOD 97-10.

use crate::scrub::features::{byte, class, is};

/// Country and length (SWIFT IBAN registry, release 98).
#[rustfmt::skip]
static LENGTHS: [(&[u8; 2], u8); 88] = [
    (b"AD", 24), (b"AE", 23), (b"AL", 28), (b"AT", 20), (b"AZ", 28), (b"BA", 20), (b"BE", 16), (b"BG", 22), (b"BH", 22),
    (b"BI", 27), (b"BR", 29), (b"BY", 28), (b"CH", 21), (b"CR", 22), (b"CY", 28), (b"CZ", 24), (b"DE", 22), (b"DJ", 27),
    (b"DK", 18), (b"DO", 28), (b"EE", 20), (b"EG", 29), (b"ES", 24), (b"FI", 18), (b"FK", 18), (b"FO", 18), (b"FR", 27),
    (b"GB", 22), (b"GE", 22), (b"GI", 23), (b"GL", 18), (b"GR", 27), (b"GT", 28), (b"HN", 28), (b"HR", 21), (b"HU", 28),
    (b"IE", 22), (b"IL", 23), (b"IQ", 23), (b"IS", 26), (b"IT", 27), (b"JO", 30), (b"KW", 30), (b"KZ", 20), (b"LB", 28),
    (b"LC", 32), (b"LI", 21), (b"LT", 20), (b"LU", 20), (b"LV", 21), (b"LY", 25), (b"MC", 27), (b"MD", 24), (b"ME", 22),
    (b"MK", 19), (b"MN", 20), (b"MR", 27), (b"MT", 31), (b"MU", 30), (b"NI", 28), (b"NL", 18), (b"NO", 15), (b"OM", 23),
    (b"PK", 24), (b"PL", 28), (b"PS", 29), (b"PT", 25), (b"QA", 29), (b"RO", 24), (b"RS", 22), (b"RU", 33), (b"SA", 24),
    (b"SC", 31), (b"SD", 18), (b"SE", 24), (b"SI", 19), (b"SK", 24), (b"SM", 27), (b"SO", 23), (b"ST", 25), (b"SV", 28),
    (b"TL", 23), (b"TN", 24), (b"TR", 26), (b"UA", 29), (b"VA", 22), (b"VG", 24), (b"XK", 20),
];

/// True if two letters and two check digits stand here.
pub(super) fn starts(bytes: &[u8], start: usize) -> bool {
    matches!(bytes.get(start..start + 4), Some([a, b, c, d])
        if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() && c.is_ascii_digit() && d.is_ascii_digit())
}

/// Where the number that starts here ends, if it is one: compact, or in groups with blanks or dashes.
pub(super) fn end(bytes: &[u8], start: usize) -> Option<usize> {
    let country = [byte(bytes, start).to_ascii_uppercase(), byte(bytes, start + 1).to_ascii_uppercase()];
    let place = LENGTHS.binary_search_by(|(own, _)| (*own).cmp(&country)).ok()?;
    let length = usize::from(LENGTHS.get(place)?.1);
    let mut characters = [0_u8; 34];
    let mut at = start;
    for (count, slot) in characters.iter_mut().take(length).enumerate() {
        if count > 0 {
            at += separator(bytes, at);
        }
        let own = byte(bytes, at);
        if !own.is_ascii_alphanumeric() {
            return None;
        }
        *slot = own.to_ascii_uppercase();
        at += 1;
    }
    let (head, rest) = characters.get(..length)?.split_at_checked(4)?;
    let ends = !is(byte(bytes, at), class::ALNUM);
    (ends && remainder(rest.iter().chain(head)) == 1 && rest.iter().any(u8::is_ascii_digit)).then_some(at)
}

fn separator(bytes: &[u8], at: usize) -> usize {
    match byte(bytes, at) {
        b' ' | b'-' | b'.' => 1,
        0xC2 if byte(bytes, at + 1) == 0xA0 => 2,
        _ => 0,
    }
}

/// The number modulo 97, letters counting 10 to 35 (ISO/IEC 7064 MOD 97-10).
fn remainder<'a>(characters: impl Iterator<Item = &'a u8>) -> u32 {
    characters.fold(0, |rest, own| match own {
        b'0'..=b'9' => (rest * 10 + u32::from(own - b'0')) % 97,
        _ => (rest * 100 + u32::from(own.wrapping_sub(b'A')) + 10) % 97,
    })
}
