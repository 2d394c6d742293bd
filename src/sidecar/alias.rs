//! Requests on opaque paths: only sessions that have agreed get through, asked anew at every arrival.
//!
//! Global Privacy Control and DNT refuse here whatever the configuration says of events: a person who sends one is not
//! to be followed around a blocker.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, COOKIE};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use hyper::body::Incoming;

use super::Sidecar;
use crate::client_address::ClientAddress;
use crate::clock::UnixMillis;
use crate::config::upstream::Vendor;
use crate::consent::{Signals, Verdict};
use crate::cookies::Cookies;
use crate::outcome::Outcome;
use crate::payload::posthog::answer;
use crate::pipeline::Naming;
use crate::reply::Reply;
use crate::route::Place;
use crate::runtime::{Runtime, Visit};
use crate::server::Arrival;
use crate::telemetry::count;

/// What of a refused event is read before it is answered.
const MOST: usize = 1 << 20;

/// Whether the session of these header fields has agreed, by a recorded grant, and no signal speaks against it.
/// `client` pays for look-ups.
pub async fn agreed(
    runtime: &Runtime,
    site: usize,
    client: ClientAddress,
    (headers, query): (&HeaderMap, Option<&str>),
    now: UnixMillis,
) -> bool {
    let signals = Signals::read(headers);
    let Some(site) = runtime.sites.get(site).filter(|_| !signals.gpc && !signals.dnt) else { return false };
    let cookies = Cookies::parse(headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes));
    let visit = Visit::new(runtime, client, (&cookies, headers, query), now);
    let person = site.person(&visit).await.ok();
    site.decide(&visit, person.as_ref()).await.verdict == Verdict::Granted
}

impl Sidecar {
    /// Answers a request on an alias, `plain` being the path it stands for.
    pub(super) async fn aliased(
        &self,
        runtime: &Arc<Runtime>,
        place: Place,
        plain: &str,
        mut request: Request<Incoming>,
        from: Arrival,
    ) -> Reply {
        // A preflight carries no cookie and takes nothing.
        let asks = *request.method() != Method::OPTIONS;
        let client = runtime.trusted.resolve(from.peer, request.headers());
        let about = (request.headers(), request.uri().query());
        if asks && !agreed(runtime, place.site, client, about, self.now()).await {
            count(&self.metrics.aliases, "result", "refused");
            return self.unasked(runtime, place, request).await;
        }
        count(&self.metrics.aliases, "result", "agreed");
        let target = match request.uri().query() {
            Some(query) => format!("{plain}?{query}"),
            None => plain.to_owned(),
        };
        let Ok(target) = target.parse::<PathAndQuery>() else { return Reply::not_found() };
        *request.uri_mut() = Uri::from(target);
        let mut reply = self.plain(runtime, request, from, Naming::Opaque).await;
        // What one person may have is not for a cache between them and others.
        let age = reply.headers.get(CACHE_CONTROL).and_then(|value| value.to_str().ok()?.strip_prefix("public"));
        if let Some(private) = age.and_then(|age| HeaderValue::from_str(&format!("private{age}")).ok()) {
            reply.headers.insert(CACHE_CONTROL, private);
        }
        reply
    }

    /// The answer to somebody who has not agreed: success for an event, which ends here, and nothing else at all.
    async fn unasked(&self, runtime: &Runtime, place: Place, request: Request<Incoming>) -> Reply {
        let upstream = runtime.sites.get(place.site).and_then(|site| site.upstreams.get(place.upstream));
        let (Some(upstream), true) = (upstream, *request.method() == Method::POST) else { return Reply::not_found() };
        // Read, so that the connection can go on; whether it came whole makes no difference.
        let _ = self.room.read(request.into_body(), MOST, runtime.body_time).await;
        upstream.books.refuse(Outcome::Off);
        match upstream.vendor {
            Vendor::Plausible => Reply::plausible_ok(),
            Vendor::Posthog => {
                Reply::with(StatusCode::OK, "application/json", Bytes::from_static(answer::OK.as_bytes()))
            }
        }
    }
}
