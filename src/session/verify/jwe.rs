//! Encrypted JSON Web Tokens with a shared key (RFC 7516 with `"alg":"dir"`), as the Auth.js family writes them.
//!
//! The key is made from the framework's secret with HKDF. The token's `enc` must be the one that the preset expects;
//! its `kid` is not needed, since every key is tried. Compression (`zip`) is refused.

use zeroize::Zeroizing;

use super::cipher;
use super::claims::{Claims, Defaults};
use crate::clock::UnixMillis;
use crate::person::Value;
use crate::session::candidate::{Candidate, KeyLabel};
use crate::session::decode::json;
use crate::session::digest::Digest;
use crate::session::encoding;
use crate::session::keys;
use crate::session::refusal::Refusal;
use crate::session::setup::Setup;

/// How a framework encrypts its tokens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Profile {
    /// `enc`.
    pub(crate) method: Method,
    /// The salt of the HKDF.
    pub(crate) salt: HkdfSalt,
    /// The info of the HKDF.
    pub(crate) info: Info,
    /// The claims.
    pub(crate) claims: Defaults,
}

/// The content encryption (RFC 7518 section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// AES-256-GCM.
    A256Gcm,
    /// AES-256-CBC with HMAC-SHA512.
    A256CbcHs512,
}

/// The salt of the key derivation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HkdfSalt {
    /// Always this one.
    Fixed(&'static str),
    /// The cookie's name, unless `salt` says otherwise.
    CookieName,
}

/// The info of the key derivation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Info {
    /// Always this one.
    Fixed(&'static str),
    /// This one with the salt in parentheses after it.
    WithSalt(&'static str),
}

/// A key, and the cookie name that it is good for.
struct NamedKey {
    name: Option<String>,
    bytes: Zeroizing<Vec<u8>>,
    index: usize,
}

/// The check for one site.
pub(crate) struct Jwe {
    method: Method,
    keys: Vec<NamedKey>,
    claims: Claims,
}

impl Profile {
    /// Makes the check from the configuration.
    pub(crate) fn build(self, setup: &mut Setup<'_>) -> Jwe {
        // One salt for every cookie name, or one for each: renaming a cookie changes the key.
        let salts: Vec<(Option<String>, String)> = match self.salt {
            HkdfSalt::Fixed(salt) => vec![(None, salt.to_owned())],
            HkdfSalt::CookieName => match setup.take("salt", |config| config.salt.clone()) {
                Some(salt) => vec![(None, salt)],
                None => setup.names().into_iter().map(|name| (Some(name.clone()), name)).collect(),
            },
        };
        let mut keys = Vec::new();
        for (index, secret) in setup.secrets(false) {
            for (name, salt) in &salts {
                let info = match self.info {
                    Info::Fixed(info) => info.to_owned(),
                    Info::WithSalt(info) => format!("{info} ({salt})"),
                };
                let bytes = keys::hkdf(&secret, salt.as_bytes(), info.as_bytes(), self.method.key_length());
                keys.push(NamedKey { name: name.clone(), bytes, index });
            }
        }
        Jwe { method: self.method, keys, claims: Claims::build(self.claims, setup) }
    }
}

impl Jwe {
    /// Decrypts the token and checks its claims; leaves the claims.
    pub(crate) fn open(&self, candidate: &mut Candidate<'_>, now: UnixMillis) -> Result<(), Refusal> {
        let token = candidate.bytes()?;
        let parts: Vec<&[u8]> = token.splitn(6, |byte| *byte == b'.').collect();
        let &[head, wrapped, iv, text, tag] = parts.as_slice() else { return Err(Refusal::Malformed) };
        let header = encoding::jose(head).and_then(|json| json::read(&json)).ok_or(Refusal::Malformed)?;
        self.check_header(&header)?;
        let part = |text: &[u8]| encoding::jose(text).ok_or(Refusal::Malformed);
        let (iv, text, tag) = (part(iv)?, part(text)?, part(tag)?);
        if !wrapped.is_empty() {
            return Err(Refusal::Malformed);
        }
        let mut keys = self.keys.iter().filter(|key| key.name.as_deref().is_none_or(|name| name == candidate.name));
        let opened = keys.find_map(|key| Some((key, self.method.open(&key.bytes, head, &iv, &text, &tag)?)));
        let (key, plain) = opened.ok_or(Refusal::BadSignature)?;
        let claims = json::read(&plain).ok_or(Refusal::Malformed)?;
        candidate.trace.key = Some(KeyLabel { index: key.index, id: None });
        self.claims.check(&claims, &mut candidate.trace, now)?;
        candidate.set_value(claims);
        Ok(())
    }

    fn check_header(&self, header: &Value) -> Result<(), Refusal> {
        let is =
            |name: &str, expected: &str| matches!(header.child(name), Some(Value::Text(found)) if found == expected);
        if !is("alg", "dir") || !is("enc", self.method.name()) {
            return Err(Refusal::AlgNotAllowed);
        }
        if header.child("crit").is_some() || header.child("zip").is_some() { Err(Refusal::Malformed) } else { Ok(()) }
    }
}

impl Method {
    const fn name(self) -> &'static str {
        match self {
            Self::A256Gcm => "A256GCM",
            Self::A256CbcHs512 => "A256CBC-HS512",
        }
    }

    const fn key_length(self) -> usize {
        match self {
            Self::A256Gcm => 32,
            Self::A256CbcHs512 => 64,
        }
    }

    fn open(self, key: &[u8], head: &[u8], iv: &[u8], text: &[u8], tag: &[u8]) -> Option<cipher::Plain> {
        match self {
            Self::A256Gcm => cipher::gcm(key, iv, head, text, tag),
            Self::A256CbcHs512 => {
                // RFC 7518 section 5.2.2.1: the MAC covers the header, the IV, the text and the header's length in
                // bits; half of it is the tag.
                let (mac_key, key) = key.split_at_checked(32)?;
                let bits = u64::try_from(head.len()).ok()?.checked_mul(8)?.to_be_bytes();
                let mac = Digest::Sha512.mac(mac_key, &[head, iv, text, &bits]);
                let expected = mac.get(..32)?;
                if !bool::from(subtle::ConstantTimeEq::ct_eq(expected, tag)) {
                    return None;
                }
                cipher::cbc(key, iv, text)
            }
        }
    }
}
