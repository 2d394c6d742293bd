//! Compressed data in a string, a character per byte, as recordings hold it. Who unpacks it looks through it; here it is passed,
//! but for what can be read in it.

use super::{Look, Spot};
use crate::scrub::features::{Features, count};

/// The shortest run of characters in compressed data that could be personal: `a@b.co`.
const SHORTEST_RUN: usize = 6;

impl Look<'_> {
    /// The detectors on what can be read in compressed data, which is next to nothing.
    pub(super) fn printable_runs(&mut self, text: &str, spot: Spot) {
        let mut at = 0;
        for run in text.as_bytes().chunk_by(|one, next| is_printable(*one) && is_printable(*next)) {
            if run.len() >= SHORTEST_RUN {
                let run = text.get(at..at + run.len()).unwrap_or_default();
                self.part(at, |own| own.detect(run, Features::of(run), spot));
            }
            at += run.len();
        }
    }
}

/// True for compressed data with a character per byte: gzip's magic, deflate, a header with control characters (RFC 1952 section
/// 2.3.1), and noise behind it: of random bytes five of eight are no printable ASCII.
pub(super) fn is_gzip(text: &str) -> bool {
    let bytes = text.as_bytes();
    text.starts_with("\u{1f}\u{8b}\u{8}")
        && text.chars().skip(3).take(7).any(|own| own < ' ')
        // The first byte of a character beyond U+00FF is C4 or more.
        && count(bytes, |own| own > 0xC3) == 0
        && count(bytes, is_printable) * 3 <= count(bytes, |own| own & 0xC0 != 0x80) * 2
}

const fn is_printable(own: u8) -> bool {
    matches!(own, b' '..=b'~')
}
