//! The leak check of `tools/pii_score.py` in Rust, word for word: what a curious receiver can decode.

use std::collections::BTreeSet;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;
use serde_json::Value;

/// A planted value.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Span {
    pub(crate) tier: String,
    pub(crate) text: String,
    #[serde(rename = "match")]
    pub(crate) by: String,
    pub(crate) parts: Vec<String>,
}

/// A text that must stay.
#[derive(Debug, Deserialize)]
pub(crate) struct Keep {
    pub(crate) json_pointer: String,
    pub(crate) text: String,
    pub(crate) class: String,
}

/// A line of a corpus.
#[derive(Deserialize)]
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) upstream: String,
    pub(crate) body: Value,
    pub(crate) spans: Vec<Span>,
    pub(crate) must_keep: Vec<Keep>,
}

/// Everything that can be read in a body.
pub(crate) struct Hay {
    text: String,
    digits: String,
    alnum: String,
}

impl Hay {
    pub(crate) fn of(body: &Value) -> Self {
        let mut all = BTreeSet::new();
        strings(body, &mut |own| forms(own, &mut all));
        let lower: Vec<String> = all.iter().map(|own| own.to_lowercase()).collect();
        let text = lower.join("\0");
        let digits = join_digits(&text);
        let alnum = lower.iter().map(|own| plain(own)).collect::<Vec<_>>().join("\0");
        Self { text, digits, alnum }
    }

    /// True if the value, or a significant part of it, can be read.
    pub(crate) fn shows(&self, span: &Span) -> bool {
        match span.by.as_str() {
            "text" => span.parts.iter().any(|part| self.text.contains(&part.to_lowercase())),
            "alnum" => span.parts.iter().any(|part| self.alnum.contains(&plain(&part.to_lowercase()))),
            _ => {
                let digits: Vec<char> = span.text.chars().filter(char::is_ascii_digit).collect();
                let size = digits.len().min(6);
                digits.windows(size.max(1)).any(|six| self.digits.contains(&six.iter().collect::<String>()))
            }
        }
    }
}

/// True if the text still stands at its place.
pub(crate) fn is_kept(keep: &Keep, body: &Value) -> bool {
    match body.pointer(&keep.json_pointer) {
        Some(Value::String(own)) => own.contains(&keep.text),
        Some(other) => other.to_string().contains(&keep.text),
        None => false,
    }
}

fn strings(value: &Value, each: &mut impl FnMut(&str)) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                each(key);
                strings(value, each);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| strings(item, each)),
        Value::String(text) => each(text),
        Value::Number(number) => each(&number.to_string()),
        Value::Bool(_) | Value::Null => {}
    }
}

/// A string and everything that plain decoders make of it, three rounds deep.
fn forms(text: &str, all: &mut BTreeSet<String>) {
    let mut front = vec![text.to_owned()];
    all.insert(text.to_owned());
    for _ in 0..3 {
        let mut next = Vec::new();
        for own in &front {
            let mut candidates = Vec::new();
            if own.contains(['%', '+']) {
                candidates.push(percent(own));
                candidates.push(percent(&own.replace('+', " ")));
            }
            if own.contains('&') {
                candidates.push(html(own));
            }
            if own.contains('\\') {
                candidates.push(backslash(own));
            }
            runs(own, &mut candidates);
            next.extend(candidates.into_iter().filter(|candidate| all.insert(candidate.clone())));
        }
        front = next;
    }
}

fn percent(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn html(text: &str) -> String {
    const NAMED: [(&str, char); 10] = [
        ("amp;", '&'),
        ("lt;", '<'),
        ("gt;", '>'),
        ("quot;", '"'),
        ("apos;", '\''),
        ("commat;", '@'),
        ("period;", '.'),
        ("plus;", '+'),
        ("lowbar;", '_'),
        ("nbsp;", '\u{a0}'),
    ];
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let named = NAMED.iter().find(|(name, _)| rest.starts_with(name)).map(|(name, own)| (*own, name.len()));
        let numbered = rest.strip_prefix('#').and_then(|digits| {
            let (radix, digits, skip) =
                digits.strip_prefix(['x', 'X']).map_or((10, digits, 1), |digits| (16, digits, 2));
            let length = digits.find(|own: char| !own.is_digit(radix)).unwrap_or(digits.len());
            let own = char::from_u32(u32::from_str_radix(&digits[..length], radix).ok()?)?;
            Some((own, skip + length + usize::from(digits[length..].starts_with(';'))))
        });
        match named.or(numbered) {
            Some((own, length)) => {
                out.push(own);
                rest = &rest[length..];
            }
            None => out.push('&'),
        }
    }
    out + rest
}

fn backslash(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let digits = if rest.starts_with('u') { 4 } else { 2 };
        let unit = rest
            .get(1..=digits)
            .filter(|_| rest.starts_with(['u', 'x']))
            .and_then(|own| u32::from_str_radix(own, 16).ok());
        match unit {
            Some(unit) => {
                out.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
                rest = &rest[digits + 1..];
            }
            None => out.push('\\'),
        }
    }
    out + rest
}

fn runs(text: &str, out: &mut Vec<String>) {
    for more in ["+/_-", "_-", ""] {
        let member = |own: char| own.is_ascii_alphanumeric() || more.contains(own);
        for run in text.split(|own| !member(own)).filter(|run| run.len() >= 8) {
            out.extend(base64_text(run));
        }
    }
}

fn base64_text(run: &str) -> Option<String> {
    let config = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let engine = GeneralPurpose::new(&alphabet::STANDARD, config);
    let mut own = run.replace('-', "+").replace('_', "/");
    if own.len() % 4 == 1 {
        own.pop();
    }
    let text = String::from_utf8(engine.decode(own).ok()?).ok()?;
    let printable = text.chars().filter(|own| !own.is_control() || matches!(own, '\n' | '\t')).count();
    (!text.is_empty() && printable * 10 >= text.chars().count() * 9).then_some(text)
}

/// Digits with one to three separators between them become neighbours.
fn join_digits(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let separates =
        |own: char| own.is_whitespace() || matches!(own, '.' | '(' | ')' | '/' | '+' | '-' | '\u{a0}' | '\u{2011}');
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < characters.len() {
        let own = characters[at];
        out.push(own);
        at += 1;
        if own.is_ascii_digit() {
            let gap = characters[at..].iter().take(4).take_while(|own| separates(**own)).count();
            if (1..=3).contains(&gap) && characters.get(at + gap).is_some_and(char::is_ascii_digit) {
                at += gap;
            }
        }
    }
    out
}

fn plain(text: &str) -> String {
    text.chars().filter(|own| own.is_ascii_digit() || own.is_ascii_lowercase() || !own.is_ascii()).collect()
}
