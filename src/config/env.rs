//! Settings from the environment: `BAUTA__LISTEN__ADDRESS=0.0.0.0:8787` is `listen.address`.
//!
//! Two underscores stand between the steps; a step that is a number is an element of a list
//! (`BAUTA__SITE__0__NAME`), and the number after the last adds one. Letters are read as lower case, so keys of
//! free tables (`script_paths`) that hold capitals can only be set in the file. A value is read as TOML
//! (`8`, `true`, `["10.0.0.0/8"]`), and as plain text where it is no TOML or where the key takes text.

use toml::{Table, Value};

use super::fault::{KeyPath, Step};
use super::locate::{At, Place, Places};
use super::parse;
use super::schema::{Kind, Schema};
use super::shape::Shaped;

/// What the names of our variables begin with.
pub const PREFIX: &str = "BAUTA__";

/// The variables of this process, as [`super::load()`] takes them. A value that is not UTF-8 arrives with
/// replacement characters, and [`super::load()`] reports it when the variable is ours.
pub fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok()?;
        let value = value.into_string().unwrap_or_else(|_| char::REPLACEMENT_CHARACTER.to_string());
        Some((name, value))
    })
}

/// Lays our variables over the tree.
pub(super) fn overlay(tree: &mut Table, places: &mut Places, variables: &[(String, String)], shaped: &mut Shaped) {
    let mut ours: Vec<(Vec<Step>, &str, &str)> = variables
        .iter()
        .filter_map(|(name, value)| Some((steps(name.strip_prefix(PREFIX)?), name.as_str(), value.as_str())))
        .collect();
    // Elements of a list in the order of their numbers, tables before what is in them.
    ours.sort_by(|(a, ..), (b, ..)| {
        let rank = |steps: &[Step]| steps.iter().map(order).collect::<Vec<_>>();
        rank(a).cmp(&rank(b))
    });
    for (steps, name, value) in ours {
        let key = KeyPath::from(steps.as_slice());
        let before = places.get(&key).cloned();
        places.forget_below(&key);
        places.set(key.clone(), Place::Environment(name.to_owned()));
        let refused = if value.contains(char::REPLACEMENT_CHARACTER) {
            Err(("the value is not UTF-8 text", "set the variable to plain text".to_owned()))
        } else if steps.iter().any(|step| matches!(step, Step::Key(name) if name.is_empty())) {
            Err((
                "the name has an empty step",
                "write BAUTA__SECTION__KEY, two underscores between the steps".to_owned(),
            ))
        } else {
            put(tree, &steps, value, Schema::root())
        };
        match refused {
            Ok(()) => {}
            Err((problem, fix)) => {
                let shown = key.clone();
                shaped.note(&shown, At::Value, problem, fix);
                if let Some(before) = before {
                    places.set(key, before);
                }
                places.set(shown, Place::Environment(name.to_owned()));
            }
        }
    }
}

fn steps(name: &str) -> Vec<Step> {
    name.split("__")
        .map(|step| step.parse().map_or_else(|_| Step::Key(step.to_ascii_lowercase()), Step::Index))
        .collect()
}

fn order(step: &Step) -> (usize, String) {
    match step {
        Step::Index(index) => (*index, String::new()),
        Step::Key(name) => (0, name.clone()),
    }
}

type Refused = (&'static str, String);

fn put(tree: &mut Table, steps: &[Step], text: &str, schema: Schema) -> Result<(), Refused> {
    let Some((Step::Key(name), rest)) = steps.split_first() else {
        return Err(("a number cannot stand here", "begin with the name of a section".to_owned()));
    };
    let schema = schema.child(name);
    if rest.is_empty() {
        tree.insert(name.clone(), read(text, schema));
        return Ok(());
    }
    let inner = tree.entry(name.clone()).or_insert_with(|| empty(rest));
    descend(inner, rest, text, schema)
}

fn descend(here: &mut Value, steps: &[Step], text: &str, schema: Option<Schema>) -> Result<(), Refused> {
    match (steps, here) {
        ([Step::Key(_), ..], Value::Table(table)) => match schema {
            Some(schema) => put(table, steps, text, schema),
            None => put_unknown(table, steps, text),
        },
        ([Step::Index(index), rest @ ..], Value::Array(items)) => {
            let count = items.len();
            if *index > count {
                let fix = format!("use {count} for the next element; there are {count} so far");
                return Err(("the number skips elements of the list", fix));
            }
            let item = match schema.map(Schema::kind) {
                Some(Kind::List(item)) => Some(item),
                _ => None,
            };
            if *index == count {
                items.push(empty(rest));
            }
            let Some(slot) = items.get_mut(*index) else { return Ok(()) };
            if rest.is_empty() {
                *slot = read(text, item);
                return Ok(());
            }
            descend(slot, rest, text, item)
        }
        ([Step::Key(_), ..], Value::Array(_)) => {
            Err(("this is a list", "name the element by its number, counted from 0: BAUTA__SITE__0__NAME".to_owned()))
        }
        _ => Err((
            "there is no table at this place to set a key of",
            "set the whole value, or shorten the name".to_owned(),
        )),
    }
}

/// Below a key that is not known: the check of shape will say so.
fn put_unknown(table: &mut Table, steps: &[Step], text: &str) -> Result<(), Refused> {
    if let Some(Step::Key(name)) = steps.first() {
        table.insert(name.clone(), Value::String(text.to_owned()));
    }
    Ok(())
}

fn empty(steps: &[Step]) -> Value {
    match steps.first() {
        Some(Step::Index(_)) => Value::Array(Vec::new()),
        _ => Value::Table(Table::new()),
    }
}

fn read(text: &str, schema: Option<Schema>) -> Value {
    let plain = || Value::String(text.to_owned());
    let Some(value) = parse::value(text) else { return plain() };
    match schema.map(Schema::kind) {
        // A quoted value loses its quotes; `BAUTA__KEYS__ACTIVE__ID=1` means the text "1".
        Some(kind) if !kind.takes(&value) && kind.takes(&plain()) => plain(),
        _ => value,
    }
}
