//! What a source says: a verdict, perhaps a level, and why.
//!
//! *Unknown is never a grant.* It covers everything from "was not asked" to "could not be read"; the reason tells
//! them apart, because only silence may ever be taken for "was not asked" (see [`Reason::is_silence`]).

use crate::clock::UnixMillis;
use crate::level::Level;
use crate::person::Salt;

/// The three answers, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The person agreed.
    Granted,
    /// The person refused.
    Denied,
    /// Nobody knows.
    Unknown,
}

impl Verdict {
    /// The word in metrics, logs and `explain`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Denied => "denied",
            Self::Unknown => "unknown",
        }
    }
}

/// Why an answer is what it is; each word is a metric label and is explained in the guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The source holds the person's own answer.
    Choice,
    /// The cookie, claim, row or list entry is not there.
    Absent,
    /// The source answers for accounts and nobody is logged in.
    NoAccount,
    /// The banner was shown, nothing was chosen yet.
    NoInteraction,
    /// The banner took scrolling or staying for an answer.
    Implied,
    /// The banner says that the visitor is outside the regions it asks in.
    OutsideRegion,
    /// A default granted it, not an act of the visitor.
    DefaultOnly,
    /// The choice is older than allowed, belongs to an older text, or has to be asked again.
    Stale,
    /// It cannot be read, or holds something other than the format allows.
    Malformed,
    /// It is larger than a browser can store, or there are more candidates than we read.
    Oversized,
    /// Two answers in one place disagree.
    Conflict,
    /// The value can be read by its own script only; a bridge cookie is needed.
    Opaque,
    /// The standard can only express refusals, and there is none in it.
    CannotGrant,
    /// `Sec-GPC: 1`, or the same signal inside a banner's cookie.
    Gpc,
    /// `DNT: 1`, which this site respects.
    Dnt,
    /// An entry of the deny list.
    DenyList,
    /// The browser objected on bauta's own page.
    Objection,
    /// A claim of a self-contained cookie was issued before the person's consent was invalidated.
    Invalidated,
    /// The back end failed.
    BackendError,
    /// The back end did not answer before the deadline.
    Timeout,
    /// The person is marked as sensitive.
    Sensitive,
    /// No source decided; the site's default did.
    Default,
    /// No source decided; the operator's written legal basis did.
    LegalBasis,
}

impl Reason {
    /// The word in metrics, logs and `explain`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Choice => "choice",
            Self::Absent => "absent",
            Self::NoAccount => "no_account",
            Self::NoInteraction => "no_interaction",
            Self::Implied => "implied",
            Self::OutsideRegion => "outside_region",
            Self::DefaultOnly => "default_only",
            Self::Stale => "stale",
            Self::Malformed => "malformed",
            Self::Oversized => "oversized",
            Self::Conflict => "conflict",
            Self::Opaque => "opaque",
            Self::CannotGrant => "cannot_grant",
            Self::Gpc => "gpc",
            Self::Dnt => "dnt",
            Self::DenyList => "deny_list",
            Self::Objection => "objection",
            Self::Invalidated => "invalidated",
            Self::BackendError => "backend_error",
            Self::Timeout => "timeout",
            Self::Sensitive => "sensitive",
            Self::Default => "default",
            Self::LegalBasis => "legal_basis",
        }
    }

    /// True when a back end failed: it may hold a refusal that nobody can see now, so nothing is granted meanwhile
    /// (product invariant 1).
    #[must_use]
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::BackendError | Self::Timeout)
    }

    /// True when nothing was said, as opposed to something that could not be read or is not believed.
    /// Another legal basis than consent can stand in for silence, never for a failure (product invariant 1).
    #[must_use]
    pub const fn is_silence(self) -> bool {
        matches!(self, Self::Absent | Self::NoAccount | Self::NoInteraction | Self::OutsideRegion | Self::CannotGrant)
    }
}

/// The answer of one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// Granted, denied or unknown.
    pub verdict: Verdict,
    /// The level that was named; a plain yes or no names none.
    pub level: Option<Level>,
    /// Why.
    pub reason: Reason,
    /// What the source's record says beside consent; only sources that keep records have one.
    pub record: Option<Facts>,
}

/// What stands beside the consent in a record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// How often the person's pseudonym was renewed; 0 for somebody without a record.
    pub epoch: u32,
    /// The salt of their pseudonym, where the record keeps one.
    pub salt: Option<Salt>,
    /// When the choice was recorded.
    pub decided: Option<UnixMillis>,
    /// When the person's consent was last invalidated.
    pub invalidated: Option<UnixMillis>,
}

