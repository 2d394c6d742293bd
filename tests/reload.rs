//! Reload: what is in force follows the files, all or nothing, and what was counted or revoked stays.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use support::http::{Answer, request, send};
use support::serve::{Bauta, KEY, TOKEN};

/// How soon a change must be in force (issue 7): a bound on a wait, not a measurement.
const SOON: Duration = Duration::from_secs(2);

fn site(path: &str) -> String {
    format!(
        "[[site]]\nname = \"shop\"\n[[site.upstream]]\nvendor = \"plausible\"\nurl = \"http://127.0.0.1:9\"\npath = {path:?}\nsites = [\"shop.example\"]\n"
    )
}

/// The status of an event below a prefix: 202 where the prefix is configured (the vendor is away), else 404.
fn event(bauta: &Bauta, prefix: &str) -> u16 {
    let body = br#"{"n":"pageview","u":"https://shop.example/","d":"shop.example"}"#;
    let headers = [("Host".into(), "shop.example".into()), ("Content-Type".into(), "text/plain".into())];
    send(bauta.address, &request("POST", &format!("{prefix}/api/event"), &headers, body)).status
}

/// Waits until something holds; gives up after `SOON`.
fn soon(what: &str, holds: impl Fn() -> bool) {
    let until = Instant::now() + SOON;
    while !holds() {
        assert!(Instant::now() < until, "not within {SOON:?}: {what}");
        std::thread::yield_now();
    }
}

fn edit(bauta: &Bauta, from: &str, to: &str) {
    let path = bauta.folder.path().join("bauta.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from} is not in the file");
    // As editors do it: a new file in the place of the old one.
    let draft = bauta.folder.path().join("bauta.toml.new");
    std::fs::write(&draft, text.replace(from, to)).unwrap();
    std::fs::rename(&draft, &path).unwrap();
}

fn ask_reload(bauta: &Bauta) -> Answer {
    let headers = [("Host".into(), "localhost".into()), ("Authorization".into(), format!("Bearer {TOKEN}"))];
    send(bauta.admin, &request("POST", "/reload", &headers, b""))
}

fn hang_up(bauta: &Bauta) {
    assert!(Command::new("kill").arg("-HUP").arg(bauta.pid().to_string()).status().unwrap().success());
}

#[test]
fn a_changed_file_is_in_force_soon_and_no_count_is_lost() {
    let bauta = Bauta::start(&site("/one"));
    assert_eq!((event(&bauta, "/one"), event(&bauta, "/two")), (202, 404));
    edit(&bauta, "/one", "/two");
    soon("the new path", || event(&bauta, "/two") == 202);
    assert_eq!(event(&bauta, "/one"), 404);
    assert!(bauta.metric(&["bauta_config_last_reload_successful"]) == 1);
    assert!(bauta.metric(&["bauta_config_reloads_total", "taken"]) >= 1);
    let received = bauta.metric(&["bauta_events_received_total"]);
    assert!(received >= 2, "{received}");
    assert_eq!(received, bauta.metric(&["bauta_events_total{"]));
}

#[test]
fn a_config_map_whose_link_is_swapped_is_in_force_soon() {
    let bauta = Bauta::start_in(
        |folder| {
            let write = |version: &str, path: &str, head: &str| {
                let place = folder.join(version);
                std::fs::create_dir(&place).unwrap();
                std::fs::write(place.join("bauta.toml"), format!("{head}{}", site(path))).unwrap();
                std::fs::write(place.join("hmac.key"), KEY).unwrap();
                std::fs::write(place.join("admin.token"), TOKEN).unwrap();
            };
            let head = support::serve::HEAD;
            write("..2026_1", "/one", head);
            write("..2026_2", "/two", head);
            symlink("..2026_1", folder.join("..data")).unwrap();
            for name in ["bauta.toml", "hmac.key", "admin.token"] {
                symlink(Path::new("..data").join(name), folder.join(name)).unwrap();
            }
        },
        &[],
    );
    assert_eq!(event(&bauta, "/one"), 202);
    // The kubelet's way: a new link beside the old one, renamed over it (atomic_writer.go).
    let folder = bauta.folder.path();
    symlink("..2026_2", folder.join("..data_tmp")).unwrap();
    std::fs::rename(folder.join("..data_tmp"), folder.join("..data")).unwrap();
    soon("the swapped ConfigMap", || event(&bauta, "/two") == 202);
    assert_eq!(event(&bauta, "/one"), 404);
}

