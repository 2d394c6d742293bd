//! The policy of one site: its sources and its rules.
//!
//! Built once from the configuration, with all faults collected; asked once per request. Sources that need to wait
//! are asked at the same time and share one deadline; whoever is late is unknown.

mod about;

use std::future::poll_fn;
use std::path::Path;
use std::sync::Arc;
use std::task::Poll;

use super::algebra::{Decision, has_legal_basis};
use super::answer::{Answer, Reason, Verdict};
use super::asked::Asked;
use super::combine::{Rules, Scene, Voice};
use super::invalidation::Invalidations;
use super::purpose::Purpose;
use super::signals::{Effect, Signals};
use super::sources::{self, Class, Reply, Source, objection, session, store};
use crate::config::consent::{self as config, Allow, Combine, Consent, Undecided};
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
    purposes: [(Allow, Vec<Listed>); Purpose::ALL.len()],
    rules: Rules,
    sensitive: Option<Vec<String>>,
    legal_basis: Option<String>,
    logged: bool,
    salts: bool,
    invalidations: Arc<Invalidations>,
}

struct Listed {
    source: Box<dyn Source>,
    required: bool,
    /// It was not configured and only speaks up against somebody: a store that another site uses, an objection.
    refusals_only: bool,
}

impl Listed {
    fn unconfigured(source: impl Source + 'static) -> Self {
        Self { source: Box::new(source), required: false, refusals_only: true }
    }
}

impl Policy {
    /// Checks `[site.consent]`; `at` is its place. `None` when a fault was added.
    #[must_use]
    pub fn build(shape: &Consent, surroundings: Surroundings<'_>, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let before = faults.iter().count();
        let mut sources = listed(&shape.sources, shape.combine, &surroundings, &at.key("sources"), faults);
        if !sources.iter().any(|listed| listed.source.class() == Class::Store)
            && let Some(opened) = surroundings.store.clone()
        {
            sources.push(Listed::unconfigured(store::Store::new(Some(opened))));
        }
        sources.push(Listed::unconfigured(objection::Objection));
        let wanted = [&shape.purposes.replay, &shape.purposes.merge, &shape.purposes.link];
        let purposes = std::array::from_fn(|nth| match (Purpose::ALL.get(nth), wanted.get(nth)) {
            (Some(purpose), Some(wanted)) => {
                let at = at.key("purposes").key(purpose.word());
                (wanted.allow, purpose_sources(wanted, shape.combine, &surroundings, &at, faults))
            }
            _ => (Allow::Never, Vec::new()),
        });
        let rules = rules(shape, surroundings.do_not_track, at, faults);
        check_texts(shape, at, faults);
        if faults.iter().count() > before {
            return None;
        }
        Some(Self {
            sources,
            purposes,
            rules: rules?,
            sensitive: shape.sensitive.clone(),
            legal_basis: shape.i_have_another_legal_basis.clone(),
            logged: shape.decision_log,
            salts: shape.salts(),
            invalidations: surroundings.invalidations,
        })
    }

    /// Decides about one request.
    pub async fn decide(&self, asked: &Asked<'_>) -> Decision {
        let answers = self.ask(asked).await;
        self.judge(asked, answers.into_iter())
    }

    /// Decides over answers that are known already, one for each configured source in order, those of the further
    /// purposes last; a source without one failed to answer.
    #[must_use]
    pub fn decide_over(&self, asked: &Asked<'_>, answers: &[Answer]) -> Decision {
        let mut known = answers.iter().copied();
        let answers = self.listed().map(|listed| match listed.refusals_only {
            true => Answer::unknown(Reason::Absent),
            false => known.next().unwrap_or(Answer::unknown(Reason::Timeout)),
        });
        self.judge(asked, answers)
    }

