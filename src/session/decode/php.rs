//! A reader of PHP's `serialize` and of its three session formats as inert data (php.net, "session.serialize_handler").
//!
//! Promise: no class is looked up. Objects become maps of their properties by bare name (PHP marks private and
//! protected ones with NUL-delimited prefixes); what only its class could read (`C:`) and references are opaque.
//! Lengths are counted in bytes and trusted to nothing but the bounds: strings may hold every separator. Failure:
//! `None`.

use super::DEPTH;
use super::cursor::{Budget, Cursor, float, text_or_bytes};
use crate::person::Value;

/// Reads one serialized value, which must be all there is.
pub(crate) fn read(bytes: &[u8]) -> Option<Value> {
    let mut cursor = Cursor(bytes);
    let value = value(&mut cursor, &mut Budget::default(), 0)?;
    if cursor.0.is_empty() { Some(value) } else { None }
}

/// Reads the handler `php`: `name|value` one after the other; `!name|` is a name without a value.
pub(crate) fn session(bytes: &[u8]) -> Option<Value> {
    let mut cursor = Cursor(bytes);
    let mut budget = Budget::default();
    let mut members = Vec::new();
    while !cursor.0.is_empty() {
        let name = cursor.until(b'|')?;
        let member = match name.strip_prefix(b"!") {
            Some(name) => (text_or_bytes(name), Value::Null),
            None => (text_or_bytes(name), value(&mut cursor, &mut budget, 1)?),
        };
        members.push(member);
    }
    Some(Value::Map(members))
}

/// Reads the handler `php_binary`: a length byte (its top bit: no value), the name, the value.
pub(crate) fn binary_session(bytes: &[u8]) -> Option<Value> {
    let mut cursor = Cursor(bytes);
    let mut budget = Budget::default();
    let mut members = Vec::new();
    while !cursor.0.is_empty() {
        let length = cursor.byte()?;
        let name = text_or_bytes(cursor.take(usize::from(length & 0x7f))?);
        let value = if length & 0x80 == 0 { value(&mut cursor, &mut budget, 1)? } else { Value::Null };
        members.push((name, value));
    }
    Some(Value::Map(members))
}

fn value(cursor: &mut Cursor<'_>, budget: &mut Budget, depth: usize) -> Option<Value> {
    if depth > DEPTH {
        return None;
    }
    budget.node()?;
    let kind = cursor.byte()?;
    if kind == b'N' {
        cursor.expect(b";")?;
        return Some(Value::Null);
    }
    cursor.expect(b":")?;
    match kind {
        b'b' => match cursor.until(b';')? {
            b"0" => Some(Value::Bool(false)),
            b"1" => Some(Value::Bool(true)),
            _ => None,
        },
        b'i' => whole(cursor.until(b';')?),
        b'd' => {
            let text = std::str::from_utf8(cursor.until(b';')?).ok()?;
            match text {
                "INF" | "-INF" | "NAN" => Some(Value::Opaque),
                _ => Some(float(text.parse().ok()?)),
            }
        }
        b's' => {
            let text = quoted(cursor)?;
            cursor.expect(b";")?;
            Some(text_or_bytes(text))
        }
        b'a' => {
            let count = length(cursor)?;
            members(cursor, budget, depth, count).map(Value::Map)
        }
        b'O' => {
            quoted(cursor)?;
            cursor.expect(b":")?;
            let count = length(cursor)?;
            members(cursor, budget, depth, count).map(|members| Value::Map(members.into_iter().map(bare).collect()))
        }
        b'C' => {
            quoted(cursor)?;
            cursor.expect(b":")?;
            let length = length(cursor)?;
            cursor.expect(b"{")?;
            cursor.take(length)?;
            cursor.expect(b"}")?;
            Some(Value::Opaque)
        }
        // An enumeration's case: `Class:Case`.
        b'E' => {
            let text = quoted(cursor)?;
            cursor.expect(b";")?;
            Some(text_or_bytes(text))
        }
        b'r' | b'R' => {
            whole(cursor.until(b';')?)?;
            Some(Value::Opaque)
        }
        _ => None,
    }
}

