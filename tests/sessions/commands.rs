//! `bauta session`, `bauta init --session-cookie` and `bauta check --online`, as a person uses them.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::data::{Line, lines};
use crate::services::endpoint::Endpoint;
use crate::services::free_port;
use crate::support::serve::KEY;
use crate::translate::bytes;

/// A session that names somebody and carries no end, with its secret in the file `session.key`.
fn example() -> (TempDir, Line) {
    let wanted = |line: &Line| line.framework == "ring-cookie-store" && line.expect["user_id"].is_string();
    let line = lines().into_iter().find(wanted).expect("a good cookie of Ring");
    let folder = tempfile::tempdir().expect("a folder");
    let secret = line.config["secrets_hex"][0].as_str().expect("a key");
    std::fs::write(folder.path().join("session.key"), bytes(secret)).expect("a file");
    (folder, line)
}

fn bauta(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bauta"));
    command.args(arguments).current_dir(folder).env_remove("DO_NOT_TRACK");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("bauta starts");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("bauta listens");
    child.wait_with_output().expect("bauta ends")
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("text")
}

fn err(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).expect("text")
}

fn config(folder: &Path, session: &str, upstream: &str) {
    std::fs::write(folder.join("hmac.key"), KEY).expect("a file");
    let text = format!(
        "version = 1\n[keys]\nactive = {{ id = \"a\", file = \"hmac.key\" }}\n[[site]]\nname = \"shop\"\n\
         hosts = [\"shop.example\"]\n{session}\n[site.consent]\nsources = [{{ kind = \"store\" }}]\n\
         [[site.upstream]]\nvendor = \"plausible\"\nurl = \"{upstream}\"\nsites = [\"shop.example\"]\n"
    );
    std::fs::write(folder.join("bauta.toml"), text).expect("a file");
}

#[test]
fn detect_finds_the_preset_and_what_it_prints_reads_the_cookie() {
    let (folder, line) = example();
    let user = line.expect["user_id"].as_str().expect("a user");
    let found = bauta(folder.path(), &["session", "detect", "--secret-file", "session.key"], &line.header);
    assert!(found.status.success(), "{}", err(&found));
    let table: toml::Table = toml::from_str(out(&found)).expect("TOML");
    assert_eq!(table["site"]["session"]["preset"].as_str(), Some("ring"));
    config(folder.path(), out(&found), "https://plausible.io");
    let read = bauta(folder.path(), &["session", "decode", "--json"], &format!("Cookie: {}", line.header));
    assert!(read.status.success(), "{}{}", out(&read), err(&read));
    let report: serde_json::Value = serde_json::from_str(out(&read)).expect("JSON");
    assert_eq!(report["user"], user);
    assert_eq!(report["candidates"][0]["key"], "1");
    assert!(report.get("contents").is_none(), "contents are printed only when asked for");
}

#[test]
fn detect_goes_by_the_frameworks_own_cookie_name_where_several_sign_alike() {
    let wanted = |line: &Line| {
        line.framework == "express-session+connect-redis"
            && line.config["cookie"] == "connect.sid"
            && line.expect["user_id"].is_string()
    };
    let line = lines().into_iter().find(wanted).expect("a good cookie of express-session");
    let folder = tempfile::tempdir().expect("a folder");
    let secrets = line.config["secrets"].as_array().expect("secrets");
    let secret = secrets.last().and_then(serde_json::Value::as_str).expect("a secret");
    std::fs::write(folder.path().join("session.key"), secret).expect("a file");
    let found = bauta(folder.path(), &["session", "detect", "--secret-file", "session.key"], &line.header);
    let table: toml::Table = toml::from_str(out(&found)).expect("TOML");
    let preset = table["site"]["session"]["preset"].as_str().expect("a preset");
    assert!(preset.starts_with("express-session-"), "{preset} takes the session's id for the account's");
    assert!(err(&found).contains("add store = "), "{}", err(&found));
    std::fs::write(folder.path().join("cookie.txt"), &line.header).expect("a file");
    let arguments =
        ["init", "--yes", "--domain", "shop.example", "--session-cookie", "cookie.txt", "--secret-file", "session.key"];
    let made = bauta(folder.path(), &arguments, "");
    assert!(!made.status.success() && !folder.path().join("bauta.toml").exists());
    assert!(err(&made).contains("needs more than a secret"), "{}", err(&made));
}

