use super::*;
use crate::payload::document::Document;
use crate::payload::edit::{Spliced, splice};
use crate::payload::scan::Limits;

struct Marks;

impl Renamer for Marks {
    fn group(&self, kind: &str, key: &str) -> String {
        format!("g:{kind}:{}", key.len())
    }
    fn stranger(&self, id: &str) -> String {
        format!("s:{}", id.len())
    }
    fn is_claim(&self, id: &str) -> bool {
        id.starts_with("ua_")
    }
}

const OURS: Properties<'static> = Properties { name: "userId", traits: &[("plan", Some("paid")), ("role", None)] };

fn written(text: &str, identity: &Identity<'_>) -> String {
    let document = Document::read_text(text.to_owned(), &Limits::default()).unwrap();
    let mut edits = Edits::new();
    write(document.root(), identity, &OURS, &Marks, &mut edits);
    let out = match splice(&document, &edits) {
        Spliced::Unchanged => text.to_owned(),
        Spliced::Edited(bytes) => String::from_utf8(bytes).unwrap(),
    };
    serde_json::from_str::<serde_json::Value>(&out).unwrap();
    out
}

const PERSON: Identity<'static> = Identity::Person { pseudonym: "ua_1", profile: Profile::AsSent, merges: false };
const NOBODY: Identity<'static> = Identity::Cookieless { agent: "Browser/1", host: "shop.example" };
const UUID: &str = "0190f3a2-7c1d-7abc-8def-0123456789ab";

#[test]
fn a_person_stands_in_every_place() {
    let sent = format!(
        r#"{{"event":"$identify","distinct_id":"a@b.example","$set":{{"x":1}},"properties":{{"distinct_id":"a@b.example","$user_id":"a@b.example","$anon_distinct_id":"{UUID}","alias":"old","$device_id":"{UUID}","$groups":{{"org":"acme"}},"userId":"forged","role":"forged","$process_person_profile":true,"n":12345678901234567890.50}}}}"#
    );
    let want = format!(
        r#"{{"event":"$identify","distinct_id":"ua_1","$set":{{"x":1}},"properties":{{"distinct_id":"ua_1","$user_id":"ua_1","$anon_distinct_id":"ua_1","alias":"ua_1","$device_id":"{UUID}","$groups":{{"org":"g:org:4"}},"$process_person_profile":true,"n":12345678901234567890.50,"plan":"paid"}}}}"#
    );
    assert_eq!(written(&sent, &PERSON), want);
}

#[test]
fn a_duplicate_or_escaped_key_hides_nothing() {
    let sent =
        r#"{"event":"e","distinct_id":"a","properties":{"distinct\u005fid":"b","distinct_id":"c","$user_id":7}}"#;
    let out = written(sent, &PERSON);
    for raw in ["\"a\"", "\"b\"", "\"c\"", ":7"] {
        assert!(!out.contains(raw), "{raw} in {out}");
    }
}

