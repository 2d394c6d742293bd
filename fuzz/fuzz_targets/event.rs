//! Whole requests through every stage, for both vendors: what would leave is JSON, holds nothing of the session, and a person
//! who did not agree is not in it.
//!
//! The first byte chooses the path, the second the visitor: who is logged in, what their browser says, whose page it is,
//! whether the body is compressed. Then the query up to the end of the line, and the body.
#![no_main]

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bauta::arrived::Arrived;
use bauta::client_address::Peer;
use bauta::clock::UnixMillis;
use bauta::config::fault::Faults;
use bauta::config::load;
use bauta::payload::batch::Outgoing;
use bauta::payload::codec::gzip;
use bauta::pipeline::{Context, Naming, Target, Verdict, decide};
use bauta::quota::Keyer;
use bauta::route::Route;
use bauta::runtime::{Runtime, Surroundings};
use bauta::server::Room;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;
use sha2::Sha256;

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
/// The account of whoever is logged in, and their address: long and like nothing else.
const USER: &str = "acct-7f3a9c5512e84b60";
const EMAIL: &str = "q7planted7q@mail.example";
const PEER: &str = "203.0.113.9:4000";
const PATHS: [&str; 16] = [
    "/api/event",
    "/ph/e/",
    "/ph/batch/",
    "/ph/capture/",
    "/ph/track/",
    "/ph/engage/",
    "/ph/s/",
    "/ph/flags/",
    "/ph/decide/",
    "/ph/i/v1/logs",
    "/ph/i/v0/e/",
    "/ph/i/v1/analytics/events",
    "/api/event",
    "/ph/e/",
    "/ph/s/",
    "/ph/flags/",
];

static THREADS: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"));

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("bauta.toml");
    std::fs::write(folder.path().join("hmac.key"), "of the fuzzer, of thirty-two bytes or more").expect("a file");
    std::fs::write(folder.path().join("session.key"), SECRET).expect("a file");
    std::fs::write(&path, include_str!("../config/event.toml")).expect("a file");
    let loaded = load(&path, std::iter::empty()).unwrap_or_else(|error| panic!("{error}"));
    let mut faults = Faults::default();
    let surroundings = Surroundings { do_not_track: false, open_store: false };
    let built = Runtime::build(&loaded.file, &loaded.base, surroundings, &mut faults);
    built.unwrap_or_else(|| panic!("{:?}", faults.iter().map(|fault| &fault.problem).collect::<Vec<_>>()))
});

/// Cookies of people who agreed, who refused, who were not asked; and nobody.
static COOKIES: LazyLock<[String; 4]> = LazyLock::new(|| {
    let claims = |more: &str| format!(r#"{{"sub":"{USER}","email":"{EMAIL}","exp":4102444800{more}}}"#);
    [
        cookie(&claims(r#","analytics":true"#)),
        cookie(&claims(r#","analytics":false"#)),
        cookie(&claims("")),
        String::new(),
    ]
});

/// Each event in a second of its own, so that no quota is used up.
static NOW: AtomicI64 = AtomicI64::new(1_795_190_000_000);

fn cookie(claims: &str) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(br#"{"alg":"HS256"}"#), URL_SAFE_NO_PAD.encode(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET).expect("any length");
    mac.update(signed.as_bytes());
    format!("session={signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fuzz_target!(|data: &[u8]| {
    let Some(([path, visitor], content)) = data.split_first_chunk::<2>() else { return };
    let at = content.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (query, body) = content.split_at(at);
    let body = body.strip_prefix(b"\n").unwrap_or(body);
    let Ok(query) = std::str::from_utf8(query) else { return };
    let arrived = arrived(PATHS[usize::from(path % 16)], *visitor, query, body);
    let (agreed, logged_in) = (visitor & 3 == 0 && visitor & 4 == 0, visitor & 3 != 3);
    if let Some(text) = leaving(arrived) {
        serde_json::from_slice::<IgnoredAny>(&text).expect("JSON stays JSON");
        let holds = |what: &str| text.windows(what.len()).any(|window| window == what.as_bytes());
        // What the visitor wrote is theirs; what only the session knew is not.
        if !content.windows(4).any(|window| window == &EMAIL.as_bytes()[..4] || window == &USER.as_bytes()[..4]) {
            assert!(!holds(EMAIL) && !holds(USER), "the session leaves");
        } else if logged_in {
            assert!(!holds(EMAIL) && !holds(USER), "the person's own data leaves");
        }
        // Pseudonyms are made of the account; nobody else's begin like this.
        if !agreed && !content.windows(3).any(|window| window == b"ua_") {
            assert!(!holds("\"ua_"), "a person who did not agree");
        }
    }
});

fn arrived(path: &str, visitor: u8, query: &str, body: &[u8]) -> Arrived {
    let mut headers = HeaderMap::new();
    let mut put = |name: &'static str, value: &str| {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value"));
    };
    put("host", "shop.example");
    put("user-agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0");
    let cookie = &COOKIES[usize::from(visitor & 3)];
    if !cookie.is_empty() {
        put("cookie", cookie);
    }
    if visitor & 4 != 0 {
        put("sec-gpc", "1");
    }
    put("origin", if visitor & 8 == 0 { "https://shop.example" } else { "https://evil.example" });
    put(
        "content-type",
        ["application/json", "text/plain", "application/x-www-form-urlencoded", "application/json"]
            [usize::from(visitor >> 5 & 3)],
    );
    let is_packed = visitor & 16 != 0;
    if is_packed {
        put("content-encoding", "gzip");
    }
    Arrived {
        method: Method::POST,
        path: path.to_owned(),
        query: Some(query.to_owned()),
        authority: "shop.example".to_owned(),
        headers,
        body: if is_packed { Bytes::from(gzip(&[body])) } else { Bytes::copy_from_slice(body) },
        peer: Peer::Tcp(PEER.parse::<SocketAddr>().expect("an address")),
    }
}

/// The body that would leave.
fn leaving(mut arrived: Arrived) -> Option<Bytes> {
    let route = RUNTIME.routes.find(&arrived.method, &arrived.authority, &arrived.path);
    let (place, to, path) = match route {
        Ok(Route::Event(place)) => (place, Target::Plausible, "/api/event".to_owned()),
        Ok(Route::Posthog(place, endpoint, path)) => (place, Target::Posthog(endpoint), path),
        _ => panic!("{} is no event", arrived.path),
    };
    let (keyer, room, site) = (Keyer::random(), Room::of(u64::MAX), &RUNTIME.sites[place.site]);
    let (upstream, now) = (&site.upstreams[place.upstream], UnixMillis(NOW.fetch_add(1000, Ordering::Relaxed)));
    let naming = Naming::Vendors;
    let context = Context { runtime: &RUNTIME, site, upstream, keyer: &keyer, now, to, path: &path, naming, room: &room };
    let (_, verdict) = THREADS.block_on(decide(&context, &mut arrived));
    let Verdict::Send(ready) = verdict else { return None };
    let ready = *ready;
    let outgoing = ready.batch.encode();
    ready.batch.end_all(bauta::outcome::Outcome::Abandoned);
    match outgoing {
        Outgoing::Unchanged(bytes) | Outgoing::Edited(bytes) => Some(bytes),
        Outgoing::Nothing => None,
    }
}
