//! A reader of EDN, the data notation of Clojure, as inert data (github.com/edn-format/edn).
//!
//! Promise: reads what `pr-str` writes: maps (also `#:ns{...}`), vectors, lists, sets, strings, characters,
//! keywords, symbols, numbers of any size, `#uuid`, `#inst`. A tag that is not known is skipped with its value
//! and never looked up: it becomes [`Value::Opaque`], or the bare map when a map follows (a record). Clojure's
//! ratios, which are no EDN, become opaque too.
//!
//! Input: one form; what follows it is not looked at, as Ring does. Failure: `None` for anything that is no EDN,
//! and for nesting deeper than [`super::DEPTH`].

use super::DEPTH;
use crate::person::Value;

/// Reads the first form of the text.
pub(crate) fn read(bytes: &[u8]) -> Option<Value> {
    let mut reader = Reader { text: std::str::from_utf8(bytes).ok()? };
    match reader.form(0)? {
        Form::Value(value) => Some(value),
        Form::Nothing | Form::Close(_) => None,
    }
}

/// What stands next in the text.
enum Form {
    Value(Value),
    /// The end of a collection.
    Close(char),
    /// The end of the text.
    Nothing,
}

struct Reader<'a> {
    text: &'a str,
}

impl<'a> Reader<'a> {
    /// The next form, past blanks, comments and discarded forms.
    fn form(&mut self, depth: usize) -> Option<Form> {
        if depth > DEPTH {
            return None;
        }
        loop {
            self.text = self.text.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            let Some(next) = self.text.chars().next() else { return Some(Form::Nothing) };
            let value = match next {
                ';' => {
                    self.text = self.text.split_once('\n').map_or("", |(_, rest)| rest);
                    continue;
                }
                ')' | ']' | '}' => {
                    self.skip(next);
                    return Some(Form::Close(next));
                }
                '"' => self.string().map(Value::Text)?,
                '\\' => self.character()?,
                ':' => self.keyword()?,
                '(' => self.list('(', ')', depth)?,
                '[' => self.list('[', ']', depth)?,
                '{' => self.map(None, depth)?,
                // Metadata (`*print-meta*`): the value that follows is what counts.
                '^' => {
                    self.skip('^');
                    self.value(depth + 1)?;
                    continue;
                }
                '#' => match self.dispatch(depth)? {
                    Some(value) => value,
                    None => continue,
                },
                _ => atom(self.word()?)?,
            };
            return Some(Form::Value(value));
        }
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        match self.form(depth)? {
            Form::Value(value) => Some(value),
            Form::Close(_) | Form::Nothing => None,
        }
    }

    /// What a `#` begins. `None` inside: a discarded form.
    fn dispatch(&mut self, depth: usize) -> Option<Option<Value>> {
        self.skip('#');
        let value = match self.text.chars().next()? {
            '{' => self.list('{', '}', depth)?,
            '_' => {
                self.skip('_');
                self.value(depth + 1)?;
                return Some(None);
            }
            ':' => {
                self.skip(':');
                let space = self.word()?;
                self.map(Some(space), depth)?
            }
            // A regular expression, a symbolic number (`##Inf`), a var: printed by Clojure, no id in sight.
            '"' => {
                self.string()?;
                Value::Opaque
            }
            '#' => {
                self.skip('#');
                self.word()?;
                Value::Opaque
            }
            '\'' => {
                self.skip('\'');
                self.value(depth + 1)?;
                Value::Opaque
            }
            _ => {
                let tag = self.word()?;
                tagged(tag, self.value(depth + 1)?)
            }
        };
        Some(Some(value))
    }

    fn list(&mut self, open: char, close: char, depth: usize) -> Option<Value> {
        self.skip(open);
        let mut items = Vec::new();
        loop {
            match self.form(depth + 1)? {
                Form::Value(value) => items.push(value),
                Form::Close(end) if end == close => return Some(Value::List(items)),
                Form::Close(_) | Form::Nothing => return None,
            }
        }
    }

    /// A map; its keys get the namespace of `#:space{...}`.
    fn map(&mut self, space: Option<&str>, depth: usize) -> Option<Value> {
        if !self.text.starts_with('{') {
            return None;
        }
        let Value::List(items) = self.list('{', '}', depth)? else { return None };
        let mut members = Vec::with_capacity(items.len() / 2);
        let mut items = items.into_iter();
        while let Some(key) = items.next() {
            members.push((in_space(key, space), items.next()?));
        }
        Some(Value::Map(members))
    }

