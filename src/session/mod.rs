//! Session: from the request's cookies to a [`Person`], or to the one reason why not.
//!
//! A reader is a straight pipeline, `pick -> steps -> extract`: [`pick`] finds every value that might be the session,
//! the steps of the preset prove, resolve and decode it, [`extract`] takes the account id out.
//!
//! Promise: every candidate is evaluated. One person among them is that person; two are nobody (`ambiguous`), since
//! frameworks disagree on which of several cookies counts. Bytes that a visitor chose are parsed only after their
//! proof, apart from the headers of tokens. Nothing about the value is logged or shown in an error.
//!
//! Input: the cookies, the time, and how long a look-up may take. Failure: a [`Refusal`]; for the event each of them
//! means that it goes on without identity.

mod candidate;
mod context;
mod decode;
mod detect;
mod digest;
mod encoding;
mod extract;
mod gate;
mod keys;
mod pick;
mod preset;
mod probe;
mod refusal;
mod report;
pub mod resolve;
mod setup;
mod step;
#[cfg(test)]
mod tests;
mod time;
mod verify;

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

pub use self::detect::{Clues, Detected, detect};
pub use self::preset::{Lifetime, PresetFacts};
pub use self::probe::Probe;
pub use self::refusal::Refusal;
pub use self::report::{CandidateReport, Report};

use self::candidate::Candidate;
use self::context::Context;
use self::pick::Others;
use self::preset::Preset;
use self::resolve::{Connector, Engines, Tally};
use self::setup::Setup;
use self::step::Step;
use crate::clock::UnixMillis;
use crate::config::fault::{Faults, KeyPath};
use crate::config::session::Session;
use crate::cookies::Cookies;
use crate::person::Person;

/// Reads the sessions of one site.
pub struct Reader {
    preset: &'static Preset,
    names: Vec<String>,
    steps: Vec<Step>,
    user: Vec<String>,
    tally: Arc<Tally>,
}

impl Reader {
    /// Makes a reader from `[site.session]`, or reports every fault. Secrets are read and keys derived here.
    ///
    /// `base` is the folder of the configuration file, `at` the place of the table in it.
    #[must_use]
    pub fn build(shape: &Session, base: &Path, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        Self::build_with(&Engines, shape, base, at, faults)
    }

    /// [`Reader::build`] with stores and endpoints of the caller's choice.
    #[must_use]
    pub fn build_with(
        connector: &dyn Connector,
        shape: &Session,
        base: &Path,
        at: &KeyPath,
        faults: &mut Faults,
    ) -> Option<Self> {
        let Some(preset) = preset::named(&shape.preset) else {
            let fix = preset::nearest(&shape.preset).map_or_else(
                || "docs/guide/sessions.md lists them".to_owned(),
                |name| format!("did you mean \"{name}\"?"),
            );
            faults.push(at.key("preset"), format!("there is no session preset {:?}", shape.preset), fix);
            return None;
        };
        let mut setup = Setup::new(shape, preset, connector, base, at, faults);
        let names = setup.cookie_names();
        let user = setup.user_path();
        let steps = preset.stages.iter().map(|stage| stage.build(&mut setup)).collect();
        let tally = setup.tally();
        setup.finish().then_some(Self { preset, names, steps, user, tally })
    }

    /// Finds the person behind the request.
    ///
    /// # Errors
    /// The reason why there is none. `deadline` bounds the whole look-up; when it passes, the reason is
    /// [`Refusal::Unavailable`].
    pub async fn read(&self, cookies: &Cookies<'_>, now: UnixMillis, deadline: Duration) -> Result<Person, Refusal> {
        self.read_from(None, cookies, now, deadline).await
    }

    /// [`Reader::read`] on behalf of a client address, which expensive derivations are charged to.
    ///
    /// # Errors
    /// The reason why there is no person.
    pub async fn read_from(
        &self,
        address: Option<IpAddr>,
        cookies: &Cookies<'_>,
        now: UnixMillis,
        deadline: Duration,
    ) -> Result<Person, Refusal> {
        let context = self.context(address, cookies, now, deadline);
        let mut verdict = Verdict::default();
        for candidate in self.preset.pick.candidates(&self.names, cookies) {
            let person = match candidate {
                Ok(mut candidate) => match self.evaluate(&mut candidate, &context).await {
                    Ok(()) => self.person(candidate),
                    Err(refusal) => Err(refusal),
                },
                Err(refusal) => Err(refusal),
            };
            verdict.add(person);
        }
        verdict.result()
    }

    /// How often a look-up had no answer, by its cause: what stands behind [`Refusal::Unavailable`].
    pub fn lookup_failures(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.tally.counts()
    }

    /// The presets that exist, for `init`, `check` and the documentation.
    #[must_use]
    pub fn preset_facts() -> Vec<PresetFacts> {
        preset::facts()
    }

    /// The facts of this reader's preset.
    #[must_use]
    pub const fn lifetime(&self) -> Lifetime {
        self.preset.lifetime
    }

    /// The names of the cookies that are read: what must reach this host.
    pub fn cookie_names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    fn context<'a>(
        &self,
        address: Option<IpAddr>,
        cookies: &'a Cookies<'a>,
        now: UnixMillis,
        deadline: Duration,
    ) -> Context<'a> {
        Context { now, until: Instant::now() + deadline, address, others: Others { cookies, pick: self.preset.pick } }
    }

    async fn evaluate(&self, candidate: &mut Candidate<'_>, context: &Context<'_>) -> Result<(), Refusal> {
        for step in &self.steps {
            step.apply(candidate, context).await?;
            candidate.trace.passed += 1;
        }
        Ok(())
    }

    fn person(&self, candidate: Candidate<'_>) -> Result<Person, Refusal> {
        let snapshot = candidate.snapshot;
        let claims = candidate.into_value();
        let user = extract::user(&claims, &self.user)?;
        Ok(Person { user, claims, snapshot })
    }
}

/// What the candidates so far amount to.
#[derive(Default)]
struct Verdict {
    person: Option<Person>,
    refusal: Option<Refusal>,
}

impl Verdict {
    fn add(&mut self, found: Result<Person, Refusal>) {
        match found {
            Ok(person) => match &self.person {
                Some(known) if known.user == person.user => {}
                Some(_) => self.refuse(Refusal::Ambiguous),
                None => self.person = Some(person),
            },
            Err(refusal) => self.refuse(refusal),
        }
    }

    fn refuse(&mut self, refusal: Refusal) {
        self.refusal = self.refusal.max(Some(refusal));
    }

    /// One person, unless there might be a second one: a candidate that could not be looked up may be anybody.
    fn result(self) -> Result<Person, Refusal> {
        match (self.person, self.refusal) {
            (_, Some(refusal @ (Refusal::Ambiguous | Refusal::Unavailable))) => Err(refusal),
            (Some(person), _) => Ok(person),
            (None, refusal) => Err(refusal.unwrap_or(Refusal::Absent)),
        }
    }
}
