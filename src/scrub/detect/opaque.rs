//! How much a piece of text looks like something a machine drew at random: tokens, session ids, codes.
//!
//! The measure is the number of changes between lower case, upper case and digits, which is high in random text and low
//! in words, slugs, camel case and numbers. It is used where a key or a path announces a secret, and, with a
//! higher bar, in parameters and paths of URLs, where secrets travel.

use crate::scrub::features::{class, is, union};

/// What a piece of text is made of, if it could be a secret at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opacity {
    /// Words, slugs, numbers, anything with characters that tokens don't have.
    Plain,
    /// Decimal digits only.
    Digits,
    /// Hexadecimal digits of one case, with letters and decimal digits, sixteen or more.
    Hex,
    /// A UUID (RFC 9562 section 4).
    Uuid,
    /// Letters and digits mixed: a token if something announces one.
    Mixed,
    /// Drawn at random beyond doubt.
    Random,
}

/// Counts of one pass.
#[derive(Default)]
struct Counts {
    digits: usize,
    upper: usize,
    lower: usize,
    /// How often lower case, upper case and digits follow one another.
    changes: usize,
}

impl Counts {
    fn of(bytes: &[u8]) -> Self {
        let mut own = Self::default();
        let mut last = 0;
        // Other characters between two letters or digits change nothing.
        for byte in bytes {
            let class = class(*byte);
            own.digits += usize::from(class & class::DIGIT != 0);
            own.upper += usize::from(class & class::UPPER != 0);
            own.lower += usize::from(class & class::LOWER != 0);
            let now = class & class::ALNUM;
            if now != last && now != 0 {
                own.changes += 1;
                last = now;
            }
        }
        // The first letter or digit was counted as a change.
        own.changes = own.changes.saturating_sub(1);
        own
    }
}

/// Measures a piece of text.
pub(crate) fn opacity(text: &str) -> Opacity {
    let bytes = text.as_bytes();
    if !(4..=4096).contains(&bytes.len()) {
        return Opacity::Plain;
    }
    // Most texts end here: words of one case, and what has other characters.
    let bits = union(bytes);
    if bits & (class::DIGIT | class::UPPER) == 0 && bytes.len() < 20 {
        return Opacity::Plain;
    }
    if bits & !TOKEN != 0 || bits & class::OTHER != 0 && !bytes.iter().all(|own| is_token_byte(*own)) {
        return Opacity::Plain;
    }
    let Counts { digits, upper, lower, changes } = Counts::of(bytes);
    if digits == bytes.len() {
        return Opacity::Digits;
    }
    if is_uuid(bytes) {
        return Opacity::Uuid;
    }
    let hex = || bytes.iter().all(u8::is_ascii_hexdigit);
    if (upper == 0 || lower == 0) && digits > 0 && bytes.len() >= 16 && hex() {
        return Opacity::Hex;
    }
    let body = digits + upper + lower;
    let classes = usize::from(digits > 0) + usize::from(upper > 0) + usize::from(lower > 0);
    // Random text over letters and digits changes class at 62 of 100 places, base32 at half of them.
    let random = match (classes, digits) {
        (3, _) => {
            body >= 20 && digits * 2 < body && changes * 100 >= body * 36 || body >= 32 && changes * 100 >= body * 30
        }
        // Letters of both cases; long camel case changes at every third place.
        (2, 0) => body >= 20 && changes * 100 >= body * 45 && longest_lower(bytes) < 5,
        // Base32 and base36. ULIDs and CUIDs are ids like UUIDs.
        (2, _) => body >= 24 && digits * 2 < body && changes * 100 >= body * 30 && !is_sortable_id(bytes),
        _ => false,
    };
    if random && !is_list(bytes) {
        return Opacity::Random;
    }
    let drawn = body >= 8 && classes >= 2 && changes >= 2 && !is_slug(text);
    // Twenty letters without a break are no word either.
    let long = body >= 20 && body == bytes.len() && classes == 1;
    if drawn || long { Opacity::Mixed } else { Opacity::Plain }
}

/// Classes of the characters of tokens.
const TOKEN: u32 = class::WORD | class::DOT | class::PLUS | class::SLASH | class::EQUALS | class::COLON | class::OTHER;

/// Characters of tokens in URLs: unreserved ones (RFC 3986 section 2.3), those of base64, and `:` `,` of compound ones.
fn is_token_byte(own: u8) -> bool {
    is(own, class::WORD | class::DOT | class::PLUS | class::SLASH | class::EQUALS)
        || matches!(own, b'~' | b'!' | b'$' | b':' | b'|')
}

pub(crate) fn is_uuid(bytes: &[u8]) -> bool {
    let Ok(bytes) = <&[u8; 36]>::try_from(bytes) else { return false };
    // The dashes first: little else of this length has them.
    [8, 13, 18, 23].iter().all(|place| bytes.get(*place) == Some(&b'-'))
        && bytes.iter().map(|own| u8::from(own.is_ascii_hexdigit())).sum::<u8>() == 32
}

