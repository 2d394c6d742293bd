//! Forward: what is left of PostHog's events goes out in one canonical form, and every endpoint gets the answer that
//! its clients expect.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::super::{Context, Delivered, Trace};
use super::{Said, Wire, joins};
use crate::arrived::Arrived;
use crate::client_address::ClientAddress;
use crate::forward::{self, Answer, Pieces, Upstream};
use crate::headers::{AnswerTo, VendorHeaders};
use crate::level::Level;
use crate::outcome::Outcome;
use crate::payload::batch::{Batch, Fate};
use crate::payload::codec;
use crate::payload::posthog::answer;
use crate::payload::posthog::endpoint::Endpoint;
use crate::payload::posthog::flags;
use crate::quota::Permitted;
use crate::reply::Reply;

/// A compressed body that is shorter leaves as it is: its encoding would not pay.
const WORTH_PACKING: usize = 1024;
/// How long a page waits for its flags before its own fall-back is better.
const FLAGS: Duration = Duration::from_secs(1);

/// Sends what is left of a batch.
pub(in super::super) async fn deliver(
    context: &Context<'_>,
    arrived: &Arrived,
    (batch, client, said): (Batch<Permitted>, ClientAddress, Vec<Said>),
    wire: &Wire,
    trace: &Trace,
) -> Delivered {
    let endpoint = wire.endpoint;
    let dropped: Vec<u32> = batch
        .events()
        .iter()
        .zip(batch.fates())
        .filter(|(_, fate)| matches!(fate, Fate::End(_)))
        .map(|(event, _)| event.token)
        .collect();
    let dropped: Vec<String> =
        answer::uuids(batch.document(), dropped.into_iter()).map(std::borrow::Cow::into_owned).collect();
    let dropped = || dropped.iter().map(|uuid| std::borrow::Cow::Borrowed(uuid.as_str()));
    let said = joins::leaving(said, batch.fates());
    let made = joins::made(&said);
    let (pieces, batch) = batch.depart();
    let (body, kind, encoding) = if pieces.is_empty() {
        let reply = success(endpoint, wire, context.path, &answer::dropped(dropped()));
        return Delivered::here(reply, None);
    } else if trace.observing {
        let field = |name| arrived.headers.get(name).cloned();
        (Pieces::from(arrived.body.clone()), field(CONTENT_TYPE), field(CONTENT_ENCODING))
    } else {
        let length: usize = pieces.iter().map(Bytes::len).sum();
        let json = Some(HeaderValue::from_static("application/json"));
        match wire.packed && length >= WORTH_PACKING {
            true => (Pieces::from(Bytes::from(codec::gzip(&pieces))), json, Some(HeaderValue::from_static("gzip"))),
            false => (Pieces::from(pieces), json, None),
        }
    };
    let kind = kind.unwrap_or(HeaderValue::from_static("application/json"));
    let headers = VendorHeaders::posthog(&arrived.headers, kind, encoding, client.ip, endpoint == Endpoint::V1);
    let query = if trace.observing { arrived.query.as_deref().unwrap_or_default() } else { &wire.query };
    let Some(target) = target(context.path, query) else {
        batch.settle(|_, _| Outcome::Malformed);
        return Delivered::here(Reply::not_found(), Some(Outcome::Malformed));
    };
    let to = if endpoint == Endpoint::Flags { AnswerTo::Flags } else { AnswerTo::Event };
    let outgoing = forward::Outgoing { method: Method::POST, target, headers, body, to };
    let upstream = context.upstream.way(endpoint);
    let sent = match endpoint {
        Endpoint::Flags => timed(upstream, outgoing).await,
        _ => upstream.send(outgoing).await,
    };
    let (outcome, failure) = match &sent {
        Ok(answer) if answer.status.is_client_error() => (Some(Outcome::VendorRefused), None),
        Ok(answer) if !answer.status.is_success() => (Some(Outcome::Unconfirmed), Some("status")),
        Ok(_) => (None, None),
        Err(error) => (Some(Outcome::Unconfirmed), Some(error.word())),
    };
    let is_taken = outcome.is_none();
    if is_taken {
        joins::arrived(said);
    }
    let reply = match sent {
        Ok(answer) if outcome != Some(Outcome::Unconfirmed) => {
            pass((context, endpoint, trace.records), answer, dropped(), &made)
        }
        _ => unconfirmed(endpoint, wire, context.path),
    };
    let mut last = None;
    batch.settle(|_, level| {
        let outcome = outcome.unwrap_or(match level {
            _ if trace.observing => Outcome::Observed,
            Level::Full => Outcome::Attributed,
            _ if trace.foreign => Outcome::ForeignOrigin,
            _ => Outcome::Anonymous,
        });
        last = Some(outcome);
        outcome
    });
    let made = if is_taken { made.len() } else { 0 };
    Delivered { made, failure, ..Delivered::here(reply, last) }
}

