//! The whole thing as one handler: route, body, pipeline, answer, and what is counted on the way.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;

mod alias;
mod posthog;
mod statement;

use crate::arrived::Arrived;
use crate::assets::{self, Assets, Fetched};
use crate::client_address::Reports;
use crate::clock::{Clock, UnixMillis};
use crate::config::upstream::ReplayRule;
use crate::consent;
use crate::forward::{self, ForwardError, Outgoing, Pieces};
use crate::headers::{AnswerTo, VendorHeaders, cors};
use crate::level::Level;
use crate::numbers::{Numbers, Seen};
use crate::outcome::Outcome;
use crate::payload::body::Parser;
use crate::payload::plausible::Refused;
use crate::payload::posthog::endpoint::{Endpoint, Methods};
use crate::payload::posthog::query::Query;
use crate::payload::posthog::{self as posthog_format, flags};
use crate::pipeline::{Context, Delivered, Trace, Verdict, decide, deliver, refusal};
use crate::quota::Keyer;
use crate::reply::Reply;
use crate::route::{Place, Refusal, Route};
use crate::runtime::Runtime;
use crate::server::body::whole;
use crate::server::{Arrival, Body, BodyError, Counters, Handler, Room};
use crate::telemetry::{Metrics, NamedBooks, NamedLookups, count};

/// Memory for large bodies, shared by all requests.
const ROOM: u64 = 32 * 1024 * 1024;
/// The vendor's path for events, whatever ours is called.
const PLAUSIBLE_EVENT: &str = "/api/event";
/// An untrusted proxy is reported once in this time.
const REPORT_EVERY: Duration = Duration::from_secs(60);

/// The sidecar at work.
pub struct Sidecar {
    runtime: ArcSwap<Runtime>,
    /// The books of every upstream that there ever was, so that no count is lost with an upstream that goes.
    books: Mutex<Vec<NamedBooks>>,
    metrics: Metrics,
    keyer: Keyer,
    numbers: Numbers,
    clock: Arc<dyn Clock>,
    reports: Reports,
    room: Arc<Room>,
    assets: Arc<Assets>,
}

impl Sidecar {
    /// Puts a runtime to work.
    #[must_use]
    pub fn new(runtime: Runtime, clock: Arc<dyn Clock>) -> Self {
        let metrics = Metrics::default();
        metrics.config_ok.set(1);
        metrics.config_at.set(clock.now().seconds());
        let mut runtime = runtime;
        let mut books = Vec::new();
        enter_books(&mut runtime, &mut books);
        Self {
            runtime: ArcSwap::from_pointee(runtime),
            books: Mutex::new(books),
            metrics,
            keyer: Keyer::random(),
            numbers: Numbers::default(),
            assets: Arc::new(Assets::new(Arc::clone(&clock))),
            clock,
            reports: Reports::every(REPORT_EVERY),
            room: Room::of(ROOM),
        }
    }

    /// The runtime in force.
    #[must_use]
    pub fn runtime(&self) -> Arc<Runtime> {
        self.runtime.load_full()
    }

    /// The counters.
    #[must_use]
    pub const fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Puts another runtime to work. Requests in flight end with the one they began with; books, quotas that did not
    /// change and revocations go on.
    pub fn replace(&self, mut runtime: Runtime) {
        let before = self.runtime.load_full();
        runtime.adopt(&before);
        enter_books(&mut runtime, &mut self.books.lock().unwrap_or_else(PoisonError::into_inner));
        self.runtime.store(Arc::new(runtime));
        // What was revoked while the new one was made ready.
        self.runtime.load().revocation.adopt(&before.revocation);
    }

    /// The books of every upstream, for the metrics page.
    #[must_use]
    pub fn books(&self) -> Vec<NamedBooks> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The metrics page, with the server's counters.
    #[must_use]
    pub fn render_metrics(&self, counters: &Counters) -> String {
        let gauges = [
            ("connections", "Open connections", counters.open()),
            ("requests_in_flight", "Requests being worked on", counters.in_flight()),
        ];
        let now = self.clock.now();
        let runtime = self.runtime.load();
        let people = runtime.sites.iter().map(|site| (site.name.clone(), self.numbers.of(&site.name, now))).collect();
        let lookups = runtime.sites.iter().filter_map(|site| {
            let failures = site.session.as_ref()?.lookup_failures().collect();
            Some(NamedLookups { site: site.name.clone(), failures })
        });
        self.metrics.render(self.books(), people, lookups.collect(), &gauges, counters)
    }

