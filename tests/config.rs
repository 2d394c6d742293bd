//! The configuration's promises: all faults at once, each with place, key, expectation and fix; no secret repeated;
//! the documented defaults are the real ones; the environment overrides every key.
//!
//! `BAUTA_BLESS=1` writes the expected outputs anew; read the difference before you commit it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use bauta::config::fault::KeyPath;
use bauta::config::file::{File, Mode};
use bauta::config::{self, LoadError, Loaded, Origin};
use bauta::level::Level;
use serde_json::Value as Json;

fn data() -> PathBuf {
    let folder = std::env::var_os("BAUTA_TEST_DATA").map_or_else(|| "tests/data".into(), PathBuf::from);
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join("config")
}

fn files(kind: &str) -> Vec<PathBuf> {
    let folder = data().join(kind);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no files in {}", folder.display());
    files
}

fn say(name: &str, passed: usize, total: usize) {
    writeln!(std::io::stdout().lock(), "{name}: {passed}/{total}").unwrap();
}

fn variables(pairs: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>().into_iter()
}

fn load(path: &Path) -> Result<Loaded, LoadError> {
    config::load(path, std::iter::empty())
}

/// Loads a text with the given variables; the test keys are at `../keys`.
fn load_text(text: &str, pairs: &[(&str, &str)]) -> Result<Loaded, LoadError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bauta.toml");
    std::fs::write(&path, text.replace("../keys", data().join("keys").to_str().unwrap())).unwrap();
    config::load(&path, variables(pairs))
}

const SITE: &str = "[[site]]\nname = \"shop\"\nhosts = [\"shop.example\"]\n[[site.upstream]]\nvendor = \"plausible\"\n\
                    url = \"https://plausible.io\"\nsites = [\"shop.example\"]\n";

#[test]
fn every_faulty_file_lists_exactly_its_faults() {
    let files = files("invalid");
    let mut missed = Vec::new();
    for path in &files {
        let env = std::fs::read_to_string(path.with_extension("env")).unwrap_or_default();
        let pairs: Vec<(&str, &str)> = env.lines().filter_map(|line| line.split_once('=')).collect();
        let error = config::load(path, variables(&pairs)).expect_err("the file is faulty");
        let folder = format!("{}/", path.parent().unwrap().display());
        let shown = format!("{error}\n").replace(&folder, "");
        assert!(!shown.contains("hunter2"), "{} repeats a secret:\n{shown}", path.display());
        let expected = path.with_extension("expected");
        if std::env::var_os("BAUTA_BLESS").is_some() {
            std::fs::write(&expected, &shown).unwrap();
        }
        let wanted = std::fs::read_to_string(&expected).unwrap_or_default();
        if shown != wanted {
            missed.push(format!("{}\n--- expected\n{wanted}\n--- found\n{shown}", path.display()));
        }
    }
    say("config/invalid", files.len() - missed.len(), files.len());
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn every_sound_file_loads_with_exactly_its_warnings() {
    let files = files("valid");
    for path in &files {
        let text = std::fs::read_to_string(path).unwrap();
        let wanted: BTreeSet<&str> = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# warnings: "))
            .into_iter()
            .flat_map(|names| names.split(", "))
            .collect();
        let loaded = load(path).unwrap_or_else(|error| panic!("{}:\n{error}", path.display()));
        let found: BTreeSet<&str> = loaded.warnings.iter().map(|warning| warning.name).collect();
        assert_eq!(found, wanted, "{}", path.display());
    }
    say("config/valid", files.len(), files.len());
}

#[test]
fn every_fault_has_place_key_and_fix() {
    for path in files("invalid") {
        let error = load(&path).err().into_iter().flat_map(|error| error.faults);
        for located in error {
            assert!(!located.fault.fix.is_empty() && !located.fault.fix.ends_with('.'), "{:?}", located.fault);
            assert!(!located.fault.problem.is_empty() && !located.fault.problem.ends_with('.'), "{:?}", located.fault);
            assert!(!matches!(located.spot, config::Spot::Whole), "{:?}", located.fault);
        }
    }
}

#[test]
fn a_file_with_hundreds_of_faults_shows_a_hundred() {
    let text: String = (0..300).map(|number| format!("zz{number} = 1\n")).collect();
    assert_eq!(load_text(&text, &[]).unwrap_err().faults.len(), 100);
}

#[test]
fn hostile_files_are_refused_without_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bauta.toml");
    let deep = format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    let wide = "x".repeat(2 << 20);
    let binary: &[u8] = b"version = 1\n\xff\xfe";
    for bytes in [
        deep.as_bytes(),
        wide.as_bytes(),
        binary,
        b"\0",
        b"[",
        b"a.b.c = 1\na.b = 2",
        b"\"\" = 1",
        "a = \"\u{202e}\"".as_bytes(),
    ] {
        std::fs::write(&path, bytes).unwrap();
        assert!(!load(&path).expect_err("not a configuration").faults.is_empty());
    }
    std::fs::write(&path, binary).unwrap();
    assert!(load(&path).unwrap_err().to_string().contains("bauta.toml:2:1: not UTF-8 text"));
    assert!(load(&folder.path().join("none.toml")).unwrap_err().to_string().contains("bauta init"));
    assert!(load(folder.path()).unwrap_err().to_string().contains("cannot be read"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(400))]

    /// Whatever an editor does to a file, and whatever is in the environment: an answer, never a panic.
    #[test]
    fn a_mangled_file_has_faults_or_loads(
        from in 0_usize..3000,
        length in 0_usize..40,
        with in "[-a-z\"\\[\\]{}=.,# \n0-9_é]{0,12}",
        name in "(LISTEN|SITE|KEYS|X|0|1|__|ADDRESS|UPSTREAM|_){1,5}",
        value in ".{0,20}",
    ) {
        let folder = data().join("valid");
        let mut text: Vec<char> = std::fs::read_to_string(folder.join("everything.toml")).unwrap().chars().collect();
        let from = from.min(text.len());
        let to = (from + length).min(text.len());
        text.splice(from..to, with.chars());
        let text: String = text.into_iter().collect();
        let name = format!("BAUTA__{name}");
        if let Err(error) = load_text(&text, &[(&name, &value)]) {
            assert!(!error.faults.is_empty() && !error.to_string().is_empty());
        }
    }
}

