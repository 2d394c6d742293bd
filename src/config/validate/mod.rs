//! What a configuration means, as far as it can be said without building the stages: names, hosts, addresses,
//! levels, keys. Every check runs; every fault is reported.
//!
//! The session, consent and scrub parts are checked by their own stages (see [`super::load_with`]).

mod aliases;
mod grammar;
mod keys;
mod listeners;
mod site;
mod upstream;
mod weak_key;

use std::path::Path;

pub(super) use grammar::{Base, base_url};
pub use weak_key::{MIN_KEY_BYTES, weakness};

use super::fault::{Faults, KeyPath};
use super::file::File;
use super::suggest::nearest;
use super::warn;

/// The version of the format that this program reads.
const VERSION: u32 = 1;

/// Checks the whole file. `base` is the folder of the file.
pub(super) fn file(file: &File, base: &Path, faults: &mut Faults) {
    let root = KeyPath::root();
    if file.version != VERSION {
        faults.push(
            root.key("version"),
            format!("expected {VERSION}, found {}", file.version),
            format!("this program reads version = {VERSION}; for a newer file install a newer bauta"),
        );
    }
    for (index, word) in file.acknowledge.iter().enumerate() {
        if !warn::NAMES.contains(&word.as_str()) {
            let fix = match nearest(word, warn::NAMES.into_iter()) {
                Some(meant) => format!("did you mean {meant:?}?"),
                None => format!("the warnings are {}", warn::NAMES.join(", ")),
            };
            faults.push(root.key("acknowledge").index(index), "no warning has this name", fix);
        }
    }
    listeners::check(file, base, faults);
    keys::check(file, base, faults);
    limits(file, faults);
    site::check_all(file, base, faults);
    super::visitor_id::check(file, faults);
}

fn limits(file: &File, faults: &mut Faults) {
    let at = KeyPath::root().key("limits");
    let limits = &file.limits;
    let mut within = |name: &str, value: u64, least: u64, most: u64, shown: &str| {
        if !(least..=most).contains(&value) {
            faults.push(
                at.key(name),
                format!("expected {shown}"),
                "write a value in this range, or leave the line out",
            );
        }
    };
    within("connections", limits.connections.into(), 1, 1_000_000, "1 to 1000000 connections");
    within("in_flight", limits.in_flight.into(), 1, 100_000, "1 to 100000 requests");
    within("head", limits.head.0, 1024, 1 << 20, "1KiB to 1MiB");
    within("headers", limits.headers.into(), 8, 1000, "8 to 1000 header fields");
    within("body", limits.body.0, 1024, 64 << 20, "1KiB to 64MiB");
    let minutes = 10 * 60 * 1000;
    for (name, period) in [
        ("first_byte", limits.first_byte),
        ("head_time", limits.head_time),
        ("body_time", limits.body_time),
        ("idle", limits.idle),
        ("drain", limits.drain),
    ] {
        within(name, millis(period), 1, minutes, "a time above zero, at most 10m");
    }
    within("lookup", millis(limits.lookup), 1, 2000, "a time above zero, at most 2s: an event waits that long");
    if !["error", "warn", "info", "debug"].contains(&file.log.level.as_str()) {
        let key = KeyPath::root().key("log").key("level");
        faults.push(key, "expected one of error, warn, info, debug", "write one of these words");
    }
}

fn millis(period: super::units::Period) -> u64 {
    u64::try_from(period.0.as_millis()).unwrap_or(u64::MAX)
}

/// Checks a host name: what is wrong, and the fix.
///
/// # Errors
/// When it is not a bare host name in lower case.
pub fn check_host(text: &str) -> Result<(), (String, String)> {
    grammar::host(text)
}

/// Checks the address of an upstream: what is wrong, and the fix.
///
/// # Errors
/// When it is not a plain http or https address.
pub fn check_base_url(text: &str) -> Result<(), (String, String)> {
    base_url(text).map(drop)
}

/// Checks that a file can be opened for reading; the reason names the file as it was resolved.
fn readable(base: &Path, path: &Path) -> Result<(), String> {
    let path = base.join(path);
    match std::fs::File::open(&path).and_then(|file| file.metadata()) {
        Ok(facts) if facts.is_file() => Ok(()),
        Ok(_) => Err(format!("{} is not a file", path.display())),
        Err(error) => Err(format!("cannot read {}: {error}", path.display())),
    }
}
