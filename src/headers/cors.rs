//! CORS answers, made here and never passed on from a vendor.
//!
//! Plausible answers `*` together with `Allow-Credentials`, which browsers refuse for calls with cookies; only we
//! know which origins belong to a site. Rules: an exact list; an origin is never reflected because it was sent;
//! `null` is never allowed; `Vary: Origin` on every answer; credentials for listed origins only, and never on
//! assets. Input: the `Origin` field. Output: header fields to add. No I/O.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, Uri};

use crate::config::fault::{Faults, KeyPath};

/// What the vendors' clients send that is not simple (posthog-js with `disable_compression` or the second protocol).
const ALLOWED_FIELDS: &str = "content-type, content-encoding, authorization, posthog-sdk-info, posthog-attempt, posthog-request-id, posthog-request-timestamp";

/// The origins of a site: exact texts as browsers write them, `https://www.example.org` or `https://example.org:8443`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins(Vec<HeaderValue>);

impl Origins {
    /// Reads `site.origins`. `at` is the list's key; every entry that is no origin is a fault.
    pub fn parse(list: &[String], at: &KeyPath, faults: &mut Faults) -> Self {
        let mut origins = Vec::with_capacity(list.len());
        for (position, entry) in list.iter().enumerate() {
            match canonical(entry) {
                Some(origin) => origins.push(origin),
                None => faults.push(
                    at.index(position),
                    format!("{entry:?} is no origin: expected a scheme and a host, and nothing after them"),
                    "write it as \"https://www.example.org\"",
                ),
            }
        }
        Self(origins)
    }

    /// Both schemes of a host (`example.org`, `example.org:8443`), as the origins of the site's own pages.
    pub fn add_host(&mut self, host: &str) {
        self.0.extend(["http", "https"].iter().filter_map(|scheme| canonical(&format!("{scheme}://{host}"))));
    }

    /// Whether this is exactly one of the origins.
    #[must_use]
    pub fn lists(&self, origin: &HeaderValue) -> bool {
        self.0.contains(origin)
    }
}

/// The fields for the answer to an event: access for a listed origin, nothing but `Vary` for any other.
#[must_use]
pub fn event(request: &HeaderMap, allowed: &Origins) -> HeaderMap {
    let mut map = HeaderMap::with_capacity(3);
    map.insert(VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = listed(request, allowed) {
        map.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        map.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    map
}

/// The fields for the answer (204) to a preflight of an event.
#[must_use]
pub fn preflight(request: &HeaderMap, allowed: &Origins) -> HeaderMap {
    let mut map = event(request, allowed);
    map.insert(VARY, HeaderValue::from_static("origin, access-control-request-method, access-control-request-headers"));
    if map.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
        map.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        map.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(ALLOWED_FIELDS));
        // Chromium caps this at two hours, Firefox at a day.
        map.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    }
    map
}

/// The fields for an asset: public to every page, never with credentials.
#[must_use]
pub fn asset() -> HeaderMap {
    let mut map = HeaderMap::with_capacity(1);
    map.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    map
}

/// Whether a request is a preflight (Fetch standard, "CORS-preflight fetch").
#[must_use]
pub fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS && headers.contains_key(ORIGIN) && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// The request's origin, if there is exactly one and it is listed.
fn listed<'a>(request: &'a HeaderMap, allowed: &Origins) -> Option<&'a HeaderValue> {
    let mut origins = request.get_all(ORIGIN).into_iter();
    let origin = origins.next().filter(|origin| allowed.lists(origin))?;
    origins.next().is_none().then_some(origin)
}

/// An origin as browsers serialise it: lower case, without the scheme's own port.
fn canonical(text: &str) -> Option<HeaderValue> {
    let text = text.to_ascii_lowercase();
    let (scheme, rest) = text.split_once("://")?;
    let own_port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return None,
    };
    let host = rest.strip_suffix(own_port).unwrap_or(rest);
    let origin = format!("{scheme}://{host}");
    let uri: Uri = origin.parse().ok()?;
    let authority = uri.authority()?;
    let whole = authority.as_str() == host && !host.contains(['@', '*']) && !authority.host().is_empty();
    let port = authority.as_str().strip_prefix(authority.host())?;
    let port_is_right = port.is_empty() || authority.port_u16().is_some();
    if whole && port_is_right { HeaderValue::from_str(&origin).ok() } else { None }
}
