//! What the program works with, built from the file's shapes: readers, policies, keys, clients, tables.
//!
//! Building finds every fault at once. A runtime is immutable and shared by all requests.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::books::Books;
use crate::client_address::TrustedProxies;
use crate::config::fault::{Faults, KeyPath};
use crate::config::file::{self, File, Mode, Trait, Vendor};
use crate::config::session::Own;
use crate::consent::{Policy, UpstreamLevels};
use crate::forward;
use crate::headers::cors;
use crate::identity::{KeyRing, MasterKey, Pseudonymiser, WeakKey};
use crate::origin::Pages;
use crate::quota::Quota;
use crate::route::RouteTable;
use crate::scrub::Scrubber;
use crate::session::Reader;
use crate::telemetry::NamedBooks;

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
    pub quota: Quota,
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
    /// The property that carries the pseudonym.
    pub property: String,
    /// Further properties from the session.
    pub traits: Vec<Trait>,
    /// The page's properties that are kept first.
    pub keep_props: Vec<String>,
    /// The allowed site names.
    pub sites: Vec<String>,
    /// Whether X-Plausible-IP is sent as well.
    pub plausible_ip_header: bool,
    /// The way to the vendor.
    pub client: forward::Upstream,
    /// Received, in flight, ended.
    pub books: Arc<Books>,
}
