//! The scanner against serde_json: both accept the same texts, but for the differences that the scanner documents.
#![no_main]

use bauta::payload::document::Document;
use bauta::payload::edit::{Edits, Spliced, splice};
use bauta::payload::scan::{Limits, Malformed};
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;

fuzz_target!(|data: &[u8]| {
    // Not its tree: with numbers of any length that takes objects with a certain key for numbers.
    let text = std::str::from_utf8(data).map_err(drop);
    let reference = text.and_then(|text| serde_json::from_str::<IgnoredAny>(text).map_err(drop));
    match Document::read(Bytes::copy_from_slice(data), &Limits::default()) {
        Ok(document) => {
            assert!(reference.is_ok() || !document.lone_surrogates().is_empty(), "accepted what serde_json refuses");
            assert!(matches!(splice(&document, &Edits::new()), Spliced::Unchanged), "no edit is no change");
        }
        // Numbers beyond f64 are refused on purpose, and what serde_json passes over may nest without end.
        Err(Malformed::Number | Malformed::Depth) => {}
        Err(_) => assert!(reference.is_err(), "refused what serde_json accepts"),
    }
});
