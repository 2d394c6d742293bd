//! Every line of `vectors/consent.jsonl`: its configuration becomes a real `bauta.toml`, its cookies, headers,
//! session or back-end answer a real request, and the decision must be the expected one.
//!
//! Prints `consent: passed/total`, the number of false grants, and what is not covered. All three must be clean.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test may stop at what should not be"
)]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bauta::clock::UnixMillis;
use bauta::config::consent::{Http, Redis, Sql};
use bauta::config::fault::{Faults, KeyPath};
use bauta::config::file::File;
use bauta::consent::sources::backend::{Failure, HttpReply, of_http, of_key, of_rows};
use bauta::consent::{Answer, Asked, Decision, Invalidations, Policy, Reason, Surroundings, UpstreamLevels, level};
use bauta::cookies::Cookies;
use bauta::level::Level;
use bauta::person::{AppUserId, Person, Value};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value as Json;

#[path = "support/consent_toml.rs"]
mod translation;

use translation::{Translation, in_toml, instant, path};

/// 2026-11-20T12:00:00Z, where a line has no clock of its own.
const NOW: UnixMillis = UnixMillis(1_795_176_000_000);

fn data() -> PathBuf {
    std::env::var_os("BAUTA_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data"), PathBuf::from)
}

#[test]
fn every_line_of_the_vectors_is_decided_as_expected() {
    let path = data().join("vectors/consent.jsonl");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (mut total, mut passed, mut false_grants) = (0, 0, 0);
    let mut misses = Vec::new();
    let mut uncovered = BTreeMap::<String, u32>::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let line: Json = serde_json::from_str(line).expect("a line of JSON");
        total += 1;
        let expected = (line["expect"]["analytics"].as_str().expect("a verdict"), line["expect"]["level"].as_str());
        match decide(&line) {
            Ok((verdict, level)) => {
                let level_fits = expected.1.is_none_or(|expected| expected == level.word());
                passed += u32::from(verdict == expected.0 && level_fits);
                false_grants += u32::from(verdict == "granted" && expected.0 != "granted");
                if verdict != expected.0 || !level_fits {
                    misses.push(format!("{}: {verdict} {level}, expected {expected:?}", line["id"]));
                }
            }
            Err(Miss::UnknownSource(source)) => *uncovered.entry(source).or_default() += 1,
            Err(Miss::Fault(fault)) => misses.push(format!("{}: {fault}", line["id"])),
        }
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "consent: {passed}/{total}").unwrap();
    writeln!(out, "consent false grants: {false_grants}").unwrap();
    let sources = uncovered.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    writeln!(out, "consent not yet covered: {} ({sources})", uncovered.values().sum::<u32>()).unwrap();
    drop(out);
    assert!(total > 0, "{} holds no line", path.display());
    assert!(misses.is_empty(), "{}", misses.join("\n"));
    assert!(uncovered.is_empty(), "unknown sources: {sources}");
    assert_eq!((passed, false_grants), (total, 0));
}

/// Whatever bytes a browser is made to send: an answer, never a panic; and a cookie that is only bytes grants nothing.
#[test]
fn no_bytes_in_a_cookie_make_a_source_stumble() {
    let text = std::fs::read_to_string(data().join("vectors/consent.jsonl")).expect("vectors");
    let mut state = 1_u64;
    let mut random = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("a number") % bound
    };
    let mut tried = 0;
    for line in text.lines() {
        let mut line: Json = serde_json::from_str(line).expect("a line of JSON");
        let Some(header) = line["cookie_header"].as_str().map(str::to_owned).filter(|header| header.len() < 2000)
        else {
            continue;
        };
        let name = header.split('=').next().expect("a name").to_owned();
        for round in 0..8 {
            let mut bytes = header.clone().into_bytes();
            for _ in 0..=random(4) {
                let at = random(bytes.len() + 1);
                match random(4) {
                    0 => bytes.truncate(at),
                    1 => bytes.insert(at, b' ' + u8::try_from(random(95)).expect("a byte")),
                    2 if at < bytes.len() => bytes[at] = b' ' + u8::try_from(random(95)).expect("a byte"),
                    _ => bytes.extend_from_within(..at),
                }
            }
            let noise = round % 4 == 0;
            if noise {
                bytes = (0..4 + random(300)).map(|_| b"%{}[]\"'!,:;=|~.-_ CB1G09tru"[random(27)]).collect();
                bytes.splice(..0, format!("{name}=").into_bytes());
            }
            line["cookie_header"] = String::from_utf8(bytes).expect("text").into();
            let Ok((verdict, _)) = decide(&line) else { continue };
            assert!(!noise || verdict != "granted", "{line}");
            tried += 1;
        }
    }
    assert!(tried > 0);
}

enum Miss {
    UnknownSource(String),
    Fault(String),
}

