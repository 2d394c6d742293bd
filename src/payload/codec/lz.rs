//! lz-string's base64 form, which posthog-js up to 1.16 sends (pieroxy/lz-string `libs/lz-string.js`).
//!
//! The dictionary holds ranges of what was written already, so it takes a few bytes per code and the output is the only
//! thing that grows; with a cap on the output, a few kilobytes cannot become gigabytes.

use super::Undecodable;

/// What a code stands for.
#[derive(Clone, Copy)]
enum Phrase {
    Unit(u16),
    /// So many units of the output from here.
    Range(usize, usize),
}

/// Undoes lz-string's `compressToBase64`; at most `cap` bytes of text.
///
/// # Errors
/// [`Undecodable`]: another encoding, no end mark, no UTF-16, or more than the cap.
pub fn unlz(text: &str, cap: usize) -> Result<String, Undecodable> {
    let units = units(&mut Bits::new(text.trim().as_bytes()), cap)?;
    let text = String::from_utf16(&units).map_err(|_| Undecodable::Broken)?;
    if text.len() > cap { Err(Undecodable::TooLarge) } else { Ok(text) }
}

fn units(bits: &mut Bits<'_>, cap: usize) -> Result<Vec<u16>, Undecodable> {
    const END: u32 = 2;
    let mut out: Vec<u16> = Vec::new();
    // The first three codes are marks: eight bits follow, sixteen bits follow, the end.
    let mut phrases: Vec<Phrase> = Vec::new();
    let first = match bits.take(2)? {
        0 => bits.unit(8)?,
        1 => bits.unit(16)?,
        END => return Ok(out),
        _ => return Err(Undecodable::Broken),
    };
    phrases.push(Phrase::Unit(first));
    out.push(first);
    let mut last = (0_usize, 1_usize);
    let mut width = 3_u32;
    let mut left = 4_u64;
    let widen = |left: &mut u64, width: &mut u32| {
        *left = left.saturating_sub(1);
        if *left == 0 {
            *left = 1_u64.checked_shl(*width).unwrap_or(u64::MAX);
            *width = width.saturating_add(1);
        }
    };
    loop {
        let mut code = bits.take(width)?;
        if code == END {
            return Ok(out);
        }
        if code < END {
            phrases.push(Phrase::Unit(bits.unit(if code == 0 { 8 } else { 16 })?));
            code = u32::try_from(phrases.len()).unwrap_or(u32::MAX).saturating_add(2);
            widen(&mut left, &mut width);
        }
        let start = out.len();
        let index = usize::try_from(code).unwrap_or(usize::MAX).saturating_sub(3);
        match phrases.get(index).copied() {
            Some(Phrase::Unit(unit)) => out.push(unit),
            Some(Phrase::Range(from, length)) => out.extend_from_within(from..from.saturating_add(length)),
            // The one code that is used before it is complete: the last phrase and its own first unit.
            None if index == phrases.len() => {
                out.extend_from_within(last.0..last.0.saturating_add(last.1));
                let own = out.get(start).copied().ok_or(Undecodable::Broken)?;
                out.push(own);
            }
            None => return Err(Undecodable::Broken),
        }
        if out.len() > cap {
            return Err(Undecodable::TooLarge);
        }
        // The last phrase and the first unit of this one stand side by side in the output.
        phrases.push(Phrase::Range(last.0, last.1.saturating_add(1)));
        last = (start, out.len().saturating_sub(start));
        widen(&mut left, &mut width);
    }
}

/// The bits of base64 text, six per character, the highest first.
struct Bits<'t> {
    text: std::slice::Iter<'t, u8>,
    value: u8,
    left: u8,
}

impl<'t> Bits<'t> {
    fn new(text: &'t [u8]) -> Self {
        Self { text: text.iter(), value: 0, left: 0 }
    }

    fn bit(&mut self) -> Result<u32, Undecodable> {
        if self.left == 0 {
            self.value = match self.text.next().ok_or(Undecodable::Broken)? {
                letter @ b'A'..=b'Z' => letter - b'A',
                letter @ b'a'..=b'z' => letter - b'a' + 26,
                digit @ b'0'..=b'9' => digit - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                // Padding stands for the key's last place in the library; nothing but zeros is read from it.
                b'=' => 0,
                _ => return Err(Undecodable::Broken),
            };
            self.left = 6;
        }
        self.left -= 1;
        Ok(u32::from(self.value >> self.left & 1))
    }

    /// A number of so many bits, the lowest first.
    fn take(&mut self, count: u32) -> Result<u32, Undecodable> {
        let mut value = 0;
        for at in 0..count.min(31) {
            value |= self.bit()? << at;
        }
        Ok(value)
    }

    fn unit(&mut self, count: u32) -> Result<u16, Undecodable> {
        u16::try_from(self.take(count)?).map_err(|_| Undecodable::Broken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_s_own_output_comes_back() {
        let long: String = (0..4000).map(|at| char::from_u32(32 + at * 7 % 3000).unwrap_or('x')).collect();
        for text in ["", "a", "aaaaaaaaaaaaaaaaaaaaaaaa", r#"{"event":"$pageview","é":"漢字 🦀"}"#, &long] {
            assert_eq!(unlz(&lz_str::compress_to_base64(text), 100_000).unwrap(), text);
        }
    }

    #[test]
    fn a_repetition_stops_at_the_cap() {
        let packed = lz_str::compress_to_base64(&"a".repeat(2_000_000));
        assert!(packed.len() < 5_000);
        assert_eq!(unlz(&packed, 100_000), Err(Undecodable::TooLarge));
    }

    #[test]
    fn garbage_is_refused() {
        for text in ["////", "AAAA", "é"] {
            assert_eq!(unlz(text, 1000), Err(Undecodable::Broken), "{text}");
        }
    }
}
