//! The stand-in's front desk: one request in, the vendor's answer out, and a line in the log.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use tokio::sync::watch;

use super::address;
use super::body::{self, Unreadable};
use super::filter::{Candidate, Rules, Sessions};
use super::record::{Discard, Log, Received, StoredEvent};
use super::script::{self, Script};
use super::submission::{self, Submission};
use crate::clock::Clock;
use crate::demo::listen::{Body, answer};
use crate::demo::stand;

/// Bytes of a request line's target and of one header value.
const HEADER_BYTES: usize = 8192;
/// The longest wait of `GET /_events?wait=`.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What the listener's tasks share with the handle.
pub struct Desk {
    rules: Rules,
    base: String,
    clock: Box<dyn Clock>,
    state: Mutex<(Log, Sessions)>,
    stored: watch::Sender<u64>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("base", &self.base).finish_non_exhaustive()
    }
}

/// How a request ends, before it is written down.
struct Reply {
    response: Response<Full<Bytes>>,
    client_ip: Option<String>,
    errors: Vec<&'static str>,
    discarded: Vec<(String, Discard)>,
    accepted: Option<(Submission, Vec<String>)>,
}

impl Reply {
    fn plain(response: Response<Full<Bytes>>) -> Self {
        Self { response, client_ip: None, errors: Vec::new(), discarded: Vec::new(), accepted: None }
    }

    fn status(status: StatusCode) -> Self {
        let words = status.canonical_reason().unwrap_or_default();
        Self::plain(answer(status, "text/plain; charset=utf-8", words))
    }

    fn errors(errors: &BTreeMap<&'static str, Vec<&'static str>>) -> Self {
        let body = serde_json::json!({ "errors": errors }).to_string();
        let response = answer(StatusCode::BAD_REQUEST, "application/json; charset=utf-8", body);
        Self { errors: errors.keys().copied().collect(), ..Self::plain(response) }
    }
}

impl Desk {
    pub(super) fn state(&self) -> MutexGuard<'_, (Log, Sessions)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn show_events(&self, query: &str) -> Response<Full<Bytes>> {
        let number = |wanted: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(name, _)| *name == wanted).and_then(|(_, value)| value.parse::<u64>().ok())
        };
        if let Some(count) = number("count") {
            let wait = Duration::from_millis(number("wait").unwrap_or(0)).min(LONGEST_WAIT);
            stand::wait_for(&self.stored, count, wait).await;
        }
        json(&self.state().0.events)
    }

    /// Answers one of the vendor's own requests and writes it down.
    fn receive(&self, parts: Parts, body: Body, peer: IpAddr) -> Response<Full<Bytes>> {
        let reply = self.reply(&parts, &body, peer);
        let latin1 = |value: &HeaderValue| address::latin1(value.as_bytes());
        let headers = parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), latin1(value))).collect();
        let user_agent = parts.headers.get(header::USER_AGENT).map(latin1);
        let mut state = self.state();
        let log = &mut state.0;
        log.received += 1;
        let request = Arc::new(Received {
            number: log.received,
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers,
            body: body.unwrap_or_default(),
            client_ip: reply.client_ip,
            status: reply.response.status().as_u16(),
            errors: reply.errors,
            discarded: reply.discarded,
        });
        let events = match reply.accepted {
            Some((event, sites)) => stored(&event, sites, user_agent.as_ref(), &request),
            None => Vec::new(),
        };
        log.add(request, events, self.rules.keep);
        let count = log.stored;
        drop(state);
        self.stored.send_replace(count);
        reply.response
    }

    fn reply(&self, parts: &Parts, body: &Body, peer: IpAddr) -> Reply {
        if parts.uri.path_and_query().is_some_and(|target| target.as_str().len() > HEADER_BYTES) {
            return Reply::status(StatusCode::URI_TOO_LONG);
        }
        if parts.headers.values().any(|value| value.len() > HEADER_BYTES) {
            return Reply::status(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
        }
        match (&parts.method, parts.uri.path()) {
            (&Method::OPTIONS, _) => preflight(),
            (&Method::POST, "/api/event") => self.ingest(parts, body, peer),
            (&Method::GET, "/api/health" | "/api/system/health/live" | "/api/system/health/ready" | "/api/system") => {
                let healthy = r#"{"postgres":"ok","clickhouse":"ok","sites_cache":"ok"}"#;
                Reply::plain(answer(StatusCode::OK, "application/json; charset=utf-8", healthy))
            }
            (&Method::GET, "/api/error") => Reply::plain(answer(StatusCode::OK, "text/plain; charset=utf-8", "")),
            (&Method::GET | &Method::HEAD, path) => match script::find(path, &self.rules, &self.base) {
                Some(script) => Reply::plain(asset(script)),
                None => Reply::status(StatusCode::NOT_FOUND),
            },
            _ => Reply::status(StatusCode::NOT_FOUND),
        }
    }

    fn ingest(&self, parts: &Parts, body: &Body, peer: IpAddr) -> Reply {
        let params = match body::params(&parts.headers, body) {
            Ok(params) => params,
            Err(Unreadable::TooLarge) => return Reply::status(StatusCode::PAYLOAD_TOO_LARGE),
            Err(Unreadable::Framework) => return Reply::status(StatusCode::BAD_REQUEST),
            Err(Unreadable::Incomplete) => return Reply::status(StatusCode::REQUEST_TIMEOUT),
            Err(Unreadable::Request) => {
                return Reply::errors(&BTreeMap::from([("request", vec!["Unable to parse request body as json"])]));
            }
        };
        if !body::accepts_json(&parts.headers) {
            return Reply::status(StatusCode::NOT_ACCEPTABLE);
        }
        let Ok(client_ip) = address::of(&parts.headers, peer) else {
            return Reply::status(StatusCode::INTERNAL_SERVER_ERROR);
        };
        let mut reply = match submission::read(&params) {
            Ok(event) => self.count(event, &parts.headers, &client_ip),
            Err(errors) => Reply::errors(&errors),
        };
        reply.client_ip = Some(client_ip);
        reply
    }

    fn count(&self, event: Submission, headers: &HeaderMap, client_ip: &str) -> Reply {
        let user_agent = headers.get(header::USER_AGENT).map(|value| address::latin1(value.as_bytes()));
        let user_agent = user_agent.unwrap_or_default();
        let now = self.clock.now();
        let candidate = Candidate { event: &event, headers, client_ip, user_agent: &user_agent, now };
        let (mut kept, mut discarded) = (Vec::new(), Vec::new());
        let mut state = self.state();
        for site in &event.sites {
            match state.1.judge(&self.rules, site, &candidate) {
                Some(reason) => discarded.push((site.clone(), reason)),
                None => kept.push(site.clone()),
            }
        }
        drop(state);
        let mut response = answer(StatusCode::ACCEPTED, "text/plain; charset=utf-8", "ok");
        if !discarded.is_empty() {
            let name = HeaderName::from_static("x-plausible-dropped");
            response.headers_mut().insert(name, HeaderValue::from(discarded.len()));
        }
        Reply { discarded, accepted: Some((event, kept)), ..Reply::plain(response) }
    }
}

