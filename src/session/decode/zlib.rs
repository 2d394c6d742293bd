//! Inflating, with a limit: a bomb may sit inside signed data.

use std::io::Read as _;

use super::LARGEST;
use crate::session::encoding;

/// Inflates a zlib stream (RFC 1950) of at most [`LARGEST`] bytes when inflated.
pub(crate) fn inflate(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut inflated = Vec::new();
    let limit = u64::try_from(LARGEST).ok()? + 1;
    flate2::read::ZlibDecoder::new(bytes).take(limit).read_to_end(&mut inflated).ok()?;
    if inflated.len() > LARGEST { None } else { Some(inflated) }
}

/// Base64url, deflated when it begins with a dot (django/core/signing.py `loads`, pallets/itsdangerous
/// `URLSafeSerializerMixin`).
pub(crate) fn dotted(text: &[u8]) -> Option<Vec<u8>> {
    match text.strip_prefix(b".") {
        Some(deflated) => inflate(&encoding::base64url(deflated)?),
        None => encoding::base64url(text),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::{LARGEST, inflate};

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_bomb_is_refused_and_the_largest_value_is_not() {
        assert_eq!(inflate(&deflate(&vec![0; LARGEST])).unwrap().len(), LARGEST);
        assert_eq!(inflate(&deflate(&vec![0; LARGEST + 1])), None);
    }

    #[test]
    fn a_cut_stream_is_refused() {
        let whole = deflate(b"hello hello hello");
        assert_eq!(inflate(&whole[..whole.len() - 1]), None);
        assert_eq!(inflate(b""), None);
    }
}
