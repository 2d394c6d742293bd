//! A policy as one site has it, with what it is built from.

mod answers;
mod configuration;
mod records;

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;

use super::{Asked, Decision, Policy, Surroundings};
use crate::clock::UnixMillis;
use crate::config::consent::Consent;
use crate::config::fault::{Faults, KeyPath};
use crate::consent::{Invalidations, UpstreamLevels, Verdict};
use crate::cookies::Cookies;
use crate::level::Level;
use crate::person::{AppUserId, Person, Value};
use crate::store::ConsentStore;
use crate::store::sqlite::SqliteStore;

const NOW: UnixMillis = UnixMillis(1_795_176_000_000);
const LONG: Duration = Duration::from_secs(60);

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

struct Site {
    base: tempfile::TempDir,
    store: Option<Arc<dyn ConsentStore>>,
    invalidations: Arc<Invalidations>,
}

impl Site {
    fn new() -> Self {
        Self { base: tempfile::tempdir().unwrap(), store: None, invalidations: Arc::default() }
    }

    fn with_store() -> Self {
        let mut site = Self::new();
        site.store = Some(Arc::new(SqliteStore::open(&site.base.path().join("s.db"), [1; 32]).unwrap()));
        site
    }

    fn try_policy(&self, toml: &str) -> Result<Policy, Vec<String>> {
        let shape: Consent = toml::from_str(toml).unwrap();
        let mut faults = Faults::default();
        let surroundings = Surroundings {
            base: self.base.path(),
            store: self.store.clone(),
            invalidations: Arc::clone(&self.invalidations),
            do_not_track: false,
        };
        let policy = Policy::build(&shape, surroundings, &KeyPath::root(), &mut faults);
        assert_eq!(policy.is_some(), faults.is_empty());
        assert!(faults.iter().all(|fault| !fault.problem.is_empty() && !fault.fix.is_empty()));
        policy.ok_or_else(|| faults.iter().map(|fault| fault.key.to_string()).collect())
    }

    fn policy(&self, toml: &str) -> Policy {
        self.try_policy(toml).unwrap()
    }

    fn file(&self, name: &str, text: &str) {
        let fresh = self.base.path().join("fresh");
        std::fs::write(&fresh, text).unwrap();
        std::fs::rename(&fresh, self.base.path().join(name)).unwrap();
    }
}

fn person(id: &str, claims: &str, snapshot: bool) -> Person {
    let claims = Value::from(serde_json::from_str::<serde_json::Value>(claims).unwrap());
    Person { user: AppUserId::from_text(id).unwrap(), claims, snapshot }
}

async fn decide(policy: &Policy, person: Option<&Person>, cookies: &str, now: UnixMillis) -> Decision {
    let (cookies, headers) = (Cookies::from_text(cookies), HeaderMap::new());
    let asked = Asked { person, realm: "shop", cookies: &cookies, headers: &headers, query: "", now, deadline: LONG };
    policy.decide(&asked).await
}

fn verdict(policy: &Policy, person: Option<&Person>, cookies: &str) -> Verdict {
    block_on(decide(policy, person, cookies, NOW)).verdict
}

fn levels() -> UpstreamLevels {
    let (consent, at) = (Consent::default(), KeyPath::root());
    let mut faults = Faults::default();
    UpstreamLevels::build(Level::Anonymised, Level::Local, Level::Full, &consent, &at, &mut faults).unwrap()
}
