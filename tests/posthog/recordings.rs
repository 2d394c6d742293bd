//! Recordings that are scrubbed: whichever door they come through.

use std::io::{Read, Write};

use bauta::demo::posthog::Rules;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::world::{UUID, World, agreed, event, pseudonym};

const PURPOSE: &str = "[site.consent.purposes.replay]\nallow = \"granted\"";

/// Packed as posthog-js packs: gzip, each byte one character.
fn pack(value: &Value) -> String {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(value.to_string().as_bytes()).unwrap();
    encoder.finish().unwrap().into_iter().map(char::from).collect()
}

fn unpack(text: &str) -> Value {
    let bytes: Vec<u8> = text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    let mut inner = String::new();
    GzDecoder::new(bytes.as_slice()).read_to_string(&mut inner).unwrap();
    serde_json::from_str(&inner).unwrap()
}

fn recording() -> Value {
    let page = json!({"node": {"type": 0, "childNodes": [{"type": 3, "textContent": "write to maria.g@mail.example", "id": 7}]}});
    let mut one = event("$snapshot", UUID);
    one["properties"]["$snapshot_data"] = json!([
        {"type": 2, "timestamp": 1, "cv": "2024-10", "data": pack(&page)},
        {"type": 4, "timestamp": 2, "data": {"href": "https://shop.example/?email=maria.g%40mail.example", "width": 800}},
    ]);
    one
}

#[test]
fn a_recording_is_unpacked_and_scrubbed_at_every_endpoint() {
    let world = World::with("replay = \"scrub\"", Rules { records: true, ..Rules::default() }, PURPOSE);
    for path in ["/s/", "/e/", "/i/v0/e/", "/batch/"] {
        world.vendor.clear();
        let answer = world.post(path, Some(&agreed("maria")), &json!([recording()]));
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let request = world.vendor.requests().pop().unwrap_or_else(|| panic!("nothing arrived by {path}"));
        let arrived = &request.decoded[0]["properties"];
        assert_eq!(arrived["distinct_id"], json!(pseudonym("maria")), "{path}");
        let page = unpack(arrived["$snapshot_data"][0]["data"].as_str().unwrap());
        assert_eq!(page["node"]["childNodes"][0]["textContent"], json!("write to *email*"), "{path}");
        assert_eq!(page["node"]["childNodes"][0]["id"], json!(7), "{path}");
        assert!(!request.decoded.to_string().contains("maria"), "{path}: {}", request.decoded);
    }
}

#[test]
fn a_recording_that_cannot_be_unpacked_does_not_leave() {
    let world = World::with("replay = \"scrub\"", Rules { records: true, ..Rules::default() }, PURPOSE);
    let mut broken = recording();
    broken["properties"]["$snapshot_data"][0]["data"] = json!("\u{1f}\u{8b}\u{8}maria.g@mail.example");
    for path in ["/s/", "/e/"] {
        assert_eq!(world.post(path, Some(&agreed("maria")), &json!([broken])).status, 200);
    }
    assert!(world.vendor.requests().is_empty(), "{}", world.everything());
    assert_eq!(world.bauta.metric(&["events_total", "outcome=\"unscrubbable\""]), 2);
}
