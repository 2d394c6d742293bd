//! Content types: which parser reads a body, how large it may be, what a form becomes, what a refusal looks like.

use bauta::outcome::Outcome;
use bauta::payload::body::Parser;
use bauta::payload::plausible::Refused;
use bauta::payload::scan::Limits;
use bauta::payload::{form, multipart};
use bytes::Bytes;
use serde_json::{Value, json};

/// The text that is read, and the content type that is sent if it is another one.
fn read(content_type: &str, body: &[u8]) -> Result<(String, Option<&'static str>), Refused> {
    let parser = Parser::of(Some(content_type.as_bytes()));
    let body = parser.read(Bytes::copy_from_slice(body))?;
    Ok((body.document.text().to_owned(), body.content_type))
}

fn form_json(text: &str) -> Value {
    serde_json::from_str(&form::read(text.as_bytes()).expect("a form")).expect("JSON")
}

#[test]
fn the_content_type_picks_the_parser() {
    let multipart = |boundary: Option<&str>| Parser::Multipart(boundary.map(str::to_owned));
    for (content_type, parser) in [
        ("text/plain", Parser::Raw),
        ("text/plain;charset=UTF-8", Parser::Raw),
        ("TEXT/Plain ; charset=\"x\"", Parser::Raw),
        ("application/octet-stream", Parser::Raw),
        ("text/json", Parser::Raw),
        ("x-y/z.w-1+json", Parser::Raw),
        ("multipart/related; boundary=a", Parser::Raw),
        ("application/json", Parser::Json),
        ("Application/JSON; charset=utf-8", Parser::Json),
        ("application/vnd.api+json", Parser::Json),
        (" application/json\t", Parser::Json),
        ("application/x-www-form-urlencoded", Parser::Form),
        ("application/x-www-form-urlencoded; charset=UTF-8", Parser::Form),
        ("multipart/form-data; boundary=abc", multipart(Some("abc"))),
        ("multipart/form-data; charset=x; Boundary=\"a; \\\"b\"", multipart(Some("a; \"b"))),
        ("multipart/mixed;boundary=a", multipart(Some("a"))),
        ("multipart/form-data", multipart(None)),
        ("multipart/form-data; boundary=a b", multipart(None)),
        ("", Parser::Nothing),
        ("text", Parser::Nothing),
        ("*/*", Parser::Nothing),
        ("text/*", Parser::Nothing),
        ("/json", Parser::Nothing),
        ("text/plain charset=utf-8", Parser::Nothing),
        ("application/json, text/plain", Parser::Nothing),
    ] {
        assert_eq!(Parser::of(Some(content_type.as_bytes())), parser, "{content_type}");
    }
    assert_eq!(Parser::of(None), Parser::Nothing);
    assert_eq!(Parser::of(Some(b"text/pl\xe4in")), Parser::Nothing);
}

#[test]
fn json_goes_on_as_it_came() {
    for content_type in ["text/plain", "foo/bar", "application/json", "application/ld+json"] {
        let body = " {\"n\": \"a\", \"v\": 1e2} ";
        assert_eq!(read(content_type, body.as_bytes()), Ok((body.to_owned(), None)), "{content_type}");
    }
}

#[test]
fn a_body_that_is_no_event_is_refused_as_the_vendor_refuses_it() {
    for (content_type, body, refused) in [
        ("text/plain", &b""[..], Refused::NotAnObject),
        ("text/plain", b"[]", Refused::NotAnObject),
        ("text/plain", b"n=a", Refused::NotAnObject),
        ("text/plain", b"{\"n\":\"\xff\"}", Refused::NotAnObject),
        ("text/plain", b"{\"n\":1e999}", Refused::NotAnObject),
        ("application/json", b"", Refused::Empty),
        ("application/json", b"{", Refused::Unparsable),
        ("application/json", b"\xff", Refused::Unparsable),
        ("application/json", b"[{}]", Refused::Empty),
        ("application/json", b"1", Refused::Empty),
        ("application/x-www-form-urlencoded", b"", Refused::Empty),
        ("application/x-www-form-urlencoded", b"n=%ff", Refused::Unparsable),
        ("multipart/form-data", b"--a--", Refused::Unparsable),
        ("multipart/form-data; boundary=a", b"--a--", Refused::Empty),
        ("multipart/form-data; boundary=a", b"{}", Refused::Unparsable),
        ("nonsense", b"{}", Refused::Empty),
    ] {
        assert_eq!(read(content_type, body), Err(refused), "{content_type}: {body:?}");
    }
    assert_eq!(Parser::of(None).read(Bytes::from_static(b"{}")).err(), Some(Refused::Empty));
}

