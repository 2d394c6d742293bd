//! Scrubbing whole events: what comes out is JSON, no longer than what came in, and settles: what is left when a value is
//! gone may look like one itself, so a second scrub may find more, but not without end. An address behind a blank goes,
//! whatever the page wrote before it.
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
use serde::de::IgnoredAny;
use serde_json::json;

const PLANTED: &str = "nora.lind@mail.example";
/// More than any text needs to settle.
const ROUNDS: usize = 8;

static SCRUBBER: LazyLock<Scrubber> = LazyLock::new(Scrubber::default);

fuzz_target!(|data: &[u8]| {
    let Some((choice, content)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(content) else { return };
    let plausible = |url: String, note: String| {
        let event = json!({"n": "x", "d": "shop.example", "u": url, "p": {"note": note}});
        (Profile::Plausible, event.to_string())
    };
    let posthog = |url: String, note: String| {
        let event = json!({"event": "x", "properties": {"token": "phc_x", "$current_url": url, "note": note}});
        (Profile::Posthog, event.to_string())
    };
    let page = || "https://shop.example/".to_owned();
    let (profile, event) = match choice % 6 {
        0 => (Profile::Plausible, text.to_owned()),
        1 => (Profile::Posthog, text.to_owned()),
        2 => plausible(page(), format!("{text} {PLANTED}")),
        3 => posthog(page(), format!("{text} {PLANTED}")),
        4 => plausible(format!("https://shop.example/{text}"), PLANTED.to_owned()),
        _ => posthog(format!("https://shop.example/?{text}"), PLANTED.to_owned()),
    };
    let Ok(document) = Document::read_text(event, &Limits::default()) else { return };
    let is_whole = document.lone_surrogates().is_empty();
    let (length, mut seen) = (document.text().len(), scrubbed(&document, profile));
    serde_json::from_str::<IgnoredAny>(&seen).expect("JSON stays JSON");
    assert!(!is_whole || seen.len() <= length, "a mark is longer than what it stands for");
    assert!(choice % 6 < 2 || !seen.contains(PLANTED), "an address is left");
    let settles = (0..ROUNDS).any(|_| {
        let document = Document::read_text(seen.clone(), &Limits::default()).expect("JSON stays JSON");
        let before = std::mem::replace(&mut seen, scrubbed(&document, profile));
        seen == before
    });
    assert!(settles, "each scrub finds more");
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