    /// Combines one answer for each of [`Self::listed`].
    fn judge(&self, asked: &Asked<'_>, mut answers: impl Iterator<Item = Answer>) -> Decision {
        let scene = self.scene(asked);
        // What nobody configured is heard only when it says something.
        let is_heard = |voice: &Voice| voice.class != Class::Device || voice.answer.verdict != Verdict::Unknown;
        let voices = self.sources.iter().zip(answers.by_ref());
        let voices = voices
            .map(|(listed, answer)| (listed.refusals_only, self.voice(listed, asked, answer)))
            .filter(|(refusals_only, voice)| !refusals_only || is_heard(voice))
            .map(|(_, voice)| voice);
        let mut decision = self.rules.decide(&scene, voices.collect());
        for (purpose, (allow, sources)) in Purpose::ALL.into_iter().zip(&self.purposes) {
            let voices = sources.iter().zip(answers.by_ref()).map(|(listed, answer)| self.voice(listed, asked, answer));
            let voices = voices.collect::<Vec<_>>();
            let agreed = match allow {
                Allow::Never => false,
                Allow::Granted => decision.is_agreement(),
                Allow::Asked => decision.is_agreement() && self.rules.decide(&scene, voices).is_agreement(),
            };
            if agreed {
                decision.allowed.insert(purpose);
            }
        }
        decision
    }

    /// Every source, in the order in which answers are collected.
    fn listed(&self) -> impl Iterator<Item = &Listed> {
        self.sources.iter().chain(self.purposes.iter().flat_map(|(_, sources)| sources))
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
        let mut replies = self.listed().map(|listed| listed.source.answer(asked)).collect::<Vec<_>>();
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

    fn voice(&self, listed: &Listed, asked: &Asked<'_>, mut answer: Answer) -> Voice {
        let mut class = listed.source.class();
        if listed.refusals_only {
            if answer.verdict == Verdict::Granted {
                answer = Answer { record: answer.record, ..Answer::unknown(Reason::Absent) };
            }
            // Where the site's own source keeps the epochs, another site's store does not.
            if class == Class::Store && self.sources().any(|(source, _)| source.class().keeps_epochs()) {
                class = Class::List;
            }
        }
        let snapshot = class == Class::Session && asked.person.is_some_and(|person| person.snapshot);
        Voice { source: listed.source.word(), class, required: listed.required, snapshot, answer }
    }
}

/// Builds a list of sources.
fn listed(
    shapes: &[config::Source],
    combine: Combine,
    surroundings: &Surroundings<'_>,
    at: &KeyPath,
    faults: &mut Faults,
) -> Vec<Listed> {
    if shapes.len() > MAX_SOURCES {
        faults.push(at.clone(), "there are more than 16 sources", "remove some of them");
    }
    let mut sources = Vec::new();
    for (index, source) in shapes.iter().enumerate() {
        let at = at.index(index);
        let (required, built) = sources::build(source, surroundings, &at, faults);
        if required && combine == Combine::FirstKnown {
            faults.push(
                at.key("required"),
                "has no meaning with combine = \"first_known\", where the first source that knows decides",
                "remove it, or write combine = \"deny_overrides\"",
            );
        }
        sources.extend(built.map(|source| Listed { source, required, refusals_only: false }));
    }
    sources
}

/// Builds the sources of a further purpose.
fn purpose_sources(
    shape: &config::Purpose,
    combine: Combine,
    surroundings: &Surroundings<'_>,
    at: &KeyPath,
    faults: &mut Faults,
) -> Vec<Listed> {
    match (shape.allow, shape.sources.is_empty()) {
        (Allow::Asked, true) => faults.push(
            at.key("sources"),
            "missing: allow = \"asked\" needs to know where the answer is found",
            "add a source, or write allow = \"never\"",
        ),
        (Allow::Never | Allow::Granted, false) => faults.push(
            at.key("sources"),
            "sources are only read with allow = \"asked\"",
            "write allow = \"asked\", or remove the sources",
        ),
        _ => {}
    }
    listed(&shape.sources, combine, surroundings, &at.key("sources"), faults)
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
