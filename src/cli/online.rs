//! What `bauta check --online` tries: every session store, endpoint, key set, back end of consent, account look-up and vendor is
//! asked once.

use std::time::Duration;

use serde_json::{Value, json};

use super::meaning;
use super::out::Paint;
use crate::accounts::Accounts;
use crate::backend::{Access, Http, Request, Trouble};
use crate::config::Loaded;
use crate::config::consent::Source;
use crate::config::fault::{Faults, KeyPath};
use crate::session::Reader;

/// How long one try may take: a person waits, and a first connection takes longer than an event may.
const PATIENCE: Duration = Duration::from_secs(5);
/// Of a vendor's answer only its arrival counts.
const LARGEST: usize = 64 * 1024;

/// One try.
pub(super) struct Try {
    place: String,
    url: String,
    /// Why there was no answer.
    pub(super) problem: Option<Trouble>,
}

impl Try {
    pub(super) fn json(&self) -> Value {
        let problem = self.problem.as_ref().map(ToString::to_string);
        json!({ "key": self.place, "url": self.url, "ok": problem.is_none(), "problem": problem })
    }

    pub(super) fn text(&self, paint: Paint) -> String {
        match &self.problem {
            None => format!("{} {} {}", paint.green("answers"), self.place, paint.dim(&self.url)),
            Some(problem) => format!("{} {} {}: {problem}", paint.red("no answer"), self.place, self.url),
        }
    }
}

/// Tries everything, in the order of the file.
pub(super) fn tries(loaded: &Loaded) -> Vec<Try> {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return Vec::new() };
    runtime.block_on(all(loaded))
}

async fn all(loaded: &Loaded) -> Vec<Try> {
    let mut tries = Vec::new();
    for (index, site) in loaded.file.site.iter().enumerate() {
        let at = KeyPath::root().key("site").index(index);
        if let Some(session) = &site.session {
            let at = at.key("session");
            // It was built without a fault a moment ago.
            let reader = Reader::build(session, &loaded.base, &at, &mut Faults::default());
            let probes = match &reader {
                Some(reader) => reader.probe(PATIENCE).await,
                None => Vec::new(),
            };
            for probe in probes {
                let url = match probe.key {
                    "store" => session.store.as_ref().map(|store| store.url.clone()),
                    "fallback" => session.fallback.as_ref().map(|store| store.url.clone()),
                    "endpoint" => session.endpoint.as_ref().map(|endpoint| endpoint.url.clone()),
                    _ => session.jwks.as_ref().and_then(|set| set.url.clone()),
                };
                let place = at.key(probe.key).to_string();
                tries.push(Try { place, url: url.unwrap_or_default(), problem: probe.result.err() });
            }
        }
        let policy = meaning::policy(loaded, site);
        let probes = match &policy {
            Some(policy) => policy.probe(PATIENCE).await,
            None => Vec::new(),
        };
        for (number, result) in probes {
            let url = match site.consent.sources.get(number) {
                Some(Source::Sql(shape)) => shape.url.as_str(),
                Some(Source::Redis(shape)) => &shape.url,
                Some(Source::Http(shape)) => &shape.url,
                _ => "",
            };
            let place = at.key("consent").key("sources").index(number).to_string();
            tries.push(Try { place, url: url.to_owned(), problem: result.err() });
        }
        for (number, upstream) in site.upstream.iter().enumerate() {
            let ca_file = upstream.ca_file.as_ref().map(|path| loaded.base.join(path));
            let access = Access { url: &upstream.url, password: None, ca_file: ca_file.as_deref(), base: &loaded.base };
            let place = at.key("upstream").index(number).to_string();
            tries.push(Try { place, url: upstream.url.clone(), problem: reach(&access).await.err() });
            if let Some(lookup) = &upstream.trusted.lookup {
                let at = at.key("upstream").index(number).key("trusted").key("lookup");
                // It was built without a fault a moment ago.
                if let Some(accounts) = Accounts::build(lookup, &loaded.base, &at, &mut Faults::default()) {
                    let problem = accounts.probe(tokio::time::Instant::now() + PATIENCE).await.err();
                    tries.push(Try { place: at.to_string(), url: lookup.url.clone(), problem });
                }
            }
        }
    }
    tries
}

/// Any answer of HTTP is one.
async fn reach(access: &Access<'_>) -> Result<(), Trouble> {
    let http = Http::open(access).map_err(Trouble::Refused)?;
    let asked = tokio::time::timeout(PATIENCE, http.ask(&Request::default(), LARGEST)).await;
    match asked.unwrap_or(Err(Trouble::Late)) {
        Ok(_) | Err(Trouble::TooLarge) => Ok(()),
        Err(trouble) => Err(trouble),
    }
}
