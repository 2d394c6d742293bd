//! Every session format against values that the real frameworks made.
//!
//! Each line of `vectors/sessions.jsonl` is translated into the `[site.session]` that an operator would write, with
//! its secrets in files, goes through the configuration's own types, and is read at the line's time. The same test
//! runs over other data of the same make: set `BAUTA_TEST_DATA`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test says what is wrong by panicking"
)]

mod data;
mod junk;
mod live;
mod stores;
mod translate;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::Duration;

use bauta::clock::UnixMillis;
use bauta::cookies::Cookies;
use bauta::session::resolve::Memory;
use bauta::session::{Reader, Refusal};

use crate::data::{NOT_YET, lines, preset_of};
use crate::stores::{fill, first_times};
use crate::translate::Translator;

const DEADLINE: Duration = Duration::from_secs(5);

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// Reads a header; the account id or the word of the refusal.
fn read(runtime: &tokio::runtime::Runtime, reader: &Reader, header: &str, now: UnixMillis) -> Result<String, Refusal> {
    let cookies = Cookies::from_text(header);
    runtime.block_on(reader.read(&cookies, now, DEADLINE)).map(|person| person.user.expose().to_owned())
}

fn say(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

#[test]
fn every_framework_is_read_as_the_framework_itself_would() {
    let runtime = runtime();
    let mut translator = Translator::new();
    let (mut passed, mut total) = (0, 0);
    let mut later: BTreeMap<String, usize> = BTreeMap::new();
    let mut misses = Vec::new();
    let memory = Memory::default();
    let lines = lines();
    let first = first_times(&lines);
    for line in &lines {
        let Some((preset, place)) = preset_of(&line.framework) else {
            assert!(NOT_YET.contains(&line.framework.as_str()), "unknown framework {}", line.framework);
            *later.entry(line.framework.clone()).or_default() += 1;
            continue;
        };
        total += 1;
        fill(&memory, line, first[line.framework.as_str()]);
        let reader = translator.reader(preset, place, &memory, &line.config);
        let reader = reader.unwrap_or_else(|faults| panic!("{}: {faults}", line.id));
        let found = read(&runtime, &reader, &line.header, line.now);
        if line.is_expected(&found) {
            passed += 1;
        } else {
            let found = found.map_or_else(|refusal| refusal.word().to_owned(), |user| format!("user {user}"));
            misses.push(format!("{}: expected {}, found {found}", line.id, line.expect));
        }
    }
    say(&format!("sessions: {passed}/{total}"));
    let names: Vec<&str> = later.keys().map(String::as_str).collect();
    say(&format!("sessions not yet covered: {} ({})", later.values().sum::<usize>(), names.join(", ")));
    assert!(misses.is_empty(), "{} misses:\n{}", misses.len(), misses.join("\n"));
    assert!(total > 0, "no line was covered");
}
