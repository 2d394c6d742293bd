//! App user id + key -> [`Pseudonym`]: the only place where the hash is made. No I/O.
//!
//! ```text
//! K  = HMAC-SHA256(master, "ana/key/v1" 00 | lp(realm) | lp(upstream))
//! id = "u" kid "_" base64url( HMAC-SHA256(K, "ana/uid/v1" 00 | lp(realm) | lp(user) | u32be(epoch))[0 .. bits/8] )
//! ```
//!
//! `lp` is a four-byte big-endian length and the bytes, so that ("ab", "c") and ("a", "bc") differ. One sub-key per
//! realm and upstream keeps two vendors, or two sites, from joining their data. There is no mode without a key and
//! none that lets the raw id through: an unkeyed hash of an account id can be found by trying all ids.

pub mod attribution;
pub mod pairs;
pub mod visitor;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::config::weakness;
use crate::person::{AppUserId, Salt};
use crate::secret::Secret;

/// The fewest bits of a pseudonym: about one collision in 10^4 for 10^10 people.
pub const MIN_BITS: u16 = 80;
/// The most bits of a pseudonym: all of SHA-256.
pub const MAX_BITS: u16 = 256;

/// The only identity that leaves the process.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pseudonym(String);

impl Pseudonym {
    /// The text that the vendor sees: `u`, the key id, `_`, base64url. Needs no escaping in JSON or in a URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// One master key and its id.
#[derive(Clone)]
pub struct MasterKey {
    id: String,
    state: Hmac<Sha256>,
}

/// Why a key is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakKey {
    /// Short, patterned or well-known, in words.
    #[error("{0}")]
    Key(&'static str),
    /// A key id that is not 1 to 8 ASCII letters or digits.
    #[error("a key id is 1 to 8 letters or digits")]
    Id,
    /// Bits outside 80 ..= 256, or no multiple of 8.
    #[error("a pseudonym has 80 to 256 bits, a multiple of 8")]
    Bits,
}

impl MasterKey {
    /// Takes a key.
    ///
    /// # Errors
    /// When the id has another form, or the key is short or well-known.
    pub fn new(id: &str, secret: &Secret) -> Result<Self, WeakKey> {
        if id.is_empty() || id.len() > 8 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(WeakKey::Id);
        }
        let bytes = secret.trimmed();
        if let Some(why) = weakness(bytes) {
            return Err(WeakKey::Key(why));
        }
        let state = Hmac::<Sha256>::new_from_slice(bytes).map_err(|_| WeakKey::Key("the key cannot be used"))?;
        Ok(Self { id: id.to_owned(), state })
    }

    /// The key id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// A sub-key for another use, under its own label (`store`, `quota`, `log`): outputs under different labels
    /// cannot be joined with each other or with a pseudonym.
    #[must_use]
    pub fn derive(&self, label: &str, realm: &str) -> [u8; 32] {
        let mut mac = self.state.clone();
        mac.update(b"ana/");
        mac.update(label.as_bytes());
        mac.update(b"/v1\0");
        lp(&mut mac, realm.as_bytes());
        mac.finalize().into_bytes().into()
    }

    fn sub_key(&self, realm: &str, upstream: &str) -> Hmac<Sha256> {
        let mut mac = self.state.clone();
        mac.update(b"ana/key/v1\0");
        lp(&mut mac, realm.as_bytes());
        lp(&mut mac, upstream.as_bytes());
        keyed(&mac.finalize().into_bytes())
    }

    /// The daily visitor id of somebody without an account (`d_` and 128 bits). `day` is `YYYY-MM-DD` in UTC.
    ///
    /// The day key can be computed again for as long as the master key lives; this is not the vendor's random daily
    /// salt.
    #[must_use]
    pub fn daily_visitor(&self, realm: &str, day: &str, site: &str, ip: &str, user_agent: &str) -> String {
        let mut mac = self.state.clone();
        mac.update(b"ana/day/v1\0");
        lp(&mut mac, realm.as_bytes());
        lp(&mut mac, day.as_bytes());
        let mut mac = keyed(&mac.finalize().into_bytes());
        mac.update(b"ana/vis/v1\0");
        for part in [site, ip, user_agent] {
            lp(&mut mac, part.as_bytes());
        }
        format!("d_{}", truncated(mac, 128))
    }
}

/// Makes the pseudonyms of one realm for one upstream. Cheap to use: the key is scheduled once.
#[derive(Clone)]
pub struct Pseudonymiser {
    kid: String,
    realm: String,
    bits: u16,
    state: Hmac<Sha256>,
}

