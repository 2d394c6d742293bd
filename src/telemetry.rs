//! What the sidecar says about itself: the metrics, and how log lines are set up.
//!
//! Labels are words of this program and names from the configuration, never anything a client sent; no metric, label
//! or log field holds a personal value.

pub mod logs;
mod people;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::{MetricType, TypedMetric};
use prometheus_client::registry::Registry;

use crate::books::Books;
use crate::numbers::Day;
use crate::outcome::Outcome;
use crate::server::{Counters, Refusal};

/// A counter family with one label of our own words.
pub type ByWord = Family<[(&'static str, &'static str); 1], Counter>;
/// A counter family with four labels of our own words.
pub type ByFourWords = Family<[(&'static str, &'static str); 4], Counter>;

/// All metrics of the process.
#[derive(Clone, Default)]
pub struct Metrics {
    /// What was decided about identity, per event: `granted`, a session refusal, `denied`, `foreign_origin`, ...
    pub identity: ByWord,
    /// Consent verdicts by deciding source and verdict.
    pub consent: ByFourWords,
    /// Values removed, by kind.
    pub scrubbed: ByWord,
    /// Events that we added to those of pages, by name: none of the events received.
    pub events_made: ByWord,
    /// Look-ups of the account behind an e-mail address or a handle, by result.
    pub account_lookups: ByWord,
    /// Properties of the page left out because the vendor takes 30 at most.
    pub properties_dropped: Counter,
    /// Sites for which the vendor said that it discarded the event.
    pub vendor_dropped_sites: Counter,
    /// Requests refused before they became events, by reason.
    pub refused: ByWord,
    /// Requests over a quota, by scope.
    pub limited: ByWord,
    /// Failures of the way to the vendor, by kind.
    pub upstream_errors: ByWord,
    /// Forwarding headers that came from a private neighbour who is not a trusted proxy.
    pub untrusted_forwarders: Counter,
    /// 1 while the last configuration that was read is in force.
    pub config_ok: Gauge,
    /// When the configuration in force was read, in seconds since the epoch.
    pub config_at: Gauge,
    /// Attempts to read the configuration anew, by result.
    pub reloads: ByWord,
    /// Scripts and static files that were asked for, by result.
    pub assets: ByWord,
    /// Requests on opaque paths: `agreed`, or `refused` because the session has not.
    pub aliases: ByWord,
    /// Time from a request's complete body to its forwarding: what the sidecar adds.
    pub overhead: Overhead,
}

/// The overhead histogram in seconds.
#[derive(Clone)]
pub struct Overhead(Histogram);

impl Default for Overhead {
    fn default() -> Self {
        let buckets = [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 1.0];
        Self(Histogram::new(buckets))
    }
}

impl Overhead {
    /// Enters one request.
    pub fn observe(&self, length: Duration) {
        self.0.observe(length.as_secs_f64());
    }
}

/// Counts one in a family of words.
pub fn count(family: &ByWord, label: &'static str, word: &'static str) {
    family.get_or_create(&[(label, word)]).inc();
}

