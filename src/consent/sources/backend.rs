//! What the answers of the application's own back ends mean: rows, keys, JSON documents. Pure; whoever talks to the
//! back end hands in what came back, or that nothing did.
//!
//! Only an exact answer counts. An error, a timeout, a redirect, a 5xx with a granting body, a value of another type
//! is unknown; two rows that do not say the same are a no.

mod time;

use self::time::instant;
use super::literal::{contradicts, json};
use super::scalar;
use crate::config::consent::{Http, NotFound, Redis, Sql};
use crate::consent::answer::{Answer, Reason, Verdict};
use crate::level::Level;
use crate::person::Value;

/// The largest document or value that is read.
pub const MAX_BYTES: usize = 64 * 1024;

/// Why a back end gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It did not answer in time.
    Timeout,
    /// It answered with an error, or could not be reached.
    Error,
}

impl Failure {
    const fn answer(self) -> Answer {
        Answer::unknown(match self {
            Self::Timeout => Reason::Timeout,
            Self::Error => Reason::BackendError,
        })
    }
}

/// An HTTP answer.
#[derive(Clone, Copy)]
pub struct HttpReply<'a> {
    /// The status code.
    pub status: u16,
    /// The body; whoever reads it stops after [`MAX_BYTES`] and one.
    pub body: &'a [u8],
}

/// What the rows of a query say; each row is a map from column to value. All rows have to say the same.
#[must_use]
pub fn of_rows(shape: &Sql, rows: Result<&[Value], Failure>) -> Answer {
    match rows {
        Ok(rows) => {
            let answers = rows.iter().map(|row| of_row(shape, row));
            answers.reduce(Answer::and_twin).unwrap_or(Answer::unknown(Reason::Absent))
        }
        Err(failure) => failure.answer(),
    }
}

/// What the value of a key says; `None` is a key that is not there.
#[must_use]
pub fn of_key(shape: &Redis, value: Result<Option<&[u8]>, Failure>) -> Answer {
    let bytes = match value {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Answer::unknown(Reason::Absent),
        Err(failure) => return failure.answer(),
    };
    match text(bytes) {
        Ok("1") => Answer::granted(),
        Ok("0") => Answer::denied(),
        Ok(text) => match Level::from_word(text) {
            Some(level) => Answer::of_level(level),
            None if shape.path.is_empty() && text.trim_start().starts_with('{') => {
                of_document(text, &["analytics".to_owned()], Some(&["level".to_owned()]))
            }
            // A word counts as it is: with something around it, it is none.
            None if shape.path.is_empty() && text.trim_ascii() != text => Answer::unknown(Reason::Malformed),
            None => of_document(text, &shape.path, shape.level_path.as_deref()),
        },
        Err(reason) => Answer::unknown(reason),
    }
}

/// What an HTTP answer says. Only 200 is read; redirects are not followed.
#[must_use]
pub fn of_http(shape: &Http, reply: Result<HttpReply<'_>, Failure>) -> Answer {
    match reply {
        Ok(HttpReply { status: 200, body }) => match text(body) {
            Ok(text) => of_document(text, &shape.path, shape.level_path.as_deref()),
            Err(reason) => Answer::unknown(reason),
        },
        Ok(HttpReply { status: 404, .. }) => match shape.not_found {
            NotFound::Unknown => Answer::unknown(Reason::Absent),
            NotFound::Denied => Answer::denied(),
        },
        Ok(_) => Failure::Error.answer(),
        Err(failure) => failure.answer(),
    }
}

fn text(bytes: &[u8]) -> Result<&str, Reason> {
    if bytes.len() > MAX_BYTES {
        return Err(Reason::Oversized);
    }
    std::str::from_utf8(bytes).map_err(|_| Reason::Malformed)
}

fn of_document(text: &str, path: &[String], level_path: Option<&[String]>) -> Answer {
    let Some(tree) = json(text) else { return Answer::unknown(Reason::Malformed) };
    if contradicts(&tree) {
        return Answer::denied_for(Reason::Conflict);
    }
    let answer = tree.at(path).map_or(Answer::unknown(Reason::Absent), scalar::answer);
    with_level(answer, level_path.and_then(|path| tree.at(path)))
}

fn of_row(shape: &Sql, row: &Value) -> Answer {
    let cell = |name: &Option<String>| name.as_ref().and_then(|name| row.child(name)).unwrap_or(&Value::Null);
    let choice = shape.column.as_ref().map(|_| match cell(&shape.column) {
        Value::Text(word) if word == "t" => Answer::granted(),
        Value::Text(word) if word == "f" => Answer::denied(),
        other => scalar::answer(other),
    });
    let times = (shape.granted_at.is_some() || shape.revoked_at.is_some())
        .then(|| of_times(cell(&shape.granted_at), cell(&shape.revoked_at)));
    let answers = choice.into_iter().chain(times);
    let answer = answers.reduce(Answer::and_also).unwrap_or(Answer::unknown(Reason::Malformed));
    with_level(answer, shape.level_column.as_ref().and_then(|name| row.child(name)))
}

/// The later of agreement and withdrawal counts; at the same time it is the withdrawal.
fn of_times(granted: &Value, revoked: &Value) -> Answer {
    let read = |value: &Value| if *value == Value::Null { Some(None) } else { instant(value).map(Some) };
    match (read(granted), read(revoked)) {
        (Some(None), Some(None)) => Answer::unknown(Reason::Absent),
        (Some(granted), Some(revoked)) => Answer::choice(granted > revoked),
        _ => Answer::unknown(Reason::Malformed),
    }
}

/// The level that stands beside an answer lowers it. One that cannot be read takes a grant away.
fn with_level(answer: Answer, level: Option<&Value>) -> Answer {
    match level {
        None | Some(Value::Null) => answer,
        Some(value) => match value.scalar().and_then(Level::from_word) {
            Some(level) => answer.at_most(level),
            None if answer.verdict == Verdict::Granted => Answer::unknown(Reason::Malformed),
            None => answer,
        },
    }
}

#[cfg(test)]
mod tests;
