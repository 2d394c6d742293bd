//! The encodings that analytics clients wrap a body in, each with a cap on what comes out.
//!
//! Promise: a decoder stops one byte after `cap`, whatever the input claims (58 kB of gzip can hold 60 MB); input that
//! ends in the middle or has a wrong checksum is refused, never passed on in part. Input: bytes. Output: bytes, or the
//! word for what is wrong. Encoding is gzip only: every vendor path that takes an encoding takes that one.

mod lz;

use std::io::{Read, Write};

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flate2::Compression;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use flate2::write::GzEncoder;

pub use lz::unlz;

/// Why something cannot be decoded. Says nothing of the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undecodable {
    /// The bytes are not of this encoding, or end too early.
    #[error("the body is not of the encoding it announces")]
    Broken,
    /// There is more inside than the cap allows.
    #[error("the body holds more than is allowed")]
    TooLarge,
}

/// The most memory that a zstd frame may ask for as its window: what every client of level 19 and below uses.
const ZSTD_WINDOW: u64 = 8 * 1024 * 1024;

/// Base64 in the standard alphabet with or without padding, as PostHog's decoders take it.
const STANDARD: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// True for bytes that begin like a gzip member (RFC 1952 section 2.3.1).
#[must_use]
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// Undoes gzip.
///
/// # Errors
/// [`Undecodable`].
pub fn gunzip(bytes: &[u8], cap: usize) -> Result<Vec<u8>, Undecodable> {
    read_capped(MultiGzDecoder::new(bytes), bytes.len(), cap)
}

/// Undoes HTTP's `deflate`: zlib, or the raw form that some clients send.
///
/// # Errors
/// [`Undecodable`].
pub fn inflate(bytes: &[u8], cap: usize) -> Result<Vec<u8>, Undecodable> {
    match read_capped(ZlibDecoder::new(bytes), bytes.len(), cap) {
        Err(Undecodable::Broken) => read_capped(flate2::read::DeflateDecoder::new(bytes), bytes.len(), cap),
        other => other,
    }
}

/// Undoes brotli.
///
/// # Errors
/// [`Undecodable`].
pub fn unbrotli(bytes: &[u8], cap: usize) -> Result<Vec<u8>, Undecodable> {
    read_capped(brotli_decompressor::Decompressor::new(bytes, 4096), bytes.len(), cap)
}

/// Undoes zstd.
///
/// # Errors
/// [`Undecodable`].
pub fn unzstd(bytes: &[u8], cap: usize) -> Result<Vec<u8>, Undecodable> {
    let decoder = ruzstd::decoding::StreamingDecoder::new_with_max_window_size(bytes, ZSTD_WINDOW);
    read_capped(decoder.map_err(|_| Undecodable::Broken)?, bytes.len(), cap)
}

/// Undoes base64 in the standard alphabet.
///
/// # Errors
/// [`Undecodable::Broken`]; the output is smaller than the input.
pub fn unbase64(text: &[u8]) -> Result<Vec<u8>, Undecodable> {
    STANDARD.decode(text.trim_ascii()).map_err(|_| Undecodable::Broken)
}

/// Makes gzip, at the speed that a request can wait for.
#[must_use]
pub fn gzip<P: AsRef<[u8]>>(pieces: &[P]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory does not fail.
    let written = pieces.iter().try_for_each(|piece| encoder.write_all(piece.as_ref()));
    written.and_then(|()| encoder.finish()).unwrap_or_default()
}

fn read_capped(decoder: impl Read, received: usize, cap: usize) -> Result<Vec<u8>, Undecodable> {
    let mut out = Vec::with_capacity(received.saturating_mul(4).min(cap).min(1 << 20));
    let beyond = u64::try_from(cap).unwrap_or(u64::MAX).saturating_add(1);
    decoder.take(beyond).read_to_end(&mut out).map_err(|_| Undecodable::Broken)?;
    if out.len() > cap { Err(Undecodable::TooLarge) } else { Ok(out) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"event":"$pageview","properties":{"token":"phc_x","$current_url":"https://shop.example/"}}"#;

    #[test]
    fn every_encoding_comes_back_as_it_was() {
        assert_eq!(gunzip(&gzip(&[TEXT]), 1000).unwrap(), TEXT.as_bytes());
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(TEXT.as_bytes()).unwrap();
        assert_eq!(inflate(&zlib.finish().unwrap(), 1000).unwrap(), TEXT.as_bytes());
        let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), Compression::fast());
        raw.write_all(TEXT.as_bytes()).unwrap();
        assert_eq!(inflate(&raw.finish().unwrap(), 1000).unwrap(), TEXT.as_bytes());
        let zstd = ruzstd::encoding::compress_to_vec(TEXT.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest);
        assert_eq!(unzstd(&zstd, 1000).unwrap(), TEXT.as_bytes());
        assert_eq!(unbase64(b"eyJhIjoxfQ==").unwrap(), br#"{"a":1}"#);
        assert_eq!(unbase64(b"eyJhIjoxfQ").unwrap(), br#"{"a":1}"#);
        // A window of 16 bits, one stored block of two bytes, the empty last block (RFC 7932 section 9).
        assert_eq!(unbrotli(&[0x10, 0x00, 0x10, 0x7b, 0x7d, 0x03], 10).unwrap(), b"{}");
    }

    #[test]
    fn a_bomb_stops_at_the_cap() {
        let bomb = gzip(&[vec![b' '; 10_000_000]]);
        assert!(bomb.len() < 100_000);
        assert_eq!(gunzip(&bomb, 1_000_000), Err(Undecodable::TooLarge));
        let zstd = ruzstd::encoding::compress_to_vec(
            vec![b' '; 3_000_000].as_slice(),
            ruzstd::encoding::CompressionLevel::Fastest,
        );
        assert_eq!(unzstd(&zstd, 1_000_000), Err(Undecodable::TooLarge));
    }

    #[test]
    fn what_ends_early_is_refused() {
        let whole = gzip(&[TEXT]);
        for length in 0..whole.len() {
            assert_eq!(gunzip(&whole[..length], 1000), Err(Undecodable::Broken), "{length}");
        }
        assert_eq!(unzstd(b"\x28\xb5\x2f\xfd", 10), Err(Undecodable::Broken));
        assert_eq!(unbrotli(b"\xff\xff\xff", 10), Err(Undecodable::Broken));
    }
}
