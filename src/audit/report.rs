//! What an audit found: counts, names of kinds, places, hosts and cookies; never a value.

use std::collections::BTreeMap;

use serde::Serialize;

/// Where in a request something stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The page's address inside the event.
    PageUrl,
    /// The referrer inside the event.
    Referrer,
    /// Properties that the page chose.
    Props,
    /// Properties of the person.
    Person,
    /// The fields that say who the person is.
    Identity,
    /// The event's name.
    EventName,
    /// Any other field of the event.
    Rest,
    /// The HTTP header `Referer`.
    RefererHeader,
}

impl Place {
    /// The words for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::PageUrl => "page address",
            Self::Referrer => "referrer",
            Self::Props => "properties",
            Self::Person => "person properties",
            Self::Identity => "identity fields",
            Self::EventName => "event name",
            Self::Rest => "other fields",
            Self::RefererHeader => "Referer header",
        }
    }
}

/// One kind of personal data or secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The kind's word.
    pub kind: &'static str,
    /// How often it goes to a vendor today.
    pub today: usize,
    /// How often it would with bauta.
    pub left: usize,
    /// How often in which place, today.
    pub places: BTreeMap<Place, usize>,
}

/// A host that gets analytics requests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Destination {
    /// Whose format the requests have.
    pub vendor: &'static str,
    /// The host.
    pub host: String,
    /// The pages are on this very host, so the browser adds the site's cookies.
    pub own_host: bool,
    /// Events that could be read.
    pub events: usize,
    /// Questions about feature flags.
    pub flags: usize,
    /// Pieces of session recordings; what is in them is not looked at.
    pub replay: usize,
    /// Scripts and their configuration.
    pub assets: usize,
    /// Requests whose body the HAR file does not hold in a readable form.
    pub unread: usize,
}

/// A cookie that went along with analytics requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CookieCount {
    /// Its name, with random parts cut out.
    pub name: String,
    /// In how many requests.
    pub times: usize,
    /// It is a session by its name, or closed to scripts.
    pub session: bool,
}

/// The whole result.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Requests in the file.
    pub requests: usize,
    /// Those of them that went to an analytics vendor.
    pub analytics: usize,
    /// Where they went.
    pub destinations: Vec<Destination>,
    /// What was found, in the order of discovery.
    pub findings: Vec<Finding>,
    /// The cookies that went along; sessions first, then by frequency.
    pub cookies: Vec<CookieCount>,
    /// Analytics requests with a `Referer` header.
    pub referers: usize,
    /// Analytics requests with an `Authorization` header.
    pub authorizations: usize,
    /// Events that bauta would not forward because they cannot be scrubbed.
    pub withheld: usize,
    /// No request in the file has a cookie: the browser leaves them out of an export unless told otherwise.
    pub cookies_withheld: bool,
}

impl Report {
    /// How many events could be read.
    #[must_use]
    pub fn events(&self) -> usize {
        self.destinations.iter().map(|destination| destination.events).sum()
    }
}
