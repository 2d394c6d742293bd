//! The trusted lane: which requests come from a server of the application, which may name accounts.
//!
//! By the network of the connection itself or by a secret in `X-Bauta-Credential`, compared in constant time. Without
//! either nobody is trusted. A proxy in front of visitors may stand in the very network of the servers, so what came
//! through one (a forwarding field) or from a browser (a cookie, `Origin`, `Sec-Fetch-Site`) is not trusted by network.

use std::net::IpAddr;
use std::path::Path;

use http::HeaderMap;
use ipnet::IpNet;
use subtle::ConstantTimeEq as _;

use crate::client_address::Peer;
use crate::config::fault::{Faults, KeyPath};
use crate::config::upstream::Trusted;
use crate::secret::Secret;

/// The header of the credential.
const HEADER: &str = "x-bauta-credential";
/// Fields that a server's own client does not send: the request came through a proxy, or from a browser.
const OF_VISITORS: [&str; 7] =
    ["x-forwarded-for", "forwarded", "x-real-ip", "via", "cookie", "origin", "sec-fetch-site"];
/// The shortest credential.
const SHORTEST: usize = 24;

/// Who is trusted.
#[derive(Clone, Default)]
pub struct Lane {
    networks: Vec<IpNet>,
    credential: Option<Secret>,
}

impl Lane {
    /// Reads `[site.upstream.trusted]`. `base` is the folder of the file.
    pub fn build(shape: &Trusted, base: &Path, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let networks = shape.networks.iter().filter_map(|network| network.parse().ok()).collect();
        let credential = match &shape.credential {
            None => None,
            Some(place) => match place.load(base) {
                Ok(secret) if secret.trimmed().len() >= SHORTEST => Some(secret),
                Ok(_) => {
                    faults.push(
                        at.key("credential"),
                        format!("is shorter than {SHORTEST} bytes: it could be guessed"),
                        "write a new one with `bauta keygen credential.key`",
                    );
                    return None;
                }
                Err(problem) => {
                    faults.push(at.key("credential"), problem.to_string(), "name a file that bauta can read");
                    return None;
                }
            },
        };
        Some(Self { networks, credential })
    }

    /// Whether anybody is trusted at all.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        !self.networks.is_empty() || self.credential.is_some()
    }

    /// Whether a request comes from a server of the application.
    #[must_use]
    pub fn trusts(&self, peer: Peer, headers: &HeaderMap) -> bool {
        let address = match peer {
            Peer::Tcp(address) => Some(address.ip()),
            Peer::Unix => None,
        };
        let near =
            address.is_some_and(|ip: IpAddr| self.networks.iter().any(|network| network.contains(&ip.to_canonical())));
        let shown = self.credential.as_ref().is_some_and(|secret| {
            let mut values = headers.get_all(HEADER).iter();
            match (values.next(), values.next()) {
                (Some(value), None) => bool::from(value.as_bytes().ct_eq(secret.trimmed())),
                _ => false,
            }
        });
        shown || (near && !OF_VISITORS.iter().any(|name| headers.contains_key(*name)))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_network_is_not_enough_for_what_a_visitor_sent() {
        let lane = Lane { networks: vec!["10.1.0.0/16".parse().unwrap()], credential: None };
        let near = Peer::Tcp("10.1.2.3:4000".parse().unwrap());
        assert!(lane.trusts(near, &HeaderMap::new()));
        assert!(!lane.trusts(Peer::Tcp("10.2.2.3:4000".parse().unwrap()), &HeaderMap::new()));
        assert!(!lane.trusts(Peer::Unix, &HeaderMap::new()));
        for name in OF_VISITORS {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static("x"));
            assert!(!lane.trusts(near, &headers), "{name}");
        }
    }

    #[test]
    fn a_credential_is_shown_once_and_whole() {
        let secret = Secret::new(b"credential-of-the-test-servers-0001".to_vec());
        let lane = Lane { networks: Vec::new(), credential: Some(secret) };
        let shown = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(HEADER, HeaderValue::from_static(value));
            }
            lane.trusts(Peer::Unix, &headers)
        };
        let right = "credential-of-the-test-servers-0001";
        assert!(shown(&[right]));
        for wrong in [&[][..], &[""], &["credential-of-the-test-servers-0002"], &[right, right]] {
            assert!(!shown(wrong), "{wrong:?}");
        }
    }
}