/// Which kind of configuration a line becomes.
fn decide(line: &Json) -> Result<(&'static str, Level), Miss> {
    let source = line["source"].as_str().expect("a source");
    let config = line["config"].as_object().expect("a configuration").clone();
    let folder = tempfile::tempdir().expect("a folder");
    let mut site = Translation::default();
    match source {
        "gpc" => site.set_if("gpc", config.get("gpc").or_else(|| config.get("mode"))),
        "dnt" => {
            let respect = config.get("respect").and_then(Json::as_bool).unwrap_or(false);
            site.set("dnt", if respect { "deny" } else { "ignore" }.into());
        }
        "session" => {
            site.source(&[("kind", "session".into()), ("path", path(&config["pointer"]))]);
            sensitive(&config, &mut site);
        }
        "allowlist" | "list" => {
            let mut list = vec![("kind", Json::from("list"))];
            for key in ["allow", "deny"] {
                if let Some(ids) = config.get(key).and_then(Json::as_array) {
                    let ids = ids.iter().map(|id| format!("{}\n", id.as_str().expect("an id")));
                    std::fs::write(folder.path().join(key), ids.collect::<String>()).expect("a file");
                    list.push((key, key.into()));
                }
            }
            site.source(&list);
        }
        "policy" => {
            std::fs::write(folder.path().join("nobody"), "").expect("a file");
            policy(&config, line, &mut site)?;
        }
        // What comes back is mapped by the back end's own rules; the policy decides over the answer.
        "sql" | "redis" | "http" => site.source(&[("kind", "session".into()), ("path", Json::from(vec!["answer"]))]),
        banner => {
            let mut keys = vec![("kind", Json::from(banner))];
            for (key, value) in config.iter().filter(|(key, _)| *key != "now") {
                let is_text = matches!((banner, key.as_str()), ("iubenda", _) | ("piwikpro", _)) && value.is_number();
                keys.push((key.as_str(), if is_text { value.to_string().into() } else { value.clone() }));
            }
            site.source(&keys);
        }
    }
    let levels = [("denied", "denied_level"), ("unknown", "unknown_level"), ("ceiling", "ceiling")];
    let file = site.file(&levels.map(|(key, option)| (key, config.get(option))));
    let file: File = match toml::from_str(&file) {
        Ok(file) => file,
        Err(error) if error.message().contains("unknown variant") => {
            return Err(Miss::UnknownSource(source.to_owned()));
        }
        Err(error) => return Err(Miss::Fault(error.to_string())),
    };
    let consent = &file.site[0].consent;
    let mut faults = Faults::default();
    let at = KeyPath::root().key("site").index(0);
    let invalidations = Arc::new(Invalidations::default());
    if line["input"]["invalidated"] == true {
        invalidations.note("shop", &AppUserId::from_text("u1").expect("an id"), NOW);
    }
    let surroundings = Surroundings { base: folder.path(), store: None, invalidations, do_not_track: false };
    let policy = Policy::build(consent, surroundings, &at.key("consent"), &mut faults);
    let upstream = &file.site[0].upstream[0];
    let levels =
        UpstreamLevels::build(upstream.denied(), upstream.unknown(), upstream.ceiling, consent, &at, &mut faults);
    let (Some(policy), Some(levels)) = (policy, levels) else {
        let faults = faults.iter().map(|fault| format!("{}: {}", fault.key, fault.problem));
        return Err(Miss::Fault(faults.collect::<Vec<_>>().join("; ")));
    };
    let decision = ask(&policy, line, source);
    Ok((decision.verdict.word(), level(&decision, &levels)))
}

fn ask(policy: &Policy, line: &Json, source: &str) -> Decision {
    let (input, config) = (&line["input"], &line["config"]);
    let mut headers = HeaderMap::new();
    for (name, value) in line["headers"].as_object().or_else(|| input["headers"].as_object()).into_iter().flatten() {
        let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        for value in values {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a header name");
            headers.append(name, HeaderValue::from_str(value.as_str().expect("text")).expect("a header value"));
        }
    }
    let claims =
        if input["session"].is_null() { Json::Object(serde_json::Map::new()) } else { input["session"].clone() };
    let id = input["uid"].as_str().or_else(|| claims["uid"].as_str()).unwrap_or("u1");
    let person = Person {
        user: AppUserId::from_text(id).expect("an id"),
        claims: Value::from(claims),
        snapshot: config["snapshot"] == true,
    };
    let by_account = ["session", "allowlist", "list", "policy", "sql", "redis", "http"].contains(&source);
    let cookies = Cookies::from_text(line["cookie_header"].as_str().unwrap_or(""));
    let asked = Asked {
        person: by_account.then_some(&person),
        realm: "shop",
        cookies: &cookies,
        headers: &headers,
        query: input["query"].as_str().unwrap_or(""),
        now: config["now"].as_str().map_or(NOW, instant),
        deadline: Duration::from_secs(10),
    };
    match source {
        "policy" => policy.decide_over(&asked, &verdicts(line)),
        "sql" | "redis" | "http" => policy.decide_over(&asked, &[back_end(source, config, input)]),
        _ => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
            runtime.block_on(policy.decide(&asked))
        }
    }
}

