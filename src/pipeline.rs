//! The path of an event: one function that names every stage in order.
//!
//! ```text
//! admission -> route -> decode -> session -> consent -> identity -> scrub -> quota -> encode -> forward
//! ```
//!
//! Admission is the server's work, and the route has found the site and the upstream. [`decide`] does everything that
//! is decided here and forwards nothing, so that `explain` and the demo run the very same code; [`deliver()`] sends
//! what is left. The batch changes type at each stage: the four lines below are the order, and a pipeline that skips a
//! stage does not compile.

mod decode;
mod deliver;
mod identify;
mod trace;

use http::HeaderValue;
use http::header::{COOKIE, USER_AGENT};

use crate::arrived::Arrived;
use crate::client_address::ClientAddress;
use crate::clock::UnixMillis;
use crate::consent::{Asked, Decision};
use crate::cookies::Cookies;
use crate::identity::attribution::Attributed;
use crate::payload::batch::{Batch, Grant, Last, Raw};
use crate::person::Person;
use crate::quota::{Keyer, Permitted, Sender};
use crate::reply::Reply;
use crate::runtime::{Runtime, Site, Upstream};
use crate::scrub::{OwnTerms, Scrubbed};
use crate::session::Refusal;

pub use deliver::{Delivered, deliver};
pub use trace::Trace;

impl Grant<Raw> for Attributed {}
impl Grant<Attributed> for Scrubbed {}
impl Grant<Scrubbed> for Permitted {}
impl Last for Permitted {}

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
    /// The content type of the body that leaves.
    pub content_type: HeaderValue,
    /// How many site names the event is for.
    pub sites: usize,
    /// Whose address is sent on.
    pub client: ClientAddress,
}

/// Takes a request through every stage up to the last decision. Forwards nothing.
pub async fn decide(context: &Context<'_>, arrived: &Arrived) -> (Trace, Verdict) {
    let client = context.runtime.trusted.resolve(arrived.peer, &arrived.headers);
    let mut trace = Trace::of(client, context.site.observes(context.now));

    let decode::Decoded { mut batch, content_type, sites } = match decode::decode(context, arrived) {
        Ok(decoded) => decoded,
        Err((outcome, reply)) => {
            trace.refused = Some(outcome);
            return (trace, Verdict::Answer(reply));
        }
    };

    let cookies = Cookies::parse(arrived.headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes));
    let session = session(context, &cookies).await;
    let person = session.as_ref().ok();

    let decision = consent(context, arrived, &cookies, person).await;

    let attributed = identify::attribute(context, arrived, &session, &decision);
    trace.attributed(&session, &decision, &attributed);
    identify::edit(context, &attributed, person, &mut batch, &mut trace);
    let mut batch = batch.grant(attributed);

    let own = person.map(|person| OwnTerms::of(person, &context.site.own)).unwrap_or_else(OwnTerms::none);
    let scrubbed = context.site.scrubber.apply(&mut batch, context.upstream.vendor, &own);
    trace.scrubbed = scrubbed.report().clone();
    let mut batch = batch.grant(scrubbed);

    let sender = sender(context, arrived, client, person);
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
        _ => (trace, Verdict::Send(Box::new(Ready { batch, content_type, sites, client }))),
    }
}

async fn session(context: &Context<'_>, cookies: &Cookies<'_>) -> Result<Person, Refusal> {
    match &context.site.session {
        Some(reader) => reader.read(cookies, context.now, context.runtime.lookup).await,
        None => Err(Refusal::Absent),
    }
}

async fn consent(context: &Context<'_>, arrived: &Arrived, cookies: &Cookies<'_>, person: Option<&Person>) -> Decision {
    let asked = Asked {
        person,
        realm: &context.site.realm,
        cookies,
        headers: &arrived.headers,
        query: arrived.query.as_deref().unwrap_or_default(),
        now: context.now,
        deadline: context.runtime.lookup,
    };
    context.site.consent.decide(&asked).await
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
