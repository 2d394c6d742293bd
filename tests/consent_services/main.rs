//! Consent, and accounts behind addresses, in the application's own back ends: PostgreSQL, MariaDB, Redis and HTTP over real connections.
//!
//! The real binary between real sockets; the databases run where `BAUTA_TEST_SERVICES` is set, as in `make test`. Every
//! person's session is an old JWT that says yes, as another device would still hold it: only the back end knows better.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test that panics fails, which is what it is for"
)]

mod accounts;
mod failures;
mod flight;
mod servers;
#[path = "../support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use bauta::demo::vendor::Rules;
use support::http::{Connection, request};
use support::serve::Bauta;
use support::shop::{HOST, Stand};
use support::{data, mint};

const PEOPLE: usize = 100;

fn stand() -> Stand {
    Stand::start(Rules { keep: 200_000, ..Rules::default() })
}

/// Sessions as JWTs, and where their claim stands.
const JWT: (&str, &str) = (
    "preset = \"jwt\"\nalgorithms = [\"HS256\"]\ncookie = \"session\"\nuser = [\"sub\"]\n\
     secrets = [{ file = \"session.secret\" }]",
    "[\"analytics\"]",
);
/// Sessions as Ring cookies, which carry no time at all.
const RING: (&str, &str) = (
    "preset = \"ring\"\nuser = [\"user\", \"id\"]\nsecrets = [{ file = \"ring.key\" }]",
    "[\"user\", \"anonymous-analytics\"]",
);

/// bauta with this source of consent before the sessions' own claim.
fn bauta_at(url: &str, source: &str) -> Bauta {
    bauta_with(&[("/", url)], JWT, &format!("{source},"))
}

/// The same with sessions of a kind, and several upstreams, each with its path.
fn bauta_with(upstreams: &[(&str, &str)], (session, claim): (&str, &str), source: &str) -> Bauta {
    let upstream = |(path, url): &(&str, &str)| {
        let name = path.trim_matches('/');
        format!(
            "[[site.upstream]]\nname = \"plausible{name}\"\nvendor = \"plausible\"\nurl = \"{url}\"\npath = \"{path}\"\n\
             sites = [\"{HOST}\"]\nanswer_timeout = \"20s\"\n"
        )
    };
    let configuration = format!(
        "[limits]\nlookup = \"2s\"\nin_flight = 2000\n[[site]]\nname = \"shop\"\nhosts = [\"{HOST}\"]\n\
         [site.session]\n{session}\n\
         [site.consent]\nsources = [{source} {{ kind = \"session\", path = {claim} }}]\n\
         [site.quota]\nper_visitor = \"1000000/s\"\nper_address = \"1000000/s\"\n\
         {}",
        upstreams.iter().map(upstream).collect::<String>()
    );
    let fill = |folder: &std::path::Path| {
        std::fs::write(folder.join("ring.key"), mint::RING_KEY).unwrap();
        std::fs::write(folder.join("bauta.toml"), format!("{}{configuration}", support::serve::HEAD)).unwrap();
    };
    Bauta::start_in(fill, &[])
}

fn event(person: usize, number: u64) -> Vec<u8> {
    event_at("/", person, number)
}

/// An event for the upstream at a path.
fn event_at(path: &str, person: usize, number: u64) -> Vec<u8> {
    event_with(path, format!("session={}", mint::session(&format!("user-{person}"), true)), number)
}

