//! From a decision to a level: the lowest of every word that spoke.
//!
//! [`UpstreamLevels`] cannot be built so that a refusal or, without a written legal basis, silence identifies
//! anybody; [`level`] cannot raise what a [`Decision`] has lowered.

use sha2::{Digest as _, Sha256};

use super::answer::{Reason, Verdict};
use super::combine::Voice;
use super::purpose::{Allowed, Purpose};
use crate::config::consent::Consent;
use crate::config::fault::{Faults, KeyPath};
use crate::level::Level;
use crate::person::Salt;

/// The epoch of a person's pseudonym could not be read. It is not zero (product invariant 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the epoch cannot be read")]
pub struct EpochUnreadable;

/// What consent says about one request, before an upstream's levels are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Granted, denied or unknown.
    pub verdict: Verdict,
    /// The lowest level that any source or cap named.
    pub level: Option<Level>,
    /// The kind of source that decided, or the rule: `gpc`, `dnt`, `sensitive`, `default`, `none`.
    pub source: &'static str,
    /// Why, as one word.
    pub reason: &'static str,
    /// The cap that lowered the level last: `granted_level`, `device`, `sensitive`, `gpc`, `dnt`, `do_not_track`.
    pub cap: Option<&'static str>,
    /// The epoch of the person's pseudonym; 0 without an account and where nothing records epochs.
    pub epoch: Result<u32, EpochUnreadable>,
    /// The salt of the person's pseudonym, where a record keeps one.
    pub salt: Option<Salt>,
    /// `Sec-GPC: 1` was sent, whatever the site does about it.
    pub gpc: bool,
    /// Some source could not be read or was not believed, as opposed to having nothing to say.
    pub uncertain: bool,
    /// The grant comes from the browser alone: it covers the SDK's own anonymous id, and an account only when the
    /// site's banner says so.
    pub device_only: bool,
    /// The further purposes that this person agreed to.
    pub allowed: Allowed,
    /// What each source said, in the order of the configuration.
    pub voices: Vec<Voice>,
}

impl Decision {
    /// True when the person agreed to a further purpose. Whether anything leaves at all is still [`level`]'s word.
    #[must_use]
    pub const fn allows(&self, purpose: Purpose) -> bool {
        self.allowed.contains(purpose)
    }

    /// True when the person themselves agreed to be identified, and nothing lowers it.
    #[must_use]
    pub fn is_agreement(&self) -> bool {
        self.verdict == Verdict::Granted
            && self.reason != Reason::LegalBasis.word()
            && self.level.is_none_or(|level| level == Level::Full)
            && self.epoch.is_ok()
    }
}

/// What an upstream gets for each verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpstreamLevels {
    denied: Level,
    unknown: Level,
    ceiling: Level,
    policy: u64,
}

impl UpstreamLevels {
    /// Checks an upstream's `denied`, `unknown` and `ceiling`; `at` is the upstream's place in the configuration.
    /// `None` when a fault was added.
    pub fn build(
        denied: Level,
        unknown: Level,
        ceiling: Level,
        consent: &Consent,
        at: &KeyPath,
        faults: &mut Faults,
    ) -> Option<Self> {
        let mut sound = true;
        if denied == Level::Full {
            faults.push(
                at.key("denied"),
                "\"full\" would identify people who refused",
                "write \"anonymised\", \"local\" or \"off\"",
            );
            sound = false;
        }
        if unknown == Level::Full && !has_legal_basis(consent) {
            faults.push(
                at.key("unknown"),
                "\"full\" would identify people who were not asked",
                "write \"anonymised\", \"local\" or \"off\", or write down the legal basis in \
                 site.consent.i_have_another_legal_basis",
            );
            sound = false;
        }
        let policy = fingerprint(consent, [denied, unknown, ceiling]);
        sound.then_some(Self { denied, unknown, ceiling, policy })
    }

    /// A hash of the site's `[site.consent]` and of these levels, as 16 hexadecimal digits: the name of the policy that made a decision.
    #[must_use]
    pub fn policy(&self) -> String {
        format!("{:016x}", self.policy)
    }
}

/// The first 64 bits of SHA-256 over the configuration as JSON. Keys and passwords stand in it as names of files, never as
/// what they hold. Whether decisions are logged is no part of the policy.
fn fingerprint(consent: &Consent, levels: [Level; 3]) -> u64 {
    let policy = (Consent { decision_log: false, ..consent.clone() }, levels);
    // A shape that was read from TOML can be written as JSON: there is no other kind of key than text.
    let text = serde_json::to_vec(&policy).unwrap_or_default();
    Sha256::digest(text).iter().take(8).fold(0, |hash, byte| (hash << 8) | u64::from(*byte))
}