#[test]
fn a_cookie_that_no_key_fits_is_refused_with_the_reason_and_without_its_contents() {
    let (folder, line) = example();
    std::fs::write(folder.path().join("other.key"), "another key of 16").expect("a file");
    let found = bauta(folder.path(), &["session", "detect", "--secret-file", "other.key"], &line.header);
    assert_eq!(found.status.code(), Some(1));
    let value = line.header.split_once('=').expect("a cookie").1;
    assert!(!out(&found).contains(&value[..16]) && !err(&found).contains(&value[..16]));
    config(
        folder.path(),
        "[site.session]\npreset = \"ring\"\nsecrets = [{ file = \"session.key\" }]",
        "https://plausible.io",
    );
    let read = bauta(folder.path(), &["session", "decode"], "ring-session=AAAA--AAAA");
    assert_eq!(read.status.code(), Some(1));
    assert!(out(&read).contains("malformed") || out(&read).contains("bad_signature"), "{}", out(&read));
}

#[test]
fn init_finds_the_preset_from_a_cookie() {
    let (folder, line) = example();
    std::fs::write(folder.path().join("cookie.txt"), format!("Cookie: {}\n", line.header)).expect("a file");
    let arguments =
        ["init", "--yes", "--domain", "shop.example", "--session-cookie", "cookie.txt", "--secret-file", "session.key"];
    let made = bauta(folder.path(), &arguments, "");
    assert!(made.status.success(), "{}", err(&made));
    let text = std::fs::read_to_string(folder.path().join("bauta.toml")).expect("a file");
    assert!(text.contains("preset = \"ring\""), "{text}");
}

#[test]
fn check_online_asks_everything_once_and_says_what_has_no_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = format!("http://127.0.0.1:{}", Endpoint::start().port());
    let session = |url: &str| {
        format!(
            "[site.session]\npreset = \"introspect\"\ncookie = \"session\"\nuser = [\"id\"]\nendpoint = {{ url = \"{url}\" }}"
        )
    };
    config(folder.path(), &session(&format!("{here}/me")), &here);
    let good = bauta(folder.path(), &["check", "--online"], "");
    assert!(good.status.success(), "{}{}", out(&good), err(&good));
    assert_eq!(out(&good).matches("answers").count(), 2, "{}", out(&good));
    let nowhere = format!("http://127.0.0.1:{}", free_port());
    config(folder.path(), &session(&format!("{nowhere}/me")), &here);
    let bad = bauta(folder.path(), &["check", "--online", "--json"], "");
    assert_eq!(bad.status.code(), Some(1), "{}{}", out(&bad), err(&bad));
    let report: serde_json::Value = serde_json::from_str(out(&bad)).expect("JSON");
    assert_eq!(report["online"][0]["key"], "site[0].session.endpoint");
    assert_eq!((&report["online"][0]["ok"], &report["online"][1]["ok"]), (&false.into(), &true.into()));
    let offline = bauta(folder.path(), &["check"], "");
    assert!(offline.status.success(), "without --online nothing is asked");
}

#[test]
fn every_preset_stands_on_a_page_of_the_guide() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guide");
    let pages = std::fs::read_dir(folder).expect("the guide").flatten().map(|entry| entry.path());
    let pages =
        pages.filter(|path| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"sessions-")));
    let pages: Vec<String> = pages.map(|path| std::fs::read_to_string(path).expect("a page")).collect();
    assert_eq!(pages.len(), 7, "a page for each family");
    for page in &pages {
        assert!(
            page.contains("**Where the ")
                && page.contains("**Prefer instead.**")
                && page.contains("**What the end means.**")
        );
    }
    let listed = bauta(Path::new("."), &["session", "presets", "--json"], "");
    let presets: Vec<serde_json::Value> = serde_json::from_str(out(&listed)).expect("JSON");
    assert!(presets.len() > 50, "the presets");
    for preset in presets {
        let name = format!("`{}`", preset["name"].as_str().expect("a name"));
        assert!(pages.iter().any(|page| page.contains(&name)), "{name} is on no page");
    }
}
