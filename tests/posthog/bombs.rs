//! Bodies that are made to hurt: bounded memory, the vendor's status, and nobody else's event affected.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use super::world::{TOKEN, UUID, World, agreed, batch, event, pseudonym};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Resident memory of a process in bytes.
pub(crate) fn memory(pid: u32) -> usize {
    let pages = std::fs::read_to_string(format!("/proc/{pid}/statm")).unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[test]
fn bombs_and_garbage_get_the_vendor_s_kind_of_answer() {
    let world = World::start("replay = \"pass\"");
    let cookie = format!("session={}", agreed("maria"));
    let plain = [("Cookie", cookie.as_str()), ("Content-Type", "text/plain")];
    let before = memory(world.bauta.pid());
    let sixty = gzip(&vec![b' '; 60_000_000]);
    assert!(sixty.len() < 60_000);
    let event_text = event("e", UUID).to_string();
    let deep = format!(
        "{{\"event\":\"e\",\"distinct_id\":\"d\",\"token\":\"{TOKEN}\",\"properties\":{{\"a\":{}1{}}}}}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let truncated = gzip(event_text.as_bytes());
    let truncated = &truncated[..truncated.len() - 9];
    for path in ["/e/", "/i/v0/e/", "/batch/", "/s/", "/flags/?v=2"] {
        for (what, body, wanted) in [
            ("a bomb", sixty.clone(), 413),
            ("a bomb in a bomb", gzip(&sixty), 400),
            ("a truncated body", truncated.to_vec(), 400),
            ("depth", deep.clone().into_bytes(), 400),
            ("nothing", Vec::new(), 400),
            ("no JSON", b"hello".to_vec(), 400),
            ("no UTF-8", b"{\"event\":\"\xff\"}".to_vec(), 400),
        ] {
            let answer = world.send("POST", path, &plain, &body);
            assert_eq!(answer.status, wanted, "{what} at {path}: {}", answer.text());
        }
        let lying = format!("{path}{}compression=gzip-js", if path.contains('?') { "&" } else { "?" });
        assert_eq!(world.send("POST", &lying, &plain, event_text.as_bytes()).status, 400, "{lying}");
    }
    let twice = event_text.replacen("\"event\"", "\"event\":\"x\",\"event\"", 1);
    assert_eq!(world.send("POST", "/e/", &plain, twice.as_bytes()).status, 400, "a duplicate key");
    assert!(world.vendor.requests().is_empty(), "{}", world.everything());

    let lone = event_text.replace("https://shop.example/", "https://shop.example/\\ud800");
    assert_eq!(world.send("POST", "/e/", &plain, lone.as_bytes()).status, 200, "a lone surrogate is mended");
    assert_eq!(world.events(1)[0].distinct_id, pseudonym("maria"));
    let grown = memory(world.bauta.pid()).saturating_sub(before);
    assert!(grown < 100 << 20, "{grown} bytes more");
}

#[test]
fn a_batch_of_a_hundred_thousand_events_loses_none() {
    const EVENTS: usize = 100_000;
    let world = World::start("answer_timeout = \"30s\"");
    let one = json!({"event": "e", "distinct_id": "d", "properties": {}});
    let body = batch(&vec![one; EVENTS]);
    let answer = world.post("/batch/", Some(&agreed("maria")), &body);
    let refused = world.bauta.metric(&["events_total", "outcome=\"limited\""]);
    assert_eq!(answer.status, 200, "{} ({refused} limited)", answer.text());
    let received = world.bauta.metric(&["events_received_total"]);
    assert_eq!(received, EVENTS as u64);
    assert_eq!(world.bauta.metric(&["events_total", "outcome=\"attributed\""]), EVENTS as u64);
}

#[test]
fn many_small_bodies_that_hold_much_are_turned_away_before_they_fill_memory() {
    const AT_ONCE: usize = 12;
    let world = World::start("answer_timeout = \"30s\"");
    let mut large = event("e", UUID);
    large["properties"]["filler"] = json!(" ".repeat(28_000_000));
    let body = gzip(batch(&[large]).to_string().as_bytes());
    assert!(body.len() < 60_000, "{} bytes on the wire", body.len());
    let cookie = format!("session={}", agreed("maria"));
    let headers = [("Cookie", cookie.as_str()), ("Content-Type", "text/plain")];
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let senders: Vec<_> =
            (0..AT_ONCE).map(|_| scope.spawn(|| world.send("POST", "/batch/", &headers, &body).status)).collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    });
    assert!(statuses.iter().all(|status| [200, 413, 503].contains(status)), "{statuses:?}");
    let turned_away = statuses.iter().filter(|status| **status == 503).count() as u64;
    assert_eq!(world.bauta.metric(&["events_total", "outcome=\"overloaded\""]), turned_away, "{statuses:?}");
    assert_eq!(world.bauta.metric(&["events_received_total"]), AT_ONCE as u64);
    let peak = super::memory::peak(world.bauta.pid());
    assert!(peak < 256 << 20, "a peak of {} MiB for {AT_ONCE} bodies of 28 MB: {statuses:?}", peak >> 20);
    // Afterwards everything is as before.
    assert_eq!(world.post("/e/", Some(&agreed("jonas")), &event("e", UUID)).status, 200);
}
