//! What a 202 may hide: the reasons for which the vendor accepts an event and stores nothing.
//!
//! Order as in plausible/analytics `lib/plausible/ingestion/event.ex`: site, data centre, threat, bot, session.
//! Not imitated: spam referrers, block lists, countries and per-site rate limits, which are account settings.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use http::HeaderMap;

use super::record::Discard;
use super::submission::Submission;
use crate::clock::UnixMillis;

/// A visitor's session ends after this much silence.
const SESSION_GAP: Duration = Duration::from_secs(30 * 60);
/// Sessions remembered at once; a stand-in for a memory that the vendor bounds by time.
const SESSIONS: usize = 100_000;

/// Which accepted events are discarded. The checks that refuse a request do not depend on this.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The sites that exist; `None`: every site does.
    pub sites: Option<BTreeSet<String>>,
    /// Headless browsers and other bots are discarded.
    pub bots: Fate,
    /// Engagement is discarded when its visitor sent nothing else in the last 30 minutes.
    pub stray_engagement: Fate,
    /// The ids of `/js/pa-<id>.js`, each with its site; another id is 404.
    pub scripts: HashMap<String, String>,
    /// Requests and events remembered at once.
    pub keep: usize,
}

/// Whether events of a kind are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// They are.
    Stored,
    /// The answer is 202 with `x-plausible-dropped`.
    Discarded,
}

impl Default for Rules {
    /// Every site exists and nothing is discarded.
    fn default() -> Self {
        Self { sites: None, bots: Fate::Stored, stray_engagement: Fate::Stored, scripts: HashMap::new(), keep: 4096 }
    }
}

impl Rules {
    /// The real service's rules for these sites.
    #[must_use]
    pub fn strict<'a>(sites: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            sites: Some(sites.into_iter().map(str::to_owned).collect()),
            bots: Fate::Discarded,
            stray_engagement: Fate::Discarded,
            ..Self::default()
        }
    }

    /// With a per-site script `/js/pa-<id>.js`.
    #[must_use]
    pub fn with_script(mut self, id: &str, site: &str) -> Self {
        self.scripts.insert(id.to_owned(), site.to_owned());
        self
    }
}

/// Who is visiting: site, address, browser, and the last two labels of the page's host (the vendor takes the
/// registrable domain, which needs a list of suffixes).
type Visitor = (String, String, String, String);

/// The visitors of the last half hour.
#[derive(Debug, Default)]
pub(super) struct Sessions(HashMap<Visitor, UnixMillis>);

/// One event before the filters.
pub(super) struct Candidate<'a> {
    pub(super) event: &'a Submission,
    pub(super) headers: &'a HeaderMap,
    pub(super) client_ip: &'a str,
    pub(super) user_agent: &'a str,
    pub(super) now: UnixMillis,
}

impl Sessions {
    /// Whether `site` discards the event, and why. An event that is stored keeps its visitor's session open.
    pub(super) fn judge(&mut self, rules: &Rules, site: &str, candidate: &Candidate<'_>) -> Option<Discard> {
        if rules.sites.as_ref().is_some_and(|sites| !sites.contains(site)) || site.is_empty() {
            return Some(Discard::UnknownSite);
        }
        match candidate.headers.get("x-plausible-ip-type").map(http::HeaderValue::as_bytes) {
            Some(b"dc_ip") => return Some(Discard::DataCentre),
            Some(b"threat_ip") => return Some(Discard::Threat),
            _ => {}
        }
        if rules.bots == Fate::Discarded && is_bot(candidate.user_agent) {
            return Some(Discard::Bot);
        }
        let visitor = (
            site.to_owned(),
            candidate.client_ip.to_owned(),
            candidate.user_agent.to_owned(),
            last_labels(candidate.event.location.hostname()),
        );
        let open = self.0.get(&visitor).is_some_and(|seen| candidate.now <= seen.after(SESSION_GAP));
        if candidate.event.engagement.is_some() && !open && rules.stray_engagement == Fate::Discarded {
            return Some(Discard::NoSession);
        }
        if self.0.len() >= SESSIONS && !self.0.contains_key(&visitor) {
            self.0.retain(|_, seen| candidate.now <= seen.after(SESSION_GAP));
        }
        if self.0.len() < SESSIONS || self.0.contains_key(&visitor) {
            self.0.insert(visitor, candidate.now);
        }
        None
    }
}

