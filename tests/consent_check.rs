//! What `bauta check` says about consent: how late a withdrawal is heard, and whether the back ends answer.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may stop at what should not be"
)]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Output};

use serde_json::Value as Json;

/// `bauta check` over a site whose session is looked up as `session` says, with these sources.
fn check(session: &str, sources: &str, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("hmac.key"), "m2Vd8wQzT1yXc7Kp0Lr5Nf3Bj9HsGa4Ue6RiOoDtYbA").unwrap();
    std::fs::write(folder.path().join("session.key"), "a-secret-of-the-test-application-0001").unwrap();
    let toml = format!(
        "version = 1\n[listen]\naddress = \"0.0.0.0:8787\"\n[keys]\nactive = {{ id = \"a\", file = \"hmac.key\" }}\n\
         [[site]]\nname = \"shop\"\nhosts = [\"shop.example\"]\n[site.session]\n{session}\n\
         [site.consent]\nsources = [{sources}]\n\
         [[site.upstream]]\nvendor = \"plausible\"\nurl = \"http://127.0.0.1:1\"\nsites = [\"shop.example\"]\n"
    );
    std::fs::write(folder.path().join("bauta.toml"), toml).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_bauta"));
    command.arg("check").args(arguments).current_dir(folder.path()).env_clear().output().unwrap()
}

const JWT: &str = "preset = \"jwt\"\nalgorithms = [\"HS256\"]\ncookie = \"session\"\nuser = [\"sub\"]\n\
                   secrets = [{ file = \"session.key\" }]";

/// The names, keys and texts of the warnings.
fn warnings(session: &str, sources: &str) -> Vec<(String, String, String)> {
    let output = check(session, sources, &["--json"]);
    let said: Json = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    assert_eq!(said["ok"], true, "{said}");
    let text = |row: &Json, key: &str| row[key].as_str().unwrap().to_owned();
    let rows = said["warnings"].as_array().unwrap().iter();
    rows.map(|row| (text(row, "name"), text(row, "key"), format!("{} {}", row["problem"], row["fix"]))).collect()
}

#[test]
fn check_says_how_late_a_withdrawal_is_heard_without_a_channel() {
    let sql = |more: &str| {
        format!("{{ kind = \"sql\", url = \"postgres://r@127.0.0.1:1/a\", table = \"p\", column = \"ok\", {more} }}")
    };
    let redis =
        |more: &str| format!("{{ kind = \"redis\", url = \"redis://127.0.0.1:1/0\", key = \"c:{{user}}\", {more} }}");
    let http = |more: &str| format!("{{ kind = \"http\", url = \"http://127.0.0.1:1/{{user}}\", {more} }}");
    for (kind, source) in
        [("sql", sql("ttl = \"300s\"")), ("redis", redis("ttl = \"31s\"")), ("http", http("ttl = \"2m\""))]
    {
        let found = warnings(JWT, &format!("{{ kind = \"store\" }}, {source}"));
        let [(name, key, text)] = found.as_slice() else { panic!("{kind}: {found:?}") };
        assert_eq!((name.as_str(), key.as_str()), ("late-withdrawal", "site[0].consent.sources[1].ttl"));
        let seconds = ["300 s", "31 s", "120 s"].into_iter().find(|seconds| text.contains(seconds));
        assert!(seconds.is_some() && text.contains("withdraws may stay identified"), "{text}");
        let way = if kind == "http" { "/consent/invalidate" } else { "channel" };
        assert!(text.contains(way), "{text}");
    }
    let quick = [sql("ttl = \"30s\""), redis("ttl = \"1s\""), http("ttl = \"0s\"")].join(", ");
    assert_eq!(warnings(JWT, &quick), []);
    let told =
        [sql("ttl = \"300s\", channel = \"consent\""), redis("ttl = \"300s\", channel = \"consent\"")].join(", ");
    assert_eq!(warnings(JWT, &told), []);
}

#[test]
fn a_session_that_is_looked_up_is_no_snapshot() {
    let claim = "{ kind = \"session\", path = [\"ok\"] }";
    let named = |session: &str| warnings(session, claim).into_iter().map(|(name, ..)| name).collect::<Vec<_>>();
    assert_eq!(named(JWT), ["snapshot-consent"]);
    let stored = "preset = \"express-session-redis\"\nsecrets = [{ file = \"session.key\" }]\nuser = [\"uid\"]\n\
                  store = { url = \"redis://127.0.0.1:1/0\" }";
    assert!(named(stored).is_empty());
}

#[test]
fn check_online_asks_the_back_ends_of_consent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let end_point = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut bytes = [0; 4096];
        let length = stream.read(&mut bytes).unwrap();
        stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").unwrap();
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    });
    let sources = format!(
        "{{ kind = \"http\", url = \"http://127.0.0.1:{port}/consent/{{user}}\" }}, \
         {{ kind = \"redis\", url = \"redis://127.0.0.1:1/0\", key = \"c:{{user}}\" }}"
    );
    let output = check(JWT, &sources, &["--online", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let said: Json = serde_json::from_slice(&output.stdout).unwrap();
    let found = |key: &str| said["online"].as_array().unwrap().iter().find(|one| one["key"] == key).unwrap().clone();
    assert_eq!(found("site[0].consent.sources[0]")["ok"], true, "somebody who is not known is an answer");
    let redis = found("site[0].consent.sources[1]");
    assert_eq!((&redis["ok"], &redis["url"]), (&Json::Bool(false), &Json::from("redis://127.0.0.1:1/0")));
    assert!(end_point.join().unwrap().starts_with("GET /consent/bauta-check HTTP/1.1\r\n"));
}
