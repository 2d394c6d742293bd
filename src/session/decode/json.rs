//! JSON with exact numbers, and Flask's tags on top of it.

use super::DEPTH;
use crate::person::Value;
use crate::session::encoding;

/// Reads one JSON text. Numbers keep their digits; of two members with one name the last counts, as in every
/// framework's own reader.
pub(crate) fn read(bytes: &[u8]) -> Option<Value> {
    if too_deep(bytes) {
        return None;
    }
    serde_json::from_slice::<serde_json::Value>(bytes).ok().map(Value::from)
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
