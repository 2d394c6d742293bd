//! Identity: the decision about a browser's request, and the person's traits.

use super::Context;
use crate::arrived::Arrived;
use crate::config::file::{Derive, Trait};
use crate::consent::{self, Decision};
use crate::identity::attribution::{Attributed, Known};
use crate::identity::visitor::VisitorId;
use crate::person::Person;
use crate::session::Refusal;

/// Decides whether the request's events carry the pseudonym.
pub(super) fn attribute(
    context: &Context<'_>,
    arrived: &Arrived,
    session: &Result<Person, Refusal>,
    decision: &Decision,
    visitor: Option<&VisitorId>,
) -> Attributed {
    Attributed::decide(&Known {
        user: session.as_ref().map(|person| &person.user).map_err(|refusal| refusal.word()),
        level: (
            consent::level(decision, &context.upstream.levels),
            if decision.gpc && decision.source == "gpc" { "gpc" } else { decision.verdict.word() },
        ),
        standing: context.site.pages.standing(&arrived.headers, &arrived.authority),
        epoch: decision.epoch.ok(),
        salt: decision.salt.as_ref(),
        visitor,
        pseudonymiser: context.upstream.pseudonymiser.as_ref(),
    })
}

/// The configured traits, each with the value that this person has: only values of the allow-list leave, except a derived
/// domain without a list.
pub(super) fn traits<'a>(configured: &'a [Trait], person: Option<&Person>) -> Vec<(&'a str, Option<String>)> {
    let value = |wanted: &Trait| {
        let found = person?.claims.at(&wanted.path)?.scalar()?;
        let value = match wanted.derive {
            Derive::Same => found.to_owned(),
            Derive::EmailDomain => found.rsplit_once('@')?.1.trim().to_ascii_lowercase(),
        };
        wanted.values.contains(&value).then_some(value)
    };
    configured.iter().map(|wanted| (wanted.property.as_str(), value(wanted))).collect()
}
