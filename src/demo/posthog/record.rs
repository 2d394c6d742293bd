//! What arrived: every request with what its body decoded to, the events the vendor would have stored, and the flags.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

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
    /// The body, byte for byte. In JSON: its length.
    #[serde(serialize_with = "length")]
    pub body: Bytes,
    /// How the body was decoded, outermost first: `form`, `base64`, `gzip`, `lz64`, `deflate`, `br`, `zstd`.
    pub steps: Vec<&'static str>,
    /// What the body decoded to; null where it did not.
    pub decoded: Value,
    /// The project token that counted.
    pub token: Option<String>,
    /// The address the vendor took for the client's.
    pub client_ip: String,
    /// The status of the answer.
    pub status: u16,
    /// Why it was refused, in the vendor's kind of words.
    pub error: Option<String>,
    /// Events that were accepted and not stored: the name and the reason.
    pub discarded: Vec<(String, Discard)>,
}

impl Received {
    /// The first value of a header; `name` in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Why an accepted event was not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Discard {
    /// No project has the token.
    UnknownToken,
    /// The project is over its quota.
    Quota,
    /// Cookieless mode is off in the project.
    CookielessOff,
    /// A cookieless event without address, user agent or host.
    CookielessIncomplete,
    /// An alias or a merge, and in stateless mode an identify, of nobody.
    CookielessMerge,
    /// Refused by the rules of the second protocol for names and ids.
    Invalid,
}

/// One stored event.
#[derive(Debug, Clone, Serialize)]
pub struct StoredEvent {
    /// Its name.
    pub name: String,
    /// The id it is stored under: at most 200 characters.
    pub distinct_id: String,
    /// The event's own id as sent.
    pub uuid: Option<String>,
    /// The project.
    pub token: String,
    /// The time as sent: `timestamp`, or `offset` in milliseconds.
    pub timestamp: Option<String>,
    /// When the client said it sent this.
    pub sent_at: Option<String>,
    /// Its properties; person properties that stood beside them are in here too, as the vendor stores them.
    pub properties: Map<String, Value>,
    /// The event as it stood in the body.
    pub raw: Value,
    /// Whether a person profile is written (`$process_person_profile`).
    pub profile: bool,
    /// The request that brought it, by number.
    pub request: u64,
}

/// One evaluation of the flags.
#[derive(Debug, Clone, Serialize)]
pub struct FlagCall {
    /// The id they were evaluated for.
    pub distinct_id: String,
    /// The project.
    pub token: String,
    /// The flags' values.
    pub values: BTreeMap<String, Value>,
    /// The request that asked, by number.
    pub request: u64,
}

fn length<S: Serializer>(body: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    body.len().serialize(serializer)
}

/// The newest requests, events and flag calls, up to a number and to a size.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) requests: VecDeque<Arc<Received>>,
    pub(super) events: VecDeque<StoredEvent>,
    pub(super) flags: VecDeque<FlagCall>,
    pub(super) received: u64,
    pub(super) stored: u64,
    bytes: usize,
}

impl Log {
    /// Adds a request with what it brought and forgets the oldest beyond `keep` and `keep_bytes`.
    pub(super) fn add(
        &mut self,
        request: Arc<Received>,
        events: Vec<StoredEvent>,
        flags: Option<FlagCall>,
        (keep, keep_bytes): (usize, usize),
    ) {
        self.bytes += weight(&request);
        self.requests.push_back(request);
        self.stored += u64::try_from(events.len()).unwrap_or(0);
        self.events.extend(events);
        self.flags.extend(flags);
        while self.requests.len() > keep || (self.bytes > keep_bytes && self.requests.len() > 1) {
            let Some(oldest) = self.requests.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(weight(&oldest));
            if self.requests.front().is_none_or(|next| next.number > oldest.number) {
                self.events.retain(|event| event.request > oldest.number);
            }
        }
        while self.events.len() > keep.max(128 * 1024) {
            self.events.pop_front();
        }
        while self.flags.len() > keep.max(16 * 1024) {
            self.flags.pop_front();
        }
    }

    /// Takes out the requests numbered above `number`, and their events.
    pub(super) fn take_after(&mut self, number: u64) -> Vec<Arc<Received>> {
        let first = self.requests.partition_point(|request| request.number <= number);
        let taken: Vec<Arc<Received>> = self.requests.split_off(first.min(self.requests.len())).into();
        self.bytes = taken.iter().fold(self.bytes, |left, request| left.saturating_sub(weight(request)));
        let before = self.events.len();
        self.events.retain(|event| event.request <= number);
        self.flags.retain(|call| call.request <= number);
        self.stored = self.stored.saturating_sub(u64::try_from(before - self.events.len()).unwrap_or(0));
        taken
    }
}

/// A request's share of the memory. What a body decodes to was bounded where it was decoded.
fn weight(request: &Received) -> usize {
    request.body.len() * 4 + 4096
}
