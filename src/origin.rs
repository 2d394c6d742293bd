//! Whose page sent this request: the rule of product invariant 5, and the list that CORS answers from. No I/O.
//!
//! Analytics posts are CORS-simple, so any page can make a visitor's browser send one together with the visitor's
//! cookie. `Origin` and `Sec-Fetch-Site` are written by the browser and cannot be set by a page; when one of them is
//! present it must say that the page is the site's own or a listed one, otherwise the event gets no identity.
//! Clients that are no browsers send neither.

use http::header::ORIGIN;
use http::{HeaderMap, HeaderValue};

use crate::headers::cors;
use crate::route::without_port;

/// Whether a request may carry identity, as far as the page it came from is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The site's own page, a listed origin, or no browser at all.
    Own,
    /// Another page's, or one that does not say (`Origin: null`).
    Foreign,
}

/// The pages of one site.
#[derive(Debug, Clone, Default)]
pub struct Pages {
    hosts: Vec<String>,
    /// The site's hosts under both schemes, and the listed origins: also what CORS answers from.
    pub origins: cors::Origins,
}

impl Pages {
    /// `hosts` are the site's own names, `listed` further origins.
    #[must_use]
    pub fn new(hosts: &[String], mut listed: cors::Origins) -> Self {
        for host in hosts {
            listed.add_host(host);
        }
        Self { hosts: hosts.iter().map(|host| host.to_ascii_lowercase()).collect(), origins: listed }
    }

    /// The standing of a request that arrived for `authority` (the Host header).
    #[must_use]
    pub fn standing(&self, headers: &HeaderMap, authority: &str) -> Standing {
        let mut origins = headers.get_all(ORIGIN).iter();
        let mut fetched_from = headers.get_all("sec-fetch-site").iter().map(HeaderValue::as_bytes);
        let own = match (origins.next(), origins.next()) {
            (Some(origin), None) => self.origins.lists(origin) || self.is_addressed(origin, authority),
            (None, _) => fetched_from.all(|site| site == b"same-origin" || site == b"none"),
            (Some(_), Some(_)) => false,
        };
        if own { Standing::Own } else { Standing::Foreign }
    }

    /// True for a form of the site's own page: its `Origin` is there and names a host of the site or the very authority
    /// the request was sent to, and the browser does not say otherwise.
    #[must_use]
    pub fn is_own_form(&self, headers: &HeaderMap) -> bool {
        let mut origins = headers.get_all(ORIGIN).iter();
        let mut hosts = headers.get_all(http::header::HOST).iter();
        let (Some(origin), None) = (origins.next(), origins.next()) else { return false };
        let authority = hosts.next().and_then(|host| host.to_str().ok()).unwrap_or_default();
        let page = origin.to_str().unwrap_or_default().to_ascii_lowercase();
        let page = page.strip_prefix("https://").or_else(|| page.strip_prefix("http://")).unwrap_or_default();
        let is_host = self.hosts.iter().any(|host| host == without_port(page));
        let same = headers.get_all("sec-fetch-site").iter().all(|site| site == "same-origin");
        same && (is_host || self.is_addressed(origin, authority))
    }

    /// True when the page is the very authority the request was sent to, and that is a name of the site: a browser
    /// writes both, so a foreign page cannot make them agree. This covers a site on a port of its own, and a
    /// configuration that names no hosts.
    fn is_addressed(&self, origin: &HeaderValue, authority: &str) -> bool {
        let origin = origin.to_str().unwrap_or_default().to_ascii_lowercase();
        let Some(page) = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")) else {
            return false;
        };
        let named = self.hosts.is_empty() || self.hosts.iter().any(|host| host == without_port(page));
        named && !page.is_empty() && page.eq_ignore_ascii_case(authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::fault::{Faults, KeyPath};

    fn pages(hosts: &[&str], listed: &[&str]) -> Pages {
        let texts = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let listed = cors::Origins::parse(&texts(listed), &KeyPath::root(), &mut Faults::default());
        Pages::new(&texts(hosts), listed)
    }

    fn from(pages: &Pages, authority: &str, pairs: &[(&'static str, &str)]) -> Standing {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        pages.standing(&headers, authority)
    }

    fn standing(pairs: &[(&'static str, &str)]) -> Standing {
        from(&pages(&["shop.example"], &["https://blog.example"]), "shop.example", pairs)
    }

    #[test]
    fn the_sites_own_pages_and_listed_origins_may_identify() {
        assert_eq!(standing(&[("origin", "https://shop.example")]), Standing::Own);
        assert_eq!(standing(&[("origin", "https://blog.example"), ("sec-fetch-site", "cross-site")]), Standing::Own);
        assert_eq!(standing(&[("sec-fetch-site", "same-origin")]), Standing::Own);
        assert_eq!(standing(&[]), Standing::Own);
    }

    #[test]
    fn everybody_else_may_not() {
        for origin in [
            "https://evil.example",
            "null",
            "https://shop.example.evil.example",
            "https://notshop.example",
            "https://shop.example:444",
            "http://blog.example",
            "ftp://shop.example",
            "",
        ] {
            assert_eq!(standing(&[("origin", origin)]), Standing::Foreign, "{origin}");
        }
        for site in ["cross-site", "same-site", "", "bogus"] {
            assert_eq!(standing(&[("sec-fetch-site", site)]), Standing::Foreign, "{site}");
        }
        let two = [("origin", "https://shop.example"), ("origin", "https://evil.example")];
        assert_eq!(standing(&two), Standing::Foreign);
    }

    #[test]
    fn without_configured_hosts_the_page_must_be_the_host_it_talks_to() {
        let open = pages(&[], &[]);
        let at = |origin| from(&open, "localhost:8780", &[("origin", origin)]);
        assert_eq!(at("http://localhost:8780"), Standing::Own);
        assert_eq!(at("http://localhost:8781"), Standing::Foreign);
        assert_eq!(from(&open, "", &[("origin", "https://")]), Standing::Foreign);
    }

    #[test]
    fn a_port_must_agree_with_the_request() {
        let site = pages(&["shop.example"], &[]);
        let origin = [("origin", "https://shop.example:8443")];
        assert_eq!(from(&site, "shop.example:8443", &origin), Standing::Own);
        assert_eq!(from(&site, "shop.example", &origin), Standing::Foreign);
    }
}
