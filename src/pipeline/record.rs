//! What a site's decision log keeps of one decision: who was identified, and by which word of whom under which policy.
//!
//! Only words of this program, names from the configuration and the pseudonym that left anyway: a person who refused, or
//! was not asked, stands there without one.

use super::Context;
use crate::consent::Decision;
use crate::identity::Pseudonym;
use crate::identity::attribution::Attributed;
use crate::level::Level;
use crate::telemetry::logs::DECISIONS;

/// One decision about one person.
#[derive(Clone)]
pub struct Record {
    pseudonym: Option<Pseudonym>,
    verdict: &'static str,
    level: Level,
    source: &'static str,
    reason: &'static str,
}

impl Record {
    pub(super) fn of(decision: &Decision, attributed: &Attributed) -> Self {
        Self {
            pseudonym: attributed.pseudonym().cloned(),
            verdict: decision.verdict.word(),
            level: attributed.level(),
            source: decision.source,
            reason: decision.reason,
        }
    }

    /// Writes the line, if the site keeps such a log and carries its decisions out.
    pub fn write(&self, context: &Context<'_>) {
        let Context { site, upstream, .. } = context;
        if !site.consent.is_logged() || site.observes(context.now) {
            return;
        }
        let Self { pseudonym, verdict, level, source, reason } = self;
        tracing::info!(
            target: DECISIONS,
            site = site.name,
            upstream = upstream.name,
            pseudonym = pseudonym.as_ref().map(Pseudonym::as_str),
            verdict,
            consent_level = level.word(),
            source,
            reason,
            policy = upstream.levels.policy(),
        );
    }
}