#[test]
fn a_refusal_answers_like_the_vendor() {
    let errors = |refused: Refused| serde_json::from_str::<Value>(refused.body()).expect("JSON")["errors"].clone();
    let unreadable = json!({"request": ["Unable to parse request body as json"]});
    assert_eq!(errors(Refused::NotAnObject), unreadable);
    assert_eq!(errors(Refused::RawTooLarge), unreadable);
    assert_eq!(errors(Refused::NoDomain), json!({"domain": ["can't be blank"]}));
    let blank = json!({"url": ["is required"], "domain": ["can't be blank"], "event_name": ["can't be blank"]});
    assert_eq!(errors(Refused::Empty), blank);
    for refused in [Refused::NotAnObject, Refused::RawTooLarge, Refused::NoDomain, Refused::Empty, Refused::Unparsable]
    {
        assert_eq!(refused.status(), 400);
    }
    assert_eq!(Refused::TooLarge.status(), 413);
    assert_eq!(Refused::TooLarge.outcome(), Outcome::TooLarge);
    assert_eq!(Refused::RawTooLarge.outcome(), Outcome::TooLarge);
    assert_eq!(Refused::Empty.outcome(), Outcome::Malformed);
    assert!(Refused::Empty.content_type().starts_with("application/json"));
}

#[test]
fn the_size_limit_belongs_to_the_content_type() {
    let json = |bytes: usize| format!("{{\"n\":\"{}\"}}", "a".repeat(bytes - 8));
    assert!(read("text/plain", json(1_000_000).as_bytes()).is_ok());
    assert_eq!(read("text/plain", json(1_000_001).as_bytes()), Err(Refused::RawTooLarge));
    assert!(read("application/json", json(8_000_000).as_bytes()).is_ok());
    assert_eq!(read("application/json", json(8_000_001).as_bytes()), Err(Refused::TooLarge));
    let form = |bytes: usize| format!("n={}", "a".repeat(bytes - 2));
    assert!(read("application/x-www-form-urlencoded", form(1_000_000).as_bytes()).is_ok());
    assert_eq!(read("application/x-www-form-urlencoded", form(1_000_001).as_bytes()), Err(Refused::TooLarge));
    let part = |bytes: usize| {
        let head = "--a\r\ncontent-disposition: form-data; name=n\r\n\r\n";
        format!("{head}{}\r\n--a--", "a".repeat(bytes - head.len() - 7))
    };
    assert!(read("multipart/form-data; boundary=a", part(8_000_000).as_bytes()).is_ok());
    assert_eq!(read("multipart/form-data; boundary=a", part(8_000_001).as_bytes()), Err(Refused::TooLarge));
}