// ---------------------------------------------------------------------------------------------- the documented defaults

/// `config/default.toml` with the options that it only shows the form of.
fn uncommented() -> String {
    let shown = config::DEFAULT_TOML.lines().map(|line| match line.strip_prefix('#') {
        Some(option) if !option.starts_with(' ') && !option.is_empty() => option,
        _ => line,
    });
    shown.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_documented_defaults_are_the_defaults_of_the_program() {
    let documented: File = toml::from_str(config::DEFAULT_TOML).unwrap();
    assert_eq!(documented, File::default());
}

#[test]
fn the_documented_defaults_of_a_site_are_those_of_the_program() {
    let documented: toml::Table = toml::from_str(&uncommented()).unwrap();
    let mut compared = 0;
    let mut compare = |value: &toml::Value, schema: &Json, at: &str| {
        for (name, property) in schema["properties"].as_object().unwrap() {
            // An empty list is a default that needs an example to be understood.
            let Some(default) = property.get("default").filter(|default| !default.is_array() && !default.is_object())
            else {
                continue;
            };
            let shown = value.get(name.as_str()).map(|value| serde_json::to_value(value).unwrap());
            assert_eq!(shown.as_ref(), Some(default), "{at}.{name}");
            compared += 1;
        }
    };
    let schema = config::schema();
    let site = &documented["site"][0];
    compare(site, &schema["$defs"]["Site"], "site");
    compare(&site["consent"], &schema["$defs"]["Consent"], "site.consent");
    compare(&site["upstream"][0], &schema["$defs"]["Upstream"], "site.upstream");
    compare(&site["upstream"][0]["traits"][0], &schema["$defs"]["Trait"], "site.upstream.traits");
    compare(&site["scrub"], &schema["$defs"]["Scrub"], "site.scrub");
    compare(&site["quota"], &schema["$defs"]["Quota"], "site.quota");
    assert!(compared > 15, "{compared}");
}

#[test]
fn every_key_of_the_schema_is_documented_with_a_comment_line() {
    let schema = config::schema();
    let documented: toml::Table = toml::from_str(&uncommented()).expect("the examples are TOML");
    let mut missing = Vec::new();
    let mut count = 0;
    walk(schema, schema, &[&toml::Value::Table(documented)], "", &mut |at, property, found| {
        count += 1;
        if !found {
            let words = property["description"].as_str().unwrap_or_default().replace('\n', " ");
            let key = at.rsplit('.').next().unwrap_or(at);
            missing.push(format!("{at}\n# {words}\n#{key} = {}", property.get("default").unwrap_or(&Json::Null)));
        }
    });
    assert!(missing.is_empty(), "config/default.toml does not show:\n{}", missing.join("\n"));
    assert!(count > 100, "{count}");

    let mut before = "";
    for line in config::DEFAULT_TOML.lines() {
        let option = line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line);
        if !option.is_empty() && !line.starts_with("# ") {
            assert!(before.starts_with("# "), "{line} has no comment line above it");
        }
        before = line;
    }
}

