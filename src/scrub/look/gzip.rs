//! Compressed data in a string, a character per byte, as recordings hold it. Who unpacks it looks through it; here it is passed,
//! but for what can be read in it.

use super::{Look, Spot};
use crate::scrub::features::Features;

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
    let many = |which: fn(u8) -> bool| count_bytes(text.as_bytes(), which);
    text.starts_with("\u{1f}\u{8b}\u{8}")
        && text.chars().skip(3).take(7).any(|own| own < ' ')
        // The first byte of a character beyond U+00FF is C4 or more.
        && many(|own| own > 0xC3) == 0
        && many(is_printable) * 3 <= many(|own| own & 0xC0 != 0x80) * 2
}

const fn is_printable(own: u8) -> bool {
    matches!(own, b' '..=b'~')
}

/// Summed in bytes, so that the machine adds many at once.
fn count_bytes(bytes: &[u8], which: fn(u8) -> bool) -> usize {
    bytes.chunks(255).map(|part| usize::from(part.iter().map(|own| u8::from(which(*own))).sum::<u8>())).sum()
}
