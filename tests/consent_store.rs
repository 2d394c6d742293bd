//! `bauta consent` as an operator meets it: the real binary over a real file.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may stop at what should not be"
)]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value as Json;

/// A folder with a configuration of two sites over one store.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("hmac.key"), "m2Vd8wQzT1yXc7Kp0Lr5Nf3Bj9HsGa4Ue6RiOoDtYbA").unwrap();
    let site = |name: &str, source: &str| {
        format!(
            "[[site]]\nname = \"{name}\"\nhosts = [\"{name}.example\"]\n[site.consent]\nsources = [{source}]\n\
             [[site.upstream]]\nvendor = \"plausible\"\nurl = \"https://plausible.io\"\nsites = [\"{name}.example\"]\n"
        )
    };
    let toml = format!(
        "version = 1\n[keys]\nactive = {{ id = \"a\", file = \"hmac.key\" }}\n{}{}",
        site("shop", "{ kind = \"store\" }"),
        site("blog", "")
    );
    std::fs::write(folder.path().join("bauta.toml"), toml).unwrap();
    folder
}

fn bauta(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_bauta"))
        .arg("consent")
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read leaves the pipe closed.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn err(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

fn json(folder: &Path, arguments: &[&str], input: &str) -> Json {
    let output = bauta(folder, arguments, input);
    assert!(output.status.success(), "{}", err(&output));
    serde_json::from_str(out(&output)).unwrap()
}

#[test]
fn what_is_set_is_got_in_its_own_realm() {
    let folder = folder();
    let at = folder.path();
    let choice = |site: &str| {
        let output = bauta(at, &["get", "42", "--site", site, "--json"], "");
        serde_json::from_str::<Json>(out(&output)).unwrap()["choice"].as_str().map(str::to_owned)
    };
    assert_eq!(choice("shop"), None);
    let set = json(at, &["set", "-", "anonymised", "--site", "shop", "--json"], "42\n");
    assert_eq!((set["choice"].as_str(), set["epoch"].as_u64()), (Some("anonymised"), Some(0)));
    assert_eq!((choice("shop").as_deref(), choice("blog")), (Some("anonymised"), None));
    assert_eq!(json(at, &["set", "42", "forget", "--site", "shop", "--json"], "")["choice"], Json::Null);
    assert_eq!(choice("shop"), None);
}

#[test]
fn an_export_names_nobody_and_can_be_taken_back() {
    let folder = folder();
    let at = folder.path();
    let table = "{\"user\":\"person-4711\",\"choice\":\"granted\",\"decided\":1795176000000}\n\
                 {\"user\":\"person-4712\",\"choice\":\"denied\",\"epoch\":3}\n\n";
    assert_eq!(json(at, &["import", "--site", "shop", "--json"], table)["records"], 2);
    let export = bauta(at, &["export", "--site", "shop"], "");
    assert_eq!(out(&export).lines().count(), 2);
    assert!(!out(&export).contains("person-"));
    std::fs::remove_file(at.join("bauta.db")).unwrap();
    assert_eq!(json(at, &["import", "--site", "shop", "--json"], out(&export))["records"], 2);
    let got = json(at, &["get", "person-4712", "--site", "shop", "--json"], "");
    assert_eq!((got["choice"].as_str(), got["epoch"].as_u64()), (Some("denied"), Some(3)));
    let got = json(at, &["get", "person-4711", "--site", "shop", "--json"], "");
    assert_eq!(got["recorded_unix"], 1_795_176_000);
}

#[test]
fn wrong_lines_are_all_named_and_nothing_is_recorded() {
    let folder = folder();
    let at = folder.path();
    let lines = "{\"user\":\"secret-id\",\"choice\":\"granted\"}\n{\"user\":\"secret-id\",\"choice\":\"yes\"}\n\
                 {\"person\":\"zz\",\"choice\":\"granted\"}\nsecret-id\n{\"choice\":\"granted\"}\n";
    let output = bauta(at, &["import", "--site", "shop"], lines);
    assert_eq!(output.status.code(), Some(65));
    for line in ["line 2", "line 3", "line 4", "line 5"] {
        assert!(err(&output).contains(line), "{}", err(&output));
    }
    assert!(!err(&output).contains("secret-id"));
    assert_eq!(out(&bauta(at, &["export", "--site", "shop"], "")), "");
}

#[test]
fn a_site_that_is_not_meant_clearly_is_not_guessed() {
    let folder = folder();
    let at = folder.path();
    for arguments in [&["get", "42"][..], &["get", "42", "--site", "shoop"], &["export"], &["import"]] {
        let output = bauta(at, arguments, "");
        assert_eq!(output.status.code(), Some(2));
        assert!(err(&output).contains("shop, blog"), "{}", err(&output));
    }
    assert_eq!(bauta(at, &["set", "42", "perhaps", "--site", "shop"], "").status.code(), Some(2));
    assert_eq!(bauta(at, &["get", "-", "--site", "shop"], "  \n").status.code(), Some(2));
}

#[test]
fn another_key_is_refused() {
    let folder = folder();
    let at = folder.path();
    assert!(bauta(at, &["set", "42", "granted", "--site", "shop"], "").status.success());
    std::fs::write(at.join("hmac.key"), "A9yTq3LwZ7uKe1Vh5Xn8Rb2Pd6GsMc0Fj4BiWoHkYtU").unwrap();
    let output = bauta(at, &["get", "42", "--site", "shop"], "");
    assert_eq!(output.status.code(), Some(74));
    assert!(err(&output).contains("another store key"), "{}", err(&output));
}
