//! Recordings: the packed strings inside of them.
//!
//! posthog-js packs the largest parts of a recording by themselves: gzip, each byte as one character (U+0000 to U+00FF),
//! inside a JSON string (posthog-js `src/extensions/replay/external/sessionrecording-utils.ts`). A walker of JSON sees
//! noise there, and every personal value of a page stands in it.

use crate::payload::codec::{self, Undecodable};
use crate::payload::document::Node;
use crate::payload::edit::push_quoted;
use crate::payload::scan::Shape;

/// The most that one packed string may hold.
pub const LARGEST: usize = 16 * 1024 * 1024;

/// Every packed string below a value, in the order of the text.
#[must_use]
pub fn packed<'a>(value: Node<'a>) -> Vec<Node<'a>> {
    let mut found = Vec::new();
    let mut open = vec![value];
    while let Some(node) = open.pop() {
        match node.shape() {
            Shape::Array => open.extend(node.elements()),
            Shape::Object => open.extend(node.members().map(|(_, value)| value)),
            Shape::Text if is_packed(node) => found.push(node),
            _ => {}
        }
    }
    found.sort_by_key(|node| node.index());
    found
}

/// U+001F is written as an escape in JSON, U+008B as itself or as an escape.
fn is_packed(node: Node<'_>) -> bool {
    node.raw().as_bytes().first() == Some(&b'\\')
        && node.text().is_some_and(|text| {
            let mut letters = text.chars();
            (letters.next(), letters.next()) == (Some('\u{1f}'), Some('\u{8b}'))
        })
}

/// The text in a packed string.
///
/// # Errors
/// [`Undecodable`]: not the packing, damaged, or larger than `cap`.
pub fn unpack(node: Node<'_>, cap: usize) -> Result<String, Undecodable> {
    let text = node.text().ok_or(Undecodable::Broken)?;
    let bytes: Result<Vec<u8>, _> = text.chars().map(|letter| u8::try_from(u32::from(letter))).collect();
    let inner = codec::gunzip(&bytes.map_err(|_| Undecodable::Broken)?, cap)?;
    String::from_utf8(inner).map_err(|_| Undecodable::Broken)
}

/// A text packed again, as a JSON string with its quotes.
#[must_use]
pub fn pack(text: &[u8]) -> String {
    let letters: String = codec::gzip(&[text]).into_iter().map(char::from).collect();
    let mut out = String::with_capacity(letters.len().saturating_mul(2));
    push_quoted(&letters, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::document::Document;
    use crate::payload::scan::Limits;

    #[test]
    fn what_was_packed_comes_out_and_goes_in_again() {
        let inner = r#"{"node":{"textContent":"maria@example.com"}}"#;
        let text = format!(
            r#"{{"$snapshot_data":[{{"type":2,"cv":"2024-10","data":{}}},{{"data":{{"texts":{},"x":"\u001fno"}}}}]}}"#,
            pack(inner.as_bytes()),
            pack(b"[]")
        );
        let document = Document::read_text(text, &Limits::default()).unwrap();
        let found = packed(document.root());
        assert_eq!(found.len(), 2);
        assert_eq!(unpack(found[0], 1000).unwrap(), inner);
        assert_eq!(unpack(found[1], 1000).unwrap(), "[]");
        assert_eq!(unpack(found[0], 10), Err(Undecodable::TooLarge));
    }
}
