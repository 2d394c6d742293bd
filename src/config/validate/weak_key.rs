//! Which keys are no keys: too short, or known to everybody.
//!
//! The promise of a pseudonym is that nobody can compute it without the key. A key from a README or a counter is a
//! key that everybody has. No test can tell a good key from a leaked one; these are the ones found in practice.

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// The shortest key: 32 random bytes, as many as HMAC-SHA256 gives out (RFC 2104 section 3).
pub const MIN_KEY_BYTES: usize = 32;

/// Words that stand in example keys and in no random one. Six letters at least: a random base64 text of 64 characters
/// holds a given six-letter word once in 10^7 keys.
const WORDS: [&str; 14] = [
    "changeme",
    "change-me",
    "change_me",
    "change this",
    "example",
    "password",
    "passw0rd",
    "insecure",
    "default",
    "placeholder",
    "your-key",
    "your_key",
    "your-own",
    "secret",
];

/// Why these bytes must not be a pseudonym key; `None` when nothing speaks against them.
#[must_use]
pub fn weakness(key: &[u8]) -> Option<&'static str> {
    if key.len() < MIN_KEY_BYTES {
        return Some("the key is shorter than 32 bytes");
    }
    let text = std::str::from_utf8(key).ok().map(str::trim_end).filter(|text| text.is_ascii());
    let decoded = text.and_then(from_hex).or_else(|| text.and_then(from_base64));
    if regular(key) || decoded.is_some_and(|inner| regular(&inner)) {
        return Some("the key is a pattern, not random bytes");
    }
    let lower = text.unwrap_or_default().to_ascii_lowercase();
    if WORDS.iter().any(|word| lower.contains(word)) {
        return Some("the key is well known, or made like the keys of examples");
    }
    None
}

/// A repeated piece, a counter up or down, or hardly any different bytes.
fn regular(key: &[u8]) -> bool {
    let body = key.strip_suffix(b"\n").unwrap_or(key);
    let repeats = |period: usize| body.iter().zip(body.iter().skip(period)).all(|(a, b)| a == b);
    let counts = |step: u8| body.iter().zip(body.iter().skip(1)).all(|(a, b)| a.wrapping_add(step) == *b);
    // Text counters break between the runs 0-9, A-Z and a-z: nearly every step is one.
    let ups = body.iter().zip(body.iter().skip(1)).filter(|(a, b)| a.wrapping_add(1) == **b).count();
    let mut different = [false; 256];
    for byte in body {
        if let Some(slot) = different.get_mut(usize::from(*byte)) {
            *slot = true;
        }
    }
    (1..=body.len() / 2).any(repeats)
        || counts(1)
        || counts(255)
        || ups.saturating_mul(10) >= body.len().saturating_mul(8)
        || different.iter().filter(|seen| **seen).count() < 8
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits?;
    let (pairs, rest) = digits.as_chunks::<2>();
    (rest.is_empty() && !pairs.is_empty()).then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let text = text.replace('-', "+").replace('_', "/");
    GeneralPurpose::new(&base64::alphabet::STANDARD, lenient).decode(text).ok().filter(|bytes| !bytes.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_known_and_regular_keys_are_refused() {
        let ascending: Vec<u8> = (0..32).collect();
        let descending: Vec<u8> = (0..32).rev().collect();
        let weak: [&[u8]; 16] = [
            b"",
            b"0123456789abcdef0123456789abcde",
            &[0; 32],
            &[0xff; 64],
            &ascending,
            &descending,
            b"changemechangemechangemechangeme",
            b"0123456789abcdef0123456789abcdef",
            b"abcdefghijklmnopqrstuvwxyz012345",
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
            b"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            b"this-is-a-very-Secret-key-please-set-your-own",
            b"my-example-key-for-production-1234567890",
            b"abababababababababababababababab\n",
        ];
        for key in weak {
            assert!(weakness(key).is_some(), "{}", key.escape_ascii());
        }
    }

    #[test]
    fn random_keys_in_every_spelling_pass() {
        for seed in 0_u8..100 {
            let mut key = [0_u8; 32];
            getrandom::fill(&mut key).unwrap();
            key[0] = seed;
            assert_eq!(weakness(&key), None);
            let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(weakness(hex.as_bytes()), None, "{hex}");
            let text = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(key);
            assert_eq!(weakness(text.as_bytes()), None, "{text}");
        }
    }
}