/// A small part of the vendor's list. A missing or unknown browser is no bot.
fn is_bot(user_agent: &str) -> bool {
    let user_agent = user_agent.to_ascii_lowercase();
    ["headlesschrome", "bot/", "bot;", "crawler", "spider", "curl/", "wget/"]
        .iter()
        .any(|word| user_agent.contains(word))
}

fn last_labels(host: &str) -> String {
    if host.parse::<std::net::Ipv4Addr>().is_ok() {
        return host.to_owned();
    }
    let mut labels: Vec<&str> = host.rsplit('.').take(2).collect();
    labels.reverse();
    labels.join(".")
}

#[cfg(test)]
mod tests {
    use super::super::{json::decode, submission};
    use super::*;
    use http::HeaderValue;

    const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0";

    struct Bench {
        rules: Rules,
        sessions: Sessions,
        headers: HeaderMap,
        user_agent: &'static str,
        now: i64,
    }

    impl Bench {
        fn strict() -> Self {
            let rules = Rules::strict(["a.test"]);
            Self { rules, sessions: Sessions::default(), headers: HeaderMap::new(), user_agent: BROWSER, now: 0 }
        }

        fn judge(&mut self, name: &str, site: &str, url: &str) -> Option<Discard> {
            let body = format!(r#"{{"n":"{name}","d":"{site}","u":"{url}","sd":1}}"#);
            let event = submission::read(&decode(body.as_bytes()).unwrap()).unwrap();
            let candidate = Candidate {
                event: &event,
                headers: &self.headers,
                client_ip: "1.2.3.4",
                user_agent: self.user_agent,
                now: UnixMillis::from_seconds(self.now),
            };
            self.sessions.judge(&self.rules, site, &candidate)
        }
    }

    #[test]
    fn unknown_sites_are_discarded() {
        assert_eq!(Bench::strict().judge("pageview", "b.test", "https://b.test"), Some(Discard::UnknownSite));
        assert_eq!(Bench::strict().judge("pageview", "a.test", "https://a.test"), None);
    }

    #[test]
    fn the_balancers_word_is_believed() {
        for (word, reason) in [("dc_ip", Discard::DataCentre), ("threat_ip", Discard::Threat)] {
            let mut bench = Bench::strict();
            bench.headers.insert("x-plausible-ip-type", HeaderValue::from_static(word));
            assert_eq!(bench.judge("pageview", "a.test", "/"), Some(reason));
        }
    }

    #[test]
    fn bots_are_discarded_and_unknown_browsers_are_not() {
        let mut bench = Bench::strict();
        bench.user_agent = "Mozilla/5.0 HeadlessChrome/156.0";
        assert_eq!(bench.judge("pageview", "a.test", "/"), Some(Discard::Bot));
        bench.rules.bots = Fate::Stored;
        assert_eq!(bench.judge("pageview", "a.test", "/"), None);
        let mut bench = Bench::strict();
        bench.user_agent = "";
        assert_eq!(bench.judge("pageview", "a.test", "/"), None);
    }

    #[test]
    fn engagement_needs_a_session_of_the_same_visitor() {
        let mut bench = Bench::strict();
        let engage = |bench: &mut Bench, url: &str| bench.judge("engagement", "a.test", url);
        assert_eq!(engage(&mut bench, "https://a.test"), Some(Discard::NoSession));
        assert_eq!(bench.judge("pageview", "a.test", "https://www.a.test"), None);
        assert_eq!(engage(&mut bench, "https://shop.a.test"), None);
        assert_eq!(engage(&mut bench, "https://other.test"), Some(Discard::NoSession));
        bench.user_agent = "Another/1.0";
        assert_eq!(engage(&mut bench, "https://a.test"), Some(Discard::NoSession));
        bench.user_agent = BROWSER;
        bench.now = 30 * 60;
        assert_eq!(engage(&mut bench, "https://a.test"), None);
        bench.now += 30 * 60 + 1;
        assert_eq!(engage(&mut bench, "https://a.test"), Some(Discard::NoSession));
    }
}
