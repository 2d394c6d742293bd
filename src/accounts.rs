//! Which account an e-mail address or a handle belongs to, asked of the application's own SQL, Redis or HTTP: servers of
//! the application often name people by what they typed, and browsers' events by their account.
//!
//! Promise: one read-only question for each id, in which the id is a parameter, a part of a key, or an escaped part of an
//! address; each id is asked for once at a time and its answer remembered for a while, in a bounded memory. Only definite
//! answers are remembered: an account, or that there is none. A store that cannot be reached is left alone for a moment, so
//! that it does not hold up a batch. Failure: no account, with the word of the cause; whoever asks then knows no more than
//! the id as it was sent. Nothing in here prints an id.

mod engine;

use std::borrow::Cow;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use self::engine::{Answer, Engine};
use crate::backend::{Recall, Trouble};
use crate::config::fault::{Faults, KeyPath};
use crate::config::upstream::{LookedUp, Lookup};
use crate::person::AppUserId;

/// The longest time that an answer may count.
const LONGEST: Duration = Duration::from_secs(300);
/// How long it counts that there is no such account: people register and are served at once.
const LONGEST_NOTHING: Duration = Duration::from_secs(10);
/// How long nobody asks a store that could not be reached.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// How many ids are remembered.
const REMEMBERED: usize = 10_000;
/// The longest id that is asked for.
const LONGEST_ID: usize = 512;

/// What became of one look-up.
#[derive(Clone, PartialEq, Eq)]
pub enum Found {
    /// The account.
    Account(AppUserId),
    /// None, for this reason: the id stands for itself.
    Nobody(&'static str),
}

impl Found {
    /// The word in metrics and in `explain`: `found`, `not_found`, `ambiguous`, or the cause of a failure.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Account(_) => "found",
            Self::Nobody(why) => why,
        }
    }
}

/// The look-up of one upstream.
pub struct Accounts {
    engine: Engine,
    ids: LookedUp,
    lowercase: bool,
    life: Duration,
    remembered: Recall<Answer>,
    /// Why the store could not be reached, and until when nobody asks again.
    rest: Mutex<Option<(Instant, Trouble)>>,
}

impl Accounts {
    /// Reads `[site.upstream.trusted.lookup]` and connects to nothing. `base` is the folder of the file.
    pub fn build(shape: &Lookup, base: &Path, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let before = faults.iter().count();
        if shape.cache.0 > LONGEST {
            let problem = "expected at most 300s: an address that changes hands is somebody else's so late";
            faults.push(at.key("cache"), problem, "leave it out for 60s");
        }
        let engine = Engine::build(shape, base, at, faults);
        if faults.iter().count() > before {
            return None;
        }
        Some(Self {
            engine: engine?,
            ids: shape.ids,
            lowercase: shape.lowercase,
            life: shape.cache.0,
            remembered: Recall::of(REMEMBERED),
            rest: Mutex::new(None),
        })
    }

    /// Whether this id is looked up. Names of groups (`$org_acme`) are nobody's.
    #[must_use]
    pub fn is_for(&self, id: &str) -> bool {
        let wanted = match self.ids {
            LookedUp::Emails => id.contains('@'),
            LookedUp::All => true,
        };
        wanted && !id.starts_with('$') && !id.trim().is_empty() && id.len() <= LONGEST_ID
    }

    /// Finds the account of an id.
    pub async fn find(&self, id: &str, until: Instant) -> Found {
        let asked = match self.lowercase {
            true => Cow::Owned(id.to_lowercase()),
            false => Cow::Borrowed(id),
        };
        // What is remembered counts also while the store is left alone.
        let question = async {
            if let Some(trouble) = self.resting() {
                return Err((trouble, false));
            }
            let answer = self.engine.ask(&asked).await.map_err(|trouble| (trouble, true))?;
            let life = match answer {
                Answer::Account(_) => self.life,
                Answer::Nothing | Answer::Several => self.life.min(LONGEST_NOTHING),
            };
            Ok((answer, life))
        };
        let answer = timeout_at(until, self.remembered.ask(asked.as_bytes(), question)).await;
        match answer.unwrap_or(Err((Trouble::Late, true))) {
            Ok(Answer::Account(account)) => Found::Account(account),
            Ok(Answer::Nothing) => Found::Nobody("not_found"),
            Ok(Answer::Several) => Found::Nobody("ambiguous"),
            Err((trouble, was_asked)) => {
                let why = word(&trouble);
                // What is wrong with one answer says nothing about the next.
                if was_asked && matches!(trouble, Trouble::Down(_) | Trouble::Late) {
                    let until = Instant::now() + AFTER_FAILURE;
                    *self.rest.lock().unwrap_or_else(PoisonError::into_inner) = Some((until, trouble));
                }
                Found::Nobody(why)
            }
        }
    }

    /// Asks for an id that nobody has, to see whether there is an answer at all.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn probe(&self, until: Instant) -> Result<(), Trouble> {
        let asked = timeout_at(until, self.engine.ask("nobody@bauta.invalid")).await;
        asked.unwrap_or(Err(Trouble::Late)).map(drop)
    }

    fn resting(&self) -> Option<Trouble> {
        let rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        rest.as_ref().filter(|(until, _)| Instant::now() < *until).map(|(_, trouble)| trouble.clone())
    }
}

fn word(trouble: &Trouble) -> &'static str {
    Trouble::WORDS.get(trouble.place()).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
