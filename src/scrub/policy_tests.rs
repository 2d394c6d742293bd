//! Policies and what they do to an event.

use super::*;
use crate::config::scrub::Pattern;
use crate::payload::document::Document;
use crate::payload::edit::{Edits, Spliced, splice};
use crate::payload::scan::Limits;
use crate::scrub::{OwnTerms, Profile, Report, Scrubber};

fn faults(shape: &Scrub) -> Vec<String> {
    let mut faults = Faults::default();
    let _ = Policy::build(shape, &KeyPath::root().key("scrub"), &mut faults);
    faults.iter().map(|fault| fault.key.to_string()).collect()
}

fn scrub(shape: &Scrub, body: &str) -> String {
    let mut faults = Faults::default();
    let scrubber = Scrubber::build(shape, &KeyPath::root(), &mut faults).with_key(b"0123456789abcdef0123456789abcdef");
    assert!(faults.is_empty());
    let once = run(&scrubber, body);
    assert_eq!(run(&scrubber, &once), once, "a second scrub changed something");
    once
}

fn run(scrubber: &Scrubber, body: &str) -> String {
    let document = Document::read_text(body.to_owned(), &Limits::default()).unwrap();
    let mut edits = Edits::new();
    scrubber.scrub_document(&document, Profile::Plausible, &OwnTerms::none(), &mut edits, &mut Report::default());
    match splice(&document, &edits) {
        Spliced::Unchanged => body.to_owned(),
        Spliced::Edited(bytes) => String::from_utf8(bytes).unwrap(),
    }
}

