//! Edits: the output is JSON, what was to go is gone, and every other byte is the received one.

use bauta::payload::document::{Document, Node};
use bauta::payload::edit::{Edits, Fill, Priority, Spliced, splice};
use bauta::payload::scan::{Limits, Shape, Span};
use proptest::prelude::*;
use serde_json::Value;

use crate::scanning::json;
use crate::support::{Chance, bodies, compact, read, say, spliced};

fn text(text: &str) -> Fill {
    Fill::Text(text.to_owned().into())
}

fn quoted(text: &str) -> Fill {
    Fill::Quoted(text.to_owned().into())
}

fn member<'a>(object: Node<'a>, name: &str) -> (Node<'a>, Node<'a>) {
    object.members().find(|(key, _)| key.is(name)).expect("a member")
}

/// The object `text` without the named members, with the new ones.
fn without(text: &str, gone: &[&str], new: &[&str]) -> String {
    let document = read(text);
    let mut edits = Edits::new();
    for name in gone {
        edits.remove_member(document.root(), member(document.root(), name).0, Priority::Scrub);
    }
    for fragment in new {
        edits.insert_member(document.root(), (*fragment).to_owned());
    }
    spliced(&document, &edits)
}

#[test]
fn nothing_to_change_is_the_received_text() {
    let document = read(" {\"a\" : 1.50} ");
    assert_eq!(splice(&document, &Edits::new()), Spliced::Unchanged);
}

