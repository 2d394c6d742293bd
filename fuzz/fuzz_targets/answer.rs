//! What back ends and vendors answer: rows, keys and documents about consent, PostHog's configuration and results. Only an
//! exact answer is a grant, and what is made of a vendor's answer is JSON again.
#![no_main]

use std::borrow::Cow;

use bauta::config::consent::{Http, Redis, Sql};
use bauta::consent::Verdict;
use bauta::consent::sources::backend::{HttpReply, of_http, of_key, of_rows};
use bauta::payload::posthog::answer::{Allowed, config_script, restricted, results};
use bauta::person::Value;
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;

fuzz_target!(|data: &[u8]| {
    let Some((choice, content)) = data.split_first() else { return };
    match choice % 4 {
        0 => row(content),
        1 => key(content, *choice >> 2),
        2 => http(content, *choice >> 2),
        _ => vendor(content, *choice >> 2),
    }
});

/// Lines are the cells of one row, and of a second one behind an empty line.
fn row(content: &[u8]) {
    let name = |name: &str| Some(name.to_owned());
    let shape = Sql {
        column: name("choice"),
        level_column: name("level"),
        granted_at: name("granted"),
        revoked_at: name("revoked"),
        ..Sql::default()
    };
    let text = String::from_utf8_lossy(content);
    let rows: Vec<Value> = text
        .split("\n\n")
        .take(3)
        .map(|cells| {
            let cells = cells.split('\n').zip(["choice", "level", "granted", "revoked"]);
            let cell = |text: &str| if text.is_empty() { Value::Null } else { Value::Text(text.to_owned()) };
            Value::Map(cells.map(|(text, name)| (Value::Text(name.to_owned()), cell(text))).collect())
        })
        .collect();
    let both = of_rows(&shape, Ok(&rows)).verdict;
    // A row more never makes a grant of what was none.
    if both == Verdict::Granted {
        assert!(rows.iter().all(|row| of_rows(&shape, Ok(std::slice::from_ref(row))).verdict == Verdict::Granted));
    }
}

fn key(content: &[u8], place: u8) {
    let path = if place & 1 == 0 { Vec::new() } else { vec!["a".to_owned(), "b".to_owned()] };
    let level_path = (place & 2 != 0).then(|| vec!["level".to_owned()]);
    let shape = Redis { path, level_path, ..Redis::default() };
    let answer = of_key(&shape, Ok(Some(content)));
    if answer.verdict == Verdict::Granted {
        assert!(content.len() <= 64 * 1024 && std::str::from_utf8(content).is_ok(), "granted by what is no text");
    }
    assert_ne!(of_key(&shape, Ok(None)).verdict, Verdict::Granted, "granted by nothing");
}

fn http(content: &[u8], place: u8) {
    let path = if place & 1 == 0 { Vec::new() } else { vec!["analytics".to_owned()] };
    let shape = Http { path, ..Http::default() };
    let Some((status, body)) = content.split_first_chunk::<2>() else { return };
    let status = if place & 2 == 0 { 200 } else { u16::from_be_bytes(*status) };
    let answer = of_http(&shape, Ok(HttpReply { status, body }));
    assert!(answer.verdict != Verdict::Granted || status == 200, "granted by status {status}");
}

fn vendor(content: &[u8], place: u8) {
    let Ok(text) = std::str::from_utf8(content) else { return };
    let is_json = |bytes: &[u8]| serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
    if let Some(made) = results(text, [Cow::Borrowed("0190\"\\\u{1}")].into_iter(), &["ours".to_owned()]) {
        assert!(is_json(&made), "JSON stays JSON");
    }
    let allowed = Allowed { replay: place & 1 != 0, heat_maps: place & 4 != 0, site_apps: place & 2 != 0 };
    let events = (place & 8 != 0).then_some("/i/../kelimoru/fobaru");
    if let Some(made) = restricted(text, allowed, events) {
        let made = String::from_utf8(made).expect("UTF-8");
        assert!(is_json(made.as_bytes()), "JSON stays JSON");
        let script = config_script("phc_x", &made);
        assert!(!script.contains("</script"), "a script that ends itself");
    }
}
