//! Which header fields pass, in both directions: allow-lists into new maps, never a map with deletions.
//!
//! Promise: what is not named here does not pass. So no Cookie, Authorization, Referer or Origin reaches a vendor,
//! no forwarding field of the client in any spelling (`X_Forwarded_For` too), no hop-by-hop field, no trailer, and
//! no `Set-Cookie`, `Server`, `Location` or CORS field of a vendor reaches the page (product invariants 4 and 8).
//! Input: header maps. Output: header maps. No I/O, no failure. CORS answers are made in [`cors`].

pub mod cors;

use std::net::IpAddr;

use http::header::{
    ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH,
    LAST_MODIFIED, RETRY_AFTER, USER_AGENT, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue};

static X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
static X_PLAUSIBLE_IP: HeaderName = HeaderName::from_static("x-plausible-ip");
static X_PLAUSIBLE_DROPPED: HeaderName = HeaderName::from_static("x-plausible-dropped");
/// What capture's second protocol asks for.
const POSTHOG_FIELDS: [&str; 4] =
    ["posthog-sdk-info", "posthog-attempt", "posthog-request-id", "posthog-request-timestamp"];
static CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Longer values do not pass back; no field on the list needs more.
const LONGEST_ANSWER_VALUE: usize = 512;

/// The header fields of a request to a vendor. Only this module can make one, so that a visitor's map cannot be
/// forwarded by mistake. `Host` and the length are set by the connection.
#[derive(Clone, Default)]
pub struct VendorHeaders(HeaderMap);

impl VendorHeaders {
    /// For an event: the browser's User-Agent unchanged, the given content type, and exactly one
    /// `X-Forwarded-For` with a single address.
    ///
    /// Plausible reads nothing else (plausible/analytics lib/plausible/ingestion/request.ex) and takes the *first*
    /// element of the first address header it knows, so a list would let the client choose. Without a known
    /// address no field is sent.
    #[must_use]
    pub fn event(visitor: &HeaderMap, content_type: HeaderValue, address: Option<IpAddr>) -> Self {
        let mut map = HeaderMap::with_capacity(5);
        if let Some(agent) = visitor.get(USER_AGENT) {
            map.insert(USER_AGENT, agent.clone());
        }
        map.insert(ACCEPT, HeaderValue::from_static("*/*"));
        map.insert(CONTENT_TYPE, content_type);
        if let Some(value) = address.and_then(text) {
            map.insert(X_FORWARDED_FOR.clone(), value);
        }
        Self(map)
    }

    /// Says the address in `X-Plausible-IP` as well, which outranks `CF-Connecting-IP`: for a self-hosted instance
    /// behind Cloudflare, where Cloudflare would write our own address (plausible/analytics issue 4473).
    #[must_use]
    pub fn with_plausible_ip(mut self) -> Self {
        if let Some(value) = self.0.get(&X_FORWARDED_FOR).cloned() {
            self.0.insert(X_PLAUSIBLE_IP.clone(), value);
        }
        self
    }

    /// For PostHog: as for an event, with the encoding of the body. The second protocol asks for fields of its own
    /// (PostHog/posthog `rust/capture/src/v1`): `Authorization` passes there with the project's public token only, and
    /// never otherwise.
    #[must_use]
    pub fn posthog(
        visitor: &HeaderMap,
        content_type: HeaderValue,
        encoding: Option<HeaderValue>,
        address: Option<IpAddr>,
        second: bool,
    ) -> Self {
        let Self(mut map) = Self::event(visitor, content_type, address);
        if let Some(encoding) = encoding {
            map.insert(CONTENT_ENCODING, encoding);
        }
        if second {
            for name in POSTHOG_FIELDS {
                if let Some(value) = visitor.get(name).filter(|value| value.len() <= 200) {
                    map.insert(HeaderName::from_static(name), value.clone());
                }
            }
            let public = |value: &&HeaderValue| value.to_str().is_ok_and(|text| text.starts_with("Bearer phc_"));
            if let Some(value) = visitor.get(AUTHORIZATION).filter(public) {
                map.insert(AUTHORIZATION, value.clone());
            }
        }
        Self(map)
    }

    /// For a server of the application on the two routes that ask for a private key: the key and the conditional fields.
    #[must_use]
    pub fn private(server: &HeaderMap, user_agent: HeaderValue) -> Self {
        let Self(mut map) = Self::asset(server.get(IF_NONE_MATCH).cloned());
        map.insert(USER_AGENT, user_agent);
        if let Some(value) = server.get(AUTHORIZATION) {
            let mut value = value.clone();
            value.set_sensitive(true);
            map.insert(AUTHORIZATION, value);
        }
        Self(map)
    }

    /// For an asset: fetched in our own name, whoever asked. `tag` is the vendor's of the copy that is here.
    #[must_use]
    pub fn asset(tag: Option<HeaderValue>) -> Self {
        let mut map = HeaderMap::with_capacity(3);
        map.insert(USER_AGENT, HeaderValue::from_static(concat!("bauta/", env!("CARGO_PKG_VERSION"))));
        map.insert(ACCEPT, HeaderValue::from_static("*/*"));
        if let Some(tag) = tag {
            map.insert(IF_NONE_MATCH, tag);
        }
        Self(map)
    }

    /// The fields, to read.
    #[must_use]
    pub fn fields(&self) -> &HeaderMap {
        &self.0
    }

    /// The fields, to send.
    #[must_use]
    pub fn into_fields(self) -> HeaderMap {
        self.0
    }
}

/// What a vendor's answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerTo {
    /// An event, or another call of the vendor's script.
    Event,
    /// A question about feature flags or configuration: larger than an event's answer.
    Flags,
    /// A script or static file.
    Asset,
}

/// The fields of a vendor's answer that go back to the page; the length is set by our own framing.
///
/// `Content-Encoding` passes because the body passes as it is: we never ask for an encoding, but a vendor that
/// uses one all the same must not be turned into garbage. Assets get `nosniff` and, since they are public,
/// `Cross-Origin-Resource-Policy: cross-origin` from us; caching fields pass for assets only.
#[must_use]
pub fn for_page(vendor: &HeaderMap, to: AnswerTo) -> HeaderMap {
    let mut map = HeaderMap::with_capacity(8);
    let mut copy = |name: &HeaderName| {
        if let Some(value) = vendor.get(name).filter(|value| value.len() <= LONGEST_ANSWER_VALUE) {
            map.insert(name.clone(), value.clone());
        }
    };
    copy(&CONTENT_TYPE);
    copy(&CONTENT_ENCODING);
    copy(&RETRY_AFTER);
    match to {
        AnswerTo::Event => copy(&X_PLAUSIBLE_DROPPED),
        AnswerTo::Flags => copy(&ETAG),
        AnswerTo::Asset => {
            copy(&CACHE_CONTROL);
            copy(&ETAG);
            copy(&LAST_MODIFIED);
            map.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
            map.insert(CORP.clone(), HeaderValue::from_static("cross-origin"));
        }
    }
    map
}

/// For how many sites of the event Plausible says that it discarded it; 0 when the field is missing or no number.
#[must_use]
pub fn plausible_dropped(answer: &HeaderMap) -> u32 {
    answer.get(&X_PLAUSIBLE_DROPPED).and_then(|value| value.to_str().ok()?.trim().parse().ok()).unwrap_or(0)
}

fn text(ip: IpAddr) -> Option<HeaderValue> {
    HeaderValue::from_str(&ip.to_canonical().to_string()).ok()
}

#[cfg(test)]
mod tests;
