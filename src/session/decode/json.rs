//! JSON with exact numbers, and Flask's tags on top of it.

use std::collections::HashMap;

use super::{DEPTH, LARGEST};
use crate::payload::document::{Document, Node};
use crate::payload::scan::{Limits, Shape};
use crate::person::Value;
use crate::session::encoding;

/// Reads one JSON text. Numbers keep their digits; of two members with one name the last counts, as in every
/// framework's own reader. A text with half of a surrogate pair is no text of anybody's id: it is opaque.
///
/// Not serde_json's tree: with numbers of any length it takes an object with one certain key for a number.
pub(crate) fn read(bytes: &[u8]) -> Option<Value> {
    if too_deep(bytes) {
        return None;
    }
    let limits = Limits { bytes: LARGEST, ..Limits::default() };
    let text = std::str::from_utf8(bytes).ok()?;
    let document = Document::read_text(text.to_owned(), &limits).ok()?;
    Some(value(document.root()))
}

/// One value of the text; [`too_deep`] bounds the recursion.
fn value(node: Node<'_>) -> Value {
    match node.shape() {
        Shape::Null => Value::Null,
        Shape::True => Value::Bool(true),
        Shape::False => Value::Bool(false),
        Shape::Number => Value::Number(node.raw().to_owned()),
        Shape::Text | Shape::Key => string(node),
        Shape::Array => Value::List(node.elements().map(value).collect()),
        Shape::Object => {
            let mut members: Vec<(Value, Value)> = Vec::new();
            let mut places = HashMap::new();
            for (key, member) in node.members() {
                let place = *places.entry(key.text()).or_insert(members.len());
                match members.get_mut(place) {
                    Some((_, earlier)) => *earlier = value(member),
                    None => members.push((string(key), value(member))),
                }
            }
            Value::Map(members)
        }
    }
}

fn string(node: Node<'_>) -> Value {
    let (span, halves) = (node.span(), node.document().lone_surrogates());
    let at = halves.partition_point(|half| half.start < span.start);
    match node.text() {
        Some(text) if halves.get(at).is_none_or(|half| half.start >= span.end) => Value::Text(text.into_owned()),
        _ => Value::Opaque,
    }
}

/// True when brackets outside strings nest deeper than [`DEPTH`].
pub(crate) fn too_deep(bytes: &[u8]) -> bool {
    let mut depth = 0_usize;
    let mut bytes = bytes.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'\\' => drop(bytes.next()),
                        b'"' => break,
                        _ => {}
                    }
                }
            }
            b'[' | b'{' => {
                depth += 1;
                if depth > DEPTH {
                    return true;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// Undoes the tags of pallets/flask `src/flask/json/tag.py`: a map of one member whose name is a blank and a letter.
/// A UUID is written there without its dashes and gets them back.
pub(crate) fn untag(value: Value) -> Value {
    match value {
        Value::List(items) => Value::List(items.into_iter().map(untag).collect()),
        Value::Map(members) => {
            let mut members: Vec<_> = members.into_iter().map(|(key, value)| (key, untag(value))).collect();
            match members.pop() {
                Some((Value::Text(tag), inner)) if members.is_empty() && tag.starts_with(' ') => tagged(&tag, inner),
                Some(last) => {
                    members.push(last);
                    Value::Map(members)
                }
                None => Value::Map(members),
            }
        }
        other => other,
    }
}

fn tagged(tag: &str, inner: Value) -> Value {
    match (tag, inner) {
        (" u", Value::Text(hex)) => uuid(&hex).map_or(Value::Text(hex), Value::Text),
        (" b", Value::Text(text)) => encoding::base64(text.as_bytes()).map_or(Value::Opaque, Value::Bytes),
        // " di" protects a real map of one member that looks like a tag: its name has two underscores more.
        (" di", Value::Map(members)) => Value::Map(
            members
                .into_iter()
                .map(|(key, value)| match key {
                    Value::Text(name) => (Value::Text(name.strip_suffix("__").unwrap_or(&name).to_owned()), value),
                    other => (other, value),
                })
                .collect(),
        ),
        (" t" | " m" | " d", inner) => inner,
        (tag, inner) => Value::Map(vec![(Value::Text(tag.to_owned()), inner)]),
    }
}

/// The usual spelling of a UUID from its 32 hexadecimal digits.
pub(crate) fn uuid(hex: &str) -> Option<String> {
    if hex.len() != 32 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let parts = [hex.get(..8)?, hex.get(8..12)?, hex.get(12..16)?, hex.get(16..20)?, hex.get(20..)?];
    Some(parts.join("-").to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::{read, untag, uuid};
    use crate::person::Value;

    fn at(text: &str, path: &[&str]) -> Option<String> {
        let path: Vec<String> = path.iter().map(|step| (*step).to_owned()).collect();
        untag(read(text.as_bytes())?).at(&path)?.scalar().map(str::to_owned)
    }

    #[test]
    fn numbers_keep_their_digits() {
        assert_eq!(at(r#"{"id":90071992547409931234}"#, &["id"]).unwrap(), "90071992547409931234");
        assert_eq!(at(r#"{"id":1.10}"#, &["id"]).unwrap(), "1.10");
    }

    #[test]
    fn no_key_makes_a_number_or_a_text_of_an_object() {
        for key in ["$serde_json::private::Number", "$serde_json::private::RawValue"] {
            let text = format!(r#"{{"id":{{"{key}":"7"}}}}"#);
            assert_eq!(at(&text, &["id"]), None);
            assert_eq!(at(&text, &["id", key]).unwrap(), "7");
        }
    }

    #[test]
    fn the_last_of_two_members_counts_and_half_a_character_is_nobodys_id() {
        assert_eq!(at(r#"{"id":1,"x":2,"\u0069d":3}"#, &["id"]).unwrap(), "3");
        assert_eq!(at(r#"{"a":"\ud800","id":"\ud83e\udd89"}"#, &["id"]).unwrap(), "\u{1f989}");
        assert_eq!(at(r#"{"id":"x\ud800"}"#, &["id"]), None);
        assert_eq!(at(r#"["\udc00",["\ud800"],"b"]"#, &["2"]).unwrap(), "b");
    }

    #[test]
    fn flask_tags_are_undone() {
        let text =
            r#"{"id":{" u":"A5A6D494B1E74C0BB506FC99D26D1249"},"t":{" t":[1,{" b":"aGk="}]},"d":{" di":{" u__":"x"}}}"#;
        assert_eq!(at(text, &["id"]).unwrap(), "a5a6d494-b1e7-4c0b-b506-fc99d26d1249");
        assert_eq!(at(text, &["t", "1"]).unwrap(), "hi");
        assert_eq!(at(text, &["d", " u"]).unwrap(), "x");
        assert!(matches!(untag(read(b"{}").unwrap()), Value::Map(members) if members.is_empty()));
    }

    #[test]
    fn depth_counts_brackets_outside_strings_only() {
        assert!(read(format!("{}{}", "[".repeat(64), "]".repeat(64)).as_bytes()).is_some());
        assert!(read(format!("{}{}", "[".repeat(65), "]".repeat(65)).as_bytes()).is_none());
        assert!(read(format!(r#"["{}\"[["]"#, "[".repeat(99)).as_bytes()).is_some());
    }

    #[test]
    fn a_uuid_has_32_digits() {
        assert_eq!(uuid("a5a6d494b1e74c0bb506fc99d26d124"), None);
        assert_eq!(uuid("g5a6d494b1e74c0bb506fc99d26d1249"), None);
    }
}
