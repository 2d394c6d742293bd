//! The rules by which several answers become one verdict; pure.
//!
//! In order: a deny list and an objection made here, the browser's signals (GPC, then DNT), the sources, the site's default, the caps.
//! The first rule that decides is the one that `explain` names; levels are collected from all of them.
//!
//! * `deny_overrides`: any refusal wins; every required source has to grant, and at least one source.
//! * `first_known`: the first source that knows decides. A browser's cookie can be forged and a snapshot can be old,
//!   so their grant is still refused or lowered by what the account's own sources say.
//! * A back end that failed may hide a refusal: nothing is granted while it is down, required or not.
//! * A snapshot issued before an invalidation is not believed until a record grants again.

use super::algebra::{Decision, EpochUnreadable};
use super::answer::{Answer, Reason, Verdict, lower_of};
use super::purpose::Allowed;
use super::signals::{Effect, Signals};
use super::sources::Class;
use crate::clock::UnixMillis;
use crate::config::consent::{Combine, Undecided};
use crate::level::Level;
use crate::person::Salt;

/// How far a claim's time of issue may lie in the future: clocks differ by seconds, not by minutes.
const CLOCK_SKEW_MILLIS: i64 = 60_000;

/// What one source said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Voice {
    /// The kind of the source.
    pub source: &'static str,
    /// On whose behalf it can speak.
    pub class: Class,
    /// It has to grant.
    pub required: bool,
    /// It is a claim that travelled inside the session cookie.
    pub snapshot: bool,
    /// What it said.
    pub answer: Answer,
}

/// The site's rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rules {
    pub(super) combine: Combine,
    pub(super) gpc: Effect,
    pub(super) dnt: Effect,
    pub(super) undecided: Undecided,
    pub(super) granted_level: Level,
    pub(super) sensitive_level: Level,
    pub(super) covers_account: bool,
    pub(super) do_not_track: bool,
}

/// What is known of the request beside the sources' answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scene {
    pub(super) account: bool,
    pub(super) sensitive: bool,
    pub(super) signals: Signals,
    /// When the person's consent was invalidated, as far as this process was told.
    pub(super) invalidated: Option<UnixMillis>,
    /// When the session's claims were issued, if they say so.
    pub(super) issued: Option<UnixMillis>,
    pub(super) now: UnixMillis,
}

/// A verdict under way.
#[derive(Clone, Copy)]
struct Ruling {
    verdict: Verdict,
    source: &'static str,
    reason: Reason,
    level: Option<Level>,
    cap: Option<&'static str>,
    device_only: bool,
}

impl Ruling {
    fn by(voice: &Voice, level: Option<Level>) -> Self {
        let device_only = voice.class == Class::Device && voice.answer.verdict == Verdict::Granted;
        let Answer { verdict, reason, .. } = voice.answer;
        Self { verdict, source: voice.source, reason, level, cap: None, device_only }
    }

    fn rule(verdict: Verdict, source: &'static str, reason: Reason, level: Option<Level>) -> Self {
        Self { verdict, source, reason, level, cap: None, device_only: false }
    }

    /// Lowers the level.
    fn cap(&mut self, level: Level, name: &'static str) {
        if self.level.unwrap_or(Level::Full) > level {
            self.level = Some(level);
            self.cap = Some(name);
        }
    }

    /// Lowers the level; `off` is a refusal.
    fn objection(&mut self, level: Level, name: &'static str, reason: Reason) {
        self.cap(level, name);
        if level == Level::Off && self.verdict != Verdict::Denied {
            *self = Self { cap: self.cap, ..Self::rule(Verdict::Denied, name, reason, self.level) };
        }
    }
}

impl Rules {
    /// Combines what the sources said.
    pub(super) fn decide(&self, scene: &Scene, mut voices: Vec<Voice>) -> Decision {
        disbelieve(scene, &mut voices);
        let uncertain =
            voices.iter().any(|voice| voice.answer.verdict == Verdict::Unknown && !voice.answer.reason.is_silence());
        let mut ruling = self.objection(scene, &voices).unwrap_or_else(|| self.sources(&voices));
        if ruling.verdict == Verdict::Unknown {
            ruling = self.default_for(ruling, uncertain);
        }
        self.caps(scene, &mut ruling);
        let mark = mark(scene, &voices);
        Decision {
            verdict: ruling.verdict,
            level: ruling.level,
            source: ruling.source,
            reason: ruling.reason.word(),
            cap: ruling.cap,
            epoch: mark.map(|(epoch, _)| epoch),
            salt: mark.ok().and_then(|(_, salt)| salt),
            gpc: scene.signals.gpc,
            uncertain,
            device_only: ruling.device_only,
            allowed: Allowed::default(),
            voices,
        }
    }

    /// What wins over every source: a deny list, an objection made on our page, and the browser's signals.
    fn objection(&self, scene: &Scene, voices: &[Voice]) -> Option<Ruling> {
        let level = lowest(voices);
        let listed = voices.iter().find(|voice| matches!(voice.answer.reason, Reason::DenyList | Reason::Objection));
        listed.map(|voice| Ruling::by(voice, level)).or_else(|| {
            let signals =
                [("gpc", scene.signals.gpc, self.gpc, Reason::Gpc), ("dnt", scene.signals.dnt, self.dnt, Reason::Dnt)];
            let sent = signals.into_iter().find(|(_, sent, effect, _)| *sent && *effect == Effect::Deny);
            sent.map(|(source, _, _, reason)| Ruling::rule(Verdict::Denied, source, reason, level))
        })
    }

