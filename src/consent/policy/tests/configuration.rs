//! What is wrong with a policy, and what an operator hears of one that is sound.

use std::path::Path;

use super::{Site, levels, person, verdict};
use crate::consent::{Fate, Note, Row, Verdict};
use crate::level::Level;

#[test]
fn a_wrong_configuration_lists_all_its_faults() {
    let faults = Site::new().try_policy(
        r#"
        gpc = "maybe"
        dnt = "cap:max"
        default = "granted"
        granted_level = "off"
        sensitive = []
        sensitive_level = "full"
        covers_account = " "
        combine = "first_known"
        sources = [
            { kind = "session", path = [] },
            { kind = "cookie", cookie = "a b", granted_values = ["1"], denied_values = ["1"], max_value_bytes = 5000 },
            { kind = "list", required = true },
            { kind = "list", allow = "missing.txt" },
            { kind = "klaro" },
            { kind = "didomi" },
            { kind = "posthog", token = "phc_x", cookie = "x" },
            { kind = "piwikpro" },
            { kind = "tcf", purposes = [0] },
        ]
        "#,
    );
    let expected = [
        "sources[0].path",
        "sources[1].cookie",
        "sources[1].denied_values",
        "sources[1].max_value_bytes",
        "sources[2]",
        "sources[2].required",
        "sources[3].allow",
        "sources[4].service",
        "sources[5].purpose",
        "sources[6]",
        "sources[7].app_id",
        "sources[8].purposes",
        "gpc",
        "dnt",
        "default",
        "granted_level",
        "sensitive",
        "sensitive_level",
        "covers_account",
    ];
    assert_eq!(faults.err().unwrap(), expected);
}

#[test]
fn the_fate_table_is_what_the_rules_say() {
    let table = |toml: &str| {
        let fate = Site::new().policy(toml).fate(&levels());
        assert_eq!(fate.map(|Fate { row, .. }| row), Row::ALL);
        assert!(fate.iter().all(|fate| fate.identified == (fate.level == Level::Full && fate.row != Row::NoAccount)));
        fate.map(|fate| fate.level)
    };
    use Level::{Anonymised, Full, Local, Off};
    assert_eq!(table(r#"sources = [{ kind = "store" }]"#), [Full, Anonymised, Local, Local, Anonymised]);
    assert_eq!(table(""), [Local, Local, Local, Local, Anonymised], "without a source nobody consents or refuses");
    let device = r#"sources = [{ kind = "klaro", service = "plausible" }]"#;
    assert_eq!(table(device), [Anonymised, Anonymised, Local, Local, Anonymised]);
    let covered = format!("covers_account = \"we count what members do\"\n{device}");
    assert_eq!(table(&covered), [Full, Anonymised, Local, Local, Anonymised]);
    let capped = "gpc = \"cap:off\"\nsources = [{ kind = \"store\" }]";
    assert_eq!(table(capped), [Full, Anonymised, Local, Local, Off]);
    let ignored = "gpc = \"ignore\"\ndefault = \"denied\"\nsources = [{ kind = \"store\" }]";
    assert_eq!(table(ignored), [Full, Anonymised, Anonymised, Anonymised, Full]);
    let only_refusals = r#"sources = [{ kind = "usprivacy" }]"#;
    assert_eq!(table(only_refusals), [Local, Anonymised, Local, Local, Anonymised]);
}

#[test]
fn an_operator_hears_what_a_valid_policy_does_not_do() {
    let notes = |toml: &str, snapshot: bool| {
        let notes = Site::new().policy(toml).notes(snapshot);
        assert!(notes.iter().all(|note| !note.to_string().is_empty()));
        notes.iter().map(Note::word).collect::<Vec<_>>()
    };
    let session = r#"{ kind = "session", path = ["ok"] }"#;
    assert_eq!(notes("", true), ["nobody_can_consent"]);
    assert_eq!(notes(&format!("sources = [{session}]"), true), ["snapshot_only"]);
    assert!(notes(&format!("sources = [{session}]"), false).is_empty());
    assert!(notes(&format!("sources = [{session}, {{ kind = \"store\" }}]"), true).is_empty());
    assert_eq!(notes(r#"sources = [{ kind = "matomo" }]"#, true), ["device_only"]);
    assert_eq!(notes(r#"sources = [{ kind = "osano" }]"#, false), ["nobody_can_consent", "unreadable_source"]);
    let basis = "default = \"granted\"\ni_have_another_legal_basis = \"contract\"\nsources = [{ kind = \"store\" }]";
    assert_eq!(notes(basis, true), ["legal_basis"]);
    let redis = |more: &str| {
        format!("sources = [{{ kind = \"redis\", url = \"redis://127.0.0.1:1/0\", key = \"c:{{user}}\", {more} }}]")
    };
    assert_eq!(notes(&redis("ttl = \"31s\""), true), ["late_withdrawal"]);
    assert!(notes(&redis("ttl = \"30s\""), true).is_empty());
    assert!(notes(&redis("ttl = \"300s\", channel = \"consent\""), true).is_empty());
}

#[test]
fn paths_of_lists_are_relative_to_the_configuration() {
    let site = Site::new();
    site.file("agreed.txt", "alice\n");
    assert!(Path::new("agreed.txt").metadata().is_err());
    let policy = site.policy(r#"sources = [{ kind = "list", allow = "agreed.txt" }]"#);
    assert_eq!(verdict(&policy, Some(&person("alice", "{}", false)), ""), Verdict::Granted);
}

#[test]
fn purposes_are_checked_when_they_are_read() {
    let faults = Site::new().try_policy("purposes.replay.allow = \"asked\"\n").err().unwrap();
    assert_eq!(faults, ["purposes.replay.sources"]);
    let faults = Site::new().try_policy("purposes.link.sources = [{ kind = \"store\" }]\n").err().unwrap();
    assert_eq!(faults, ["purposes.link.sources"]);
}
