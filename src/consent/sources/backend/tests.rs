use super::{Failure, HttpReply, MAX_BYTES, of_http, of_key, of_rows};
use crate::config::consent::{Http, NotFound, Redis, Sql};
use crate::consent::answer::{Answer, Reason};
use crate::level::Level;
use crate::person::Value;

fn rows(shape: &Sql, json: &str) -> Answer {
    let Value::List(rows) = serde_json::from_str::<serde_json::Value>(json).unwrap().into() else { panic!() };
    of_rows(shape, Ok(&rows))
}

fn http(status: u16, body: &str) -> Answer {
    let shape = Http { path: vec!["ok".into()], level_path: Some(vec!["level".into()]), ..Http::default() };
    of_http(&shape, Ok(HttpReply { status, body: body.as_bytes() }))
}

#[test]
fn rows_that_do_not_say_the_same_are_a_no() {
    let shape = Sql { column: Some("ok".into()), ..Sql::default() };
    assert_eq!(rows(&shape, r#"[{"ok":"t"}]"#), Answer::granted());
    assert_eq!(rows(&shape, r#"[{"ok":1},{"ok":true}]"#), Answer::granted());
    assert_eq!(rows(&shape, r#"[{"ok":"f"}]"#), Answer::denied());
    for two in [r#"[{"ok":true},{"ok":false}]"#, r#"[{"ok":null},{"ok":true}]"#] {
        assert_eq!(rows(&shape, two), Answer::denied_for(Reason::Conflict), "{two}");
    }
    for (none, reason) in [("[]", Reason::Absent), (r#"[{"ok":null}]"#, Reason::Absent), (r#"[{}]"#, Reason::Absent)] {
        assert_eq!(rows(&shape, none), Answer::unknown(reason), "{none}");
    }
    for odd in [r#"[{"ok":"yes"}]"#, r#"[{"ok":2}]"#, r#"[{"ok":[true]}]"#] {
        assert_eq!(rows(&shape, odd), Answer::unknown(Reason::Malformed), "{odd}");
    }
}

#[test]
fn a_withdrawal_at_the_same_time_or_later_wins() {
    let shape = Sql { granted_at: Some("g".into()), revoked_at: Some("r".into()), ..Sql::default() };
    let times = |granted: &str, revoked: &str| rows(&shape, &format!(r#"[{{"g":{granted},"r":{revoked}}}]"#));
    let (early, late) = (r#""2026-05-04T08:00:00Z""#, r#""2026-05-04 09:00:00+00""#);
    assert_eq!(times(late, early), Answer::granted());
    assert_eq!(times(late, "null"), Answer::granted());
    assert_eq!(times("5", "4"), Answer::granted());
    for (granted, revoked) in [(early, late), (early, early), ("null", early), ("4", "5")] {
        assert_eq!(times(granted, revoked), Answer::denied(), "{granted} {revoked}");
    }
    assert_eq!(times("null", "null"), Answer::unknown(Reason::Absent));
    assert_eq!(times(late, "\"soon\""), Answer::unknown(Reason::Malformed));
    assert_eq!(times("true", "null"), Answer::unknown(Reason::Malformed));
}

#[test]
fn a_level_beside_the_answer_lowers_it_and_must_be_a_word() {
    assert_eq!(http(200, r#"{"ok":true,"level":"local"}"#), Answer::of_level(Level::Local));
    assert_eq!(http(200, r#"{"ok":true,"level":"off"}"#), Answer::of_level(Level::Off));
    assert_eq!(http(200, r#"{"ok":false,"level":"local"}"#), Answer::denied().at_most(Level::Local));
    assert_eq!(http(200, r#"{"ok":true,"level":null}"#), Answer::granted());
    assert_eq!(http(200, r#"{"ok":true,"level":"max"}"#), Answer::unknown(Reason::Malformed));
    assert_eq!(http(200, r#"{"ok":false,"level":"max"}"#), Answer::denied());
}

#[test]
fn only_a_whole_success_is_read() {
    let yes = r#"{"ok":true}"#;
    assert_eq!(http(200, yes), Answer::granted());
    for status in [100, 201, 204, 206, 301, 302, 304, 400, 401, 403, 410, 500, 502, 503] {
        assert_eq!(http(status, yes), Answer::unknown(Reason::BackendError), "{status}");
    }
    assert_eq!(http(404, yes), Answer::unknown(Reason::Absent));
    let denied = Http { not_found: NotFound::Denied, ..Http::default() };
    assert_eq!(of_http(&denied, Ok(HttpReply { status: 404, body: b"" })), Answer::denied());
    assert_eq!(of_http(&denied, Err(Failure::Timeout)), Answer::unknown(Reason::Timeout));
    for body in ["", "true", "[true]", "{\"ok\":\"yes\"}", "{\"ok\":true", "ok"] {
        assert!(matches!(http(200, body).reason, Reason::Malformed | Reason::Absent), "{body}");
    }
    assert_eq!(http(200, r#"{"ok":true,"ok":false}"#), Answer::denied_for(Reason::Conflict));
    let large = format!("{yes}{}", " ".repeat(MAX_BYTES));
    assert_eq!(http(200, &large), Answer::unknown(Reason::Oversized));
}

#[test]
fn a_key_holds_a_word_or_json() {
    let plain = Redis::default();
    let value = |text: &str| of_key(&plain, Ok(Some(text.as_bytes())));
    assert_eq!(value("1"), Answer::granted());
    assert_eq!(value("0"), Answer::denied());
    assert_eq!(value("off"), Answer::of_level(Level::Off));
    assert_eq!(value("true"), Answer::granted());
    assert_eq!(value("{\"analytics\":true,\"level\":\"local\"}"), Answer::of_level(Level::Local));
    assert_eq!(value("{\"ok\":true}"), Answer::unknown(Reason::Absent));
    for odd in ["", "yes", "2", "[]", "1 1", "1 ", "1\n", " true", "{\"analytics\":true"] {
        assert_eq!(value(odd), Answer::unknown(Reason::Malformed), "{odd}");
    }
    assert_eq!(of_key(&plain, Ok(None)), Answer::unknown(Reason::Absent));
    assert_eq!(of_key(&plain, Ok(Some(b"\xff"))), Answer::unknown(Reason::Malformed));
    assert_eq!(of_key(&plain, Err(Failure::Error)), Answer::unknown(Reason::BackendError));
    let inside =
        Redis { path: vec!["a".into(), "ok".into()], level_path: Some(vec!["level".into()]), ..Redis::default() };
    let json = br#"{"a":{"ok":true},"level":"anonymised"}"#;
    assert_eq!(of_key(&inside, Ok(Some(json))), Answer::of_level(Level::Anonymised));
}
