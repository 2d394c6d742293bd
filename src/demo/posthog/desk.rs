//! The stand-in's front desk: one request in, the vendor's answer out, and a line in the log.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use serde_json::json;
use tokio::sync::watch;

use super::body;
use super::capture::{self, Arrival};
use super::event::check_token;
use super::flags::{self, Route};
use super::persons::Persons;
use super::record::{Log, Received, StoredEvent};
use super::reply::Reply;
use super::rules::{Rules, Serves};
use super::{assets, definitions, form, v1};
use crate::clock::Clock;
use crate::demo::listen::{Body, answer};
use crate::demo::stand;

/// The longest wait of `GET /_events?wait=`.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What is remembered.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) log: Log,
    pub(super) persons: Persons,
}

/// What the listener's tasks share with the handle.
pub struct Desk {
    rules: Rules,
    clock: Box<dyn Clock>,
    state: Mutex<State>,
    stored: watch::Sender<u64>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}

impl Desk {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn show_events(&self, query: &str) -> Response<Full<Bytes>> {
        let number = |wanted: &str| form::value(query, wanted).and_then(|value| value.parse::<u64>().ok());
        if let Some(count) = number("count") {
            let wait = Duration::from_millis(number("wait").unwrap_or(0)).min(LONGEST_WAIT);
            stand::wait_for(&self.stored, count, wait).await;
        }
        json(&self.state().log.events)
    }

    /// Answers one of the vendor's own requests and writes it down.
    fn receive(&self, parts: &Parts, body: Body, peer: IpAddr) -> Response<Full<Bytes>> {
        let client_ip = client(&parts.headers, peer);
        let reply = self.reply(parts, &body, &client_ip);
        let latin1 = |value: &HeaderValue| value.as_bytes().iter().map(|byte| char::from(*byte)).collect::<String>();
        let headers = parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), latin1(value))).collect();
        let Reply { mut response, error, token, steps, decoded, mut events, discarded, mut flags } = reply;
        let mut state = self.state();
        let State { log, persons } = &mut *state;
        if log.received < self.rules.fail_first {
            // As when the service is not well: it read the request and stores nothing of it.
            (events, flags) = (Vec::new(), None);
            response = answer(StatusCode::SERVICE_UNAVAILABLE, "", Bytes::new());
        }
        log.received += 1;
        let number = log.received;
        let request = Arc::new(Received {
            number,
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers,
            body: body.unwrap_or_default(),
            steps,
            decoded,
            token,
            client_ip,
            status: response.status().as_u16(),
            error,
            discarded,
        });
        for event in &mut events {
            event.request = number;
            persons.apply(event);
        }
        if let Some(call) = &mut flags {
            call.request = number;
        }
        log.add(request, events, flags, (self.rules.keep, self.rules.keep_bytes));
        let count = log.stored;
        drop(state);
        self.stored.send_replace(count);
        response
    }

    fn reply(&self, parts: &Parts, body: &Body, client_ip: &str) -> Reply {
        let path = parts.uri.path();
        let trimmed = path.strip_suffix('/').filter(|rest| !rest.is_empty()).unwrap_or(path);
        let is_asset = path.starts_with("/static/") || path.starts_with("/array/");
        let here = match self.rules.serves {
            Serves::Everything => true,
            Serves::Ingest => !is_asset,
            Serves::Assets => is_asset,
        };
        if !here {
            return Reply::empty(StatusCode::NOT_FOUND);
        }
        if parts.method == Method::OPTIONS {
            return Reply::empty(StatusCode::OK);
        }
        let now = self.clock.now().seconds();
        let query = parts.uri.query().unwrap_or_default();
        let arrival = Arrival { query, headers: &parts.headers, body, client_ip, now };
        match parts.method {
            Method::POST => self.post(trimmed, &arrival),
            Method::GET | Method::HEAD => self.get(trimmed, &arrival),
            _ => Reply::empty(StatusCode::METHOD_NOT_ALLOWED),
        }
    }

    fn post(&self, path: &str, arrival: &Arrival<'_>) -> Reply {
        if let Some(kind) = capture::kind(path) {
            return capture::answer(&self.rules, kind, arrival);
        }
        match path {
            "/i/v1/analytics/events" => v1::answer(&self.rules, arrival),
            "/flags" => flags::answer(&self.rules, Route::Flags, arrival),
            "/decide" => flags::answer(&self.rules, Route::Decide, arrival),
            "/i/v1/logs" | "/i/v1/metrics" | "/i/v1/ai/events" | "/i/v0/ai" | "/i/v0/ai/batch" | "/i/v0/ai/otel"
            | "/report" => self.telemetry(arrival),
            _ if path.starts_with("/api/conversations/v1/widget/") => self.telemetry(arrival),
            _ => Reply::empty(StatusCode::NOT_FOUND),
        }
    }

    fn get(&self, path: &str, arrival: &Arrival<'_>) -> Reply {
        let token = form::value(arrival.query, "token");
        if let Some(rest) = path.strip_prefix("/static/") {
            return assets::script(&self.rules, rest);
        }
        if let Some(rest) = path.strip_prefix("/array/") {
            return assets::array(&self.rules, rest);
        }
        let remote = path.strip_prefix("/api/projects/@current/feature_flags/");
        if let Some(key) = remote.and_then(|rest| rest.strip_suffix("/remote_config")) {
            return definitions::remote_config(&self.rules, arrival, key);
        }
        match path {
            "/flags/definitions" | "/api/feature_flag/local_evaluation" => definitions::all(&self.rules, arrival),
            // An empty answer, whatever is asked.
            "/flags" => Reply::ok(&json!({"flags": {}, "errorsWhileComputingFlags": false})),
            "/api/surveys" => assets::list(&self.rules, "surveys", token),
            "/api/early_access_features" => assets::list(&self.rules, "earlyAccessFeatures", token),
            "/api/web_experiments" => assets::list(&self.rules, "experiments", token),
            "/api/product_tours" => assets::list(&self.rules, "product_tours", token),
            _ if path.starts_with("/api/conversations/v1/widget/") => assets::list(&self.rules, "results", token),
            _ if path.starts_with("/site_app/") => Reply::script("/* a site app of the stand-in */"),
            _ => match capture::kind(path) {
                Some(kind @ (capture::Kind::Legacy | capture::Kind::Engage | capture::Kind::Event)) => {
                    capture::answer(&self.rules, kind, arrival)
                }
                _ => Reply::empty(StatusCode::NOT_FOUND),
            },
        }
    }

    /// Logs, metrics, traces and reports: taken as they are, for a token in the query or as a bearer.
    fn telemetry(&self, arrival: &Arrival<'_>) -> Reply {
        let bearer = v1::bearer(arrival.headers).map(str::to_owned);
        let token = form::value(arrival.query, "token").or(bearer);
        if !token.as_deref().is_some_and(|token| check_token(token).is_ok() && self.rules.knows(token)) {
            return Reply::error(StatusCode::UNAUTHORIZED, "invalid_token", "no such project").for_token(token);
        }
        let read = body::bytes(arrival.body, body::EVENT).and_then(|bytes| body::encoded(arrival.headers, bytes, true));
        match read {
            Ok(decoded) => Reply::ok(&json!({})).decoded(decoded),
            Err((status, words)) => Reply::refused(status, &words),
        }
        .for_token(token)
    }
}

