//! The commands as a person meets them: the real binary, its exit codes, its files, its words.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

fn bauta(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bauta"));
    command.args(arguments).current_dir(folder).env_clear().stdin(Stdio::null());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    bauta(folder, arguments).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("ended by itself")
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn err(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

/// A folder with a session secret: 16 bytes, as Ring wants them.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ring.key"), "d4J9sK2mQ7xB5vN8").unwrap();
    folder
}

const INIT: [&str; 8] = ["init", "--domain", "shop.example", "--preset", "ring", "--secret-file", "ring.key", "--yes"];

// ------------------------------------------------------------------------------------------------------------------ help

/// Every command and subcommand, found by reading `--help`.
fn commands(folder: &Path, prefix: &[String], found: &mut Vec<Vec<String>>) {
    let mut arguments: Vec<&str> = prefix.iter().map(String::as_str).collect();
    arguments.push("--help");
    let help = run(folder, &arguments);
    let text = out(&help).to_owned();
    let names = text.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| line.starts_with("  "));
    for name in names.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next()) {
        if name != "help" {
            let mut command = prefix.to_vec();
            command.push(name.to_owned());
            found.push(command.clone());
            commands(folder, &command, found);
        }
    }
}

#[test]
fn the_help_of_every_command_fits_a_screen() {
    let folder = folder();
    let mut found = vec![Vec::new()];
    commands(folder.path(), &[], &mut found);
    assert!(found.len() > 8, "{found:?}");
    for command in found {
        let mut arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        arguments.push("--help");
        let help = run(folder.path(), &arguments);
        assert_eq!(code(&help), 0, "{command:?}");
        let lines = out(&help).lines().count();
        assert!(lines <= 40, "{command:?} has {lines} lines");
        assert!(out(&help).lines().all(|line| line.chars().count() <= 100), "{command:?} is too wide");
    }
}

#[test]
fn a_command_line_that_cannot_be_understood_exits_with_2() {
    let folder = folder();
    assert_eq!(code(&run(folder.path(), &["frobnicate"])), 2);
    assert_eq!(code(&run(folder.path(), &["check", "--frobnicate"])), 2);
    assert_eq!(code(&run(folder.path(), &[])), 2);
    assert_eq!(code(&run(folder.path(), &["--version"])), 0);
}

// ----------------------------------------------------------------------------------------------------------------- check

#[test]
fn check_lists_every_fault_on_stderr_and_exits_with_78() {
    let folder = folder();
    std::fs::write(folder.path().join("bauta.toml"), "[listen]\nadress = 1\n[[site]]\n").unwrap();
    let checked = run(folder.path(), &["check"]);
    assert_eq!(code(&checked), 78);
    assert_eq!(out(&checked), "");
    let text = err(&checked);
    assert!(text.contains("bauta.toml:2:1: listen.adress: unknown key"), "{text}");
    assert!(text.contains("fix: did you mean `address`?"), "{text}");
    assert!(text.contains("bauta.toml:3:1: site[0].name: missing"), "{text}");
    assert!(text.contains("site[0].upstream: missing"), "{text}");
    assert!(!text.contains('\u{1b}'), "colour without a terminal: {text}");

    let checked = run(folder.path(), &["check", "--json"]);
    assert_eq!(code(&checked), 78);
    let answer: Value = serde_json::from_str(out(&checked)).unwrap();
    assert_eq!(answer["ok"], false);
    assert_eq!(answer["faults"][0]["key"], "listen.adress");
    assert_eq!((&answer["faults"][0]["line"], &answer["faults"][0]["column"]), (&2.into(), &1.into()));
    assert!(answer["faults"].as_array().unwrap().len() >= 3);
}

#[test]
fn check_without_a_file_says_how_to_get_one() {
    let folder = folder();
    let checked = run(folder.path(), &["check", "-c", "nowhere.toml"]);
    assert_eq!(code(&checked), 78);
    assert!(err(&checked).contains("nowhere.toml: cannot be read"), "{}", err(&checked));
    assert!(err(&checked).contains("bauta init"), "{}", err(&checked));
}

