//! Ids of accounts in the names of a page's elements: `$elements_chain` and `$elements` of autocapture hold class names and
//! attributes such as `user-acct-88123` or `data-user-id="88123"`, which no session announces when nobody is logged in.
//!
//! For events that leave without a person: what links there is taken out. A name is read in its words; an id is a word of
//! four or more digits (no year), or of letters and digits with enough of the latter, somewhere behind a word that means a
//! person; right behind one, three digits are enough. The rest of a class stays: `btn-primary`, `user-card-2` and `col-1024`
//! are no ids.

use std::borrow::Cow;

use super::shape;
use crate::payload::document::Node;
use crate::payload::edit::{Edits, Fill, Priority};
use crate::payload::scan::Shape;

/// What is written in the place of an id.
const MARK: &str = "*user_id*";
/// Words that mean a person, in lower case.
const PEOPLE: [&str; 18] = [
    "user",
    "usr",
    "userid",
    "uid",
    "acct",
    "account",
    "accountid",
    "customer",
    "cust",
    "client",
    "member",
    "person",
    "profile",
    "patient",
    "employee",
    "contact",
    "buyer",
    "author",
];
/// Words that may stand between such a word and its id.
const NUMBERS: [&str; 5] = ["id", "no", "nr", "num", "ref"];

/// Takes the ids out of an event's elements.
pub fn anonymise(event: Node<'_>, edits: &mut Edits) {
    let Some(properties) = shape::properties(event) else { return };
    for chain in properties.get_all("$elements_chain") {
        text(chain, edits);
    }
    let mut open: Vec<Node<'_>> = properties.get_all("$elements").collect();
    while let Some(node) = open.pop() {
        open.extend(node.elements());
        for (key, value) in node.members() {
            match value.shape() {
                Shape::Text if key.text().is_some_and(|key| announces(&key)) => {
                    if value.text().is_some_and(|text| is_id(&text) || is_number(&text)) {
                        edits.replace(value, Fill::Quoted(Cow::Borrowed(MARK)), Priority::Identity);
                    }
                }
                Shape::Text => text(value, edits),
                _ => open.push(value),
            }
        }
        if node.shape() == Shape::Text {
            text(node, edits);
        }
    }
}

/// The ids in one text.
fn text(value: Node<'_>, edits: &mut Edits) {
    let Some(unescaped) = value.unescaped() else { return };
    for (start, end) in ids(&unescaped.text) {
        edits.add_as(unescaped.raw(start..end), Fill::Text(Cow::Borrowed(MARK)), 0, Priority::Identity);
    }
}

/// Where ids stand: behind a person's word in the same name, or as the value of an attribute that is named so.
fn ids(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let joins = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find(joins)).map(|skip| at + skip) {
        let name = text.get(start..).unwrap_or_default();
        let name = name.split(|c: char| !joins(c)).next().unwrap_or_default();
        let end = start + name.len();
        // Whether a person was meant anywhere before, and by what stands right before.
        let (mut about_person, mut means_person) = (false, false);
        let mut place = start;
        for word in name.split(['-', '_']) {
            let lower = word.to_ascii_lowercase();
            if about_person && (is_id(word) || (means_person && is_number(word))) {
                found.push((place, place + word.len()));
            }
            let is_person = PEOPLE.contains(&lower.as_str());
            about_person |= is_person;
            means_person = is_person || (means_person && (NUMBERS.contains(&lower.as_str()) || word.is_empty()));
            place += word.len() + 1;
        }
        at = end;
        // `data-user-id="88123"`
        let value = text.get(end..).and_then(|rest| rest.strip_prefix("=\"")).filter(|_| means_person);
        if let Some(value) =
            value.and_then(|rest| rest.split('"').next()).filter(|value| is_id(value) || is_number(value))
        {
            found.push((end + 2, end + 2 + value.len()));
            at = end + 2 + value.len();
        }
    }
    found
}

