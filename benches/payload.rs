//! Cost of the payload layer: reading a body, and reading it plus the identity edit and the splice.
//!
//! `cargo bench --bench payload` prints divan's table and then, per set of bodies, the best of many rounds in
//! nanoseconds per byte and per body. Bodies: one Plausible event of 386 bytes, a batch of 16 kB made of corpus events,
//! all events of the corpus, all captured Plausible events. The input buffer is made outside the timed part, as it
//! is by the server; the output buffer is used again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a benchmark prints and may fail")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use bauta::payload::document::{Document, Node};
use bauta::payload::edit::{Edits, Fill, Priority, splice_into};
use bauta::payload::plausible::Slots;
use bauta::payload::plausible::props::{Names, identify};
use bauta::payload::scan::{Limits, Tape, scan_into};
use bytes::Bytes;
use divan::Bencher;
use divan::counter::BytesCount;

const PSEUDONYM: &str = "u_4fQ2mX9kTz7RbLw1cYh3Ng";
const SETS: [&str; 4] = ["event", "batch", "corpus", "captures"];

fn main() {
    divan::main();
    // `cargo test --benches` runs this as well, without asking for figures.
    if std::env::args().any(|argument| argument == "--bench") {
        figures();
    }
}

#[divan::bench(args = SETS)]
fn read(bencher: Bencher<'_, '_>, set: &str) {
    let bodies = bodies(set);
    bencher.counter(BytesCount::new(bytes(&bodies))).with_inputs(|| inputs(&bodies)).bench_values(|inputs| {
        for input in inputs {
            black_box(Document::read(input.body, &Limits::default()).ok());
        }
    });
}

#[divan::bench(args = SETS)]
fn read_and_identify(bencher: Bencher<'_, '_>, set: &str) {
    let bodies = bodies(set);
    let names = names();
    let mut out = Vec::new();
    bencher.counter(BytesCount::new(bytes(&bodies))).with_inputs(|| inputs(&bodies)).bench_local_values(|inputs| {
        for input in inputs {
            edited(input, &names, &mut out);
            black_box(&out);
        }
    });
}

fn figures() {
    println!(
        "\nbest of many rounds          bodies  mean B    scan ns/B (each)    read ns/B (each)   +identity ns/B (each)"
    );
    for set in SETS {
        let bodies = bodies(set);
        let (count, bytes) = (bodies.len() as f64, bytes(&bodies) as f64);
        let mut tape = Tape::default();
        let scan = best(&bodies, |input| {
            let text = std::str::from_utf8(&input.body).expect("UTF-8");
            scan_into(black_box(text), &Limits::default(), &mut tape).is_ok()
        });
        let read = best(&bodies, |input| Document::read(input.body, &Limits::default()).is_ok());
        let names = names();
        let mut out = Vec::new();
        let identity = best(&bodies, |input| edited(input, &names, &mut out));
        let column = |nanos: f64| format!("{:.3} ({:.0})", nanos / bytes, nanos / count);
        println!(
            "payload/{set:<20} {count:>6}  {:>6.0}  {:>18}  {:>18}  {:>22}",
            bytes / count,
            column(scan),
            column(read),
            column(identity)
        );
    }
}

/// The least time that the work took on all bodies, in nanoseconds.
fn best(bodies: &[String], mut work: impl FnMut(Input) -> bool) -> f64 {
    // A round long enough for the clock, whose inputs are made before it begins.
    let repeat = (20_000 / bytes(bodies)).max(1);
    let mut least = Duration::MAX;
    let end = Instant::now() + Duration::from_millis(600);
    while Instant::now() < end {
        let round: Vec<Input> = (0..repeat).flat_map(|_| inputs(bodies)).collect();
        let start = Instant::now();
        for input in round {
            black_box(work(input));
        }
        least = least.min(start.elapsed() / u32::try_from(repeat).expect("small"));
    }
    least.as_secs_f64() * 1e9
}

fn names() -> Names {
    Names { property: "userId".into(), ..Names::default() }
}

/// The body with the pseudonym in it: in the props of a Plausible event, in place of every `distinct_id` of PostHog's.
fn edited(input: Input, names: &Names, out: &mut Vec<u8>) -> bool {
    let Ok(document) = Document::read(input.body, &Limits::default()) else { return false };
    let mut edits = Edits::new();
    edits.repair_surrogates(&document);
    match input.wire {
        Wire::Plausible => {
            if let Ok(slots) = Slots::read(document.root()) {
                identify(&slots, names, PSEUDONYM, &[], &mut edits);
            }
        }
        Wire::PostHog => replace_ids(document.root(), &mut edits),
        Wire::Batch => {
            let events = document.root().get_all("batch").flat_map(|batch| batch.elements());
            events.for_each(|event| replace_ids(event, &mut edits));
        }
    }
    out.clear();
    splice_into(&document, &edits, out);
    true
}

fn replace_ids(event: Node<'_>, edits: &mut Edits) {
    for (key, value) in event.members() {
        if key.is("distinct_id") {
            edits.replace(value, Fill::Quoted(PSEUDONYM.into()), Priority::Identity);
        } else if key.is("properties") {
            replace_ids(value, edits);
        }
    }
}

// ---------------------------------------------------------------------------------------------------------------------

/// Whose body it is, which the route tells the server.
#[derive(Clone, Copy)]
enum Wire {
    Plausible,
    PostHog,
    Batch,
}

struct Input {
    wire: Wire,
    body: Bytes,
}

fn inputs(bodies: &[String]) -> Vec<Input> {
    let wire = |body: &str| match body {
        body if body.contains("\"batch\":[") => Wire::Batch,
        body if body.contains("\"event\":") => Wire::PostHog,
        _ => Wire::Plausible,
    };
    bodies.iter().map(|body| Input { wire: wire(body), body: Bytes::from(body.clone().into_bytes()) }).collect()
}

fn bytes(bodies: &[String]) -> usize {
    bodies.iter().map(String::len).sum()
}

fn lines(name: &str) -> Vec<serde_json::Value> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    let text = std::fs::read_to_string(path).expect(name);
    text.lines().map(|line| serde_json::from_str(line).expect("a line")).collect()
}

fn corpus() -> Vec<String> {
    lines("corpora/pii.jsonl").iter().map(|line| line.get("body").expect("a body").to_string()).collect()
}

fn bodies(set: &str) -> Vec<String> {
    match set {
        "corpus" => corpus(),
        "captures" => {
            let lines = lines("captures/plausible.jsonl");
            let bodies = lines.iter().filter_map(|line| line.get("body_text")?.as_str());
            bodies.filter(|body| body.starts_with('{')).map(str::to_owned).collect()
        }
        "event" => {
            let is_event = |body: &&String| body.contains("\"d\":") && body.contains("\"p\":{");
            vec![
                corpus().iter().filter(is_event).min_by_key(|body| body.len().abs_diff(386)).expect("an event").clone(),
            ]
        }
        "batch" => {
            let mut batch = r#"{"api_key":"phc_bench","batch":["#.to_owned();
            for event in corpus().iter().filter(|body| body.contains("\"distinct_id\":")) {
                if batch.len() + event.len() > 16_384 {
                    break;
                }
                batch.push_str(event);
                batch.push(',');
            }
            batch.pop();
            batch.push_str(r#"],"sent_at":"2026-03-01T12:00:00.000Z"}"#);
            vec![batch]
        }
        other => unreachable!("{other}"),
    }
}
