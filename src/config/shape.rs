//! Checks the shape of a configuration against its schema: unknown keys, missing keys, wrong kinds of value, wrong
//! words - all of them, where serde would stop at the first.
//!
//! What is wrong is taken out of the tree (or, where a value must be, replaced by a placeholder), so that the checks
//! of meaning can still run over the rest. The places that were touched are remembered: nothing further is said
//! about them.

use std::collections::HashSet;

use toml::{Table, Value};

use super::fault::{Fault, KeyPath, Step};
use super::locate::{At, is_secret};
use super::schema::{Keys, Kind, Schema};
use super::suggest::nearest;

/// A fault, and which part of the entry it is about.
pub(super) struct Note {
    pub(super) fault: Fault,
    pub(super) at: At,
}

/// What the check found.
#[derive(Default)]
pub(super) struct Shaped {
    /// The faults.
    pub(super) notes: Vec<Note>,
    /// Places that no longer hold what the file says.
    pub(super) touched: HashSet<KeyPath>,
    /// Keys that may hold anything, a secret too: unknown ones, and places of secrets with a wrong kind of value.
    pub(super) doubtful: HashSet<KeyPath>,
}

/// Checks and repairs a tree.
pub(super) fn check(tree: &mut Table, shaped: &mut Shaped) {
    if let Kind::Table(keys) = Schema::root().kind() {
        shaped.table(tree, keys, &[], &KeyPath::root());
    }
}

/// A value of the right kind that says nothing.
pub(super) fn placeholder(schema: Schema) -> Value {
    let filled =
        |keys: Keys| keys.required().map(|(name, schema)| (name.to_owned(), placeholder(schema))).collect::<Table>();
    match schema.kind() {
        Kind::Table(keys) => Value::Table(filled(keys)),
        Kind::Map(_) => Value::Table(Table::new()),
        Kind::Tagged(tag, variants) => {
            let mut table = Table::new();
            if let Some((word, keys)) = variants.into_iter().next() {
                table = filled(keys);
                table.insert(tag.to_owned(), word.into());
            }
            Value::Table(table)
        }
        Kind::List(_) => Value::Array(Vec::new()),
        Kind::Words(words) => words.first().copied().unwrap_or_default().into(),
        Kind::Integer(least, _) => Value::Integer(least.max(0)),
        Kind::Flag => Value::Boolean(false),
        Kind::Either(several) => several.first().map_or_else(|| Value::String(String::new()), |one| placeholder(*one)),
        Kind::Text | Kind::Other => Value::String(String::new()),
    }
}

impl Shaped {
    pub(super) fn note(&mut self, key: &KeyPath, at: At, problem: impl Into<String>, fix: impl Into<String>) {
        let fault = Fault { key: key.clone(), problem: problem.into(), fix: fix.into() };
        self.notes.push(Note { fault, at });
        self.touched.insert(key.clone());
        if is_secret(key) {
            self.doubtful.insert(key.clone());
        }
    }