#[test]
fn a_form_becomes_the_object_that_plug_makes_of_it() {
    for (text, expected) in [
        (
            "n=pageview&u=https%3A%2F%2Fa.example%2F%3Fq%3D1&d=a.example",
            json!({"n": "pageview", "u": "https://a.example/?q=1", "d": "a.example"}),
        ),
        ("a=1+2%2B3", json!({"a": "1 2+3"})),
        ("a=1=2", json!({"a": "1=2"})),
        ("a", json!({"a": ""})),
        ("=x", json!({"": "x"})),
        ("&&a=1&", json!({"a": "1"})),
        ("a=%zz%4", json!({"a": "%zz%4"})),
        ("a=%C3%A9%22%5C%0A", json!({"a": "é\"\\\n"})),
        // The last of several counts.
        ("a=1&a=2", json!({"a": "2"})),
        ("p[a]=1&p[a]=2", json!({"p": {"a": "2"}})),
        // Brackets nest, also when they are encoded.
        ("p[a]=1&p[b][c]=2", json!({"p": {"a": "1", "b": {"c": "2"}}})),
        ("p%5Ba%5D=1", json!({"p": {"a": "1"}})),
        ("l[]=1&l[]=2", json!({"l": ["1", "2"]})),
        ("l[][a]=1&l[][b]=2", json!({"l": [{"a": "1", "b": "2"}]})),
        ("l[a][]=1&l[a][]=2", json!({"l": {"a": ["1", "2"]}})),
        ("[a]=1", json!({"[a]": "1"})),
        ("a]=1", json!({"a]": "1"})),
        ("a[b=1", json!({"a[b": "1"})),
        ("a[b]c=1", json!({"a[b]c": "1"})),
        ("a[b]c]=1", json!({"a": {"b]c": "1"}})),
        ("a[[b]]=1", json!({"a": {"[b]": "1"}})),
        // Text and an object in one place: the later counts; a list and an object: the kind of the last.
        ("p[a]=1&p=x", json!({"p": "x"})),
        ("p=x&p[a]=1", json!({"p": {"a": "1"}})),
        ("p[a]=1&p[]=2", json!({"p": ["2"]})),
        ("p[]=2&p[a]=1", json!({"p": {"a": "1"}})),
        // A JSON body under this type is a key that no vendor knows.
        ("{\"n\":\"a\"}", json!({"{\"n\":\"a\"}": ""})),
    ] {
        assert_eq!(form_json(text), expected, "{text}");
    }
    let (text, content_type) = read("application/x-www-form-urlencoded", b"n=a&p[x]=1").expect("a form");
    assert_eq!((text.as_str(), content_type), (r#"{"n":"a","p":{"x":"1"}}"#, Some("application/json")));
}

#[test]
fn forms_are_bounded() {
    let many = |count: usize| vec!["a=1"; count].join("&");
    assert!(form::read(many(form::FIELDS).as_bytes()).is_ok());
    assert_eq!(form::read(many(form::FIELDS + 1).as_bytes()), Err(Refused::Unparsable));
    let deep = |levels: usize| format!("a{}=1", "[b]".repeat(levels));
    let text = form::read(deep(form::DEEPEST).as_bytes()).expect("a form");
    bauta::payload::scan::scan(&text, &Limits::default()).expect("JSON");
    assert_eq!(form::read(deep(form::DEEPEST + 1).as_bytes()), Err(Refused::Unparsable));
    assert_eq!(form::read(format!("a{}=1", "[]".repeat(300_000)).as_bytes()), Err(Refused::Unparsable));
    assert_eq!(form::read(b"a=%80"), Err(Refused::Unparsable));
    assert_eq!(form::read(b"\xff=1"), Err(Refused::Unparsable));
}

fn parts(body: &str) -> Result<Value, Refused> {
    multipart::read(body.as_bytes(), "XX").map(|text| serde_json::from_str(&text).expect("JSON"))
}

#[test]
fn multipart_fields_become_members() {
    let field =
        |name: &str, value: &str| format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    for (body, expected) in [
        (
            format!("{}{}--XX--\r\n", field("n", "pageview"), field("u", "https://a.example")),
            json!({"n": "pageview", "u": "https://a.example"}),
        ),
        (format!("preamble\r\n{}--XX--epilogue", field("n", "a")), json!({"n": "a"})),
        (format!("{}{}--XX--", field("p[a]", "1"), field("p[b]", "2")), json!({"p": {"a": "1", "b": "2"}})),
        (format!("{}{}--XX--", field("a", "1"), field("a", "2")), json!({"a": "2"})),
        (format!("{}--XX--", field("a", "line\r\n--X\r\nline\r\n")), json!({"a": "line\r\n--X\r\nline\r\n"})),
        (format!("{}--XX--", field("a", "")), json!({"a": ""})),
        // A bare name, a lower-case head, blanks after the delimiter, further heads.
        (
            "--XX \t\r\ncontent-type: text/plain\r\ncontent-disposition:form-data;name=a\r\n\r\n1\r\n--XX--".to_owned(),
            json!({"a": "1"}),
        ),
        // Escaped quotes and semicolons in a name.
        (
            "--XX\r\nContent-Disposition: form-data; name=\"a;\\\"b\"\r\n\r\n1\r\n--XX--".to_owned(),
            json!({"a;\"b": "1"}),
        ),
        // Files and parts without a name are left out.
        ("--XX\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\n1\r\n--XX--".to_owned(), json!({})),
        (
            "--XX\r\nContent-Disposition: form-data; name=\"f\"; filename*=utf-8''x\r\n\r\n1\r\n--XX--".to_owned(),
            json!({}),
        ),
        ("--XX\r\n\r\nno head\r\n--XX--".to_owned(), json!({})),
        ("--XX\r\nContent-Disposition: form-data\r\n\r\n1\r\n--XX--".to_owned(), json!({})),
    ] {
        assert_eq!(parts(&body), Ok(expected), "{body}");
    }
    for body in [
        "",
        "--XX",
        "--XX\r\n",
        "--YY--",
        "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n1",
        "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XX",
        "--XX\r\nno end of head\r\n--XX--",
        "--XXY\r\n\r\n1\r\n--XX--",
    ] {
        assert_eq!(parts(body), Err(Refused::Unparsable), "{body}");
    }
    let not_text = b"--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n\xff\r\n--XX--";
    assert_eq!(multipart::read(not_text, "XX"), Err(Refused::Unparsable));
    assert_eq!(multipart::read(b"----", ""), Err(Refused::Unparsable));
    assert_eq!(multipart::read(b"", &"b".repeat(71)), Err(Refused::Unparsable));
}
