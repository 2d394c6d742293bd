//! The demo's one origin: requests below [`PREFIX`] and [`HOG_PREFIX`] go to bauta, the others to the shop; and the page's window on
//! both: what was sent, what the vendor received, and what it would receive at each level.
//!
//! | request | answer |
//! |---|---|
//! | `GET /demo/state?after=7` | the events since number 7, each as sent and as received |
//! | `GET /demo/preview?event=7` | the same event replayed through bauta once for each consent level |
//!
//! Events pass one at a time, so that what arrives at the vendor meanwhile belongs to the event. A replay is a real
//! request through the real pipeline; what it leaves at the vendor is taken out again.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use serde::Serialize;

use super::account::{ACCOUNTS, Account, Sharing};
use super::app::{App, is_own};
use super::exchange::{Exchange, Exchanges, Side, event_name};
use super::listen::{Body, Unread, answer};
use super::posthog::PostHog;
use super::relay::{Original, relay};
use super::setting::{HOG_PREFIX, PREFIX};
use super::shop;
use super::vendor::Vendor;

/// Where Plausible takes events.
const INGEST: &str = "/api/event";

/// Both stand-ins.
pub(super) struct Vendors {
    pub(super) plausible: Vendor,
    pub(super) posthog: PostHog,
}

/// For which of the two a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    Plausible,
    PostHog,
}

impl Lane {
    fn of(path: &str) -> Option<Self> {
        match path {
            _ if path.starts_with(PREFIX) => Some(Self::Plausible),
            _ if path.starts_with(HOG_PREFIX) => Some(Self::PostHog),
            _ => None,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Plausible => "plausible",
            Self::PostHog => "posthog",
        }
    }
}

impl Vendors {
    fn newest(&self, lane: Lane) -> u64 {
        match lane {
            Lane::Plausible => self.plausible.newest(),
            Lane::PostHog => self.posthog.newest(),
        }
    }

    /// The event that arrived after a request with this number. `forget`: it was a rehearsal.
    fn arrived(&self, lane: Lane, mark: u64, forget: bool) -> Option<Side> {
        match lane {
            Lane::Plausible => {
                let arrivals = if forget { self.plausible.take_after(mark) } else { self.plausible.requests() };
                let is_event = |method: &str, path: &str| method == "POST" && path == INGEST;
                let mut arrivals = arrivals.iter();
                let found = arrivals.find(|one| one.number > mark && is_event(&one.method, &one.path));
                found.map(|one| Side::received(&one.headers, one.body_text().to_owned()))
            }
            Lane::PostHog => {
                let arrivals = if forget { self.posthog.take_after(mark) } else { self.posthog.requests() };
                let found = arrivals.iter().find(|one| one.number > mark && one.method == "POST");
                found.map(|one| Side::received(&one.headers, one.decoded.to_string()))
            }
        }
    }
}

/// Shop, bauta and vendor behind one address.
pub(super) struct Front {
    app: App,
    bauta: PathBuf,
    vendors: Vendors,
    exchanges: Mutex<Exchanges>,
    /// The requests behind the exchanges, for replays.
    originals: Mutex<Vec<(u64, Original)>>,
    /// Held while an event is under way.
    turn: tokio::sync::Mutex<()>,
}

impl Front {
    pub(super) fn new(app: App, bauta: PathBuf, vendors: Vendors) -> Self {
        Self {
            app,
            bauta,
            vendors,
            exchanges: Mutex::default(),
            originals: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// Answers one request of the browser.
    pub(super) async fn answer(&self, request: Request<Body>, peer: SocketAddr) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let body = match body {
            Ok(body) => body,
            Err(Unread::TooLarge) => return plain(StatusCode::PAYLOAD_TOO_LARGE),
            Err(Unread::Incomplete) => return plain(StatusCode::REQUEST_TIMEOUT),
        };
        let path = parts.uri.path();
        if path.contains("..") || path.contains("//") || path.contains(['%', '\\']) {
            return plain(StatusCode::BAD_REQUEST);
        }
        if let Some(lane) = Lane::of(path) {
            let Parts { method, uri, headers, .. } = parts;
            return self.pass(lane, Original { method, uri, headers, body, client: peer.ip() }).await;
        }
        match (&parts.method, path) {
            (&Method::GET, "/demo/state" | "/demo/preview") if !is_own(&parts.headers) => plain(StatusCode::FORBIDDEN),
            (&Method::GET, "/demo/state") => {
                let after = number(&parts, "after").unwrap_or(0);
                json(&self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).after(after))
            }
            (&Method::GET, "/demo/preview") => match number(&parts, "event") {
                Some(id) => self.preview(id).await,
                None => plain(StatusCode::BAD_REQUEST),
            },
            _ => self.app.answer(&parts, &body).unwrap_or_else(|| plain(StatusCode::NOT_FOUND)),
        }
    }

