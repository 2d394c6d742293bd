//! The grant of the quota stage.

use super::{Decision, Quota, Scope, Sender};
use crate::outcome::Outcome;
use crate::payload::batch::Batch;

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
        let mut exceeded = None;
        let kept: Vec<usize> = batch.kept().map(|(event, ..)| event).collect();
        for event in kept {
            if let Decision::Refused { scope, retry_after } = self.ask(sender) {
                batch.end(event, Outcome::Limited);
                exceeded.get_or_insert(Exceeded { scope, retry_after });
            }
        }
        (Permitted(()), exceeded)
    }
}
