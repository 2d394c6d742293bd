//! The path of an event: one function that names every stage in order.
//!
//! ```text
//! admission -> route -> decode -> session -> consent -> identity -> scrub -> quota -> encode -> forward
//! ```
//!
//! Admission is the server's work, and the route has found the site and the upstream. [`decide`] does everything that
//! is decided here and forwards nothing, so that `explain` and the demo run the very same code; [`deliver`] sends
//! what is left. What differs between the vendors is in `plausible` and `posthog`. The batch changes type at each stage:
//! the calls of `grant` below are the order, and a pipeline that skips a stage does not compile.

mod identify;
mod plausible;
mod posthog;
mod record;
mod recording;
mod trace;
mod visitor;

pub use posthog::refusal;

use std::sync::Arc;

use http::HeaderValue;
use http::header::{COOKIE, USER_AGENT};

use crate::arrived::Arrived;
use crate::client_address::ClientAddress;
use crate::clock::UnixMillis;
use crate::config::upstream::ReplayRule;
use crate::cookies::Cookies;
use crate::identity::attribution::Attributed;
use crate::outcome::Outcome;
use crate::payload::batch::{Batch, Grant, Last, Raw};
use crate::payload::posthog::endpoint::Endpoint;
use crate::person::Person;
use crate::quota::{Keyer, Permitted, Sender};
use crate::reply::Reply;
use crate::runtime::{Runtime, Site, Upstream, Visit};
use crate::scrub::{OwnTerms, Report, Scrubbed};
use crate::server::{BodyError, Held, Room};

pub use record::Record;
pub use trace::Trace;

impl Grant<Raw> for Attributed {}
impl Grant<Attributed> for Scrubbed {}
impl Grant<Scrubbed> for Permitted {}
impl Last for Permitted {}

/// Under which kind of path a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// The vendor's own, below our prefix.
    Vendors,
    /// An alias; the session has agreed.
    Opaque,
}

/// What the stages work with beside the request.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Readers, policies, keys, tables.
    pub runtime: &'a Runtime,
    /// The site the request is for.
    pub site: &'a Site,
    /// The upstream the request is for.
    pub upstream: &'a Upstream,
    /// Makes the quota's keys.
    pub keyer: &'a Keyer,
    /// The time of the request.
    pub now: UnixMillis,
    /// Which of the vendor's endpoints was found.
    pub to: Target,
    /// Its path at the vendor, below our prefix.
    pub path: &'a str,
    /// What the page called it.
    pub naming: Naming,
    /// Memory for large bodies: a small one may hold a large one.
    pub room: &'a Arc<Room>,
}

/// Where a request goes, as the route found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Plausible's one endpoint.
    Plausible,
    /// One of PostHog's.
    Posthog(Endpoint),
}

impl Context<'_> {
    /// On an opaque path: where PostHog's configuration sends the page's events from then on.
    #[must_use]
    pub fn opaque_events(&self) -> Option<String> {
        match self.naming {
            Naming::Vendors => None,
            Naming::Opaque => self.upstream.page.events(),
        }
    }
}

/// The end of [`decide`].
pub enum Verdict {
    /// A batch that has gone through every stage; what is left of it may leave.
    Send(Box<Ready>),
    /// Nothing is sent; this is the answer.
    Answer(Reply),
}

/// A batch that has gone through every stage.
pub struct Ready {
    /// The events, what becomes of each, and what changes in them.
    pub batch: Batch<Permitted>,
    /// What the forward stage must know of how the request came.
    pub wire: Wire,
    /// Whose address is sent on.
    pub client: ClientAddress,
    /// What the request says about a browser's earlier id and an account, once it has arrived.
    said: Vec<posthog::Said>,
    /// What the decoded body takes beyond the received one.
    _room: Held,
}

/// What the forward stage must know of how a request came, by vendor.
#[derive(Debug, Clone)]
pub enum Wire {
    /// An event for Plausible.
    Plausible {
        /// The content type of the body that leaves.
        content_type: HeaderValue,
        /// How many site names the event is for.
        sites: usize,
    },
    /// Events, or a question about flags, for PostHog.
    Posthog(posthog::Wire),
}

