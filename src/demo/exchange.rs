//! What the page shows of one event: what was sent, and what reached the vendor.

use std::collections::VecDeque;

use http::HeaderMap;
use serde::Serialize;

/// Exchanges that are remembered.
const KEPT: usize = 40;

/// Headers and body of one request.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Side {
    headers: Vec<(String, String)>,
    body: String,
}

impl Side {
    /// What the page sent.
    pub(super) fn sent(headers: &HeaderMap, body: &[u8]) -> Self {
        let text = |bytes: &[u8]| bytes.iter().map(|byte| char::from(*byte)).collect::<String>();
        let headers = headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes()))).collect();
        let body = std::str::from_utf8(body).map_or_else(|_| text(body), str::to_owned);
        Self { headers, body }
    }

    /// What the vendor received, its body decoded.
    pub(super) fn received(headers: &[(String, String)], body: String) -> Self {
        Self { headers: headers.to_vec(), body }
    }
}

/// One event on its way.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Exchange {
    /// Counts from 1.
    pub(super) id: u64,
    /// For whom it was: `plausible` or `posthog`.
    pub(super) vendor: &'static str,
    /// The event's name.
    pub(super) name: String,
    /// Who was logged in: the handle.
    pub(super) who: Option<&'static str>,
    /// Where that account's switch stood.
    pub(super) sharing: bool,
    /// Whether the browser sent `Sec-GPC: 1`.
    pub(super) gpc: bool,
    /// What the page sent.
    pub(super) sent: Side,
    /// The status the page got.
    pub(super) status: u16,
    /// What the vendor received; none if nothing left.
    pub(super) received: Option<Side>,
}

/// The newest exchanges.
#[derive(Debug, Default)]
pub(super) struct Exchanges {
    newest: u64,
    kept: VecDeque<Exchange>,
}

impl Exchanges {
    /// Adds one; gives its id, and that of the oldest still kept.
    pub(super) fn add(&mut self, mut exchange: Exchange) -> (u64, u64) {
        self.newest += 1;
        exchange.id = self.newest;
        self.kept.push_back(exchange);
        while self.kept.len() > KEPT {
            self.kept.pop_front();
        }
        (self.newest, self.kept.front().map_or(self.newest, |oldest| oldest.id))
    }

    /// Those after an id, oldest first.
    pub(super) fn after(&self, id: u64) -> Vec<Exchange> {
        self.kept.iter().filter(|exchange| exchange.id > id).cloned().collect()
    }

    /// Who sent the one with an id.
    pub(super) fn who(&self, id: u64) -> Option<&'static str> {
        self.kept.iter().find(|exchange| exchange.id == id)?.who
    }
}

/// The event's name for the list: as the vendor would read it, or a word for a body that has none.
pub(super) fn event_name(path: &str, body: &[u8]) -> String {
    if path.ends_with("/flags/") {
        return "flags".to_owned();
    }
    let event: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    match event.get("n").or_else(|| event.get("name")).or_else(|| event.pointer("/batch/0/event")) {
        Some(serde_json::Value::String(name)) => name.chars().take(60).collect(),
        Some(serde_json::Value::Number(number)) => number.to_string(),
        _ => "(unreadable)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(name: &str) -> Exchange {
        let sent = Side::sent(&HeaderMap::new(), name.as_bytes());
        let name = name.to_owned();
        Exchange {
            id: 0,
            vendor: "plausible",
            name,
            who: None,
            sharing: false,
            gpc: false,
            sent,
            status: 202,
            received: None,
        }
    }

    #[test]
    fn the_newest_are_kept_and_numbered() {
        let mut exchanges = Exchanges::default();
        for number in 0..KEPT + 2 {
            exchanges.add(exchange(&number.to_string()));
        }
        assert_eq!(exchanges.after(0).len(), KEPT);
        assert_eq!(exchanges.after(41).into_iter().map(|one| one.name).collect::<Vec<_>>(), ["41"]);
        assert_eq!(exchanges.add(exchange("last")), (43, 4));
    }

    #[test]
    fn an_event_is_named_as_far_as_it_can_be_read() {
        assert_eq!(event_name("/b/api/event", br#"{"n":"pageview"}"#), "pageview");
        assert_eq!(event_name("/b/api/event", br#"{"name":404}"#), "404");
        assert_eq!(event_name("/i/e/", br#"{"api_key":"a","batch":[{"event":"$pageview"}]}"#), "$pageview");
        assert_eq!(event_name("/i/flags/", b"{}"), "flags");
        assert_eq!(event_name("/b/api/event", b"nonsense"), "(unreadable)");
    }
}
