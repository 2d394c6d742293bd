//! Reads a HAR file (HTTP Archive 1.2, the "Save all as HAR" of every browser) as far as an audit needs it: the
//! requests with their headers, cookies and bodies. Answers are skipped while reading, so memory follows what the
//! pages sent and not what they loaded.
//!
//! Input is a stranger's file. The size is bounded, unknown members pass, texts with cut surrogates pass (pages do
//! send them), a byte order mark passes (several tools write one). Everything else that is no HAR is a
//! [`HarError`] with line and column, and never with the file's content.

use std::fmt;
use std::io::{BufRead, BufReader, Read};

use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, SeqAccess, Visitor};

/// The largest file that is read.
pub const MOST_BYTES: u64 = 1 << 30;

/// Why a file was refused.
#[derive(Debug, thiserror::Error)]
pub enum HarError {
    /// The file could not be read.
    #[error("cannot be read: {0}")]
    Io(std::io::Error),
    /// It is larger than [`MOST_BYTES`].
    #[error("is larger than {} MiB", MOST_BYTES >> 20)]
    TooLarge,
    /// It ends in the middle.
    #[error("line {line}, column {column}: the file ends in the middle; was it saved completely?")]
    CutShort {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// It is no JSON.
    #[error("line {line}, column {column}: this is not JSON, so no HAR file")]
    NotJson {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// It is JSON, but not what a HAR has in that place.
    #[error("line {line}, column {column}: {what}")]
    NotHar {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// What is missing or wrong.
        what: String,
    },
}

impl HarError {
    fn of(error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        match error.classify() {
            serde_json::error::Category::Io => {
                Self::Io(std::io::Error::from(error.io_error_kind().unwrap_or(std::io::ErrorKind::Other)))
            }
            serde_json::error::Category::Eof => Self::CutShort { line, column },
            serde_json::error::Category::Syntax => Self::NotJson { line, column },
            // serde quotes what it found; only "missing field `log`" and its like are free of content.
            serde_json::error::Category::Data => {
                let text = error.to_string();
                let what = match text.split(" at line ").next() {
                    Some(missing) if missing.starts_with("missing field `") => {
                        format!("{missing}: this is not a HAR file")
                    }
                    _ => "a HAR file has something else here: `log.entries`, a list of objects with a `request`".into(),
                };
                Self::NotHar { line, column, what }
            }
        }
    }
}

/// What one request of the file said.
#[derive(Default, Deserialize)]
pub struct Request {
    /// `GET`, `POST` ...
    #[serde(default)]
    pub method: Text,
    /// The absolute address, query included.
    pub url: Text,
    /// The header fields.
    #[serde(default)]
    pub headers: Vec<Field>,
    /// The cookies that went along, as the browser lists them.
    #[serde(default)]
    pub cookies: Vec<Cookie>,
    /// The body.
    #[serde(default, rename = "postData")]
    pub body: Option<Body>,
}

impl Request {
    /// The values of a header, which HTTP/2 writes in lower case.
    pub fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |field| field.name.0.eq_ignore_ascii_case(name))
            .map(|field| field.value.0.as_str())
    }
}

/// A header field, a form field.
#[derive(Default, Deserialize)]
pub struct Field {
    /// Its name.
    #[serde(default)]
    pub name: Text,
    /// Its value.
    #[serde(default)]
    pub value: Text,
}

/// A cookie as the browser's own list has it; the value is not read.
#[derive(Default, Deserialize)]
pub struct Cookie {
    /// Its name.
    #[serde(default)]
    pub name: Text,
    /// Scripts cannot read it, as is usual for sessions.
    #[serde(default, rename = "httpOnly")]
    pub http_only: Option<bool>,
}

/// A request's body.
#[derive(Default, Deserialize)]
pub struct Body {
    /// The content type.
    #[serde(default, rename = "mimeType")]
    pub mime: Text,
    /// The text, as far as the exporting tool could write it as text.
    #[serde(default)]
    pub text: Text,
    /// `base64` where the tool wrote bytes that way.
    #[serde(default)]
    pub encoding: Text,
    /// Form fields, where the tool took them apart.
    #[serde(default)]
    pub params: Vec<Field>,
}

/// A HAR file, read.
#[derive(Default, Deserialize)]
pub struct Har {
    /// Its one member.
    pub log: Log,
}

/// `log`
#[derive(Default, Deserialize)]
pub struct Log {
    /// The requests, in the file's order.
    #[serde(deserialize_with = "requests")]
    pub entries: Vec<Request>,
}

