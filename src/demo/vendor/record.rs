//! What arrived: every request, and the events the vendor would have stored.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Serialize, Serializer};

use super::props::{Props, Revenue};

/// One request as it reached the vendor.
#[derive(Debug, Clone, Serialize)]
pub struct Received {
    /// Counts from 1 since the start.
    pub number: u64,
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The query string without its question mark.
    pub query: String,
    /// Every header in order of arrival of its name, names in lower case; bytes beyond ASCII one character each.
    pub headers: Vec<(String, String)>,
    /// The body, byte for byte. In JSON: text, or null if it is no UTF-8.
    #[serde(serialize_with = "as_text")]
    pub body: Bytes,
    /// The address the vendor took for the client's; none if its reader crashed.
    pub client_ip: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// Fields of the answer's `errors`.
    pub errors: Vec<&'static str>,
    /// Sites that discarded the event, each with the reason; the answer is 202 all the same.
    pub discarded: Vec<(String, Discard)>,
}

impl Received {
    /// The first value of a header; `name` in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as text; empty if it is none.
    #[must_use]
    pub fn body_text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_default()
    }
}

/// Why an accepted event was not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Discard {
    /// The site is not known.
    UnknownSite,
    /// The load balancer's word: a data centre.
    DataCentre,
    /// The load balancer's word: a threat.
    Threat,
    /// The browser is a bot, or headless.
    Bot,
    /// Engagement of a visitor who has no session.
    NoSession,
}

/// One stored event: one site of one request.
#[derive(Debug, Clone, Serialize)]
pub struct StoredEvent {
    /// The event name.
    pub name: String,
    /// The site it is stored for.
    pub site: String,
    /// The page address as sent.
    pub url: String,
    /// Its host without `www.`, or `(none)`.
    pub hostname: String,
    /// Its path, decoded; with the fragment in hash mode.
    pub pathname: String,
    /// The referrer, at most 2000 characters.
    pub referrer: Option<String>,
    /// The properties as stored.
    pub props: Props,
    /// The revenue, if it was fit.
    pub revenue: Option<Revenue>,
    /// Whether it counts against the bounce rate.
    pub interactive: bool,
    /// Percent, 255 for missing; only of engagement events.
    pub scroll_depth: Option<u8>,
    /// Milliseconds; only of engagement events.
    pub engagement_time: Option<i64>,
    /// Whether the fragment is part of the path.
    pub hash_mode: bool,
    /// The script's version, 0 if it said none.
    pub script_version: i64,
    /// The user agent.
    pub user_agent: Option<String>,
    /// The request that brought it.
    #[serde(serialize_with = "inner")]
    pub request: Arc<Received>,
}

impl StoredEvent {
    /// The address the vendor took for the client's.
    #[must_use]
    pub fn client_ip(&self) -> &str {
        self.request.client_ip.as_deref().unwrap_or_default()
    }
}

fn inner<S: Serializer>(request: &Arc<Received>, serializer: S) -> Result<S::Ok, S::Error> {
    request.as_ref().serialize(serializer)
}

fn as_text<S: Serializer>(body: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    std::str::from_utf8(body).ok().serialize(serializer)
}

/// The newest requests and events, up to a number each.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) requests: VecDeque<Arc<Received>>,
    pub(super) events: VecDeque<StoredEvent>,
    pub(super) received: u64,
    pub(super) stored: u64,
}

impl Log {
    /// Adds a request with its events and forgets the oldest beyond `keep`.
    pub(super) fn add(&mut self, request: Arc<Received>, events: Vec<StoredEvent>, keep: usize) {
        self.requests.push_back(request);
        self.stored += u64::try_from(events.len()).unwrap_or(0);
        self.events.extend(events);
        while self.requests.len() > keep {
            self.requests.pop_front();
        }
        while self.events.len() > keep {
            self.events.pop_front();
        }
    }

    /// Takes out the requests numbered above `number`, and their events.
    pub(super) fn take_after(&mut self, number: u64) -> Vec<Arc<Received>> {
        let first = self.requests.partition_point(|request| request.number <= number);
        let taken = self.requests.split_off(first.min(self.requests.len())).into();
        let first = self.events.partition_point(|event| event.request.number <= number);
        let events = self.events.split_off(first.min(self.events.len()));
        self.stored = self.stored.saturating_sub(u64::try_from(events.len()).unwrap_or(0));
        taken
    }
}
