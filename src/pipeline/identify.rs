//! Identity: the decision, and what it writes into the vendor's format.

use super::{Context, Trace};
use crate::arrived::Arrived;
use crate::config::file::{Derive, Trait};
use crate::consent::{self, Decision};
use crate::identity::attribution::{Attributed, Known};
use crate::level::Level;
use crate::outcome::Outcome;
use crate::payload::batch::Batch;
use crate::payload::plausible::{Slots, props};
use crate::person::Person;
use crate::session::Refusal;

/// Decides whether the request's events carry the pseudonym.
pub(super) fn attribute(
    context: &Context<'_>,
    arrived: &Arrived,
    session: &Result<Person, Refusal>,
    decision: &Decision,
) -> Attributed {
    Attributed::decide(&Known {
        user: session.as_ref().map(|person| &person.user).map_err(|refusal| refusal.word()),
        level: (
            consent::level(decision, &context.upstream.levels),
            if decision.gpc && decision.source == "gpc" { "gpc" } else { decision.verdict.word() },
        ),
        standing: context.site.pages.standing(&arrived.headers, &arrived.authority),
        epoch: decision.epoch.ok(),
        pseudonymiser: context.upstream.pseudonymiser.as_ref(),
    })
}

/// Lowers or ends the events as decided, and writes or removes the identity properties.
pub(super) fn edit<S>(
    context: &Context<'_>,
    attributed: &Attributed,
    person: Option<&Person>,
    batch: &mut Batch<S>,
    trace: &mut Trace,
) {
    if trace.observing {
        return;
    }
    let kept: Vec<usize> = batch.kept().map(|(event, ..)| event).collect();
    for event in kept {
        match attributed.level() {
            Level::Off => batch.end(event, Outcome::Off),
            Level::Local => batch.end(event, Outcome::Local),
            level @ (Level::Anonymised | Level::Full) => batch.lower(event, level),
        }
    }
    let (document, edits) = batch.parts_mut();
    let Ok(slots) = Slots::read(document.root()) else { return };
    let names = &context.upstream.names;
    match (attributed.pseudonym(), person) {
        (Some(pseudonym), Some(person)) => {
            let traits = traits(&context.upstream.traits, person);
            let traits: Vec<(&str, &str)> = traits.iter().map(|(name, value)| (*name, value.as_str())).collect();
            trace.properties_dropped = props::identify(&slots, names, pseudonym.as_str(), &traits, edits);
        }
        _ => props::anonymise(&slots, names, edits),
    }
}

/// The traits that this person has: only values of the allow-list leave, except a derived domain without a list.
fn traits<'a>(configured: &'a [Trait], person: &Person) -> Vec<(&'a str, String)> {
    let value = |wanted: &Trait| {
        let found = person.claims.at(&wanted.path)?.scalar()?;
        let value = match wanted.derive {
            Derive::Same => found.to_owned(),
            Derive::EmailDomain => found.rsplit_once('@')?.1.trim().to_ascii_lowercase(),
        };
        wanted.values.contains(&value).then_some(value)
    };
    configured.iter().filter_map(|wanted| Some((wanted.property.as_str(), value(wanted)?))).collect()
}
