//! What would blockers block? Brave's engine, asked with filter lists that come as files.
//!
//!     bauta words --json --count 1000 | bauta-adblock aliases LIST...
//!     bauta-adblock judge LIST... <requests
//!
//! `aliases` asks about every alias of the installs on standard input, as a script, a fetch and a beacon, with the queries
//! of current and old clients. It prints what was asked and blocked; exit code 1 when an alias is blocked, when a control
//! is not, or when too little was asked. `judge` reads lines `kind address` and prints each behind `blocked` or `passed`.

use std::io::BufRead as _;
use std::process::ExitCode;

use adblock::Engine;
use adblock::lists::{FilterSet, ParseOptions, RuleTypes};
use adblock::request::Request;
use serde_json::Value;

/// What current and old clients put behind a path.
const QUERIES: [&str; 3] = ["", "?v=2", "?ip=0&_=1763700000000&ver=1.300.0&compression=gzip-js"];
const PAGE: &str = "https://shop.example/checkout";
/// Requests that these lists must block, or they are not what they should be: the vendors' own hosts, and vendor names
/// below the shop's.
const CONTROLS: [(&str, &str); 6] = [
    ("https://plausible.io/js/script.js", "script"),
    ("https://plausible.io/api/event", "xmlhttprequest"),
    ("https://eu.i.posthog.com/e/?ip=0&_=1&ver=1.300.0&compression=gzip-js", "xmlhttprequest"),
    ("https://eu.i.posthog.com/i/v0/e/", "xmlhttprequest"),
    ("https://shop.example/js/script.outbound-links.pageview-props.tagged-events.js", "script"),
    ("https://shop.example/js/plausible.js", "script"),
];

/// The engine with its lists.
struct Blocker {
    engine: Engine,
    lines: usize,
}

impl Blocker {
    fn load(paths: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut set = FilterSet::new(true);
        let mut lines = 0;
        for path in paths {
            let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
            lines += text.lines().count();
            // Only requests are asked about: rules that hide parts of a page are left out.
            set.add_filter_list(text, ParseOptions { rule_types: RuleTypes::NetworkOnly, ..ParseOptions::default() });
        }
        Ok(Self { engine: Engine::new_with_filter_set_no_optimize(set), lines })
    }

    fn blocks(&self, url: &str, kind: &str) -> bool {
        let method = if kind == "xmlhttprequest" || kind == "ping" { "POST" } else { "GET" };
        let request = Request::new(url, PAGE, kind, method).expect("an address");
        self.engine.check_network_request(&request).should_block()
    }
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let mode = arguments.next().unwrap_or_default();
    let blocker = match Blocker::load(arguments) {
        Ok(blocker) => blocker,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    match mode.as_str() {
        "aliases" => aliases(&blocker),
        "judge" => judge(&blocker),
        _ => {
            eprintln!("expected aliases or judge, and the lists");
            ExitCode::FAILURE
        }
    }
}

fn lines() -> impl Iterator<Item = String> {
    std::io::stdin().lock().lines().map(|line| line.expect("a line"))
}

fn judge(blocker: &Blocker) -> ExitCode {
    for line in lines() {
        let (kind, url) = line.split_once(' ').expect("a kind and an address");
        println!("{} {line}", if blocker.blocks(url, kind) { "blocked" } else { "passed" });
    }
    ExitCode::SUCCESS
}

fn aliases(blocker: &Blocker) -> ExitCode {
    let passing: Vec<_> = CONTROLS.iter().filter(|(url, kind)| !blocker.blocks(url, kind)).collect();
    for (url, _) in &passing {
        println!("a control passes: {url}");
    }
    let (mut installs, mut addresses, mut asked, mut hits) = (0_usize, 0_usize, 0_usize, 0_usize);
    for line in lines() {
        let drawn: Value = serde_json::from_str(&line).expect("the JSON of bauta words");
        installs += 1;
        let root = drawn["root"].as_str().expect("a root");
        for (plain, word) in drawn["words"].as_object().expect("words") {
            let word = word.as_str().expect("a word");
            let (end, kinds): (&str, &[&str]) =
                if plain.ends_with(".js") { (".js", &["script"]) } else { ("", &["xmlhttprequest", "ping"]) };
            addresses += 1;
            for (kind, query) in kinds.iter().flat_map(|kind| QUERIES.map(|query| (*kind, query))) {
                let url = format!("https://shop.example/{root}/{word}{end}{query}");
                asked += 1;
                if blocker.blocks(&url, kind) {
                    hits += 1;
                    println!("blocked: {url} ({kind})");
                }
            }
        }
    }
    let caught = CONTROLS.len() - passing.len();
    println!("adblock: {} rule lines; controls blocked {caught}/{}", blocker.lines, CONTROLS.len());
    println!("adblock: blocked {hits} of {asked} requests to {addresses} aliases of {installs} installs");
    let enough = blocker.lines >= 100_000 && addresses >= 10_000 && installs >= 1000;
    if passing.is_empty() && hits == 0 && enough { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
