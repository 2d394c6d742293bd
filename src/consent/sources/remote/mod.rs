//! The application's own back ends as sources: SQL, Redis, HTTP.
//!
//! Promise: a person is asked for once at a time, and not again while the answer counts; **no grant outlives its time,
//! an invalidation, or a message that it changed**. A back end that fails, or takes longer than the look-up may, is
//! unknown; a refusal that was heard before still counts then, a grant never. What is remembered is bounded and keyed
//! by a hash under a random key of this process.
//!
//! A channel on which the application says what changed makes withdrawals immediate. While it is not heard, answers
//! count for [`DEAF`] at most, and what was remembered before it was heard again is forgotten.

mod channel;
mod http;
mod redis;
mod sql;

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use quick_cache::sync::Cache;
use tokio::sync::Mutex as Turn;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

pub(super) use self::channel::Channel;
use super::{Class, Pending, Reply, Source};
use crate::backend::{Access, Trouble};
use crate::clock::UnixMillis;
use crate::config::fault::{Faults, KeyPath};
use crate::config::units::Period;
use crate::consent::Invalidations;
use crate::consent::answer::{Answer, Reason, Verdict};
use crate::consent::asked::Asked;
use crate::consent::policy::Surroundings;
use crate::person::AppUserId;
use crate::secret::{Secret, SecretRef};

pub(super) use self::http::build as http;
pub(super) use self::redis::build as redis;
pub(super) use self::sql::build as sql;

/// The longest time that an answer may count.
const LONGEST: Duration = Duration::from_secs(300);
/// How long a refusal or silence counts at most.
const LONGEST_OTHER: Duration = Duration::from_secs(30);
/// How long an answer counts while the channel is not heard.
const DEAF: Duration = Duration::from_secs(5);
/// How long nobody asks again after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// How many people are remembered: about 10 MB when full.
const REMEMBERED: usize = 100_000;
/// The longest account id that is asked for.
const LONGEST_USER: usize = 512;

/// One back end of the application's.
pub(super) trait Backend: Send + Sync + 'static {
    /// The word in the configuration.
    fn word(&self) -> &'static str;

    /// True when its answer carries the epoch.
    fn keeps_epochs(&self) -> bool {
        false
    }

    /// What it says about a person, or why it said nothing.
    fn ask<'a>(&'a self, user: &'a AppUserId) -> Pending<'a, Result<Answer, Trouble>>;

    /// Opens the channel on which changes are said; `None` when there is none.
    fn channel(&self) -> Option<Pending<'_, Result<Channel, Trouble>>> {
        None
    }
}

/// A back end as a source.
pub(super) struct Remote<B> {
    backend: Arc<B>,
    memory: Arc<Memory>,
    invalidations: Arc<Invalidations>,
    ttl: Duration,
    listening: OnceLock<Mutex<JoinSet<()>>>,
}

/// What is remembered.
struct Memory {
    people: Cache<u128, Arc<Slot>>,
    /// Two halves of a hash that nobody outside can make collide.
    hash: [RandomState; 2],
    has_channel: bool,
    is_heard: AtomicBool,
}

/// What is remembered of one person.
#[derive(Default)]
struct Slot {
    /// Held by whoever asks.
    turn: Turn<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// How often it was said that the answer changed.
    changes: u64,
}

#[derive(Clone, Copy)]
struct Held {
    answer: Answer,
    /// When the question was asked, by the clock of requests and by the one of this process.
    asked: UnixMillis,
    since: Instant,
    life: Duration,
}

impl<B: Backend> Remote<B> {
    fn new(backend: B, ttl: Duration, invalidations: Arc<Invalidations>) -> Self {
        let memory = Memory {
            people: Cache::new(REMEMBERED),
            hash: [RandomState::new(), RandomState::new()],
            has_channel: backend.channel().is_some(),
            is_heard: AtomicBool::new(false),
        };
        let (backend, memory) = (Arc::new(backend), Arc::new(memory));
        Self { backend, memory, invalidations, ttl, listening: OnceLock::new() }
    }