#[test]
fn a_removed_member_takes_one_comma_whichever_neighbours_go() {
    let four = r#"{"a":1, "b":2 ,"c":3,"d":4}"#;
    for (gone, left) in [
        (&["a"][..], r#"{"b":2 ,"c":3,"d":4}"#),
        (&["b"], r#"{"a":1 ,"c":3,"d":4}"#),
        (&["d"], r#"{"a":1, "b":2 ,"c":3}"#),
        (&["a", "b"], r#"{"c":3,"d":4}"#),
        (&["b", "c"], r#"{"a":1,"d":4}"#),
        (&["c", "d"], r#"{"a":1, "b":2}"#),
        (&["d", "a"], r#"{"b":2 ,"c":3}"#),
        (&["a", "c"], r#"{"b":2,"d":4}"#),
        (&["b", "d"], r#"{"a":1 ,"c":3}"#),
        (&["a", "b", "d"], r#"{"c":3}"#),
        (&["d", "c", "b", "a"], "{}"),
        (&["a", "a"], r#"{"b":2 ,"c":3,"d":4}"#),
    ] {
        assert_eq!(without(four, gone, &[]), left, "{gone:?}");
    }
    assert_eq!(without("{ \"a\" : [1, 2] }", &["a"], &[]), "{  }");
}

#[test]
fn a_new_member_stands_at_the_closing_brace_with_the_right_comma() {
    assert_eq!(without("{}", &[], &["\"n\":1"]), r#"{"n":1}"#);
    assert_eq!(without("{ }", &[], &["\"n\":1"]), r#"{ "n":1}"#);
    assert_eq!(without(r#"{"a":1}"#, &[], &["\"n\":1", "\"m\":2"]), r#"{"a":1,"n":1,"m":2}"#);
    assert_eq!(without(r#"{"a":1,"b":2}"#, &["b"], &["\"n\":1"]), r#"{"a":1,"n":1}"#);
    assert_eq!(without(r#"{"a":1,"b":2}"#, &["a", "b"], &["\"n\":1", "\"m\":2"]), r#"{"n":1,"m":2}"#);
}

#[test]
fn removed_elements_leave_an_array() {
    let document = read("[ [1], {\"a\":2} , \"x\" ]");
    let root = document.root();
    let elements: Vec<Node<'_>> = root.elements().collect();
    for (gone, left) in [
        (&[0][..], "[ {\"a\":2} , \"x\" ]"),
        (&[1], "[ [1] , \"x\" ]"),
        (&[2], "[ [1], {\"a\":2} ]"),
        (&[0, 2], "[ {\"a\":2} ]"),
        (&[0, 1, 2], "[  ]"),
    ] {
        let mut edits = Edits::new();
        for at in gone {
            edits.remove_element(root, elements[*at], Priority::Scrub);
        }
        // What stands inside a removed element goes with it.
        edits.add(elements[1].members().next().expect("a").1.span(), Fill::Raw("9".into()), 0);
        assert_eq!(spliced(&document, &edits), left.replace(":2", ":9"), "{gone:?}");
    }
}

#[test]
fn an_outer_edit_beats_those_inside_it() {
    let document = read(r#"{"p":{"a":"secret","b":[1]}}"#);
    let (_, props) = member(document.root(), "p");
    let mut edits = Edits::new();
    edits.add(member(props, "a").1.span(), text("inner"), 0);
    edits.insert_member(props, "\"n\":1".into());
    edits.remove_member(props, member(props, "b").0, Priority::Identity);
    edits.add(props.whole(), Fill::Raw("{}".into()), 0);
    assert_eq!(spliced(&document, &edits), r#"{"p":{}}"#);
}

#[test]
fn of_two_edits_of_one_place_identity_beats_scrub_and_later_beats_earlier() {
    let document = read(r#"{"userId":"42"}"#);
    let (key, value) = member(document.root(), "userId");
    let mut edits = Edits::new();
    edits.replace(value, quoted("pseudonym"), Priority::Identity);
    edits.add(value.whole(), quoted("first"), 0);
    edits.add(value.whole(), quoted("second"), 0);
    assert_eq!(spliced(&document, &edits), r#"{"userId":"pseudonym"}"#);
    let mut edits = Edits::new();
    edits.add(value.whole(), quoted("first"), 0);
    edits.add(value.whole(), quoted("second"), 0);
    assert_eq!(spliced(&document, &edits), r#"{"userId":"second"}"#);
    // Scrub removes the member that identity sets.
    let mut edits = Edits::new();
    edits.keep_member(document.root(), key, Priority::Identity);
    edits.replace(value, quoted("pseudonym"), Priority::Identity);
    edits.remove_member(document.root(), key, Priority::Scrub);
    assert_eq!(spliced(&document, &edits), r#"{"userId":"pseudonym"}"#);
}

#[test]
fn edits_that_overlap_in_part_cover_both_ranges() {
    let document = read(r#"["0123456789"]"#);
    let mut edits = Edits::new();
    edits.add(Span { start: 4, end: 8 }, text("A"), 0);
    edits.add(Span { start: 6, end: 10 }, text("B"), 0);
    assert_eq!(spliced(&document, &edits), r#"["01AB89"]"#);
}

#[test]
fn text_is_escaped_where_it_stands() {
    let nasty = "a\"b\\c\n\u{1}é";
    let document = read(r#"["x",1]"#);
    let elements: Vec<Node<'_>> = document.root().elements().collect();
    let mut edits = Edits::new();
    edits.add(elements[0].span(), text(nasty), 0);
    edits.replace(elements[1], quoted(nasty), Priority::Scrub);
    let out: Vec<String> = serde_json::from_str(&spliced(&document, &edits)).expect("JSON");
    assert_eq!(out, [nasty, nasty]);
}

#[test]
fn json_in_a_string_is_edited_in_place_and_the_rest_of_the_string_keeps_its_spelling() {
    let outer = r#"{"p":"{ \"e\":\"jane\u0040x.org\",\"n\":1e2,\u0022k\u0022:\"\\u00e9\\/\",\"z\":0 }"}"#;
    let document = read(outer);
    let nested = member(document.root(), "p").1.nested(&Limits::default()).expect("text").expect("JSON");
    let root = nested.document().root();
    let mut edits = Edits::new();
    let mail = member(root, "e").1;
    edits.add(nested.raw(mail.span()), text("a\"b"), 1);
    edits.remove_member(root, member(root, "z").0, Priority::Scrub);
    edits.replace(member(root, "n").1, quoted("q\\"), Priority::Scrub);
    edits.insert_member(root, "\"userId\":\"u\"".into());
    let out = spliced(&document, &edits);
    let expected = r#"{"p":"{ \"e\":\"a\\\"b\",\"n\":\"q\\\\\",\u0022k\u0022:\"\\u00e9\\/\" ,\"userId\":\"u\"}"}"#;
    assert_eq!(out, expected);
    let inner: Value =
        serde_json::from_str(serde_json::from_str::<Value>(&out).expect("JSON")["p"].as_str().expect("text"))
            .expect("JSON inside");
    assert_eq!(inner, serde_json::json!({"e": "a\"b", "n": "q\\", "k": "é/", "userId": "u"}));
    assert!(root.nested(&Limits::default()).is_none());
    assert!(mail.nested(&Limits::default()).is_none(), "one layer only");
}

// ---------------------------------------------------------------------------------------------------------------------

/// What is done to a node in the random tests.
#[derive(Clone, Copy, PartialEq)]
enum Deed {
    Nothing,
    Replace,
    Remove,
    Insert,
}

/// The text, without white space, that the deeds must lead to.
fn expected(node: Node<'_>, deeds: &[Deed]) -> String {
    let deed = |node: Node<'_>| deeds[node.index() as usize];
    if node.shape() != Shape::Key && deed(node) == Deed::Replace {
        return "\"<\\\">\"".to_owned();
    }
    match node.shape() {
        Shape::Object => {
            let mut members: Vec<String> = node
                .members()
                .filter(|(key, _)| deed(*key) != Deed::Remove)
                .map(|(key, value)| format!("\"{}\":{}", key.raw(), expected(value, deeds)))
                .collect();
            if deed(node) == Deed::Insert {
                members.extend(["\"new\":[]".to_owned(), "\"new\":{}".to_owned()]);
            }
            format!("{{{}}}", members.join(","))
        }
        Shape::Array => {
            let kept = node.elements().filter(|element| deed(*element) != Deed::Remove);
            format!("[{}]", kept.map(|element| expected(element, deeds)).collect::<Vec<_>>().join(","))
        }
        _ => compact(node),
    }
}

fn done(document: &Document, deeds: &[Deed]) -> String {
    let mut edits = Edits::new();
    for index in 0..document.tokens().len() as u32 {
        let node = document.node(index);
        match node.shape() {
            Shape::Object => {
                for (key, _) in node.members().filter(|(key, _)| deeds[key.index() as usize] == Deed::Remove) {
                    edits.remove_member(node, key, Priority::Scrub);
                }
                if deeds[index as usize] == Deed::Insert {
                    edits.insert_member(node, "\"new\":[]".into());
                    edits.insert_member(node, "\"new\":{}".into());
                }
            }
            Shape::Array => {
                for element in node.elements().filter(|element| deeds[element.index() as usize] == Deed::Remove) {
                    edits.remove_element(node, element, Priority::Scrub);
                }
            }
            _ => {}
        }
        if deeds[index as usize] == Deed::Replace && node.shape() != Shape::Key {
            edits.replace(node, quoted("<\">"), Priority::Scrub);
        }
    }
    spliced(document, &edits)
}

/// Deeds by chance, and what came out is what they should lead to, leaf by leaf in the received spelling.
fn check(document: &Document, chance: &mut Chance) {
    let share = 1 + chance.below(8);
    let deeds: Vec<Deed> = (0..document.tokens().len())
        .map(|_| match chance.below(4 * share) {
            0 => Deed::Replace,
            1 => Deed::Remove,
            2 => Deed::Insert,
            _ => Deed::Nothing,
        })
        .collect();
    let out = done(document, &deeds);
    let again = Document::read_text(out, &Limits::default()).expect("the output is JSON");
    assert_eq!(compact(again.root()), expected(document.root(), &deeds));
    serde_json::from_str::<Value>(again.text()).expect("the output is JSON to serde_json");
}

#[test]
fn random_edits_of_real_bodies_change_what_they_name_and_nothing_else() {
    let mut chance = Chance::new(7);
    let mut edited = 0;
    for body in bodies() {
        let Ok(document) = Document::read_text(body, &Limits::default()) else { continue };
        for _ in 0..3 {
            check(&document, &mut chance);
            edited += 1;
        }
    }
    say(&format!("payload/edits: {edited}/{edited}"));
}

#[test]
fn random_cuts_inside_strings_never_split_an_escape() {
    let mut chance = Chance::new(11);
    for body in bodies() {
        // Quoted once and twice more, so that escapes are dense.
        for layers in 1..3 {
            let mut text = body.clone();
            for _ in 0..layers {
                text = Value::String(text).to_string();
            }
            let document = read(&text);
            let unescaped = document.root().unescaped().expect("a string");
            let mut edits = Edits::new();
            let mut model = unescaped.text.clone().into_owned();
            let mut cuts: Vec<usize> = (0..4).map(|_| chance.below(model.len() + 1)).collect();
            cuts.iter_mut().for_each(|cut| *cut = model.floor_char_boundary(*cut));
            cuts.sort_unstable();
            if cuts[1] == cuts[2] || cuts[0] == cuts[1] || cuts[2] == cuts[3] {
                continue;
            }
            for range in [cuts[0]..cuts[1], cuts[2]..cuts[3]] {
                edits.add(unescaped.raw(range), text_mark(), 0);
            }
            model.replace_range(cuts[2]..cuts[3], "\"*\"");
            model.replace_range(cuts[0]..cuts[1], "\"*\"");
            let out: String = serde_json::from_str(&spliced(&document, &edits)).expect("a string");
            assert_eq!(out, model);
        }
    }
}

fn text_mark() -> Fill {
    Fill::Text("\"*\"".into())
}

proptest! {
    #[test]
    fn random_edits_of_any_value_change_what_they_name_and_nothing_else(value in json(), seed in any::<u64>()) {
        check(&read(&value.to_string()), &mut Chance::new(seed));
        // With white space everywhere, and as text inside another document.
        let pretty = serde_json::to_string_pretty(&value).expect("JSON");
        check(&read(&pretty), &mut Chance::new(seed));
        let outer = read(&serde_json::json!({ "p": pretty }).to_string());
        let nested = member(outer.root(), "p").1.nested(&Limits::default()).expect("text").expect("JSON");
        let mut edits = Edits::new();
        let mut chance = Chance::new(seed);
        let mut gone = Vec::new();
        for (key, _) in nested.document().root().members() {
            if chance.below(2) == 0 {
                edits.remove_member(nested.document().root(), key, Priority::Scrub);
                gone.push(key.index());
            }
        }
        let out: Value = serde_json::from_str(&spliced(&outer, &edits)).expect("JSON");
        let inner = read(out["p"].as_str().expect("text"));
        let kept = nested.document().root().members().filter(|(key, _)| !gone.contains(&key.index()));
        let kept: Vec<String> = kept.map(|(key, value)| format!("{}{}", key.raw(), compact(value))).collect();
        let left: Vec<String> = inner.root().members().map(|(key, value)| format!("{}{}", key.raw(), compact(value))).collect();
        prop_assert_eq!(kept, left);
    }
}
