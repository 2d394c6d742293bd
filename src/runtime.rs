//! What the program works with, built from the file's shapes: readers, policies, keys, clients, tables.
//!
//! Building finds every fault at once. A runtime is immutable and shared by all requests.

mod builder;
mod keys;
mod lane;
pub mod store;
mod visit;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::accounts::Accounts;
use crate::arrived::Arrived;
use crate::books::Books;
use crate::client_address::TrustedProxies;
use crate::clock::UnixMillis;
use crate::config::fault::{Faults, KeyPath};
use crate::config::file::{self, File, Trait, Vendor};
use crate::config::session::Own;
use crate::config::upstream::{ConstantRule, EventId, FlagsWithoutConsent, IdentityMode, ReplayRule};
use crate::consent::{Invalidations, Policy, Revocation, UpstreamLevels};
use crate::forward;
use crate::identity::pairs::Pairs;
use crate::identity::visitor::VisitorCookies;
use crate::identity::{KeyRing, Pseudonymiser};
use crate::origin::Pages;
use crate::payload::plausible::props::Names;
use crate::payload::posthog::answer::Allowed;
use crate::payload::posthog::endpoint::Endpoint;
use crate::payload::posthog::rename::Conventions;
use crate::quota::Quota;
use crate::route::RouteTable;
use crate::scrub::Scrubber;
use crate::session::Reader;
use crate::snippet::Page;

use builder::Builder;
pub use lane::Lane;
pub use visit::Visit;

/// What a runtime is built with beside the file.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings {
    /// `DO_NOT_TRACK` asks for silence.
    pub do_not_track: bool,
    /// Whether the store is opened (and made, if it is not there). A command that only looks leaves it alone, and
    /// its records are unreadable then.
    pub open_store: bool,
}

/// Everything a request needs, made once.
pub struct Runtime {
    /// The routes of all sites.
    pub routes: RouteTable,
    /// The sites, in the order of the file.
    pub sites: Vec<Site>,
    /// The pseudonym keys; absent only when no site reads a session.
    pub keys: Option<KeyRing>,
    /// The proxies whose forwarding headers are believed.
    pub trusted: TrustedProxies,
    /// How long a look-up may take.
    pub lookup: Duration,
    /// The operator's own cap on a body, in bytes.
    pub body: usize,
    /// How long a body may take to arrive.
    pub body_time: Duration,
    /// Carries out `POST /consent/invalidate`.
    pub revocation: Revocation,
}

/// One site.
pub struct Site {
    /// The site's name.
    pub name: String,
    /// Who owns the user ids.
    pub realm: String,
    /// Whose pages may identify, and whom CORS answers.
    pub pages: Pages,
    /// When observing ends, in seconds since the epoch; absent when the site enforces.
    pub observes_until: Option<i64>,
    /// Reads the session; absent when the site has none.
    pub session: Option<Reader>,
    /// Where the person's own data stands in the session.
    pub own: Own,
    /// Finds consent.
    pub consent: Policy,
    /// Makes and reads the ids of browsers without an account; absent when the site wants none.
    pub visitor: Option<VisitorCookies>,
    /// The property that carries a browser's id beside an account's.
    pub visitor_property: String,
    /// Removes personal data.
    pub scrubber: Scrubber,
    /// Fairness and cost.
    pub quota: Arc<Quota>,
    /// What the quota was made from: an unchanged one is kept over a reload, with what is used up.
    quota_shape: file::Quota,
    /// The vendors.
    pub upstreams: Vec<Upstream>,
}