/// True when a legal basis other than consent is written down.
pub(super) fn has_legal_basis(consent: &Consent) -> bool {
    consent.i_have_another_legal_basis.as_deref().is_some_and(|text| !text.trim().is_empty())
}

/// What may leave for an upstream. [`Level::Full`] carries the pseudonym of whoever is logged in; without an account
/// it carries nobody's.
#[must_use]
pub fn level(decision: &Decision, upstream: &UpstreamLevels) -> Level {
    let word = match decision.verdict {
        Verdict::Granted => Level::Full,
        Verdict::Denied => upstream.denied.lower(Level::Anonymised),
        // A legal basis stands in for silence, not for an answer that could not be read.
        Verdict::Unknown if decision.uncertain => upstream.unknown.lower(Level::Anonymised),
        Verdict::Unknown => upstream.unknown,
    };
    let readable = if decision.epoch.is_ok() { Level::Full } else { Level::Anonymised };
    word.lower(decision.level.unwrap_or(Level::Full)).lower(readable).lower(upstream.ceiling)
}

#[cfg(test)]
mod tests {
    use super::Allowed;
    use super::{Decision, EpochUnreadable, UpstreamLevels, level};
    use crate::config::consent::Consent;
    use crate::config::fault::{Faults, KeyPath};
    use crate::consent::Verdict;
    use crate::level::Level;

    fn decision(verdict: Verdict, level: Option<Level>, uncertain: bool, readable: bool) -> Decision {
        Decision {
            verdict,
            level,
            source: "none",
            reason: "absent",
            cap: None,
            epoch: if readable { Ok(0) } else { Err(EpochUnreadable) },
            salt: None,
            gpc: false,
            uncertain,
            device_only: false,
            allowed: Allowed::default(),
            voices: Vec::new(),
        }
    }

    fn every(mut visit: impl FnMut(Decision, UpstreamLevels)) {
        for verdict in [Verdict::Granted, Verdict::Denied, Verdict::Unknown] {
            for named in std::iter::once(None).chain(Level::ALL.map(Some)) {
                for flags in 0..4 {
                    for denied in Level::ALL {
                        for unknown in Level::ALL {
                            for ceiling in Level::ALL {
                                let decision = decision(verdict, named, flags & 1 == 1, flags & 2 == 2);
                                visit(decision, UpstreamLevels { denied, unknown, ceiling, policy: 0 });
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_level_is_the_lowest_of_every_word_that_spoke() {
        let mut seen = 0;
        every(|decision, upstream| {
            let mut words = vec![upstream.ceiling];
            words.extend(decision.level);
            match decision.verdict {
                Verdict::Granted => {}
                Verdict::Denied => words.extend([upstream.denied, Level::Anonymised]),
                Verdict::Unknown => words.push(upstream.unknown),
            }
            if decision.epoch.is_err() || (decision.verdict == Verdict::Unknown && decision.uncertain) {
                words.push(Level::Anonymised);
            }
            assert_eq!(level(&decision, &upstream), words.into_iter().min().unwrap());
            seen += 1;
        });
        assert_eq!(seen, 3 * 5 * 4 * 64);
    }

    #[test]
    fn a_refusal_never_identifies_and_is_never_raised() {
        every(|decision, upstream| {
            let result = level(&decision, &upstream);
            if decision.verdict == Verdict::Denied {
                assert!(result < Level::Full && result <= upstream.denied);
            }
            assert!(decision.level.is_none_or(|named| result <= named));
        });
    }

    #[test]
    fn identified_by_default_needs_a_written_legal_basis() {
        let at = KeyPath::root().key("site").index(0).key("upstream").index(0);
        let build = |denied, unknown, basis: Option<&str>| {
            let consent = Consent { i_have_another_legal_basis: basis.map(str::to_owned), ..Consent::default() };
            let mut faults = Faults::default();
            let built = UpstreamLevels::build(denied, unknown, Level::Full, &consent, &at, &mut faults);
            assert_eq!(built.is_some(), faults.is_empty());
            faults.iter().map(|fault| fault.key.to_string()).collect::<Vec<_>>()
        };
        for denied in [Level::Off, Level::Local, Level::Anonymised] {
            for unknown in [Level::Off, Level::Local, Level::Anonymised] {
                assert!(build(denied, unknown, None).is_empty());
            }
        }
        let (low, full) = (Level::Off, Level::Full);
        assert_eq!(build(low, full, None), ["site[0].upstream[0].unknown"]);
        assert_eq!(build(low, full, Some("  ")), ["site[0].upstream[0].unknown"]);
        assert!(build(low, full, Some("contract, see the register of processing")).is_empty());
        assert_eq!(build(full, full, Some("contract")), ["site[0].upstream[0].denied"]);
        assert_eq!(build(full, full, None).len(), 2);
    }
}