/// The properties of an event after scrubbing.
fn props(shape: &Scrub, props: &str) -> String {
    let out = scrub(shape, &format!(r#"{{"n":"x","u":"https://a.example/","d":"a.example","p":{props}}}"#));
    out.split_once(r#""p":"#).unwrap().1.strip_suffix('}').unwrap().to_owned()
}

/// The address of an event after scrubbing.
fn page(shape: &Scrub, page: &str) -> String {
    let out = scrub(shape, &format!(r#"{{"u":"{page}","n":"x","d":"a.example"}}"#));
    out.split('"').nth(3).unwrap().to_owned()
}

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|own| (*own).to_owned()).collect()
}

#[test]
fn every_fault_is_named_at_its_key() {
    let shape = Scrub {
        allow: names(&["x", "--"]),
        deny: names(&["X"]),
        paths: names(&["u/:id", "/about", "/u/:id"]),
        replace: [("team".to_owned(), "a b".to_owned())].into(),
        patterns: vec![
            Pattern { name: "a".into(), pattern: "(".into() },
            Pattern { name: "b".into(), pattern: "x*".into() },
        ],
        ..Scrub::default()
    };
    let expected =
        ["allow[1]", "deny[0]", "replace.team", "paths[0]", "paths[1]", "patterns[0].pattern", "patterns[1].pattern"];
    assert_eq!(faults(&shape), expected.map(|own| format!("scrub.{own}")));
}

#[test]
fn allowed_values_stay_and_denied_ones_go_in_every_spelling() {
    let shape = Scrub { allow: names(&["contact_mail"]), deny: names(&["favourite-colour"]), ..Scrub::default() };
    assert_eq!(
        props(&shape, r#"{"contactMail":"ada@example.org","favouriteColour":"dark green","n":3}"#),
        r#"{"contactMail":"ada@example.org","favouriteColour":"*x*","n":3}"#
    );
    assert_eq!(
        page(&shape, "https://a.example/?favourite_colour=green&contact-mail=a@b.co"),
        "https://a.example/?favourite_colour=*x*&contact-mail=a@b.co"
    );
}

#[test]
fn hashed_values_are_equal_for_equal_values() {
    let shape = Scrub { hash: names(&["customer"]), ..Scrub::default() };
    let one = props(&shape, r#"{"customer":"customer-000001","b":1}"#);
    assert_eq!(one, props(&shape, r#"{"customer":"customer-000001","b":1}"#));
    assert_ne!(one, props(&shape, r#"{"customer":"customer-000002","b":1}"#));
    assert_eq!(one.len(), r#"{"customer":"customer-000001","b":1}"#.len());
    assert_eq!(props(&shape, r#"{"customer":"short"}"#), r#"{"customer":"*x*"}"#);
}

#[test]
fn dropped_keys_leave_with_their_comma() {
    let shape = Scrub { drop: names(&["debug", "trace"]), ..Scrub::default() };
    assert_eq!(props(&shape, r#"{"debug":{"a":1},"plan":"pro","trace":"x"}"#), r#"{"plan":"pro"}"#);
    assert_eq!(page(&shape, "https://a.example/?debug=1&page=2&trace=x"), "https://a.example/?page=2");
}

#[test]
fn replaced_values_become_a_word_where_it_fits() {
    let shape = Scrub { replace: [("team".to_owned(), "a-team".to_owned())].into(), ..Scrub::default() };
    assert_eq!(props(&shape, r#"{"team":"Mission Control","x":1}"#), r#"{"team":"a-team","x":1}"#);
    assert_eq!(props(&shape, r#"{"team":"ab"}"#), r#"{"team":"*"}"#);
}

#[test]
fn only_listed_texts_stay() {
    let shape = Scrub { texts: [("title".to_owned(), names(&["Dashboard"]))].into(), ..Scrub::default() };
    assert_eq!(props(&shape, r#"{"title":"Dashboard"}"#), r#"{"title":"Dashboard"}"#);
    assert_eq!(props(&shape, r#"{"title":"Invoice for Ada"}"#), r#"{"title":"*x*"}"#);
}

#[test]
fn queries_can_be_limited_to_a_list() {
    let shape = Scrub { query: Some(names(&["page"])), ..Scrub::default() };
    assert_eq!(
        page(&shape, "https://a.example/?page=2&utm_source=x&secret_plan=gold&flag"),
        "https://a.example/?page=2&utm_source=x&secret_plan=*x*&flag"
    );
}

#[test]
fn templates_mark_parts_of_paths() {
    let shape = Scrub { paths: names(&["/u/:id/orders/:order"]), ..Scrub::default() };
    assert_eq!(page(&shape, "https://a.example/u/4711/orders/7/items"), "https://a.example/u/*x*/orders/*/items");
    assert_eq!(page(&shape, "https://a.example/v/4711/orders/7"), "https://a.example/v/4711/orders/7");
}

#[test]
fn patterns_see_decoded_text() {
    let shape = Scrub {
        patterns: vec![Pattern { name: "customer".into(), pattern: "KD-[0-9]{6}".into() }],
        ..Scrub::default()
    };
    assert_eq!(props(&shape, r#"{"note":"see KD-123456 please"}"#), r#"{"note":"see *x* please"}"#);
    assert_eq!(page(&shape, "https://a.example/k/%4BD%2D123456"), "https://a.example/k/*x*");
}

#[test]
fn networks_of_addresses_can_stay() {
    let shape = Scrub { truncate_ip: true, ..Scrub::default() };
    assert_eq!(props(&shape, r#"{"ip":"203.0.113.77"}"#), r#"{"ip":"203.0.113.0"}"#);
    assert_eq!(props(&shape, r#"{"ip":"2001:db8:1a53:4d1a:5283:78b1:fc69:16c6"}"#), r#"{"ip":"2001:db8:1a53::"}"#);
}

#[test]
fn click_ids_stay_unless_asked_for() {
    let address = "https://a.example/?gclid=rtvJZJhT5NA8x1WtUz4wAJULGHqKhjZSGfIo2WgKHL2rUW9k0bbb8";
    assert_eq!(page(&Scrub::default(), address), address);
    assert_eq!(page(&Scrub { click_ids: true, ..Scrub::default() }, address), "https://a.example/?gclid=*click*");
}

#[test]
fn presets_differ_in_what_is_likely() {
    let event =
        r#"{"first_name":"Ada","email":"ada@example.org","password":"hunter2!","title":"Welcome back, Ada Lovelace"}"#;
    let preset = |preset| props(&Scrub { preset, ..Scrub::default() }, event);
    assert_eq!(
        preset(Preset::Minimal),
        r#"{"first_name":"Ada","email":"*email*","password":"*secret*","title":"Welcome back, Ada Lovelace"}"#
    );
    assert_eq!(
        preset(Preset::Recommended),
        r#"{"first_name":"*","email":"*email*","password":"*secret*","title":"Welcome back, Ada Lovelace"}"#
    );
    assert_eq!(
        preset(Preset::Strict),
        r#"{"first_name":"*","email":"*email*","password":"*secret*","title":"Welcome back, *name*"}"#
    );
}

#[test]
fn a_star_stands_for_further_words() {
    let shape = Scrub { deny: names(&["*_search", "debug_*"]), allow: names(&["site_search"]), ..Scrub::default() };
    assert_eq!(
        props(
            &shape,
            r#"{"shopSearch":"shoes","site_search":"hats","research":"yes","debug_level":"high","search":"x"}"#
        ),
        r#"{"shopSearch":"*x*","site_search":"hats","research":"yes","debug_level":"*x*","search":"*"}"#
    );
}

#[test]
fn what_stands_at_the_star_of_a_text_goes() {
    let shape = Scrub {
        texts: [("title".to_owned(), names(&["Dashboard", "Invoice for * - Shop", "* at *"]))].into(),
        ..Scrub::default()
    };
    let title = |text: &str| props(&shape, &format!(r#"{{"title":"{text}"}}"#));
    assert_eq!(title("Dashboard"), r#"{"title":"Dashboard"}"#);
    assert_eq!(title("Invoice for Ada Lovelace - Shop"), r#"{"title":"Invoice for *x* - Shop"}"#);
    assert_eq!(title("Ada at Home"), r#"{"title":"*x* at *x*"}"#);
    assert_eq!(title("Dashboards"), r#"{"title":"*x*"}"#);
}

#[test]
fn patterns_are_bounded_in_number_and_size() {
    let pattern = |text: &str| Pattern { name: "p".into(), pattern: text.into() };
    let many = Scrub { patterns: vec![pattern("KD-[0-9]{6}"); PATTERNS + 1], ..Scrub::default() };
    assert_eq!(faults(&many), ["scrub.patterns"]);
    let large = Scrub { patterns: vec![pattern("([a-z]{1000}){1000}")], ..Scrub::default() };
    assert_eq!(faults(&large), ["scrub.patterns[0].pattern"]);
}

#[test]
fn a_mark_announces_nothing_to_a_second_scrub() {
    let seen = page(&Scrub::default(), "https://a.example/?q=K-----E 0bCI6Im5vcmFAbWFpbC55 3 841 clasleGFtcGsD3xlIn0=");
    assert_eq!(seen, "https://a.example/?q=K-----E *token* 3 841 clasleGFtcGsD3xlIn0=");
    let note = props(&Scrub::default(), r#"{"note":"*note* Password: hunter2x9"}"#);
    assert!(!note.contains("hunter2x9"), "{note}");
}

#[test]
fn secrets_of_paths_are_told_by_words_of_many_languages() {
    let token = "0bc22fc34e45b2be1bf6af8ce2c0fbfec805b7b5";
    for path in [
        "accounts/reset/Njg5",
        "password/reset/42",
        "%EB%B9%84%EB%B0%80%EB%B2%88%ED%98%B8-%EC%9E%AC%EC%84%A4%EC%A0%95",
        "重置密码",
        "メール認証",
        "приглашение",
        "επιβεβαίωση",
        "ยืนยันอีเมล",
        "email-change",
        "povabilo",
    ] {
        let seen = page(&Scrub::default(), &format!("https://a.example/{path}/{token}"));
        assert_eq!(seen, format!("https://a.example/{path}/*token*"));
    }
    // Behind the number of an account as well, where the word before it says so in full.
    let seen = page(&Scrub::default(), "https://a.example/account/reset/8421896/0bc22fc3-4e45-4af1-8bf6-0af8ce2c0fbf");
    assert!(seen.ends_with("/*token*"), "{seen}");
    for kept in [
        "https://a.example/activities/0bc22fc3-4e45-4af1-8bf6-0af8ce2c0fbf",
        "https://a.example/acme/login/tree/0bc22fc34e45b2be1bf6af8ce2c0fbfec805b7b5",
        "https://a.example/timetable?h=0bc22fc34e45b2be1bf6af8ce2c0fbfec805b7b5",
        "https://a.example/timetable?v=19.0.24.92&image_hash=0bc22fc34e45b2be1bf6af8ce2c0fbfec805b7b5",
    ] {
        assert_eq!(page(&Scrub::default(), kept), kept);
    }
    let seen =
        page(&Scrub::default(), "https://a.example/newsletter/odhlasit?h=0bc22fc34e45b2be1bf6af8ce2c0fbfec805b7b5");
    assert_eq!(seen, "https://a.example/newsletter/odhlasit?h=*token*");
}

#[test]
fn objects_say_what_their_members_are() {
    for (body, expected) in [
        (r#"{"field":"maiden_name","answer":"Tveiten"}"#, r#"{"field":"maiden_name","answer":"*name*"}"#),
        (r#"{"system":"phone","value":"0712 345 678"}"#, r#"{"system":"phone","value":"*phone*"}"#),
        (r#"{"fieldId":"dob","val":"1984-07-19"}"#, r#"{"fieldId":"dob","val":"*date*"}"#),
        (r#"{"name":[{"family":"Tveiten"}]}"#, r#"{"name":[{"family":"*name*"}]}"#),
        (r#"{"shipping":{"line1":"10 Marsh Drive"}}"#, r#"{"shipping":{"line1":"*place*"}}"#),
        (r#"{"billing":{"line_2":"Flat 7 Marsh Drive"}}"#, r#"{"billing":{"line_2":"*place*"}}"#),
        (r#"{"phone":{"from":"0712 345 678"}}"#, r#"{"phone":{"from":"*phone*"}}"#),
    ] {
        assert_eq!(props(&Scrub::default(), body), expected);
    }
    for kept in [
        r#"{"applicant":{"id":"app_0XxmjT0cVU","status":"new"}}"#,
        r#"{"type":"session","id":"8f14e45fceea467f"}"#,
        r#"{"hero":{"line1":"Save 20 today"}}"#,
        r#"{"selector":"//div[@id='cart']/a[2]"}"#,
        r#"{"login":"facebook","handle":"trail-runner-2","plate":"dinner-plate-28cm","title":"Phone","value":"Galaxy S24"}"#,
    ] {
        assert_eq!(props(&Scrub::default(), kept), kept);
    }
}

#[test]
fn values_are_found_before_and_behind_the_words_that_name_them() {
    for (text, expected) in [
        ("481920 is your verification code", "*code* is your verification code"),
        ("Use 481920 as your login code.", "Use *code* as your login code."),
        ("Код подтверждения: 481920", "Код подтверждения: *code*"),
        ("plate KR 4821 TX not found", "plate *id* not found"),
        ("latitude 59.913869 is far", "latitude 59.9 is far"),
    ] {
        assert_eq!(props(&Scrub::default(), &format!(r#"{{"m":"{text}"}}"#)), format!(r#"{{"m":"{expected}"}}"#));
    }
    for kept in ["500123 is the status code", "10115 is your primary key", "bus EB 4821 departs", "HTTP 500 returned"] {
        let body = format!(r#"{{"m":"{kept}"}}"#);
        assert_eq!(props(&Scrub::default(), &body), body);
    }
}
