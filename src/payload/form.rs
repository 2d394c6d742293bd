//! `application/x-www-form-urlencoded` -> the text of a JSON object.
//!
//! As Plug reads it (elixir-plug/plug `lib/plug/conn/query.ex`): pairs split at `&` and the first `=`, a key without
//! value is the empty text, `+` is a space, a `%` without two hex digits stands for itself, text must be UTF-8. Brackets
//! nest: `p[a]=1` is a member of the object `p`, `p[]=1` an element of the list `p`. Of two values for one place the last
//! wins; of a list and an object in one place the kind of the last entry. Values stay text.
//!
//! Bounded: [`FIELDS`] pairs, [`DEEPEST`] brackets in a key; beyond that the form is refused.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use percent_encoding::percent_decode;

use super::edit::quoted;
use super::plausible::Refused;

/// The most pairs in a form.
pub const FIELDS: usize = 10_000;
/// The most brackets in a key.
pub const DEEPEST: usize = 32;

/// Turns a form into the JSON text of an object.
///
/// # Errors
/// [`Refused::Unparsable`]: text that is not UTF-8, too many pairs, or too many brackets.
pub fn read(body: &[u8]) -> Result<String, Refused> {
    let mut fields = Fields::default();
    for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let (key, value) = match pair.iter().position(|byte| *byte == b'=') {
            Some(at) => (pair.get(..at).unwrap_or_default(), pair.get(at.wrapping_add(1)..).unwrap_or_default()),
            None => (pair, &[][..]),
        };
        fields.add(&decoded(key)?, decoded(value)?)?;
    }
    Ok(fields.into_json())
}

fn decoded(text: &[u8]) -> Result<String, Refused> {
    let spaced: Cow<'_, [u8]> = if text.contains(&b'+') {
        Cow::Owned(text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect())
    } else {
        Cow::Borrowed(text)
    };
    percent_decode(&spaced).decode_utf8().map(Cow::into_owned).map_err(|_| Refused::Unparsable)
}

// ---------------------------------------------------------------------------------------------------------------------

/// The fields of a form, by place.
pub(super) struct Fields {
    count: usize,
    /// Every object or list; the first is the form itself.
    levels: Vec<Vec<(Step, Entry)>>,
    /// Where a step from a level leads.
    children: HashMap<(usize, Step), usize>,
}

/// One step of a key: a name, or nothing for `[]`.
type Step = Option<String>;

enum Entry {
    Text(String),
    Level(usize),
}

impl Default for Fields {
    fn default() -> Self {
        Self { count: 0, levels: vec![Vec::new()], children: HashMap::new() }
    }
}

impl Fields {
    /// Adds a field under its key with brackets.
    ///
    /// # Errors
    /// [`Refused::Unparsable`] beyond the bounds.
    pub(super) fn add(&mut self, key: &str, value: String) -> Result<(), Refused> {
        self.count = self.count.saturating_add(1);
        let mut steps = steps(key);
        let last = steps.pop().ok_or(Refused::Unparsable)?;
        if self.count > FIELDS || steps.len() > DEEPEST {
            return Err(Refused::Unparsable);
        }
        let mut level = 0;
        for step in steps {
            level = match self.children.get(&(level, step.clone())) {
                Some(child) => *child,
                None => {
                    let child = self.levels.len();
                    self.levels.push(Vec::new());
                    self.children.insert((level, step.clone()), child);
                    self.enter(level, step, Entry::Level(child));
                    child
                }
            };
        }
        self.enter(level, last, Entry::Text(value));
        Ok(())
    }

    fn enter(&mut self, level: usize, step: Step, entry: Entry) {
        if let Some(entries) = self.levels.get_mut(level) {
            entries.push((step, entry));
        }
    }

    /// The JSON text of the object.
    pub(super) fn into_json(self) -> String {
        let mut out = String::new();
        self.write(0, false, &mut out);
        out
    }

    /// Recursion is bounded by [`DEEPEST`].
    fn write(&self, level: usize, may_list: bool, out: &mut String) {
        let entries = self.levels.get(level).map(Vec::as_slice).unwrap_or_default();
        let list = may_list && matches!(entries.last(), Some((None, _)));
        out.push(if list { '[' } else { '{' });
        let mut later = HashSet::new();
        let mut kept: Vec<&(Step, Entry)> = entries
            .iter()
            .rev()
            .filter(
                |(step, _)| if list { step.is_none() } else { step.as_deref().is_some_and(|name| later.insert(name)) },
            )
            .collect();
        kept.reverse();
        for (at, (step, entry)) in kept.into_iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            if let Some(name) = step {
                out.push_str(&quoted(name));
                out.push(':');
            }
            match entry {
                Entry::Text(text) => out.push_str(&quoted(text)),
                Entry::Level(child) => self.write(*child, true, out),
            }
        }
        out.push(if list { ']' } else { '}' });
    }
}

/// The steps of a key: `a[b][]` is `a`, `b`, nothing. Brackets count only after a name and at the very end.
fn steps(key: &str) -> Vec<Step> {
    let inner = key.strip_suffix(']').and_then(|rest| rest.split_once('[')).filter(|(name, _)| !name.is_empty());
    match inner {
        None => vec![Some(key.to_owned())],
        Some((name, inner)) => std::iter::once(Some(name.to_owned()))
            .chain(inner.split("][").map(|step| (!step.is_empty()).then(|| step.to_owned())))
            .collect(),
    }
}
