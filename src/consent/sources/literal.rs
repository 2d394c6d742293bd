//! JSON and JavaScript object literals, as banners write them into cookies and back ends into answers.
//!
//! The tree keeps repeated keys, so that [`contradicts`] can see two that disagree. Strict: one value, nothing
//! behind it, at most 32 levels deep. The input is bounded by its caller. Failure is `None`.

use std::collections::HashMap;

use crate::person::Value;

/// The deepest nesting that is read.
const MAX_DEPTH: usize = 32;

/// Reads JSON (RFC 8259).
pub(super) fn json(text: &str) -> Option<Value> {
    Reader { rest: text, dialect: Dialect::Json }.document()
}

/// Reads a JavaScript object literal as Cookiebot writes it: keys may go without quotes, strings may stand in single
/// quotes. JSON is one, too.
pub(super) fn object_literal(text: &str) -> Option<Value> {
    Reader { rest: text, dialect: Dialect::JavaScript }.document()
}

/// True when some map, however deep, has a key twice with different values.
pub(super) fn contradicts(value: &Value) -> bool {
    match value {
        Value::List(items) => items.iter().any(contradicts),
        Value::Map(members) => {
            let mut seen = HashMap::with_capacity(members.len());
            members.iter().any(|(key, value)| {
                let earlier = key.scalar().and_then(|key| seen.insert(key, value));
                earlier.is_some_and(|earlier| earlier != value) || contradicts(value)
            })
        }
        _ => false,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Json,
    JavaScript,
}

struct Reader<'a> {
    rest: &'a str,
    dialect: Dialect,
}

