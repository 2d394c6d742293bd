//! What every stage decided about one request: words and counts, and beside the pseudonym that leaves nothing that names
//! a person.

use http::HeaderValue;

use super::Record;
use crate::client_address::ClientAddress;
use crate::consent::{Decision, Purpose};
use crate::identity::attribution::Attributed;
use crate::level::Level;
use crate::outcome::Outcome;
use crate::person::Person;
use crate::quota::{Exceeded, Key};
use crate::scrub::Report;
use crate::session::Refusal;

/// The decisions, stage by stage, for metrics, `explain` and the demo.
#[derive(Clone)]
pub struct Trace {
    /// Whose address is sent on, and whether an unknown proxy stands in front.
    pub client: ClientAddress,
    /// The site observes: decisions are shown, not carried out.
    pub observing: bool,
    /// Why the body was refused before any other stage.
    pub refused: Option<Outcome>,
    /// How many events the body holds.
    pub events: usize,
    /// The session: `valid`, or the refusal's word. Empty until the stage has run.
    pub session: &'static str,
    /// Consent, as decided.
    pub consent: Option<Decision>,
    /// The level that consent and the upstream allow.
    pub level: Option<Level>,
    /// Whether the events carry the pseudonym, or why not.
    pub identity: &'static str,
    /// The page was not the site's own.
    pub foreign: bool,
    /// The person agreed that earlier anonymous history becomes theirs.
    pub merges: bool,
    /// The person agreed to be recorded.
    pub records: bool,
    /// What a decision log keeps: one for each person whom the request is about.
    pub decided: Vec<Record>,
    /// What became of each look-up of an account that a server named by something else, in one word each.
    pub looked_up: Vec<&'static str>,
    /// How many of the page's properties had to go for the vendor's limit.
    pub properties_dropped: usize,
    /// What was removed, by kind.
    pub scrubbed: Report,
    /// The quota that was used up.
    pub exceeded: Option<Exceeded>,
    /// The cookie that the answer sets; its value is marked as sensitive.
    pub set_cookie: Option<HeaderValue>,
    /// Who is counted, as a hash under a key of this process that says nothing about whom it stands for.
    pub visitor: Option<Key>,
}

impl Trace {
    pub(super) fn of(client: ClientAddress, observing: bool) -> Self {
        Self {
            client,
            observing,
            refused: None,
            events: 0,
            session: "",
            consent: None,
            level: None,
            identity: "",
            foreign: false,
            merges: false,
            records: false,
            decided: Vec::new(),
            looked_up: Vec::new(),
            properties_dropped: 0,
            scrubbed: Report::default(),
            exceeded: None,
            set_cookie: None,
            visitor: None,
        }
    }

    pub(super) fn attributed(
        &mut self,
        session: &Result<Person, Refusal>,
        decision: &Decision,
        attributed: &Attributed,
    ) {
        self.session = session.as_ref().map_or_else(|refusal| refusal.word(), |_| "valid");
        self.consent = Some(decision.clone());
        self.level = Some(attributed.level());
        self.identity = attributed.why();
        self.foreign = attributed.is_foreign();
        self.merges = decision.allows(Purpose::Merge);
        self.records = decision.allows(Purpose::Replay);
    }
}
