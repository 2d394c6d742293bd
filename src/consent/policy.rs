//! The policy of one site: its sources and its rules.
//!
//! Built once from the configuration, with all faults collected; asked once per request. Sources that need to wait
//! are asked at the same time and share one deadline; whoever is late is unknown.

use std::future::poll_fn;
use std::path::Path;
use std::sync::Arc;
use std::task::Poll;

use super::algebra::{Decision, has_legal_basis};
use super::answer::{Answer, Reason, Verdict};
use super::asked::Asked;
use super::combine::{Rules, Scene, Voice};
use super::invalidation::Invalidations;
use super::note::Note;
use super::signals::{Effect, Signals};
use super::sources::{self, Class, Reply, Source, session, store};
use crate::config::consent::{Combine, Consent, Undecided};
use crate::config::fault::{Faults, KeyPath};
use crate::level::Level;
use crate::store::ConsentStore;

/// The most sources a site may have.
const MAX_SOURCES: usize = 16;

/// What a policy is built from beside its own section of the configuration.
pub struct Surroundings<'a> {
    /// The folder of the configuration file.
    pub base: &'a Path,
    /// The open store, if there is one. A policy that names a store and gets none finds it unreadable.
    pub store: Option<Arc<dyn ConsentStore>>,
    /// Where revocations are noted.
    pub invalidations: Arc<Invalidations>,
    /// `DO_NOT_TRACK` asks for silence (see [`super::do_not_track`]).
    pub do_not_track: bool,
}

/// Decides about consent for one site.
pub struct Policy {
    sources: Vec<Listed>,
    rules: Rules,
    sensitive: Option<Vec<String>>,
    legal_basis: Option<String>,
    invalidations: Arc<Invalidations>,
}

struct Listed {
    source: Box<dyn Source>,
    required: bool,
    /// It was not configured and only speaks up against somebody: a store that another site uses.
    refusals_only: bool,
}

impl Policy {
    /// Checks `[site.consent]`; `at` is its place. `None` when a fault was added.
    #[must_use]
    pub fn build(shape: &Consent, surroundings: Surroundings<'_>, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let before = faults.iter().count();
        let mut sources = Vec::new();
        if shape.sources.len() > MAX_SOURCES {
            faults.push(at.key("sources"), "there are more than 16 sources", "remove some of them");
        }
        for (index, source) in shape.sources.iter().enumerate() {
            let at = at.key("sources").index(index);
            let (required, built) = sources::build(source, &surroundings, &at, faults);
            if required && shape.combine == Combine::FirstKnown {
                faults.push(
                    at.key("required"),
                    "has no meaning with combine = \"first_known\", where the first source that knows decides",
                    "remove it, or write combine = \"deny_overrides\"",
                );
            }
            sources.extend(built.map(|source| Listed { source, required, refusals_only: false }));
        }
        if !sources.iter().any(|listed| listed.source.class() == Class::Store)
            && let Some(opened) = surroundings.store.clone()
        {
            let source = Box::new(store::Store::new(Some(opened)));
            sources.push(Listed { source, required: false, refusals_only: true });
        }
        let rules = rules(shape, surroundings.do_not_track, at, faults);
        check_texts(shape, at, faults);
        if faults.iter().count() > before {
            return None;
        }
        Some(Self {
            sources,
            rules: rules?,
            sensitive: shape.sensitive.clone(),
            legal_basis: shape.i_have_another_legal_basis.clone(),
            invalidations: surroundings.invalidations,
        })
    }

    /// Decides about one request.
    pub async fn decide(&self, asked: &Asked<'_>) -> Decision {
        let answers = self.ask(asked).await;
        self.decide_over(asked, &answers)
    }

    /// Decides over answers that are known already, one for each configured source in order; a source without one
    /// failed to answer.
    #[must_use]
    pub fn decide_over(&self, asked: &Asked<'_>, answers: &[Answer]) -> Decision {
        let answers = answers.iter().copied().chain(std::iter::repeat(Answer::unknown(Reason::Timeout)));
        let voices = self.sources.iter().zip(answers).map(|(listed, answer)| listed.voice(asked, answer)).collect();
        self.rules.decide(&self.scene(asked), voices)
    }

    /// What an operator should hear. `snapshot` says whether the site's session preset carries its claims inside
    /// the cookie.
    #[must_use]
    pub fn notes(&self, snapshot: bool) -> Vec<Note> {
        let mut notes = Vec::new();
        let granting = || self.sources().filter(|(source, _)| source.can_grant()).map(|(source, _)| source.class());
        if granting().next().is_none() {
            notes.push(Note::NobodyCanConsent);
        } else if granting().all(|class| class == Class::Device) && !self.rules.covers_account {
            notes.push(Note::DeviceOnly);
        } else if snapshot
            && granting().any(|class| class == Class::Session)
            && !self.sources.iter().any(|listed| listed.source.class().is_record())
        {
            notes.push(Note::SnapshotOnly);
        }
        notes.extend(
            self.sources().filter(|(source, _)| source.is_opaque()).map(|(source, _)| Note::Unreadable(source.word())),
        );
        notes.extend(self.legal_basis.clone().map(Note::LegalBasis));
        notes.extend(self.rules.do_not_track.then_some(Note::DoNotTrack));
        notes
    }