/// Visits every property of the schema, telling whether one of the values at its place has it.
fn walk(root: &Json, node: &Json, values: &[&toml::Value], at: &str, visit: &mut dyn FnMut(&str, &Json, bool)) {
    if let Some(target) = node["$ref"].as_str() {
        // The kinds of sources are shown once.
        if target.ends_with("/Source") && at.contains(".purposes.") {
            return;
        }
        return walk(root, root.pointer(target.trim_start_matches('#')).unwrap(), values, at, visit);
    }
    for several in ["oneOf", "anyOf"] {
        for one in node[several].as_array().into_iter().flatten() {
            let kind = one["properties"]["kind"]["const"].as_str();
            let of_kind = |value: &&&toml::Value| {
                kind.is_none_or(|kind| value.get("kind").and_then(toml::Value::as_str) == Some(kind))
            };
            let values: Vec<&toml::Value> = values.iter().filter(of_kind).copied().collect();
            walk(
                root,
                one,
                &values,
                &format!("{at}{}", kind.map(|kind| format!("<{kind}>")).unwrap_or_default()),
                visit,
            );
        }
    }
    if node["items"].is_object() {
        let inner: Vec<&toml::Value> = values.iter().filter_map(|value| value.as_array()).flatten().collect();
        walk(root, &node["items"], &inner, at, visit);
    }
    for (name, property) in node["properties"].as_object().into_iter().flatten() {
        let inner: Vec<&toml::Value> = values.iter().filter_map(|value| value.get(name.as_str())).collect();
        // A place of a secret is documented once, with its three forms.
        let below = format!("{at}.{name}");
        let is_place = ["file", "env", "credential"].contains(&name.as_str());
        visit(&below, property, is_place || !inner.is_empty());
        walk(root, property, &inner, &below, visit);
    }
}

/// The file with only those options of an upstream that have a meaning for this vendor.
fn for_vendor(text: &str, vendor: &str) -> String {
    let mut kept: Vec<String> = Vec::new();
    let mut skips = false;
    for line in text.lines() {
        if line.starts_with("# ") {
            let other = if vendor == "posthog" {
                ["Plausible's", "X-Plausible-IP", "limit of 30"].as_slice()
            } else {
                &["PostHog:"]
            };
            skips = other.iter().any(|word| line.contains(word));
        }
        // A table goes with all its keys; each has a comment of its own.
        if skips && line.starts_with('[') {
            kept.push("[unused]".to_owned());
        } else if !skips || line.is_empty() {
            kept.push(line.replace("vendor = \"plausible\"", &format!("vendor = \"{vendor}\"")));
        }
    }
    let mut text = kept.join("\n").replace("\"phc_...\"", "\"phc_a\"");
    while let Some((before, after)) = text.split_once("[unused]") {
        text = format!("{before}{}", after.split_at(after.find("\n[").unwrap()).1);
    }
    text
}

#[test]
fn the_examples_in_the_documentation_are_sound() {
    let folder = tempfile::tempdir().unwrap();
    let keys = data().join("keys");
    for (name, key) in [
        ("hmac.key", "hmac.key"),
        ("old.key", "old.key"),
        ("session.key", "session.key"),
        ("admin.token", "admin.token"),
        ("tls.crt", "session.key"),
        ("tls.key", "session.key"),
        ("ca.pem", "session.key"),
        ("credential.key", "session.key"),
    ] {
        std::fs::copy(keys.join(key), folder.path().join(name)).unwrap();
    }
    let path = folder.path().join("default.toml");
    for vendor in ["plausible", "posthog"] {
        std::fs::write(&path, for_vendor(&uncommented(), vendor)).unwrap();
        load(&path).unwrap_or_else(|error| panic!("config/default.toml, uncommented, for {vendor}:\n{error}"));
    }
    for name in ["plausible.toml", "posthog.toml", "selfhosted.toml"] {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(name)).unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let loaded = load(&path).unwrap_or_else(|error| panic!("config/{name}:\n{error}"));
        let warnings: Vec<&str> = loaded.warnings.iter().map(|warning| warning.name).collect();
        let wanted: &[&str] = if name == "plausible.toml" { &["plausible-pseudonyms"] } else { &[] };
        assert_eq!(warnings, wanted, "{name}");
    }
}

// ------------------------------------------------------------------------------------------------------ the environment