    async fn find(&self, asked: &Asked<'_>, user: &AppUserId) -> Answer {
        let Ok(slot) = self.memory.people.get_or_insert_with(&self.memory.key(user), || Ok::<_, ()>(Arc::default()))
        else {
            return Answer::unknown(Reason::BackendError);
        };
        if let Some(answer) = self.recall(&slot, asked, user) {
            return answer;
        }
        let _turn = slot.turn.lock().await;
        if let Some(answer) = self.recall(&slot, asked, user) {
            return answer;
        }
        let (changes, refusal) = {
            let state = slot.state();
            let refusal = state.held.map(|held| held.answer).filter(|answer| answer.verdict == Verdict::Denied);
            (state.changes, refusal)
        };
        let since = Instant::now();
        // A little less than the whole look-up may take, so that a slow answer is noted as one.
        let patience = asked.deadline.saturating_sub(asked.deadline / 10);
        let answer = timeout(patience, self.backend.ask(user)).await.unwrap_or(Err(Trouble::Late));
        let answer = answer.unwrap_or_else(|trouble| match trouble {
            Trouble::Late => Answer::unknown(Reason::Timeout),
            _ => Answer::unknown(Reason::BackendError),
        });
        let failed = answer.reason.is_failure();
        let answer = refusal.filter(|_| failed).unwrap_or(answer);
        let mut state = slot.state();
        if state.changes != changes {
            // What was asked before the change may say what was true before it.
            let is_no = answer.verdict != Verdict::Granted;
            return if is_no { answer } else { Answer { record: None, ..Answer::unknown(Reason::Invalidated) } };
        }
        let life = match answer.verdict {
            _ if failed => AFTER_FAILURE,
            Verdict::Granted => self.ttl,
            Verdict::Denied | Verdict::Unknown => self.ttl.min(LONGEST_OTHER),
        };
        // Up to a tenth less, so that not everybody is asked for at the same moment.
        let tenth = u32::try_from(self.memory.key(user) % 100).unwrap_or_default();
        let life = life.saturating_sub(life / 1000 * tenth);
        state.held = Some(Held { answer, asked: asked.now, since, life });
        answer
    }

    /// What is remembered, if it still counts.
    fn recall(&self, slot: &Slot, asked: &Asked<'_>, user: &AppUserId) -> Option<Answer> {
        let held = slot.state().held?;
        let invalidated = self.invalidations.since(asked.realm, user).is_some_and(|since| since >= held.asked);
        let deaf = self.memory.has_channel && !self.memory.is_heard.load(Ordering::Acquire);
        let life = if deaf { held.life.min(DEAF) } else { held.life };
        (!invalidated && held.since.elapsed() < life).then_some(held.answer)
    }

    /// Listens from the first question on: only then there is a runtime to do it on.
    fn listen(&self) {
        if !self.memory.has_channel {
            return;
        }
        self.listening.get_or_init(|| {
            let mut tasks = JoinSet::new();
            tasks.spawn(channel::attend(Arc::clone(&self.backend), Arc::clone(&self.memory)));
            Mutex::new(tasks)
        });
    }
}

impl<B: Backend> Source for Remote<B> {
    fn word(&self) -> &'static str {
        self.backend.word()
    }

    fn class(&self) -> Class {
        if self.backend.keeps_epochs() { Class::BackendWithEpoch } else { Class::Backend }
    }

    fn hears_after(&self) -> Option<Duration> {
        (!self.memory.has_channel).then_some(self.ttl)
    }

    fn probe(&self, patience: Duration) -> Option<Pending<'_, Result<(), Trouble>>> {
        Some(Box::pin(async move {
            // Nobody has this id: whether there is an answer at all is what counts.
            let Some(nobody) = AppUserId::from_text("bauta-check") else { return Ok(()) };
            match timeout(patience, self.backend.ask(&nobody)).await.unwrap_or(Err(Trouble::Late)) {
                Ok(answer) if answer.reason.is_failure() => Err(Trouble::Refused("it answered with an error".into())),
                Ok(_) => Ok(()),
                Err(trouble) => Err(trouble),
            }
        }))
    }

    fn answer<'a>(&'a self, asked: &'a Asked<'a>) -> Reply<'a> {
        let Some(person) = asked.person else { return Reply::Now(Answer::unknown(Reason::NoAccount)) };
        let user = &person.user;
        if user.expose().len() > LONGEST_USER {
            return Reply::Now(Answer::unknown(Reason::Oversized));
        }
        self.listen();
        if let Some(slot) = self.memory.people.get(&self.memory.key(user))
            && let Some(answer) = self.recall(&slot, asked, user)
        {
            return Reply::Now(answer);
        }
        Reply::Later(Box::pin(self.find(asked, user)))
    }
}