    /// Hands a request to bauta; of an event both sides are written down.
    async fn pass(&self, lane: Lane, request: Original) -> Response<Full<Bytes>> {
        if request.method != Method::POST {
            return relay(&self.bauta, request).await;
        }
        let _turn = self.turn.lock().await;
        let visit = self.app.visit(&request.headers);
        let sent = Side::sent(&request.headers, &request.body);
        let name = event_name(request.uri.path(), &request.body);
        let mark = self.vendors.newest(lane);
        let reply = relay(&self.bauta, request.clone()).await;
        let exchange = Exchange {
            id: 0,
            vendor: lane.word(),
            name,
            who: visit.person.map(|(account, _)| account.handle),
            sharing: visit.person.is_some_and(|(_, sharing)| sharing == Sharing::Yes),
            gpc: visit.gpc,
            sent,
            status: reply.status().as_u16(),
            received: self.vendors.arrived(lane, mark, false),
        };
        let (id, oldest) = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).add(exchange);
        let mut originals = self.originals.lock().unwrap_or_else(PoisonError::into_inner);
        originals.push((id, request));
        originals.retain(|(id, _)| *id >= oldest);
        drop(originals);
        reply
    }

    /// Sends an event once more for each level, as a person for whom that level holds.
    async fn preview(&self, id: u64) -> Response<Full<Bytes>> {
        let who = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).who(id);
        let original = {
            let originals = self.originals.lock().unwrap_or_else(PoisonError::into_inner);
            originals.iter().find(|(number, _)| *number == id).map(|(_, request)| request.clone())
        };
        let Some(original) = original else { return plain(StatusCode::NOT_FOUND) };
        let Some(lane) = Lane::of(original.uri.path()) else { return plain(StatusCode::NOT_FOUND) };
        let account = who.and_then(Account::find).or(ACCOUNTS.first());
        let _turn = self.turn.lock().await;
        let mut rows = Vec::with_capacity(CASES.len());
        for case in &CASES {
            let mut request = original.clone();
            request.headers.remove(header::COOKIE);
            request.headers.remove("sec-gpc");
            if let (Some(sharing), Some(account)) = (case.sharing, account) {
                request.headers.insert(header::COOKIE, self.app.cookie_of(account, sharing));
            }
            if case.gpc {
                request.headers.insert(HeaderName::from_static("sec-gpc"), HeaderValue::from_static("1"));
            }
            let mark = self.vendors.newest(lane);
            let reply = relay(&self.bauta, request).await;
            let received = self.vendors.arrived(lane, mark, true);
            rows.push(Row { key: case.key, status: reply.status().as_u16(), received });
        }
        json(&rows)
    }
}

/// A way to be a visitor, for the comparison.
struct Case {
    key: &'static str,
    sharing: Option<Sharing>,
    gpc: bool,
}

const CASES: [Case; 6] = [
    Case { key: "granted", sharing: Some(Sharing::Yes), gpc: false },
    Case { key: "refused", sharing: Some(Sharing::No), gpc: false },
    Case { key: "gpc", sharing: Some(Sharing::Yes), gpc: true },
    Case { key: "nobody", sharing: None, gpc: false },
    Case { key: "local", sharing: Some(Sharing::Word("local")), gpc: false },
    Case { key: "off", sharing: Some(Sharing::Word("off")), gpc: false },
];

/// What became of the event in one case.
#[derive(Serialize)]
struct Row {
    key: &'static str,
    status: u16,
    received: Option<Side>,
}

fn number(parts: &Parts, wanted: &str) -> Option<u64> {
    let mut pairs = parts.uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| *name == wanted).and_then(|(_, value)| value.parse().ok())
}

fn plain(status: StatusCode) -> Response<Full<Bytes>> {
    let words = status.canonical_reason().unwrap_or_default();
    shop::guarded(answer(status, "text/plain; charset=utf-8", words), "no-store")
}

fn json(value: &impl Serialize) -> Response<Full<Bytes>> {
    match serde_json::to_vec(value) {
        Ok(body) => shop::guarded(answer(StatusCode::OK, "application/json", body), "no-store"),
        Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR),
    }
}
