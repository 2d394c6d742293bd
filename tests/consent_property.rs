//! Identity leaves only if a table says so that was written from the rules alone.
//!
//! The table (module `table`) shares no code and no type with the program: it has its own cookie reader, its own
//! verdicts and levels (numbers from 0, `off`, to 3, `full`). Random sites, people, records and request bytes go
//! through `bauta.toml` and the real policy; level and identity have to be the table's, in every case.
//!
//! `BAUTA_CASES` sets the number of cases (100,000 by default), `BAUTA_SEED` the beginning of the sequence.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test may stop at what should not be"
)]

use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bauta::clock::UnixMillis;
use bauta::config::fault::{Faults, KeyPath};
use bauta::config::file::File;
use bauta::consent::{Asked, Invalidations, Policy, Surroundings, UpstreamLevels, level};
use bauta::cookies::Cookies;
use bauta::person::{AppUserId, Person, Value};
use bauta::store::{Change, Choice, ConsentStore, Entry, Pending, PersonTag, Record, StoreError};
use http::{HeaderMap, HeaderValue};

#[path = "support/consent_table.rs"]
mod table;

use table::{Request, Site, SourceKind, StoreState};

const NOW: i64 = 1_795_176_000_000;
const LEVELS: [&str; 4] = ["off", "local", "anonymised", "full"];
const REQUESTS_PER_SITE: u64 = 10;

#[test]
fn identity_leaves_only_when_the_table_says_so() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    let (cases, seed) = (number("BAUTA_CASES").unwrap_or(100_000), number("BAUTA_SEED").unwrap_or(20_261_120));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("allow"), "p1\np2\n").unwrap();
    std::fs::write(folder.path().join("deny"), "p2\np3\n").unwrap();
    let (mut identified, mut refused, mut by_level) = (0_u64, 0_u64, [0_u64; 4]);
    for round in 0_u64.. {
        if by_level.iter().sum::<u64>() >= cases {
            break;
        }
        let mut dice = Dice(seed.wrapping_add(round.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        let site = any_site(&mut dice);
        let store = Arc::new(Fake(Mutex::new(StoreState::Missing)));
        let invalidations = Arc::new(Invalidations::default());
        let toml = toml_of(&site);
        let file: File = toml::from_str(&toml).unwrap_or_else(|error| panic!("{error}\n{toml}"));
        let shape = &file.site[0];
        let mut faults = Faults::default();
        let surroundings = Surroundings {
            base: folder.path(),
            store: site.store_open.then(|| store.clone() as Arc<dyn ConsentStore>),
            invalidations: Arc::clone(&invalidations),
            do_not_track: site.do_not_track,
        };
        let at = KeyPath::root();
        let policy = Policy::build(&shape.consent, surroundings, &at, &mut faults);
        let upstream = &shape.upstream[0];
        let levels = UpstreamLevels::build(
            upstream.denied(),
            upstream.unknown(),
            upstream.ceiling,
            &shape.consent,
            &at,
            &mut faults,
        );
        let (Some(policy), Some(levels)) = (policy, levels) else {
            assert!(
                table::is_refused(&site),
                "round {round}: refused\n{toml}\n{:?}",
                faults.iter().collect::<Vec<_>>()
            );
            refused += 1;
            continue;
        };
        assert!(!table::is_refused(&site), "round {round}: accepted\n{toml}");
        for nth in 0..REQUESTS_PER_SITE {
            let request = any_request(&mut dice, &site);
            *store.0.lock().unwrap() = request.store;
            let person = request.user.map(|user| {
                let claims = serde_json::from_str::<serde_json::Value>(&request.claims).expect("claims");
                let user = AppUserId::from_text(&format!("p{user}")).unwrap();
                Person { user, claims: Value::from(claims), snapshot: request.snapshot }
            });
            // A realm of its own for each request, so that one's invalidation is not another's.
            let realm = format!("realm {nth}");
            if let (Some(person), Some(at)) = (&person, request.invalidated) {
                invalidations.note(&realm, &person.user, UnixMillis(at));
            }
            let mut headers = HeaderMap::new();
            for (name, value) in &request.headers {
                headers.append(*name, HeaderValue::from_static(value));
            }
            let cookies = Cookies::parse(request.cookies.iter().map(Vec::as_slice));
            let asked = Asked {
                person: person.as_ref(),
                realm: &realm,
                cookies: &cookies,
                headers: &headers,
                query: "",
                now: UnixMillis(NOW),
                deadline: Duration::from_secs(60),
            };
            let decision = runtime.block_on(policy.decide(&asked));
            let reached = level(&decision, &levels);
            let identity = person.is_some() && reached.word() == "full" && decision.epoch.is_ok();
            let expected = table::decide(&site, &request, NOW);
            let got = (reached.word(), identity);
            assert_eq!(
                got,
                (LEVELS[expected.level], expected.identity),
                "seed {seed}, round {round}, request {nth}\n{toml}\n{request:?}\n{decision:?}"
            );
            identified += u64::from(identity);
            by_level[expected.level] += 1;
        }
    }
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "consent table: {} cases agree, {identified} identified, off/local/anonymised/full {by_level:?}, {refused} sites refused",
        by_level.iter().sum::<u64>()
    )
    .unwrap();
    assert!(identified > 0 && by_level.iter().all(|count| *count > 0) && refused > 0, "every end was reached");
}

