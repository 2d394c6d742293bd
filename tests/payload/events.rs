//! Which part of an event the vendor reads, alias by alias, and which sites an event could be for.

use bauta::payload::plausible::{Kind, Props, Refused, Slots};

use crate::support::read;

/// The raw text of a part of the event.
fn part(event: &str, part: &str) -> Option<String> {
    let document = read(event);
    let slots = Slots::read(document.root()).expect("an object");
    let node = match part {
        "name" => slots.name(),
        "url" => slots.url(),
        "referrer" => slots.referrer(),
        "revenue" => slots.revenue(),
        "props" => slots.container().map(|(_, value)| value),
        other => panic!("{other}"),
    };
    node.map(|node| node.raw().to_owned())
}

fn domains(event: &str) -> Result<Vec<String>, Refused> {
    let document = read(event);
    Slots::read(document.root()).expect("an object").domains()
}

fn kind(event: &str) -> Kind {
    let document = read(event);
    Slots::read(document.root()).expect("an object").kind()
}

#[test]
fn the_first_truthy_alias_is_the_one_the_vendor_reads() {
    for (first, second, slot) in
        [("n", "name", "name"), ("u", "url", "url"), ("r", "referrer", "referrer"), ("revenue", "$", "revenue")]
    {
        let event = |one: &str, two: &str| part(&format!("{{\"{second}\":{two},\"{first}\":{one}}}"), slot);
        assert_eq!(event("\"1\"", "\"2\"").as_deref(), Some("1"), "{first}");
        assert_eq!(event("null", "\"2\"").as_deref(), Some("2"), "{first}");
        assert_eq!(event("false", "\"2\"").as_deref(), Some("2"), "{first}");
        assert_eq!(event("\"\"", "\"2\"").as_deref(), Some(""), "{first}");
        assert_eq!(event("0", "\"2\"").as_deref(), Some("0"), "{first}");
        assert_eq!(event("null", "false"), None, "{first}");
        assert_eq!(part(&format!("{{\"{second}\":\"2\"}}"), slot).as_deref(), Some("2"), "{first}");
    }
    assert_eq!(part("{}", "name"), None);
    // The first of duplicates, also under an escaped key.
    assert_eq!(part(r#"{"\u006e":"1","n":"2"}"#, "name").as_deref(), Some("1"));
    assert_eq!(part(r#"{"n":null,"n":"2","name":"3"}"#, "name").as_deref(), Some("3"));
}

#[test]
fn props_are_read_from_m_then_meta_then_p_then_props() {
    let all = [("m", 1), ("meta", 2), ("p", 3), ("props", 4)];
    for skip in 0..4 {
        let members: Vec<String> = all
            .iter()
            .enumerate()
            .rev()
            .map(
                |(at, (key, value))| {
                    if at < skip { format!("\"{key}\":null") } else { format!("\"{key}\":{{\"a\":{value}}}") }
                },
            )
            .collect();
        let expected = format!("{{\"a\":{}}}", skip + 1);
        assert_eq!(part(&format!("{{{}}}", members.join(",")), "props"), Some(expected));
    }
    assert_eq!(part(r#"{"m":false,"meta":0,"p":{}}"#, "props").as_deref(), Some("0"));
}

#[test]
fn props_are_an_object_or_the_json_text_of_one() {
    let is = |value: &str| {
        let document = read(&format!("{{\"p\":{value}}}"));
        match Slots::read(document.root()).expect("an object").props() {
            Props::Object(_) => "object",
            Props::Json(_) => "json",
            Props::Unreadable => "unreadable",
            Props::Absent => "absent",
        }
    };
    for (value, expected) in [
        ("{}", "object"),
        (r#"" {\"a\":1} ""#, "json"),
        (r#""[1]""#, "unreadable"),
        (r#""""#, "unreadable"),
        (r#""{""#, "unreadable"),
        ("0", "unreadable"),
        ("[]", "unreadable"),
        ("true", "unreadable"),
        ("null", "absent"),
        ("false", "absent"),
    ] {
        assert_eq!(is(value), expected, "{value}");
    }
}

#[test]
fn an_event_must_be_an_object() {
    for text in ["[]", "1", "\"{}\"", "null"] {
        assert_eq!(Slots::read(read(text).root()).err(), Some(Refused::NotAnObject), "{text}");
    }
}

#[test]
fn names_tell_engagement_and_path_events() {
    for (event, expected) in [
        (r#"{"n":"engagement"}"#, Kind::Engagement),
        (r#"{"name":"engagement"}"#, Kind::Engagement),
        (r#"{"n":"pageview","name":"engagement"}"#, Kind::Other),
        (r#"{"n":"Engagement"}"#, Kind::Other),
        (r#"{"n":"404"}"#, Kind::Path),
        (r#"{"n":404}"#, Kind::Path),
        (r#"{"n":4040}"#, Kind::Other),
        (r#"{"n":"WP Form Completions"}"#, Kind::Path),
        (r#"{"n":"Form: \u0053ubmission"}"#, Kind::Path),
        (r#"{"n":["404"]}"#, Kind::Other),
        ("{}", Kind::Other),
    ] {
        assert_eq!(kind(event), expected, "{event}");
    }
    let document = read(r#"{"n":404}"#);
    assert_eq!(Slots::read(document.root()).expect("an object").name_text().as_deref(), Some("404"));
}

#[test]
fn every_domain_that_could_count_is_listed() {
    for (event, expected) in [
        (r#"{"d":"a.example"}"#, &["a.example"][..]),
        (r#"{"domain":"a.example","u":"https://b.example"}"#, &["a.example"]),
        (r#"{"d":" www.a.example , b.example,www.www.c.example "}"#, &["a.example", "b.example", "www.c.example"]),
        (r#"{"d":"a.example,,b.example,"}"#, &["a.example", "b.example"]),
        (r#"{"d":","}"#, &[""]),
        // Every occurrence under either name, whichever the decoder takes.
        (r#"{"d":"a","d":"b","domain":"c","\u0064":"d"}"#, &["a", "b", "d", "c"]),
        // None: the host of the URL.
        (r#"{"u":"https://www.a.example/p"}"#, &["a.example"]),
        (r#"{"d":null,"domain":false,"url":"http://a.example:8080"}"#, &["a.example"]),
        (r#"{"u":"https://a.example","url":"https://b.example"}"#, &["a.example", "b.example"]),
        // A truthy value that is no text leads to the URL at once.
        (r#"{"d":1,"domain":"a","u":"//b"}"#, &["a", "b"]),
        (r#"{"d":"a","domain":1,"u":"//b"}"#, &["a"]),
        (r#"{"d":null,"domain":[],"u":"//b"}"#, &["b"]),
        // One reading of these leads to the URL, another does not.
        (r#"{"d":null,"d":"a","u":"//b"}"#, &["a", "b"]),
        (r#"{"d":"a","d":{},"u":"//b"}"#, &["a", "b"]),
    ] {
        let expected: Vec<String> = expected.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(domains(event), Ok(expected), "{event}");
    }
    for event in [r"{}", r#"{"d":"  ","u":"https://a.example"}"#, r#"{"u":"/path"}"#, r#"{"u":"app://"}"#, r#"{"u":7}"#]
    {
        assert_eq!(domains(event), Err(Refused::NoDomain), "{event}");
    }
}

#[test]
fn the_host_of_a_url_is_cut_as_rfc_3986_cuts_it() {
    for (url, host) in [
        ("https://a.example", Some("a.example")),
        ("https://a.example?x=//b", Some("a.example")),
        ("https://a.example#//b", Some("a.example")),
        ("https://user:pw@a.example:99/", Some("a.example")),
        ("https://a@b@c.example/", Some("c.example")),
        ("//a.example/x", Some("a.example")),
        ("app://a.example", Some("a.example")),
        ("https://[::1]:80/", Some("::1")),
        ("HTTPS://A.example", Some("A.example")),
        ("file:///tmp/x", None),
        ("mailto:a@b.example", None),
        ("a.example/x", None),
        ("?u=https://a.example", None),
        ("", None),
    ] {
        let event = serde_json::json!({ "u": url }).to_string();
        let expected = host.map(|host| vec![host.to_owned()]).ok_or(Refused::NoDomain);
        assert_eq!(domains(&event), expected, "{url}");
    }
}
