//! Records as JSON lines: out of the store, and into it.
//!
//! An export names nobody: `person` is the store's own digest, which means something only to a store with the same
//! key. An import also takes the application's own table, with account ids. Salts stand in an export only when they were
//! asked for; whose salt is missing gets another one where they are imported, and so new ids, but never none.

use std::io::{BufRead as _, Read as _};
use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{DEADLINE, Opened, wait};
use crate::cli::{CANNOT, DATA, out};
use crate::clock::{Clock as _, SystemClock, UnixMillis};
use crate::person::{AppUserId, Salt};
use crate::store::{Choice, ConsentStore, Entry, PersonTag, Record};

/// Records that are read or written at once.
const PAGE: usize = 1000;
/// The longest line that is read.
const MAX_LINE: u64 = 64 * 1024;
/// The most wrong lines that are named.
const SHOWN: usize = 20;

/// One record; times in milliseconds since 1970.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    person: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(default)]
    choice: Option<String>,
    #[serde(default)]
    decided: Option<i64>,
    #[serde(default)]
    epoch: u32,
    #[serde(default)]
    invalidated: Option<i64>,
    #[serde(default)]
    salted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    salt: Option<String>,
}

/// Prints every record of the realm.
pub(super) fn export(opened: &Opened, with_salts: bool) -> Result<ExitCode, ExitCode> {
    let Opened { realm, store, .. } = opened;
    let mut after = None;
    loop {
        let limit = u32::try_from(PAGE).unwrap_or(u32::MAX);
        let page = wait(store.list(realm, after, limit, DEADLINE))?;
        for entry in &page {
            let text = serde_json::to_string(&Line::of(entry, with_salts));
            out::line(&text.map_err(|error| out::fail(CANNOT, &error.to_string(), ""))?);
        }
        after = page.last().map(|entry| entry.person);
        if page.len() < PAGE || out::is_closed() {
            return Ok(ExitCode::SUCCESS);
        }
    }
}

/// Takes over records from standard input. Everything is read first: a wrong line leaves the store as it was.
pub(super) fn import(opened: &Opened, as_json: bool) -> Result<ExitCode, ExitCode> {
    let Opened { realm, store, .. } = opened;
    let entries = read(opened)?;
    let mut count = 0;
    for page in entries.chunks(PAGE) {
        count += wait(store.restore(realm, page.to_vec(), DEADLINE))?;
    }
    if as_json {
        out::json(&json!({ "realm": realm, "records": count }));
    } else {
        out::line(&format!("{count} records"));
    }
    Ok(ExitCode::SUCCESS)
}

fn read(opened: &Opened) -> Result<Vec<Entry>, ExitCode> {
    let now = SystemClock.now();
    let (mut entries, mut faults) = (Vec::new(), Vec::new());
    let mut input = std::io::stdin().lock();
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let length = (&mut input).take(MAX_LINE).read_until(b'\n', &mut line);
        let length = length.map_err(|error| out::fail(CANNOT, &format!("standard input: {error}"), ""))?;
        if length == 0 {
            break;
        }
        if !line.ends_with(b"\n") && u64::try_from(length).is_ok_and(|length| length == MAX_LINE) {
            faults.push(format!("line {number} is longer than 64 KiB"));
            break;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        match entry(&line, opened, now) {
            Ok(entry) => entries.push(entry),
            Err(problem) => faults.push(format!("line {number}: {problem}")),
        }
    }
    if faults.is_empty() {
        return Ok(entries);
    }
    let shown = faults.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n       ");
    Err(out::fail(DATA, &shown, "correct these lines and import again; nothing was recorded"))
}

/// Reads one line. Problems name the field and never what it holds.
fn entry(line: &[u8], opened: &Opened, now: UnixMillis) -> Result<Entry, &'static str> {
    let Opened { realm, salted, store } = opened;
    let line: Line = serde_json::from_slice(line).map_err(|_| {
        "expected an object with person or user, choice, decided, epoch, invalidated, salted, salt, and nothing else"
    })?;
    let person = match (&line.person, &line.user) {
        (Some(digest), None) => digits(digest).ok_or("expected 64 hexadecimal digits in person")?,
        (None, Some(user)) => store.tag(realm, &AppUserId::from_text(user).ok_or("user is blank")?),
        _ => return Err("expected either person or user"),
    };
    let choice = match &line.choice {
        Some(word) => {
            let choice =
                Choice::from_word(word).ok_or("expected granted, denied, off, local, anonymised or full in choice")?;
            let decided = line.decided.map_or(now, UnixMillis);
            Some((choice, decided))
        }
        None => None,
    };
    let salt = match &line.salt {
        Some(digits) => Some(Salt::from_hex(digits).ok_or("expected 32 to 128 hexadecimal digits in salt")?),
        None if line.salted || (*salted && choice.is_some_and(|(choice, _)| choice.agrees())) => {
            Some(Salt::random().map_err(|_| "the system has no random numbers for a salt")?)
        }
        None => None,
    };
    let record = Record { choice, epoch: line.epoch, salt, invalidated: line.invalidated.map(UnixMillis) };
    Ok(Entry { person, record })
}

impl Line {
    fn of(entry: &Entry, with_salts: bool) -> Self {
        let Entry { person, record } = entry;
        Self {
            person: Some(person.0.iter().map(|byte| format!("{byte:02x}")).collect()),
            user: None,
            choice: record.choice.map(|(choice, _)| choice.word().to_owned()),
            decided: record.choice.map(|(_, at)| at.0),
            epoch: record.epoch,
            invalidated: record.invalidated.map(|at| at.0),
            salted: record.salt.is_some(),
            salt: record.salt.as_ref().filter(|_| with_salts).map(Salt::hex),
        }
    }
}

fn digits(text: &str) -> Option<PersonTag> {
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 32];
    for (slot, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *slot = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(PersonTag(bytes))
}
