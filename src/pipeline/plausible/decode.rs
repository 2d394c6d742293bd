//! Decode: from the body's bytes to a batch of events for sites that are ours.

use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};

use super::super::{Context, Decoded, Wire};
use crate::arrived::Arrived;
use crate::outcome::Outcome;
use crate::payload::batch::{Batch, Event, Ledger};
use crate::payload::body::{Body, Parser};
use crate::payload::plausible::{Refused, Slots};
use crate::reply::Reply;

/// Reads the body as the vendor would. What it refuses has ended in the books by then.
pub(in super::super) fn decode(context: &Context<'_>, arrived: &Arrived) -> Result<Decoded, (Outcome, Reply)> {
    let books = &context.upstream.books;
    let refuse = |refused: Refused| {
        books.refuse(refused.outcome());
        let status = StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::BAD_REQUEST);
        (refused.outcome(), Reply::with(status, refused.content_type(), refused.body().into()))
    };
    let received = arrived.headers.get(CONTENT_TYPE);
    let parser = Parser::of(received.map(HeaderValue::as_bytes));
    let Body { document, content_type } = parser.read(arrived.body.clone()).map_err(refuse)?;
    let content_type = content_type.map(HeaderValue::from_static).or_else(|| received.cloned());
    let content_type = content_type.unwrap_or(HeaderValue::from_static("text/plain"));
    let domains = Slots::read(document.root()).and_then(|slots| slots.domains()).map_err(refuse)?;
    // One foreign name refuses the whole list: docs/decisions/0004-foreign-site.md.
    let allowed = |name: &String| context.upstream.sites.iter().any(|site| site == name);
    if !domains.iter().all(allowed) {
        books.refuse(Outcome::ForeignSite);
        return Err((Outcome::ForeignSite, Reply::not_found()));
    }
    let ledger = Ledger::open(1, books.clone());
    let wire = Wire::Plausible { content_type, sites: domains.len() };
    Ok(Decoded { batch: Batch::new(document, vec![Event::ONLY], ledger), wire })
}
