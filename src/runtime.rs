//! What the program works with, built from the file's shapes: readers, policies, keys, clients, tables.
//!
//! Building finds every fault at once. A runtime is immutable and shared by all requests.

mod keys;
pub mod store;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::books::Books;
use crate::client_address::TrustedProxies;
use crate::clock::UnixMillis;
use crate::config;
use crate::config::fault::{Faults, KeyPath};
use crate::config::file::{self, File, Mode, Trait, Vendor};
use crate::config::session::Own;
use crate::consent::{self, Invalidations, Policy, Revocation, UpstreamLevels};
use crate::forward;
use crate::headers::cors;
use crate::identity::{KeyRing, Pseudonymiser};
use crate::origin::Pages;
use crate::payload::plausible::props::Names;
use crate::quota::Quota;
use crate::route::RouteTable;
use crate::scrub::Scrubber;
use crate::session::Reader;
use crate::store::ConsentStore;

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
    /// The way to the vendor.
    pub client: forward::Upstream,
    /// Received, in flight, ended.
    pub books: Arc<Books>,
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
    /// Takes over from the runtime before a reload what must not begin anew: quotas that did not change, and who
    /// was invalidated. The books are the [`crate::sidecar::Sidecar`]'s.
    pub fn adopt(&mut self, earlier: &Self) {
        self.revocation.adopt(&earlier.revocation);
        for site in &mut self.sites {
            let before = earlier.sites.iter().find(|before| before.name == site.name);
            if let Some(before) = before.filter(|before| before.quota_shape == site.quota_shape) {
                site.quota = Arc::clone(&before.quota);
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

struct Builder<'a> {
    base: &'a Path,
    keys: Option<&'a KeyRing>,
    store: Option<Arc<dyn ConsentStore>>,
    invalidations: Arc<Invalidations>,
    do_not_track: bool,
    faults: &'a mut Faults,
}

impl Builder<'_> {
    fn site(&mut self, shape: &file::Site, at: &KeyPath) -> Option<Site> {
        let realm = shape.realm.clone().unwrap_or_else(|| shape.name.clone());
        let listed = cors::Origins::parse(&shape.origins, &at.key("origins"), self.faults);
        let session = match &shape.session {
            Some(session) => Some(Reader::build(session, self.base, &at.key("session"), self.faults)),
            None => None,
        };
        let around = consent::Surroundings {
            base: self.base,
            store: self.store.clone(),
            invalidations: Arc::clone(&self.invalidations),
            do_not_track: self.do_not_track,
        };
        let consent = Policy::build(&shape.consent, around, &at.key("consent"), self.faults);
        let scrubber = Scrubber::build(&shape.scrub, &at.key("scrub"), self.faults);
        let upstreams: Vec<Option<Upstream>> = shape
            .upstream
            .iter()
            .enumerate()
            .map(|(index, upstream)| self.upstream(upstream, shape, &realm, &at.key("upstream").index(index)))
            .collect();
        let session = match session {
            Some(built) => Some(built?),
            None => None,
        };
        Some(Site {
            name: shape.name.clone(),
            realm,
            pages: Pages::new(&shape.hosts, listed),
            observes_until: observes_until(shape),
            session,
            own: shape.session.as_ref().map(|session| session.own.clone()).unwrap_or_default(),
            consent: consent?,
            scrubber,
            quota: Arc::new(Quota::build(&shape.quota)),
            quota_shape: shape.quota.clone(),
            upstreams: upstreams.into_iter().collect::<Option<_>>()?,
        })
    }

    fn upstream(&mut self, shape: &file::Upstream, site: &file::Site, realm: &str, at: &KeyPath) -> Option<Upstream> {
        let name = shape.name.clone().unwrap_or_else(|| shape.vendor.word().to_owned());
        let label = shape.share_group.as_deref().unwrap_or(&name);
        let pseudonymiser = match self.keys {
            Some(keys) => match Pseudonymiser::new(&keys.active, realm, label, shape.bits) {
                Ok(made) => Some(made),
                Err(error) => {
                    self.faults.push(at.key("bits"), error.to_string(), "write bits = 128, or leave it out");
                    None
                }
            },
            None => None,
        };
        let Self { base, faults, .. } = self;
        let levels = UpstreamLevels::build(shape.denied, shape.unknown, shape.ceiling, &site.consent, at, faults);
        let client = forward::Upstream::build(shape, base, at, faults);
        Some(Upstream {
            name,
            vendor: shape.vendor,
            pseudonymiser,
            levels: levels?,
            names: Names {
                property: shape.property.clone(),
                traits: shape.traits.iter().map(|one| one.property.clone()).collect(),
                keep: shape.keep_props.clone(),
            },
            traits: shape.traits.clone(),
            sites: shape.sites.clone(),
            plausible_ip_header: shape.plausible_ip_header,
            client: client?,
            books: Arc::new(Books::default()),
        })
    }
}

/// The end of observing; the loader has checked the day.
fn observes_until(shape: &file::Site) -> Option<i64> {
    let day = shape.observe_until.as_deref().filter(|_| shape.mode == Mode::Observe)?;
    config::parse_day(day).map(UnixMillis::seconds)
}
