//! Whose page sent this request: the rule of product invariant 5, and the list that CORS answers from. No I/O.
//!
//! Analytics posts are CORS-simple, so any page can make a visitor's browser send one together with the visitor's
//! cookie. `Origin` and `Sec-Fetch-Site` are written by the browser and cannot be set by a page; when one of them is
//! present it must say that the page is the site's own or a listed one, otherwise the event gets no identity.
//! Clients that are no browsers send neither.

use http::HeaderMap;
use http::header::ORIGIN;

use crate::route::without_port;

/// Whether a request may carry identity, as far as the page it came from is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The site's own page, a listed origin, or no browser at all.
    Own,
    /// Another page's, or one that does not say (`Origin: null`).
    Foreign,
}

/// The origins of one site.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    hosts: Vec<String>,
    listed: Vec<String>,
}

impl Origins {
    /// `hosts` are the site's own names, `listed` further exact origins (`https://www.example.org`).
    #[must_use]
    pub fn new(hosts: &[String], listed: &[String]) -> Self {
        let lower = |names: &[String]| names.iter().map(|name| name.to_ascii_lowercase()).collect();
        Self { hosts: lower(hosts), listed: lower(listed) }
    }

    /// The standing of a request that arrived for `authority` (the Host header).
    #[must_use]
    pub fn standing(&self, headers: &HeaderMap, authority: &str) -> Standing {
        let mut origins = headers.get_all(ORIGIN).iter();
        let mut fetched_from = headers.get_all("sec-fetch-site").iter().map(http::HeaderValue::as_bytes);
        match (origins.next(), origins.next()) {
            (Some(origin), None) => match origin.to_str() {
                Ok(origin) if self.allows(origin, authority) => Standing::Own,
                _ => Standing::Foreign,
            },
            (None, _) if fetched_from.all(|site| site == b"same-origin" || site == b"none") => Standing::Own,
            _ => Standing::Foreign,
        }
    }

    /// True when a page of this origin is the site's own or a listed one; this is also the CORS list.
    ///
    /// An origin is the site's own when its host is one of the site's hosts, or when it is the very authority the
    /// request was sent to: a browser writes both, so a foreign page cannot make them agree.
    #[must_use]
    pub fn allows(&self, origin: &str, authority: &str) -> bool {
        let origin = origin.to_ascii_lowercase();
        if self.listed.contains(&origin) {
            return true;
        }
        let Some(page) = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")) else {
            return false;
        };
        if self.hosts.is_empty() {
            return !page.is_empty() && page.eq_ignore_ascii_case(authority);
        }
        let own_host = |name: &str| self.hosts.iter().any(|host| host == name);
        own_host(page) || (own_host(without_port(page)) && page.eq_ignore_ascii_case(authority))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Origins {
        Origins::new(&["shop.example".into()], &["https://blog.example".into()])
    }

    fn standing(pairs: &[(&'static str, &str)]) -> Standing {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        site().standing(&headers, "shop.example")
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
        let open = Origins::default();
        assert!(open.allows("http://localhost:8780", "localhost:8780"));
        assert!(!open.allows("http://localhost:8781", "localhost:8780"));
        assert!(!open.allows("https://", ""));
    }

    #[test]
    fn a_port_must_agree_with_the_request() {
        assert!(site().allows("https://shop.example:8443", "shop.example:8443"));
        assert!(!site().allows("https://shop.example:8443", "shop.example"));
    }
}
