//! The grant of the quota stage.

use super::{Decision, Quota, Scope, Sender};
use crate::outcome::Outcome;
use crate::payload::batch::{Batch, Fate};

/// The events of this batch were counted, and those over a quota have ended. Only [`Quota::permit`] makes one.
#[derive(Debug)]
pub struct Permitted(());

/// The first quota that was used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    /// Whose quota.
    pub scope: Scope,
    /// Whole seconds until an event would be allowed again.
    pub retry_after: u32,
}

impl Quota {
    /// Counts every event that goes on, in order, and ends those over a quota as [`Outcome::Limited`].
    pub fn permit<S>(&self, batch: &mut Batch<S>, sender: &Sender) -> (Permitted, Option<Exceeded>) {
        let exceeded = self.count_kept(batch, sender, |batch, event| batch.end(event, Outcome::Limited));
        (Permitted(()), exceeded)
    }

    /// Counts the same way and ends nothing: for a site that observes.
    pub fn observe<S>(&self, batch: &mut Batch<S>, sender: &Sender) -> (Permitted, Option<Exceeded>) {
        (Permitted(()), self.count_kept(batch, sender, |_, _| {}))
    }

    fn count_kept<S>(
        &self,
        batch: &mut Batch<S>,
        sender: &Sender,
        mut refuse: impl FnMut(&mut Batch<S>, usize),
    ) -> Option<Exceeded> {
        let mut first = None;
        for event in 0..batch.events().len() {
            if !matches!(batch.fates().get(event), Some(Fate::Keep(_))) {
                continue;
            }
            if let Decision::Refused { scope, retry_after } = self.ask(sender) {
                refuse(batch, event);
                first.get_or_insert(Exceeded { scope, retry_after });
            }
        }
        first
    }
}
