//! JSON as the vendor's decoder (Jason, an Elixir library) reads it.
//!
//! Promise: of a repeated key the *first* occurrence counts, integers keep every digit, everything else that is
//! not strict JSON is refused: invalid UTF-8, lone surrogates, control characters, numbers beyond the range of a
//! double. Written apart from `payload`, which it judges. Input: bytes. Failure: [`NotJson`].

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Containers inside containers. The vendor has no limit; ours keeps a hostile body from exhausting the stack.
const DEPTH: u8 = 200;

/// A decoded value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

/// A decoded number.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Number {
    /// Any number of digits.
    Integer(String),
    Float(f64),
}

/// The bytes are not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotJson;

/// Decodes a whole body.
pub(super) fn decode(bytes: &[u8]) -> Result<Json, NotJson> {
    let text = std::str::from_utf8(bytes).map_err(|_| NotJson)?;
    let raw: &RawValue = serde_json::from_str(text).map_err(|_| NotJson)?;
    value(raw, 0)
}

fn value(raw: &RawValue, depth: u8) -> Result<Json, NotJson> {
    let text = raw.get();
    let deeper = if depth < DEPTH { Ok(depth + 1) } else { Err(NotJson) };
    Ok(match text.as_bytes().first() {
        Some(b'{') => {
            let members: Members<'_> = parse(text)?;
            let depth = deeper?;
            let mut seen = HashSet::new();
            let mut map = Vec::with_capacity(members.0.len());
            for (key, raw) in members.0 {
                let value = value(raw, depth)?;
                if seen.insert(key.clone()) {
                    map.push((key, value));
                }
            }
            Json::Map(map)
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = parse(text)?;
            let depth = deeper?;
            Json::List(items.into_iter().map(|item| value(item, depth)).collect::<Result<_, _>>()?)
        }
        Some(b'"') => Json::Text(parse(text)?),
        Some(b't') => Json::Bool(true),
        Some(b'f') => Json::Bool(false),
        Some(b'n') => Json::Null,
        _ => Json::Number(number(text)?),
    })
}

fn number(text: &str) -> Result<Number, NotJson> {
    if text.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
        let float: f64 = text.parse().map_err(|_| NotJson)?;
        return if float.is_finite() { Ok(Number::Float(float)) } else { Err(NotJson) };
    }
    Ok(Number::Integer(if text == "-0" { "0".to_owned() } else { text.to_owned() }))
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, NotJson> {
    serde_json::from_str(text).map_err(|_| NotJson)
}

/// An object's members in source order, with repetitions.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

impl Json {
    /// The member `key` of an object.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(members) => members.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Elixir's `a || b || c` over the named members: the first that is neither null, false nor missing, else
    /// whatever the last one is.
    pub(super) fn either(&self, keys: &[&str]) -> &Self {
        let mut last = &Self::Null;
        for key in keys {
            last = self.get(key).unwrap_or(&Self::Null);
            if !matches!(last, Self::Null | Self::Bool(false)) {
                break;
            }
        }
        last
    }

    /// An integer, or text that is one from end to end.
    pub(super) fn integer(&self) -> Option<i64> {
        match self {
            Self::Number(Number::Integer(digits)) => Some(saturating(digits)),
            Self::Text(text) => {
                let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
                (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| saturating(text))
            }
            _ => None,
        }
    }

    /// A scalar as the text that is stored; objects, lists and null have none.
    pub(super) fn stored(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Bool(flag) => Some(flag.to_string()),
            Self::Number(Number::Integer(digits)) => Some(digits.clone()),
            Self::Number(Number::Float(float)) => Some(float_text(*float)),
            Self::Null | Self::List(_) | Self::Map(_) => None,
        }
    }
}

/// Decimal text as a number; beyond 64 bits the nearest end, which every rule treats alike.
fn saturating(text: &str) -> i64 {
    text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX })
}

