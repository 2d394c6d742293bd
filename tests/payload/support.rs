//! Bodies from the test data, a small generator of chance, and readings of results.

use std::io::Write as _;
use std::path::PathBuf;

use bauta::payload::document::{Document, Node};
use bauta::payload::edit::{Edits, Spliced, splice};
use bauta::payload::scan::{Limits, Shape};

/// The folder of the test data.
pub(crate) fn data(name: &str) -> String {
    let folder = std::env::var_os("BAUTA_TEST_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data"), PathBuf::from);
    std::fs::read_to_string(folder.join(name)).expect(name)
}

/// Every body of the corpus and of the captures, as text.
pub(crate) fn bodies() -> Vec<String> {
    let mut bodies = Vec::new();
    for line in data("corpora/pii.jsonl").lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("a corpus line");
        bodies.push(line["body"].to_string());
    }
    for line in data("captures/plausible.jsonl").lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("a capture line");
        let body = line["body_text"].as_str().expect("a body");
        if line["kind"] == "event" && !body.is_empty() {
            bodies.push(body.to_owned());
        }
    }
    assert!(!bodies.is_empty(), "no bodies in the test data");
    bodies
}

/// Prints past the capture of libtest.
pub(crate) fn say(line: &str) {
    writeln!(std::io::stdout().lock(), "{line}").expect("stdout");
}

pub(crate) fn read(text: &str) -> Document {
    Document::read_text(text.to_owned(), &Limits::default()).expect("JSON")
}

/// The text after the edits.
pub(crate) fn spliced(document: &Document, edits: &Edits) -> String {
    match splice(document, edits) {
        Spliced::Unchanged => document.text().to_owned(),
        Spliced::Edited(bytes) => String::from_utf8(bytes).expect("UTF-8"),
    }
}

/// The document without white space, every key and leaf as it stands.
pub(crate) fn compact(node: Node<'_>) -> String {
    match node.shape() {
        Shape::Object => {
            let members: Vec<String> =
                node.members().map(|(key, value)| format!("\"{}\":{}", key.raw(), compact(value))).collect();
            format!("{{{}}}", members.join(","))
        }
        Shape::Array => format!("[{}]", node.elements().map(compact).collect::<Vec<_>>().join(",")),
        Shape::Text => format!("\"{}\"", node.raw()),
        _ => node.raw().to_owned(),
    }
}

/// Chance that repeats itself (xorshift64*).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below the bound, which is not zero.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub(crate) fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }
}