    pub(super) fn sources(&self) -> impl Iterator<Item = (&dyn Source, bool)> {
        let configured = self.sources.iter().filter(|listed| !listed.refusals_only);
        configured.map(|listed| (listed.source.as_ref(), listed.required))
    }

    pub(super) fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Asks every source and waits for those that need time, for no longer than the deadline.
    async fn ask(&self, asked: &Asked<'_>) -> Vec<Answer> {
        let mut replies = self.sources.iter().map(|listed| listed.source.answer(asked)).collect::<Vec<_>>();
        if replies.iter().any(|reply| matches!(reply, Reply::Later(_))) {
            let all = poll_fn(|context| {
                let mut waiting = false;
                for reply in &mut replies {
                    if let Reply::Later(answer) = reply {
                        match answer.as_mut().poll(context) {
                            Poll::Ready(answer) => *reply = Reply::Now(answer),
                            Poll::Pending => waiting = true,
                        }
                    }
                }
                if waiting { Poll::Pending } else { Poll::Ready(()) }
            });
            // Late or not: whoever has answered is heard.
            drop(tokio::time::timeout(asked.deadline, all).await);
        }
        let now = |reply| match reply {
            Reply::Now(answer) => answer,
            Reply::Later(_) => Answer::unknown(Reason::Timeout),
        };
        replies.into_iter().map(now).collect()
    }

    fn scene(&self, asked: &Asked<'_>) -> Scene {
        let person = asked.person;
        Scene {
            account: person.is_some(),
            sensitive: person.is_some_and(|person| {
                self.sensitive.as_deref().is_some_and(|path| session::is_marked(&person.claims, path))
            }),
            signals: Signals::read(asked.headers),
            invalidated: person.and_then(|person| self.invalidations.since(asked.realm, &person.user)),
            issued: person.and_then(|person| session::issued(&person.claims)),
            now: asked.now,
        }
    }
}

impl Listed {
    fn voice(&self, asked: &Asked<'_>, mut answer: Answer) -> Voice {
        if self.refusals_only && answer.verdict == Verdict::Granted {
            answer = Answer { record: answer.record, ..Answer::unknown(Reason::Absent) };
        }
        let class = self.source.class();
        let snapshot = class == Class::Session && asked.person.is_some_and(|person| person.snapshot);
        Voice { source: self.source.word(), class, required: self.required, snapshot, answer }
    }
}

fn rules(shape: &Consent, do_not_track: bool, at: &KeyPath, faults: &mut Faults) -> Option<Rules> {
    let mut effect = |key: &str, word: &str| {
        let effect = Effect::from_word(word);
        if effect.is_none() {
            faults.push(
                at.key(key),
                "expected \"deny\", \"ignore\" or \"cap:\" and a level",
                format!("write {key} = \"deny\", or for example {key} = \"cap:anonymised\""),
            );
        }
        effect
    };
    let (gpc, dnt) = (effect("gpc", &shape.gpc), effect("dnt", &shape.dnt));
    if shape.default == Undecided::Granted && !has_legal_basis(shape) {
        faults.push(
            at.key("default"),
            "\"granted\" would identify people who were not asked",
            "remove it, or write down the legal basis in i_have_another_legal_basis",
        );
    }
    if shape.granted_level == Level::Off {
        faults.push(
            at.key("granted_level"),
            "\"off\" would turn every yes into a no",
            "write \"full\", \"anonymised\" or \"local\"",
        );
    }
    Some(Rules {
        combine: shape.combine,
        gpc: gpc?,
        dnt: dnt?,
        undecided: shape.default,
        granted_level: shape.granted_level,
        sensitive_level: shape.sensitive_level,
        covers_account: shape.covers_account.is_some(),
        do_not_track,
    })
}

fn check_texts(shape: &Consent, at: &KeyPath, faults: &mut Faults) {
    if let Some(path) = &shape.sensitive {
        sources::check::path(path, &at.key("sensitive"), faults);
    }
    if shape.sensitive_level == Level::Full {
        faults.push(
            at.key("sensitive_level"),
            "\"full\" would be no cap for sensitive people",
            "write \"anonymised\", \"local\" or \"off\"",
        );
    }
    let texts = [
        ("covers_account", &shape.covers_account, "the wording of the banner that covers account identity"),
        ("i_have_another_legal_basis", &shape.i_have_another_legal_basis, "the legal basis in words"),
    ];
    for (key, text, expected) in texts {
        if text.as_deref().is_some_and(|text| text.trim().is_empty()) {
            faults.push(at.key(key), format!("expected {expected}"), "write it down, or remove the key");
        }
    }
}

#[cfg(test)]
mod tests;
