//! CPU of reading one session, by format, and what junk costs.
//!
//! The cookies are those of the test vectors. `junk_seal_*` is the flood of well-shaped seals that only an expensive
//! derivation could tell from real ones: once the budget is spent it must cost hardly more than no cookie at all.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs,
    clippy::print_stdout,
    dead_code,
    reason = "a benchmark, with what the session tests share"
)]

#[path = "../tests/sessions/data.rs"]
mod data;
#[path = "session/flood.rs"]
mod flood;
#[path = "../tests/sessions/stores.rs"]
mod stores;
#[path = "../tests/support/mod.rs"]
mod support;
#[path = "../tests/sessions/tables.rs"]
mod tables;
#[path = "../tests/sessions/translate.rs"]
mod translate;

use std::time::Duration;

use bauta::clock::UnixMillis;
use bauta::cookies::Cookies;
use bauta::session::Reader;
use bauta::session::resolve::Memory;
use divan::Bencher;

use crate::data::{Line, lines, preset_of};
use crate::translate::Translator;

const DEADLINE: Duration = Duration::from_millis(50);

fn main() {
    divan::main();
    // `cargo bench -- --list` and a filter by name are about the micro-benchmarks.
    if std::env::args().skip(1).all(|argument| argument == "--bench") {
        flood::run(&junk(&sealed().header, 0));
    }
}

fn sealed() -> Line {
    let wanted = |line: &Line| line.framework == SEALED && line.expect["user_id"].is_string();
    lines().into_iter().find(wanted).expect("a good seal")
}

/// A reader, a cookie that it accepts, and the time at which it does.
struct Case {
    reader: Reader,
    line: Line,
    runtime: tokio::runtime::Runtime,
    _secrets: Translator,
}

impl Case {
    fn of(framework: &str) -> Self {
        let line = lines().into_iter().find(|line| line.framework == framework && line.expect["user_id"].is_string());
        let line = line.unwrap_or_else(|| panic!("no line of {framework}"));
        let (preset, place) = preset_of(framework).expect("a preset");
        let mut secrets = Translator::new();
        let memory = Memory::default();
        stores::fill(&memory, &line, line.now);
        let reader = secrets.reader(preset, place, &memory, &line.config).expect("a reader");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { reader, line, runtime, _secrets: secrets }
    }

    fn read(&self, header: &str, now: UnixMillis) -> bool {
        self.runtime.block_on(self.reader.read(&Cookies::from_text(header), now, DEADLINE)).is_ok()
    }
}

const FORMATS: &[&str] = &[
    "ring-cookie-store",
    "django-signed_cookies",
    "flask",
    "jwt-hs256",
    "jwt-rs256-jwks",
    "jwt-es256-jwks",
    "jwt-eddsa-jwks",
    "rails-encrypted-gcm",
    "laravel-encrypted-cookie",
    "authjs-v5",
    "iron-session",
    "phoenix-plug-encrypted",
    "paseto-v4-local",
    "express-session+connect-redis",
];

#[divan::bench(args = FORMATS)]
fn valid(bencher: Bencher<'_, '_>, framework: &str) {
    let case = Case::of(framework);
    bencher.bench_local(|| assert!(case.read(&case.line.header, case.line.now)));
}

const SEALED: &str = "h3-usesession(nuxt)";

#[divan::bench]
fn no_cookie(bencher: Bencher<'_, '_>) {
    let case = Case::of(SEALED);
    bencher.bench_local(|| assert!(!case.read("theme=dark; _ga=GA1.2.3", case.line.now)));
}

#[divan::bench]
fn valid_seal_remembered(bencher: Bencher<'_, '_>) {
    let case = Case::of(SEALED);
    assert!(case.read(&case.line.header, case.line.now));
    bencher.bench_local(|| assert!(case.read(&case.line.header, case.line.now)));
}

#[divan::bench]
fn junk_seal_derived(bencher: Bencher<'_, '_>) {
    let case = Case::of(SEALED);
    let mut count = 0_u64;
    bencher.bench_local(|| {
        count += 1;
        // A second apart: the budget is never spent.
        let now = UnixMillis(case.line.now.0 + i64::try_from(count).expect("few") * 1000);
        assert!(!case.read(&junk(&case.line.header, count), now));
    });
}

#[divan::bench]
fn junk_seal_budget_spent(bencher: Bencher<'_, '_>) {
    let case = Case::of(SEALED);
    for count in 0..500 {
        assert!(!case.read(&junk(&case.line.header, count), case.line.now));
    }
    let mut count = 500_u64;
    bencher.bench_local(|| {
        count += 1;
        assert!(!case.read(&junk(&case.line.header, count), case.line.now));
    });
}

/// A seal of the right shape with another salt: 16 hexadecimal digits of it are the number.
pub(crate) fn junk(header: &str, number: u64) -> String {
    let at = header.find("Fe26.2*").expect("a seal");
    let salt = header[at..].split('*').nth(2).expect("a salt");
    header.replacen(&salt[..16], &format!("{number:016x}"), 1)
}