/// What came of a delivery.
pub struct Delivered {
    /// The answer to the page.
    pub reply: Reply,
    /// How the last of the events ended that had come this far.
    pub outcome: Option<Outcome>,
    /// Why the vendor's answer is not known, in one word.
    pub failure: Option<&'static str>,
    /// For how many sites the vendor said that it discarded the event.
    pub dropped_sites: u32,
    /// How many events of ours the vendor took beside the page's.
    pub made: usize,
}

impl Delivered {
    /// An answer, and nothing else to tell.
    const fn here(reply: Reply, outcome: Option<Outcome>) -> Self {
        Self { reply, outcome, failure: None, dropped_sites: 0, made: 0 }
    }
}

/// A body that can go on.
struct Decoded {
    batch: Batch<Raw>,
    wire: Wire,
}

/// Takes a request through every stage up to the last decision. Forwards nothing. The body may be gone from the request
/// afterwards.
pub async fn decide(context: &Context<'_>, arrived: &mut Arrived) -> (Trace, Verdict) {
    let client = context.runtime.trusted.resolve(arrived.peer, &arrived.headers);
    let mut trace = Trace::of(client, context.site.observes(context.now));

    let (Decoded { mut batch, wire }, room) = match decode(context, arrived, trace.observing) {
        Ok(decoded) => decoded,
        Err((outcome, reply)) => {
            trace.refused = Some(outcome);
            return (trace, Verdict::Answer(reply));
        }
    };

    if context.naming == Naming::Opaque {
        posthog::end_recordings(&mut batch);
    }

    trace.events = batch.events().len();
    let arrived = &*arrived;
    let cookies = Cookies::parse(arrived.headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes));
    let about = (&cookies, &arrived.headers, arrived.query.as_deref());
    let visit = Visit::new(context.runtime, client, about, context.now);
    let session = context.site.person(&visit).await;
    let person = session.as_ref().ok();

    let decision = context.site.decide(&visit, person).await;

    let browser = visitor::recognise(context, arrived, &cookies, &session, &decision);
    // A server of the application names its accounts itself, one per event.
    let (people, records) = match &wire {
        Wire::Posthog(wire) if wire.trusted => {
            let posthog::People { named, records, looked_up } = posthog::people(context, &batch).await;
            trace.looked_up = looked_up;
            (Some(named), Some(records))
        }
        _ => (None, None),
    };
    let attributed = identify::attribute(context, arrived, &session, &decision, browser.id.as_ref());
    let attributed = posthog::treat(attributed, people.as_deref());
    trace.attributed(&session, &decision, &attributed);
    trace.records &= context.naming == Naming::Vendors;
    trace.decided = records.unwrap_or_else(|| vec![Record::of(&decision, &attributed)]);
    let mut traits = identify::traits(&context.upstream.traits, person);
    traits.extend(browser.linked(context, person).map(|id| (context.site.visitor_property.as_str(), Some(id))));
    trace.set_cookie = browser.set_cookie;
    let treated =
        edit(context, arrived, &wire, (&attributed, people.as_deref(), person), &traits, &mut batch, &mut trace);
    let mut batch = batch.grant(attributed);

    let own = person.map(|person| OwnTerms::of(person, &context.site.own)).unwrap_or_else(OwnTerms::none);
    let own = own.and_ids(&treated.ids);
    let scrubbed = scrub(context, &wire, &own, &mut batch);
    trace.scrubbed = scrubbed.report().clone();
    let mut batch = batch.grant(scrubbed);

    let sender = sender(context, arrived, client, person);
    trace.visitor = sender.visitor;
    let (permitted, exceeded) = match trace.observing {
        true => context.site.quota.observe(&mut batch, &sender),
        false => context.site.quota.permit(&mut batch, &sender),
    };
    trace.exceeded = exceeded;
    let batch = batch.grant(permitted);

    match exceeded {
        Some(exceeded) if batch.kept().next().is_none() => {
            (trace, Verdict::Answer(Reply::limited(exceeded.retry_after)))
        }
        _ => (trace, Verdict::Send(Box::new(Ready { batch, wire, client, said: treated.said, _room: room }))),
    }
}

