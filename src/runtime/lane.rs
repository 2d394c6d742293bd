//! The trusted lane: which requests come from a server of the application, which may name accounts.
//!
//! By the network of the connection itself (never by a forwarding header) or by a secret in `X-Bauta-Credential`,
//! compared in constant time. Without either nobody is trusted.

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
        near || shown
    }
}
