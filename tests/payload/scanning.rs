//! The scanner against serde_json, and against what no parser should fall for.

use bauta::payload::document::Document;
use bauta::payload::edit::Edits;
use bauta::payload::scan::{Limits, Malformed, Shape, scan};
use bytes::Bytes;
use proptest::prelude::*;
use serde_json::Value;

use crate::support::{Chance, bodies, compact, data, read, say, spliced};

/// Where both differ on purpose: lone surrogates are repaired, and numbers beyond `f64` are refused here while this
/// build of serde_json (`arbitrary_precision`) does not look at their size.
fn agree(bytes: &[u8]) -> bool {
    let ours = Document::read(Bytes::copy_from_slice(bytes), &Limits::default());
    let accepted = ours.is_ok();
    let theirs = serde_json::from_slice::<Value>(bytes);
    match (ours, theirs) {
        (Ok(document), Ok(value)) => {
            assert!(document.lone_surrogates().is_empty());
            assert_eq!(document.root().members().count() > 0, value.as_object().is_some_and(|o| !o.is_empty()));
        }
        (Err(Malformed::Number), Ok(value)) => assert!(holds_infinity(&value)),
        (Ok(document), Err(error)) => {
            assert!(!document.lone_surrogates().is_empty(), "serde_json: {error}: {:?}", document.text());
            let mut edits = Edits::new();
            edits.repair_surrogates(&document);
            let repaired = spliced(&document, &edits);
            assert_eq!(repaired.len(), document.text().len());
            serde_json::from_str::<Value>(&repaired).expect("repaired");
        }
        (Err(_), Err(_)) => {}
        (Err(ours), Ok(_)) => panic!("{ours:?} for {:?}", String::from_utf8(bytes.to_vec())),
    }
    accepted
}

fn holds_infinity(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.to_string().parse::<f64>().is_ok_and(f64::is_infinite),
        Value::Array(items) => items.iter().any(holds_infinity),
        Value::Object(members) => members.values().any(holds_infinity),
        _ => false,
    }
}

/// What is thrown into bodies.
const PIECES: [&[u8]; 34] = [
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b" ",
    b"\n",
    b"\t",
    b"\x00",
    b"\x1f",
    b"\x7f",
    b"\xff",
    b"\xc0\xaf",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\\u",
    b"\\ud83d",
    b"\\ude00",
    b"\\ud83d\\ude00",
    b"\\u00e9",
    b"\\x",
    b"\\/",
    b"-",
    b"01",
    b"1e400",
    b"1.5E-3",
    b"null",
    b"true",
    b"NaN",
    b"\xf0\x9f\x98\x80",
    b"1e9999999999",
];

