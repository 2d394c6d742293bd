//! The address of an upstream: `https://plausible.io`, `http://plausible.internal:8000/base`.

use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Uri};

/// An upstream's address, taken apart once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) tls: bool,
    /// Host name or address, without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// The value of `Host`.
    pub(super) authority: HeaderValue,
    /// Path below which everything is, without a slash at the end; mostly empty.
    base: String,
}

impl Target {
    /// Reads an address; on failure says what is wrong with it.
    pub(super) fn read(url: &str) -> Result<Self, &'static str> {
        // `Uri` drops a fragment without a word.
        if url.contains(['#', '?']) {
            return Err("must end with the path: no query and no fragment");
        }
        let uri: Uri = url.parse().map_err(|_| "is no address")?;
        let tls = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return Err("must begin with https:// or http://"),
        };
        let authority = uri.authority().ok_or("names no host")?;
        if authority.as_str().contains('@') {
            return Err("must not contain a user or a password");
        }
        let host = authority.host();
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if host.is_empty() {
            return Err("names no host");
        }
        let port = port(authority, tls)?;
        let base = uri.path().trim_end_matches('/').to_owned();
        let header = HeaderValue::from_str(authority.as_str()).map_err(|_| "is no address")?;
        Ok(Self { tls, host: host.to_owned(), port, authority: header, base })
    }

    /// The target of a request, below the base path.
    pub(super) fn below(&self, target: &PathAndQuery) -> Option<Uri> {
        if self.base.is_empty() {
            return Some(Uri::from(target.clone()));
        }
        PathAndQuery::try_from(format!("{}{target}", self.base)).ok().map(Uri::from)
    }
}

fn port(authority: &Authority, tls: bool) -> Result<u16, &'static str> {
    let named = authority.as_str().len() > authority.host().len();
    match authority.port_u16() {
        Some(0) => Err("has port 0"),
        Some(port) => Ok(port),
        None if named => Err("has a port that is no number from 1 to 65535"),
        None => Ok(if tls { 443 } else { 80 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart() {
        let target = Target::read("https://plausible.io").unwrap();
        assert_eq!((target.tls, target.host.as_str(), target.port), (true, "plausible.io", 443));
        assert_eq!(target.authority, "plausible.io");
        let below = |target: &Target, path| target.below(&PathAndQuery::from_static(path)).unwrap().to_string();
        assert_eq!(below(&target, "/api/event?a=b"), "/api/event?a=b");
        let target = Target::read("http://[::1]:8000/stats/").unwrap();
        assert_eq!((target.tls, target.host.as_str(), target.port), (false, "::1", 8000));
        assert_eq!(target.authority, "[::1]:8000");
        assert_eq!(below(&target, "/api/event"), "/stats/api/event");
    }

    #[test]
    fn what_is_no_address_of_an_upstream_is_refused() {
        for url in [
            "",
            "plausible.io",
            "ftp://a",
            "https://",
            "https://u:p@a",
            "https://a:0",
            "https://a:99999",
            "https://a:",
            "https://a/?x",
            "https://a/#x",
            "//a",
            "/a",
            "https://a b",
            "unix:/x",
        ] {
            assert!(Target::read(url).is_err(), "{url:?}");
        }
    }
}