#[test]
fn check_counts_the_environment() {
    let folder = folder();
    assert_eq!(code(&run(folder.path(), &INIT)), 0);
    let mut command = bauta(folder.path(), &["check"]);
    let checked = command.env("BAUTA__SITE__0__UPSTREAM__0__BITS", "12").output().unwrap();
    assert_eq!(code(&checked), 78);
    let wanted = "environment variable BAUTA__SITE__0__UPSTREAM__0__BITS: site[0].upstream[0].bits: expected 80 to 256";
    assert!(err(&checked).contains(wanted), "{}", err(&checked));
}

#[test]
fn check_reports_what_the_session_stage_has_against_the_file() {
    let folder = folder();
    assert_eq!(code(&run(folder.path(), &INIT)), 0);
    std::fs::write(folder.path().join("ring.key"), "five!").unwrap();
    let checked = run(folder.path(), &["check"]);
    assert_eq!(code(&checked), 78);
    assert!(err(&checked).contains("site[0].session.secrets[0]: "), "{}", err(&checked));
    assert!(!err(&checked).contains("five!"), "{}", err(&checked));
}

#[test]
fn do_not_track_keeps_everything_here_and_check_says_so() {
    let folder = folder();
    assert_eq!(code(&run(folder.path(), &INIT)), 0);
    let checked = bauta(folder.path(), &["check"]).env("DO_NOT_TRACK", "1").output().unwrap();
    assert_eq!(code(&checked), 0);
    assert!(out(&checked).contains("warning[do-not-track]"), "{}", out(&checked));
    assert_eq!(out(&checked).matches("nothing; counted here").count(), 5, "{}", out(&checked));
}

#[test]
fn a_store_of_one_pod_is_not_rendered_for_several() {
    let folder = folder();
    assert_eq!(code(&run(folder.path(), &INIT)), 0);
    for target in ["k8s", "kustomize"] {
        let refused = run(folder.path(), &["render", target]);
        assert_eq!(code(&refused), 65, "{}", err(&refused));
        assert!(err(&refused).contains("the store is a file of one pod"), "{}", err(&refused));
    }
    assert_eq!(code(&run(folder.path(), &["render", "compose"])), 0);
}

// ------------------------------------------------------------------------------------------------------------------ init

#[test]
fn init_then_check_works_and_prints_the_fate_table() {
    let folder = folder();
    let made = run(folder.path(), &INIT);
    assert_eq!(code(&made), 0, "{}", err(&made));
    for name in ["hmac.key", "admin.token"] {
        assert_eq!(mode(&folder.path().join(name)), 0o600, "{name}");
    }
    for text in
        ["granted", "denied", "unknown", "no account", "GPC", "bauta check -c bauta.toml", "bauta serve -c bauta.toml"]
    {
        assert!(out(&made).contains(text), "{text} is missing in\n{}", out(&made));
    }
    let checked = run(folder.path(), &["check", "--json"]);
    assert_eq!(code(&checked), 0, "{}", err(&checked));
    let answer: Value = serde_json::from_str(out(&checked)).unwrap();
    assert_eq!(answer["ok"], true);
    assert_eq!(answer["warnings"][0]["name"], "plausible-pseudonyms");
    let fate = answer["fate"].as_array().unwrap();
    assert_eq!((fate.len(), &fate[0]["who"], &fate[0]["level"]), (5, &"granted".into(), &"full".into()));
    assert_eq!(code(&run(folder.path(), &["check", "--strict"])), 1);
}

#[test]
fn init_overwrites_nothing_without_force_and_a_key_not_even_then() {
    let folder = folder();
    assert_eq!(code(&run(folder.path(), &INIT)), 0);
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    let (config, key) = (read("bauta.toml"), read("hmac.key"));

    let again = run(folder.path(), &INIT);
    assert_eq!(code(&again), 74);
    assert!(err(&again).contains("--force"), "{}", err(&again));

    let mut forced: Vec<&str> = INIT.to_vec();
    forced.extend(["--force", "--upstream-url", "https://stats.example"]);
    let forced = run(folder.path(), &forced);
    assert_eq!(code(&forced), 0, "{}", err(&forced));
    assert_ne!(read("bauta.toml"), config);
    assert_eq!(read("hmac.key"), key);
}

