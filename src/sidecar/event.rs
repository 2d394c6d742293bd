//! One event's request: its body, the pipeline, the vendor, the answer, and what is counted on the way.

use http::header::SET_COOKIE;
use http::{Request, StatusCode};
use hyper::body::Incoming;

use super::Sidecar;
use crate::arrived::Arrived;
use crate::consent;
use crate::headers::cors;
use crate::level::Level;
use crate::numbers::Seen;
use crate::outcome::Outcome;
use crate::payload::body::Parser;
use crate::payload::plausible::Refused;
use crate::payload::posthog;
use crate::payload::posthog::endpoint::Endpoint;
use crate::pipeline::{Context, Delivered, Trace, Verdict, decide, deliver, refusal};
use crate::reply::Reply;
use crate::server::{Arrival, BodyError};
use crate::telemetry::count;

impl Sidecar {
    /// Reads a request's body and takes it through the pipeline.
    pub(super) async fn event(
        &self,
        context: &Context<'_>,
        reader: &Reader,
        authority: String,
        request: Request<Incoming>,
        from: Arrival,
    ) -> Reply {
        let (head, body) = request.into_parts();
        let cors = cors::event(&head.headers, &context.site.pages.origins);
        let cap = reader.limit().min(context.runtime.body);
        let (body, _room) = match self.room.read(body, cap, context.runtime.body_time).await {
            Ok(read) => read,
            Err(error) => return self.unread(error, context, cap == reader.limit(), reader).headers(cors),
        };
        let mut arrived = Arrived {
            method: head.method,
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(ToOwned::to_owned),
            authority,
            headers: head.headers,
            body,
            peer: from.peer,
        };
        self.process(context, &mut arrived).await.headers(cors)
    }

    /// A complete event: every stage, the vendor, the answer.
    async fn process(&self, context: &Context<'_>, arrived: &mut Arrived) -> Reply {
        let started = std::time::Instant::now();
        let (trace, verdict) = decide(context, arrived).await;
        self.metrics.overhead.observe(started.elapsed());
        self.count(&trace, context);
        trace.decided.iter().for_each(|record| record.write(context));
        let set_cookie = trace.set_cookie.clone();
        let reply = match verdict {
            Verdict::Answer(reply) => reply,
            Verdict::Send(ready) => {
                let Delivered { reply, failure, dropped_sites, made, .. } =
                    deliver(context, arrived, *ready, &trace).await;
                if let Some(word) = failure {
                    count(&self.metrics.upstream_errors, "kind", word);
                }
                self.metrics.vendor_dropped_sites.inc_by(u64::from(dropped_sites));
                if made > 0 {
                    let label = [("event", "$identify")];
                    self.metrics.events_made.get_or_create(&label).inc_by(u64::try_from(made).unwrap_or(u64::MAX));
                }
                reply
            }
        };
        match set_cookie {
            Some(cookie) => reply.header(SET_COOKIE, cookie),
            None => reply,
        }
    }

    /// A body that did not arrive whole. One that is too large was an event all the same; of the others nobody knows.
    fn unread(&self, error: BodyError, context: &Context<'_>, vendors_limit: bool, reader: &Reader) -> Reply {
        match error {
            BodyError::TooLarge => {
                context.upstream.books.refuse(Outcome::TooLarge);
                reader.too_large(vendors_limit)
            }
            BodyError::NoRoom => {
                context.upstream.books.refuse(Outcome::Overloaded);
                Reply::text(error.status(), "overloaded\n")
            }
            BodyError::Timeout => {
                count(&self.metrics.refused, "reason", "body_timeout");
                Reply::text(error.status(), "the body was not complete in time\n")
            }
            BodyError::Broken => {
                count(&self.metrics.refused, "reason", "body_broken");
                Reply::text(error.status(), "the body was not complete\n")
            }
        }
    }

    fn count(&self, trace: &Trace, context: &Context<'_>) {
        if let Some(forwarder) = trace.client.untrusted_forwarder {
            self.metrics.untrusted_forwarders.inc();
            self.reports.note(forwarder, context.now);
        }
        if trace.refused.is_some() {
            return;
        }
        count(&self.metrics.identity, "decision", trace.identity);
        if let Some(decision) = &trace.consent {
            let labels = [
                ("source", decision.source),
                ("verdict", decision.verdict.word()),
                ("level", trace.level.map_or("none", Level::word)),
                ("reason", decision.reason),
            ];
            self.metrics.consent.get_or_create(&labels).inc();
            if let Some(who) = trace.visitor {
                let seen = Seen {
                    account: trace.session == "valid",
                    gpc: decision.gpc,
                    granted: decision.verdict == consent::Verdict::Granted,
                    denied: decision.verdict == consent::Verdict::Denied,
                    identified: trace.level == Some(Level::Full) && matches!(trace.identity, "granted" | "visitor"),
                };
                self.numbers.note(&context.site.name, who.bits(), seen, context.now);
            }
        }
        for (kind, values) in trace.scrubbed.iter() {
            self.metrics.scrubbed.get_or_create(&[("kind", kind.word())]).inc_by(u64::from(values));
        }
        trace.looked_up.iter().for_each(|word| count(&self.metrics.account_lookups, "result", word));
        self.metrics.properties_dropped.inc_by(u64::try_from(trace.properties_dropped).unwrap_or(u64::MAX));
        if let Some(exceeded) = trace.exceeded {
            count(&self.metrics.limited, "scope", exceeded.scope.word());
        }
    }
}

/// Who says how large a body may be, and how a larger one is refused.
pub(super) enum Reader {
    Plausible(Parser),
    Posthog(Endpoint),
}

impl Reader {
    fn limit(&self) -> usize {
        match self {
            Self::Plausible(parser) => parser.limit(),
            Self::Posthog(endpoint) => endpoint.limit(),
        }
    }

    /// The vendor's refusal of a body beyond its own limit, or of one beyond ours.
    fn too_large(&self, vendors_limit: bool) -> Reply {
        match self {
            Self::Plausible(parser) if vendors_limit => vendor_refusal(parser.too_large()),
            Self::Plausible(_) => vendor_refusal(Refused::TooLarge),
            Self::Posthog(endpoint) => refusal(posthog::Refused::TooLarge, *endpoint),
        }
    }
}

fn vendor_refusal(refused: Refused) -> Reply {
    let status = StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::BAD_REQUEST);
    Reply::with(status, refused.content_type(), refused.body().into())
}