/// One upstream of a site.
pub struct Upstream {
    /// The upstream's name.
    pub name: String,
    /// Whose formats it speaks.
    pub vendor: Vendor,
    /// Makes the pseudonyms; absent when there is no key.
    pub pseudonymiser: Option<Pseudonymiser>,
    /// The levels of people who refused and who were not asked, and the highest of all.
    pub levels: UpstreamLevels,
    /// The properties that are ours, and the page's that are kept first.
    pub names: Names,
    /// Further properties from the session.
    pub traits: Vec<Trait>,
    /// The allowed site names.
    pub sites: Vec<String>,
    /// Whether X-Plausible-IP is sent as well.
    pub plausible_ip_header: bool,
    /// What its pages need.
    pub page: Page,
    /// Our prefix, without a slash at its end.
    pub prefix: String,
    /// PostHog: the projects' tokens.
    pub tokens: Vec<String>,
    /// PostHog: how the identity is written.
    pub mode: IdentityMode,
    /// PostHog: the project takes events without ids.
    pub cookieless: bool,
    /// PostHog: how people without consent ask for flags.
    pub flags_without_consent: FlagsWithoutConsent,
    /// PostHog: what becomes of recordings.
    pub replay: ReplayRule,
    /// PostHog: ids of servers that name nobody.
    pub constants: BTreeMap<String, ConstantRule>,
    /// PostHog: ids of servers that name nobody, and what they are called at the vendor.
    pub mapped: BTreeMap<String, String>,
    /// PostHog: whether events about a group leave without anybody's agreement.
    pub groups: bool,
    /// PostHog: events that are about another claim than the account.
    pub event_ids: Vec<EventId>,
    /// PostHog: what pages may switch on.
    pub allowed: Allowed,
    /// PostHog: names of events.
    pub conventions: Conventions,
    /// PostHog: who may name accounts.
    pub lane: Lane,
    /// PostHog: which browsers' ids were seen with which account.
    pub pairs: Arc<Pairs>,
    /// PostHog: finds the account of an e-mail address or a handle that a server sends; absent when nobody says where.
    pub accounts: Option<Accounts>,
    /// The way to the vendor.
    pub client: Arc<forward::Upstream>,
    /// PostHog: the way to scripts and configuration, if it is another.
    pub assets: Option<Arc<forward::Upstream>>,
    /// PostHog: the way to feature flags, if it is another.
    pub flags: Option<Arc<forward::Upstream>>,
    /// Received, in flight, ended.
    pub books: Arc<Books>,
    /// PostHog: the same for questions about flags, which are no events.
    pub questions: Arc<Books>,
}

impl Upstream {
    /// The books of an endpoint.
    #[must_use]
    pub fn accounts(&self, endpoint: Endpoint) -> Arc<Books> {
        if endpoint == Endpoint::Flags { Arc::clone(&self.questions) } else { Arc::clone(&self.books) }
    }

    /// The way to an endpoint.
    #[must_use]
    pub fn way(&self, endpoint: Endpoint) -> &Arc<forward::Upstream> {
        let other = match endpoint {
            Endpoint::Static | Endpoint::Config { .. } | Endpoint::Bundle => &self.assets,
            Endpoint::Flags | Endpoint::Definitions => &self.flags,
            _ => &None,
        };
        other.as_ref().unwrap_or(&self.client)
    }

    /// Whether a request comes from a server of the application.
    #[must_use]
    pub fn trusts(&self, arrived: &Arrived) -> bool {
        self.lane.trusts(arrived.peer, &arrived.headers)
    }
}

impl Runtime {
    /// Builds everything and adds every fault that shows. `base` is the folder of the file.
    pub fn build(file: &File, base: &Path, surroundings: Surroundings, faults: &mut Faults) -> Option<Self> {
        let root = KeyPath::root();
        let before = faults.iter().count();
        let trusted =
            TrustedProxies::parse(&file.listen.trusted_proxies, &root.key("listen").key("trusted_proxies"), faults);
        let keys = keys::ring(file, base, faults);
        let store = if surroundings.open_store { store::open(file, base, keys.as_ref(), faults) } else { None };
        let invalidations = Arc::new(Invalidations::default());
        let mut builder = Builder {
            base,
            keys: keys.as_ref(),
            store: store.clone(),
            invalidations: Arc::clone(&invalidations),
            do_not_track: surroundings.do_not_track,
            faults,
        };
        let sites: Vec<Option<Site>> = file
            .site
            .iter()
            .enumerate()
            .map(|(index, site)| builder.site(site, &root.key("site").index(index)))
            .collect();
        if faults.iter().count() > before {
            return None;
        }
        Some(Self {
            routes: RouteTable::new(&file.site),
            sites: sites.into_iter().collect::<Option<_>>()?,
            keys,
            trusted,
            lookup: file.limits.lookup.0,
            body: usize::try_from(file.limits.body.0).unwrap_or(usize::MAX),
            body_time: file.limits.body_time.0,
            revocation: Revocation::new(invalidations, store),
        })
    }
}

impl Runtime {
    /// Takes over from the runtime before a reload what must not begin anew: quotas that did not change, whose
    /// browser was seen with whom, and who was invalidated. The books are the [`crate::sidecar::Sidecar`]'s.
    pub fn adopt(&mut self, earlier: &Self) {
        self.revocation.adopt(&earlier.revocation);
        for site in &mut self.sites {
            let Some(before) = earlier.sites.iter().find(|before| before.name == site.name) else { continue };
            if before.quota_shape == site.quota_shape {
                site.quota = Arc::clone(&before.quota);
            }
            for upstream in &mut site.upstreams {
                if let Some(before) = before.upstreams.iter().find(|before| before.name == upstream.name) {
                    upstream.pairs = Arc::clone(&before.pairs);
                }
            }
        }
    }
}

impl Site {
    /// Whether events pass as they are at this time.
    #[must_use]
    pub fn observes(&self, now: UnixMillis) -> bool {
        self.observes_until.is_some_and(|end| now.seconds() < end)
    }
}
