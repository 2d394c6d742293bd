//! The published construction of pseudonyms, through the real loader.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test that panics fails, which is what it is for"
)]

mod support;

use std::fmt::Write;

use bauta::config::fault::Faults;
use bauta::identity::MasterKey;
use bauta::person::AppUserId;
use bauta::runtime::{Runtime, Surroundings};
use serde_json::Value;
use support::data;

fn text<'a>(line: &'a Value, key: &str) -> &'a str {
    line[key].as_str().unwrap_or_else(|| panic!("{key} is missing in {line}"))
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A configuration with the line's key, realm, upstream and length, read by the loader.
fn runtime(line: &Value, folder: &std::path::Path) -> Runtime {
    std::fs::write(folder.join("hmac.key"), unhex(text(line, "master_hex"))).unwrap();
    let mut file = String::from("version = 1\n");
    let kid = line["kid"].as_str().unwrap_or("1");
    writeln!(file, "[keys]\nactive = {{ id = {}, file = \"hmac.key\" }}", quoted(kid)).unwrap();
    writeln!(file, "[[site]]\nname = \"site\"\nrealm = {}", quoted(text(line, "tenant"))).unwrap();
    writeln!(file, "[[site.upstream]]\nvendor = \"plausible\"\nurl = \"https://plausible.io\"").unwrap();
    writeln!(file, "sites = [\"site.example\"]\nname = {}", quoted(line["upstream"].as_str().unwrap_or("p"))).unwrap();
    writeln!(file, "bits = {}", line["bits"].as_u64().unwrap_or(128)).unwrap();
    let path = folder.join("bauta.toml");
    std::fs::write(&path, file).unwrap();
    let loaded = bauta::config::load(&path, std::iter::empty()).unwrap();
    let mut faults = Faults::default();
    let surroundings = Surroundings { do_not_track: false, open_store: false };
    let built = Runtime::build(&loaded.file, &loaded.base, surroundings, &mut faults);
    built.unwrap_or_else(|| panic!("{faults:?}"))
}

#[test]
fn every_vector_gives_the_published_id() {
    let lines = data::lines("vectors/identity.jsonl");
    let mut misses = Vec::new();
    for line in &lines {
        let folder = tempfile::tempdir().unwrap();
        let runtime = runtime(line, folder.path());
        let made = match text(line, "op") {
            "uid" => {
                let user = AppUserId::from_text(text(line, "user")).unwrap();
                let epoch = u32::try_from(line["epoch"].as_u64().unwrap()).unwrap();
                let site = runtime.sites.first().unwrap();
                site.upstreams.first().unwrap().pseudonymiser.as_ref().unwrap().pseudonym(&user, epoch).to_string()
            }
            "visitor" => {
                let key: &MasterKey = &runtime.keys.as_ref().unwrap().active;
                let [tenant, day, site] = ["tenant", "day", "site"].map(|key| text(line, key));
                key.daily_visitor(tenant, day, site, text(line, "ip"), text(line, "ua"))
            }
            other => panic!("unknown op {other}"),
        };
        if made != text(line, "expect") {
            misses.push(format!("{line}: {made}"));
        }
    }
    data::report("identity", lines.len(), &misses);
}