/// What a back end's answer means, by the rules of `bauta::consent::sources::backend`.
fn back_end(source: &str, config: &Json, input: &Json) -> Answer {
    let pick = |keys: &[(&str, &str)]| {
        let mut picked = toml::Table::new();
        for (key, option) in keys {
            let value = if key.ends_with("pointer") && !config[key].is_null() {
                path(&config[key])
            } else {
                config[key].clone()
            };
            if !value.is_null() {
                picked.insert((*option).to_owned(), in_toml(&value));
            }
        }
        toml::to_string(&picked).expect("TOML")
    };
    let failure = match input["error"].as_str() {
        Some("timeout") => Some(Failure::Timeout),
        Some(_) => Some(Failure::Error),
        None => None,
    };
    match source {
        "sql" => {
            let keys = ["column", "level_column", "granted_at", "revoked_at"].map(|key| (key, key));
            let shape: Sql = toml::from_str(&pick(&keys)).expect("a row's shape");
            let rows = input["rows"].as_array().cloned().unwrap_or_default();
            let rows = rows.into_iter().map(Value::from).collect::<Vec<_>>();
            of_rows(&shape, failure.map_or(Ok(&rows), Err))
        }
        "redis" => {
            let shape: Redis =
                toml::from_str(&pick(&[("pointer", "path"), ("level_pointer", "level_path")])).expect("a key's shape");
            let value = input["value"].as_str().map(str::as_bytes);
            of_key(&shape, failure.map_or(Ok(value), Err))
        }
        _ => {
            let keys = [("pointer", "path"), ("level_pointer", "level_path"), ("not_found", "not_found")];
            let shape: Http = toml::from_str(&pick(&keys)).expect("a document's shape");
            let reply = &input["http"];
            if reply["timeout"] == true {
                return of_http(&shape, Err(Failure::Timeout));
            }
            let Some(status) = reply["status"].as_u64() else { return of_http(&shape, Err(Failure::Error)) };
            let body = reply["body"].as_str().unwrap_or("").as_bytes();
            of_http(&shape, Ok(HttpReply { status: u16::try_from(status).expect("a status"), body }))
        }
    }
}

/// The sources of a policy line in order: those that are asked for, then those that are required and silent.
fn names(line: &Json) -> Vec<String> {
    let mut names = Vec::new();
    let config = &line["config"];
    let listed = config["order"].as_array().or_else(|| config["sources"].as_array());
    let listed = listed.into_iter().flatten().filter_map(Json::as_str);
    let spoke = line["input"]["verdicts"].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    let required = config["required"].as_array().into_iter().flatten().filter_map(Json::as_str);
    for name in listed.chain(spoke).chain(required) {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

fn verdicts(line: &Json) -> Vec<Answer> {
    let answer = |name: &String| {
        let spoke = &line["input"]["verdicts"][name];
        let answer = match spoke["analytics"].as_str() {
            Some("granted") => Answer::granted(),
            Some("denied") => Answer::denied(),
            _ => Answer::unknown(Reason::Absent),
        };
        let level = spoke["level"].as_str().map(|word| Level::from_word(word).expect("a level"));
        level.map_or(answer, |level| answer.at_most(level))
    };
    names(line).iter().map(answer).collect()
}

fn sensitive(config: &serde_json::Map<String, Json>, site: &mut Translation) {
    site.set_if("sensitive", config.get("sensitive_pointer").map(path).as_ref());
    site.set_if("sensitive_level", config.get("sensitive_level"));
}

/// The options of a policy line that say something about its sources or its upstream.
const OF_SOURCES: [&str; 9] =
    ["order", "sources", "required", "device", "records", "snapshot", "denied_level", "unknown_level", "ceiling"];

fn policy(config: &serde_json::Map<String, Json>, line: &Json, site: &mut Translation) -> Result<(), Miss> {
    for (key, option) in [
        ("mode", "combine"),
        ("default", "default"),
        ("granted_level", "granted_level"),
        ("gpc", "gpc"),
        ("dnt", "dnt"),
        ("covers_account", "covers_account"),
        ("i_have_another_legal_basis", "i_have_another_legal_basis"),
    ] {
        site.set_if(option, config.get(key));
    }
    sensitive(config, site);
    let unknown = |key: &&String| !OF_SOURCES.contains(&key.as_str()) && !site.has(key);
    if let Some(key) = config.keys().filter(|key| !["mode", "sensitive_pointer"].contains(&key.as_str())).find(unknown)
    {
        return Err(Miss::Fault(format!("a policy has no option {key}")));
    }
    let among =
        |key: &str, name: &str| config.get(key).and_then(Json::as_array).is_some_and(|all| all.contains(&name.into()));
    for name in names(line) {
        let required = ("required", Json::from(among("required", &name)));
        // What a source is decides on whose behalf it speaks; what it says is in the line.
        let kind = match () {
            () if among("device", &name) => [("kind", "cookie".into()), ("cookie", name.into())],
            () if among("records", &name) => [("kind", "list".into()), ("allow", "nobody".into())],
            () => [("kind", "session".into()), ("path", Json::from(vec![name]))],
        };
        site.source(&[kind.as_slice(), &[required]].concat());
    }
    Ok(())
}
