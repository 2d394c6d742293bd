//! What was removed: counts by kind for metrics and `audit`, places for `explain`. Never the value.

use super::hits::By;
use super::kind::Kind;

/// How many findings of each kind there were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    counts: [u32; Kind::ALL.len()],
    findings: Vec<Finding>,
}

impl Default for Report {
    fn default() -> Self {
        Self { counts: [0; Kind::ALL.len()], findings: Vec::new() }
    }
}

impl Report {
    /// Counts one finding.
    pub(crate) fn add(&mut self, kind: Kind) {
        if let Some(count) = self.counts.get_mut(kind as usize) {
            *count = count.saturating_add(1);
        }
    }

    /// How many findings of this kind there were.
    #[must_use]
    pub fn count(&self, kind: Kind) -> u32 {
        self.counts.get(kind as usize).copied().unwrap_or_default()
    }

    /// How many findings there were in all.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.counts.iter().fold(0, |sum, own| sum.saturating_add(*own))
    }

    /// The kinds that were found, with their counts.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, u32)> + '_ {
        Kind::ALL.into_iter().zip(self.counts).filter(|(_, count)| *count > 0)
    }

    /// The findings one by one, if the engine was asked for them ([`super::Scrubber::with_findings`]).
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    pub(crate) fn list(&mut self, findings: Vec<Finding>) {
        self.findings = findings;
    }

    /// Adds the counts of another report.
    pub fn merge(&mut self, other: &Self) {
        for (own, more) in self.counts.iter_mut().zip(other.counts) {
            *own = own.saturating_add(more);
        }
    }
}

/// One finding: what, and where. Never the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was found.
    pub kind: Kind,
    /// What told it.
    pub by: By,
    /// Where: a JSON pointer (RFC 6901). When the finding stands in a key, the pointer ends at the object. Parts of the
    /// pointer that hold personal data themselves are marked as the body is.
    pub pointer: String,
    /// How many bytes of the body are replaced.
    pub length: usize,
}