#[test]
fn the_environment_overrides_every_kind_of_key() {
    let pairs = [
        ("BAUTA__LISTEN__ADDRESS", "0.0.0.0:9"),
        ("BAUTA__LISTEN__TRUSTED_PROXIES", "[\"10.0.0.0/8\"]"),
        ("BAUTA__LISTEN__TRUSTED_PROXIES__1", "unix"),
        ("BAUTA__LIMITS__CONNECTIONS", "7"),
        ("BAUTA__LIMITS__BODY", "\"1MiB\""),
        ("BAUTA__LIMITS__DRAIN", "3s"),
        ("BAUTA__KEYS__ACTIVE__ID", "1"),
        ("BAUTA__KEYS__ACTIVE__FILE", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/config/keys/hmac.key")),
        ("BAUTA__SITE__0__REALM", "2026"),
        ("BAUTA__SITE__0__MODE", "enforce"),
        ("BAUTA__SITE__0__HOSTS__1", "www.shop.example"),
        ("BAUTA__SITE__0__CONSENT__SOURCES__0__KIND", "session"),
        ("BAUTA__SITE__0__CONSENT__SOURCES__0__PATH", "[\"user\", \"ok\"]"),
        ("BAUTA__SITE__0__CONSENT__SOURCES__0__REQUIRED", "true"),
        ("BAUTA__SITE__0__UPSTREAM__0__PLAUSIBLE_IP_HEADER", "true"),
        ("BAUTA__SITE__0__UPSTREAM__0__DENIED", "off"),
        ("BAUTA__SITE__0__UPSTREAM__0__SCRIPT_PATHS", "{ \"/S.js\" = \"/js/script.js\" }"),
        ("BAUTA__SITE__1__NAME", "true"),
        ("BAUTA__SITE__1__HOSTS__0", "blog.example"),
        ("BAUTA__SITE__1__UPSTREAM__0__VENDOR", "plausible"),
        ("BAUTA__SITE__1__UPSTREAM__0__URL", "https://plausible.io"),
        ("BAUTA__SITE__1__UPSTREAM__0__SITES__0", "blog.example"),
        ("BAUTA_TEST_DATA", "not ours"),
        ("BAUTA_PORT", "not ours"),
    ];
    let loaded = load_text(SITE, &pairs).unwrap_or_else(|error| panic!("{error}"));
    let file = &loaded.file;
    assert_eq!(file.listen.address, "0.0.0.0:9");
    assert_eq!(file.listen.trusted_proxies, ["10.0.0.0/8", "unix"]);
    assert_eq!(file.limits.connections, 7);
    assert_eq!(file.limits.body.0, 1 << 20);
    assert_eq!(file.limits.drain.to_string(), "3s");
    assert_eq!(file.keys.active.as_ref().map(|key| key.id.as_str()), Some("1"));
    let [shop, blog] = file.site.as_slice() else { panic!("two sites") };
    assert_eq!((shop.realm(), shop.mode), ("2026", Mode::Enforce));
    assert_eq!(shop.hosts, ["shop.example", "www.shop.example"]);
    assert_eq!(
        toml::to_string(&shop.consent.sources[0]).unwrap(),
        "kind = \"session\"\npath = [\"user\", \"ok\"]\nrequired = true\n"
    );
    assert!(shop.upstream[0].plausible_ip_header);
    assert_eq!(shop.upstream[0].denied(), Level::Off);
    assert_eq!(shop.upstream[0].script_paths.get("/S.js").map(String::as_str), Some("/js/script.js"));
    assert_eq!((blog.name.as_str(), blog.upstream[0].word()), ("true", "plausible"));

    let origin = |key: KeyPath| loaded.origin(&key);
    let listen = KeyPath::root().key("listen");
    let site = KeyPath::root().key("site").index(0);
    assert_eq!(origin(listen.key("address")), Origin::Environment("BAUTA__LISTEN__ADDRESS".into()));
    assert_eq!(
        origin(listen.key("trusted_proxies").index(0)),
        Origin::Environment("BAUTA__LISTEN__TRUSTED_PROXIES".into())
    );
    assert_eq!(origin(site.key("name")), Origin::File(2));
    assert_eq!(origin(site.key("quota").key("keys")), Origin::Default);
    assert_eq!(loaded.locate(&site.key("name")), Some((2, 8)));
}

#[test]
fn a_value_from_the_environment_wins_over_a_faulty_one_in_the_file() {
    let text = format!("[listen]\naddress = 5\n{SITE}");
    assert!(load_text(&text, &[]).is_err());
    assert!(load_text(&text, &[("BAUTA__LISTEN__ADDRESS", "0.0.0.0:5")]).is_ok());
}

#[test]
fn do_not_track_is_seen_and_said() {
    for (value, seen) in [("1", true), ("true", true), ("0", false), ("", false)] {
        let loaded = load_text(SITE, &[("DO_NOT_TRACK", value)]).unwrap();
        assert_eq!(loaded.do_not_track, seen, "{value:?}");
        assert_eq!(loaded.warnings.iter().any(|warning| warning.name == "do-not-track"), seen, "{value:?}");
    }
}

#[test]
fn a_bad_file_still_tells_which_address_to_answer_on() {
    let salvaged = |text: &str| load_text(text, &[]).unwrap_err().salvaged;
    assert_eq!(salvaged("[health]\naddress = \"127.0.0.1:9\"\n[nonsense]\n").health.address, "127.0.0.1:9");
    assert_eq!(salvaged("[health]\naddress = \"127.0.0.1:9\"\n[site\n").health.address, "127.0.0.1:9");
    assert_eq!(salvaged("[health]\naddress = 9\n").health.address, File::default().health.address);
}

#[test]
fn the_checks_of_the_stages_run_on_faulty_files_too_and_do_not_repeat_what_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bauta.toml");
    std::fs::write(&path, format!("{SITE}[site.session]\npreset = 5\ncookie = \"c\"\n")).unwrap();
    let error = config::load_with(&path, std::iter::empty(), bauta::clock::UnixMillis(0), &|file, _, faults| {
        let session = KeyPath::root().key("site").index(0).key("session");
        assert!(file.site[0].session.is_some());
        faults.push(session.key("preset"), "missing", "drop me");
        faults.push(session.key("cookie"), "not used by this preset", "remove it");
    })
    .unwrap_err();
    let keys: Vec<String> = error.faults.iter().map(|located| located.fault.key.to_string()).collect();
    assert_eq!(keys, ["keys.active", "site[0].session.preset", "site[0].session.cookie"]);
}