    /// The time by the sidecar's clock.
    #[must_use]
    pub fn now(&self) -> UnixMillis {
        self.clock.now()
    }

    fn context<'a>(&'a self, runtime: &'a Runtime, place: Place, path: &'a str) -> Option<Context<'a>> {
        let site = runtime.sites.get(place.site)?;
        let upstream = site.upstreams.get(place.upstream)?;
        Some(Context { runtime, site, upstream, keyer: &self.keyer, now: self.clock.now(), path })
    }

    async fn answer(&self, request: Request<Incoming>, from: Arrival) -> Reply {
        let runtime = self.runtime.load_full();
        let alias = {
            let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
            runtime.routes.alias(host, request.uri().path())
        };
        match alias {
            Some((place, plain)) => self.aliased(&runtime, place, plain, request, from).await,
            None => self.plain(&runtime, request, from).await,
        }
    }

    /// A request on a path that the vendor has, below our prefix.
    async fn plain(&self, runtime: &Arc<Runtime>, request: Request<Incoming>, from: Arrival) -> Reply {
        let authority = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default().to_owned();
        let route = match runtime.routes.find(request.method(), &authority, request.uri().path()) {
            Ok(route) => route,
            Err(refusal) => return self.refuse(refusal),
        };
        match route {
            Route::Event(place) => match self.context(runtime, place, PLAUSIBLE_EVENT) {
                Some(context) => {
                    let parser = Parser::of(request.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes));
                    self.event(&context, &Reader::Plausible(parser), authority, request, from).await
                }
                None => Reply::not_found(),
            },
            Route::Posthog(place, path) => match self.context(runtime, place, &path) {
                Some(context) => self.posthog(&context, authority, request, from).await,
                None => Reply::not_found(),
            },
            Route::Preflight(place) => match runtime.sites.get(place.site) {
                Some(site) => Reply {
                    status: StatusCode::NO_CONTENT,
                    headers: cors::preflight(request.headers(), &site.pages.origins),
                    body: Bytes::new(),
                },
                None => Reply::not_found(),
            },
            Route::Script(place, path) => self.script(runtime, place, &path, &request).await,
            Route::Statement(place, part) => self.statement(runtime, place, part, request).await,
        }
    }

    fn refuse(&self, refusal: Refusal) -> Reply {
        let (word, reply) = match refusal {
            Refusal::UnknownHost => ("unknown_host", Reply::misdirected()),
            Refusal::UnknownPath => ("unknown_path", Reply::not_found()),
            Refusal::NotAllowed => ("not_allowed", Reply::not_found()),
            Refusal::Method(allow) => ("method", Reply::not_allowed(allow)),
        };
        count(&self.metrics.refused, "reason", word);
        reply
    }

    /// One of PostHog's endpoints.
    async fn posthog(
        &self,
        context: &Context<'_>,
        authority: String,
        request: Request<Incoming>,
        from: Arrival,
    ) -> Reply {
        let Some(endpoint) = Endpoint::of(context.path) else { return Reply::not_found() };
        let has_data = request.uri().query().is_some_and(|query| query.contains("data="));
        match endpoint {
            _ if endpoint.methods() == Methods::Get => self.posthog_get(context, endpoint, &request, from.peer).await,
            Endpoint::Flags if request.method() == Method::GET && !has_data => {
                let none = flags::empty(Query::of(request.uri().query()).get("v"), context.path.starts_with("/decide"));
                let cors = cors::event(request.headers(), &context.site.pages.origins);
                Reply::with(StatusCode::OK, "application/json", Bytes::from_static(none.as_bytes())).headers(cors)
            }
            Endpoint::Replay if context.upstream.replay == ReplayRule::Block && !context.site.observes(context.now) => {
                let cors = cors::event(request.headers(), &context.site.pages.origins);
                let most = endpoint.limit().min(context.runtime.body);
                self.drain(context, request, most).await.headers(cors)
            }
            _ => self.event(context, &Reader::Posthog(endpoint), authority, request, from).await,
        }
    }

    async fn event(
        &self,
        context: &Context<'_>,
        reader: &Reader<'_>,
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
                let Delivered { reply, failure, dropped_sites, .. } = deliver(context, arrived, *ready, &trace).await;
                if let Some(word) = failure {
                    count(&self.metrics.upstream_errors, "kind", word);
                }
                self.metrics.vendor_dropped_sites.inc_by(u64::from(dropped_sites));
                reply
            }
        };
        match set_cookie {
            Some(cookie) => reply.header(SET_COOKIE, cookie),
            None => reply,
        }
    }

    /// A body that did not arrive whole. One that is too large was an event all the same; of the others nobody knows.
    fn unread(&self, error: BodyError, context: &Context<'_>, vendors_limit: bool, reader: &Reader<'_>) -> Reply {
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
            let labels = [("source", decision.source), ("verdict", decision.verdict.word())];
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
        self.metrics.properties_dropped.inc_by(u64::try_from(trace.properties_dropped).unwrap_or(u64::MAX));
        if let Some(exceeded) = trace.exceeded {
            count(&self.metrics.limited, "scope", exceeded.scope.word());
        }
    }

    /// A vendor's script, from the cache.
    async fn script(&self, runtime: &Runtime, place: Place, path: &str, request: &Request<Incoming>) -> Reply {
        let Some(context) = self.context(runtime, place, path) else { return Reply::not_found() };
        let query = request.uri().query();
        self.cached(&context.upstream.client, path, query, request.headers()).await.headers(cors::asset())
    }

    /// A file of a vendor from the cache, fetched in our own name. Nothing of the visitor's request leaves but a plain `v`.
    async fn cached(
        &self,
        client: &Arc<forward::Upstream>,
        path: &str,
        query: Option<&str>,
        visitor: &HeaderMap,
    ) -> Reply {
        let Some(target) = assets::target(path, query) else { return Reply::not_found() };
        let key = client.address_of(&target);
        let client = Arc::clone(client);
        let fetch = move |tag| async move {
            let headers = VendorHeaders::asset(tag);
            let outgoing =
                Outgoing { method: Method::GET, target, headers, body: Pieces::default(), to: AnswerTo::Asset };
            let answer = client.send(outgoing).await.map_err(ForwardError::word)?;
            Ok(Fetched { status: answer.status, headers: answer.headers, body: answer.body })
        };
        let (reply, served) = self.assets.get(&key, visitor, fetch).await;
        count(&self.metrics.assets, "result", served.word());
        reply
    }
}