    fn string(&mut self) -> Option<String> {
        self.skip('"');
        let mut string = String::new();
        let mut rest = self.text.chars();
        loop {
            match rest.next()? {
                '"' => break,
                '\\' => string.push(match rest.next()? {
                    't' => '\t',
                    'r' => '\r',
                    'n' => '\n',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'u' => unicode(&mut rest)?,
                    plain @ ('"' | '\\' | '\'') => plain,
                    octal @ '0'..='7' => {
                        let mut code = octal.to_digit(8)?;
                        while let Some(digit) = rest.clone().next().and_then(|c| c.to_digit(8)).filter(|_| code < 32) {
                            rest.next();
                            code = code * 8 + digit;
                        }
                        char::from_u32(code)?
                    }
                    _ => return None,
                }),
                plain => string.push(plain),
            }
        }
        self.text = rest.as_str();
        Some(string)
    }

    /// `\a`, `\newline`, `\u0041`; also delimiters such as `\(`.
    fn character(&mut self) -> Option<Value> {
        self.skip('\\');
        let mut rest = self.text.chars();
        let first = rest.next()?;
        let tail_start = rest.as_str();
        self.text = tail_start;
        let tail = if first.is_alphanumeric() { self.word().unwrap_or("") } else { "" };
        let word = format!("{first}{tail}");
        let text = match word.as_str() {
            "newline" => "\n".to_owned(),
            "space" => " ".to_owned(),
            "tab" => "\t".to_owned(),
            "return" => "\r".to_owned(),
            "backspace" => "\u{8}".to_owned(),
            "formfeed" => "\u{c}".to_owned(),
            _ if word.starts_with('u') && word.len() == 5 => {
                unicode(&mut word.get(1..)?.chars()).map_or(word.clone(), String::from)
            }
            _ => word,
        };
        Some(Value::Text(text))
    }

    fn keyword(&mut self) -> Option<Value> {
        self.skip(':');
        self.text = self.text.strip_prefix(':').unwrap_or(self.text);
        Some(Value::Keyword(self.word()?.to_owned()))
    }

    /// The characters up to the next delimiter; at least one.
    fn word(&mut self) -> Option<&'a str> {
        let delimiter = |c: char| c.is_whitespace() || ",;\"()[]{}\\".contains(c);
        let end = self.text.find(delimiter).unwrap_or(self.text.len());
        let (word, rest) = self.text.split_at_checked(end)?;
        self.text = rest;
        if word.is_empty() { None } else { Some(word) }
    }

    fn skip(&mut self, expected: char) {
        self.text = self.text.strip_prefix(expected).unwrap_or(self.text);
    }
}

/// Four hexadecimal digits of UTF-16; a pair of surrogates is one character.
fn unicode(rest: &mut std::str::Chars<'_>) -> Option<char> {
    let unit = |rest: &mut std::str::Chars<'_>| {
        let mut code = 0;
        for _ in 0..4 {
            code = code * 16 + rest.next()?.to_digit(16)?;
        }
        Some(code)
    };
    let high = unit(rest)?;
    if !(0xd800..0xdc00).contains(&high) {
        return char::from_u32(high);
    }
    let mut ahead = rest.clone();
    if ahead.next()? != '\\' || ahead.next()? != 'u' {
        return None;
    }
    let low = unit(&mut ahead)?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
    *rest = ahead;
    char::from_u32(0x10000 + ((high - 0xd800) << 10) + low)
}

/// A number, `nil`, a boolean or a symbol.
fn atom(word: &str) -> Option<Value> {
    let digits = word.strip_prefix(['+', '-']).unwrap_or(word);
    if digits.starts_with(|c: char| c.is_ascii_digit()) {
        return number(word);
    }
    Some(match word {
        "nil" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => Value::Keyword(word.to_owned()),
    })
}

/// A decimal number without the suffixes of big numbers. Ratios and other radixes are opaque: no id is written so.
fn number(word: &str) -> Option<Value> {
    let text = word.strip_prefix('+').unwrap_or(word);
    let text = text.strip_suffix(['N', 'M']).unwrap_or(text);
    if !word.is_ascii() {
        return None;
    }
    let decimal = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    Some(if decimal { Value::Number(text.to_owned()) } else { Value::Opaque })
}

