//! Our properties: nobody can hide, forge or push them out, and an event is never made worse.

use bauta::payload::document::{Document, Node};
use bauta::payload::edit::Edits;
use bauta::payload::plausible::Slots;
use bauta::payload::plausible::props::{Names, anonymise, identify, is_user_id_name};
use serde_json::{Value, json};

use crate::support::{bodies, read, spliced};

fn names() -> Names {
    Names { property: "userId".into(), traits: vec!["plan".into()], keep: vec!["kept".into(), "kept2".into()] }
}

/// The event at level full, with the trait `plan` = `paid`, and how many properties were dropped.
fn full(event: &str) -> (String, usize) {
    let document = read(event);
    let mut edits = Edits::new();
    let slots = Slots::read(document.root()).expect("an object");
    let dropped = identify(&slots, &names(), "u_1", &[("plan", "paid")], &mut edits);
    (spliced(&document, &edits), dropped)
}

fn without_identity(event: &str) -> String {
    let document = read(event);
    let mut edits = Edits::new();
    anonymise(&Slots::read(document.root()).expect("an object"), &names(), &mut edits);
    spliced(&document, &edits)
}

/// What the vendor stores of an event: first of duplicates, first truthy container, filter, `path`, first 30 in an order
/// that is not ours to know (so: all, and the count must not exceed 30).
fn stored(event: &str) -> Vec<(String, String)> {
    let document = read(event);
    let root = document.root();
    let first = |name: &str| root.get_all(name).next().filter(|value| value.is_truthy());
    let Some(container) = ["m", "meta", "p", "props"].iter().find_map(|name| first(name)) else { return Vec::new() };
    let inner: Document;
    let object: Node<'_> = match container.text() {
        Some(text) => {
            let Ok(parsed) = Document::read_text(text.into_owned(), &Default::default()) else { return Vec::new() };
            inner = parsed;
            inner.root()
        }
        None => container,
    };
    let mut seen: Vec<String> = Vec::new();
    let mut stored = Vec::new();
    for (key, value) in object.members() {
        let key = key.text().expect("a key").into_owned();
        if seen.contains(&key) {
            continue;
        }
        seen.push(key.clone());
        let value: Value = serde_json::from_str(&document_text(value)).expect("a value");
        let text = match value {
            Value::String(text) => text,
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => continue,
        };
        if !text.trim().is_empty() && !key.trim().is_empty() {
            stored.push((key, text));
        }
    }
    let name = ["n", "name"].iter().find_map(|name| first(name)).map(|name| name.raw().to_owned());
    let path_event = ["404", "WP Form Completions", "Form: Submission"].iter().any(|own| name.as_deref() == Some(*own));
    if path_event && !stored.iter().any(|(key, _)| key == "path") {
        stored.push(("path".into(), "/".into()));
    }
    stored
}

fn document_text(value: Node<'_>) -> String {
    value.document().text()[value.whole().range()].to_owned()
}

fn has(event: &str, name: &str, value: &str) -> bool {
    stored(event).iter().any(|(key, text)| key == name && text == value)
}

