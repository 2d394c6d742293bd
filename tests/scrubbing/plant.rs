//! Values, places and encodings from which events are put together at random.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bauta::config::session::Own;
use bauta::person::{AppUserId, Person, Value as Claim};
use bauta::scrub::OwnTerms;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::json;

use crate::score::Span;

/// A small generator of numbers (Marsaglia's xorshift64*): the same events in every run.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % limit
    }

    pub(crate) fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    fn text(&mut self, alphabet: &str, length: usize) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        (0..length).map(|_| *self.one_of(&letters)).collect()
    }
}

/// A value that must not survive.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Planted {
    pub(crate) kind: String,
    pub(crate) text: String,
    #[serde(rename = "match")]
    by: String,
    #[serde(default)]
    parts: Vec<String>,
}

impl Planted {
    fn new(kind: &str, text: String) -> Self {
        Self { kind: kind.to_owned(), parts: vec![text.clone()], text, by: "text".to_owned() }
    }

    pub(crate) fn span(&self) -> Span {
        Span { tier: "A".to_owned(), text: self.text.clone(), by: self.by.clone(), parts: self.parts.clone() }
    }
}

/// Values of tier A, made by `tools/pii_corpus.py --planted`.
pub(crate) fn values() -> Vec<Planted> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/corpora/planted.jsonl");
    let values: Vec<Planted> =
        std::fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(values.len() >= 500);
    values
}

/// Where a value stands.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    Query,
    Path,
    Fragment,
    FragmentRoute,
    Referrer,
    NestedAddress,
    Property,
    Sentence,
    Array,
    Deep,
    Key,
    JsonText,
    JsonTextInParameter,
    ElementsChain,
    Exception,
    PersonSet,
    Title,
    Form,
    EventName,
    Markup,
}

pub(crate) const PLACES: [Place; 20] = [
    Place::Query,
    Place::Path,
    Place::Fragment,
    Place::FragmentRoute,
    Place::Referrer,
    Place::NestedAddress,
    Place::Property,
    Place::Sentence,
    Place::Array,
    Place::Deep,
    Place::Key,
    Place::JsonText,
    Place::JsonTextInParameter,
    Place::ElementsChain,
    Place::Exception,
    Place::PersonSet,
    Place::Title,
    Place::Form,
    Place::EventName,
    Place::Markup,
];

/// What browsers leave as it is in a parameter (WHATWG URL standard).
const LOOSE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'@')
    .remove(b':')
    .remove(b'.')
    .remove(b'-')
    .remove(b'_')
    .remove(b'~')
    .remove(b'\'')
    .remove(b'/')
    .remove(b'(')
    .remove(b')');

