//! Hashes and MACs by name.
//!
//! Promise: a MAC is compared in constant time, and a MAC of the wrong length is simply a wrong one.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

pub(crate) use crate::config::session::Digest;

macro_rules! with_hash {
    ($digest:expr, $hash:ident => $body:expr) => {
        match $digest {
            Digest::Sha1 => {
                type $hash = Sha1;
                $body
            }
            Digest::Sha256 => {
                type $hash = Sha256;
                $body
            }
            Digest::Sha384 => {
                type $hash = Sha384;
                $body
            }
            Digest::Sha512 => {
                type $hash = Sha512;
                $body
            }
        }
    };
}

impl Digest {
    /// The hash of the parts, one after the other.
    pub(crate) fn hash(self, parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
        with_hash!(self, Hash => {
            let mut hash = Hash::new();
            for part in parts {
                hash.update(part);
            }
            Zeroizing::new(hash.finalize().to_vec())
        })
    }

    /// HMAC (RFC 2104) of the parts, one after the other.
    pub(crate) fn mac(self, key: &[u8], parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
        with_hash!(self, Hash => match Hmac::<Hash>::new_from_slice(key) {
            Ok(mut mac) => {
                for part in parts {
                    mac.update(part);
                }
                Zeroizing::new(mac.finalize().into_bytes().to_vec())
            }
            // HMAC takes keys of every length (RFC 2104 section 3); an empty MAC matches nothing.
            Err(_) => Zeroizing::default(),
        })
    }

    /// True when `tag` is the HMAC of the parts.
    pub(crate) fn mac_matches(self, key: &[u8], parts: &[&[u8]], tag: &[u8]) -> bool {
        with_hash!(self, Hash => Hmac::<Hash>::new_from_slice(key).is_ok_and(|mut mac| {
            for part in parts {
                mac.update(part);
            }
            mac.verify_slice(tag).is_ok()
        }))
    }

    /// Length of the hash in bytes.
    pub(crate) const fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Digest;
    use crate::session::encoding::{hex, to_hex};

    #[test]
    fn hashes_are_those_of_the_standards() {
        // FIPS 180-4, the message "abc".
        assert_eq!(to_hex(&Digest::Sha1.hash(&[b"a", b"bc"])), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert!(to_hex(&Digest::Sha256.hash(&[b"abc"])).starts_with("ba7816bf8f01cfea"));
        for digest in [Digest::Sha1, Digest::Sha256, Digest::Sha384, Digest::Sha512] {
            assert_eq!(digest.hash(&[]).len(), digest.length());
        }
    }

    #[test]
    fn a_mac_matches_only_whole() {
        // RFC 4231 section 4.3, test case 2.
        let tag = hex(b"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843").unwrap();
        let parts: [&[u8]; 2] = [b"what do ya want ", b"for nothing?"];
        assert!(Digest::Sha256.mac_matches(b"Jefe", &parts, &tag));
        assert_eq!(*Digest::Sha256.mac(b"Jefe", &parts), tag);
        assert!(!Digest::Sha256.mac_matches(b"Jefe", &parts, &tag[..16]));
        assert!(!Digest::Sha256.mac_matches(b"Jeff", &parts, &tag));
        assert!(!Digest::Sha256.mac_matches(b"Jefe", &parts, b""));
    }
}