impl Memory {
    fn key(&self, user: &AppUserId) -> u128 {
        let [one, two] = self.hash.each_ref().map(|hash| u128::from(hash.hash_one(user.expose())));
        one << 64 | two
    }

    /// Somebody's answer changed.
    fn forget(&self, user: &AppUserId) {
        if let Some(slot) = self.people.get(&self.key(user)) {
            let mut state = slot.state();
            state.changes = state.changes.wrapping_add(1);
            state.held = None;
        }
    }

    /// Everybody's answer may have changed.
    fn forget_all(&self) {
        let everybody: HashMap<u128, Arc<Slot>> = self.people.iter().collect();
        self.people.clear();
        // Whoever is being asked for right now holds a place that is no longer in the table.
        for slot in everybody.values() {
            let mut state = slot.state();
            state.changes = state.changes.wrapping_add(1);
            state.held = None;
        }
    }
}

impl Slot {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Builds a back end from its part of the configuration and collects what is wrong with that.
struct Building<'a> {
    surroundings: &'a Surroundings<'a>,
    at: &'a KeyPath,
    faults: &'a mut Faults,
    before: usize,
}

/// What every kind says about the way to its back end.
struct Way<'a> {
    url: &'a str,
    /// An address as it could stand in the configuration.
    example: &'static str,
    password: Option<&'a SecretRef>,
    ca_file: Option<&'a Path>,
}

impl<'a> Building<'a> {
    fn new(surroundings: &'a Surroundings<'a>, at: &'a KeyPath, faults: &'a mut Faults) -> Self {
        let before = faults.iter().count();
        Self { surroundings, at, faults, before }
    }

    fn fault(&mut self, key: &str, problem: impl Into<String>, fix: impl Into<String>) {
        self.faults.push(self.at.key(key), problem, fix);
    }

    /// Loads a secret that stands under `key`.
    fn secret(&mut self, key: &str, place: Option<&SecretRef>) -> Option<Secret> {
        match place?.load(self.surroundings.base) {
            Ok(secret) => Some(secret),
            Err(error) => {
                self.fault(key, error.to_string(), "give a file, env or credential that holds it");
                None
            }
        }
    }

    /// Opens the way with `open`; nothing is connected yet.
    fn open<T>(&mut self, way: &Way<'_>, open: impl FnOnce(&Access<'_>) -> Result<T, String>) -> Option<T> {
        let base = self.surroundings.base;
        let password = self.secret("password", way.password);
        let ca_file = way.ca_file.map(|file| base.join(file));
        let access = Access { url: way.url, password: password.as_ref(), ca_file: ca_file.as_deref(), base };
        match open(&access) {
            Ok(opened) => Some(opened),
            Err(problem) => {
                self.fault("url", problem, format!("write for example {:?}", way.example));
                None
            }
        }
    }

    /// The source, unless a fault was found. `ttl` is how long its answers count.
    fn finish<B: Backend>(mut self, ttl: Period, backend: Option<B>) -> Option<Remote<B>> {
        if ttl.0 > LONGEST {
            self.fault("ttl", "expected at most 300s: a withdrawal may be heard so late", "leave it out for 30s");
        }
        let sound = self.faults.iter().count() == self.before;
        backend.filter(|_| sound).map(|backend| Remote::new(backend, ttl.0, self.surroundings.invalidations.clone()))
    }
}

#[cfg(test)]
mod tests;
