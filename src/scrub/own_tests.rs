//! What counts as a person's own data, and what does not.

use super::*;
use crate::scrub::keys::Key;
use crate::scrub::look::Spot;

fn person(id: &str, claims: serde_json::Value) -> OwnTerms {
    let user = crate::person::AppUserId::from_text(id).unwrap();
    OwnTerms::of(&Person { user, claims: Value::from(claims), snapshot: false }, &Own::default())
}

fn found<'a>(terms: &OwnTerms, text: &'a str, key: Key) -> Vec<&'a str> {
    let mut hits = Hits::default();
    terms.find(text, Spot::value(key), &mut hits);
    hits.settle(0);
    hits.since(0).iter().map(|hit| &text[hit.start..hit.end]).collect()
}

fn in_text<'a>(terms: &OwnTerms, text: &'a str) -> Vec<&'a str> {
    found(terms, text, Key::SILENT)
}

#[test]
fn long_ids_are_found_anywhere() {
    let own = person("usr_9f8e7d6c5b4a", serde_json::json!({}));
    assert_eq!(in_text(&own, "load USR_9F8E7D6C5B4A.json"), ["USR_9F8E7D6C5B4A"]);
    let own = person("0b9c6f1e-9f6a-4b7e-8c1d-2e3f4a5b6c7d", serde_json::json!({}));
    assert_eq!(in_text(&own, "x0b9c6f1e9f6a4b7e8c1d2e3f4a5b6c7dx"), ["0b9c6f1e9f6a4b7e8c1d2e3f4a5b6c7d"]);
}

#[test]
fn short_ids_need_a_key() {
    let own = person("1", serde_json::json!({}));
    assert!(in_text(&own, "1 of 10 pages, 11").is_empty());
    assert_eq!(found(&own, "1", keys::read("user_id")), ["1"]);
    let own = person("123456", serde_json::json!({}));
    assert_eq!(in_text(&own, "user 123456 and 1234567"), ["123456"]);
}

#[test]
fn names_are_found_whole_and_in_parts() {
    let own = person("x", serde_json::json!({ "name": "Ada Lovelace", "email": "ada.l@example.org" }));
    assert_eq!(in_text(&own, "Welcome back, Ada Lovelace!"), ["Ada Lovelace"]);
    assert_eq!(in_text(&own, "/team/ada-lovelace/edit"), ["ada-lovelace"]);
    assert_eq!(in_text(&own, "Invoice Lovelace"), ["Lovelace"]);
    assert_eq!(in_text(&own, "Lovelace, Ada"), ["Lovelace, Ada"]);
    assert_eq!(in_text(&own, "mail ADA.L@EXAMPLE.ORG"), ["ADA.L@EXAMPLE.ORG"]);
    assert!(in_text(&own, "Canada and adapters").is_empty());
}

#[test]
fn accents_do_not_hide_a_name() {
    let own = person("x", serde_json::json!({ "first_name": "Renée", "last_name": "Müller-Groß" }));
    assert_eq!(in_text(&own, "renee"), ["renee"]);
    assert_eq!(in_text(&own, "Hallo Renée"), ["Renée"]);
}

#[test]
fn telephones_are_found_in_any_writing() {
    let own = person("x", serde_json::json!({ "phone": "+49 151 86296243" }));
    for text in ["0151 86296243", "004915186296243", "151-862-96243", "+49 (0) 151 / 86296243"] {
        assert_eq!(in_text(&own, text).len(), 1, "{text}");
    }
    assert!(in_text(&own, "0151 86296244").is_empty());
}

#[test]
fn configured_paths_are_read() {
    let user = crate::person::AppUserId::from_text("x").unwrap();
    let claims = Value::from(serde_json::json!({ "u": { "h": "countess89" } }));
    let own = Own { handle: vec![vec!["u".into(), "h".into()]], ..Own::default() };
    let terms = OwnTerms::of(&Person { user, claims, snapshot: false }, &own);
    assert_eq!(in_text(&terms, "by @countess89"), ["countess89"]);
}