#[test]
fn init_without_a_terminal_names_every_missing_flag_and_writes_nothing() {
    let folder = folder();
    let made = run(folder.path(), &["init"]);
    assert_eq!(code(&made), 2);
    assert!(err(&made).contains("--domain, --preset, --secret-file are missing"), "{}", err(&made));
    for (arguments, wanted) in [
        (["init", "--domain", "shop.example", "--preset", "jwt", "--secret-file", "ring.key"], "--cookie"),
        (["init", "--domain", "not a host", "--preset", "ring", "--secret-file", "ring.key"], "--domain"),
        (["init", "--domain", "shop.example", "--preset", "rings", "--secret-file", "ring.key"], "--preset"),
        (["init", "--domain", "shop.example", "--preset", "ring", "--secret-file", "none.key"], "--secret-file"),
    ] {
        let made = run(folder.path(), &arguments);
        assert_eq!(code(&made), 2, "{}", err(&made));
        assert!(err(&made).contains(wanted), "{wanted}: {}", err(&made));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn init_writes_working_files_for_every_preset_that_needs_a_secret_alone() {
    let presets = bauta::session::Reader::preset_facts();
    assert!(!presets.is_empty());
    let mut faulty = Vec::new();
    for preset in presets.into_iter().filter(bauta::session::PresetFacts::is_simple) {
        let folder = folder();
        let mut arguments =
            vec!["init", "--yes", "--domain", "www.shop.example", "--dir", "etc", "--preset", preset.name];
        let secret = if preset.name == "ring" { "ring.key" } else { "long.key" };
        std::fs::write(folder.path().join("long.key"), "Tn5Wc2Yx8Rf1Pq7Lz4Jb9Kd3Hv6Gm0Sa5Qe8Ui2Xo1M").unwrap();
        arguments.extend(["--secret-file", secret, "--upstream-url", "https://stats.example"]);
        if preset.cookies.is_empty() {
            arguments.extend(["--cookie", "sid"]);
        }
        if preset.user.is_none() {
            arguments.extend(["--user-path", "user", "id"]);
        }
        let made = run(folder.path(), &arguments);
        let sound = code(&run(folder.path(), &["check", "--strict", "-c", "etc/bauta.toml"])) == 0;
        let text = std::fs::read_to_string(folder.path().join("etc/bauta.toml")).unwrap_or_default();
        if code(&made) != 0 || !sound || !text.contains("sites = [\"shop.example\"]") {
            faulty.push(format!("{}: {}", preset.name, err(&made)));
        }
    }
    assert!(faulty.is_empty(), "{}", faulty.join("\n"));
    let folder = folder();
    let made = run(folder.path(), &["init", "--yes", "--domain", "shop.example", "--preset", "none"]);
    assert_eq!(code(&made), 0, "{}", err(&made));
}

// ------------------------------------------------------------------------------------------------------- names and state

#[test]
fn a_silent_change_of_the_realm_is_refused_by_check() {
    let folder = folder();
    assert_eq!(code(&run(folder.path(), &INIT)), 0);
    let written = run(folder.path(), &["check", "--write-state"]);
    assert_eq!(code(&written), 0, "{}", err(&written));
    assert!(folder.path().join("bauta.state").exists());
    assert_eq!(code(&run(folder.path(), &["check"])), 0);

    let changed = bauta(folder.path(), &["check"]).env("BAUTA__SITE__0__REALM", "boutique").output().unwrap();
    assert_eq!(code(&changed), 78);
    assert!(err(&changed).contains("--accept-new-ids"), "{}", err(&changed));
    std::fs::write(folder.path().join("hmac.key"), "Tn5Wc2Yx8Rf1Pq7Lz4Jb9Kd3Hv6Gm0Sa5Qe8Ui2Xo1M").unwrap();
    let changed = run(folder.path(), &["check", "--json"]);
    assert_eq!(code(&changed), 78);
    assert!(out(&changed).contains("other bytes than before"), "{}", out(&changed));
}

// ---------------------------------------------------------------------------------------------------------------- keygen

#[test]
fn keygen_writes_for_the_owner_only_and_never_twice() {
    let folder = folder();
    let path = folder.path().join("new.key");
    assert_eq!(code(&run(folder.path(), &["keygen", "new.key"])), 0);
    assert_eq!(mode(&path), 0o600);
    let key = std::fs::read(&path).unwrap();
    assert_eq!(key.len(), 43);
    assert!(key.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte)));
    assert_eq!(bauta::config::weakness(&key), None);

    let again = run(folder.path(), &["keygen", "new.key"]);
    assert_eq!(code(&again), 74);
    assert!(err(&again).contains("never overwritten"), "{}", err(&again));
    assert_eq!(std::fs::read(&path).unwrap(), key);

    assert_eq!(code(&run(folder.path(), &["keygen", "--raw", "raw.key"])), 0);
    assert_eq!(std::fs::read(folder.path().join("raw.key")).unwrap().len(), 32);
    let (one, two) = (run(folder.path(), &["keygen", "-"]), run(folder.path(), &["keygen", "-"]));
    assert_eq!((one.stdout.len(), one.stderr.len()), (43, 0));
    assert_ne!(one.stdout, two.stdout);
    assert_eq!(code(&run(folder.path(), &["keygen", "no/such/folder.key"])), 74);
}

