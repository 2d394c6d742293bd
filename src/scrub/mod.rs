//! The scrub stage: removes personal data and secrets from an event before it leaves.
//!
//! Input: a body that the payload layer has scanned, whose event it is, and what the session says about the person.
//! Output: edits, byte-precise, and a report of counts by kind; what is not named by an edit leaves as it came.
//!
//! How it decides, from certain to uncertain: shape with check digits or a vendor's prefix, wherever it stands
//! ([`detect`]); the key, parameter or label that announces a value, with a fitting value ([`keys`], [`look`]); opaque text in
//! the places of URLs where secrets travel. Every text is also looked at in what it decodes to, three rounds deep and one to
//! spare. Fields of the vendor's protocol lose only what is personal by its shape ([`document`]).
//!
//! What takes the place of a value is a short mark (`*email*`) that is never longer than the value, needs no escaping, and is
//! left alone by a second scrub. There is no failure: text that cannot be read to the end within linear work is replaced as a
//! whole.

mod base64;
mod decode;
mod detect;
mod document;
mod features;
mod hits;
mod keys;
mod kind;
mod look;
mod own;
mod policy;
mod report;
mod template;
mod verdicts;

pub use document::Profile;
pub use hits::By;
pub use kind::Kind;
pub use own::OwnTerms;
pub use report::{Finding, Report};

use policy::Policy;

use crate::config::fault::{Faults, KeyPath};
use crate::config::file::Vendor;
use crate::config::scrub::Scrub;
use crate::payload::batch::Batch;
use crate::payload::document::Document;
use crate::payload::edit::Edits;
use crate::payload::scan::Limits;

/// The engine under one site's policy. `Default` is the recommendation.
#[derive(Debug, Clone)]
pub struct Scrubber {
    policy: Policy,
    /// The report lists findings one by one.
    lists: bool,
}

/// The grant of this stage: the batch it belongs to has been looked through. Only [`Scrubber::apply`] makes it.
#[derive(Debug)]
pub struct Scrubbed {
    report: Report,
}

impl Scrubbed {
    /// The site passes recordings as they were recorded: nothing was looked through.
    #[must_use]
    pub fn as_recorded() -> Self {
        Self { report: Report::default() }
    }

    /// With what was removed from parts that are packed inside of the body.
    #[must_use]
    pub fn and(mut self, inside: &Report) -> Self {
        self.report.merge(inside);
        self
    }

    /// What was removed.
    #[must_use]
    pub const fn report(&self) -> &Report {
        &self.report
    }
}

impl Default for Scrubber {
    fn default() -> Self {
        Self::with_policy(Policy::default())
    }
}

impl Scrubber {
    /// Makes the tables now and looks through a first event, so that no visitor's event waits for tables, memory and code.
    fn with_policy(policy: Policy) -> Self {
        const FIRST: &str = r#"{"event":"$pageview","distinct_id":"0","properties":{"$current_url":
            "https://example.org/a/b?to=ada%40example.org&utm_source=c#d","title":"Order 1234567 of +1 555 0100: 10.0.0.1",
            "phone":"555-0100","$set":{"name":"Ada"},"state":"eyJhIjoxfQ","items":[4111111111111111,"a@b.example"]}}"#;
        keys::prepare();
        let own = Self { policy, lists: false };
        if let Ok(document) = Document::read_text(FIRST.to_owned(), &Limits::default()) {
            own.scrub_document(
                &document,
                Profile::Posthog,
                &OwnTerms::none(),
                &mut Edits::new(),
                &mut Report::default(),
            );
        }
        own
    }

    /// Reads the policy of a site. Faults are named at their keys; the engine is usable in any case.
    pub fn build(shape: &Scrub, at: &KeyPath, faults: &mut Faults) -> Self {
        Self::with_policy(Policy::build(shape, at, faults))
    }

    /// The engine with the key of its hashes (`hash = [...]`): at least 32 random bytes, of this site alone. Without one,
    /// values that should be hashed are removed.
    #[must_use]
    pub fn with_key(self, key: &[u8]) -> Self {
        Self { policy: self.policy.with_key(key), ..self }
    }

    /// The engine with a report that lists every finding with its place and rule, for `explain`: slower.
    #[must_use]
    pub fn with_findings(self) -> Self {
        Self { lists: true, ..self }
    }

    /// Writes down what is to change in all events of a batch.
    pub fn apply<S>(&self, batch: &mut Batch<S>, vendor: Vendor, own: &OwnTerms) -> Scrubbed {
        let profile = match vendor {
            Vendor::Plausible => Profile::Plausible,
            Vendor::Posthog => Profile::Posthog,
        };
        let mut report = Report::default();
        let (document, edits) = batch.parts_mut();
        self.scrub_document(document, profile, own, edits, &mut report);
        if self.lists {
            report.list(self.findings(document, profile, own));
        }
        Scrubbed { report }
    }

    /// Writes down what is to change in a body, and counts it.
    pub fn scrub_document(
        &self,
        document: &Document,
        profile: Profile,
        own: &OwnTerms,
        edits: &mut Edits,
        report: &mut Report,
    ) {
        document::edit(document, profile, &self.policy, own, edits, report);
    }

    /// What would change, and where: for `explain` and `audit`.
    #[must_use]
    pub fn findings(&self, document: &Document, profile: Profile, own: &OwnTerms) -> Vec<Finding> {
        document::findings(document, profile, &self.policy, own)
    }
}