    fn sources(&self, voices: &[Voice]) -> Ruling {
        let ruling = match self.combine {
            Combine::DenyOverrides => deny_overrides(voices),
            Combine::FirstKnown => first_known(voices),
        };
        let failed = voices.iter().find(|voice| voice.answer.reason.is_failure());
        match failed {
            Some(voice) if ruling.verdict == Verdict::Granted => Ruling::by(voice, ruling.level),
            _ => ruling,
        }
    }

    fn default_for(&self, ruling: Ruling, uncertain: bool) -> Ruling {
        match self.undecided {
            Undecided::Denied => Ruling::rule(Verdict::Denied, "default", Reason::Default, ruling.level),
            Undecided::Granted if !uncertain => {
                Ruling::rule(Verdict::Granted, "default", Reason::LegalBasis, ruling.level)
            }
            Undecided::Unknown | Undecided::Granted => ruling,
        }
    }

    fn caps(&self, scene: &Scene, ruling: &mut Ruling) {
        if scene.account && scene.sensitive {
            ruling.objection(self.sensitive_level, "sensitive", Reason::Sensitive);
        }
        if let (true, Effect::Cap(level)) = (scene.signals.gpc, self.gpc) {
            ruling.objection(level, "gpc", Reason::Gpc);
        }
        if let (true, Effect::Cap(level)) = (scene.signals.dnt, self.dnt) {
            ruling.objection(level, "dnt", Reason::Dnt);
        }
        if ruling.verdict == Verdict::Granted {
            ruling.cap(self.granted_level, "granted_level");
            if scene.account && ruling.device_only && !self.covers_account {
                ruling.cap(Level::Anonymised, "device");
            }
        }
        if self.do_not_track {
            ruling.cap(Level::Local, "do_not_track");
        }
    }
}

/// Takes grants away from snapshots that were issued before the person's consent was invalidated.
fn disbelieve(scene: &Scene, voices: &mut [Voice]) {
    let recorded = voices.iter().filter_map(|voice| voice.answer.record?.invalidated).max();
    let Some(invalidated) = recorded.max(scene.invalidated) else { return };
    let fresh = scene
        .issued
        .is_some_and(|issued| issued > invalidated && issued.0 <= scene.now.0.saturating_add(CLOCK_SKEW_MILLIS));
    let granted_again = voices.iter().any(|voice| {
        let since = |record: super::Facts| record.decided.is_some_and(|decided| decided >= invalidated);
        voice.class.is_record() && voice.answer.verdict == Verdict::Granted && voice.answer.record.is_none_or(since)
    });
    if fresh || granted_again {
        return;
    }
    for voice in voices.iter_mut().filter(|voice| voice.snapshot && voice.answer.verdict == Verdict::Granted) {
        voice.answer.verdict = Verdict::Unknown;
        voice.answer.reason = Reason::Invalidated;
    }
}

fn deny_overrides(voices: &[Voice]) -> Ruling {
    let level = lowest(voices);
    let is = |verdict| move |voice: &&Voice| voice.answer.verdict == verdict;
    if let Some(voice) = voices.iter().find(is(Verdict::Denied)) {
        return Ruling::by(voice, level);
    }
    if let Some(voice) = voices.iter().find(|voice| voice.required && voice.answer.verdict != Verdict::Granted) {
        return Ruling::by(voice, level);
    }
    let granting = || voices.iter().filter(is(Verdict::Granted));
    let account = granting().find(|voice| voice.class != Class::Device);
    account.or_else(|| granting().next()).map_or_else(|| nobody(voices), |voice| Ruling::by(voice, level))
}

fn first_known(voices: &[Voice]) -> Ruling {
    let Some(first) = voices.iter().find(|voice| voice.answer.verdict != Verdict::Unknown) else {
        return nobody(voices);
    };
    if first.answer.verdict == Verdict::Denied {
        return Ruling::by(first, first.answer.level);
    }
    // Whoever can contradict this kind of grant: the account's sources a browser's cookie, the records a snapshot.
    let stronger = |voice: &&Voice| match first.class {
        Class::Device => voice.class != Class::Device,
        _ => first.snapshot && voice.class.is_record(),
    };
    let refusal = voices.iter().filter(stronger).find(|voice| voice.answer.verdict == Verdict::Denied);
    let levels = voices.iter().filter(stronger).map(|voice| voice.answer.level);
    let level = levels.fold(first.answer.level, lower_of);
    Ruling::by(refusal.unwrap_or(first), level)
}

/// Nobody decided: the first source that could not be read is named, else the first of all.
fn nobody(voices: &[Voice]) -> Ruling {
    let loud = voices.iter().find(|voice| !voice.answer.reason.is_silence());
    loud.or_else(|| voices.first()).map_or_else(
        || Ruling::rule(Verdict::Unknown, "none", Reason::Absent, None),
        |voice| Ruling::by(voice, lowest(voices)),
    )
}

fn lowest(voices: &[Voice]) -> Option<Level> {
    voices.iter().map(|voice| voice.answer.level).fold(None, lower_of)
}

/// The one epoch that all recording sources agree on, and the salt, of which there must not be two; somebody without an
/// account has none to speak of.
fn mark(scene: &Scene, voices: &[Voice]) -> Result<(u32, Option<Salt>), EpochUnreadable> {
    if !scene.account {
        return Ok((0, None));
    }
    let mut epochs = voices.iter().filter(|voice| voice.class.keeps_epochs()).map(|voice| {
        let record = voice.answer.record.ok_or(EpochUnreadable)?;
        Ok((record.epoch, record.salt))
    });
    let first = epochs.next().unwrap_or(Ok((0, None)))?;
    epochs.try_fold(first, |(epoch, salt), other| match other? {
        (same, other) if same == epoch && (salt.is_none() || other.is_none() || salt == other) => {
            Ok((epoch, salt.or(other)))
        }
        _ => Err(EpochUnreadable),
    })
}

#[cfg(test)]
mod tests;
