//! Reads a tree into the configuration's types and finds *every* value that a type refuses, with its key.
//!
//! serde stops at the first such value and cannot say in which element of a list it stands. So each value is tried
//! alone, in a tree that holds nothing else but what its tables require.

use serde::Deserialize as _;
use toml::{Table, Value};

use super::fault::{KeyPath, Step};
use super::file::File;
use super::locate::At;
use super::schema::{Kind, Schema};
use super::shape::{Shaped, placeholder};

/// Reads the tree. Values that are refused become faults and are left out; `None` only when nothing could be read.
pub(super) fn read(tree: &Table, shaped: &mut Shaped) -> Option<File> {
    let first = match File::deserialize(tree.clone()) {
        Ok(file) => return Some(file),
        Err(error) => error,
    };
    let mut rest = tree.clone();
    let mut leaves = Vec::new();
    let whole = Value::Table(tree.clone());
    collect(&whole, &KeyPath::root(), &mut leaves);
    for (key, value) in leaves {
        let Some((leaf, required)) = schema_at(&key) else { continue };
        let alone = |value: Option<Value>| match build(Schema::root(), key.steps(), value, Some(&whole)) {
            Some(Value::Table(alone)) => File::deserialize(alone).err(),
            _ => None,
        };
        let Some(error) = alone(Some(value)) else { continue };
        if !required && alone(None).is_some() {
            continue;
        }
        let fix = leaf.default().map_or_else(
            || "see `bauta config print` for the form".to_owned(),
            |value| format!("write it like the default, {value}"),
        );
        shaped.note(&key, At::Value, error.message().to_owned(), fix);
        set(&mut rest, key.steps(), required.then(|| placeholder(leaf)));
    }
    if shaped.notes.is_empty() {
        shaped.note(&KeyPath::root(), At::Value, first.message().to_owned(), "see `bauta config print` for the form");
    }
    File::deserialize(rest).ok()
}

fn collect(value: &Value, at: &KeyPath, leaves: &mut Vec<(KeyPath, Value)>) {
    match value {
        Value::Table(table) => table.iter().for_each(|(name, value)| collect(value, &at.key(name), leaves)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| collect(value, &at.index(index), leaves));
        }
        scalar => leaves.push((at.clone(), scalar.clone())),
    }
}

/// The schema of a key, and whether something must stand there.
fn schema_at(key: &KeyPath) -> Option<(Schema, bool)> {
    let mut schema = Schema::root();
    let mut required = true;
    for step in key.steps() {
        (schema, required) = match (step, schema.kind()) {
            (Step::Key(name), Kind::Table(keys)) => {
                (keys.get(name)?, keys.required().any(|(required, _)| required == name))
            }
            (Step::Key(name), Kind::Tagged(..)) => (schema.child(name)?, true),
            (Step::Key(_), Kind::Map(values)) => (values, true),
            (Step::Index(_), Kind::List(items)) => (items, true),
            _ => return None,
        };
    }
    Some((schema, required))
}

/// A value that holds `leaf` at the end of `steps` (or, without a leaf, nothing there) and otherwise only what is
/// required. `real` is what stands at this place: tags are taken from it.
fn build(schema: Schema, steps: &[Step], leaf: Option<Value>, real: Option<&Value>) -> Option<Value> {
    let Some((step, rest)) = steps.split_first() else { return leaf };
    let mut table = match (step, schema.kind()) {
        (Step::Index(index), Kind::List(items)) => {
            let item = build(items, rest, leaf, real.and_then(|real| real.get(index)));
            return Some(Value::Array(item.into_iter().collect()));
        }
        (Step::Key(_), Kind::Tagged(tag, variants)) => {
            let word = real?.get(tag)?.as_str()?;
            let (_, keys) = variants.into_iter().find(|(known, _)| *known == word)?;
            let mut table: Table =
                keys.required().map(|(name, schema)| (name.to_owned(), placeholder(schema))).collect();
            table.insert(tag.to_owned(), word.into());
            table
        }
        (Step::Key(_), Kind::Table(_) | Kind::Map(_)) => match placeholder(schema) {
            Value::Table(table) => table,
            _ => return None,
        },
        _ => return None,
    };
    let Step::Key(name) = step else { return None };
    if let Some(inner) = build(schema.child(name)?, rest, leaf, real.and_then(|real| real.get(name))) {
        table.insert(name.clone(), inner);
    }
    Some(Value::Table(table))
}

/// Replaces what stands at the end of `steps`, or takes it out.
fn set(table: &mut Table, steps: &[Step], with: Option<Value>) {
    let Some((Step::Key(name), rest)) = steps.split_first() else { return };
    if rest.is_empty() {
        match with {
            Some(value) => drop(table.insert(name.clone(), value)),
            None => drop(table.remove(name)),
        }
        return;
    }
    let mut here = table.get_mut(name);
    let mut rest = rest;
    while let Some((step, after)) = rest.split_first() {
        match (step, here) {
            (Step::Index(index), Some(Value::Array(items))) => here = items.get_mut(*index),
            (Step::Key(_), Some(Value::Table(table))) => return set(table, rest, with),
            _ => return,
        }
        rest = after;
    }
    if let (Some(slot), Some(value)) = (here, with) {
        *slot = value;
    }
}