/// A double as Erlang writes it: shortest digits, then plain or scientific, whichever is shorter
/// (`io_lib_format:fwrite_g/1`): `1.5`, `100.0`, `1.0e3`, `1.2345678901234568e20`.
fn float_text(float: f64) -> String {
    let scientific = format!("{:e}", float.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    let exponent: i64 = exponent.parse().unwrap_or(0);
    let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    // The decimal point stands after this many digits.
    let place = if float == 0.0 { 1 } else { exponent + 1 };
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    let power = (place - 1).to_string();
    let power_cost = i64::try_from(power.len()).unwrap_or(0) + 1 + if length == 1 { 2 } else { 1 };
    let head: String = digits.chars().take(1).collect();
    let tail: String = digits.chars().skip(1).collect();
    let with_power = || format!("{head}.{}e{power}", if tail.is_empty() { "0" } else { &tail });
    let plain = match place {
        0 => format!("0.{digits}"),
        _ if place < 0 && 2 - place <= power_cost => format!("0.{}{digits}", zeros(-place)),
        _ if place < 0 => with_power(),
        _ if place >= length && place - length + 2 <= power_cost => format!("{digits}{}.0", zeros(place - length)),
        _ if place >= length => with_power(),
        _ => {
            let whole = usize::try_from(place).unwrap_or(0);
            let (left, right) = digits.split_at(whole);
            format!("{left}.{right}")
        }
    };
    if float.is_sign_negative() { format!("-{plain}") } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(source: &str) -> String {
        decode(source.as_bytes()).unwrap().stored().unwrap()
    }

    #[test]
    fn the_first_of_two_equal_keys_counts() {
        let json = decode(br#"{"a":1,"\u0061":2,"b":{"c":1,"c":2}}"#).unwrap();
        assert_eq!(json.get("a").unwrap().integer(), Some(1));
        assert_eq!(json.get("b").unwrap(), &Json::Map(vec![("c".into(), Json::Number(Number::Integer("1".into())))]));
    }

    #[test]
    fn what_strict_json_forbids_is_refused() {
        for bad in [
            r#"{"a":"\ud800"}"#,
            "{\"a\":\"\u{1}\"}",
            "[1,]",
            "{'a':1}",
            "01",
            "1e999",
            "",
            "nul",
            "{} x",
            "\u{feff}{}",
        ] {
            assert_eq!(decode(bad.as_bytes()), Err(NotJson), "{bad}");
        }
        assert_eq!(decode(b"\"\xff\""), Err(NotJson));
        assert_eq!(decode("[".repeat(100_000).as_bytes()), Err(NotJson));
    }

    #[test]
    fn integers_of_any_size_keep_their_digits() {
        assert_eq!(text_of("123456789012345680000"), "123456789012345680000");
        assert_eq!(text_of("-0"), "0");
    }

    #[test]
    fn floats_are_written_as_erlang_writes_them() {
        let pairs = [
            ("1.5", "1.5"),
            ("1.50", "1.5"),
            ("100.0", "100.0"),
            ("1000.0", "1.0e3"),
            ("1e2", "100.0"),
            ("1.2345678901234568e20", "1.2345678901234568e20"),
            ("0.1", "0.1"),
            ("0.001", "0.001"),
            ("0.00001", "1.0e-5"),
            ("0.0", "0.0"),
            ("-2.25", "-2.25"),
        ];
        for (source, stored) in pairs {
            assert_eq!(text_of(source), stored);
        }
    }

    #[test]
    fn the_first_truthy_member_is_taken_and_empty_text_and_zero_are_truthy() {
        let json = decode(br#"{"a":null,"b":false,"c":"","d":0}"#).unwrap();
        assert_eq!(json.either(&["a", "b", "c", "d"]), &Json::Text(String::new()));
        assert_eq!(json.either(&["d", "c"]).integer(), Some(0));
        assert_eq!(json.either(&["a", "b"]), &Json::Bool(false));
        assert_eq!(json.either(&["b", "a"]), &Json::Null);
        assert_eq!(json.either(&["b", "missing"]), &Json::Null);
    }

    #[test]
    fn an_integer_may_be_text() {
        let integer = |source: &str| decode(source.as_bytes()).unwrap().integer();
        assert_eq!(integer(r#""12""#), Some(12));
        assert_eq!(integer(r#""-1""#), Some(-1));
        assert_eq!(integer("7"), Some(7));
        for not in ["1.0", r#""1.0""#, r#""""#, r#"" 1""#, "true", "[1]"] {
            assert_eq!(integer(not), None, "{not}");
        }
    }
}
