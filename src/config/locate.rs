//! Where each key of a configuration comes from, and the line of text to show beside a fault.
//!
//! A line that may hold a secret - because a key on it is unknown, or is named like a secret - is shown with its
//! values blanked: somebody will paste a key where its file name belongs, and the message must not repeat it.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::fault::{KeyPath, Step};

/// Where one key was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// In the file: the bytes of the key and of its value (of a table: its header).
    File {
        /// The key.
        key: Range<usize>,
        /// The value.
        value: Range<usize>,
    },
    /// By the environment variable of this name.
    Environment(String),
}

/// The places of all keys that were set.
#[derive(Debug, Clone, Default)]
pub(super) struct Places(HashMap<KeyPath, Place>);

impl Places {
    pub(super) fn set(&mut self, key: KeyPath, place: Place) {
        self.0.insert(key, place);
    }

    pub(super) fn get(&self, key: &KeyPath) -> Option<&Place> {
        self.0.get(key)
    }

    /// Forgets everything below `key`: a variable has replaced the whole value.
    pub(super) fn forget_below(&mut self, key: &KeyPath) {
        self.0.retain(|known, _| known == key || !known.is_within(key));
    }
}

/// Which part of an entry a fault is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// The key itself.
    Key,
    /// Its value; of something absent: the table that it is missing from.
    Value,
}

/// The place of a fault as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    /// In the file. Lines and columns count from 1, columns in characters.
    File {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// What to show under the message.
        excerpt: Option<Excerpt>,
    },
    /// In this environment variable.
    Environment(String),
    /// The file as a whole.
    Whole,
}

/// A line of the file, safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The line, with tabs as spaces and doubtful values blanked.
    pub text: String,
    /// How many characters from the column on are meant; at least 1.
    pub width: usize,
}

/// Text and places of one file.
#[derive(Debug, Clone, Default)]
pub(super) struct Locator {
    text: String,
    places: Places,
    blank: HashSet<usize>,
}

impl Locator {
    /// `doubtful` are the keys whose lines must not be shown: nobody knows what they hold.
    pub(super) fn new(text: String, places: Places, doubtful: &HashSet<KeyPath>) -> Self {
        let mut blank = HashSet::new();
        for (key, place) in &places.0 {
            if let Place::File { key: name, value } = place
                && doubtful.iter().any(|unknown| key.is_within(unknown))
            {
                let (first, _) = position(&text, name.start.min(value.start));
                let (last, _) = position(&text, value.end.max(name.end));
                blank.extend(first..=last);
            }
        }
        Self { text, places, blank }
    }

    pub(super) fn places(&self) -> &Places {
        &self.places
    }

    /// The place to show for a key: its own, or that of the nearest table around it.
    pub(super) fn spot(&self, key: &KeyPath, at: At) -> Spot {
        let mut here = Some(key.clone());
        while let Some(path) = here {
            match self.places.get(&path) {
                Some(Place::Environment(name)) => return Spot::Environment(name.clone()),
                Some(Place::File { key: name, value }) => {
                    let span = if path == *key && at == At::Key { name } else { value };
                    return self.span(span, false);
                }
                None => here = path.parent(),
            }
        }
        Spot::File { line: 1, column: 1, excerpt: None }
    }

    /// The place of a range of bytes; `blank` hides the line's values whatever they are.
    pub(super) fn span(&self, span: &Range<usize>, blank: bool) -> Spot {
        let (line, column) = position(&self.text, span.start);
        let excerpt = self.text.lines().nth(line.saturating_sub(1)).map(|raw| {
            let text =
                if blank || self.blank.contains(&line) || has_password(raw) { blanked(raw) } else { raw.to_owned() };
            let room = text.chars().count().saturating_sub(column.saturating_sub(1));
            let wanted = self.text.get(span.clone()).map_or(1, |part| part.chars().count());
            Excerpt { text: text.replace('\t', " "), width: wanted.min(room).max(1) }
        });
        Spot::File { line, column, excerpt }
    }

    /// Line and column of a key that stands in the file.
    pub(super) fn line(&self, key: &KeyPath) -> Option<(usize, usize)> {
        match self.places.get(key)? {
            Place::File { value, .. } => Some(position(&self.text, value.start)),
            Place::Environment(_) => None,
        }
    }
}

/// Line and column (from 1, in characters) of a byte offset.
pub(super) fn position(text: &str, offset: usize) -> (usize, usize) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let before = text.get(..end).unwrap_or_default();
    let line = before.matches('\n').count().saturating_add(1);
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
    (line, column)
}

/// True for keys whose value may be, or may be mistaken for the place of, a secret.
pub(super) fn is_secret(key: &KeyPath) -> bool {
    const WORDS: [&str; 6] = ["secret", "token", "passw", "credential", "private", "salt"];
    key.steps().iter().any(|step| match step {
        Step::Key(name) => {
            let name = name.to_ascii_lowercase();
            name == "key" || name == "keys" || WORDS.iter().any(|word| name.contains(word))
        }
        Step::Index(_) => false,
    })
}

/// The line with the characters of every value replaced by `*`; keys, brackets and comments' marks stay.
fn blanked(line: &str) -> String {
    if line.trim_start().starts_with('[') && !line.contains(['=', '"', '\'']) {
        return line.to_owned();
    }
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '"' | '\'' => closing_quote(rest, first),
            _ if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let is_key = after.trim_start().starts_with('=');
        let is_text = first == '"' || first == '\'';
        let last = token.chars().count().saturating_sub(1);
        for (position, c) in token.chars().enumerate() {
            let is_edge = position == 0 || position == last && c == first;
            let keep = is_key || !is_word(first) && (!is_text || is_edge);
            out.push(if keep { c } else { '*' });
        }
        rest = after;
    }
    out
}

/// True for a line with an address such as `https://user:password@host`.
fn has_password(line: &str) -> bool {
    line.split("://")
        .skip(1)
        .any(|rest| rest.split(['"', '\'', '/']).next().is_some_and(|authority| authority.contains('@')))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '+' | '/' | ':')
}

fn closing_quote(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (offset, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            _ if c == quote => return offset.saturating_add(c.len_utf8()),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanking_keeps_keys_and_columns_and_hides_every_value() {
        assert_eq!(blanked("secret = \"hunter2\" # x"), "secret = \"*******\" # *");
        assert_eq!(blanked("  s = { secret = 'a\"b', n = 12 }"), "  s = { secret = '***', n = ** }");
        assert_eq!(blanked("secret = hunter2"), "secret = *******");
        assert_eq!(blanked("  \"hunter2\","), "  \"*******\",");
        assert_eq!(blanked("secret = \"unclosed"), "secret = \"********");
        assert_eq!(blanked("[site.session]"), "[site.session]");
        assert_eq!(blanked(r#"secret = "a\"b""#), r#"secret = "****""#);
    }

    #[test]
    fn positions_count_characters_not_bytes() {
        assert_eq!(position("a\näb", 4), (2, 2));
        assert_eq!(position("", 5), (1, 1));
    }
}