impl Pseudonymiser {
    /// `upstream` is the upstream's name, or the name of its share group.
    ///
    /// # Errors
    /// [`WeakKey::Bits`] when `bits` is out of range.
    pub fn new(key: &MasterKey, realm: &str, upstream: &str, bits: u16) -> Result<Self, WeakKey> {
        if !(MIN_BITS..=MAX_BITS).contains(&bits) || !bits.is_multiple_of(8) {
            return Err(WeakKey::Bits);
        }
        Ok(Self { kid: key.id.clone(), realm: realm.to_owned(), bits, state: key.sub_key(realm, upstream) })
    }

    /// The pseudonym of a person. The same person, key and epoch always give the same text; raising the epoch after
    /// an erasure gives one that nobody can link to the earlier.
    #[must_use]
    pub fn pseudonym(&self, user: &AppUserId, epoch: u32) -> Pseudonym {
        self.salted(user, epoch, None)
    }

    /// The pseudonym of a person whose record keeps a salt: `| lp(salt)` is appended to the input above. Without the
    /// salt nobody, not even the holder of the key, can compute it again.
    #[must_use]
    pub fn salted(&self, user: &AppUserId, epoch: u32, salt: Option<&Salt>) -> Pseudonym {
        let mut mac = self.state.clone();
        mac.update(b"ana/uid/v1\0");
        lp(&mut mac, self.realm.as_bytes());
        lp(&mut mac, user.expose().as_bytes());
        mac.update(&epoch.to_be_bytes());
        if let Some(salt) = salt {
            lp(&mut mac, salt.expose());
        }
        Pseudonym(format!("u{}_{}", self.kid, truncated(mac, self.bits)))
    }

    /// True for a text of the form of our pseudonyms under this key. Says nothing about whose it is, or whether.
    #[must_use]
    pub fn is_one(&self, text: &str) -> bool {
        let digest = text.strip_prefix('u').and_then(|rest| rest.strip_prefix(self.kid.as_str()));
        digest.and_then(|rest| rest.strip_prefix('_')).is_some_and(|digest| {
            digest.len() == (usize::from(self.bits) / 8 * 4).div_ceil(3)
                && digest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        })
    }

    /// The name of a group (PostHog's `$groups`): `g`, the key id, `_`, base64url. Groups and people cannot be joined.
    #[must_use]
    pub fn group(&self, kind: &str, key: &str) -> String {
        self.other("g", b"ana/grp/v1\0", &[kind, key])
    }

    /// The name of somebody whose id is known to the vendor's client alone and may not leave as it is.
    #[must_use]
    pub fn stranger(&self, id: &str) -> String {
        self.other("s", b"ana/str/v1\0", &[id])
    }

    /// The name of something of a person's that events are about (a handle, an agent), by the claim it came from. It is not
    /// joined with the account's pseudonym, and an erasure renames it too; with the person's salt destroyed, nobody can make
    /// it again.
    #[must_use]
    pub fn claim(&self, path: &[String], value: &str, epoch: u32, salt: Option<&Salt>) -> String {
        let (path, epoch, salt) = (path.join("\u{1f}"), epoch.to_string(), salt.map(Salt::hex));
        let parts: Vec<&str> = [path.as_str(), value, &epoch].into_iter().chain(salt.as_deref()).collect();
        self.other("c", b"ana/clm/v1\0", &parts)
    }

    /// An id for decisions about feature flags and for nothing else: no event can be joined with it.
    #[must_use]
    pub fn for_flags(&self, id: &str) -> String {
        self.other("f", b"ana/flg/v1\0", &[id])
    }

