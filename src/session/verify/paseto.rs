//! PASETO version 4 (github.com/paseto-standard/paseto-spec, `docs/01-Protocol-Versions/Version4.md`).
//!
//! `v4.local` is encrypted with a shared key of 32 bytes, `v4.public` signed with Ed25519; which of them is decided by
//! the configuration, never by the token. Both bind the footer and the application's implicit assertion.

use blake2::Blake2bMac;
use blake2::digest::consts::{U32, U56};
use blake2::digest::{KeyInit as _, Mac as _};
use chacha20::XChaCha20;
use chacha20::cipher::{KeyIvInit as _, StreamCipher as _};
use zeroize::Zeroizing;

use super::algorithm::Algorithm;
use super::claims::{Claims, Defaults};
use super::public_key::PublicKey;
use crate::clock::UnixMillis;
use crate::session::candidate::{Candidate, KeyLabel};
use crate::session::decode::json;
use crate::session::encoding;
use crate::session::keys::{Key, Recipe};
use crate::session::refusal::Refusal;
use crate::session::setup::Setup;
use crate::session::time::Unit;

const LOCAL: &[u8] = b"v4.local.";
const PUBLIC: &[u8] = b"v4.public.";

/// The check for one site.
pub(crate) struct Paseto {
    keys: Keys,
    assertion: String,
    claims: Claims,
}

enum Keys {
    Local(Vec<Key>),
    Public(Vec<PublicKey>),
}

/// Which of the two purposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Encrypted.
    Local,
    /// Signed.
    Public,
}

impl Paseto {
    /// Makes the check from the configuration.
    pub(crate) fn build(purpose: Purpose, setup: &mut Setup<'_>) -> Self {
        let keys = match purpose {
            Purpose::Local => Keys::Local(setup.keys(Recipe::Sized(&[32]))),
            Purpose::Public => Keys::Public(public_keys(setup)),
        };
        let assertion =
            setup.take("implicit_assertion", |config| config.implicit_assertion.clone()).unwrap_or_default();
        let claims = Claims::build(Defaults { unit: Unit::Iso, ..Defaults::JWT }, setup);
        Self { keys, assertion, claims }
    }

    /// Checks the token, and leaves its claims.
    pub(crate) fn open(&self, candidate: &mut Candidate<'_>, now: UnixMillis) -> Result<(), Refusal> {
        let token = candidate.bytes()?;
        let header = if matches!(self.keys, Keys::Local(_)) { LOCAL } else { PUBLIC };
        let rest = token.strip_prefix(header).ok_or(Refusal::Malformed)?;
        let mut parts = rest.split(|byte| *byte == b'.');
        let mut part = || parts.next().map(|text| encoding::jose(text).ok_or(Refusal::Malformed)).transpose();
        let (body, footer) = (part()?.ok_or(Refusal::Malformed)?, part()?.unwrap_or_default());
        if part()?.is_some() {
            return Err(Refusal::Malformed);
        }
        let assertion = self.assertion.as_bytes();
        let (index, payload) = match &self.keys {
            Keys::Local(keys) => {
                let mut keys = keys.iter();
                let opened = keys.find_map(|key| Some((key.index, decrypt(&key.bytes, &body, &footer, assertion)?)));
                opened.ok_or(Refusal::BadSignature)?
            }
            Keys::Public(keys) => {
                let at = body.len().checked_sub(64).ok_or(Refusal::Malformed)?;
                let (message, signature) = body.split_at_checked(at).ok_or(Refusal::Malformed)?;
                let signed = encode(&[PUBLIC, message, &footer, assertion]);
                let index = keys.iter().position(|key| key.verifies(Algorithm::EdDsa, &signed, signature));
                (index.ok_or(Refusal::BadSignature)?, Zeroizing::new(message.to_vec()))
            }
        };
        let claims = json::read(&payload).ok_or(Refusal::Malformed)?;
        candidate.trace.key = Some(KeyLabel { index, id: None });
        self.claims.check(&claims, &mut candidate.trace, now)?;
        candidate.set_value(claims);
        Ok(())
    }
}

fn public_keys(setup: &mut Setup<'_>) -> Vec<PublicKey> {
    let files = setup.take("public_keys", |config| &config.public_keys);
    let mut keys = Vec::new();
    let before = setup.found();
    for (index, path) in files.iter().enumerate() {
        let at = setup.at("public_keys").index(index);
        let Some(pem) = setup.file(path, &at) else { continue };
        match PublicKey::from_pem(&pem) {
            Ok(found) => keys.extend(found.into_iter().filter(|key| key.suits(Algorithm::EdDsa))),
            Err(problem) => setup.fault_at(at, problem, "export the public key as PEM (openssl pkey -pubout)"),
        }
    }
    if keys.is_empty() && setup.found() == before {
        let fix = "write public_keys = [\"paseto.pem\"], an Ed25519 public key";
        setup.fault("public_keys", "v4.public needs an Ed25519 public key", fix);
    }
    keys
}

/// The message of a `v4.local` body: `nonce (32) || ciphertext || tag (32)`.
fn decrypt(key: &[u8], body: &[u8], footer: &[u8], assertion: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, rest) = body.split_at_checked(32)?;
    let (text, tag) = rest.split_at_checked(rest.len().checked_sub(32)?)?;
    let mut auth_key = Blake2bMac::<U32>::new_from_slice(key).ok()?;
    auth_key.update(b"paseto-auth-key-for-aead");
    auth_key.update(nonce);
    let auth_key = Zeroizing::new(<[u8; 32]>::from(auth_key.finalize().into_bytes()));
    let mut mac = Blake2bMac::<U32>::new_from_slice(auth_key.as_slice()).ok()?;
    mac.update(&encode(&[LOCAL, nonce, text, footer, assertion]));
    mac.verify_slice(tag).ok()?;

    let mut split = Blake2bMac::<U56>::new_from_slice(key).ok()?;
    split.update(b"paseto-encryption-key");
    split.update(nonce);
    let split = Zeroizing::new(<[u8; 56]>::from(split.finalize().into_bytes()));
    let (stream_key, stream_nonce) = split.split_at_checked(32)?;
    let mut plain = Zeroizing::new(text.to_vec());
    XChaCha20::new_from_slices(stream_key, stream_nonce).ok()?.apply_keystream(&mut plain);
    Some(plain)
}

/// Pre-authentication encoding: the number of parts, then each with its length (`docs/02-Implementation-Guide`).
fn encode(parts: &[&[u8]]) -> Vec<u8> {
    let length = |count: usize| u64::try_from(count).unwrap_or(u64::MAX).to_le_bytes();
    let mut encoded = length(parts.len()).to_vec();
    for part in parts {
        encoded.extend(length(part.len()));
        encoded.extend_from_slice(part);
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn parts_are_encoded_with_their_lengths() {
        // The examples of the specification.
        assert_eq!(encode(&[]), b"\x00\x00\x00\x00\x00\x00\x00\x00");
        assert_eq!(encode(&[b""]), b"\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00");
        let test = b"\x01\x00\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00test";
        assert_eq!(encode(&[b"test"]), test);
    }
}