/// Sends what is left of a batch. Every event ends here.
pub async fn deliver(context: &Context<'_>, arrived: &Arrived, ready: Ready, trace: &Trace) -> Delivered {
    let Ready { batch, wire, client, said, _room } = ready;
    match wire {
        Wire::Plausible { content_type, sites } => {
            plausible::deliver(context, arrived, (batch, client), (content_type, sites), trace).await
        }
        Wire::Posthog(wire) => posthog::deliver(context, arrived, (batch, client, said), &wire, trace).await,
    }
}

/// Reads the body, and takes room for what came out of it beyond what came in.
fn decode(context: &Context<'_>, arrived: &mut Arrived, observing: bool) -> Result<(Decoded, Held), (Outcome, Reply)> {
    let received = arrived.body.len();
    let decoded = match context.to {
        Target::Plausible => plausible::decode(context, arrived)?,
        Target::Posthog(endpoint) => posthog::decode(context, endpoint, arrived, observing)?,
    };
    match context.room.take_beyond(received, decoded.batch.document().weight()) {
        Ok(held) => Ok((decoded, held)),
        Err(error) => {
            let (outcome, text) = match error {
                BodyError::TooLarge => (Outcome::TooLarge, "payload too large\n"),
                _ => (Outcome::Overloaded, "overloaded\n"),
            };
            decoded.batch.end_all(outcome);
            Err((outcome, Reply::text(error.status(), text)))
        }
    }
}

/// Lowers or ends the events as decided, and writes or removes the identity in the vendor's format.
fn edit<S>(
    context: &Context<'_>,
    arrived: &Arrived,
    wire: &Wire,
    (attributed, people, person): (&Attributed, Option<&[posthog::Named]>, Option<&Person>),
    traits: &[(&str, Option<String>)],
    batch: &mut Batch<S>,
    trace: &mut Trace,
) -> posthog::Treated {
    if trace.observing {
        return posthog::Treated::default();
    }
    let traits: Vec<(&str, Option<&str>)> = traits.iter().map(|(name, value)| (*name, value.as_deref())).collect();
    match wire {
        Wire::Plausible { .. } => {
            trace.properties_dropped = plausible::edit(context, attributed, &traits, batch);
            posthog::Treated::default()
        }
        Wire::Posthog(wire) => {
            let seen = posthog::Seen::of(arrived, wire);
            posthog::edit(context, wire, &seen, (attributed, people, person), &traits, batch, trace)
        }
    }
}

fn scrub<S>(context: &Context<'_>, wire: &Wire, own: &OwnTerms, batch: &mut Batch<S>) -> Scrubbed {
    let scrubber = &context.site.scrubber;
    let Wire::Posthog(wire) = wire else { return scrubber.apply(batch, context.upstream.vendor, own) };
    if context.upstream.replay == ReplayRule::Pass && wire.endpoint == Endpoint::Replay {
        return Scrubbed::as_recorded();
    }
    let mut inside = Report::default();
    if context.upstream.replay == ReplayRule::Scrub {
        recording::scrub(batch, scrubber, own, &mut inside);
    }
    scrubber.apply(batch, context.upstream.vendor, own).and(&inside)
}

/// Who the events are counted for: the session's person, else address and browser.
fn sender(context: &Context<'_>, arrived: &Arrived, client: ClientAddress, person: Option<&Person>) -> Sender {
    let agent = arrived.headers.get(USER_AGENT).map_or(&b""[..], HeaderValue::as_bytes);
    let visitor = match person {
        Some(person) => context.keyer.person(&context.site.realm, person.user.expose()),
        None => context.keyer.browser(client.ip, agent),
    };
    // Behind a proxy that nobody named, all visitors have one address: its quota would punish them all, and so
    // would one visitor made of that address and a browser (product invariant 8).
    let behind_unknown = client.untrusted_forwarder.is_some();
    let address = client.ip.filter(|_| !behind_unknown).map(|ip| context.keyer.address(ip));
    Sender { visitor: (person.is_some() || !behind_unknown).then_some(visitor), address }
}
