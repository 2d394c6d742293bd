//! The scrub stage.

mod base64;
mod decode;
mod detect;
mod features;
mod hits;
mod keys;
mod kind;

use crate::config::fault::{Faults, KeyPath};
use crate::payload::batch::Batch;
use crate::person::Person;

pub use kind::Kind;

/// How many values were removed, by kind.
#[derive(Debug, Clone, Default)]
pub struct Report;

impl Report {
    /// The counts that are not zero.
    pub fn counts(&self) -> impl Iterator<Item = (Kind, u32)> + use<> {
        std::iter::empty()
    }
}

/// The person's own data.
#[derive(Default)]
pub struct OwnTerms;

impl OwnTerms {
    /// From the session.
    #[must_use]
    pub fn of(_: &Person, _: &crate::config::session::Own) -> Self {
        Self
    }
}

/// Removes personal data.
pub struct Scrubber;

/// The grant of the scrub stage.
pub struct Scrubbed(Report);

impl Scrubbed {
    /// What was removed.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.0
    }
}

impl Scrubber {
    /// Reads `site.scrub`.
    pub fn build(_: &crate::config::scrub::Scrub, _: &KeyPath, _: &mut Faults) -> Option<Self> {
        Some(Self)
    }

    /// Goes over a batch.
    pub fn apply<S>(&self, _: &mut Batch<S>, _: &OwnTerms) -> Scrubbed {
        Scrubbed(Report)
    }
}