async fn timed(upstream: &Upstream, outgoing: forward::Outgoing) -> Result<Answer, forward::ForwardError> {
    let sending = upstream.send(outgoing);
    tokio::time::timeout(FLAGS, sending).await.unwrap_or(Err(forward::ForwardError::Timeout))
}

fn target(path: &str, query: &str) -> Option<PathAndQuery> {
    if query.is_empty() { path.parse().ok() } else { format!("{path}?{query}").parse().ok() }
}

/// The vendor's answer, with what a page may switch on, with the results of events that did not leave and without those of
/// events that the page did not send.
fn pass<'a>(
    (context, endpoint, records): (&Context<'_>, Endpoint, bool),
    sent: Answer,
    dropped: impl Iterator<Item = std::borrow::Cow<'a, str>>,
    made: &[String],
) -> Reply {
    let Answer { status, mut headers, mut body } = sent;
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let text = std::str::from_utf8(&body).ok().filter(|_| !headers.contains_key(CONTENT_ENCODING));
    let changed = match endpoint {
        Endpoint::Flags if status.is_success() => {
            let all = context.upstream.allowed;
            // An answer for one person: who has not agreed is not recorded in vain.
            let allowed = answer::Allowed { replay: all.replay && records, heat_maps: all.heat_maps && records, ..all };
            text.and_then(|text| answer::restricted(text, allowed, context.opaque_events().as_deref()))
        }
        Endpoint::V1 if status.is_success() => text.and_then(|text| answer::results(text, dropped, made)),
        _ => None,
    };
    if let Some(changed) = changed {
        body = changed.into();
    }
    Reply { status, headers, body }
}

/// The answer for events that are not sent.
fn success(endpoint: Endpoint, wire: &Wire, path: &str, results: &str) -> Reply {
    let json = |text: String| Reply::with(StatusCode::OK, "application/json", text.into());
    match endpoint {
        Endpoint::V1 => json(results.to_owned()),
        Endpoint::Flags => json(flags::empty(wire.version.as_deref(), path.starts_with("/decide")).to_owned()),
        _ if wire.beacon => Reply { status: StatusCode::NO_CONTENT, headers: HeaderMap::new(), body: Bytes::new() },
        _ => json(answer::OK.to_owned()),
    }
}

/// The answer when the vendor's is missing: events are to be sent again, under the same uuid; flags fall back.
fn unconfirmed(endpoint: Endpoint, wire: &Wire, path: &str) -> Reply {
    match endpoint {
        Endpoint::Flags => {
            let none = flags::empty(wire.version.as_deref(), path.starts_with("/decide"));
            let failed = none.replace("\"errorsWhileComputingFlags\":false", "\"errorsWhileComputingFlags\":true");
            Reply::with(StatusCode::OK, "application/json", failed.into())
        }
        _ => Reply::text(StatusCode::SERVICE_UNAVAILABLE, "the vendor did not answer\n"),
    }
}
