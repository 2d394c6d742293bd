//! A Java text as `ObjectOutputStream` writes it (Java Object Serialization Specification, chapter 6). Nothing else of
//! Java's serialization is read.

/// Reads `AC ED 00 05 74`, a length of two bytes, and text.
pub(crate) fn text(bytes: &[u8]) -> Option<String> {
    let rest = bytes.strip_prefix(b"\xac\xed\x00\x05\x74")?;
    let (length, text) = rest.split_first_chunk::<2>()?;
    if text.len() != usize::from(u16::from_be_bytes(*length)) {
        return None;
    }
    match std::str::from_utf8(text) {
        Ok(text) => Some(text.to_owned()),
        Err(_) => modified(text),
    }
}

/// Java's modified UTF-8: NUL takes two bytes, a character beyond the first plane is a pair of surrogates of three bytes
/// each (`java.io.DataInput`). No four bytes of it are one character, so a text is either this or UTF-8.
fn modified(mut bytes: &[u8]) -> Option<String> {
    let mut units = Vec::with_capacity(bytes.len());
    while let Some((first, rest)) = bytes.split_first() {
        let (length, high) = match first {
            0x01..=0x7f => (0, first & 0x7f),
            0xc0..=0xdf => (1, first & 0x1f),
            0xe0..=0xef => (2, first & 0x0f),
            _ => return None,
        };
        let (more, rest) = rest.split_at_checked(length)?;
        units.push(more.iter().try_fold(u16::from(high), |unit, byte| {
            if byte & 0xc0 == 0x80 { Some(unit << 6 | u16::from(byte & 0x3f)) } else { None }
        })?);
        bytes = rest;
    }
    String::from_utf16(&units).ok()
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

    #[test]
    fn javas_own_utf8_is_read() {
        let read = |bytes: &[u8]| {
            let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
            text(&[&b"\xac\xed\x00\x05\x74"[..], &length, bytes].concat())
        };
        assert_eq!(read("J\u{fc}rgen \u{7528}".as_bytes()).as_deref(), Some("J\u{fc}rgen \u{7528}"));
        // What `new ObjectOutputStream(..).writeObject("ana \ud83e\udd89")` leaves, and a NUL.
        assert_eq!(read(b"ana \xed\xa0\xbe\xed\xb6\x89").as_deref(), Some("ana \u{1f989}"));
        assert_eq!(read(b"a\xc0\x80\xed\xa0\xbe\xed\xb6\x89").as_deref(), Some("a\0\u{1f989}"));
        for broken in [&b"\xed\xa0\xbe"[..], b"\xed\xa0", b"\xed\x20\xbe", b"\xff", b"a\xc0"] {
            assert_eq!(read(broken), None);
        }
    }
}
