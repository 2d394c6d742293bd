//! A Java text as `ObjectOutputStream` writes it (Java Object Serialization Specification, chapter 6). Nothing else of
//! Java's serialization is read.

/// Reads `AC ED 00 05 74`, a length of two bytes, and text.
pub(crate) fn text(bytes: &[u8]) -> Option<String> {
    let rest = bytes.strip_prefix(b"\xac\xed\x00\x05\x74")?;
    let (length, text) = rest.split_first_chunk::<2>()?;
    if text.len() != usize::from(u16::from_be_bytes(*length)) {
        return None;
    }
    // The encoding is UTF-8 but for NUL and characters beyond the first plane, which no account id has.
    std::str::from_utf8(text).ok().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn only_a_whole_text_is_read() {
        assert_eq!(text(b"\xac\xed\x00\x05\x74\x00\x03ana").as_deref(), Some("ana"));
        for bytes in
            [&b""[..], b"\xac\xed\x00\x05\x74\x00\x04ana", b"\xac\xed\x00\x05\x74\x00\x02ana", b"\xac\xed\x00\x05sr"]
        {
            assert!(text(bytes).is_none());
        }
    }
}