fn event_with(path: &str, cookie: String, number: u64) -> Vec<u8> {
    let headers = [("Host", HOST), ("Content-Type", "text/plain"), ("User-Agent", "Mozilla/5.0 Firefox/140.0")];
    let mut headers: Vec<(String, String)> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    headers.push(("Cookie".to_owned(), cookie));
    let body = format!(r#"{{"n":"pageview","u":"https://{HOST}/{number}","d":"{HOST}"}}"#);
    request("POST", &format!("{path}api/event"), &headers, body.as_bytes())
}

fn are_wanted() -> bool {
    let wanted = std::env::var_os("BAUTA_TEST_SERVICES").is_some();
    if !wanted {
        data::say("consent services: only with BAUTA_TEST_SERVICES, as in make test");
    }
    wanted
}

/// A table with everybody's consent.
fn postgres() -> servers::Server {
    let server = servers::postgres();
    server.psql(&format!(
        "CREATE TABLE person (id text PRIMARY KEY, analytics boolean); \
         INSERT INTO person SELECT 'user-' || n, true FROM generate_series(0, {PEOPLE} - 1) AS n"
    ));
    server
}

#[test]
fn a_revocation_in_postgresql_is_heard_at_once_with_a_channel() {
    if !are_wanted() {
        return;
    }
    let server = postgres();
    let source = format!(
        "{{ kind = \"sql\", url = \"postgres://bauta@127.0.0.1:{}/postgres\", table = \"person\", column = \"analytics\", \
         channel = \"consent\", ttl = \"300s\" }}",
        server.port
    );
    flight::revoke_in_flight("postgresql with NOTIFY", &source, Duration::from_secs(1), || {
        std::thread::scope(|scope| {
            for part in 0..4_usize {
                let server = &server;
                scope.spawn(move || {
                    server.psql(&format!(
                        "UPDATE person SET analytics = false WHERE substr(id, 6)::int % 4 = {part}; \
                         SELECT pg_notify('consent', id) FROM person WHERE substr(id, 6)::int % 4 = {part}"
                    ));
                });
            }
        });
    });
}

#[test]
fn a_revocation_in_postgresql_is_heard_within_the_time_to_live_without_a_channel() {
    if !are_wanted() {
        return;
    }
    let server = postgres();
    let source = format!(
        "{{ kind = \"sql\", url = \"postgres://bauta@127.0.0.1:{}/postgres\", table = \"person\", column = \"analytics\", \
         ttl = \"2s\" }}",
        server.port
    );
    flight::revoke_in_flight("postgresql without a channel, ttl 2s", &source, Duration::from_secs(2), || {
        server.psql("UPDATE person SET analytics = false");
    });
}

#[test]
fn a_revocation_in_redis_is_heard_at_once_with_a_channel() {
    if !are_wanted() {
        return;
    }
    let server = servers::redis();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let set = |person: usize, value: &str| words(&["SET", &format!("consent:user-{person}"), value]);
    server.redis(&(0..PEOPLE).map(|person| set(person, "1")).collect::<Vec<_>>());
    let source = format!(
        "{{ kind = \"redis\", url = \"redis://127.0.0.1:{}/0\", key = \"consent:{{user}}\", channel = \"consent\", \
         ttl = \"300s\" }}",
        server.port
    );
    flight::revoke_in_flight("redis with a channel", &source, Duration::from_secs(1), || {
        std::thread::scope(|scope| {
            for part in 0..4_usize {
                let server = &server;
                scope.spawn(move || {
                    let people = (0..PEOPLE).filter(|person| person % 4 == part);
                    let commands = people.flat_map(|person| {
                        [set(person, "0"), words(&["PUBLISH", "consent", &format!("user-{person}")])]
                    });
                    server.redis(&commands.collect::<Vec<_>>());
                });
            }
        });
    });
}

#[test]
fn a_revocation_in_redis_is_heard_within_the_time_to_live_without_a_channel() {
    if !are_wanted() {
        return;
    }
    let server = servers::redis();
    let set =
        |person: usize, value: &str| ["SET", &format!("consent:user-{person}"), value].map(str::to_owned).to_vec();
    let everybody = |value: &str| server.redis(&(0..PEOPLE).map(|person| set(person, value)).collect::<Vec<_>>());
    everybody("1");
    let source = format!(
        "{{ kind = \"redis\", url = \"redis://127.0.0.1:{}/0\", key = \"consent:{{user}}\", ttl = \"2s\" }}",
        server.port
    );
    flight::revoke_in_flight("redis without a channel, ttl 2s", &source, Duration::from_secs(2), || everybody("0"));
}

/// What another device's old Ring cookie still gives: the pseudonym, as far as the vendor gets one.
fn with_the_other_device(stand: &Stand, connection: &mut Connection) -> Option<String> {
    let cookie = format!("ring-session={}", mint::ring("user-1", true));
    assert_eq!(connection.send(&event_with("/", cookie, 0)).status, 202);
    stand.last_id()
}

#[test]
fn another_devices_old_ring_cookie_identifies_nobody_once_redis_knows_better() {
    if !are_wanted() {
        return;
    }
    let server = servers::redis();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    server.redis(&[words(&["SET", "consent:user-1", "1"])]);
    let source = format!(
        "{{ kind = \"redis\", url = \"redis://127.0.0.1:{}/0\", key = \"consent:{{user}}\", channel = \"consent\", \
         ttl = \"300s\" }},",
        server.port
    );
    let stand = stand();
    let bauta = bauta_with(&[("/", stand.vendor.url())], RING, &source);
    let mut connection = Connection::open(bauta.address);
    assert!(with_the_other_device(&stand, &mut connection).is_some(), "agreed");
    server.redis(&[words(&["SET", "consent:user-1", "0"]), words(&["PUBLISH", "consent", "user-1"])]);
    let revoked = Instant::now();
    while with_the_other_device(&stand, &mut connection).is_some() {
        assert!(revoked.elapsed() < Duration::from_secs(1), "still identified a second after the revocation");
    }
    for _ in 0..100 {
        assert_eq!(with_the_other_device(&stand, &mut connection), None);
    }
    data::say("consent ring: another device's old cookie identifies nobody after a revocation in redis");
}

#[test]
fn another_devices_old_ring_cookie_identifies_nobody_from_the_invalidation_on() {
    let stand = stand();
    let bauta = bauta_with(&[("/", stand.vendor.url())], RING, "");
    let mut connection = Connection::open(bauta.address);
    assert!(with_the_other_device(&stand, &mut connection).is_some(), "agreed");
    let headers = [("Host", "localhost".to_owned()), ("Authorization", format!("Bearer {}", support::serve::TOKEN))];
    let headers: Vec<_> = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let body = br#"{"realm":"shop","user":"user-1"}"#;
    let answer = support::http::send(bauta.admin, &request("POST", "/consent/invalidate", &headers, body));
    assert_eq!(answer.status / 100, 2, "{}", answer.text());
    for _ in 0..100 {
        assert_eq!(with_the_other_device(&stand, &mut connection), None, "the cookie cannot say that it is newer");
    }
}

#[test]
fn a_row_of_mariadb_grants_and_refuses() {
    if !are_wanted() {
        return;
    }
    let server = servers::mariadb();
    server.mariadb(
        "CREATE TABLE app.person (id varchar(64) PRIMARY KEY, agreed_at datetime, withdrawn_at datetime, \
         epoch int NOT NULL DEFAULT 0, salt varbinary(32)); \
         INSERT INTO app.person VALUES ('user-1', NOW(), NULL, 2, RANDOM_BYTES(16)), \
         ('user-2', NOW() - INTERVAL 1 DAY, NOW(), 0, RANDOM_BYTES(16)), ('user-3', NOW(), NULL, 0, NULL)",
    );
    let stand = stand();
    let source = format!(
        "{{ kind = \"sql\", url = \"mariadb://reader@127.0.0.1:{}/app\", table = \"person\", granted_at = \"agreed_at\", \
         revoked_at = \"withdrawn_at\", epoch_column = \"epoch\", salt_column = \"salt\", required = true, ttl = \"0s\" }}",
        server.port
    );
    let bauta = bauta_at(stand.vendor.url(), &source);
    let mut connection = Connection::open(bauta.address);
    let mut id = |person: usize| {
        assert_eq!(connection.send(&event(person, 0)).status, 202);
        stand.last_id()
    };
    let first = id(1).expect("agreed");
    assert_eq!(id(1).as_ref(), Some(&first));
    assert_eq!((id(2), id(3), id(4)), (None, None, None), "withdrawn, without a salt, without a row");
    server.mariadb("UPDATE app.person SET epoch = 3 WHERE id = 'user-1'");
    let second = id(1).expect("agreed");
    assert_ne!(second, first, "the epoch renews the pseudonym");
    server.mariadb("UPDATE app.person SET salt = RANDOM_BYTES(16) WHERE id = 'user-1'");
    assert_ne!(id(1).expect("agreed"), second, "so does the salt");
    server.mariadb("UPDATE app.person SET salt = NULL WHERE id = 'user-1'");
    assert_eq!(id(1), None, "a deleted salt makes the ids nobody's");
    data::say("consent mariadb: one row end to end, with epoch and salt");
}
