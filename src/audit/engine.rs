//! The scrub engine as the audit uses it: the recommended policy, nobody's session.

use bytes::Bytes;

use super::sighting::Vendor;
use super::tally::{Engine, Found, Looked};
use crate::payload::document::Document;
use crate::payload::edit::{Edits, Spliced, splice};
use crate::payload::scan::Limits;
use crate::scrub::{OwnTerms, Profile, Report, Scrubber};

/// The engine that every event of a running bauta goes through.
#[derive(Debug, Default)]
pub struct ScrubEngine {
    scrubber: Scrubber,
}

impl Engine for ScrubEngine {
    fn look(&self, event: &str, vendor: Vendor) -> Option<Looked> {
        let profile = match vendor {
            Vendor::Plausible => Profile::Plausible,
            Vendor::PostHog => Profile::Posthog,
        };
        let body = Bytes::copy_from_slice(event.as_bytes());
        let document = Document::read(body, &Limits::default()).ok()?;
        let nobody = OwnTerms::none();
        let found = self.scrubber.findings(&document, profile, &nobody);
        let found = found.into_iter().map(|one| Found { kind: one.kind.word(), pointer: one.pointer }).collect();
        let mut edits = Edits::new();
        self.scrubber.scrub_document(&document, profile, &nobody, &mut edits, &mut Report::default());
        let text = match splice(&document, &edits) {
            Spliced::Unchanged => event.to_owned(),
            Spliced::Edited(bytes) => String::from_utf8(bytes).ok()?,
        };
        Some(Looked { found, text })
    }
}
