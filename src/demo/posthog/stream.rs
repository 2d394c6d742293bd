//! Inflating with a bound: gzip, zlib and raw deflate, brotli, zstd.

use std::io::Read;

/// Why compressed bytes could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// They are not what they claim to be, or end too early.
    Broken,
    /// They hold more than the limit.
    TooLarge,
}

fn read(mut reader: impl Read, limit: usize) -> Result<Vec<u8>, Unread> {
    let mut out = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    Read::by_ref(&mut reader).take(most).read_to_end(&mut out).map_err(|_| Unread::Broken)?;
    if out.len() > limit { Err(Unread::TooLarge) } else { Ok(out) }
}

/// Whether the bytes begin as gzip does.
pub(super) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

pub(super) fn gunzip(bytes: &[u8], limit: usize) -> Result<Vec<u8>, Unread> {
    if !is_gzip(bytes) {
        return Err(Unread::Broken);
    }
    read(flate2::read::MultiGzDecoder::new(bytes), limit)
}

/// `deflate` is zlib (RFC 9110), and raw deflate from clients that take the word literally.
pub(super) fn inflate(bytes: &[u8], limit: usize) -> Result<Vec<u8>, Unread> {
    match read(flate2::read::ZlibDecoder::new(bytes), limit) {
        Err(Unread::Broken) => read(flate2::read::DeflateDecoder::new(bytes), limit),
        other => other,
    }
}

pub(super) fn unbrotli(bytes: &[u8], limit: usize) -> Result<Vec<u8>, Unread> {
    read(brotli_decompressor::Decompressor::new(bytes, 4096), limit)
}

pub(super) fn unzstd(bytes: &[u8], limit: usize) -> Result<Vec<u8>, Unread> {
    read(ruzstd::decoding::StreamingDecoder::new(bytes).map_err(|_| Unread::Broken)?, limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    #[test]
    fn a_bomb_is_too_large_and_a_torso_is_broken() {
        let bomb = gzip(&vec![b' '; 1 << 20]);
        assert_eq!(gunzip(&bomb, 1000), Err(Unread::TooLarge));
        assert_eq!(gunzip(&bomb, 1 << 20).unwrap().len(), 1 << 20);
        assert_eq!(gunzip(&bomb[..bomb.len() - 9], 2 << 20), Err(Unread::Broken));
        assert_eq!(gunzip(b"{}", 10), Err(Unread::Broken));
    }

    #[test]
    fn deflate_is_read_with_and_without_its_frame() {
        let mut framed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        framed.write_all(b"hello").unwrap();
        let mut raw = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        raw.write_all(b"hello").unwrap();
        for bytes in [framed.finish().unwrap(), raw.finish().unwrap()] {
            assert_eq!(inflate(&bytes, 100).unwrap(), b"hello");
        }
        assert_eq!(inflate(b"hello", 100), Err(Unread::Broken));
    }

    #[test]
    fn zstd_is_read_and_nonsense_is_not() {
        let bytes = ruzstd::encoding::compress_to_vec(&b"hello"[..], ruzstd::encoding::CompressionLevel::Fastest);
        assert_eq!(unzstd(&bytes, 100).unwrap(), b"hello");
        assert_eq!(unzstd(&bytes, 2), Err(Unread::TooLarge));
        assert_eq!(unzstd(b"nonsense", 100), Err(Unread::Broken));
        assert!(unbrotli(b"\xff\xff\xff nonsense", 100).is_err());
    }
}