#[test]
fn a_faulty_file_keeps_the_old_state_names_every_fault_and_is_mended_by_the_next_one() {
    let bauta = Bauta::start(&site("/one"));
    edit(&bauta, "path = \"/one\"", "path = \"/two\"\ncolour = 1\nbits = 7");
    soon("the metric", || bauta.metrics().contains("bauta_config_last_reload_successful 0"));
    assert_eq!((event(&bauta, "/one"), event(&bauta, "/two")), (202, 404));
    let log = bauta.log();
    assert!(log.contains("colour") && log.contains("bits"), "{log}");
    let refused = ask_reload(&bauta);
    assert_eq!(refused.status, 422);
    let answer: serde_json::Value = serde_json::from_slice(&refused.body).unwrap();
    assert_eq!(answer["faults"].as_array().unwrap().len(), 2, "{answer}");
    edit(&bauta, "colour = 1\nbits = 7", "");
    soon("the mended file", || event(&bauta, "/two") == 202);
    soon("the metric", || bauta.metrics().contains("bauta_config_last_reload_successful 1"));
}

#[test]
fn a_key_that_would_rename_everybody_is_not_taken() {
    let session = "[site.session]\npreset = \"jwt\"\ncookie = \"t\"\nsecrets = [{ file = \"session.secret\" }]\nalgorithms = [\"HS256\"]\nuser = [\"sub\"]\n";
    let rest = site("/one").replace("[[site.upstream]]", &format!("{session}[[site.upstream]]"));
    let bauta = Bauta::start(&rest);
    let key: Vec<u8> = KEY.iter().rev().copied().collect();
    std::fs::write(bauta.folder.path().join("hmac.key"), key).unwrap();
    soon("the refusal", || bauta.metrics().contains("bauta_config_last_reload_successful 0"));
    soon("the reason", || bauta.log().contains("has other bytes than before"));
}

#[test]
fn sighup_and_the_admin_call_read_anew_and_say_what_waits_for_a_restart() {
    let bauta = Bauta::start(&site("/one"));
    let before = bauta.metric(&["bauta_config_reloads_total", "taken"]);
    hang_up(&bauta);
    soon("SIGHUP", || bauta.metric(&["bauta_config_reloads_total", "taken"]) > before);
    edit(&bauta, "[log]", "[limits]\nconnections = 99\n[log]");
    let answer = ask_reload(&bauta);
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("[limits]"), "{}", answer.text());
    let without = request("POST", "/reload", &[("Host".into(), "localhost".into())], b"");
    assert_eq!(send(bauta.admin, &without).status, 401);
}

#[test]
fn a_changed_admin_token_counts_at_once() {
    let bauta = Bauta::start(&site("/one"));
    assert_eq!(ask_reload(&bauta).status, 200);
    std::fs::write(bauta.folder.path().join("admin.token"), "another-token-of-the-tests-0123").unwrap();
    soon("the old token is refused", || ask_reload(&bauta).status == 401);
}

#[test]
fn a_sidecar_that_started_broken_goes_to_work_when_the_file_is_mended() {
    let bauta = Bauta::with_arguments(&site("/one").replace("path", "pfad"), &["--on-bad-config=drop"]);
    assert_eq!(event(&bauta, "/anything"), 202);
    let fixed = "127.0.0.1:0";
    // The test must find it again: the ports that it has now.
    let path = bauta.folder.path().join("bauta.toml");
    let mut text = std::fs::read_to_string(&path).unwrap();
    for address in [bauta.address, bauta.health] {
        text = text.replacen(fixed, &address.to_string(), 1);
    }
    std::fs::write(&path, text.replace("pfad", "path")).unwrap();
    soon("the mended configuration", || {
        bauta.try_metrics().is_some_and(|text| text.contains("bauta_config_last_reload_successful 1"))
    });
    assert_eq!((event(&bauta, "/one"), event(&bauta, "/anything")), (202, 404));
}
