//! Consent in cookies: every banner, every standard, the bridge. A request without the cookie grants nothing, an objection
//! by the browser beats every cookie, and the same request is answered the same way twice. And the id of a browser without an
//! account: nobody but bauta can make one.
#![no_main]

use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use bauta::clock::UnixMillis;
use bauta::config::fault::Faults;
use bauta::config::load;
use bauta::consent::{Asked, OBJECTION_COOKIE, Verdict};
use bauta::cookies::Cookies;
use bauta::runtime::{Runtime, Surroundings};
use http::HeaderMap;
use libfuzzer_sys::fuzz_target;

const NOW: UnixMillis = UnixMillis(1_795_190_000_000);

static THREADS: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime"));

/// A site for each source.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bauta.toml");
    std::fs::write(folder.path().join("hmac.key"), "of the fuzzer, of thirty-two bytes or more").expect("a file");
    std::fs::write(&path, include_str!("../config/consent.toml")).expect("a file");
    runtime(&path)
});

fn runtime(path: &Path) -> Runtime {
    let loaded = load(path, std::iter::empty()).unwrap_or_else(|error| panic!("{error}"));
    let mut faults = Faults::default();
    let surroundings = Surroundings { do_not_track: false, open_store: false };
    let built = Runtime::build(&loaded.file, &loaded.base, surroundings, &mut faults);
    built.unwrap_or_else(|| panic!("{:?}", faults.iter().map(|fault| &fault.problem).collect::<Vec<_>>()))
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, content)) = data.split_first() else { return };
    let site = usize::from(choice & 0x7f) % RUNTIME.sites.len();
    // The first line is the Cookie header, the second the query.
    let mut lines = content.splitn(2, |byte| *byte == b'\n');
    let header = lines.next().unwrap_or_default();
    let query = lines.next().and_then(|line| std::str::from_utf8(line).ok()).unwrap_or_default();
    let objects = choice & 0x80 != 0;
    if let Some(visitor) = &RUNTIME.sites[site].visitor {
        assert!(visitor.read(&Cookies::parse([header]), NOW).is_none(), "an id that was not made here");
    }
    let verdict = decide(site, header, query, objects);
    assert_eq!(verdict, decide(site, header, query, objects), "two answers");
    if verdict == Verdict::Granted {
        assert!(!objects, "granted against Sec-GPC");
        assert!(!header.is_empty() || !query.is_empty(), "granted by silence");
        let refused = [OBJECTION_COOKIE.as_bytes(), b"=1; ", header].concat();
        assert_eq!(decide(site, &refused, query, false), Verdict::Denied, "granted against an objection");
    }
});

fn decide(site: usize, header: &[u8], query: &str, objects: bool) -> Verdict {
    let cookies = Cookies::parse([header]);
    let mut headers = HeaderMap::new();
    if objects {
        headers.insert("sec-gpc", http::HeaderValue::from_static("1"));
    }
    let asked = Asked {
        person: None,
        realm: "fuzz",
        cookies: &cookies,
        headers: &headers,
        query,
        now: NOW,
        deadline: Duration::from_secs(3600),
    };
    THREADS.block_on(RUNTIME.sites[site].consent.decide(&asked)).verdict
}
