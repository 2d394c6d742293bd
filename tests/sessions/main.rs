//! Every session format against values that the real frameworks made.
//!
//! Each line of `vectors/sessions.jsonl` is translated into the `[site.session]` that an operator would write, with
//! its secrets in files, goes through the configuration's own types, and is read at the line's time. The same test
//! runs over other data of the same make: set `BAUTA_TEST_DATA`. Lines whose session is in a store are asked of a
//! store inside the process, or of real ones when `BAUTA_TEST_SERVICES` is set.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test says what is wrong by panicking"
)]

mod commands;
mod data;
mod failures;
#[path = "../support/fault.rs"]
mod fault;
#[path = "../support/flow.rs"]
mod flow;
mod frameworks;
mod junk;
mod live;
mod published;
mod secure;
mod services;
mod stores;
#[path = "../support/mod.rs"]
mod support;
mod tables;
mod translate;

use std::io::Write as _;
use std::time::Duration;

use bauta::clock::UnixMillis;
use bauta::cookies::Cookies;
use bauta::session::resolve::{Engines, Memory};
use bauta::session::{Reader, Refusal};

use crate::data::{Place, lines, preset_of};
use crate::services::Services;
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
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let mut services = services::are_wanted().then(|| Services::start(&runtime));
    let mut translator = Translator::new();
    let memory = Memory::default();
    let lines = lines();
    let first = first_times(&lines);
    let (mut stored, mut misses) = (0, Vec::new());
    for line in &lines {
        let (preset, place) =
            preset_of(&line.framework).unwrap_or_else(|| panic!("unknown framework {}", line.framework));
        stored += usize::from(place != Place::Cookie);
        let first = first[line.framework.as_str()];
        let reader = match &mut services {
            Some(services) if place != Place::Cookie => {
                let addresses = services.fill(&runtime, line, place, first.0);
                translator.reader_at(&Engines, &addresses, preset, place, &line.config)
            }
            _ => {
                fill(&memory, line, first);
                translator.reader(preset, place, &memory, &line.config)
            }
        };
        let reader = reader.unwrap_or_else(|faults| panic!("{}: {faults}", line.id));
        let found = read(&runtime, &reader, &line.header, line.now);
        if !line.is_expected(&found) {
            let found = found.map_or_else(|refusal| refusal.word().to_owned(), |user| format!("user {user}"));
            misses.push(format!("{}: expected {}, found {found}", line.id, line.expect));
        }
    }
    let asked = match services {
        Some(_) => "real Redis, PostgreSQL and HTTP",
        None => "a store inside the process; set BAUTA_TEST_SERVICES, as make test does, for real ones",
    };
    say(&format!("sessions: {}/{}", lines.len() - misses.len(), lines.len()));
    say(&format!("sessions: {stored} of these lines were asked of {asked}"));
    assert!(misses.is_empty(), "{} misses:\n{}", misses.len(), misses.join("\n"));
}