    /// A UUID that is the same for the same bytes (RFC 9562 section 5.8), for events that came without one.
    #[must_use]
    pub fn uuid(&self, bytes: &[u8]) -> String {
        let mut mac = self.state.clone();
        mac.update(b"ana/uuid/v1\0");
        lp(&mut mac, bytes);
        let mut hex: Vec<u8> =
            mac.finalize().into_bytes().iter().take(16).flat_map(|byte| format!("{byte:02x}").into_bytes()).collect();
        for (at, letter) in [(12, b'8'), (16, b'a')] {
            if let Some(place) = hex.get_mut(at) {
                *place = letter;
            }
        }
        let text: String = hex.into_iter().map(char::from).collect();
        let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
        [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
    }

    fn other(&self, letter: &str, label: &[u8], parts: &[&str]) -> String {
        let mut mac = self.state.clone();
        mac.update(label);
        lp(&mut mac, self.realm.as_bytes());
        for part in parts {
            lp(&mut mac, part.as_bytes());
        }
        format!("{letter}{}_{}", self.kid, truncated(mac, self.bits))
    }
}

/// The active key and the earlier ones.
#[derive(Clone)]
pub struct KeyRing {
    /// Makes today's pseudonyms.
    pub active: MasterKey,
    /// Known so that all ids of a person can be listed; never used for new events.
    pub previous: Vec<MasterKey>,
}

impl KeyRing {
    /// All keys, the active one first.
    pub fn keys(&self) -> impl Iterator<Item = &MasterKey> {
        std::iter::once(&self.active).chain(&self.previous)
    }
}

fn lp(mac: &mut Hmac<Sha256>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    mac.update(&length.to_be_bytes());
    mac.update(bytes);
}

/// HMAC pads a short key with zeroes to the block length (RFC 2104 section 2), so a digest can be placed into a
/// whole block: no fallible call is left.
fn keyed(digest: &[u8]) -> Hmac<Sha256> {
    let mut block = [0_u8; 64];
    for (to, from) in block.iter_mut().zip(digest) {
        *to = *from;
    }
    Hmac::<Sha256>::new(&block.into())
}

fn truncated(mac: Hmac<Sha256>, bits: u16) -> String {
    let digest = mac.finalize().into_bytes();
    let bytes: Vec<u8> = digest.iter().copied().take(usize::from(bits / 8)).collect();
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(bytes: &[u8]) -> Result<MasterKey, WeakKey> {
        MasterKey::new("a", &Secret::new(bytes.to_vec()))
    }

    const GOOD: &[u8] = b"\xd4\x1f\x1f\x22\xc5\xb4\x2e\x67\xba\x1a\xc6\xc4\xb0\x78\x16\x95\xa6\xd4\xa4\x03\xc8\x6d\xc7\x73\xf8\xb5\xa9\x57\x4e\x46\xdc\x6f";

    #[test]
    fn weak_keys_and_odd_ids_are_refused() {
        for bytes in [&b"short"[..], &[0; 32], b"please-ChangeMe-before-you-go-live!!"] {
            assert!(matches!(key(bytes).err(), Some(WeakKey::Key(_))));
        }
        assert!(key(GOOD).is_ok());
        for id in ["", "a-b", "123456789", "\u{e4}"] {
            assert_eq!(MasterKey::new(id, &Secret::new(GOOD.to_vec())).err(), Some(WeakKey::Id), "{id:?}");
        }
    }

    #[test]
    fn fewer_than_80_bits_are_refused() {
        let key = key(GOOD).unwrap();
        for bits in [0, 64, 79, 84, 264] {
            assert_eq!(Pseudonymiser::new(&key, "r", "u", bits).err(), Some(WeakKey::Bits), "{bits}");
        }
        assert!(Pseudonymiser::new(&key, "r", "u", 80).is_ok());
    }

    #[test]
    fn realms_upstreams_and_epochs_do_not_join() {
        let key = key(GOOD).unwrap();
        let user = AppUserId::from_text("42").unwrap();
        let id = |realm: &str, upstream: &str, epoch| {
            Pseudonymiser::new(&key, realm, upstream, 128).unwrap().pseudonym(&user, epoch)
        };
        let base = id("a", "plausible", 0);
        assert_ne!(base, id("b", "plausible", 0));
        assert_ne!(base, id("a", "posthog", 0));
        assert_ne!(base, id("a", "plausible", 1));
        assert_eq!(base, id("a", "plausible", 0));
        let maker = Pseudonymiser::new(&key, "a", "plausible", 128).unwrap();
        let salt = |byte: u8| Salt::from_cell(&[byte; 16]).unwrap();
        assert_ne!(maker.salted(&user, 0, Some(&salt(1))), base);
        assert_ne!(maker.salted(&user, 0, Some(&salt(1))), maker.salted(&user, 0, Some(&salt(2))));
        assert_eq!(Salt::from_cell(format!("\\x{}", "01".repeat(16)).as_bytes()), Some(salt(1)));
        let claim = |epoch, salt| maker.claim(&["handle".to_owned()], "jane", epoch, salt);
        let claims = [claim(0, None), claim(1, None), claim(0, Some(&salt(1))), claim(0, Some(&salt(2)))];
        assert!(claims.iter().enumerate().all(|(place, one)| !claims.iter().skip(place + 1).any(|other| one == other)));
        assert!(Salt::from_cell(&[1; 15]).is_none() && Salt::from_cell(&[1; 65]).is_none());
        let looks_like_hex = [b"\\x".as_slice(), &[9; 14]].concat();
        assert_eq!(Salt::from_cell(&looks_like_hex).unwrap().expose(), looks_like_hex, "random bytes may begin so");
        let random = Salt::random().unwrap();
        assert_eq!((random.expose().len(), Salt::from_hex(&random.hex())), (16, Some(random)));
        assert!(Salt::random().unwrap() != random && Salt::from_hex("0x").is_none());
    }
}
