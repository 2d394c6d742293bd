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
        site("blog", "{ kind = \"store\", salted = true }")
    );
    std::fs::write(folder.path().join("bauta.toml"), toml).unwrap();
    folder
}

fn bauta(folder: &Path, arguments: &[&str], input: &str) -> Output {
    command(folder, &[&["consent"], arguments].concat(), input)
}

fn command(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_bauta"))
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

#[test]
fn a_salt_is_printed_only_when_it_is_asked_for() {
    let folder = folder();
    let at = folder.path();
    let set = json(at, &["set", "42", "granted", "--site", "blog", "--json"], "");
    assert_eq!((&set["salted"], set.get("salt")), (&Json::Bool(true), None));
    let plain = bauta(at, &["get", "42", "--site", "blog"], "");
    assert_eq!(out(&plain), "granted  realm blog, epoch 0, salted\n");
    let salt = json(at, &["get", "42", "--site", "blog", "--show-salt", "--json"], "")["salt"].clone();
    let salt = salt.as_str().unwrap().to_owned();
    assert_eq!(salt.len(), 32);
    assert!(out(&bauta(at, &["get", "42", "--site", "blog", "--show-salt"], "")).contains(&salt));
    let (without, with) =
        (bauta(at, &["export", "--site", "blog"], ""), bauta(at, &["export", "--site", "blog", "--with-salts"], ""));
    assert!(!out(&without).contains(&salt) && out(&without).contains("\"salted\":true"));
    assert!(out(&with).contains(&salt));
    let none = json(at, &["set", "42", "granted", "--site", "shop", "--json"], "");
    assert_eq!(none["salted"], false, "a site that wants no salts gives none");
}

#[test]
fn a_new_salt_makes_the_past_ids_nobodys_and_id_says_todays() {
    let folder = folder();
    let at = folder.path();
    let id = || {
        let found = command(at, &["id", "42", "--json"], "");
        assert!(found.status.success(), "{}", err(&found));
        let rows: Json = serde_json::from_str(out(&found)).unwrap();
        let of_blog = rows.as_array().unwrap().iter().find(|row| row["site"] == "blog").unwrap();
        (of_blog["pseudonym"].clone(), of_blog["epoch"].as_u64().unwrap(), of_blog["salted"].clone())
    };
    let (nobodys, epoch, salted) = id();
    assert_eq!((epoch, salted), (0, Json::Bool(false)), "nobody has a record");
    json(at, &["set", "42", "granted", "--site", "blog", "--json"], "");
    let export = bauta(at, &["export", "--site", "blog", "--with-salts"], "");
    let (first, _, salted) = id();
    assert!(first != nobodys && salted == true);
    let renewed = json(at, &["set", "42", "--new-salt", "--site", "blog", "--json"], "");
    assert_eq!((renewed["choice"].as_str(), renewed["epoch"].as_u64()), (Some("granted"), Some(1)));
    let (second, epoch, _) = id();
    assert!(second != first && epoch == 1);
    let shredded = json(at, &["set", "42", "forget", "--new-salt", "--site", "blog", "--json"], "");
    assert_eq!((&shredded["choice"], shredded["epoch"].as_u64()), (&Json::Null, Some(2)));
    assert_eq!(json(at, &["import", "--site", "blog", "--json"], out(&export))["records"], 1);
    let back = id();
    assert!(back.0 != first && back.1 == 2, "an old export brings no salt back");
    assert_eq!(bauta(at, &["set", "42", "--site", "blog"], "").status.code(), Some(2), "there is nothing to set");
}

#[test]
fn a_salted_person_never_loses_the_salt_on_the_way_to_another_store() {
    let folder = folder();
    let at = folder.path();
    json(at, &["set", "42", "granted", "--site", "blog", "--json"], "");
    let salt = || json(at, &["get", "42", "--site", "blog", "--show-salt", "--json"], "")["salt"].clone();
    let (first, with, without) = (
        salt(),
        bauta(at, &["export", "--site", "blog", "--with-salts"], ""),
        bauta(at, &["export", "--site", "blog"], ""),
    );
    let anew = |lines: &str| {
        std::fs::remove_file(at.join("bauta.db")).unwrap();
        json(at, &["import", "--site", "blog", "--json"], lines);
        salt()
    };
    assert_eq!(anew(out(&with)), first);
    let other = anew(out(&without));
    assert!(other.is_string() && other != first, "another one, and never none");
    assert!(anew("{\"user\":\"42\",\"choice\":\"granted\"}\n").is_string());
    assert!(anew("{\"user\":\"42\",\"choice\":\"denied\"}\n").is_null());
    let wrong =
        bauta(at, &["import", "--site", "blog"], "{\"user\":\"42\",\"choice\":\"granted\",\"salt\":\"0102\"}\n");
    assert_eq!(wrong.status.code(), Some(65));
    assert!(err(&wrong).contains("salt") && !err(&wrong).contains("0102"), "{}", err(&wrong));
}