/// Gives each upstream the books of its name; a new one's are added to the list.
fn enter_books(runtime: &mut Runtime, books: &mut Vec<NamedBooks>) {
    for site in &mut runtime.sites {
        for upstream in &mut site.upstreams {
            match books.iter().find(|named| named.site == site.name && named.upstream == upstream.name) {
                Some(named) => {
                    upstream.books = Arc::clone(&named.books);
                    upstream.questions = Arc::clone(&named.questions);
                }
                None => books.push(NamedBooks {
                    site: site.name.clone(),
                    upstream: upstream.name.clone(),
                    books: Arc::clone(&upstream.books),
                    questions: Arc::clone(&upstream.questions),
                }),
            }
        }
    }
}

/// Who says how large a body may be, and how a larger one is refused.
enum Reader<'e> {
    Plausible(Parser),
    Posthog(Endpoint<'e>),
}

impl Reader<'_> {
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
            Self::Posthog(endpoint) => refusal(posthog_format::Refused::TooLarge, *endpoint),
        }
    }
}

fn vendor_refusal(refused: Refused) -> Reply {
    let status = StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::BAD_REQUEST);
    Reply::with(status, refused.content_type(), refused.body().into())
}

impl Handler for Sidecar {
    async fn handle(self: Arc<Self>, request: Request<Incoming>, from: Arrival) -> Response<Body> {
        let head_only = request.method() == Method::HEAD;
        let reply = self.answer(request, from).await;
        let mut response = Response::new(whole(if head_only { Bytes::new() } else { reply.body }));
        *response.status_mut() = reply.status;
        *response.headers_mut() = reply.headers;
        response
    }
}
