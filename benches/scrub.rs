//! What scrubbing costs: the corpus, clean events, hostile text. `cargo bench --bench scrub`.

use bauta::payload::document::Document;
use bauta::payload::edit::{Edits, splice_into};
use bauta::payload::scan::Limits;
use bauta::scrub::{OwnTerms, Profile, Report, Scrubber};
use divan::Bencher;
use divan::counter::BytesCount;

fn main() {
    divan::main();
}

/// The bodies of the labelled corpus with their vendors.
fn corpus() -> Vec<(String, Profile)> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/corpora/pii.jsonl"))
        .unwrap_or_default();
    let bodies = text.lines().filter_map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).ok()?;
        Some((line.get("body")?.to_string(), Profile::from_word(line.get("upstream")?.as_str()?)?))
    });
    bodies.collect()
}

/// Reads, scrubs and writes every body once.
fn run(bodies: &[(String, Profile)], own: &OwnTerms) -> usize {
    let scrubber = Scrubber::default();
    let mut report = Report::default();
    let mut edits = Edits::new();
    let mut out = Vec::new();
    for (body, profile) in bodies {
        let Ok(document) = Document::read_text(body.clone(), &Limits::default()) else { continue };
        edits.clear();
        scrubber.scrub_document(&document, *profile, own, &mut edits, &mut report);
        out.clear();
        splice_into(&document, &edits, &mut out);
    }
    out.len()
}

fn bytes(bodies: &[(String, Profile)]) -> BytesCount {
    BytesCount::new(bodies.iter().map(|(body, _)| body.len()).sum::<usize>())
}

#[divan::bench]
fn corpus_of_1500_events(bencher: Bencher) {
    let bodies = corpus();
    bencher.counter(bytes(&bodies)).bench(|| run(&bodies, &OwnTerms::none()));
}

#[divan::bench]
fn one_clean_event(bencher: Bencher) {
    let body = r#"{"n":"pageview","u":"https://example.org/pricing?utm_source=newsletter&utm_medium=email#faq","d":"example.org","r":"https://www.example.com/","v":22,"p":{"plan":"pro","logged_in":"true","theme":"dark"}}"#;
    let bodies = vec![(body.to_owned(), Profile::Plausible)];
    bencher.counter(bytes(&bodies)).bench(|| run(&bodies, &OwnTerms::none()));
}

/// Looked through for a signed-in person: a clean text that came before is not asked for then.
#[divan::bench(args = ["a@", "%2540", "1 ", "YWRh", "?a=b&", "https://a/", "1234 is the ", "ab: Qx7Rk2vXw9Lm4Tz8Bn3Yc6Hd1 "])]
fn a_hostile_megabyte(bencher: Bencher, pattern: &str) {
    let own = OwnTerms::none().and_ids(&["account-8841207".to_owned()]);
    let text = pattern.repeat((1 << 20) / pattern.len());
    let body = format!(r#"{{"n":"x","u":"https://example.org/","d":"example.org","p":{{"k":"{text}"}}}}"#);
    let bodies = vec![(body, Profile::Plausible)];
    bencher.counter(bytes(&bodies)).bench(|| run(&bodies, &own));
}

/// Members whose keys announce something and ask what stands beside them: eight times as many cost eight times as much.
#[divan::bench(args = [4_000, 32_000])]
fn an_object_of_hostile_keys(bencher: Bencher, members: usize) {
    let words = ["patient", "name", "email", "user", "code", "value", "id"];
    let word = |place: usize| words.iter().cycle().nth(place % words.len()).copied().unwrap_or_default();
    let list: Vec<String> =
        (0..members).map(|place| format!(r#""{}{place}{}":"x1y2""#, word(place), word(place / 7))).collect();
    let body = format!(r#"{{"n":"x","u":"https://example.org/","d":"example.org","p":{{{}}}}}"#, list.join(","));
    let bodies = vec![(body, Profile::Plausible)];
    bencher.counter(bytes(&bodies)).bench(|| run(&bodies, &OwnTerms::none()));
}