impl stand::Desk for Desk {
    type Rules = Rules;
    type Event = StoredEvent;
    type Request = Received;
    const LARGEST: usize = body::LARGEST;

    fn open(rules: Rules, clock: Box<dyn Clock>, base: String, stored: watch::Sender<u64>) -> Self {
        Self { rules, base, clock, state: Mutex::default(), stored }
    }

    fn events(&self) -> Vec<StoredEvent> {
        self.state().0.events.iter().cloned().collect()
    }

    fn requests(&self) -> Vec<Arc<Received>> {
        self.state().0.requests.iter().cloned().collect()
    }

    fn newest(&self) -> u64 {
        self.state().0.received
    }

    fn stored(&self) -> &watch::Sender<u64> {
        &self.stored
    }

    fn clear(&self) {
        *self.state() = Default::default();
        self.stored.send_replace(0);
    }

    fn take_after(&self, number: u64) -> Vec<Arc<Received>> {
        let mut state = self.state();
        let taken = state.0.take_after(number);
        let count = state.0.stored;
        drop(state);
        self.stored.send_replace(count);
        taken
    }

    async fn answer(&self, request: Request<Body>, peer: IpAddr) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let mut response = match (&parts.method, parts.uri.path()) {
            (&Method::GET, "/_events") => self.show_events(parts.uri.query().unwrap_or_default()).await,
            (&Method::GET, "/_requests") => {
                json(&self.state().0.requests.iter().map(AsRef::as_ref).collect::<Vec<&Received>>())
            }
            (&Method::DELETE, "/_events" | "/_requests") => {
                self.clear();
                answer(StatusCode::NO_CONTENT, "", Bytes::new())
            }
            _ => self.receive(parts, body, peer),
        };
        for (name, value) in [
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
            (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"),
            (header::ACCESS_CONTROL_EXPOSE_HEADERS, ""),
        ] {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

fn stored(
    event: &Submission,
    sites: Vec<String>,
    user_agent: Option<&String>,
    request: &Arc<Received>,
) -> Vec<StoredEvent> {
    let one = |site| StoredEvent {
        name: event.name.clone(),
        site,
        url: event.url.clone(),
        hostname: event.location.hostname().to_owned(),
        pathname: event.location.path.clone(),
        referrer: event.referrer.clone(),
        props: event.props.clone(),
        revenue: event.revenue.clone(),
        interactive: event.interactive,
        scroll_depth: event.engagement.map(|(depth, _)| depth),
        engagement_time: event.engagement.map(|(_, time)| time),
        hash_mode: event.hash_mode,
        script_version: event.version,
        user_agent: user_agent.cloned(),
        request: Arc::clone(request),
    };
    sites.into_iter().map(one).collect()
}

fn preflight() -> Reply {
    let mut response = answer(StatusCode::NO_CONTENT, "", Bytes::new());
    for (name, value) in [
        (header::ACCESS_CONTROL_MAX_AGE, "1728000"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET,POST,PUT,PATCH,DELETE,OPTIONS"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "Authorization,Content-Type,Accept,Origin,User-Agent,DNT,Cache-Control,X-Mx-ReqToken,Keep-Alive,\
             X-Requested-With,If-Modified-Since,X-CSRF-Token",
        ),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Reply::plain(response)
}

fn asset(script: Script) -> Response<Full<Bytes>> {
    let mut response = answer(StatusCode::OK, "application/javascript", script.text);
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
        (header::CACHE_CONTROL, script.cache),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn json(value: &impl serde::Serialize) -> Response<Full<Bytes>> {
    match serde_json::to_vec(value) {
        Ok(body) => answer(StatusCode::OK, "application/json", body),
        Err(_) => answer(StatusCode::INTERNAL_SERVER_ERROR, "", Bytes::new()),
    }
}
