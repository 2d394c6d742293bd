//! The whole thing as one handler: route, body, pipeline, answer, and what is counted on the way.

mod alias;
mod event;
mod posthog;
mod statement;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;

pub use self::alias::agreed;
use self::event::Reader;
use crate::assets::{self, Assets, Fetched};
use crate::client_address::Reports;
use crate::clock::{Clock, UnixMillis};
use crate::config::upstream::ReplayRule;
use crate::forward::{self, ForwardError, Outgoing, Pieces};
use crate::headers::{AnswerTo, VendorHeaders, cors};
use crate::numbers::Numbers;
use crate::payload::body::Parser;
use crate::payload::posthog::endpoint::{Endpoint, Methods, Optional};
use crate::payload::posthog::flags;
use crate::payload::posthog::query::Query;
use crate::pipeline::{Context, Naming, Target};
use crate::quota::Keyer;
use crate::reply::Reply;
use crate::route::{Place, Refusal, Route};
use crate::runtime::Runtime;
use crate::server::body::whole;
use crate::server::{Arrival, Body, Counters, Handler, Room};
use crate::telemetry::{Metrics, NamedBooks, NamedLookups, count};

/// Memory for large bodies, shared by all requests.
const ROOM: u64 = 40 * 1024 * 1024;
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

    fn context<'a>(
        &'a self,
        runtime: &'a Runtime,
        place: Place,
        (to, path): (Target, &'a str),
        naming: Naming,
    ) -> Option<Context<'a>> {
        let site = runtime.sites.get(place.site)?;
        let upstream = site.upstreams.get(place.upstream)?;
        let (keyer, room) = (&self.keyer, &self.room);
        Some(Context { runtime, site, upstream, keyer, now: self.clock.now(), to, path, naming, room })
    }

    async fn answer(&self, request: Request<Incoming>, from: Arrival) -> Reply {
        let runtime = self.runtime.load_full();
        let alias = {
            let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
            runtime.routes.alias(host, request.uri().path())
        };
        match alias {
            Some((place, plain)) => self.aliased(&runtime, place, plain, request, from).await,
            None => self.plain(&runtime, request, from, Naming::Vendors).await,
        }
    }

    /// A request on a path that the vendor has, below our prefix; `naming` tells what the page called it.
    async fn plain(&self, runtime: &Arc<Runtime>, request: Request<Incoming>, from: Arrival, naming: Naming) -> Reply {
        let authority = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default().to_owned();
        let route = match runtime.routes.find(request.method(), &authority, request.uri().path()) {
            Ok(route) => route,
            Err(refusal) => return self.refuse(refusal),
        };
        match route {
            Route::Event(place) => match self.context(runtime, place, (Target::Plausible, PLAUSIBLE_EVENT), naming) {
                Some(context) => {
                    let parser = Parser::of(request.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes));
                    self.event(&context, &Reader::Plausible(parser), authority, request, from).await
                }
                None => Reply::not_found(),
            },
            Route::Posthog(place, endpoint, path) => {
                match self.context(runtime, place, (Target::Posthog(endpoint), &path), naming) {
                    Some(context) => self.posthog(&context, endpoint, authority, request, from).await,
                    None => Reply::not_found(),
                }
            }
            Route::Preflight(place) => match runtime.sites.get(place.site) {
                Some(site) => Reply {
                    status: StatusCode::NO_CONTENT,
                    headers: cors::preflight(request.headers(), &site.pages.origins),
                    body: Bytes::new(),
                },
                None => Reply::not_found(),
            },
            Route::Script(place, path) => self.script(runtime, place, &path, &request).await,
            Route::Statement(place, part) => self.statement(runtime, place, part, request, from).await,
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
        endpoint: Endpoint,
        authority: String,
        request: Request<Incoming>,
        from: Arrival,
    ) -> Reply {
        // The support widget reads with GET and writes with POST.
        let is_question = endpoint == Endpoint::Optional(Optional::Conversations) && request.method() != Method::POST;
        let has_data = request.uri().query().is_some_and(|query| query.contains("data="));
        match endpoint {
            _ if endpoint.methods() == Methods::Get || is_question => {
                self.posthog_get(context, endpoint, &request, from.peer).await
            }
            Endpoint::Flags if request.method() == Method::GET && !has_data => {
                let none = flags::empty(Query::of(request.uri().query()).get("v"), context.path.starts_with("/decide"));
                let cors = cors::event(request.headers(), &context.site.pages.origins);
                Reply::with(StatusCode::OK, "application/json", Bytes::from_static(none.as_bytes())).headers(cors)
            }
            Endpoint::Replay if self.takes_no_recording(context) => {
                let cors = cors::event(request.headers(), &context.site.pages.origins);
                let most = endpoint.limit().min(context.runtime.body);
                self.drain(context, request, most).await.headers(cors)
            }
            _ => self.event(context, &Reader::Posthog(endpoint), authority, request, from).await,
        }
    }

    /// Recordings are not taken by default, and never on an opaque path.
    fn takes_no_recording(&self, context: &Context<'_>) -> bool {
        let blocked = context.upstream.replay == ReplayRule::Block && !context.site.observes(context.now);
        blocked || context.naming == Naming::Opaque
    }

    /// A vendor's script, from the cache.
    async fn script(&self, runtime: &Runtime, place: Place, path: &str, request: &Request<Incoming>) -> Reply {
        let upstream = runtime.sites.get(place.site).and_then(|site| site.upstreams.get(place.upstream));
        let Some(upstream) = upstream else { return Reply::not_found() };
        let query = request.uri().query();
        self.cached(&upstream.client, path, query, request.headers()).await.headers(cors::asset())
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
