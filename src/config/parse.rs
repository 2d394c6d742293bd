//! The text of a configuration file as a tree, with the place of every key in the text.
//!
//! Input: TOML 1.1. Output: the tree, the places, and what is wrong with the syntax. A file with a syntax error
//! still yields what could be read of it, so that `--on-bad-config=drop` knows which address to answer on; nothing
//! else may be made of such a tree.

use std::ops::Range;

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::fault::KeyPath;
use super::locate::{Place, Places};

/// What a text holds.
pub(super) struct Parsed {
    /// The keys and values.
    pub(super) tree: Table,
    /// Where they stand.
    pub(super) places: Places,
    /// The first thing that is no TOML.
    pub(super) syntax: Option<Syntax>,
    /// Whole numbers that do not fit into 64 bits.
    pub(super) too_big: Vec<KeyPath>,
}

/// A place where the text is not TOML.
pub(super) struct Syntax {
    /// The bytes it is about.
    pub(super) span: Range<usize>,
    /// What was expected.
    pub(super) problem: String,
    /// What to do.
    pub(super) fix: &'static str,
}

/// Reads a text.
pub(super) fn parse(text: &str) -> Parsed {
    let (root, errors) = DeTable::parse_recoverable(text);
    let syntax = errors.into_iter().next().map(|error| Syntax {
        span: error.span().unwrap_or_default(),
        problem: format!("not valid TOML: {}", error.message()),
        fix: fix_of(error.message()),
    });
    let mut reader = Reader { places: Places::default(), too_big: Vec::new() };
    let tree = reader.table(root.into_inner(), &KeyPath::root());
    Parsed { tree, places: reader.places, syntax, too_big: reader.too_big }
}

/// The words of the TOML reader are short; these say what to type.
fn fix_of(message: &str) -> &'static str {
    if message.contains("must be quoted") {
        "put text in quotes: name = \"value\""
    } else if message.contains("duplicate key") {
        "keep one of the two; a further site or upstream is written [[site]] or [[site.upstream]]"
    } else if message.contains("unclosed") || message.contains("invalid basic string") {
        "close the bracket or quote on this line"
    } else {
        "write each option on a line of its own: name = value"
    }
}

struct Reader {
    places: Places,
    too_big: Vec<KeyPath>,
}

impl Reader {
    fn table(&mut self, table: DeTable<'_>, at: &KeyPath) -> Table {
        let mut read = Table::new();
        for (key, value) in table {
            let name = key.get_ref().as_ref().to_owned();
            let below = at.key(&name);
            self.places.set(below.clone(), Place::File { key: key.span(), value: value.span() });
            let value = self.value(value, &below);
            read.insert(name, value);
        }
        read
    }

    fn value(&mut self, value: Spanned<DeValue<'_>>, at: &KeyPath) -> Value {
        match value.into_inner() {
            DeValue::String(text) => Value::String(text.into_owned()),
            DeValue::Integer(number) => {
                let parsed = i64::from_str_radix(number.as_str(), number.radix());
                Value::Integer(parsed.unwrap_or_else(|_| {
                    self.too_big.push(at.clone());
                    0
                }))
            }
            DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Boolean(flag) => Value::Boolean(flag),
            DeValue::Datetime(date) => Value::Datetime(date),
            DeValue::Table(table) => Value::Table(self.table(table, at)),
            DeValue::Array(items) => Value::Array(
                items
                    .into_iter()
                    .enumerate()
                    .map(|(index, item)| {
                        let below = at.index(index);
                        self.places.set(below.clone(), Place::File { key: item.span(), value: item.span() });
                        self.value(item, &below)
                    })
                    .collect(),
            ),
        }
    }
}

/// Reads one value as TOML, without places: the text of an environment variable.
pub(super) fn value(text: &str) -> Option<Value> {
    let parsed = DeValue::parse(text).ok()?;
    let mut reader = Reader { places: Places::default(), too_big: Vec::new() };
    let value = reader.value(parsed, &KeyPath::root());
    reader.too_big.is_empty().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_syntax_error_still_yields_what_was_readable() {
        let parsed = parse("[listen]\naddress = \"1.2.3.4:5\"\n[site\n");
        assert!(parsed.syntax.is_some());
        assert_eq!(parsed.tree["listen"]["address"].as_str(), Some("1.2.3.4:5"));
    }

    #[test]
    fn a_number_beyond_64_bits_is_reported_with_its_key() {
        let parsed = parse("[limits]\nheaders = 99999999999999999999\n");
        assert_eq!(parsed.too_big.iter().map(ToString::to_string).collect::<Vec<_>>(), ["limits.headers"]);
    }

    #[test]
    fn an_environment_value_is_a_toml_value_or_nothing() {
        assert_eq!(value("42"), Some(Value::Integer(42)));
        assert_eq!(value("[\"a\"]"), Some(Value::Array(vec![Value::String("a".into())])));
        assert_eq!(value("10.0.0.1:80"), None);
        assert_eq!(value(""), None);
    }
}