    fn table(&mut self, table: &mut Table, keys: Keys, extra: &[&'static str], at: &KeyPath) {
        let names: Vec<String> = table.keys().cloned().collect();
        for name in names {
            let below = at.key(&name);
            match keys.get(&name) {
                None if extra.contains(&name.as_str()) => {}
                None => {
                    self.unknown_key(table, keys, &name, at);
                    table.remove(&name);
                }
                Some(schema) => {
                    let fits = table.get_mut(&name).is_none_or(|value| self.value(value, schema, &below));
                    if !fits && !keys.required().any(|(required, _)| required == name) {
                        table.remove(&name);
                    }
                }
            }
        }
        for (name, schema) in keys.required() {
            let below = at.key(name);
            if !table.contains_key(name) {
                if !self.touched.contains(&below) {
                    let words =
                        schema.words().map_or_else(String::new, |words| format!(", expected {}", lower(&words)));
                    self.note(&below, At::Value, format!("missing{words}"), format!("add {}", example(name, schema)));
                }
                table.insert(name.to_owned(), placeholder(schema));
            }
        }
    }

    fn unknown_key(&mut self, table: &Table, keys: Keys, name: &str, at: &KeyPath) {
        let key = at.key(name);
        let free = |known: &&'static str| !table.contains_key(*known);
        let homes = Schema::homes(name);
        let fix = if homes.iter().any(String::is_empty) {
            format!("`{name}` belongs at the top of the file, above the first [table]")
        } else if !homes.is_empty() {
            let homes: Vec<String> = homes.iter().map(|home| format!("[{home}]")).collect();
            format!("`{name}` belongs in {}", homes.join(" or "))
        } else if let Some(meant) = nearest(name, keys.names().filter(free)) {
            // What was meant for the known key did not reach it: say nothing about its absence.
            self.touched.insert(at.key(meant));
            format!("did you mean `{meant}`?")
        } else if let Some(meant) = nearest(name, keys.names()) {
            format!("`{meant}` is there already; remove this one")
        } else {
            let more = if keys.names().count() > 8 { ", ...; `bauta config print` shows all" } else { "" };
            format!("remove it; the keys here are {}{more}", list(keys.names().take(8)))
        };
        self.note(&key, At::Key, "unknown key", fix);
        self.doubtful.insert(key);
    }

    /// Checks one value; false when it was replaced by a placeholder.
    fn value(&mut self, value: &mut Value, schema: Schema, at: &KeyPath) -> bool {
        let fits = match (schema.kind(), &mut *value) {
            (Kind::Table(keys), Value::Table(table)) => {
                self.table(table, keys, &[], at);
                true
            }
            (Kind::Map(values), Value::Table(table)) => {
                for (name, value) in table.iter_mut() {
                    self.value(value, values, &at.key(name));
                }
                true
            }
            (Kind::Tagged(tag, variants), Value::Table(table)) => self.tagged(table, tag, &variants, at),
            (Kind::List(items), Value::Array(values)) => {
                for (index, value) in values.iter_mut().enumerate() {
                    self.value(value, items, &at.index(index));
                }
                true
            }
            (Kind::Words(words), Value::String(word)) => {
                let known = words.contains(&word.as_str());
                if !known {
                    self.wrong_word(word, &words, at);
                }
                known
            }
            (Kind::Integer(least, most), Value::Integer(number)) => {
                let inside = (least..=most).contains(number);
                if !inside {
                    let problem = format!("expected a whole number from {least} to {most}, found {number}");
                    self.note(at, At::Value, problem, "write a number in this range");
                }
                inside
            }
            (Kind::Either(several), value) if several.iter().any(|one| one.kind().takes(value)) => {
                return several
                    .iter()
                    .find(|one| one.kind().takes(value))
                    .is_none_or(|one| self.value(value, *one, at));
            }
            (Kind::Text, Value::String(_)) | (Kind::Flag, Value::Boolean(_)) | (Kind::Other, _) => true,
            (kind, found) => {
                let problem = format!("expected {}, found {}", kind.noun(), noun(found));
                let fix = kind.fix(found, at, schema.default());
                self.note(at, At::Value, problem, fix);
                false
            }
        };
        if !fits {
            *value = placeholder(schema);
        }
        fits
    }

    fn tagged(
        &mut self,
        table: &mut Table,
        tag: &'static str,
        variants: &[(&'static str, Keys)],
        at: &KeyPath,
    ) -> bool {
        let words: Vec<&'static str> = variants.iter().map(|(word, _)| *word).collect();
        let below = at.key(tag);
        match table.get(tag) {
            Some(Value::String(word)) => {
                if let Some((_, keys)) = variants.iter().find(|(known, _)| known == word) {
                    self.table(table, *keys, &[tag], at);
                    return true;
                }
                self.wrong_word(word, &words, &below);
            }
            Some(found) => {
                let problem = format!("expected text, found {}", noun(found));
                self.note(&below, At::Value, problem, format!("write one of {}", list(words.into_iter())));
            }
            None => {
                let fix = format!("add {tag} = one of {}", list(words.into_iter()));
                self.note(&below, At::Value, format!("missing, `{tag}` says what the other keys mean"), fix);
            }
        }
        self.touched.insert(at.clone());
        false
    }

    fn wrong_word(&mut self, word: &str, words: &[&'static str], at: &KeyPath) {
        let found =
            if is_secret(at) || word.chars().count() > 40 { String::new() } else { format!(", found {word:?}") };
        let problem = format!("expected one of {}{found}", list(words.iter().copied()));
        let fix = nearest(word, words.iter().copied())
            .map_or_else(|| "write one of these words".to_owned(), |meant| format!("did you mean {meant:?}?"));
        self.note(at, At::Value, problem, fix);
    }
}

impl Kind {
    fn noun(&self) -> String {
        let noun = match self {
            Self::Either(several) => {
                return several.iter().map(|one| one.kind().noun()).collect::<Vec<_>>().join(" or ");
            }
            Self::Table(_) | Self::Map(_) | Self::Tagged(..) => "a table",
            Self::List(_) => "a list",
            Self::Words(_) | Self::Text => "text",
            Self::Integer(..) => "a whole number",
            Self::Flag => "true or false",
            Self::Other => "another kind of value",
        };
        noun.to_owned()
    }

    fn fix(&self, found: &Value, at: &KeyPath, default: Option<&serde_json::Value>) -> String {
        let name = last_name(at);
        let is_element = matches!(at.steps().last(), Some(Step::Index(_)));
        match (self, found) {
            (Self::Table(keys), _) if is_place_of_secret(*keys) => {
                let id = if keys.get("id").is_some() { "id = \"a\", " } else { "" };
                format!(
                    "a secret stands in a file, never in the configuration: {{ {id}file = \"secret.key\" }}, or env or credential"
                )
            }
            (Self::Table(_), Value::Array(_)) => format!("write [{}] with single brackets", header(at)),
            (Self::List(items), Value::Table(_)) if matches!(items.kind(), Kind::Table(_) | Kind::Tagged(..)) => {
                format!("write [[{}]] with double brackets", header(at))
            }
            (Self::Tagged(tag, _), _) if is_element => format!("write it as a table: {{ {tag} = ... }}"),
            (Self::Table(_) | Self::Map(_) | Self::Tagged(..), _) => format!("write it as a table: {name} = {{ ... }}"),
            (Self::List(items), _) if matches!(items.kind(), Kind::List(_)) => {
                format!("put it in two pairs of brackets: {name} = [[\"...\"]]")
            }
            (Self::List(items), _) if matches!(items.kind(), Kind::Table(_) | Kind::Tagged(..)) => {
                format!("put it in brackets: {name} = [{{ ... }}]")
            }
            (Self::List(_), _) => format!("put it in brackets: {name} = [\"...\"]"),
            (Self::Words(_) | Self::Text, Value::Array(_) | Value::Table(_)) => {
                format!("write one piece of text in quotes: {name} = \"...\"")
            }
            (Self::Words(_) | Self::Text, _) => match default {
                Some(serde_json::Value::String(default)) => {
                    format!("put the value in quotes, like the default, {default:?}")
                }
                _ => "put the value in quotes".to_owned(),
            },
            (Self::Integer(..), _) => "write a whole number without quotes and without a unit".to_owned(),
            (Self::Flag, _) => "write true or false, without quotes".to_owned(),
            (Self::Either(_) | Self::Other, _) => "see `bauta config print` for the form".to_owned(),
        }
    }
}

fn is_place_of_secret(keys: Keys) -> bool {
    ["file", "env", "credential"].into_iter().all(|name| keys.get(name).is_some())
}

/// `site[0].upstream` as it is written in a table header.
fn header(at: &KeyPath) -> String {
    let names = at.steps().iter().filter_map(|step| match step {
        Step::Key(name) => Some(name.as_str()),
        Step::Index(_) => None,
    });
    names.collect::<Vec<_>>().join(".")
}

fn last_name(at: &KeyPath) -> &str {
    let names = at.steps().iter().rev().filter_map(|step| match step {
        Step::Key(name) => Some(name.as_str()),
        Step::Index(_) => None,
    });
    names.into_iter().next().unwrap_or("value")
}

fn noun(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number with a fraction",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date without quotes",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    }
}

fn example(name: &str, schema: Schema) -> String {
    match schema.kind() {
        Kind::Words(words) => format!("`{name} = {:?}`", words.first().copied().unwrap_or_default()),
        Kind::Integer(least, _) => format!("`{name} = {least}`"),
        Kind::Flag => format!("`{name} = true`"),
        Kind::List(_) => format!("`{name} = [\"...\"]`"),
        Kind::Text | Kind::Either(_) | Kind::Other => format!("`{name} = \"...\"`"),
        Kind::Table(_) | Kind::Map(_) | Kind::Tagged(..) => format!("`{name} = {{ ... }}`"),
    }
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_lowercase().collect::<String>()).unwrap_or_default();
    first + chars.as_str()
}

fn list(names: impl Iterator<Item = &'static str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}
