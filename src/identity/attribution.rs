//! Whether this request's events carry the pseudonym, and if not, why not: one pure decision.
//!
//! Everything must agree: a session, a level of `full`, a page of the site's own, a readable epoch, a key. The first
//! thing that is missing names the decision; nothing is guessed in its place (product invariant 1).

use super::visitor::VisitorId;
use super::{Pseudonym, Pseudonymiser};
use crate::level::Level;
use crate::origin::Standing;
use crate::person::{AppUserId, Salt};

/// What is known when identity is decided.
pub struct Known<'a> {
    /// The session's person, or the word of the session's refusal.
    pub user: Result<&'a AppUserId, &'static str>,
    /// The level that consent and the upstream allow, with the word of the verdict that led to it.
    pub level: (Level, &'static str),
    /// Whose page sent the request.
    pub standing: Standing,
    /// The person's epoch; absent when it could not be read.
    pub epoch: Option<u32>,
    /// The salt of the person's pseudonym, where a record keeps one.
    pub salt: Option<&'a Salt>,
    /// The id of a browser without an account, where it may be used.
    pub visitor: Option<&'a VisitorId>,
    /// The way to a pseudonym; absent without a key.
    pub pseudonymiser: Option<&'a Pseudonymiser>,
}

/// The grant of the identity stage: the level that holds, and the pseudonym where there is one.
#[derive(Debug, Clone)]
pub struct Attributed {
    level: Level,
    pseudonym: Option<Pseudonym>,
    why: &'static str,
    foreign: bool,
    device: bool,
}

/// The session's refusals that mean: nobody is logged in here. Others mean that it could not be found out.
const LOGGED_OUT: [&str; 4] = ["absent", "anonymous", "expired", "not_found"];

impl Attributed {
    /// Decides.
    #[must_use]
    pub fn decide(known: &Known<'_>) -> Self {
        let (level, verdict) = known.level;
        let foreign = known.standing == Standing::Foreign;
        let logged_out = known.user.is_err_and(|refusal| LOGGED_OUT.contains(&refusal));
        let device = level == Level::Full && logged_out && !foreign;
        let withheld = |why| Self { level: level.lower(Level::Anonymised), pseudonym: None, why, foreign, device };
        // A level below `anonymised` sends nothing at all, whoever it is.
        if level < Level::Anonymised {
            return withheld(verdict);
        }
        let user = match known.user {
            Ok(user) => user,
            Err(refusal) => {
                let pseudonym = known.visitor.zip(known.pseudonymiser).map(|(id, maker)| maker.visitor(id));
                return match pseudonym.filter(|_| level == Level::Full && !foreign) {
                    Some(pseudonym) => Self { level, pseudonym: Some(pseudonym), why: "visitor", foreign, device },
                    None => withheld(refusal),
                };
            }
        };
        if level < Level::Full {
            return withheld(verdict);
        }
        if foreign {
            return withheld("foreign_origin");
        }
        match (known.epoch, known.pseudonymiser) {
            (None, _) => withheld("epoch_unreadable"),
            (_, None) => withheld("no_key"),
            (Some(epoch), Some(pseudonymiser)) => Self {
                level,
                pseudonym: Some(pseudonymiser.salted(user, epoch, known.salt)),
                why: "granted",
                foreign,
                device: false,
            },
        }
    }

    /// The level that holds for the request's events.
    #[must_use]
    pub const fn level(&self) -> Level {
        self.level
    }

    /// The pseudonym, only at `full`.
    #[must_use]
    pub const fn pseudonym(&self) -> Option<&Pseudonym> {
        self.pseudonym.as_ref()
    }

    /// The word of the decision: `granted`, `visitor` (a browser's own id), a session's refusal, a verdict, `foreign_origin`, `epoch_unreadable`,
    /// `no_key`.
    #[must_use]
    pub const fn why(&self) -> &'static str {
        self.why
    }

    /// Nobody, for a reason of the pipeline's own.
    #[must_use]
    pub const fn without(why: &'static str) -> Self {
        Self { level: Level::Off, pseudonym: None, why, foreign: false, device: false }
    }

    /// What stands for a request whose events have people of their own (those of a server): the highest level and the
    /// first reason. Each event keeps its own decision.
    #[must_use]
    pub fn of_all(each: &[Self]) -> Self {
        let best = each.iter().max_by_key(|one| one.level);
        let (level, why) = best.map_or((Level::Off, "absent"), |one| (one.level, one.why));
        Self { level, pseudonym: None, why, foreign: false, device: false }
    }

    /// True when nobody is logged in, and the browser's own grant covers the random id of the vendor's client.
    #[must_use]
    pub const fn is_device(&self) -> bool {
        self.device
    }

    /// True when the page was not the site's own.
    #[must_use]
    pub const fn is_foreign(&self) -> bool {
        self.foreign
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::MasterKey;
    use crate::secret::Secret;

    #[test]
    fn identity_needs_everything_at_once() {
        let key: Vec<u8> = (0..32_u8).map(|at| at.wrapping_mul(37) ^ 0x5a).collect();
        let key = MasterKey::new("a", &Secret::new(key)).unwrap();
        let maker = Pseudonymiser::new(&key, "r", "u", 128).unwrap();
        let user = AppUserId::from_text("42").unwrap();
        let mut granted = 0;
        for session in [true, false] {
            for level in Level::ALL {
                for standing in [Standing::Own, Standing::Foreign] {
                    for epoch in [Some(0), None] {
                        for keyed in [true, false] {
                            let known = Known {
                                user: if session { Ok(&user) } else { Err("absent") },
                                level: (level, "granted"),
                                standing,
                                epoch,
                                salt: None,
                                visitor: None,
                                pseudonymiser: keyed.then_some(&maker),
                            };
                            let attributed = Attributed::decide(&known);
                            let all = session
                                && level == Level::Full
                                && standing == Standing::Own
                                && epoch.is_some()
                                && keyed;
                            assert_eq!(attributed.pseudonym().is_some(), all);
                            assert_eq!(attributed.level() == Level::Full, all);
                            assert!(attributed.level() <= level);
                            granted += usize::from(all);
                        }
                    }
                }
            }
        }
        assert_eq!(granted, 1);
    }
}