#[test]
fn earlier_history_is_merged_only_when_allowed_and_only_from_a_random_id() {
    let merging = Identity::Person { pseudonym: "ua_1", profile: Profile::Always, merges: true };
    let with = |anon: &str, device: &str| {
        format!(
            r#"{{"event":"$identify","distinct_id":"x","properties":{{"$anon_distinct_id":"{anon}","$device_id":"{device}"}}}}"#
        )
    };
    assert!(written(&with(UUID, UUID), &merging).contains(&format!(r#""$anon_distinct_id":"{UUID}""#)));
    assert!(written(&with("other@b.example", UUID), &merging).contains(r#""$anon_distinct_id":"ua_1""#));
    let account = "11111111-2222-3333-4444-555555555555";
    assert!(written(&with(account, UUID), &merging).contains(r#""$anon_distinct_id":"ua_1""#), "another person's id");
    assert!(written(&with(UUID, UUID), &PERSON).contains(r#""$anon_distinct_id":"ua_1""#));
    assert!(written(&with(UUID, UUID), &merging).contains(r#""$process_person_profile":true"#));
}

#[test]
fn nobody_is_cookieless_and_cannot_be_linked() {
    let sent = format!(
        r#"{{"event":"$pageview","uuid":"{UUID}","distinct_id":"{UUID}","$set":{{"email":"x"}},"$set_once":{{}},"session_id":"s","properties":{{"$session_id":"s1","$window_id":"w1","$device_id":"{UUID}","$user_id":"u","$groups":{{"org":"acme"}},"$host":"shop.example","$raw_user_agent":"UA","$ip":"192.0.2.1","user_id":7,"$is_identified":true,"$process_person_profile":true,"title":"x"}}}}"#
    );
    assert_eq!(
        written(&sent, &NOBODY),
        format!(
            r#"{{"event":"$pageview","uuid":"{UUID}","distinct_id":"$posthog_cookieless","properties":{{"$host":"shop.example","$raw_user_agent":"UA","$ip":"192.0.2.1","title":"x","$process_person_profile":false,"$cookieless_mode":true,"$device_id":null}}}}"#
        )
    );
}

#[test]
fn what_the_vendor_counts_nobody_by_is_completed_from_the_request() {
    let sent = r#"{"event":"$pageview","distinct_id":"d","properties":{"$host":"own.example"}}"#;
    let out = written(sent, &NOBODY);
    assert!(out.contains(r#""$raw_user_agent":"Browser/1""#) && out.contains(r#""$host":"own.example""#), "{out}");
    assert!(!out.contains("shop.example"), "{out}");
}

#[test]
fn the_second_protocol_says_it_in_its_options() {
    let sent = r#"{"event":"e","distinct_id":"d","session_id":"s","window_id":"w","options":{"process_person_profile":true},"properties":{}}"#;
    let out = written(sent, &NOBODY);
    assert!(out.contains(r#""options":{"cookieless_mode":true,"process_person_profile":false}"#), "{out}");
    assert!(!out.contains("session_id") && !out.contains("window_id"), "{out}");
    let always = Identity::Person { pseudonym: "ua_1", profile: Profile::Always, merges: false };
    assert!(written(sent, &always).contains(r#""options":{"process_person_profile":true}"#));
}

#[test]
fn a_device_keeps_random_ids_and_loses_every_other() {
    let keeps = format!(r#"{{"event":"e","distinct_id":"{UUID}","properties":{{"$device_id":"{UUID}"}}}}"#);
    assert_eq!(written(&keeps, &Identity::Device), keeps);
    let loses = format!(
        r#"{{"event":"e","distinct_id":"a@b.example","properties":{{"$device_id":"{UUID}","$user_id":"a@b.example","userId":"x"}}}}"#
    );
    let out = written(&loses, &Identity::Device);
    assert!(!out.contains("a@b") && !out.contains("userId"), "{out}");
    let account = format!(
        r#"{{"event":"e","distinct_id":"11111111-2222-3333-4444-555555555555","properties":{{"$device_id":"{UUID}"}}}}"#
    );
    assert!(
        written(&account, &Identity::Device).contains(r#""distinct_id":"s:36""#),
        "an account's UUID is no random id"
    );
}

#[test]
fn property_mode_changes_one_property() {
    let sent = r#"{"event":"e","distinct_id":"a@b.example","properties":{"x":1}}"#;
    let property = Identity::Property { pseudonym: "ua_1" };
    assert_eq!(
        written(sent, &property),
        r#"{"event":"e","distinct_id":"a@b.example","properties":{"x":1,"userId":"ua_1","plan":"paid"}}"#
    );
    let forged = r#"{"event":"e","distinct_id":"d","properties":{"userId":"forged","userId":"again"}}"#;
    assert_eq!(
        written(forged, &property),
        r#"{"event":"e","distinct_id":"d","properties":{"userId":"ua_1","plan":"paid"}}"#
    );
    assert!(written(r#"{"event":"e","distinct_id":"d"}"#, &property).contains(r#""properties":{"userId":"ua_1""#));
    let claimed = written(r#"{"event":"e","distinct_id":"ua_other","properties":{}}"#, &property);
    assert!(claimed.contains(r#""distinct_id":"s:8""#), "{claimed}");
}

#[test]
fn properties_that_are_null_are_not_written_a_second_time() {
    let sent = r#"{"event":"e","distinct_id":"d","properties":null}"#;
    assert_eq!(written(sent, &PERSON), r#"{"event":"e","distinct_id":"ua_1","properties":{"plan":"paid"}}"#);
    assert_eq!(written(sent, &Identity::Device), r#"{"event":"e","distinct_id":"s:1","properties":null}"#);
}

#[test]
fn a_sentinel_does_not_stay_beside_a_person() {
    let sent = r#"{"event":"e","distinct_id":"$posthog_cookieless","properties":{"$cookieless_mode":true}}"#;
    assert_eq!(written(sent, &PERSON), r#"{"event":"e","distinct_id":"ua_1","properties":{"plan":"paid"}}"#);
}

#[test]
fn what_links_events_is_listed() {
    let sent = format!(
        r#"{{"event":"e","distinct_id":"{UUID}","properties":{{"$session_id":"abcdef12","$window_id":"w","n":1}}}}"#
    );
    let document = Document::read_text(sent, &Limits::default()).unwrap();
    assert_eq!(linkable(document.root()), [UUID, "abcdef12"]);
}
