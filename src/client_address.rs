//! Who is asking: the visitor's address, from the peer and the forwarding headers of *trusted* hops only.
//!
//! Promise: an address that a client wrote into a header is never believed. The list of trusted proxies defaults
//! to nobody (product invariant 8); with a list, the hops are walked from the right, and the walk stops at the
//! first hop that is not on it. Input: the peer and the request's headers. Output: [`ClientAddress`]. No I/O.
//!
//! **Which header.** `X-Forwarded-For` if it is there, else `Forwarded` (RFC 7239). The proxies people put in
//! front (nginx, HAProxy, Caddy, the cloud load balancers) write the first and pass the second on as the client
//! sent it, so the second must not win. A front that writes only `Forwarded` has to delete `X-Forwarded-For`.
//!
//! A text that is no address (`unknown`, `_hidden`, an empty element, a broken quote) stops the walk: the answer
//! is then the nearest hop that is known, never a guess.

mod forwarded;
mod report;

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::HeaderMap;
use http::header::{FORWARDED, HeaderName};
use ipnet::IpNet;

use crate::config::fault::{Faults, KeyPath};

pub use report::Reports;

static X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// A TCP connection.
    Tcp(SocketAddr),
    /// A unix socket: the peer has no address.
    Unix,
}

/// The hops whose word about the visitor's address is believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    unix: bool,
}

/// A hop that sends forwarding headers and is not trusted, although it looks like a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Forwarder {
    /// A peer with a private address.
    Address(IpAddr),
    /// The unix socket.
    Unix,
}

/// What is known about the visitor's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress {
    /// The address; `None` when the request came over a unix socket and no trusted hop named one.
    pub ip: Option<IpAddr>,
    /// Set when an untrusted private peer forwards for others: all its visitors would share one address. The
    /// caller reports it (see [`Reports`]) and suspends the per-address quota, product invariant 8.
    pub untrusted_forwarder: Option<Forwarder>,
}

impl TrustedProxies {
    /// Reads `listen.trusted_proxies`: CIDRs, single addresses and the word `unix`. `at` is the list's key.
    ///
    /// Every bad entry is a fault; so is a network of prefix length 0, because trusting everybody means that the
    /// visitor writes his own address.
    pub fn parse(list: &[String], at: &KeyPath, faults: &mut Faults) -> Self {
        let mut trusted = Self::default();
        for (position, entry) in list.iter().enumerate() {
            if entry == "unix" {
                trusted.unix = true;
                continue;
            }
            let network = entry.parse::<IpNet>().ok().or_else(|| entry.parse::<IpAddr>().ok().map(IpNet::from));
            match network {
                Some(network) if network.prefix_len() == 0 => faults.push(
                    at.index(position),
                    format!("{entry:?} trusts everybody, so that visitors could write their own address"),
                    "name the networks of your own proxies, such as \"10.0.0.0/8\"",
                ),
                Some(network) => trusted.networks.push(network.trunc()),
                None => faults.push(
                    at.index(position),
                    format!("{entry:?} is no network: expected a CIDR, an address or \"unix\""),
                    "write it as \"10.1.2.3/32\", \"fd00::/8\" or \"unix\"",
                ),
            }
        }
        trusted
    }

    /// Whether a hop with this address is believed.
    #[must_use]
    pub fn trusts(&self, ip: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&ip))
    }

    /// Finds the visitor's address.
    #[must_use]
    pub fn resolve(&self, peer: Peer, headers: &HeaderMap) -> ClientAddress {
        let (peer, trusted) = match peer {
            Peer::Tcp(address) => {
                let ip = address.ip().to_canonical();
                (Some(ip), self.trusts(ip))
            }
            Peer::Unix => (None, self.unix),
        };
        if trusted {
            return ClientAddress { ip: self.walk(peer, headers), untrusted_forwarder: None };
        }
        let forwards = headers.contains_key(&X_FORWARDED_FOR) || headers.contains_key(FORWARDED);
        let forwarder = match peer {
            Some(ip) => is_private(ip).then_some(Forwarder::Address(ip)),
            None => Some(Forwarder::Unix),
        };
        ClientAddress { ip: peer, untrusted_forwarder: forwarder.filter(|_| forwards) }
    }

    /// From the right, for as long as the hop that vouches for the next address is trusted.
    fn walk(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let mut known = peer;
        let mut step = |next: Option<IpAddr>| match next {
            Some(ip) => {
                known = Some(ip);
                self.trusts(ip)
            }
            None => false,
        };
        if headers.contains_key(&X_FORWARDED_FOR) {
            for line in headers.get_all(&X_FORWARDED_FOR).into_iter().rev() {
                for element in line.as_bytes().rsplit(|byte| *byte == b',') {
                    let next = std::str::from_utf8(element).ok().and_then(address);
                    if !step(next) {
                        return known;
                    }
                }
            }
        } else {
            for line in headers.get_all(FORWARDED).into_iter().rev() {
                let Some(hops) = line.to_str().ok().and_then(forwarded::hops) else { return known };
                for hop in hops.iter().rev() {
                    if !step(hop.as_deref().and_then(address)) {
                        return known;
                    }
                }
            }
        }
        known
    }
}

impl Forwarder {
    /// The entry of `trusted_proxies` that would make this hop believed.
    #[must_use]
    pub fn entry(&self) -> String {
        match self {
            Self::Address(ip) => IpNet::from(*ip).to_string(),
            Self::Unix => "unix".to_owned(),
        }
    }
}

/// Reads one hop: IPv4, IPv6, `ip:port`, `[v6]`, `[v6]:port`. Addresses that no visitor can have are refused.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches([' ', '\t']);
    let ip: IpAddr = if let Some(rest) = text.strip_prefix('[') {
        let (inside, after) = rest.split_once(']')?;
        if !after.is_empty() && !after.strip_prefix(':').is_some_and(is_port) {
            return None;
        }
        IpAddr::V6(inside.parse().ok()?)
    } else {
        match text.split_once(':') {
            Some((host, port)) if !port.contains(':') => {
                if !is_port(port) {
                    return None;
                }
                IpAddr::V4(host.parse().ok()?)
            }
            _ => text.parse().ok()?,
        }
    };
    let ip = ip.to_canonical();
    let broadcast = matches!(ip, IpAddr::V4(v4) if v4.is_broadcast());
    (!ip.is_unspecified() && !ip.is_multicast() && !broadcast).then_some(ip)
}

/// A port, or the obfuscated port of RFC 7239 section 6.
fn is_port(text: &str) -> bool {
    let bytes = text.as_bytes();
    match bytes.strip_prefix(b"_") {
        Some(rest) => !rest.is_empty() && rest.iter().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(b)),
        None => (1..=5).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_digit),
    }
}

/// Addresses that a proxy of one's own network has: RFC 1918, loopback, link-local, carrier NAT (RFC 6598),
/// unique local (RFC 4193).
fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            let carrier = matches!(v4.octets(), [100, second, ..] if (64..128).contains(&second));
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || carrier
        }
        IpAddr::V6(v6) => v6 == Ipv6Addr::LOCALHOST || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests;