#[test]
fn ours_are_set_in_the_container_the_vendor_reads() {
    for (event, expected) in [
        (r#"{"n":"a","p":{"x":1}}"#, r#"{"n":"a","p":{"x":1,"userId":"u_1","plan":"paid"}}"#),
        (r#"{"n":"a","p":{}}"#, r#"{"n":"a","p":{"userId":"u_1","plan":"paid"}}"#),
        (r#"{"props":{"x":1} }"#, r#"{"props":{"x":1,"userId":"u_1","plan":"paid"} }"#),
        (r#"{"m":{"x":1},"v":1}"#, r#"{"m":{"x":1,"userId":"u_1","plan":"paid"},"v":1}"#),
        // No container: one is created.
        (r#"{"n":"a"}"#, r#"{"n":"a","p":{"userId":"u_1","plan":"paid"}}"#),
        ("{}", r#"{"p":{"userId":"u_1","plan":"paid"}}"#),
        // A falsy one would come first among duplicates.
        (r#"{"p":null,"n":"a"}"#, r#"{"n":"a","p":{"userId":"u_1","plan":"paid"}}"#),
        (r#"{"m":false,"props":null}"#, r#"{"p":{"userId":"u_1","plan":"paid"}}"#),
        // Truthy, and no object: replaced.
        (r#"{"m":"","p":{"x":1}}"#, r#"{"m":{"userId":"u_1","plan":"paid"}}"#),
        (r#"{"p":[1,2]}"#, r#"{"p":{"userId":"u_1","plan":"paid"}}"#),
        (r#"{"p":"{\"a\":"}"#, r#"{"p":{"userId":"u_1","plan":"paid"}}"#),
        // Every other container goes, so that none can hide ours or carry a forged one.
        (
            r#"{"props":{"userId":"x"},"m":{"a":1},"p":"{\"userId\":\"x\"}","meta":{}}"#,
            r#"{"m":{"a":1,"userId":"u_1","plan":"paid"}}"#,
        ),
        (r#"{"p":{"a":1},"p":{"userId":"x"},"n":"b"}"#, r#"{"p":{"a":1,"userId":"u_1","plan":"paid"},"n":"b"}"#),
        (r#"{"p":{"a":1},"\u0070":{"userId":"x"}}"#, r#"{"p":{"a":1,"userId":"u_1","plan":"paid"}}"#),
        // JSON text stays JSON text, the rest of it byte for byte.
        (r#"{"p":"{\"a\": \"\\u00e9\"}"}"#, r#"{"p":"{\"a\": \"\\u00e9\",\"userId\":\"u_1\",\"plan\":\"paid\"}"}"#),
        (r#"{"m":"{}","p":{"b":"2"}}"#, r#"{"m":"{\"userId\":\"u_1\",\"plan\":\"paid\"}"}"#),
    ] {
        assert_eq!(full(event), (expected.to_owned(), 0), "{event}");
        assert!(has(expected, "userId", "u_1") && has(expected, "plan", "paid"), "{event}");
    }
}

#[test]
fn what_the_client_claims_is_overwritten_wherever_it_stands() {
    for (event, expected) in [
        (r#"{"p":{"userId":"victim","a":1}}"#, r#"{"p":{"userId":"u_1","a":1,"plan":"paid"}}"#),
        (
            r#"{"p":{"userId":"x","plan":"free","userId":{"a":[1]}}}"#,
            r#"{"p":{"userId":"u_1","plan":"paid","userId":"u_1"}}"#,
        ),
        (r#"{"p":{"user\u0049d":7}}"#, r#"{"p":{"user\u0049d":"u_1","plan":"paid"}}"#),
        (r#"{"p":"{\"userId\":null,\"plan\":1}"}"#, r#"{"p":"{\"userId\":\"u_1\",\"plan\":\"paid\"}"}"#),
    ] {
        assert_eq!(full(event), (expected.to_owned(), 0), "{event}");
    }
    // A trait that this person does not have, or that the vendor would refuse, cannot be claimed either.
    let document = read(r#"{"p":{"plan":"enterprise","a":1}}"#);
    let long = "x".repeat(2001);
    for traits in [&[][..], &[("plan", "")], &[("plan", " \u{a0}")], &[("plan", long.as_str())]] {
        let mut edits = Edits::new();
        identify(&Slots::read(document.root()).expect("an object"), &names(), "u_1", traits, &mut edits);
        assert_eq!(spliced(&document, &edits), r#"{"p":{"a":1,"userId":"u_1"}}"#);
    }
}

#[test]
fn without_identity_ours_and_those_named_like_an_account_id_are_removed() {
    for (event, expected) in [
        (r#"{"n":"a"}"#, r#"{"n":"a"}"#),
        (r#"{"n":"a","p":{"x":1}}"#, r#"{"n":"a","p":{"x":1}}"#),
        (r#"{"p":{"userId":1,"x":2,"plan":"paid"}}"#, r#"{"p":{"x":2}}"#),
        (r#"{"p":{"USER_ID":1,"uid":2,"user-id":3,"User Id":4,"customerId":5,"x":6}}"#, r#"{"p":{"x":6}}"#),
        (r#"{"p":{"userId":1,"userId":2}}"#, r#"{"p":{}}"#),
        (r#"{"p":"{\"user_id\":1,\"x\":\"\\u00e9\"}"}"#, r#"{"p":"{\"x\":\"\\u00e9\"}"}"#),
        (r#"{"p":{"x":1},"props":{"userId":1},"m":null}"#, r#"{"p":{"x":1}}"#),
        (r#"{"p":"no json","props":{"userId":1},"n":"a"}"#, r#"{"n":"a"}"#),
        (r#"{"m":0}"#, "{}"),
    ] {
        assert_eq!(without_identity(event), expected, "{event}");
    }
    for name in ["userId", "user_id", "USERID", "u.s.e.r.i.d", "$user_id", "uid", "account-id", "memberID"] {
        assert!(is_user_id_name(name), "{name}");
    }
    for name in ["user", "id", "userType", "guid", "fluid", "user_idea", "", "uuid", "order_id", "u\u{131}d"] {
        assert!(!is_user_id_name(name), "{name}");
    }
}

/// An event with these props.
fn event(name: &str, props: &[(&str, Value)]) -> String {
    let members: Vec<String> = props.iter().map(|(key, value)| format!("{}:{value}", json!(key))).collect();
    format!("{{\"n\":{},\"p\":{{{}}}}}", json!(name), members.join(","))
}

/// `count` props `a00`, `a01`, ... with a value each.
fn numbered(count: usize) -> Vec<(&'static str, Value)> {
    (0..count).map(|at| (&*format!("a{at:02}").leak(), json!("v"))).collect()
}

/// Which of the numbered props are left, and how many went.
fn budget(name: &str, props: &[(&str, Value)]) -> (Vec<String>, usize) {
    let (out, dropped) = full(&event(name, props));
    let stored = stored(&out);
    assert!(stored.len() <= 30, "{} props", stored.len());
    assert!(has(&out, "userId", "u_1") && has(&out, "plan", "paid"));
    (
        stored.into_iter().map(|(key, _)| key).filter(|key| !["userId", "plan"].contains(&key.as_str())).collect(),
        dropped,
    )
}

#[test]
fn thirty_properties_hold_ours_and_the_last_of_the_page_go() {
    for count in 0..28 {
        assert_eq!(budget("x", &numbered(count)).1, 0);
    }
    assert_eq!(budget("x", &numbered(28)).1, 0);
    for count in [29, 30, 31, 60, 500] {
        let (left, dropped) = budget("x", &numbered(count));
        assert_eq!(dropped, count - 28);
        assert_eq!(left, numbered(28).iter().map(|(key, _)| (*key).to_owned()).collect::<Vec<_>>());
    }
    // A claimed one takes the place of ours, not one more.
    let mut props = numbered(28);
    props.insert(0, ("userId", json!("forged")));
    props.push(("plan", json!("forged")));
    assert_eq!(budget("x", &props).1, 0);
}

#[test]
fn only_what_the_vendor_stores_is_counted() {
    let mut props = numbered(28);
    for (at, value) in [json!(null), json!(""), json!(" \t\u{a0}"), json!([1]), json!({"a": 1})].into_iter().enumerate()
    {
        props.push((&*format!("b{at}").leak(), value));
    }
    props.push((" ", json!("blank key")));
    props.push(("", json!("blank key")));
    assert_eq!(budget("x", &props).1, 0);
    // One that counts although a duplicate of it does not.
    props.push(("b0", json!("now")));
    assert_eq!(budget("x", &props).1, 1);
    // A duplicate counts once, and goes with all its occurrences.
    let mut props = numbered(28);
    props.push(("a00", json!("again")));
    assert_eq!(budget("x", &props).1, 0);
    let mut props = numbered(29);
    props.push(("a28", json!("again")));
    let (left, dropped) = budget("x", &props);
    assert_eq!((left.len(), dropped), (28, 1));
    // Booleans and numbers are stored as text.
    let mut props = numbered(26);
    props.extend([("b", json!(false)), ("c", json!(0)), ("d", json!(1.5))]);
    assert_eq!(budget("x", &props).1, 1);
}

#[test]
fn names_to_keep_come_first() {
    let mut props = numbered(40);
    props.push(("kept2", json!(2)));
    props.push(("kept", json!(1)));
    let (left, dropped) = budget("x", &props);
    assert_eq!(dropped, 14);
    assert!(left.contains(&"kept".to_owned()) && left.contains(&"kept2".to_owned()));
    assert!(left.contains(&"a25".to_owned()) && !left.contains(&"a26".to_owned()));
}

#[test]
fn the_three_path_events_have_room_for_one_less_unless_the_client_sent_path() {
    for name in ["404", "WP Form Completions", "Form: Submission"] {
        assert_eq!(budget(name, &numbered(27)).1, 0);
        assert_eq!(budget(name, &numbered(28)).1, 1);
        let mut props = numbered(27);
        props.push(("path", json!("/sent")));
        assert_eq!(budget(name, &props).1, 0);
        // It is the last, but without it the vendor would add one.
        props.insert(0, ("one", json!("more")));
        let (left, dropped) = budget(name, &props);
        assert_eq!(dropped, 1);
        assert!(left.contains(&"path".to_owned()));
        // Sent, and filtered out by the vendor: it adds its own.
        let mut props = numbered(27);
        props.push(("path", json!("")));
        assert_eq!(budget(name, &props).1, 0);
        props.push(("more", json!("1")));
        assert_eq!(budget(name, &props).1, 1);
    }
    let mut props = numbered(27);
    props.push(("path", json!("/sent")));
    assert_eq!(budget("x", &props).1, 0);
}

#[test]
fn a_property_that_makes_the_vendor_refuse_the_event_goes_first_when_some_must_go() {
    let long_key: &str = "k".repeat(301).leak();
    let mut props = vec![("kept", json!("v".repeat(2001))), (long_key, json!("v"))];
    props.extend(numbered(28));
    let (left, dropped) = budget("x", &props);
    assert_eq!(dropped, 2);
    assert_eq!(left, numbered(28).iter().map(|(key, _)| (*key).to_owned()).collect::<Vec<_>>());
    // With room for all of them the event is as refusable as it was.
    let (out, dropped) = full(&event("x", &[("a", json!("v".repeat(2001)))]));
    assert_eq!(dropped, 0);
    assert!(out.contains(&"v".repeat(2001)));
    // Just long enough is no reason to go; bytes count, not characters.
    let mut props = vec![("ok", json!("é".repeat(1000)))];
    props.extend(numbered(28));
    let (left, _) = budget("x", &props);
    assert!(left.contains(&"ok".to_owned()));
}

#[test]
fn the_budget_holds_in_json_text_too() {
    let props: serde_json::Map<String, Value> =
        numbered(35).into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let event = json!({ "n": "x", "p": Value::Object(props).to_string() }).to_string();
    let (out, dropped) = full(&event);
    assert_eq!(dropped, 7);
    assert_eq!(stored(&out).len(), 30);
    assert!(has(&out, "userId", "u_1"));
}

#[test]
fn a_lone_surrogate_in_json_text_is_repaired() {
    let document = read(r#"{"p":"{\"a\":\"\\ud83d\",\"b\":\"\ud83d\"}"}"#);
    let mut edits = Edits::new();
    edits.repair_surrogates(&document);
    identify(&Slots::read(document.root()).expect("an object"), &names(), "u_1", &[], &mut edits);
    let out = spliced(&document, &edits);
    assert_eq!(out, r#"{"p":"{\"a\":\"\\ufffd\",\"b\":\"\ufffd\",\"userId\":\"u_1\"}"}"#);
    assert!(has(&out, "a", "\u{fffd}"));
}

#[test]
fn every_captured_event_keeps_its_props_and_gains_ours() {
    let mut seen = 0;
    for body in bodies().into_iter().filter(|body| body.contains("\"n\":") || body.contains("\"name\":")) {
        let Ok(document) = Document::read_text(body.clone(), &Default::default()) else { continue };
        if Slots::read(document.root()).is_err() {
            continue;
        }
        let (out, dropped) = full(&body);
        let ours = |(key, _): &(String, String)| key == "userId" || key == "plan";
        let (before, after) = (stored(&body), stored(&out));
        assert!(has(&out, "userId", "u_1"), "{body}");
        if dropped == 0 {
            let left: Vec<_> = after.iter().filter(|prop| !ours(prop)).collect();
            let was: Vec<_> = before.iter().filter(|prop| !ours(prop)).collect();
            assert_eq!(left, was, "{body}");
        }
        assert!(!stored(&without_identity(&body)).iter().any(|(key, _)| key == "userId"), "{body}");
        seen += 1;
    }
    assert!(seen > 50, "{seen}");
}
