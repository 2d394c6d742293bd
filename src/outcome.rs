//! The one named end of every event.
//!
//! Metric label, log field and name in code are the same word, and
//! `received = sum of outcomes + in flight` holds at every scrape (product invariant 3).

/// How an event ended. Each event ends exactly once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// The vendor took it, with the pseudonym.
    Attributed,
    /// The vendor took it, without account identity.
    Anonymous,
    /// The vendor took it without identity because its Origin or Sec-Fetch-Site was not the site's own.
    ForeignOrigin,
    /// Observe mode: it passed as it was.
    Observed,
    /// Its level was `off`: nothing left.
    Off,
    /// Its level was `local`: nothing left, it was counted here.
    Local,
    /// It said nothing but who somebody is, and nobody may be named.
    IdentityOnly,
    /// It was part of a recording, and recordings do not leave.
    Recording,
    /// It was a heat map's, and its person has not agreed to that purpose.
    HeatMap,
    /// The body could not be read, or the vendor's rules refuse its shape.
    Malformed,
    /// The body was larger than the vendor or we allow.
    TooLarge,
    /// It named a site or project that is not configured.
    ForeignSite,
    /// A quota was used up.
    Limited,
    /// It could not be scrubbed, so it was not forwarded.
    Unscrubbable,
    /// The vendor answered success and said that it discarded it.
    VendorDropped,
    /// The vendor answered 4xx.
    VendorRefused,
    /// The vendor did not answer in time, or answered 5xx: whether it took the event is not known.
    Unconfirmed,
    /// We had no room to work on it.
    Overloaded,
    /// Its request ended before it did: the client went away, or a bug was contained.
    Abandoned,
}

impl Outcome {
    /// Every outcome, in the order of the metrics page.
    pub const ALL: [Self; 19] = [
        Self::Attributed,
        Self::Anonymous,
        Self::ForeignOrigin,
        Self::Observed,
        Self::Off,
        Self::Local,
        Self::IdentityOnly,
        Self::Recording,
        Self::HeatMap,
        Self::Malformed,
        Self::TooLarge,
        Self::ForeignSite,
        Self::Limited,
        Self::Unscrubbable,
        Self::VendorDropped,
        Self::VendorRefused,
        Self::Unconfirmed,
        Self::Overloaded,
        Self::Abandoned,
    ];

    /// The word in metrics and logs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Attributed => "attributed",
            Self::Anonymous => "anonymous",
            Self::ForeignOrigin => "foreign_origin",
            Self::Observed => "observed",
            Self::Off => "off",
            Self::Local => "local",
            Self::IdentityOnly => "identity_only",
            Self::Recording => "recording",
            Self::HeatMap => "heat_map",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::ForeignSite => "foreign_site",
            Self::Limited => "limited",
            Self::Unscrubbable => "unscrubbable",
            Self::VendorDropped => "vendor_dropped",
            Self::VendorRefused => "vendor_refused",
            Self::Unconfirmed => "unconfirmed",
            Self::Overloaded => "overloaded",
            Self::Abandoned => "abandoned",
        }
    }
}
