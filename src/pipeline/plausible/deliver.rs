//! Forward: what is left of a batch goes to the vendor, and the vendor's answer, or the one its clients expect, goes
//! back. Every event ends here.

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::uri::PathAndQuery;
use http::{HeaderValue, Method, StatusCode};

use super::super::{Context, Delivered, Trace};
use crate::arrived::Arrived;
use crate::client_address::ClientAddress;
use crate::forward::{self, Answer};
use crate::headers::{AnswerTo, VendorHeaders, plausible_dropped};
use crate::level::Level;
use crate::outcome::Outcome;
use crate::payload::batch::{Batch, Outgoing};
use crate::quota::Permitted;
use crate::reply::Reply;

/// Sends what is left of a batch.
pub(in super::super) async fn deliver(
    context: &Context<'_>,
    arrived: &Arrived,
    (batch, client): (Batch<Permitted>, ClientAddress),
    (content_type, sites): (HeaderValue, usize),
    trace: &Trace,
) -> Delivered {
    // Observed events pass as they came, whatever the stages found.
    let (body, content_type) = match batch.encode() {
        _ if trace.observing => {
            let received = arrived.headers.get(CONTENT_TYPE).cloned();
            (arrived.body.clone(), received.unwrap_or(content_type))
        }
        Outgoing::Unchanged(body) | Outgoing::Edited(body) => (body, content_type),
        Outgoing::Nothing => {
            return Delivered::here(Reply::plausible_ok(), None);
        }
    };
    let mut headers = VendorHeaders::event(&arrived.headers, content_type, client.ip);
    if context.upstream.plausible_ip_header {
        headers = headers.with_plausible_ip();
    }
    let target = PathAndQuery::from_static("/api/event");
    let outgoing = forward::Outgoing { method: Method::POST, target, headers, body: body.into(), to: AnswerTo::Event };
    let sent = context.upstream.client.send(outgoing).await;
    let (reply, outcome, failure, dropped_sites) = match sent {
        Ok(answer) => {
            let dropped = plausible_dropped(&answer.headers);
            let outcome = judge(answer.status, dropped, sites, trace);
            let failure = (outcome == Outcome::Unconfirmed).then_some("status");
            (reply(&answer, outcome), outcome, failure, dropped)
        }
        Err(error) => (Reply::plausible_ok(), Outcome::Unconfirmed, Some(error.word()), 0),
    };
    batch.settle(|_, _| outcome);
    Delivered { failure, dropped_sites, ..Delivered::here(reply, Some(outcome)) }
}

/// How an event ended that the vendor answered.
fn judge(status: StatusCode, dropped: u32, sites: usize, trace: &Trace) -> Outcome {
    let all_dropped = usize::try_from(dropped).is_ok_and(|dropped| dropped > 0 && dropped >= sites);
    match status {
        status if status.is_client_error() => Outcome::VendorRefused,
        status if !status.is_success() => Outcome::Unconfirmed,
        _ if all_dropped => Outcome::VendorDropped,
        _ if trace.observing => Outcome::Observed,
        _ if trace.level == Some(Level::Full) => Outcome::Attributed,
        _ if trace.foreign => Outcome::ForeignOrigin,
        _ => Outcome::Anonymous,
    }
}

/// The vendor's answer, filtered; for a redirect or a server error the success that its clients expect.
fn reply(answer: &Answer, outcome: Outcome) -> Reply {
    if outcome == Outcome::Unconfirmed {
        return Reply::plausible_ok();
    }
    let mut headers = answer.headers.clone();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Reply { status: answer.status, headers, body: answer.body.clone() }
}