/// A store in the state that the case wants.
struct Fake(Mutex<StoreState>);

impl ConsentStore for Fake {
    fn get<'a>(&'a self, _: &'a str, _: &'a AppUserId, _: Duration) -> Pending<'a, Record> {
        let state = *self.0.lock().unwrap();
        Box::pin(async move {
            match state {
                StoreState::Missing => Ok(Record::default()),
                StoreState::Failing => Err(StoreError::Busy),
                StoreState::Holding { choice, decided, epoch, invalidated } => {
                    let choice = choice.map(|word| (Choice::from_word(word).expect("a choice"), UnixMillis(decided)));
                    Ok(Record { choice, epoch, salt: None, invalidated: invalidated.map(UnixMillis) })
                }
            }
        })
    }

    fn change<'a>(
        &'a self,
        _: &'a str,
        _: &'a AppUserId,
        _: Change,
        _: UnixMillis,
        _: Duration,
    ) -> Pending<'a, Record> {
        Box::pin(async { Err(StoreError::Closed) })
    }

    fn list<'a>(&'a self, _: &'a str, _: Option<PersonTag>, _: u32, _: Duration) -> Pending<'a, Vec<Entry>> {
        Box::pin(async { Err(StoreError::Closed) })
    }
}

/// A sequence of random choices (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap()
    }

    fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }
}

fn any_site(dice: &mut Dice) -> Site {
    let effects = ["deny", "ignore", "cap:off", "cap:local", "cap:anonymised", "cap:full"];
    let first_known = dice.one_in(2);
    let kinds = [
        SourceKind::ClaimA,
        SourceKind::ClaimB,
        SourceKind::Store,
        SourceKind::List,
        SourceKind::Words,
        SourceKind::Levels,
    ];
    let mut sources = Vec::new();
    for _ in 0..dice.below(5) {
        let kind = dice.of(&kinds);
        sources.push((kind, !first_known && dice.one_in(4)));
    }
    Site {
        first_known,
        gpc: if dice.one_in(2) { "deny" } else { dice.of(&effects) },
        dnt: if dice.one_in(2) { "ignore" } else { dice.of(&effects) },
        default: if dice.one_in(2) { "unknown" } else { dice.of(&["unknown", "denied", "granted"]) },
        legal_basis: dice.one_in(2),
        granted_level: if !dice.one_in(4) { 3 } else { 1 + dice.below(3) },
        sensitive_level: dice.of(&[0, 1, 2, 2]),
        covers_account: dice.one_in(2),
        do_not_track: dice.one_in(12),
        store_open: !dice.one_in(5),
        denied: if dice.one_in(30) { 3 } else { dice.below(3) },
        unknown: if dice.one_in(6) { 3 } else { dice.below(3) },
        ceiling: if dice.one_in(5) { dice.below(4) } else { 3 },
        sources,
    }
}

fn toml_of(site: &Site) -> String {
    let mut toml = format!(
        "[[site]]\nname = \"s\"\n[[site.upstream]]\nvendor = \"plausible\"\nurl = \"https://plausible.io\"\n\
         denied = \"{}\"\nunknown = \"{}\"\nceiling = \"{}\"\n[site.consent]\ngpc = \"{}\"\ndnt = \"{}\"\n\
         combine = \"{}\"\ndefault = \"{}\"\ngranted_level = \"{}\"\nsensitive = [\"sensitive\"]\n\
         sensitive_level = \"{}\"\n",
        LEVELS[site.denied],
        LEVELS[site.unknown],
        LEVELS[site.ceiling],
        site.gpc,
        site.dnt,
        if site.first_known { "first_known" } else { "deny_overrides" },
        site.default,
        LEVELS[site.granted_level],
        LEVELS[site.sensitive_level],
    );
    if site.covers_account {
        toml.push_str("covers_account = \"including what you do when logged in\"\n");
    }
    if site.legal_basis {
        toml.push_str("i_have_another_legal_basis = \"contract\"\n");
    }
    for (kind, required) in &site.sources {
        toml.push_str("[[site.consent.sources]]\n");
        toml.push_str(match kind {
            SourceKind::ClaimA => "kind = \"session\"\npath = [\"a\"]\n",
            SourceKind::ClaimB => "kind = \"session\"\npath = [\"deep\", \"b\"]\n",
            SourceKind::Store => "kind = \"store\"\n",
            SourceKind::List => "kind = \"list\"\nallow = \"allow\"\ndeny = \"deny\"\n",
            SourceKind::Words => {
                "kind = \"cookie\"\ncookie = \"w\"\ngranted_values = [\"yes\", \"ja\"]\ndenied_values = [\"no\"]\n"
            }
            SourceKind::Levels => "kind = \"cookie\"\ncookie = \"l\"\nlevels = true\n",
        });
        toml.push_str(&format!("required = {required}\n"));
    }
    toml
}

