//! Base64 and base64url (RFC 4648 sections 4 and 5), with and without padding, as it hides text in parameters.

/// The longest run that is decoded; a longer one is an image, and is looked at in parts of this length.
const LONGEST: usize = 64 * 1024;

/// The value of a character of either alphabet; 64 for others.
const fn value_of(own: u8) -> u8 {
    match own {
        b'A'..=b'Z' => own - b'A',
        b'a'..=b'z' => own - b'a' + 26,
        b'0'..=b'9' => own - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => 64,
    }
}

static VALUES: [u8; 256] = {
    let mut table = [64; 256];
    let mut own = 0_u8;
    loop {
        // A constant table is built once at compile time; the index is a byte and the table has 256 places.
        #[allow(clippy::indexing_slicing, reason = "a byte indexes a table of 256")]
        {
            table[own as usize] = value_of(own);
        }
        if own == u8::MAX {
            break;
        }
        own += 1;
    }
    table
};

#[inline]
#[allow(clippy::indexing_slicing, reason = "a byte indexes a table of 256")]
fn value(own: u8) -> u8 {
    VALUES[usize::from(own)]
}

/// True for a character of either alphabet.
#[inline]
pub(crate) fn is_character(own: u8) -> bool {
    value(own) < 64
}

/// Decodes a run without padding; a last character that makes no byte is left out. Nothing if a character is of
/// neither alphabet.
pub(crate) fn decode(run: &[u8]) -> Option<Vec<u8>> {
    let run = run.get(..run.len().min(LONGEST))?;
    let mut out = Vec::with_capacity(run.len() / 4 * 3 + 2);
    let (groups, rest) = run.as_chunks::<4>();
    for group in groups {
        let [_, bytes @ ..] = bits(*group)?.to_be_bytes();
        out.extend_from_slice(&bytes);
    }
    let mut last = [b'A'; 4];
    last.iter_mut().zip(rest).for_each(|(slot, own)| *slot = *own);
    let [_, bytes @ ..] = bits(last)?.to_be_bytes();
    out.extend_from_slice(bytes.get(..rest.len() * 6 / 8).unwrap_or_default());
    Some(out)
}

/// The 24 bits of four characters.
fn bits(group: [u8; 4]) -> Option<u32> {
    let values = group.map(value);
    let known = values.iter().fold(0, |all, own| all | own) < 64;
    known.then(|| values.iter().fold(0, |bits, own| bits << 6 | u32::from(*own)))
}

/// What a run decodes to, if that is text: UTF-8 of which nine tenths are printable.
pub(crate) fn decode_text(run: &[u8]) -> Option<String> {
    // Most runs are words and numbers: their first three bytes are none of the bytes with which text goes on.
    let mut head = [0; 4];
    head.iter_mut().zip(run).for_each(|(slot, own)| *slot = value(*own));
    let [a, b, c, d] = head;
    let first = [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d];
    let plausible = |own: &u8| matches!(own, 0x20..=0x7E | 0x80.. | b'\n' | b'\r' | b'\t');
    if !first.iter().all(plausible) || matches!(first.first(), Some(0x80..0xC2 | 0xF5..)) {
        return None;
    }
    let text = String::from_utf8(decode(run)?).ok()?;
    let odd = text.chars().filter(|own| own.is_control() && !matches!(own, '\n' | '\r' | '\t')).count();
    (!text.is_empty() && odd * 10 <= text.chars().count()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_decoded_with_both_alphabets() {
        for (run, expected) in [
            ("YWRhQGV4YW1wbGUuY29t", Some("ada@example.com")),
            ("YWRhQGV4YW1wbGUuY28", Some("ada@example.co")),
            ("YWRhQGV4YW1wbGUuYw", Some("ada@example.c")),
            ("w6nDqcOp", Some("ééé")),
            ("Pz8_Pj4-", Some("???>>>")),
            ("Pz8/Pj4+", Some("???>>>")),
            ("checkout", None),
            ("4111111111111111", None),
            ("spring_sale_2025", None),
            ("019c2fa6-f01c-7b90", None),
        ] {
            assert_eq!(decode_text(run.as_bytes()).as_deref(), expected, "{run}");
        }
    }

    #[test]
    fn characters_of_neither_alphabet_are_refused() {
        assert_eq!(decode(b"YW.h"), None);
        assert_eq!(decode(b""), Some(Vec::new()));
        assert_eq!(decode(b"Y"), Some(Vec::new()));
    }
}