impl Metrics {
    /// Renders everything in the OpenMetrics text format. `books` are the upstreams with their site and name, `people`
    /// the numbers of each site, `lookups` the sites with their session look-ups that had no answer.
    #[must_use]
    pub fn render(
        &self,
        books: Vec<NamedBooks>,
        people: Vec<(String, [Day; 2])>,
        lookups: Vec<NamedLookups>,
        gauges: &[(&'static str, &'static str, u64)],
        server: &Counters,
    ) -> String {
        let mut registry = Registry::with_prefix("bauta");
        registry.register("identity", "Identity decisions, one per event", self.identity.clone());
        registry.register(
            "consent_decisions",
            "Consent decisions: the source or rule that decided, its verdict and reason, the level that left",
            self.consent.clone(),
        );
        registry.register("scrubbed_values", "Values removed from events, by kind", self.scrubbed.clone());
        registry.register("events_made", "Events added to those of pages, by name", self.events_made.clone());
        registry.register(
            "account_lookups",
            "Look-ups of the account behind a server's e-mail address or handle, by result",
            self.account_lookups.clone(),
        );
        registry.register(
            "properties_dropped",
            "Properties left out for the vendor's limit",
            self.properties_dropped.clone(),
        );
        registry.register(
            "vendor_dropped_sites",
            "Sites whose event the vendor discarded",
            self.vendor_dropped_sites.clone(),
        );
        registry.register("requests_refused", "Requests that were no event, by reason", self.refused.clone());
        registry.register("quota_exceeded", "Requests over a quota, by scope", self.limited.clone());
        registry.register(
            "upstream_errors",
            "Failures of the way to the vendor, by kind",
            self.upstream_errors.clone(),
        );
        registry.register(
            "untrusted_forwarders",
            "Forwarding headers from a private neighbour that is not a trusted proxy",
            self.untrusted_forwarders.clone(),
        );
        registry.register_collector(Box::new(ServerCollector {
            panics: server.panics(),
            accepted: server.accepted(),
            refused: Refusal::ALL.map(|why| (why.word(), server.refused(why))),
        }));
        registry.register(
            "config_last_reload_successful",
            "1 while the newest configuration is in force",
            self.config_ok.clone(),
        );
        registry.register(
            "config_last_reload_timestamp_seconds",
            "When the configuration in force was read",
            self.config_at.clone(),
        );
        registry.register("aliases", "Requests on opaque paths, by result", self.aliases.clone());
        registry.register("assets", "Scripts and static files asked for, by result", self.assets.clone());
        registry.register("config_reloads", "Attempts to read the configuration anew", self.reloads.clone());
        registry.register("overhead_seconds", "Time the sidecar adds to a request", self.overhead.0.clone());
        for (name, help, value) in gauges {
            let gauge: Gauge = Gauge::default();
            gauge.set(i64::try_from(*value).unwrap_or(i64::MAX));
            registry.register(*name, *help, gauge);
        }
        registry.register_collector(Box::new(BooksCollector(books)));
        registry.register_collector(Box::new(people::PeopleCollector(people)));
        registry.register_collector(Box::new(LookupsCollector(lookups)));
        registry.register_collector(Box::new(Build));
        let mut text = String::new();
        if prometheus_client::encoding::text::encode(&mut text, &registry).is_err() {
            tracing::error!("the metrics could not be written");
        }
        text
    }
}

/// The books of an upstream with the names for its labels.
#[derive(Debug, Clone)]
pub struct NamedBooks {
    /// The site's name.
    pub site: String,
    /// The upstream's name.
    pub upstream: String,
    /// Its books.
    pub books: Arc<Books>,
    /// The books of questions about feature flags, which are no events.
    pub questions: Arc<Books>,
}

/// A site's session look-ups that had no answer, by cause.
#[derive(Debug, Clone)]
pub struct NamedLookups {
    /// The site's name.
    pub site: String,
    /// The causes and how often each was met.
    pub failures: Vec<(&'static str, u64)>,
}

#[derive(Debug)]
struct LookupsCollector(Vec<NamedLookups>);

impl Collector for LookupsCollector {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let help = "Session look-ups without an answer, by cause";
        let mut family = encoder.encode_descriptor("session_lookup_failures", help, None, MetricType::Counter)?;
        for named in &self.0 {
            for (cause, count) in &named.failures {
                let labels = [("site", named.site.as_str()), ("cause", cause)];
                ConstCounter::new(*count).encode(family.encode_family(&labels)?)?;
            }
        }
        Ok(())
    }
}

#[derive(Debug)]
struct BooksCollector(Vec<NamedBooks>);

impl Collector for BooksCollector {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        enter(&mut encoder, &self.0, &EVENTS, |named| &named.books)?;
        enter(&mut encoder, &self.0, &QUESTIONS, |named| &named.questions)
    }
}

/// The names of three families that belong together: received, ended, in flight; each with its help.
struct Families([(&'static str, &'static str); 3]);