// ------------------------------------------------------------------------------------------------------------ healthcheck

/// Answers one connection, and returns what was asked.
fn answer(mut stream: impl Read + Write, answer: &str) -> String {
    let mut asked = String::new();
    let mut lines = BufReader::new(&mut stream);
    while !asked.ends_with("\r\n\r\n") && lines.read_line(&mut asked).unwrap() > 0 {}
    stream.write_all(answer.as_bytes()).unwrap();
    asked
}

#[test]
fn healthcheck_asks_readyz_and_answers_with_its_exit_code() {
    let folder = folder();
    for (status, wanted) in [("200 OK", 0), ("503 Service Unavailable", 1), ("404 Not Found", 1)] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        // A configuration with faults: the sidecar may run with --on-bad-config=drop.
        let text = format!("[health]\naddress = \"0.0.0.0:{}\"\n[nonsense]\n", listener.local_addr().unwrap().port());
        std::fs::write(folder.path().join("bauta.toml"), text).unwrap();
        let server = std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            answer(stream, &format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n"))
        });
        let asked = run(folder.path(), &["healthcheck"]);
        assert_eq!(code(&asked), wanted, "{status}: {}", err(&asked));
        assert!(server.join().unwrap().starts_with("GET /readyz HTTP/1.1\r\n"));
    }
}

