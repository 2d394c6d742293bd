//! From what a HAR holds of a request's body to the JSON that was in it.
//!
//! Browsers export a body as text, so a compressed one arrives in one of three ways: as base64 (with `encoding`), with
//! one character per byte, or beyond repair with U+FFFD in it. The first two are read. Forms
//! are taken apart: the JSON of PostHog's clients stands base64-coded in `data=`. Output is bounded.

use std::borrow::Cow;
use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;

use super::har::Body;

/// The largest body that is looked at, decoded.
const MOST: u64 = 32 << 20;
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What became of a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decoded {
    /// Text that may be JSON.
    Text(String),
    /// Compressed or binary, and exported in a way that lost it.
    Lost,
    /// Nothing was sent.
    Empty,
}

/// Decodes a body.
pub(crate) fn decode(body: Option<&Body>) -> Decoded {
    let Some(body) = body else { return Decoded::Empty };
    if body.text.0.is_empty() {
        return match body.params.iter().find(|field| field.name.0 == "data") {
            Some(field) => form_data(&field.value.0),
            None if body.params.is_empty() => Decoded::Empty,
            None => Decoded::Text(fields_as_json(body.params.iter().map(|f| (f.name.0.as_str(), f.value.0.as_str())))),
        };
    }
    if body.encoding.0.eq_ignore_ascii_case("base64") {
        return STANDARD.decode(body.text.0.trim()).map_or(Decoded::Lost, plain);
    }
    let text = body.text.0.as_str();
    if text.starts_with('\u{1f}') {
        // One character per byte; a replacement character is none.
        let bytes: Option<Vec<u8>> = text.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect();
        return bytes.map_or(Decoded::Lost, plain);
    }
    if text.trim_start().starts_with(['{', '[']) {
        return Decoded::Text(text.to_owned());
    }
    if body.mime.0.starts_with("application/x-www-form-urlencoded") || text.starts_with("data=") {
        return form(text);
    }
    if text.contains(char::REPLACEMENT_CHARACTER) || text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return Decoded::Lost;
    }
    Decoded::Text(text.to_owned())
}

/// Bytes, compressed or not, as text.
fn plain(bytes: Vec<u8>) -> Decoded {
    let bytes = if bytes.starts_with(&GZIP) {
        let mut inflated = Vec::new();
        // A cut stream still gives what came before the cut: an audit had better see it.
        let _cut = GzDecoder::new(bytes.as_slice()).take(MOST).read_to_end(&mut inflated);
        inflated
    } else {
        bytes
    };
    match String::from_utf8(bytes) {
        Ok(text) if text.is_empty() => Decoded::Lost,
        Ok(text) => Decoded::Text(text),
        Err(_) => Decoded::Lost,
    }
}

fn form(text: &str) -> Decoded {
    let fields = || {
        text.split('&').map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (unescape(name), value)
        })
    };
    match fields().find(|(name, _)| name == "data") {
        // A literal plus sign is one here: base64 has it, and clients forget to escape it.
        Some((_, value)) => form_data(&percent(value)),
        None => {
            let fields: Vec<_> = fields().map(|(name, value)| (name, unescape(value))).collect();
            Decoded::Text(fields_as_json(fields.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))))
        }
    }
}

fn form_data(value: &str) -> Decoded {
    if value.trim_start().starts_with(['{', '[']) {
        return Decoded::Text(value.to_owned());
    }
    let compact: String = value.chars().map(|c| if c == ' ' { '+' } else { c }).filter(|c| *c != '=').collect();
    let engine = base64::engine::general_purpose::STANDARD_NO_PAD;
    engine.decode(compact).map_or(Decoded::Lost, plain)
}

fn fields_as_json<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let object: serde_json::Map<_, _> = fields.map(|(name, value)| (name.to_owned(), value.into())).collect();
    serde_json::Value::Object(object).to_string()
}

fn percent(text: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(text).decode_utf8().unwrap_or(Cow::Borrowed(text))
}

fn unescape(text: &str) -> Cow<'_, str> {
    if text.contains('+') { Cow::Owned(percent(&text.replace('+', " ")).into_owned()) } else { percent(text) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::har::{Field, Text};
    use super::*;

    fn body(mime: &str, text: &str) -> Body {
        Body { mime: Text(mime.into()), text: Text(text.into()), ..Body::default() }
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn text(expected: &str) -> Decoded {
        Decoded::Text(expected.into())
    }

    #[test]
    fn json_is_itself_whatever_its_content_type() {
        for mime in ["text/plain", "application/json", "application/x-www-form-urlencoded", ""] {
            assert_eq!(decode(Some(&body(mime, r#"{"n":"a"}"#))), text(r#"{"n":"a"}"#));
        }
    }

    #[test]
    fn gzip_is_read_from_base64_and_from_one_character_per_byte() {
        let zipped = gzip(r#"{"event":"é"}"#);
        let as_base64 = Body { encoding: Text("base64".into()), ..body("text/plain", &STANDARD.encode(&zipped)) };
        assert_eq!(decode(Some(&as_base64)), text(r#"{"event":"é"}"#));
        let as_characters: String = zipped.iter().copied().map(char::from).collect();
        assert_eq!(decode(Some(&body("text/plain", &as_characters))), text(r#"{"event":"é"}"#));
    }

    #[test]
    fn bytes_that_the_export_destroyed_are_lost_and_not_guessed() {
        assert_eq!(decode(Some(&body("text/plain", "\u{1f}\u{fffd}\u{8}\0"))), Decoded::Lost);
        assert_eq!(decode(Some(&body("text/plain", "\u{1}\u{2}\u{fffd}"))), Decoded::Lost);
    }

    #[test]
    fn a_form_gives_its_data_field_or_its_fields() {
        let json = r#"[{"event":"a?>"}]"#;
        let escaped = STANDARD.encode(json).replace('=', "%3D");
        let form = "application/x-www-form-urlencoded";
        assert_eq!(decode(Some(&body(form, &format!("data={escaped}&compression=base64")))), text(json));
        assert_eq!(
            decode(Some(&body(form, "n=pageview&u=https%3A%2F%2Fa%2Fb+c"))),
            text(r#"{"n":"pageview","u":"https://a/b c"}"#)
        );
        let taken_apart = Body {
            params: vec![Field { name: Text("data".into()), value: Text(STANDARD.encode(json)) }],
            ..body(form, "")
        };
        assert_eq!(decode(Some(&taken_apart)), text(json));
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let bomb = gzip(&" ".repeat((MOST as usize) + 10));
        let Decoded::Text(inflated) = plain(bomb) else { panic!("text") };
        assert_eq!(inflated.len() as u64, MOST);
    }
}