fn percent(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// A value as a part of an address.
fn in_address(text: &str, dice: &mut Dice) -> String {
    match dice.below(9) {
        0 => utf8_percent_encode(text, LOOSE).to_string(),
        1 => percent(&percent(text)),
        2 => percent(text).replace("%20", "+"),
        3 => STANDARD.encode(text),
        4 => URL_SAFE_NO_PAD.encode(text),
        5 => percent(&STANDARD.encode(text)),
        6 => URL_SAFE_NO_PAD.encode(json!({ "id": 7, "value": text, "next": "/home" }).to_string()),
        7 => percent(&json!({ "value": text }).to_string()),
        _ => percent(text),
    }
}

/// A value as prose.
fn in_prose(text: &str, dice: &mut Dice) -> String {
    match dice.below(8) {
        0 => text
            .chars()
            .map(|own| {
                if own.is_ascii_alphanumeric() || !own.is_ascii() {
                    own.to_string()
                } else {
                    format!("&#{};", own as u32)
                }
            })
            .collect(),
        1 => text
            .chars()
            .map(|own| {
                if own.is_ascii_alphanumeric() || !own.is_ascii() {
                    own.to_string()
                } else {
                    format!("\\u{:04x}", own as u32)
                }
            })
            .collect(),
        2 => STANDARD.encode(text),
        3 => percent(text),
        _ => text.to_owned(),
    }
}

impl Place {
    /// An event with the value at this place, in a random encoding.
    pub(crate) fn event(self, value: &Planted, dice: &mut Dice) -> (String, &'static str) {
        let text = value.text.as_str();
        // A user of an address stands in an address only, and a home directory in text.
        let address = |rest: String| format!("https://example.org/{rest}");
        let plain = match value.kind.as_str() {
            "url_userinfo" => format!("https://{text}@example.org/x"),
            "home_path" => format!("at /Users/{text}/src/main.js:1:2"),
            _ => String::new(),
        };
        if !plain.is_empty() {
            return (
                json!({ "n": "x", "u": "https://example.org/", "d": "example.org", "p": { "k": plain } }).to_string(),
                "plausible",
            );
        }
        let page = |u: String| (json!({ "n": "pageview", "u": u, "d": "example.org" }).to_string(), "plausible");
        let properties = |own: serde_json::Value| {
            (
                json!({ "event": "x", "properties": own, "distinct_id": "019c2fa6-f01c-7b90-9521-a653ba6874c9", "api_key": "phc_xSFaTDwXBibZUvSPNuSJAQor3SJc6vuEP2g6PK5vrpB" })
                    .to_string(),
                "posthog",
            )
        };
        match self {
            Self::Query => page(address(format!("search?page=2&{}={}&sort=asc", dice.one_of(&["q", "e", "value", "x", "ref_id"]), in_address(text, dice)))),
            Self::Path => page(address(format!("u/{}/edit", percent(text)))),
            Self::Fragment => page(address(format!("a#{}", percent(text)))),
            Self::FragmentRoute => page(address(format!("a#/b?c={}", in_address(text, dice)))),
            Self::Referrer => (json!({ "n": "pageview", "u": "https://example.org/", "d": "example.org", "r": address(format!("?from={}", in_address(text, dice))) }).to_string(), "plausible"),
            Self::NestedAddress => page(address(format!("login?next={}", percent(&address(format!("x?y={}", percent(text))))))),
            Self::Property => properties(json!({ "k": in_prose(text, dice) })),
            Self::Sentence => properties(json!({ "note": format!("please see {} today", in_prose(text, dice)) })),
            Self::Array => properties(json!({ "list": ["a", in_prose(text, dice), "b"] })),
            Self::Deep => properties(json!({ "a": { "b": [{ "c": in_prose(text, dice) }] } })),
            Self::Key => properties(json!({ "by": { text: 3 } })),
            Self::JsonText => (json!({ "n": "x", "u": "https://example.org/", "d": "example.org", "m": json!({ "k": in_prose(text, dice) }).to_string() }).to_string(), "plausible"),
            Self::JsonTextInParameter => page(address(format!("?state={}", percent(&json!({ "k": text, "n": [1, 2] }).to_string())))),
            Self::ElementsChain => properties(json!({ "$elements_chain": format!("a.link:attr__title=\"{}\"nth-child=\"2\"text=\"Next\";div:nth-child=\"1\"", in_prose(text, dice).replace('"', "'")) })),
            Self::Exception => properties(json!({ "$exception_list": [{ "type": "Error", "value": format!("failed for {}: timeout", in_prose(text, dice)) }] })),
            Self::PersonSet => properties(json!({ "$set": { "custom": in_prose(text, dice) } })),
            Self::Title => properties(json!({ "title": format!("{} - Shop", in_prose(text, dice)) })),
            Self::Form => properties(json!({ "form": format!("plan=team&field={}&remember=1", percent(text).replace("%20", "+")) })),
            Self::EventName => (json!({ "n": format!("Sent to {text}"), "u": "https://example.org/", "d": "example.org" }).to_string(), "plausible"),
            Self::Markup => properties(json!({ "html": format!("<p title=\"x\">{}</p>", in_prose(text, dice)) })),
        }
    }
}

/// A person with ids of a random shape.
pub(crate) struct Someone {
    id: String,
    claims: serde_json::Value,
    pub(crate) secrets: Vec<Planted>,
}

pub(crate) fn person(number: u32, dice: &mut Dice) -> Someone {
    let first = *dice.one_of(&["Rosalind", "Desmond", "Wiebke", "Joaquín", "Øyvind", "Zofia", "Amélie", "Tancredi"]);
    let last =
        *dice.one_of(&["Featherstone", "Quiroga", "Szczepański", "Lindqvist", "Böttcher", "Delacroix", "Macallister"]);
    let handle = format!("{}{}", dice.text("abcdefghijkmnpqrstuvwxyz", 6), dice.below(90) + 10);
    let email = format!("{handle}@{}.example", dice.text("abcdefghij", 7));
    let hex = |dice: &mut Dice, length| dice.text("0123456789abcdef", length);
    let id = match number % 6 {
        0 => format!("{}-{}-4{}-9{}-{}", hex(dice, 8), hex(dice, 4), hex(dice, 3), hex(dice, 3), hex(dice, 12)),
        1 => format!("01{}", dice.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 24)),
        2 => format!("{}{}", dice.below(8) + 1, dice.text("0123456789", 7)),
        3 => format!("usr_{}", dice.text("abcdefghijkmnpqrstuvwxyz0123456789", 12)),
        4 => handle.clone(),
        _ => email.clone(),
    };
    let phone = format!("+49 151 {}", dice.text("23456789", 8));
    let name = format!("{first} {last}");
    let claims = json!({ "user": { "name": name, "email": email, "phone": phone, "username": handle } });
    let mut secrets = vec![
        Planted::new("id", id.clone()),
        Planted::new("email", email),
        Planted::new("handle", handle),
        Planted::new("name", name),
    ];
    secrets.push(Planted { kind: "phone".to_owned(), text: phone, by: "digits".to_owned(), parts: Vec::new() });
    Someone { id, claims, secrets }
}

impl Someone {
    pub(crate) fn terms(&self) -> OwnTerms {
        let user = AppUserId::from_text(&self.id).unwrap();
        OwnTerms::of(&Person { user, claims: Claim::from(self.claims.clone()), snapshot: false }, &Own::default())
    }
}