#[test]
fn healthcheck_speaks_to_unix_sockets_and_to_nobody() {
    let folder = folder();
    let path = folder.path().join("health.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let server = std::thread::spawn(move || answer(listener.accept().unwrap().0, "HTTP/1.1 200 OK\r\n\r\n"));
    let address = format!("unix:{}", path.display());
    assert_eq!(code(&run(folder.path(), &["healthcheck", "--address", &address])), 0);
    server.join().unwrap();

    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    assert_eq!(code(&run(folder.path(), &["healthcheck", "--address", &free])), 1);
    assert_eq!(code(&run(folder.path(), &["healthcheck", "--address", "nonsense"])), 1);
}

#[test]
fn healthcheck_does_not_wait_for_a_silent_listener() {
    let folder = folder();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked = run(folder.path(), &["healthcheck", "--address", &address]);
    assert_eq!(code(&asked), 1, "{}", err(&asked));
}

// ------------------------------------------------------------------------------------------- config, completions, man, out

#[test]
fn the_effective_configuration_names_origins_and_loads_again() {
    let folder = folder();
    assert_eq!(code(&run(folder.path(), &INIT)), 0);
    let print = |arguments: &[&str]| {
        let mut command = bauta(folder.path(), arguments);
        command.env("BAUTA__LISTEN__ADDRESS", "127.0.0.1:9999").output().unwrap()
    };
    let printed = print(&["config", "print", "--effective"]);
    assert_eq!(code(&printed), 0, "{}", err(&printed));
    let text = out(&printed);
    let origin = |key: &str| text.lines().find(|line| line.starts_with(key)).and_then(|line| line.split("# ").nth(1));
    assert_eq!(origin("address = \"127.0.0.1:9999\""), Some("BAUTA__LISTEN__ADDRESS"));
    assert_eq!(origin("name = "), Some("bauta.toml:17"), "{text}");
    assert_eq!(origin("drain = "), Some("default"));
    for secret in ["hmac.key", "admin.token", "ring.key"] {
        let secret = std::fs::read_to_string(folder.path().join(secret)).unwrap();
        assert!(!text.contains(&secret));
    }

    std::fs::write(folder.path().join("again.toml"), text).unwrap();
    let load = |name: &str, variables: &[(&str, &str)]| {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        bauta::config::load(&folder.path().join(name), variables).unwrap().file
    };
    assert_eq!(load("again.toml", &[]), load("bauta.toml", &[("BAUTA__LISTEN__ADDRESS", "127.0.0.1:9999")]));

    let printed = print(&["config", "print", "--effective", "--json"]);
    let answer: Value = serde_json::from_str(out(&printed)).unwrap();
    assert_eq!(answer["listen.address"]["value"], "127.0.0.1:9999");
    assert_eq!(answer["listen.address"]["origin"], "BAUTA__LISTEN__ADDRESS");
}

#[test]
fn the_options_and_the_schema_are_printed_without_a_file() {
    let folder = folder();
    let printed = run(folder.path(), &["config", "print"]);
    assert_eq!((code(&printed), out(&printed)), (0, bauta::config::DEFAULT_TOML));
    let schema: Value = serde_json::from_str(out(&run(folder.path(), &["config", "schema"]))).unwrap();
    assert_eq!(&schema, bauta::config::schema());
}

#[test]
fn completions_and_manual_pages_name_the_commands() {
    let folder = folder();
    for shell in ["bash", "zsh", "fish"] {
        let script = run(folder.path(), &["completions", shell]);
        assert_eq!(code(&script), 0);
        assert!(out(&script).contains("healthcheck"), "{shell}");
    }
    let page = run(folder.path(), &["man"]);
    assert!(out(&page).contains(".TH bauta 1") && out(&page).contains("healthcheck"));
    assert_eq!(code(&run(folder.path(), &["man", "--dir", "pages"])), 0);
    assert!(folder.path().join("pages/bauta-check.1").exists());
}

#[test]
fn a_reader_that_goes_away_ends_the_output_quietly() {
    let folder = folder();
    for arguments in [&["config", "schema"][..], &["config", "print"], &["completions", "bash"], &["--help"]] {
        let mut child = bauta(folder.path(), arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        assert_eq!((code(&ended), err(&ended)), (0, ""), "{arguments:?}");
    }
}

/// `script` (util-linux) gives a command a terminal. Where it is missing, that is said aloud.
fn has_script() -> bool {
    let found = Command::new("script").arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        writeln!(std::io::stdout().lock(), "cli: script(1) is not installed, so nothing is tried on a terminal")
            .unwrap();
    }
    found
}

#[test]
fn colour_needs_a_terminal_and_no_wish_against_it() {
    if !has_script() {
        return;
    }
    let folder = folder();
    std::fs::write(folder.path().join("bauta.toml"), "[nonsense]\n").unwrap();
    let on_terminal = |no_color: &str| {
        let command = format!("{} check", env!("CARGO_BIN_EXE_bauta"));
        let shown = Command::new("script")
            .args(["-qec", &command, "/dev/null"])
            .current_dir(folder.path())
            .env("TERM", "xterm")
            .env("NO_COLOR", no_color)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        String::from_utf8(shown.stdout).unwrap()
    };
    assert!(on_terminal("").contains("\u{1b}["));
    let plain = on_terminal("1");
    assert!(plain.contains("unknown key") && !plain.contains("\u{1b}["), "{plain}");
}

#[test]
fn init_asks_on_a_terminal_and_asks_again_after_a_wrong_answer() {
    if !has_script() {
        return;
    }
    let folder = folder();
    let command = format!("{} init", env!("CARGO_BIN_EXE_bauta"));
    let mut child = Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .current_dir(folder.path())
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"not a host\nshop.example\n\nring\nring.key\n").unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!(code(&ended), 0, "{}", out(&ended));
    assert!(out(&ended).contains("expected a host name"), "{}", out(&ended));
    assert!(folder.path().join("bauta.toml").exists());
}
