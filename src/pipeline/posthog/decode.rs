//! Decode: from a body in any of the clients' encodings to events of our own projects.

use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};

use super::super::{Context, Decoded, Wire};
use crate::arrived::Arrived;
use crate::outcome::Outcome;
use crate::payload::batch::{Batch, Event, Ledger};
use crate::payload::document::Document;
use crate::payload::posthog::endpoint::{Endpoint, Optional};
use crate::payload::posthog::query::Query;
use crate::payload::posthog::{Refused, decode as wire, shape};
use crate::payload::scan::Limits;
use crate::reply::Reply;

/// The most tokens of a large body: a batch of 100,000 events with seven members each.
const TOKENS: usize = 1_500_000;

/// Reads the body as the vendor would. What it refuses has ended in the books by then.
pub(in super::super) fn decode(
    context: &Context<'_>,
    endpoint: Endpoint,
    arrived: &mut Arrived,
    observing: bool,
) -> Result<Decoded, (Outcome, Reply)> {
    // What is observed leaves as it came; anything else is not held twice.
    let body = if observing { arrived.body.clone() } else { std::mem::take(&mut arrived.body) };
    let arrived = &*arrived;
    let query = Query::of(arrived.query.as_deref());
    let header = |name: http::HeaderName| arrived.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let sent = wire::Sent {
        query: &query,
        content_type: header(CONTENT_TYPE),
        content_encoding: header(CONTENT_ENCODING),
        body,
    };
    let read = move |sent| -> Result<(Document, Vec<Event>, bool), Refused> {
        let decoded = wire::decode(endpoint, sent)?;
        let limits = Limits { bytes: endpoint.decoded_limit(), tokens: TOKENS, ..Limits::default() };
        let document = Document::read_text(decoded.text, &limits).map_err(|_| Refused::Unparsable)?;
        let events = shape::events(&document, endpoint)?;
        Ok((document, events, decoded.packed))
    };
    let refuse = |refused: Refused, events: usize| {
        Ledger::open(events, context.upstream.accounts(endpoint)).end_all(refused.outcome());
        (refused.outcome(), refusal(refused, endpoint))
    };
    let (document, events, packed) = read(sent).map_err(|refused| refuse(refused, 1))?;
    let mut around: Vec<&str> = query.all("token").chain(query.all("api_key")).collect();
    if matches!(endpoint, Endpoint::V1 | Endpoint::Optional(Optional::Ai | Optional::Otel))
        && let Some(bearer) = header(AUTHORIZATION)
    {
        // Only the project's own token may stand here; a private key is none.
        around.push(bearer.strip_prefix("Bearer ").unwrap_or("").trim());
    }
    let allowed = |token: &str| context.upstream.tokens.iter().any(|own| own == token);
    shape::tokens(&document, &events, &around, allowed).map_err(|refused| refuse(refused, events.len()))?;
    let ledger = Ledger::open(events.len(), context.upstream.accounts(endpoint));
    let wire = super::Wire {
        endpoint,
        packed,
        query: query.outgoing(),
        beacon: query.is_beacon(),
        version: query.get("v").map(ToOwned::to_owned),
        trusted: context.upstream.trusts(arrived),
    };
    Ok(Decoded { batch: Batch::new(document, events, ledger), wire: Wire::Posthog(wire) })
}

/// The vendor's own kind of refusal: text on the first protocol, JSON on the second. Another project is not found here.
#[must_use]
pub fn refusal(refused: Refused, endpoint: Endpoint) -> Reply {
    if refused == Refused::BadToken {
        return Reply::not_found();
    }
    let status = StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::BAD_REQUEST);
    match endpoint {
        Endpoint::V1 => {
            let body = serde_json::json!({
                "error": refused.code(),
                "error_description": refused.to_string(),
                "error_uri": "",
            });
            Reply::with(status, "application/json", body.to_string().into())
        }
        _ => Reply::with(status, "text/plain; charset=utf-8", refused.to_string().into()),
    }
}
