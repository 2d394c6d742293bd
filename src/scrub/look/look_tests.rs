//! What a look finds in texts as people and programs write them, and what it leaves.

use crate::payload::document::Document;
use crate::payload::edit::{Edits, Spliced, splice};
use crate::payload::scan::Limits;
use crate::scrub::{OwnTerms, Profile, Report, Scrubber};

/// The body after a look, and how much was removed.
fn scrub(profile: Profile, body: &str) -> (String, u32) {
    let document = Document::read_text(body.to_owned(), &Limits::default()).unwrap();
    let (own, mut edits, mut report) = (OwnTerms::none(), Edits::new(), Report::default());
    Scrubber::default().scrub_document(&document, profile, &own, &mut edits, &mut report);
    let body = match splice(&document, &edits) {
        Spliced::Unchanged => body.to_owned(),
        Spliced::Edited(bytes) => String::from_utf8(bytes).unwrap(),
    };
    (body, report.total())
}

/// Properties after a look, and after another, which must change nothing.
fn props(properties: &str) -> String {
    let body = |properties: &str| format!(r#"{{"n":"x","p":{properties}}}"#);
    let (once, _) = scrub(Profile::Plausible, &body(properties));
    assert_eq!(scrub(Profile::Plausible, &once).0, once, "a second look changed something");
    once.strip_prefix(r#"{"n":"x","p":"#).and_then(|rest| rest.strip_suffix('}')).unwrap().to_owned()
}

#[test]
fn a_word_behind_a_character_of_several_bytes_is_cut_where_it_stands() {
    for (text, expected) in [
        ("见https://a.example/reset/Qx7Rk2vXw9Lm4Tz8Bn3Yc6Hd1。谢谢", "见https://a.example/reset/*token*。谢谢"),
        ("https://a.example/reset/Qx7Rk2vXw9Lm4Tz8Bn3Yc6Hd1。谢谢", "https://a.example/reset/*token*。谢谢"),
        ("https://a.example/reset/Qx7Rk2vXw9Lm4Tz8Bn3Yc6Hd1 thanks", "https://a.example/reset/*token* thanks"),
        (
            "https://a.example/?key=Qx7Rk2vXw9Lm4Tz8Bn3Yc6Hd1 thanks for it",
            "https://a.example/?key=*token* thanks for it",
        ),
        ("（https://a.example/?key=Qx7Rk2vXw9Lm4Tz8Bn3Yc6Hd1）と", "（https://a.example/?key=*token*）と"),
        ("https://a.example/o'brien/reset/Qx7Rk2vXw9Lm4Tz8Bn3Yc6Hd1", "https://a.example/o'brien/reset/*token*"),
        ("https://a.example/men’s/reset/Qx7Rk2vXw9Lm4Tz8Bn3Yc6Hd1", "https://a.example/men’s/reset/*token*"),
        (
            "https://a.example/?q=“x”&first_name=Ada&last_name=O’Brien",
            "https://a.example/?q=“x”&first_name=*&last_name=*name*",
        ),
        ("first_name=Ada&last_name=O’Brien&x=1", "first_name=*&last_name=*name*&x=1"),
        (
            "https://a.example/?key=Qx7Rk2vXw9Lm4Tz8Bn3Yc6Hd1 thanks, ada@example.org",
            "https://a.example/?key=*token* thanks, *email*",
        ),
        (
            "see https://a.example/reset/Qx7Rk2vXw9Lm4Tz8Bn3Yc6Hd1, thanks",
            "see https://a.example/reset/*token*, thanks",
        ),
        ("mail ada@example.org,https://a.example/x?y=1 x", "mail *email*,https://a.example/x?y=1 x"),
        ("见https://a.example/reset/Qx7Rk2vXw9Lm4Tz8Bn3Yc6Hd1", "见https://a.example/reset/*token*"),
        ("password: hunter2xyz。https://a.example/x?b=1 ok", "password: *secret*。https://a.example/x?b=1 ok"),
        ("देखें https://a.example/reset/Qx7Rk2vXw9Lm4Tz8Bn3Yc6Hd1। धन्यवाद", "देखें https://a.example/reset/*token*। धन्यवाद"),
        ("電話：０９０−１２３４−５６７８", "電話：*phone*"),
        ("邮箱：ada＠example.org，密码：Xk29sLq8Tz", "邮箱：*email*，密码：*secret*"),
        ("注文番号：２０２６０３１５", "注文番号：２０２６０３１５"),
        ("Line éhttps://a.example/?key=Qx7Rk2vXw9Lm4Tz8Bn3Yc6Hd1", "Line éhttps://a.example/?key=*token*"),
        (
            "「https://a.example/reset?token=Qx7Rk2vXw9Lm4Tz8Bn3Yc6Hd1 谢谢",
            "「https://a.example/reset?token=*token* 谢谢",
        ),
        (
            "请访问https://a.example/reset?token=Qx7Rk2vXw9Lm4Tz8Bn3Yc6Hd1 谢谢",
            "请访问https://a.example/reset?token=*token* 谢谢",
        ),
    ] {
        let seen = props(&format!(r#"{{"m":"{text}","n":"next"}}"#));
        assert_eq!(seen, format!(r#"{{"m":"{expected}","n":"next"}}"#));
    }
}

#[test]
fn what_stands_beside_the_number_of_a_thing_is_found() {
    for (body, expected) in [
        (r#"{"delivery_note":"Call +1 415 555 2671 on arrival"}"#, r#"{"delivery_note":"Call *phone* on arrival"}"#),
        (r#"{"payment_reference":"DE89370400440532013000"}"#, r#"{"payment_reference":"*iban*"}"#),
        (r#"{"tracking_notes":"DE89370400440532013000"}"#, r#"{"tracking_notes":"*iban*"}"#),
        (r#"{"membership_number":"4111111111111111"}"#, r#"{"membership_number":"*card*"}"#),
        (r#"{"v":"81.227.36.44"}"#, r#"{"v":"*ip*"}"#),
        (r#"{"phone_digits":"4155552671"}"#, r#"{"phone_digits":"*phone*"}"#),
        (r#"{"foreign_passport":"AB1234567"}"#, r#"{"foreign_passport":"*id*"}"#),
        (r#"{"full_name":"ada_lovelace1"}"#, r#"{"full_name":"*name*"}"#),
        (r#"{"license_plate":"dubai 12345"}"#, r#"{"license_plate":"*id*"}"#),
        (r#"{"name":{"id":"Ada Lovelace"}}"#, r#"{"name":{"id":"*name*"}}"#),
        (r#"{"name":"phone","id":"4155552671"}"#, r#"{"name":"phone","id":"*phone*"}"#),
    ] {
        assert_eq!(props(body), expected);
    }
    for kept in [
        r#"{"v":"8.15.11.195","tracking_number":"4111111111111111","tax_code":"txcd_99999999"}"#,
        r#"{"title":"Password","content":"Must have 8 characters"}"#,
        r#"{"type":"password","label":"Choose one","text":"Forgot it?"}"#,
        r#"{"id":"address","value":"12 items left"}"#,
        r#"{"hp":"1000000","ph":"1234567"}"#,
        r#"{"shipping_line":"Maersk Line 12","delegate":"React Native"}"#,
    ] {
        assert_eq!(props(kept), kept);
    }
}

#[test]
fn packed_strings_are_told_from_text_that_begins_like_them() {
    for header in ["", r"\u0008\u0000\u0000\u0000\u0000\u0000\u0000\u0003"] {
        let text = format!(r#"{{"m":"\u001f\u008b{header}https://a.example/reset?token=Qx7Rk2vXw9Lm4Tz8Bn3Yc6Hd1"}}"#);
        assert!(!props(&text).contains("Qx7Rk2vX"));
    }
}

#[test]
fn only_the_token_of_the_project_is_public() {
    let secret = "Qx7Rk2vXw9Lm4Tz8Bn3Yc6Hd1";
    for public in [
        format!(r#"{{"token":"{secret}","event":"x"}}"#),
        format!(r#"[{{"event":"x","properties":{{"token":"{secret}"}}}}]"#),
        format!(r#"{{"batch":[{{"event":"x","properties":{{"token":"{secret}"}}}}]}}"#),
        format!(r#"{{"api_key":null,"token":"{secret}","properties":{{"note":"{secret}"}}}}"#),
    ] {
        assert_eq!(scrub(Profile::Posthog, &public).1, 0, "{public}");
    }
    for private in [
        format!(r#"{{"event":"e","properties":{{"auth":{{"token":"{secret}"}},"token":"phc_1"}}}}"#),
        format!(r#"{{"event":"e","properties":{{"$set":{{"token":"{secret}"}}}}}}"#),
        format!(r#"{{"api_key":null,"properties":{{"auth":{{"token":"{secret}"}}}}}}"#),
    ] {
        assert_eq!(scrub(Profile::Posthog, &private).1, 1, "{private}");
    }
}

#[test]
fn secrets_in_the_place_of_a_key_are_not_learned_as_its_name() {
    for name in ["sk_live_QxRkvXwLmTzBnYcHdAbCdEfQxRkvXwLmTzBnYcHdqwerty", "ghp_QxRkvXwLmTzBnYcHdAbCdEfQxRkvXwLmTzB"] {
        let body = format!(r#"{{"{name}":1}}"#);
        for _ in 0..2 {
            assert_eq!(props(&body), r#"{"*key*":1}"#);
        }
    }
}

#[test]
fn ids_and_files_in_paths_are_no_secrets() {
    for kept in [
        "/wizyty/nowa/581317",
        "/admin/auth/user/0e80918f-14f9-4f8d-8461-e61c46d2b83d",
        "/burgerzaken/paspoort/283499",
        "/burgerzaken/paspoort/chunk-e1971dea.js",
        "/auth/user/chunk-4c692a1e.js",
        "/invoices/ticket/in_1XxOZOHrTCO4jLecp4fIDZq8",
    ] {
        let body = format!(r#"{{"$pathname":"{kept}","ticket_ref":"in_1XxOZOHrTCO4jLecp4fIDZq8"}}"#);
        assert_eq!(props(&body), body);
    }
    for lost in
        ["/paspoort/AB1234567", "/reset/user/Qx7Rk2vXw9Lm4Tz8Bn3Yc6Hd1", "/reset/0e80918f-14f9-4f8d-8461-e61c46d2b83d"]
    {
        let body = format!(r#"{{"$pathname":"{lost}"}}"#);
        assert!(props(&body).contains('*'), "{lost}");
    }
}