impl Answer {
    /// A plain yes.
    #[must_use]
    pub const fn granted() -> Self {
        Self { verdict: Verdict::Granted, level: None, reason: Reason::Choice, record: None }
    }

    /// A plain no.
    #[must_use]
    pub const fn denied() -> Self {
        Self::denied_for(Reason::Choice)
    }

    /// A no with its reason.
    #[must_use]
    pub const fn denied_for(reason: Reason) -> Self {
        Self { verdict: Verdict::Denied, level: None, reason, record: None }
    }

    /// No answer, and why.
    #[must_use]
    pub const fn unknown(reason: Reason) -> Self {
        Self { verdict: Verdict::Unknown, level: None, reason, record: None }
    }

    /// Yes for `true`, no for `false`.
    #[must_use]
    pub const fn choice(yes: bool) -> Self {
        if yes { Self::granted() } else { Self::denied() }
    }

    /// A level as an answer: `off` is a no, every other level is a yes that reaches so far.
    #[must_use]
    pub const fn of_level(level: Level) -> Self {
        let verdict = if matches!(level, Level::Off) { Verdict::Denied } else { Verdict::Granted };
        Self { verdict, level: Some(level), reason: Reason::Choice, record: None }
    }

    /// The same answer, reaching no further than `level`; `off` turns it into a no.
    #[must_use]
    pub fn at_most(self, level: Level) -> Self {
        let verdict = if level == Level::Off { Verdict::Denied } else { self.verdict };
        Self { verdict, level: Some(self.level.map_or(level, |own| own.lower(level))), ..self }
    }

    /// One answer of two that stand in the same place under the same name: they agree, or the answer is no.
    /// A sibling host can plant a second cookie of any name (RFC 6265 section 8.6), so neither is preferred.
    #[must_use]
    pub fn and_twin(self, other: Self) -> Self {
        let level = lower_of(self.level, other.level);
        if self.verdict == other.verdict {
            Self { level, ..self }
        } else {
            Self { level, ..Self::denied_for(Reason::Conflict) }
        }
    }

    /// One answer of two conditions that both have to hold: any no wins, then any doubt.
    #[must_use]
    pub fn and_also(self, other: Self) -> Self {
        let level = lower_of(self.level, other.level);
        let weaker = match (self.verdict, other.verdict) {
            (Verdict::Denied, _) => self,
            (_, Verdict::Denied) => other,
            (Verdict::Unknown, _) => self,
            _ => other,
        };
        Self { level, ..weaker }
    }
}

/// The lower of two levels of which either may not have been named.
pub(super) fn lower_of(one: Option<Level>, other: Option<Level>) -> Option<Level> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.lower(other)),
        (named, None) | (None, named) => named,
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Reason, Verdict};
    use crate::level::Level;

    const ANSWERS: [Answer; 3] = [Answer::granted(), Answer::denied(), Answer::unknown(Reason::Absent)];

    #[test]
    fn twins_that_disagree_in_any_way_are_a_no() {
        for one in ANSWERS {
            for other in ANSWERS {
                let expected = if one.verdict == other.verdict { one.verdict } else { Verdict::Denied };
                assert_eq!(one.and_twin(other).verdict, expected);
            }
        }
    }

    #[test]
    fn conditions_that_all_have_to_hold_are_a_yes_only_together() {
        for one in ANSWERS {
            for other in ANSWERS {
                let expected = match (one.verdict, other.verdict) {
                    (Verdict::Granted, Verdict::Granted) => Verdict::Granted,
                    (Verdict::Denied, _) | (_, Verdict::Denied) => Verdict::Denied,
                    _ => Verdict::Unknown,
                };
                assert_eq!(one.and_also(other).verdict, expected);
            }
        }
    }

    #[test]
    fn the_lower_level_of_two_stays() {
        for one in Level::ALL {
            for other in Level::ALL {
                let both = Answer::of_level(one).and_also(Answer::of_level(other));
                assert_eq!(both.level, Some(one.min(other)));
                assert_eq!(Answer::of_level(one).at_most(other).level, Some(one.min(other)));
            }
            assert_eq!(Answer::granted().and_twin(Answer::of_level(one)).level, Some(one));
        }
    }

    #[test]
    fn off_is_a_refusal_and_every_other_level_an_agreement() {
        for level in Level::ALL {
            let expected = if level == Level::Off { Verdict::Denied } else { Verdict::Granted };
            assert_eq!(Answer::of_level(level).verdict, expected);
            assert_eq!(Answer::granted().at_most(level).verdict, expected);
        }
    }
}
