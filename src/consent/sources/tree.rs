//! Cookies and answers that hold a JSON object.

use super::literal::{contradicts, json};
use crate::consent::answer::{Answer, Reason};
use crate::person::Value;

/// Reads text as a JSON object. As error: what the source has to answer instead, unknown for what is no JSON object
/// and no for one that contradicts itself.
pub(super) fn object(text: &str) -> Result<Value, Answer> {
    checked(json(text))
}

/// Checks a tree that was read: it is there, it is a map, and no key in it disagrees with itself.
pub(super) fn checked(tree: Option<Value>) -> Result<Value, Answer> {
    match tree {
        Some(tree) if contradicts(&tree) => Err(Answer::denied_for(Reason::Conflict)),
        Some(tree @ Value::Map(_)) => Ok(tree),
        _ => Err(Answer::unknown(Reason::Malformed)),
    }
}

/// A boolean as an answer; only booleans count.
pub(super) fn boolean(value: Option<&Value>) -> Answer {
    match value {
        None => Answer::unknown(Reason::Absent),
        Some(Value::Bool(yes)) => Answer::choice(*yes),
        Some(_) => Answer::unknown(Reason::Malformed),
    }
}

/// Whether a list of texts holds one. `None`: it is no list.
pub(super) fn lists(list: &Value, item: &str) -> Option<bool> {
    let Value::List(items) = list else { return None };
    Some(items.iter().any(|found| matches!(found, Value::Text(text) if text == item)))
}