fn tagged(tag: &str, value: Value) -> Value {
    match (tag, value) {
        ("uuid", Value::Text(text)) => Value::Text(text.to_ascii_lowercase()),
        ("inst", Value::Text(text)) => Value::Text(text),
        (_, Value::Map(members)) => Value::Map(members),
        _ => Value::Opaque,
    }
}

/// A key of `#:space{...}`: `:a` is `:space/a`, `:other/a` stays, `:_/a` is `:a`.
fn in_space(key: Value, space: Option<&str>) -> Value {
    match (key, space) {
        (Value::Keyword(word), Some(space)) => Value::Keyword(match word.split_once('/') {
            Some(("_", bare)) => bare.to_owned(),
            Some(_) => word,
            None => format!("{space}/{word}"),
        }),
        (key, _) => key,
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::person::Value;

    fn id(text: &str, path: &[&str]) -> Option<String> {
        let path: Vec<String> = path.iter().map(|step| (*step).to_owned()).collect();
        read(text.as_bytes())?.at(&path)?.scalar().map(str::to_owned)
    }

    #[test]
    fn every_kind_of_scalar_is_read() {
        let text = r#"{:a nil, :b true :c \newline :d \( :e "q\"\u00e9\ud83d\ude00\t\101" :f 3N :g -4.5M :h 1/3 :i sym/bol
            :j #uuid "A5A6D494-B1E7-4C0B-B506-FC99D26D1249" :k #inst "2026-01-01" :l \u0041 :m +7 :n 1e3 :o ##NaN :p #"a b"}"#;
        assert_eq!(id(text, &["e"]).unwrap(), "q\"é😀\tA");
        assert_eq!(id(text, &[":f"]).unwrap(), "3");
        assert_eq!(id(text, &["g"]).unwrap(), "-4.5");
        assert_eq!(id(text, &["h"]), None);
        assert_eq!(id(text, &["j"]).unwrap(), "a5a6d494-b1e7-4c0b-b506-fc99d26d1249");
        assert_eq!(id(text, &["l"]).unwrap(), "A");
        assert_eq!(id(text, &["c"]).unwrap(), "\n");
        assert_eq!(id(text, &["d"]).unwrap(), "(");
        assert_eq!(id(text, &["m"]).unwrap(), "7");
        assert_eq!(id(text, &["i"]).unwrap(), "sym/bol");
    }

    #[test]
    fn a_path_goes_through_maps_lists_and_namespaces() {
        let text = r#"{:user {:user/id 9007199254744758} :l [1 (2 #{3})] "s" :kw #:u{:id 5 :_/x 6 :o/y 7} 1}"#;
        assert_eq!(id(text, &["user", ":user/id"]).unwrap(), "9007199254744758");
        assert_eq!(id(text, &["l", "1", "0"]).unwrap(), "2");
        assert_eq!(id(text, &["s"]).unwrap(), "kw");
        assert_eq!(id(r#"#:u{:id 5 :_/x 6 :o/y 7}"#, &[":u/id"]).unwrap(), "5");
        assert_eq!(id(r#"#:u{:id 5 :_/x 6 :o/y 7}"#, &["x"]).unwrap(), "6");
        assert_eq!(id(r#"#:u{:id 5 :_/x 6 :o/y 7}"#, &["o/y"]).unwrap(), "7");
    }

    #[test]
    fn unknown_tags_comments_and_discarded_forms_do_not_disturb() {
        let text =
            "{:a #my/tag [1 2] #_ :gone ; note }\n :uid #my.Record{:id 3} :w #object[Foo 0x1 \"x\"] ^{:m 1} :v 8}";
        assert_eq!(id(text, &["uid", "id"]).unwrap(), "3");
        assert_eq!(id(text, &["v"]).unwrap(), "8");
        assert!(matches!(read(text.as_bytes()).unwrap().child("a"), Some(Value::Opaque)));
    }

    #[test]
    fn what_is_no_edn_is_refused() {
        for text in ["", "{", "{:a}", "[1)", "\"open", "\"\\q\"", ":", "#", "#:u[1]", "\"\\ud83d\"", "{:a 1", ")", "\\"]
        {
            assert!(read(text.as_bytes()).is_none(), "{text}");
        }
        assert!(read(b"\xff").is_none());
    }

    #[test]
    fn deep_nesting_is_refused_before_it_hurts() {
        assert!(read("[".repeat(10_000).as_bytes()).is_none());
        assert!(read("#a ".repeat(10_000).as_bytes()).is_none());
        assert!(read(format!("{}1{}", "[".repeat(60), "]".repeat(60)).as_bytes()).is_some());
    }
}
