//! The scalars of the old, textual protocols.

use crate::person::Value;
use crate::session::encoding;

/// A whole number in decimal, of at most 600 digits.
pub(super) fn decimal(text: &str) -> Option<Value> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let sound = !digits.is_empty() && digits.len() <= 600 && digits.bytes().all(|byte| byte.is_ascii_digit());
    sound.then(|| Value::Number(text.to_owned()))
}

/// Python's `raw-unicode-escape`: only `\uXXXX` and `\UXXXXXXXX` are escapes.
pub(super) fn raw_unicode(text: &str) -> Option<String> {
    let mut decoded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        decoded.push_str(before);
        let length = match after.chars().next() {
            Some('u') => 4,
            Some('U') => 8,
            _ => {
                decoded.push('\\');
                rest = after;
                continue;
            }
        };
        let code = u32::from_str_radix(after.get(1..=length)?, 16).ok()?;
        decoded.push(char::from_u32(code)?);
        rest = after.get(length + 1..)?;
    }
    decoded.push_str(rest);
    Some(decoded)
}

/// A Python 2 string literal; only the escapes that `repr` writes.
pub(super) fn quoted(text: &str) -> Option<String> {
    let inner = ['\'', '"'].into_iter().find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))?;
    let mut decoded = String::new();
    let mut rest = inner.chars();
    while let Some(next) = rest.next() {
        if next != '\\' {
            decoded.push(next);
            continue;
        }
        decoded.push(match rest.next()? {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'x' => {
                let digits = rest.as_str().get(..2)?;
                rest = rest.as_str().get(2..)?.chars();
                char::from(*encoding::hex(digits.as_bytes())?.first()?)
            }
            plain @ ('\\' | '\'' | '"') => plain,
            _ => return None,
        });
    }
    Some(decoded)
}