impl<'a> Reader<'a> {
    fn document(mut self) -> Option<Value> {
        let value = self.value(MAX_DEPTH)?;
        self.blanks();
        self.rest.is_empty().then_some(value)
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn eat(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Takes the longest beginning made of bytes that `belongs` accepts; ASCII only.
    fn run(&mut self, belongs: impl Fn(u8) -> bool) -> &'a str {
        let length = self.rest.bytes().take_while(|byte| byte.is_ascii() && belongs(*byte)).count();
        let (run, rest) = self.rest.split_at_checked(length).unwrap_or(("", self.rest));
        self.rest = rest;
        run
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        self.blanks();
        match self.rest.as_bytes().first()? {
            b'{' => self.map(depth.checked_sub(1)?),
            b'[' => self.list(depth.checked_sub(1)?),
            b'"' | b'\'' => self.string().map(Value::Text),
            b'-' | b'0'..=b'9' => self.number(),
            _ => match self.run(|byte| byte.is_ascii_alphanumeric()) {
                "true" => Some(Value::Bool(true)),
                "false" => Some(Value::Bool(false)),
                "null" => Some(Value::Null),
                _ => None,
            },
        }
    }

    fn map(&mut self, depth: usize) -> Option<Value> {
        self.eat("{");
        let mut members = Vec::new();
        self.blanks();
        if self.eat("}") {
            return Some(Value::Map(members));
        }
        loop {
            self.blanks();
            let key = self.key()?;
            self.blanks();
            self.eat(":").then_some(())?;
            members.push((Value::Text(key), self.value(depth)?));
            self.blanks();
            if !self.eat(",") {
                return self.eat("}").then_some(Value::Map(members));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        self.eat("[");
        let mut items = Vec::new();
        self.blanks();
        if self.eat("]") {
            return Some(Value::List(items));
        }
        loop {
            items.push(self.value(depth)?);
            self.blanks();
            if !self.eat(",") {
                return self.eat("]").then_some(Value::List(items));
            }
        }
    }

    fn key(&mut self) -> Option<String> {
        if self.dialect == Dialect::JavaScript && !self.rest.starts_with(['"', '\'']) {
            let word = self.run(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$');
            let first = word.as_bytes().first()?;
            return (!first.is_ascii_digit()).then(|| word.to_owned());
        }
        self.string()
    }

    fn string(&mut self) -> Option<String> {
        let quote = if self.eat("\"") {
            '"'
        } else if self.dialect == Dialect::JavaScript && self.eat("'") {
            '\''
        } else {
            return None;
        };
        let mut text = String::new();
        loop {
            let mut chars = self.rest.chars();
            let next = chars.next()?;
            self.rest = chars.as_str();
            match next {
                _ if next == quote => return Some(text),
                '\\' => text.push(self.escape()?),
                _ if next < ' ' => return None,
                _ => text.push(next),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next()?;
        self.rest = chars.as_str();
        match next {
            '"' | '\\' | '/' => Some(next),
            '\'' if self.dialect == Dialect::JavaScript => Some(next),
            'b' => Some('\u{8}'),
            'f' => Some('\u{c}'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'u' => {
                let high = self.four_digits()?;
                if !(0xd800..0xdc00).contains(&high) {
                    return char::from_u32(high);
                }
                self.eat("\\u").then_some(())?;
                let low = self.four_digits()?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
                char::from_u32(0x10000 + ((high - 0xd800) << 10) + low)
            }
            _ => None,
        }
    }

    fn four_digits(&mut self) -> Option<u32> {
        let (digits, rest) = self.rest.split_at_checked(4)?;
        self.rest = rest;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(())?;
        u32::from_str_radix(digits, 16).ok()
    }

    fn number(&mut self) -> Option<Value> {
        let start = self.rest;
        self.eat("-");
        let whole = self.run(|byte| byte.is_ascii_digit());
        if whole.is_empty() || (whole.len() > 1 && whole.starts_with('0')) {
            return None;
        }
        if self.eat(".") && self.run(|byte| byte.is_ascii_digit()).is_empty() {
            return None;
        }
        if self.eat("e") || self.eat("E") {
            let _signed = self.eat("+") || self.eat("-");
            if self.run(|byte| byte.is_ascii_digit()).is_empty() {
                return None;
            }
        }
        let length = start.len().checked_sub(self.rest.len())?;
        start.get(..length).map(|number| Value::Number(number.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{contradicts, json, object_literal};
    use crate::person::Value;

    fn text(value: &str) -> Value {
        Value::Text(value.to_owned())
    }

    #[test]
    fn a_cookiebot_literal_is_read_by_tokens_and_not_by_substrings() {
        let value = object_literal("{stamp:'x,statistics:true,y',statistics:false,\"ver\":1,'q':'it\\'s'}").unwrap();
        assert!(value.child("stamp") == Some(&text("x,statistics:true,y")));
        assert!(value.child("statistics") == Some(&Value::Bool(false)));
        assert!(value.child("ver") == Some(&Value::Number("1".into())));
        assert!(value.child("q") == Some(&text("it's")));
        assert!(json("{'a':1}").is_none() && json("{a:1}").is_none());
    }

    #[test]
    fn what_is_broken_is_not_read() {
        let broken = [
            "",
            "{",
            "}",
            "{}x",
            "{} {}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "[1,]",
            "[1 2]",
            "\"",
            "\"\\x41\"",
            "01",
            "1.",
            ".5",
            "1e",
            "-",
            "tru",
            "True",
            "nul",
            "\"\\ud800\"",
            "\"\\udc00\"",
            "\"\\ud800\\u0041\"",
            "\"\\u00zz\"",
            "\"\\u+041\"",
            "{:1}",
            "\"\n\"",
        ];
        for text in broken {
            assert!(json(text).is_none(), "{text}");
            assert!(object_literal(text).is_none(), "{text}");
        }
        assert!(object_literal("{1a:1}").is_none());
    }

    #[test]
    fn nesting_stops_at_thirty_two() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(json(&nested(32)).is_some());
        assert!(json(&nested(33)).is_none());
    }

    #[test]
    fn a_contradiction_is_found_at_any_depth() {
        assert!(contradicts(&json(r#"{"a":1,"b":{"c":[{"d":true,"d":false}]}}"#).unwrap()));
        assert!(contradicts(&json(r#"{"a":true,"\u0061":false}"#).unwrap()));
        assert!(!contradicts(&json(r#"{"a":{"x":1},"a":{"x":1},"x":2}"#).unwrap()));
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(serde_json::Value::from),
            any::<i64>().prop_map(serde_json::Value::from),
            any::<f64>().prop_map(serde_json::Value::from),
            any::<String>().prop_map(serde_json::Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
                prop::collection::hash_map(any::<String>(), inner, 0..4)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn json_is_read_as_serde_reads_it(value in any_json()) {
            let text = value.to_string();
            prop_assert!(json(&text) == Some(Value::from(value.clone())));
            prop_assert!(object_literal(&text) == Some(Value::from(value)));
        }

        #[test]
        fn any_text_is_accepted_exactly_when_serde_accepts_it(text in "[\\[\\]{}:,\"\\\\a-f0-9.eE+ tu-]{0,24}") {
            prop_assert_eq!(json(&text).is_some(), serde_json::from_str::<serde_json::Value>(&text).is_ok());
        }
    }
}