/// ULID (26 characters of Crockford's base32, the first at most 7) and CUID (`c` and 24 characters of base36).
fn is_sortable_id(bytes: &[u8]) -> bool {
    match bytes {
        [b'0'..=b'7', rest @ ..] => {
            rest.len() == 25 && !rest.iter().any(|own| own.is_ascii_lowercase() || b"ILOU".contains(own))
        }
        [b'c', rest @ ..] => rest.len() == 24 && !rest.iter().any(u8::is_ascii_uppercase),
        _ => false,
    }
}

fn longest_lower(bytes: &[u8]) -> usize {
    let mut run = 0;
    bytes
        .iter()
        .map(|own| {
            run = if own.is_ascii_lowercase() { run + 1 } else { 0 };
            run
        })
        .max()
        .unwrap_or_default()
}

/// `/assets/Main.2b335010.js`, `a,b,c`, `key:value`: several short parts make no token.
fn is_list(bytes: &[u8]) -> bool {
    let parts = bytes.split(|own| matches!(own, b'/' | b':' | b'|' | b'.' | b'='));
    let longest = parts.map(<[u8]>::len).max().unwrap_or_default();
    longest < 16
}

/// Words and numbers joined by dashes, dots or underscores, as pages and products are named: each part is a word
/// (`Trail`, `runner`, `SALE`), a short number, or a letter and a number (`v2`, `q4`).
pub(crate) fn is_slug(text: &str) -> bool {
    text.split(['-', '_', '.', '~', '/', ':', '|', '+']).all(is_slug_part)
}

fn is_slug_part(part: &str) -> bool {
    let bytes = part.as_bytes();
    let letters = bytes.iter().take_while(|own| own.is_ascii_alphabetic()).count();
    let digits = bytes.iter().skip(letters).take_while(|own| own.is_ascii_digit()).count();
    let unit = bytes.len().saturating_sub(letters + digits);
    let word = bytes.get(..letters).unwrap_or_default();
    let cased =
        word.iter().skip(1).all(u8::is_ascii_lowercase) || word.iter().all(u8::is_ascii_uppercase) || is_camel(word);
    // `42px`, `2x`, `3rd`
    let measured =
        letters == 0 && (1..=4).contains(&digits) && unit <= 5 && bytes.iter().skip(digits).all(u8::is_ascii_lowercase);
    (unit == 0 && cased && digits <= 6) || measured
}

/// `CheckoutScreen`, `iPhone`: capitals stand alone and parts have three letters or more on average.
fn is_camel(word: &[u8]) -> bool {
    let capitals = word.iter().filter(|own| own.is_ascii_uppercase()).count();
    let doubled = word.windows(2).filter(|pair| pair.iter().all(u8::is_ascii_uppercase)).count();
    doubled <= 1 && word.len() >= capitals * 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_text_is_known_as_such() {
        for text in [
            "JgkSBznFzRlmoZheU1Tr",
            "C5o3ZlKn8JM97WEvqqfCkOkLq96KdDlAsGm_Qgek51m",
            "KXwY9TnWhwJNFvuoQdi5I5GUdqp1BTE0PhGYrzTr",
            "TgJxhJGg9G0TtgqMs56s",
            "0y1l0ILSpzctaqZZH5bv",
            "zySwDq4yOCm-p_v6RHA935dK8RyfJPvSzuD9zBo_cIq",
            "cabW1yta5gCyl9qoffPB",
            "x3HJKAua-oxCudclcxXRDNHCa_H7FTVcltrM3BJ-6NC",
        ] {
            assert_eq!(opacity(text), Opacity::Random, "{text}");
        }
    }

    #[test]
    fn hexadecimal_text_and_uuids_have_their_own_place() {
        assert_eq!(opacity("0177376f522ce05e7eae24783beaa388"), Opacity::Hex);
        assert_eq!(opacity("42B579A35EABCEC7D8DDD200D60CDA6F"), Opacity::Hex);
        assert_eq!(opacity("c50735a9-dc32-4935-9608-c7688dfb7973"), Opacity::Uuid);
        assert_eq!(opacity("123456"), Opacity::Digits);
    }

    #[test]
    fn words_are_plain() {
        for text in [
            "",
            "faq",
            "getting-started",
            "trail-runner-2",
            "spring_sale_2025",
            "blue-button-v2",
            "CheckoutScreen",
            "price_asc",
            "ORD-843491117x"[..10].into(),
            "SUMMER24",
            "WELCOME-10-OFF",
            "post-46",
            "section-3",
            "en-GB",
            "retarget-q4",
            "reset-password",
            "enterprise-annual",
            "hero-banner",
            "success",
            "iPhone",
            "ResizeObserver",
            "README",
            "L120-L140",
            "running+shoes",
            "2025-03-05",
            "with space",
            "emoji😀",
        ] {
            let own = opacity(text);
            assert!(matches!(own, Opacity::Plain | Opacity::Digits), "{text}: {own:?}");
        }
    }

    #[test]
    fn ambiguous_text_is_mixed_and_not_random() {
        for text in ["a1B2c3D4", "8f2k1dw0q9xw7c5m", "s3cr3t-magic-link", "abc123def456", "7JOpGiFvhxsm"] {
            assert_eq!(opacity(text), Opacity::Mixed, "{text}");
        }
    }
}
