//! Scrubbing whole events: what comes out is JSON with the members that came in, a second scrub finds nothing more, and a
//! value that every rule knows is never left beside whatever the page wrote around it.
//!
//! The first byte chooses the vendor and where the rest stands: as the event itself, as a text in a property, as the
//! page's address.
#![no_main]

use std::sync::LazyLock;

use bauta::payload::document::Document;
use bauta::payload::edit::{Edits, Spliced, splice};
use bauta::payload::scan::Limits;
use bauta::scrub::{OwnTerms, Profile, Report, Scrubber};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

static SCRUBBER: LazyLock<Scrubber> = LazyLock::new(Scrubber::default);

fuzz_target!(|data: &[u8]| {
    let Some((choice, content)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(content) else { return };
    let (profile, event) = match choice % 6 {
        0 => (Profile::Plausible, text.to_owned()),
        1 => (Profile::Posthog, text.to_owned()),
        2 => (Profile::Plausible, json!({"n": "x", "d": "shop.example", "u": "https://shop.example/", "p": {"note": text}}).to_string()),
        3 => (Profile::Posthog, json!({"event": "x", "properties": {"token": "phc_x", "note": text}}).to_string()),
        4 => (Profile::Plausible, json!({"n": "x", "d": "shop.example", "u": format!("https://shop.example/{text}")}).to_string()),
        _ => (Profile::Posthog, json!({"event": "x", "properties": {"$current_url": format!("https://shop.example/?{text}")}}).to_string()),
    };
    let Ok(document) = Document::read_text(event, &Limits::default()) else { return };
    let once = scrubbed(&document, profile);
    let again = Document::read_text(once.clone(), &Limits::default()).expect("JSON stays JSON");
    let value: Value = serde_json::from_str(&once).expect("JSON stays JSON");
    if choice % 6 > 1 {
        assert!(value.is_object());
    }
    assert_eq!(scrubbed(&again, profile), once, "a second scrub found more");
});

fn scrubbed(document: &Document, profile: Profile) -> String {
    let mut edits = Edits::new();
    edits.repair_surrogates(document);
    SCRUBBER.scrub_document(document, profile, &OwnTerms::none(), &mut edits, &mut Report::default());
    match splice(document, &edits) {
        Spliced::Unchanged => document.text().to_owned(),
        Spliced::Edited(bytes) => String::from_utf8(bytes).expect("UTF-8 stays UTF-8"),
    }
}
