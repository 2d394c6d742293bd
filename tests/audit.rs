//! `bauta audit` on files as browsers write them: the counts are right, and no value of the file is ever printed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that panics fails, which is what it is for"
)]

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

/// Everything planted in the files that an answer must not repeat.
const PLANTED: [&str; 14] = [
    "jane",
    "doe",
    "john.roe",
    "rt_9f8e",
    "4711",
    "eyJhbGci",
    "dark",
    "Q1w2E3r4",
    "phc_K3y",
    "mustermann",
    "23456789",
    "0198f2c1",
    "Jane",
    "not.analytics",
];

fn audit(file: &str, more: &[&str]) -> Output {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/har").join(file);
    let output = Command::new(env!("CARGO_BIN_EXE_bauta")).arg("audit").arg(path).args(more).output().unwrap();
    for text in [&output.stdout, &output.stderr] {
        let text = String::from_utf8(text.clone()).unwrap();
        for value in PLANTED {
            assert!(!text.contains(value), "{file} {more:?}: the answer tells {value}:\n{text}");
        }
    }
    output
}

fn report(file: &str) -> Value {
    let output = audit(file, &["--json"]);
    assert!(output.status.success());
    serde_json::from_slice::<Value>(&output.stdout).unwrap()["report"].take()
}

fn count(report: &Value, kind: &str) -> (u64, u64) {
    let findings = report["findings"].as_array().unwrap();
    let found = findings.iter().find(|finding| finding["kind"] == kind);
    found.map_or((0, 0), |finding| (finding["today"].as_u64().unwrap(), finding["left"].as_u64().unwrap()))
}

#[test]
fn a_proxy_on_the_sites_own_host_gets_cookies_addresses_and_tokens() {
    let report = report("plausible-own-host.har");
    assert_eq!((report["requests"].as_u64(), report["analytics"].as_u64()), (Some(9), Some(7)));
    let destination = &report["destinations"][0];
    assert_eq!(
        (destination["vendor"].as_str(), destination["host"].as_str()),
        (Some("Plausible"), Some("shop.example"))
    );
    assert_eq!((destination["events"].as_u64(), destination["assets"].as_u64()), (Some(6), Some(1)));
    assert_eq!(destination["own_host"], true);
    // One in the address, one in the Referer header, one in properties that are JSON text.
    assert_eq!(count(&report, "email"), (3, 0));
    assert_eq!(count(&report, "token"), (2, 0));
    assert_eq!(count(&report, "account_id"), (1, 0));
    let cookies: Vec<_> = report["cookies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cookie| {
            (cookie["name"].as_str().unwrap(), cookie["times"].as_u64().unwrap(), cookie["session"].as_bool().unwrap())
        })
        .collect();
    assert_eq!(cookies, [("shop_session", 7, true), ("ph_phc_…_posthog", 7, false), ("theme", 7, false)]);
    assert_eq!(report["referers"], 7);
}

#[test]
fn compressed_bodies_forms_and_batches_are_read() {
    let report = report("posthog-cloud.har");
    let events: u64 = report["destinations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|destination| destination["events"].as_u64().unwrap())
        .sum();
    assert_eq!(events, 3);
    let ingest = report["destinations"]
        .as_array()
        .unwrap()
        .iter()
        .find(|destination| destination["host"] == "eu.i.posthog.com")
        .unwrap();
    assert_eq!((ingest["unread"].as_u64(), ingest["flags"].as_u64()), (Some(1), Some(1)));
    assert_eq!(count(&report, "email"), (4, 0), "{report:#}");
    assert_eq!(count(&report, "phone"), (1, 0));
    assert!(count(&report, "name").0 >= 1);
    assert_eq!(report["cookies_withheld"], true);
}

#[test]
fn people_read_a_headline_and_a_table() {
    let output = audit("plausible-own-host.har", &[]);
    let text = String::from_utf8(output.stdout).unwrap().replace('\n', " ");
    assert!(output.status.success());
    assert!(text.contains("What goes there today: 3 e-mail addresses, 2 reset and other tokens"), "{text}");
    assert!(text.contains("your session cookie shop_session 7 times"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colours into a pipe");
}

#[test]
fn a_file_without_analytics_is_no_failure() {
    let output = audit("no-analytics.har", &[]);
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("Nothing in this file goes to Plausible or PostHog"));
}

#[test]
fn what_is_no_har_is_refused_with_its_place_and_a_way_out() {
    for (file, place) in [
        ("cut-short.har", "line 95, column 9: the file ends in the middle"),
        ("postman.json", "line 4, column 1: missing field `log`: this is not a HAR file"),
        ("page.html", "line 1, column 1: this is not JSON"),
    ] {
        let output = audit(file, &[]);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(65), "{file}");
        assert!(text.contains(place), "{file}: {text}");
        assert!(text.contains("Save all as HAR"), "{text}");
    }
    let output = audit("there-is-none.har", &[]);
    assert_eq!(output.status.code(), Some(74));
}
