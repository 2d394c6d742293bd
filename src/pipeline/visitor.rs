//! The browser's own id, for people without an account: whether it counts, and what the answer does to its cookie.
//!
//! It is storage on a device, so it needs an agreement and not a legal basis that stands in for one: a browser gets it
//! after a grant, uses it from its next event on, and loses it with a refusal. Somebody who is logged in is counted by
//! account alone; the browser's id stands beside it only for the purpose `link`.

use http::HeaderValue;

use super::Context;
use crate::arrived::Arrived;
use crate::config::file::Vendor;
use crate::consent::{self, Decision, Purpose, Verdict};
use crate::cookies::Cookies;
use crate::identity::visitor::VisitorId;
use crate::level::Level;
use crate::origin::Standing;
use crate::person::Person;
use crate::session::Refusal;

/// What was found out about the browser.
#[derive(Default)]
pub(super) struct Browser {
    /// Its id, where it may be used: instead of an account's, or beside it.
    pub(super) id: Option<VisitorId>,
    /// What the answer sets.
    pub(super) set_cookie: Option<HeaderValue>,
}

impl Browser {
    /// The browser's id as the vendor sees it, to stand beside the account's: only when linking was agreed to.
    pub(super) fn linked(&self, context: &Context<'_>, person: Option<&Person>) -> Option<String> {
        let maker = context.upstream.pseudonymiser.as_ref().filter(|_| person.is_some())?;
        self.id.as_ref().map(|id| maker.visitor(id).to_string())
    }
}

/// Reads, hands out or takes away the browser's id.
pub(super) fn recognise(
    context: &Context<'_>,
    arrived: &Arrived,
    cookies: &Cookies<'_>,
    session: &Result<Person, Refusal>,
    decision: &Decision,
) -> Browser {
    // PostHog's clients bring an id of their own for people without an account.
    let wanted = context.upstream.vendor == Vendor::Plausible && !context.site.observes(context.now);
    let Some(maker) = context.site.visitor.as_ref().filter(|_| wanted) else {
        return Browser::default();
    };
    if decision.verdict == Verdict::Denied {
        let set_cookie = maker.is_sent(cookies).then(|| maker.remove()).flatten();
        return Browser { id: None, set_cookie };
    }
    let own = context.site.pages.standing(&arrived.headers, &arrived.authority) == Standing::Own;
    let full = consent::level(decision, &context.upstream.levels) == Level::Full;
    if !own || !full || !decision.is_agreement() {
        return Browser::default();
    }
    match session {
        Ok(_) if !decision.allows(Purpose::Link) => Browser::default(),
        Ok(_) => Browser { id: maker.read(cookies, context.now), set_cookie: None },
        Err(Refusal::Absent | Refusal::Anonymous | Refusal::Expired | Refusal::NotFound) => {
            let id = maker.read(cookies, context.now);
            let set_cookie = if id.is_none() { maker.issue(context.now).ok() } else { None };
            Browser { id, set_cookie }
        }
        // Somebody may be logged in, and nobody knows who.
        Err(_) => Browser::default(),
    }
}