/// Reads a HAR file.
///
/// # Errors
/// [`HarError`]: unreadable, too large, or no HAR.
pub fn read(source: impl Read) -> Result<Har, HarError> {
    let mut source = BufReader::with_capacity(1 << 16, source.take(MOST_BYTES.saturating_add(1)));
    if source.fill_buf().map_err(HarError::Io)?.starts_with(b"\xef\xbb\xbf") {
        source.consume(3);
    }
    let har = serde_json::from_reader(&mut source);
    if source.get_ref().limit() == 0 {
        return Err(HarError::TooLarge);
    }
    har.map_err(|error| HarError::of(&error))
}

// ---------------------------------------------------------------------------------------------------------------------

/// Text of the file. A lone surrogate (`"\ud83d"`, what `JSON.stringify` writes for a cut emoji) becomes U+FFFD; a
/// `null`, which some tools write for an absent value, is empty.
#[derive(Default, Clone, PartialEq, Eq)]
pub struct Text(pub String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_option(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Text, E> {
        let mut text = String::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            if !chunk.invalid().is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        Ok(Text(text))
    }

    fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Text, E> {
        String::from_utf8(bytes).map(Text).or_else(|error| self.visit_bytes(error.as_bytes()))
    }

    fn visit_none<E: de::Error>(self) -> Result<Text, E> {
        Ok(Text::default())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Text, D::Error> {
        // Asking for bytes makes serde_json pass lone surrogates, as three bytes that are not UTF-8.
        deserializer.deserialize_byte_buf(self)
    }
}

/// The entries' requests; everything else of an entry is skipped.
fn requests<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Request>, D::Error> {
    #[derive(Deserialize)]
    struct Entry {
        request: Request,
        #[serde(default, rename = "response")]
        _response: IgnoredAny,
    }

    struct Entries;
    impl<'de> Visitor<'de> for Entries {
        type Value = Vec<Request>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of entries")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut requests = Vec::new();
            while let Some(entry) = entries.next_element::<Entry>()? {
                requests.push(entry.request);
            }
            Ok(requests)
        }
    }
    deserializer.deserialize_seq(Entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        match read(text.as_bytes()) {
            Ok(_) => panic!("should have been refused"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn reads_what_the_browser_sent_and_skips_what_it_got() {
        let har = read(
            br#"{"log":{"version":"1.2","creator":{"name":"x"},"pages":[],"entries":[
              {"startedDateTime":"2026-11-20T10:00:00Z","time":1.5,"request":{"method":"POST","url":"https://plausible.io/api/event",
               "httpVersion":"h3","headers":[{"name":"content-type","value":"text/plain"}],"queryString":[],
               "cookies":[{"name":"sid","value":"x","httpOnly":true}],"headersSize":-1,"bodySize":2,
               "postData":{"mimeType":"text/plain","text":"{}"}},
               "response":{"status":202,"content":{"text":"ok"}},"cache":{},"timings":{}}]}}"#
                .as_slice(),
        )
        .unwrap();
        let request = &har.log.entries[0];
        assert_eq!(request.method.0, "POST");
        assert_eq!(request.header("Content-Type").collect::<Vec<_>>(), ["text/plain"]);
        assert_eq!(request.cookies[0].http_only, Some(true));
        assert_eq!(request.body.as_ref().unwrap().text.0, "{}");
    }

    #[test]
    fn a_byte_order_mark_and_cut_emoji_pass() {
        let har = read("\u{feff}{\"log\":{\"entries\":[{\"request\":{\"url\":\"https://a/\",\"postData\":{\"text\":\"\\ud83d!\",\"mimeType\":null}}}]}}".as_bytes());
        let entries = har.unwrap().log.entries;
        assert!(entries[0].body.as_ref().unwrap().text.0.ends_with('!'));
    }

    #[test]
    fn faults_say_where_and_never_what() {
        assert_eq!(error("<html>"), "line 1, column 1: this is not JSON, so no HAR file");
        assert!(
            error("{\"log\":\n{\"entries\":[").starts_with("line 2, column 12: the file ends in the middle"),
            "{}",
            error("{\"log\":\n{\"entries\":[")
        );
        assert!(error("{}").contains("missing field `log`"));
        assert!(error(r#"{"log":{"entries":[{}]}}"#).contains("missing field `request`"));
        let quoting = error(r#"{"log":{"entries":"jane@example.com"}}"#);
        assert!(quoting.contains("log.entries") && !quoting.contains("jane"), "{quoting}");
        let quoting = error(r#"{"log":{"entries":[{"request":{"url":"https://a/","headers":"jane@example.com"}}]}}"#);
        assert!(!quoting.contains("jane"), "{quoting}");
    }

    #[test]
    fn deep_nesting_is_refused_and_not_followed() {
        let deep = format!("{{\"log\":{{\"entries\":[{{\"request\":{{\"url\":{}", "[".repeat(100_000));
        assert!(error(&deep).starts_with("line 1, column"));
    }
}