fn mutated(body: &[u8], other: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = body.to_vec();
    for _ in 0..=chance.below(2) {
        let at = chance.below(bytes.len().max(1));
        let end = (at + 1 + chance.below(12)).min(bytes.len());
        match chance.below(6) {
            0 if !bytes.is_empty() => bytes[at] = chance.next() as u8,
            1 => drop(bytes.drain(at.min(end)..end)),
            2 => drop(bytes.splice(at..at, chance.pick(&PIECES).iter().copied())),
            3 => {
                let piece = bytes[at.min(end)..end].to_vec();
                drop(bytes.splice(at..at, piece));
            }
            4 => {
                let from = chance.below(other.len());
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            _ => bytes.truncate(at),
        }
    }
    bytes
}

#[test]
fn a_hundred_thousand_mutants_of_real_bodies_are_judged_as_serde_json_judges_them() {
    let bodies = bodies();
    let mut chance = Chance::new(0x9E37_79B9_7F4A_7C15);
    let short: Vec<&String> = bodies.iter().filter(|body| body.len() < 300).collect();
    let (mut mutants, mut accepted) = (0, 0);
    while mutants < 110_000 {
        // Every other one is short, so that the end of the text is reached more often.
        let body = if mutants % 2 == 0 { *chance.pick(&short) } else { chance.pick(&bodies) };
        let other = chance.pick(&bodies);
        accepted += usize::from(agree(&mutated(body.as_bytes(), other.as_bytes(), &mut chance)));
        mutants += 1;
    }
    assert!(accepted > mutants / 10, "the mutations leave too little that is JSON: {accepted}");
    say(&format!("payload/mutants: {mutants}/{mutants} ({accepted} of them JSON)"));
}

#[test]
fn every_body_of_the_test_data_is_read_whole() {
    for body in bodies() {
        if let Ok(value) = serde_json::from_str::<Value>(&body) {
            let document = read(&body);
            assert_eq!(serde_json::from_str::<Value>(&compact(document.root())).expect("compact"), value);
        } else {
            assert!(scan(&body, &Limits::default()).is_err());
        }
    }
    let lines = data("corpora/pii.jsonl");
    for line in lines.lines() {
        read(line);
    }
}

fn json_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => prop::sample::select(vec!["{", "}", "[", "]", ",", ":", "\"", "\\", " ", "\n"]).prop_map(str::to_owned),
        4 => prop::sample::select(vec!["\"a\"", "\"a\":", "1", "-0", "0.5", "1e5", "true", "false", "null", "\\n"])
            .prop_map(str::to_owned),
        2 => prop::sample::select(vec!["\\ud800", "\\udfff", "\\u12", "\\uD83D\\uDE00", "+", ".", "e", "00", "tru"])
            .prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// JSON values whose strings need every kind of escape.
pub(crate) fn json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[a-z]{0,12}",
        prop::collection::vec(prop::sample::select(vec!['"', '\\', '\n', '\u{1}', 'é', '😀', 'a', '/', '%']), 0..12)
            .prop_map(String::from_iter),
    ];
    let number = prop_oneof![any::<i64>().prop_map(Value::from), any::<f32>().prop_map(Value::from)];
    let leaf =
        prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), number, text.clone().prop_map(Value::from)];
    leaf.prop_recursive(4, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((text.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn anything_like_json_is_judged_as_serde_json_judges_it(text in json_like()) {
        agree(text.as_bytes());
    }

    #[test]
    fn any_value_is_read_and_its_text_unescaped(value in json()) {
        let text = value.to_string();
        let document = read(&text);
        prop_assert_eq!(compact(document.root()), text);
        for index in 0..document.tokens().len() {
            let node = document.node(index as u32);
            if let Some(unescaped) = node.text() {
                let theirs: String = serde_json::from_str(&format!("\"{}\"", node.raw())).expect("a string");
                prop_assert_eq!(&theirs, &unescaped);
            }
        }
    }

    #[test]
    fn a_range_of_the_unescaped_text_maps_to_whole_escapes(value in json()) {
        let document = read(&value.to_string());
        for index in 0..document.tokens().len() {
            let Some(unescaped) = document.node(index as u32).unescaped() else { continue };
            let starts: Vec<usize> = unescaped.text.char_indices().map(|(at, _)| at).collect();
            for at in starts {
                let character = unescaped.text[at..].chars().next().expect("a character");
                let span = unescaped.raw(at..at + character.len_utf8());
                let raw = &document.text()[span.range()];
                let theirs: String = serde_json::from_str(&format!("\"{raw}\"")).expect("a whole escape");
                prop_assert_eq!(theirs, character.to_string());
                // Half a character is widened to the whole of it.
                prop_assert_eq!(unescaped.raw(at + character.len_utf8() - 1..at + character.len_utf8()), span);
            }
        }
    }
}

#[test]
fn a_hundred_and_twenty_seven_levels_pass_and_one_more_does_not() {
    let nested = |open: &str, close: &str, levels: usize| format!("{}1{}", open.repeat(levels), close.repeat(levels));
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        read(&nested(open, close, 127));
        assert_eq!(scan(&nested(open, close, 128), &Limits::default()).err(), Some(Malformed::Depth));
        assert!(serde_json::from_str::<Value>(&nested(open, close, 127)).is_ok());
        assert!(serde_json::from_str::<Value>(&nested(open, close, 128)).is_err());
    }
    assert_eq!(scan(&"[".repeat(1_000_000), &Limits::default()).err(), Some(Malformed::Depth));
    let low = Limits { depth: 2, ..Limits::default() };
    assert!(scan("[[1]]", &low).is_ok());
    assert_eq!(scan("[[[1]]]", &low).err(), Some(Malformed::Depth));
    let beyond = Limits { depth: 255, ..Limits::default() };
    assert_eq!(scan(&nested("[", "]", 128), &beyond).err(), Some(Malformed::Depth));
}

#[test]
fn tokens_and_bytes_are_bounded() {
    let limits = Limits { tokens: 4, bytes: 20, ..Limits::default() };
    assert!(scan("[1,2,3]", &limits).is_ok());
    assert_eq!(scan("[1,2,3,4]", &limits).err(), Some(Malformed::TooMany));
    assert_eq!(scan("{\"a\":1,\"b\":2}", &limits).err(), Some(Malformed::TooMany));
    assert_eq!(scan("\"12345678901234567890\"", &limits).err(), Some(Malformed::TooLarge));
    let body = Bytes::from_static(b"\"12345678901234567890\"");
    assert_eq!(Document::read(body, &limits).err(), Some(Malformed::TooLarge));
}

#[test]
fn what_rfc_8259_forbids_is_refused_where_it_stands() {
    let at = |text: &str| match scan(text, &Limits::default()) {
        Err(Malformed::Syntax { at }) => at,
        other => panic!("{text:?}: {other:?}"),
    };
    for (text, place) in [
        ("", 0),
        (" ", 1),
        ("\u{feff}1", 0),
        ("01", 1),
        ("-", 1),
        ("1.", 2),
        ("1e", 2),
        ("+1", 0),
        (".5", 0),
        ("NaN", 0),
        ("Infinity", 0),
        ("nul", 0),
        ("truefalse", 4),
        ("1 2", 2),
        ("[1,]", 3),
        ("[,1]", 1),
        ("[1", 2),
        ("]", 0),
        ("{\"a\":1,}", 7),
        ("{\"a\" 1}", 5),
        ("{\"a\":}", 5),
        ("{a:1}", 1),
        ("{1:1}", 1),
        ("{\"a\":1]", 6),
        ("[1}", 2),
        ("\"a", 2),
        ("\"a\nb\"", 2),
        ("\"0123456789\u{1}\"", 11),
        ("\"\\x\"", 2),
        ("\"\\u12g4\"", 2),
        ("\"\\u12", 2),
        ("\"\\", 2),
        ("'a'", 0),
        ("// a", 0),
    ] {
        assert_eq!(at(text), place, "{text:?}");
        assert!(serde_json::from_str::<Value>(text).is_err(), "{text:?}");
    }
    for bytes in [&b"\"\xff\""[..], b"\"\xc0\xaf\"", b"\"\xed\xa0\x80\"", b"\"\xf5\x80\x80\x80\"", b"\"\xe2\x82"] {
        let read = Document::read(Bytes::copy_from_slice(bytes), &Limits::default());
        assert_eq!(read.err(), Some(Malformed::Utf8));
    }
}

#[test]
fn numbers_pass_with_all_their_digits_unless_no_f64_holds_them() {
    let digits = format!("1{}", "0".repeat(400));
    for text in
        ["123456789012345680000", "0.1000000000000000055511151231257827", "-0", "0e999999", "1e308", "1e-400", &digits]
    {
        assert_eq!(read(&format!("[{text}]")).root().elements().next().expect("one").raw(), text);
    }
    for text in ["1e400", "-1E+309", "1e99999999999999999999", &format!("{digits}.0")] {
        assert_eq!(scan(&format!("[{text}]"), &Limits::default()).err(), Some(Malformed::Number), "{text}");
    }
}

#[test]
fn lone_surrogates_are_listed_and_pairs_are_not() {
    let text = r#"["\ud83d","\ude00","\ud83d\ude00","\ud83d\ud83d\ude00","\uD83Dx","a\\ud83d","\udc00\ud800"]"#;
    let document = read(text);
    let found: Vec<&str> = document.lone_surrogates().iter().map(|span| &text[span.range()]).collect();
    assert_eq!(found, [r"\ud83d", r"\ude00", r"\ud83d", r"\uD83D", r"\udc00", r"\ud800"]);
    let texts: Vec<_> = document.root().elements().filter_map(|node| node.text()).collect();
    assert_eq!(texts, ["\u{fffd}", "\u{fffd}", "😀", "\u{fffd}😀", "\u{fffd}x", "a\\ud83d", "\u{fffd}\u{fffd}"]);
}

#[test]
fn keys_are_compared_after_unescaping_and_every_duplicate_is_seen() {
    let document =
        read(r#"{"distinct_id":1,"distinct\u005fid":2,"Distinct_id":3,"d\u0069stinct\u005Fid":4,"distinct_id\n":5}"#);
    let values: Vec<&str> = document.root().get_all("distinct_id").map(|value| value.raw()).collect();
    assert_eq!(values, ["1", "2", "4"]);
}

#[test]
fn the_tape_tells_shape_place_and_depth() {
    let text = r#" { "a" : [ 1 , {} ] , "b\n" : "" } "#;
    let document = read(text);
    let seen: Vec<(Shape, &str, u8, u32, bool)> = document
        .tokens()
        .iter()
        .map(|token| (token.shape, &text[token.span.range()], token.depth, token.next, token.escaped))
        .collect();
    assert_eq!(
        seen,
        [
            (Shape::Object, text.trim(), 0, 7, false),
            (Shape::Key, "a", 1, 2, false),
            (Shape::Array, "[ 1 , {} ]", 1, 5, false),
            (Shape::Number, "1", 2, 4, false),
            (Shape::Object, "{}", 2, 5, false),
            (Shape::Key, "b\\n", 1, 6, true),
            (Shape::Text, "", 1, 7, false),
        ]
    );
    assert_eq!(document.node(99).shape(), Shape::Null);
}

#[test]
fn a_megabyte_of_hostile_text_is_read_in_one_pass() {
    for piece in ["a", "\\\"", "\\ud83d", "\\\\", "é", "\\u0000"] {
        let text = format!("{{\"p\":\"{}\"}}", piece.repeat(1_000_000 / piece.len()));
        let document = read(&text);
        let value = document.root().get_all("p").next().expect("p");
        let unescaped = value.unescaped().expect("text");
        assert_eq!(unescaped.raw(0..unescaped.text.len()), value.span());
        let end = unescaped.text.len();
        assert_eq!(unescaped.raw(end - 1..end).end, value.span().end);
    }
    let numbers = format!("[{}1]", "1,".repeat(499_998));
    assert_eq!(read(&numbers).root().elements().count(), 499_999);
    let more = format!("[{}1]", "1,".repeat(499_999));
    assert_eq!(scan(&more, &Limits::default()).err(), Some(Malformed::TooMany));
    let long = format!("[0.{}e-5]", "1".repeat(1_000_000));
    assert!(scan(&long, &Limits::default()).is_ok());
}