const EVENTS: Families = Families([
    ("events_received", "Events that arrived"),
    ("events", "Events that ended, by outcome"),
    ("events_in_flight", "Events that have not ended"),
]);
const QUESTIONS: Families = Families([
    ("flag_requests_received", "Questions about feature flags that arrived"),
    ("flag_requests", "Questions about feature flags that ended, by outcome"),
    ("flag_requests_in_flight", "Questions about feature flags that have not ended"),
]);

fn enter(
    encoder: &mut DescriptorEncoder<'_>,
    all: &[NamedBooks],
    Families([received, ended, in_flight]): &Families,
    books: impl Fn(&NamedBooks) -> &Arc<Books>,
) -> fmt::Result {
    // One look per upstream, before anything is written: the three families must agree with each other.
    let pages: Vec<_> = all.iter().map(|named| (named, books(named).page())).collect();
    let mut family = encoder.encode_descriptor(received.0, received.1, None, MetricType::Counter)?;
    for (named, page) in &pages {
        ConstCounter::new(page.received).encode(family.encode_family(&named.labels())?)?;
    }
    let mut family = encoder.encode_descriptor(ended.0, ended.1, None, MetricType::Counter)?;
    for (named, page) in &pages {
        for outcome in Outcome::ALL {
            let [site, upstream] = named.labels();
            let labels = [site, upstream, ("outcome", outcome.word())];
            ConstCounter::new(page.ended(outcome)).encode(family.encode_family(&labels)?)?;
        }
    }
    let mut family = encoder.encode_descriptor(in_flight.0, in_flight.1, None, MetricType::Gauge)?;
    for (named, page) in &pages {
        let in_flight = i64::try_from(page.in_flight).unwrap_or(i64::MAX);
        ConstGauge::new(in_flight).encode(family.encode_family(&named.labels())?)?;
    }
    Ok(())
}

impl NamedBooks {
    fn labels(&self) -> [(&'static str, &str); 2] {
        [("site", self.site.as_str()), ("upstream", self.upstream.as_str())]
    }
}

/// What the listener counted, as of this scrape.
#[derive(Debug)]
struct ServerCollector {
    panics: u64,
    accepted: u64,
    refused: [(&'static str, u64); Refusal::ALL.len()],
}

impl Collector for ServerCollector {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let counter = MetricType::Counter;
        let family = encoder.encode_descriptor("panics", "Panics contained in one request", None, counter)?;
        ConstCounter::new(self.panics).encode(family)?;
        let family = encoder.encode_descriptor("connections_accepted", "Connections accepted", None, counter)?;
        ConstCounter::new(self.accepted).encode(family)?;
        let help = "Requests turned away before they were looked at, by reason";
        let mut family = encoder.encode_descriptor("requests_turned_away", help, None, counter)?;
        for (reason, count) in self.refused {
            ConstCounter::new(count).encode(family.encode_family(&[("reason", reason)])?)?;
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Build;

impl Collector for Build {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let gauge: ConstGauge<i64> = ConstGauge::new(1);
        let mut family =
            encoder.encode_descriptor("build_info", "The running version", None, ConstGauge::<i64>::TYPE)?;
        gauge.encode(family.encode_family(&[("version", env!("CARGO_PKG_VERSION"))])?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::batch::Accounting;

    #[test]
    fn the_page_shows_the_books_and_balances() {
        let books = Arc::new(Books::default());
        books.received(2);
        books.ended(Outcome::Anonymous);
        let named = NamedBooks { site: "shop".into(), upstream: "plausible".into(), books, questions: Arc::default() };
        let lookups = NamedLookups { site: "shop".into(), failures: vec![("late", 4)] };
        let text = Metrics::default().render(
            vec![named],
            Vec::new(),
            vec![lookups],
            &[("connections", "Open connections", 3)],
            &Counters::default(),
        );
        for line in [
            r#"bauta_events_received_total{site="shop",upstream="plausible"} 2"#,
            r#"bauta_events_total{site="shop",upstream="plausible",outcome="anonymous"} 1"#,
            r#"bauta_events_in_flight{site="shop",upstream="plausible"} 1"#,
            r#"bauta_session_lookup_failures_total{site="shop",cause="late"} 4"#,
            "bauta_connections 3",
            "# EOF",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }
}
