//! A reader of Erlang's external term format as inert data (erlang.org, "External Term Format").
//!
//! Promise: atoms stay text and are never made, whole numbers are exact. Functions, processes, ports and references
//! are refused: a session has none. Failure: `None`.

use super::cursor::{Budget, Cursor, float, text_or_bytes, whole_number};
use super::{DEPTH, LARGEST, zlib};
use crate::person::Value;

const VERSION: u8 = 131;
const COMPRESSED: u8 = 80;

/// Reads one term.
pub(crate) fn read(bytes: &[u8]) -> Option<Value> {
    let mut cursor = Cursor(bytes);
    cursor.expect(&[VERSION])?;
    let mut budget = Budget::default();
    if cursor.0.first() == Some(&COMPRESSED) {
        cursor.byte()?;
        let length = cursor.length32().filter(|length| *length <= LARGEST)?;
        let inflated = zlib::inflate(cursor.0).filter(|term| term.len() == length)?;
        return term(&mut Cursor(&inflated), &mut budget, 0);
    }
    term(&mut cursor, &mut budget, 0)
}

fn term(cursor: &mut Cursor<'_>, budget: &mut Budget, depth: usize) -> Option<Value> {
    if depth > DEPTH {
        return None;
    }
    budget.node()?;
    match cursor.byte()? {
        97 => Some(Value::Number(cursor.byte()?.to_string())),
        98 => Some(Value::Number(i32::from_be_bytes(cursor.array()?).to_string())),
        70 => Some(float(f64::from_be_bytes(cursor.array()?))),
        // The old spelling of floats: text in 31 bytes.
        99 => {
            let text = std::str::from_utf8(cursor.take(31)?).ok()?;
            Some(float(text.trim_end_matches('\0').parse().ok()?))
        }
        100 | 118 => {
            let length = cursor.length16()?;
            atom(cursor.take(length)?)
        }
        115 | 119 => {
            let length = usize::from(cursor.byte()?);
            atom(cursor.take(length)?)
        }
        104 => {
            let count = usize::from(cursor.byte()?);
            list(cursor, budget, depth, count)
        }
        105 => {
            let count = cursor.length32()?;
            list(cursor, budget, depth, count)
        }
        106 => Some(Value::List(Vec::new())),
        // A list of small numbers, which Erlang also uses as text.
        107 => {
            let length = cursor.length16()?;
            Some(Value::List(cursor.take(length)?.iter().map(|byte| Value::Number(byte.to_string())).collect()))
        }
        108 => {
            let count = cursor.length32()?;
            let items = list(cursor, budget, depth, count)?;
            // The tail, which is the empty list in a proper list.
            term(cursor, budget, depth + 1)?;
            Some(items)
        }
        109 => {
            let length = cursor.length32()?;
            cursor.take(length).map(text_or_bytes)
        }
        77 => {
            let length = cursor.length32()?;
            cursor.byte()?;
            cursor.take(length).map(|bytes| Value::Bytes(bytes.to_vec()))
        }
        110 => {
            let length = usize::from(cursor.byte()?);
            big(cursor, length)
        }
        111 => {
            let length = cursor.length32()?;
            big(cursor, length)
        }
        116 => {
            let count = cursor.length32()?;
            let mut members = cursor.room(count)?;
            for _ in 0..count {
                let key = term(cursor, budget, depth + 1)?;
                members.push((key, term(cursor, budget, depth + 1)?));
            }
            Some(Value::Map(members))
        }
        _ => None,
    }
}

fn list(cursor: &mut Cursor<'_>, budget: &mut Budget, depth: usize, count: usize) -> Option<Value> {
    let mut items = cursor.room(count)?;
    for _ in 0..count {
        items.push(term(cursor, budget, depth + 1)?);
    }
    Some(Value::List(items))
}

fn big(cursor: &mut Cursor<'_>, length: usize) -> Option<Value> {
    let negative = cursor.byte()? != 0;
    whole_number(negative, cursor.take(length)?)
}

fn atom(name: &[u8]) -> Option<Value> {
    Some(match std::str::from_utf8(name).ok()? {
        "nil" | "undefined" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        name => Value::Keyword(name.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::person::Value;

    fn text(bytes: &[u8]) -> Option<String> {
        read(bytes)?.scalar().map(str::to_owned)
    }

    #[test]
    fn scalars_are_exact() {
        assert_eq!(text(b"\x83a\x07").unwrap(), "7");
        assert_eq!(text(b"\x83b\xff\xff\xff\xff").unwrap(), "-1");
        assert_eq!(text(b"\x83n\x08\x00\xff\xff\xff\xff\xff\xff\xff\xff").unwrap(), u64::MAX.to_string());
        assert_eq!(text(b"\x83m\x00\x00\x00\x02ab").unwrap(), "ab");
        assert_eq!(text(b"\x83w\x03abc").unwrap(), "abc");
        assert_eq!(text(b"\x83F\x3f\xf8\x00\x00\x00\x00\x00\x00").unwrap(), "1.5");
        assert!(matches!(read(b"\x83w\x03nil"), Some(Value::Null)));
    }

    #[test]
    fn containers_are_read_by_path() {
        // %{"a" => {[1 | 2], 'hi'}}
        let bytes = b"\x83t\x00\x00\x00\x01m\x00\x00\x00\x01ah\x02l\x00\x00\x00\x01a\x01a\x02k\x00\x02hi";
        let value = read(bytes).unwrap();
        assert_eq!(value.at(&["a".into(), "0".into(), "0".into()]).unwrap().scalar(), Some("1"));
    }

    #[test]
    fn processes_functions_lies_and_cuts_are_refused() {
        for bytes in [
            &b"\x83g"[..],
            b"\x83p",
            b"\x83r",
            b"\x83l\xff\xff\xff\xff",
            b"\x83m\xff\xff\xff\xff",
            b"\x82a\x07",
            b"",
            b"\x83",
        ] {
            assert!(read(bytes).is_none());
        }
        assert!(read(&[&[131][..], &b"h\x01".repeat(1000)].concat()).is_none());
        assert!(read(b"\x83P\xff\xff\xff\xffx").is_none());
    }
}