/// The members of an array or object, with their braces.
fn members(cursor: &mut Cursor<'_>, budget: &mut Budget, depth: usize, count: usize) -> Option<Vec<(Value, Value)>> {
    cursor.expect(b"{")?;
    let mut members = cursor.room(count)?;
    for _ in 0..count {
        let key = value(cursor, budget, depth + 1)?;
        if !matches!(key, Value::Number(_) | Value::Text(_) | Value::Bytes(_)) {
            return None;
        }
        members.push((key, value(cursor, budget, depth + 1)?));
    }
    cursor.expect(b"}")?;
    Some(members)
}

/// A property by its bare name: `\0Class\0name` (private) and `\0*\0name` (protected).
fn bare((name, value): (Value, Value)) -> (Value, Value) {
    match &name {
        Value::Text(text) => match text.strip_prefix('\0').and_then(|rest| rest.split_once('\0')) {
            Some((_, bare)) => (Value::Text(bare.to_owned()), value),
            None => (name, value),
        },
        _ => (name, value),
    }
}

/// `length:"bytes"`.
fn quoted<'a>(cursor: &mut Cursor<'a>) -> Option<&'a [u8]> {
    let length = length(cursor)?;
    cursor.expect(b"\"")?;
    let text = cursor.take(length)?;
    cursor.expect(b"\"")?;
    Some(text)
}

/// Digits and the colon after them.
fn length(cursor: &mut Cursor<'_>) -> Option<usize> {
    let digits = std::str::from_utf8(cursor.until(b':')?).ok()?;
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

fn whole(text: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(text).ok()?;
    Some(Value::Number(text.parse::<i64>().ok()?.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{binary_session, read, session};
    use crate::person::Value;

    fn at(value: Option<Value>, path: &[&str]) -> Option<String> {
        let path: Vec<String> = path.iter().map(|step| (*step).to_owned()).collect();
        value?.at(&path)?.scalar().map(str::to_owned)
    }

    #[test]
    fn strings_may_hold_every_separator() {
        let text = b"s|s:18:\"x|user_id|i:9999;}\";user_id|i:42;!gone|f|d:1.25;";
        assert_eq!(at(session(text), &["user_id"]).unwrap(), "42");
        assert_eq!(at(session(text), &["f"]).unwrap(), "1.25");
        let binary = b"\x01ss:3:\"a|b\";\x87missing\x07user_idi:42;";
        assert_eq!(at(binary_session(binary), &["user_id"]).unwrap(), "42");
        assert!(matches!(binary_session(binary).unwrap().child("missing"), Some(Value::Null)));
    }

    #[test]
    fn properties_are_found_by_their_bare_names() {
        let text = b"O:4:\"User\":3:{s:11:\"\0User\0email\";s:1:\"e\";s:5:\"\0*\0id\";i:7;s:1:\"n\";N;}";
        assert_eq!(at(read(text), &["email"]).unwrap(), "e");
        assert_eq!(at(read(text), &["id"]).unwrap(), "7");
        assert_eq!(at(read(b"a:2:{i:0;a:1:{i:5;s:1:\"x\";}s:1:\"k\";b:1;}"), &["0", "5"]).unwrap(), "x");
    }

    #[test]
    fn what_only_a_class_could_read_is_opaque() {
        let text = b"a:3:{i:0;C:3:\"Foo\":4:{a}b;}i:1;R:2;i:2;E:7:\"Suit:Up\";}";
        assert_eq!(at(read(text), &["2"]).unwrap(), "Suit:Up");
        assert!(matches!(read(text).unwrap().child("0"), Some(Value::Opaque)));
    }

    #[test]
    fn lies_about_lengths_are_refused() {
        for text in [
            &b""[..],
            b"s:5:\"ab\";",
            b"s:1:\"ab\";",
            b"s:-1:\"\";",
            b"a:1:{}",
            b"a:99999999:{}",
            b"a:0:{",
            b"i:1",
            b"i:x;",
            b"N",
            b"i:1;i:2;",
            b"a:1:{a:0:{}i:1;}",
            b"O:1:\"X\":0",
            b"s:99999999999999999999:\"\";",
            b"b:2;",
        ] {
            assert!(read(text).is_none(), "{}", text.escape_ascii());
        }
        assert!(read(&b"a:1:{i:0;".repeat(1000)).is_none());
        assert!(session(b"user_id").is_none());
    }
}