impl stand::Desk for Desk {
    type Rules = Rules;
    type Event = StoredEvent;
    type Request = Received;
    const LARGEST: usize = body::LARGEST;

    fn open(rules: Rules, clock: Box<dyn Clock>, _: String, stored: watch::Sender<u64>) -> Self {
        Self { rules, clock, state: Mutex::default(), stored }
    }

    fn events(&self) -> Vec<StoredEvent> {
        self.state().log.events.iter().cloned().collect()
    }

    fn requests(&self) -> Vec<Arc<Received>> {
        self.state().log.requests.iter().cloned().collect()
    }

    fn newest(&self) -> u64 {
        self.state().log.received
    }

    fn stored(&self) -> &watch::Sender<u64> {
        &self.stored
    }

    fn clear(&self) {
        let mut state = self.state();
        let received = state.log.received;
        *state = State::default();
        state.log.received = received;
        drop(state);
        self.stored.send_replace(0);
    }

    fn take_after(&self, number: u64) -> Vec<Arc<Received>> {
        let mut state = self.state();
        let taken = state.log.take_after(number);
        let count = state.log.stored;
        drop(state);
        self.stored.send_replace(count);
        taken
    }

    async fn answer(&self, request: Request<Body>, peer: IpAddr) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let mut response = match (&parts.method, parts.uri.path()) {
            (&Method::GET, "/_events") => self.show_events(parts.uri.query().unwrap_or_default()).await,
            (&Method::GET, "/_flags") => json(&self.state().log.flags),
            (&Method::GET, "/_requests") => {
                json(&self.state().log.requests.iter().map(AsRef::as_ref).collect::<Vec<&Received>>())
            }
            (&Method::DELETE, "/_events" | "/_requests" | "/_flags") => {
                self.clear();
                answer(StatusCode::NO_CONTENT, "", Bytes::new())
            }
            _ => self.receive(&parts, body, peer),
        };
        allow_origins(&parts.headers, response.headers_mut());
        response
    }
}

/// The leftmost entry of `X-Forwarded-For` that is an address; one with a port is none.
fn client(headers: &HeaderMap, peer: IpAddr) -> String {
    let entries = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let found = entries.flat_map(|value| value.split(',')).find_map(|entry| entry.trim().parse::<IpAddr>().ok());
    found.unwrap_or(peer).to_string()
}

/// The origin and the asked headers are mirrored, also on errors.
fn allow_origins(asked: &HeaderMap, given: &mut HeaderMap) {
    let Some(origin) = assets::origin(asked) else { return };
    given.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    given.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    given.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET,POST,OPTIONS"));
    given.insert(header::VARY, HeaderValue::from_static("origin, access-control-request-headers"));
    if let Some(names) = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        given.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
}

fn json(value: &impl serde::Serialize) -> Response<Full<Bytes>> {
    match serde_json::to_vec(value) {
        Ok(body) => answer(StatusCode::OK, "application/json", body),
        Err(_) => answer(StatusCode::INTERNAL_SERVER_ERROR, "", Bytes::new()),
    }
}
