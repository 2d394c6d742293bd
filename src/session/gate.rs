//! The end of a session that the session itself states.

use std::time::Duration;

use super::candidate::{Candidate, Content};
use super::refusal::Refusal;
use super::setup::Setup;
use super::time::Unit;
use crate::clock::UnixMillis;
use crate::person::Value;

/// A member of the decoded session that says when it ends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expiry {
    /// The member is the end. A session without it has no end of its own.
    At(&'static [&'static str], Unit),
    /// The member is the time of the last change, from which the longest age counts.
    Since(&'static [&'static str], Unit, Option<Duration>),
}

/// The check for one site.
pub(crate) struct Gate {
    path: Vec<String>,
    unit: Unit,
    max_age: Option<Duration>,
}

impl Expiry {
    /// Makes the check from the configuration.
    pub(crate) fn build(self, setup: &mut Setup<'_>) -> Gate {
        let (path, unit, max_age) = match self {
            Self::At(path, unit) => (path, unit, None),
            Self::Since(path, unit, default) => {
                let chosen = setup.take("max_age", |config| config.max_age.map(|period| period.0));
                (path, unit, Some(chosen.or(default).unwrap_or(Duration::MAX)))
            }
        };
        Gate { path: path.iter().map(|step| (*step).to_owned()).collect(), unit, max_age }
    }
}

impl Gate {
    /// Refuses a session that is over; leaves the content alone.
    pub(crate) fn check(&self, candidate: &mut Candidate<'_>, now: UnixMillis) -> Result<(), Refusal> {
        let Content::Value(session) = &candidate.content else { return Err(Refusal::Malformed) };
        let end = match session.at(&self.path) {
            None | Some(Value::Null) => return Ok(()),
            Some(value) => self.unit.read(value).ok_or(Refusal::Malformed)?,
        };
        let end = self.max_age.map_or(end, |age| end.after(age));
        candidate.trace.expires = Some(end);
        if now >= end { Err(Refusal::Expired) } else { Ok(()) }
    }
}
