//! What a policy says about itself: to operators, to the site's statement, to whoever records choices for it.

use std::time::Duration;

use super::Policy;
use crate::backend::Trouble;
use crate::config::consent::Allow;
use crate::consent::note::Note;
use crate::consent::purpose::Purpose;
use crate::consent::sources::{Class, Source};

/// A withdrawal that is heard within this time needs no word of warning (product invariant 7).
const SOON: Duration = Duration::from_secs(30);

impl Policy {
    /// What an operator should hear. `snapshot` says whether the site's session preset carries its claims inside
    /// the cookie.
    #[must_use]
    pub fn notes(&self, snapshot: bool) -> Vec<Note> {
        let mut notes = Vec::new();
        let granting = || self.sources().filter(|(source, _)| source.can_grant()).map(|(source, _)| source.class());
        if granting().next().is_none() {
            notes.push(Note::NobodyCanConsent);
        } else if granting().all(|class| class == Class::Device) && !self.rules.covers_account {
            notes.push(Note::DeviceOnly);
        } else if snapshot
            && granting().any(|class| class == Class::Session)
            && !self.sources.iter().any(|listed| listed.source.class().is_record())
        {
            notes.push(Note::SnapshotOnly);
        }
        notes.extend(
            self.sources().filter(|(source, _)| source.is_opaque()).map(|(source, _)| Note::Unreadable(source.word())),
        );
        let late = |(place, (source, _)): (usize, (&dyn Source, bool))| {
            let hears_after = source.hears_after().filter(|after| *after > SOON)?;
            Some(Note::LateWithdrawal { place, kind: source.word(), after: hears_after })
        };
        notes.extend(self.sources().enumerate().filter_map(late));
        notes.extend(self.legal_basis.clone().map(Note::LegalBasis));
        notes.extend(self.rules.do_not_track.then_some(Note::DoNotTrack));
        notes
    }

    /// Asks every back end of the sources once about nobody; each result with the source's place in the list.
    pub async fn probe(&self, patience: Duration) -> Vec<(usize, Result<(), Trouble>)> {
        let mut results = Vec::new();
        for (place, (source, _)) in self.sources().enumerate() {
            if let Some(probe) = source.probe(patience) {
                results.push((place, probe.await));
            }
        }
        results
    }

    /// The configured sources: each one's word, and on whose behalf it speaks.
    pub fn described(&self) -> impl Iterator<Item = (&'static str, Class)> {
        self.sources().map(|(source, _)| (source.word(), source.class()))
    }

    /// When a further purpose is allowed, as the configuration says it.
    #[must_use]
    pub fn allowance(&self, purpose: Purpose) -> &'static str {
        let wanted = Purpose::ALL.iter().zip(&self.purposes).find(|(one, _)| **one == purpose);
        match wanted.map(|(_, (allow, _))| allow) {
            Some(Allow::Granted) => "granted",
            Some(Allow::Asked) => "asked",
            Some(Allow::Never) | None => "never",
        }
    }

    /// True when every decision gets a line in the log.
    #[must_use]
    pub const fn is_logged(&self) -> bool {
        self.logged
    }

    /// True when people who are recorded in the embedded store get salts.
    #[must_use]
    pub const fn salts(&self) -> bool {
        self.salts
    }

    /// The legal basis other than consent that the operator wrote down.
    #[must_use]
    pub fn legal_basis(&self) -> Option<&str> {
        self.legal_basis.as_deref()
    }

    /// True when some source can hear that a browser without an account agreed.
    #[must_use]
    pub fn asks_browsers(&self) -> bool {
        self.sources().any(|(source, _)| source.class() == Class::Device && source.can_grant() && !source.is_opaque())
    }
}