/// A name that ends with a person's word, or with `id` behind one: `attr__data-user-id`, `customerNo`.
fn announces(name: &str) -> bool {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in name.chars() {
        if (c.is_ascii_uppercase() || !c.is_ascii_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.extend(Some(c.to_ascii_lowercase()).filter(char::is_ascii_alphanumeric));
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    let is_person = |word: &String| PEOPLE.contains(&word.as_str());
    match words.as_slice() {
        [.., person, number] if NUMBERS.contains(&number.as_str()) => is_person(person),
        [.., last] => is_person(last),
        [] => false,
    }
}

/// Three or more digits that are no year.
fn is_number(word: &str) -> bool {
    let is_year = word.len() == 4 && (word.starts_with("19") || word.starts_with("20"));
    word.len() >= 3 && !is_year && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Four or more digits that are no year, or letters and digits: five or more with four digits, or eight or more with three.
fn is_id(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let plain = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    plain && (word.len() >= 4 && is_number(word) || digits >= 4 && word.len() >= 5 || digits >= 3 && word.len() >= 8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::document::Document;
    use crate::payload::edit::{Spliced, splice};
    use crate::payload::scan::Limits;

    fn taken(chain: &str) -> String {
        let text = serde_json::json!({"event": "$autocapture", "properties": {"$elements_chain": chain}}).to_string();
        let document = Document::read_text(text.clone(), &Limits::default()).unwrap();
        let mut edits = Edits::new();
        anonymise(document.root(), &mut edits);
        let out = match splice(&document, &edits) {
            Spliced::Edited(bytes) => String::from_utf8(bytes).unwrap(),
            Spliced::Unchanged => text,
        };
        let out: serde_json::Value = serde_json::from_str(&out).unwrap();
        out["properties"]["$elements_chain"].as_str().unwrap().to_owned()
    }

    #[test]
    fn an_id_behind_a_person_s_word_is_taken_out_and_the_rest_stays() {
        for (chain, wanted) in [
            (
                r#"button.btn.user-acct-88123:attr__class="btn user-acct-88123"nth-child="1""#,
                r#"button.btn.user-acct-*user_id*:attr__class="btn user-acct-*user_id*"nth-child="1""#,
            ),
            (r#"li.customer_5512001:text="x\ny""#, r#"li.customer_*user_id*:text="x\ny""#),
            (r#"a:attr__data-user-id="88123"nth="3""#, r#"a:attr__data-user-id="*user_id*"nth="3""#),
            (r#"div.member--9f8e7d6c"#, r#"div.member--*user_id*"#),
            (
                r#"div.user-mbr-4410.member-K20931.acct-412"#,
                r#"div.user-mbr-*user_id*.member-*user_id*.acct-*user_id*"#,
            ),
            (r#"div.user-id-771234.user-card"#, r#"div.user-id-*user_id*.user-card"#),
        ] {
            assert_eq!(taken(chain), wanted);
        }
    }

    #[test]
    fn what_only_looks_like_one_stays() {
        for chain in [
            r#"button.btn.btn-primary:attr__class="btn btn-primary"nth-child="2""#,
            "div.user-card-2.user-list-100.col-1024.w-3840",
            "div.member-2024.client-side-rendered.account-settings",
            "section.product-88123.order-5512001",
            r#"a:attr__data-user-name="Überraschung"text="user 88123""#,
        ] {
            assert_eq!(taken(chain), chain);
        }
    }

    #[test]
    fn lists_of_elements_are_read_alike() {
        let text = r#"{"event":"$autocapture","properties":{"$elements":[{"tag_name":"a","classes":["x","user-acct-88123"],"attr__data-account-id":"88123","attr__id":"row-88123"}]}}"#;
        let document = Document::read_text(text.to_owned(), &Limits::default()).unwrap();
        let mut edits = Edits::new();
        anonymise(document.root(), &mut edits);
        let Spliced::Edited(bytes) = splice(&document, &edits) else { panic!("nothing was taken") };
        let wanted = text.replace("user-acct-88123", "user-acct-*user_id*").replace("\"88123\"", "\"*user_id*\"");
        assert_eq!(String::from_utf8(bytes).unwrap(), wanted);
    }
}
