//! How many aliases would blockers block? The lists come as files, the words on standard input as `bauta words --json`
//! draws them, one install per line.
//!
//!     bauta words --json --count 1000 | bauta-adblock LIST...
//!
//! Prints what was asked and blocked; exit code 1 when an alias is blocked, or a control is not.

use std::io::BufRead as _;
use std::process::ExitCode;

use adblock::Engine;
use adblock::lists::{FilterSet, ParseOptions};
use adblock::request::Request;
use serde_json::Value;

/// What current and old clients put behind a path.
const QUERIES: [&str; 3] = ["", "?v=2", "?ip=0&_=1763700000000&ver=1.300.0&compression=gzip-js"];
const PAGE: &str = "https://shop.example/checkout";
/// Requests that these lists must block, or they are not what they should be: the vendors' own hosts, and vendor names
/// below the shop's.
const CONTROLS: [(&str, &str); 5] = [
    ("https://plausible.io/js/script.js", "script"),
    ("https://plausible.io/api/event", "xmlhttprequest"),
    ("https://eu.i.posthog.com/e/?ip=0&_=1&ver=1.300.0&compression=gzip-js", "xmlhttprequest"),
    ("https://shop.example/js/script.outbound-links.pageview-props.tagged-events.js", "script"),
    ("https://shop.example/js/plausible.js", "script"),
];

fn main() -> ExitCode {
    let mut set = FilterSet::new(true);
    let mut lines = 0;
    for path in std::env::args().skip(1) {
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                lines += text.lines().count();
                set.add_filter_list(text, ParseOptions::default());
            }
            Err(error) => {
                eprintln!("{path}: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    let engine = Engine::new_with_filter_set_no_optimize(set);
    let blocked = |url: &str, kind: &str| {
        let request = Request::new(url, PAGE, kind, if kind == "script" { "GET" } else { "POST" }).expect("an address");
        engine.check_network_request(&request).should_block()
    };
    let caught = CONTROLS.iter().filter(|(url, kind)| blocked(url, kind)).count();
    for (url, _) in CONTROLS.iter().filter(|(url, kind)| !blocked(url, kind)) {
        println!("a control passes: {url}");
    }
    let (mut installs, mut asked, mut hits) = (0_usize, 0_usize, 0_usize);
    for line in std::io::stdin().lock().lines() {
        let drawn: Value = serde_json::from_str(&line.expect("a line")).expect("the JSON of bauta words");
        installs += 1;
        let root = drawn["root"].as_str().expect("a root");
        for (plain, word) in drawn["words"].as_object().expect("words") {
            let word = word.as_str().expect("a word");
            let (end, kinds): (&str, &[&str]) =
                if plain.ends_with(".js") { (".js", &["script"]) } else { ("", &["xmlhttprequest", "ping"]) };
            for (kind, query) in kinds.iter().flat_map(|kind| QUERIES.map(|query| (*kind, query))) {
                let url = format!("https://shop.example/{root}/{word}{end}{query}");
                asked += 1;
                if blocked(&url, kind) {
                    hits += 1;
                    println!("blocked: {url} ({kind})");
                }
            }
        }
    }
    println!("adblock: {lines} rule lines; controls blocked {caught}/{}", CONTROLS.len());
    println!("adblock: aliases blocked {hits} of {asked} over {installs} installs");
    let sound = caught == CONTROLS.len() && hits == 0 && lines >= 10_000 && asked >= 10_000 && installs >= 1000;
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
