//! From the file's shape of a site to the site: every part is built, and every fault that shows is added.

use std::path::Path;
use std::sync::Arc;

use super::{Lane, Site, Upstream};
use crate::accounts::Accounts;
use crate::books::Books;
use crate::clock::UnixMillis;
use crate::config;
use crate::config::consent::Allow;
use crate::config::fault::{Faults, KeyPath};
use crate::config::file::{self, Mode, Vendor};
use crate::config::upstream::ReplayRule;
use crate::consent::{self, Invalidations, Policy, UpstreamLevels};
use crate::forward;
use crate::headers::cors;
use crate::identity::visitor::VisitorCookies;
use crate::identity::{KeyRing, Pseudonymiser};
use crate::origin::Pages;
use crate::payload::plausible::props::Names;
use crate::payload::posthog::answer::Allowed;
use crate::payload::posthog::endpoint::Optional;
use crate::payload::posthog::rename::Conventions;
use crate::quota::Quota;
use crate::scrub::Scrubber;
use crate::session::Reader;
use crate::snippet::Page;
use crate::store::ConsentStore;

/// What all sites are built with.
pub(super) struct Builder<'a> {
    pub(super) base: &'a Path,
    pub(super) keys: Option<&'a KeyRing>,
    pub(super) store: Option<Arc<dyn ConsentStore>>,
    pub(super) invalidations: Arc<Invalidations>,
    pub(super) do_not_track: bool,
    pub(super) faults: &'a mut Faults,
}

impl Builder<'_> {
    /// One site; every fault of it is added.
    pub(super) fn site(&mut self, shape: &file::Site, at: &KeyPath) -> Option<Site> {
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
        let scrubber = self.scrubber(shape, &realm, &at.key("scrub"));
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
            realm: realm.clone(),
            pages: Pages::new(&shape.hosts, listed),
            observes_until: observes_until(shape),
            session,
            own: shape.session.as_ref().map(|session| session.own.clone()).unwrap_or_default(),
            visitor: self.visitor(shape, &realm, consent.as_ref(), at),
            visitor_property: shape.visitor_id.property.clone(),
            consent: consent?,
            scrubber,
            quota: Arc::new(Quota::build(&shape.quota)),
            quota_shape: shape.quota.clone(),
            upstreams: upstreams.into_iter().collect::<Option<_>>()?,
        })
    }

    /// The ids of browsers; a fault when no source could ever give one.
    fn visitor(
        &mut self,
        shape: &file::Site,
        realm: &str,
        consent: Option<&Policy>,
        at: &KeyPath,
    ) -> Option<VisitorCookies> {
        let keys = self.keys.filter(|_| shape.visitor_id.enabled)?;
        if consent.is_some_and(|policy| !policy.asks_browsers()) {
            self.faults.push(
                at.key("visitor_id").key("enabled"),
                "no source of site.consent can hear that a browser agreed, so none would get an id",
                "add your banner's source, or { kind = \"cookie\" }, or remove the line",
            );
        }
        Some(VisitorCookies::new(keys, realm, &shape.visitor_id))
    }

    /// The scrub engine with a key of its own for hashes: they cannot be joined with pseudonyms.
    fn scrubber(&mut self, shape: &file::Site, realm: &str, at: &KeyPath) -> Scrubber {
        let scrubber = Scrubber::build(&shape.scrub, at, self.faults);
        match self.keys {
            Some(keys) => scrubber.with_key(&keys.active.derive("scrub", realm)),
            None => {
                if !shape.scrub.hash.is_empty() {
                    self.faults.push(
                        at.key("hash"),
                        "hashing needs a key, and there is no [keys]",
                        "run `bauta keygen` and add [keys] active = { id = \"...\", file = \"...\" }, or use deny",
                    );
                }
                scrubber
            }
        }
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
        let levels = UpstreamLevels::build(shape.denied(), shape.unknown(), shape.ceiling, &site.consent, at, faults);
        let client = forward::Upstream::build(shape, base, at, faults);
        let wanted = site.visitor_id.enabled && shape.vendor == Vendor::Plausible;
        let visitor = wanted.then(|| site.visitor_id.property.clone());
        let assets_url = shape.assets_url.clone().or_else(|| cloud_assets(shape));
        let other = |url: Option<String>, faults: &mut Faults| match url {
            Some(url) => forward::Upstream::build(&file::Upstream { url, ..shape.clone() }, base, at, faults).map(Some),
            None => Some(None),
        };
        let assets = other(assets_url, faults);
        let flags = other(shape.flags_url.clone(), faults);
        let may_record = site.consent.purposes.replay.allow != Allow::Never;
        let lane = Lane::build(&shape.trusted, base, &at.key("trusted"), faults);
        let accounts = match &shape.trusted.lookup {
            Some(lookup) => Accounts::build(lookup, base, &at.key("trusted").key("lookup"), faults).map(Some),
            None => Some(None),
        };
        Some(Upstream {
            name,
            vendor: shape.vendor,
            pseudonymiser,
            levels: levels?,
            names: Names {
                property: shape.property.clone(),
                traits: shape.traits.iter().map(|one| one.property.clone()).chain(visitor).collect(),
                keep: shape.keep_props.clone(),
            },
            traits: shape.traits.clone(),
            sites: shape.sites.clone(),
            plausible_ip_header: shape.plausible_ip_header,
            page: Page::of(shape),
            prefix: shape.path.trim_end_matches('/').to_owned(),
            tokens: shape.tokens.clone(),
            mode: shape.mode,
            cookieless: shape.cookieless,
            flags_without_consent: shape.flags_without_consent,
            replay: shape.replay,
            constants: shape.trusted.constants.clone(),
            mapped: shape.trusted.mapped.clone(),
            groups: shape.trusted.groups,
            event_ids: shape.event_ids.clone(),
            allowed: Allowed {
                replay: shape.replay != ReplayRule::Block && may_record,
                heat_maps: may_record,
                site_apps: shape.allow.iter().any(|word| word == Optional::SiteApp.word()),
            },
            conventions: Conventions { rename: shape.rename_events.clone(), snake_case: shape.snake_case_events },
            lane: lane?,
            pairs: Arc::default(),
            accounts: accounts?,
            client: Arc::new(client?),
            assets: assets?.map(Arc::new),
            flags: flags?.map(Arc::new),
            books: Arc::new(Books::default()),
            questions: Arc::new(Books::default()),
        })
    }
}

/// Where the scripts of PostHog's cloud come from: `eu.i.posthog.com` answers for events only.
fn cloud_assets(shape: &file::Upstream) -> Option<String> {
    if shape.vendor != Vendor::Posthog {
        return None;
    }
    let host = shape.url.strip_prefix("https://")?.trim_end_matches('/');
    let region = host.strip_suffix(".i.posthog.com")?;
    matches!(region, "us" | "eu").then(|| format!("https://{region}-assets.i.posthog.com"))
}

/// The end of observing; the loader has checked the day.
fn observes_until(shape: &file::Site) -> Option<i64> {
    let day = shape.observe_until.as_deref().filter(|_| shape.mode == Mode::Observe)?;
    config::parse_day(day).map(UnixMillis::seconds)
}
