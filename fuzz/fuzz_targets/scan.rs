//! The scanner against serde_json: both accept the same texts, but for the differences that the scanner documents.
#![no_main]

use bauta::payload::document::Document;
use bauta::payload::edit::{Edits, Spliced, splice};
use bauta::payload::scan::{Limits, Malformed};
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let reference = serde_json::from_slice::<Value>(data);
    match Document::read(Bytes::copy_from_slice(data), &Limits::default()) {
        Ok(document) => {
            assert!(reference.is_ok() || !document.lone_surrogates().is_empty(), "accepted what serde_json refuses");
            assert!(matches!(splice(&document, &Edits::new()), Spliced::Unchanged), "no edit is no change");
        }
        // Numbers beyond f64 are refused on purpose, and serde_json's own depth limit is one lower.
        Err(Malformed::Number | Malformed::Depth) => {}
        Err(_) => assert!(reference.is_err(), "refused what serde_json accepts"),
    }
});
