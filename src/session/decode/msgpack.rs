//! A reader of MessagePack (github.com/msgpack/msgpack `spec.md`). Extension types are opaque. Failure: `None`.

use super::DEPTH;
use super::cursor::{Budget, Cursor, float, signed_number, text_or_bytes, whole_number};
use crate::person::Value;

/// Reads one value.
pub(crate) fn read(bytes: &[u8]) -> Option<Value> {
    let mut cursor = Cursor(bytes);
    let value = value(&mut cursor, &mut Budget::default(), 0)?;
    if cursor.0.is_empty() { Some(value) } else { None }
}

fn value(cursor: &mut Cursor<'_>, budget: &mut Budget, depth: usize) -> Option<Value> {
    if depth > DEPTH {
        return None;
    }
    budget.node()?;
    let first = cursor.byte()?;
    let low = |mask: u8| usize::from(first & mask);
    match first {
        0x00..=0x7f => Some(Value::Number(first.to_string())),
        0x80..=0x8f => map(cursor, budget, depth, low(0x0f)),
        0x90..=0x9f => list(cursor, budget, depth, low(0x0f)),
        0xa0..=0xbf => cursor.take(low(0x1f)).map(text_or_bytes),
        0xc0 => Some(Value::Null),
        0xc2 => Some(Value::Bool(false)),
        0xc3 => Some(Value::Bool(true)),
        0xc4..=0xc6 => {
            let length = length(cursor, first - 0xc4)?;
            cursor.take(length).map(|bytes| Value::Bytes(bytes.to_vec()))
        }
        0xc7..=0xc9 => {
            let length = length(cursor, first - 0xc7)?;
            cursor.take(length.checked_add(1)?).map(|_| Value::Opaque)
        }
        0xca => Some(float(f64::from(f32::from_be_bytes(cursor.array()?)))),
        0xcb => Some(float(f64::from_be_bytes(cursor.array()?))),
        0xcc..=0xcf => number(cursor, first - 0xcc, |bytes| whole_number(false, bytes)),
        0xd0..=0xd3 => number(cursor, first - 0xd0, signed_number),
        0xd4..=0xd8 => cursor.take((1 << (first - 0xd4)) + 1).map(|_| Value::Opaque),
        0xd9..=0xdb => {
            let length = length(cursor, first - 0xd9)?;
            cursor.take(length).map(text_or_bytes)
        }
        0xdc | 0xdd => {
            let count = length(cursor, first - 0xdb)?;
            list(cursor, budget, depth, count)
        }
        0xde | 0xdf => {
            let count = length(cursor, first - 0xdd)?;
            map(cursor, budget, depth, count)
        }
        0xc1 => None,
        0xe0..=0xff => Some(Value::Number(i8::from_be_bytes([first]).to_string())),
    }
}

/// A length of one, two or four bytes.
fn length(cursor: &mut Cursor<'_>, size: u8) -> Option<usize> {
    match size {
        0 => cursor.byte().map(usize::from),
        1 => cursor.length16(),
        _ => cursor.length32(),
    }
}

/// A number of one, two, four or eight bytes.
fn number(cursor: &mut Cursor<'_>, size: u8, read: impl Fn(&[u8]) -> Option<Value>) -> Option<Value> {
    let mut bytes = cursor.take(1 << size)?.to_vec();
    bytes.reverse();
    read(&bytes)
}

fn list(cursor: &mut Cursor<'_>, budget: &mut Budget, depth: usize, count: usize) -> Option<Value> {
    let mut items = cursor.room(count)?;
    for _ in 0..count {
        items.push(value(cursor, budget, depth + 1)?);
    }
    Some(Value::List(items))
}

fn map(cursor: &mut Cursor<'_>, budget: &mut Budget, depth: usize, count: usize) -> Option<Value> {
    let mut members = cursor.room(count)?;
    for _ in 0..count {
        let key = value(cursor, budget, depth + 1)?;
        members.push((key, value(cursor, budget, depth + 1)?));
    }
    Some(Value::Map(members))
}

#[cfg(test)]
mod tests {
    use super::read;

    fn text(bytes: &[u8]) -> Option<String> {
        read(bytes)?.scalar().map(str::to_owned)
    }

    #[test]
    fn every_size_of_number_is_exact() {
        assert_eq!(text(b"\x07").unwrap(), "7");
        assert_eq!(text(b"\xff").unwrap(), "-1");
        assert_eq!(text(b"\xcd\x0e\xb5").unwrap(), "3765");
        assert_eq!(text(b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff").unwrap(), u64::MAX.to_string());
        assert_eq!(text(b"\xd1\xff\x00").unwrap(), "-256");
        assert_eq!(text(b"\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00").unwrap(), "1.5");
        assert_eq!(text(b"\xa2ab").unwrap(), "ab");
        assert_eq!(text(b"\xda\x00\x02ab").unwrap(), "ab");
    }

    #[test]
    fn containers_and_extensions_are_read_past() {
        // {"a": [ext, 1], "b": nil}
        let value = read(b"\x82\xa1a\x92\xd6\xff\0\0\0\0\x01\xa1b\xc0").unwrap();
        assert_eq!(value.at(&["a".into(), "1".into()]).unwrap().scalar(), Some("1"));
        assert!(read(b"\xdc\x00\x01\x01").is_some());
        assert!(read(b"\xde\x00\x01\x01\x02").is_some());
    }

    #[test]
    fn lies_cuts_and_what_follows_are_refused() {
        for bytes in
            [&b""[..], b"\xc1", b"\xdd\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\xcd\x00", b"\x07\x07", b"\x81\x01"]
        {
            assert!(read(bytes).is_none());
        }
        assert!(read(&b"\x91".repeat(1000)).is_none());
    }
}