#[test]
fn faults_of_the_scrub_policy_name_their_line_and_a_fix() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bauta.toml");
    let policy = "[site.scrub]\nallow = [\"ref\", \"--\"]\ndeny = [\"Ref\"]\nhash = [\"ref_\"]\nquery = [\"page\", \"\"]\npaths = [\"u/:id\", \"/about\"]\n\
        replace = { team = \"a b\" }\n[[site.scrub.patterns]]\nname = \"open\"\npattern = \"KD-(\"\n[[site.scrub.patterns]]\nname = \"all\"\npattern = \"[0-9]*\"\n";
    std::fs::write(&path, format!("{SITE}{policy}")).unwrap();
    let error = config::load_with(&path, std::iter::empty(), bauta::clock::UnixMillis(0), &|file, _, faults| {
        let at = KeyPath::root().key("site").index(0).key("scrub");
        let _ = bauta::scrub::Scrubber::build(&file.site[0].scrub, &at, faults);
    })
    .unwrap_err();
    let shown = error.to_string();
    let first = SITE.lines().count() + 1;
    for (line, key) in [
        (1, "allow[1]"),
        (2, "deny[0]"),
        (3, "hash[0]"),
        (4, "query[1]"),
        (5, "paths[0]"),
        (5, "paths[1]"),
        (6, "replace.team"),
        (9, "patterns[0].pattern"),
        (12, "patterns[1].pattern"),
    ] {
        let start = format!("bauta.toml:{}:", first + line);
        let wanted = format!("site[0].scrub.{key}: ");
        let fault = shown
            .split("bauta.toml:")
            .find(|part| part.contains(&wanted))
            .unwrap_or_else(|| panic!("{key} in\n{shown}"));
        assert!(format!("bauta.toml:{fault}").starts_with(&start), "{key} in\n{shown}");
        assert!(fault.contains("fix: "), "{fault}");
    }
}

// ------------------------------------------------------------------------------------------------------------- the schema

#[test]
fn the_schema_describes_every_key_and_refuses_unknown_ones() {
    fn visit(node: &Json, at: &str) {
        if let Some(properties) = node["properties"].as_object() {
            assert_eq!(node["additionalProperties"], Json::Bool(false), "{at} takes unknown keys");
            for (name, property) in properties {
                if name != "kind" {
                    let words = property["description"].as_str().unwrap_or_default();
                    assert!(words.ends_with('.') || words.contains('`'), "{at}.{name} has no description");
                }
            }
        }
        for variant in node["oneOf"].as_array().into_iter().flatten() {
            visit(variant, at);
        }
    }
    let schema = config::schema();
    visit(schema, "");
    for (name, node) in schema["$defs"].as_object().unwrap() {
        visit(node, name);
    }
}
