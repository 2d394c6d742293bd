//! The fate table: what leaves for an upstream, for each kind of visitor.
//!
//! `check`, `init` and the start print it. It is not written by hand: each row runs the site's own rules over
//! answers that its own sources could give.

use super::algebra::{UpstreamLevels, level};
use super::answer::{Answer, Reason};
use super::combine::{Scene, Voice};
use super::policy::Policy;
use super::signals::Signals;
use crate::clock::UnixMillis;
use crate::level::Level;

/// A kind of visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// Logged in; every source that can grant does.
    Granted,
    /// Logged in; every source denies.
    Denied,
    /// Logged in; no source has anything to say.
    Unknown,
    /// Not logged in, and the browser has nothing to say either.
    NoAccount,
    /// Logged in and granted, with `Sec-GPC: 1`.
    Gpc,
}

impl Row {
    /// The rows in the order in which they are printed.
    pub const ALL: [Self; 5] = [Self::Granted, Self::Denied, Self::Unknown, Self::NoAccount, Self::Gpc];

    /// The row's title.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Denied => "denied",
            Self::Unknown => "unknown",
            Self::NoAccount => "no account",
            Self::Gpc => "GPC",
        }
    }
}

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fate {
    /// Whose.
    pub row: Row,
    /// What leaves.
    pub level: Level,
    /// Whether the pseudonym leaves: at `full`, if there is an account.
    pub identified: bool,
}

impl Policy {
    /// What leaves for an upstream, for each kind of visitor.
    #[must_use]
    pub fn fate(&self, upstream: &UpstreamLevels) -> [Fate; 5] {
        Row::ALL.map(|row| {
            let account = row != Row::NoAccount;
            let silence = Answer::unknown(if account { Reason::Absent } else { Reason::NoAccount });
            let voices = self.sources().map(|(source, required)| {
                let answer = match row {
                    Row::Granted | Row::Gpc if source.can_grant() => Answer::granted(),
                    Row::Denied => Answer::denied(),
                    _ => silence,
                };
                let record = source.class().keeps_epochs().then_some(super::Facts::default());
                let answer = Answer { record, ..answer };
                Voice { source: source.word(), class: source.class(), required, snapshot: false, answer }
            });
            let scene = Scene {
                account,
                sensitive: false,
                signals: Signals { gpc: row == Row::Gpc, dnt: false },
                invalidated: None,
                issued: None,
                now: UnixMillis(0),
            };
            let decision = self.rules().decide(&scene, voices.collect());
            let level = level(&decision, upstream);
            Fate { row, level, identified: account && level == Level::Full }
        })
    }
}