fn any_request(dice: &mut Dice, site: &Site) -> Request {
    let claims = [
        "true",
        "true",
        "true",
        "false",
        "null",
        "1",
        "0",
        "2",
        "\"true\"",
        "\"false\"",
        "\"full\"",
        "\"anonymised\"",
        "\"local\"",
        "\"off\"",
        "\"yes\"",
        "\"1\"",
        "\"Full\"",
        "[true]",
        "{}",
        "1.0",
    ];
    let marks = ["false", "null", "0", "true", "1", "\"x\"", "\"\"", "\"false\"", "{}"];
    let mut members = Vec::new();
    if !dice.one_in(4) {
        members.push(format!("\"a\":{}", dice.of(&claims)));
    }
    if !dice.one_in(3) {
        members.push(format!("\"deep\":{{\"b\":{}}}", dice.of(&claims)));
    }
    if dice.one_in(4) {
        members.push(format!("\"sensitive\":{}", dice.of(&marks)));
    }
    if dice.one_in(2) {
        let at = NOW / 1000 + dice.of(&[-100, -50, -49, 0, 60, 61, 100_000]);
        members.push(format!("\"iat\":{at}"));
    }
    let times = [NOW - 200_000, NOW - 100_000, NOW - 50_000, NOW - 49_000, NOW - 1];
    let words = ["granted", "granted", "granted", "full", "denied", "off", "local", "anonymised", "full"];
    let store = match dice.below(if site.store_open { 8 } else { 1 }) {
        0 => StoreState::Missing,
        1 => StoreState::Failing,
        _ => StoreState::Holding {
            choice: (!dice.one_in(4)).then(|| dice.of(&words)),
            decided: dice.of(&times),
            epoch: u32::try_from(dice.below(3)).unwrap(),
            invalidated: dice.one_in(4).then(|| dice.of(&times)),
        },
    };
    let signals = ["1", "1", "0", "", "2", "0, 1", "1,1", "true", "10", " 1"];
    let mut headers = Vec::new();
    for name in ["sec-gpc", "dnt"] {
        for _ in 0..dice.of(&[0, 0, 0, 0, 1, 2]) {
            headers.push((name, dice.of(&signals)));
        }
    }
    let fields = dice.of(&[0, 1, 1, 1, 2]);
    Request {
        user: (!dice.one_in(5)).then(|| if dice.one_in(2) { 0 } else { dice.below(4) }),
        snapshot: dice.one_in(2),
        claims: format!("{{{}}}", members.join(",")),
        store,
        invalidated: dice.one_in(5).then(|| dice.of(&times)),
        headers,
        cookies: (0..fields).map(|_| any_cookies(dice)).collect(),
    }
}

/// A Cookie header: mostly pairs that matter, now and then bytes that make no sense.
fn any_cookies(dice: &mut Dice) -> Vec<u8> {
    let names = ["w", "w", "w", "l", "l", "l", "W", "ww", "", " w", "l\t", "x", "__Host-bauta_objection"];
    let values = [
        "yes",
        "yes",
        "ja",
        "no",
        "%79es",
        "%6eo",
        "full",
        "full",
        "anonymised",
        "local",
        "off",
        "\"yes\"",
        "\"off\"",
        "\"\"yes\"\"",
        "",
        "yes ",
        "YES",
        "y%",
        "%00",
        "%ff",
        "%C3%A4",
        "yes%0a",
        "1",
        "granted",
        "no=no",
        "%2579es",
    ];
    let mut header = Vec::new();
    let pairs = if dice.one_in(40) { 10 + dice.below(20) } else { dice.below(4) };
    let same = dice.one_in(2).then(|| (dice.of(&names), dice.of(&values)));
    for _ in 0..pairs {
        let (name, value) = same.filter(|_| pairs > 4).unwrap_or_else(|| (dice.of(&names), dice.of(&values)));
        header.extend_from_slice(name.as_bytes());
        if !dice.one_in(30) {
            header.push(b'=');
        }
        header.extend_from_slice(value.as_bytes());
        if dice.one_in(60) {
            header.extend(std::iter::repeat_n(b'a', 4090 + dice.below(10)));
        }
        header.extend_from_slice(dice.of(&[&b";"[..], b"; ", b" ;", b";;", b";\t"]));
    }
    for _ in 0..dice.of(&[0, 0, 0, 0, 0, 0, 0, 1, 2, 5]) {
        if !header.is_empty() {
            let at = dice.below(header.len());
            header[at] = u8::try_from(dice.below(256)).unwrap();
        }
    }
    header
}
