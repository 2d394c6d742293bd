//! Keyed hashes for the quota tables.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

/// What a quota is counted under: a 64-bit SipHash under a key that this process drew at random. It says nothing
/// about whom it stands for, and nobody outside can make two visitors collide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key(pub(super) u64);

impl Key {
    /// The hash, for the tables of this process that count people.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }
}

/// Makes [`Key`]s. One per process; the hash key is never written anywhere and ends with the process.
#[derive(Clone, Default)]
pub struct Keyer(RandomState);

impl Keyer {
    /// Draws a random hash key.
    #[must_use]
    pub fn random() -> Self {
        Self::default()
    }

    /// A person known by the session: the realm and the application's own id.
    #[must_use]
    pub fn person(&self, realm: &str, user: &str) -> Key {
        Key(self.0.hash_one(("person", realm, user)))
    }

    /// A visitor without a session: address and browser.
    #[must_use]
    pub fn browser(&self, ip: Option<IpAddr>, user_agent: &[u8]) -> Key {
        Key(self.0.hash_one(("browser", ip.map(network), user_agent)))
    }

    /// An address: IPv4 whole, IPv6 by its /64, which is what one connection gets (RFC 6177).
    #[must_use]
    pub fn address(&self, ip: IpAddr) -> Key {
        Key(self.0.hash_one(("address", network(ip))))
    }
}

/// The part of an address that names its holder.
fn network(ip: IpAddr) -> (bool, u64) {
    match ip.to_canonical() {
        IpAddr::V4(v4) => (false, u64::from(v4.to_bits())),
        IpAddr::V6(v6) => (true, u64::try_from(v6.to_bits() >> 64).unwrap_or(u64::MAX)),
    }
}
