//! LZ4 frames (github.com/lz4/lz4 `doc/lz4_Frame_format.md`), inflated within the limit.

use std::io::Read as _;

use super::LARGEST;

/// Inflates one frame of at most [`LARGEST`] bytes when inflated.
pub(crate) fn frame(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut inflated = Vec::new();
    let limit = u64::try_from(LARGEST).ok()? + 1;
    lz4_flex::frame::FrameDecoder::new(bytes).take(limit).read_to_end(&mut inflated).ok()?;
    if inflated.len() > LARGEST { None } else { Some(inflated) }
}

#[cfg(test)]
mod tests {
    use super::{LARGEST, frame};

    /// A frame of one stored block: magic, flags, block size 4 MiB, header checksum, block, end.
    fn stored(block: &[u8]) -> Vec<u8> {
        let length = u32::try_from(block.len()).unwrap() | 0x8000_0000;
        [&b"\x04\x22\x4d\x18\x60\x70\x73"[..], &length.to_le_bytes(), block, &[0; 4]].concat()
    }

    #[test]
    fn a_bomb_is_refused_and_the_largest_value_is_not() {
        assert_eq!(frame(&stored(&vec![7; LARGEST])).map(|plain| plain.len()), Some(LARGEST));
        assert_eq!(frame(&stored(&vec![7; LARGEST + 1])), None);
    }

    #[test]
    fn what_is_no_frame_is_refused() {
        for bytes in [&b"hello"[..], b"\x04\x22\x4d\x18\x60\x70\x00"] {
            assert_eq!(frame(bytes), None);
        }
    }
}
