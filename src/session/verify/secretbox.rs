//! @fastify/secure-session: `base64(secretbox) ; base64(nonce)`, XSalsa20-Poly1305 under a 32-byte key.
//!
//! The key is given as it is, or made from a secret of at least 32 bytes with Argon2id (fastify/fastify-secure-session
//! `index.js`: `crypto_pwhash` with libsodium's MODERATE limits). That takes 256 MiB of memory once, at start; give the
//! derived key instead where that is too much.

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use super::cipher;
use crate::session::candidate::Candidate;
use crate::session::encoding;
use crate::session::keys::{Key, Recipe, Salt};
use crate::session::refusal::Refusal;
use crate::session::setup::Setup;

/// The salt that the library uses when the application gives none.
const LIBRARY_SALT: &str = "mq9hDxBVDbspDR6nLfFT1g==";
/// libsodium's `crypto_pwhash_OPSLIMIT_MODERATE` and `crypto_pwhash_MEMLIMIT_MODERATE`, the latter in KiB.
const PASSES: u32 = 3;
const MEMORY: u32 = 256 * 1024;

/// What the application gave to the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given {
    /// `key`: 32 bytes.
    Key,
    /// `secret`, with or without `salt`.
    Secret,
}

/// The check for one site.
pub(crate) struct Secretbox {
    keys: Vec<Key>,
}

impl Secretbox {
    /// Makes the check from the configuration.
    pub(crate) fn build(given: Given, setup: &mut Setup<'_>) -> Self {
        match given {
            Given::Key => Self { keys: setup.keys(Recipe::Sized(&[32])) },
            Given::Secret => {
                let salt = salt(setup);
                let mut keys = Vec::new();
                for (index, secret) in setup.secrets(false) {
                    match salt.as_deref().map(|salt| derive(&secret, salt)) {
                        Some(Some(bytes)) => keys.push(Key { bytes, index }),
                        Some(None) => setup.secret_fault(index, "the key cannot be derived from this secret".into()),
                        None => {}
                    }
                }
                Self { keys }
            }
        }
    }

    /// Opens the box; leaves the JSON text.
    pub(crate) fn open(&self, candidate: &mut Candidate<'_>) -> Result<(), Refusal> {
        let value = candidate.bytes()?;
        let at = memchr::memchr(b';', value).ok_or(Refusal::Malformed)?;
        let part = |range: Option<&[u8]>| range.and_then(encoding::base64).ok_or(Refusal::Malformed);
        let (sealed, nonce) = (part(value.get(..at))?, part(value.get(at + 1..))?);
        if nonce.len() != 24 || sealed.len() < 16 {
            return Err(Refusal::Malformed);
        }
        let opened = self.keys.iter().find_map(|key| Some((key, cipher::secretbox(&key.bytes, &nonce, &sealed)?)));
        let (key, plain) = opened.ok_or(Refusal::BadSignature)?;
        candidate.trace.key = Some(key.label());
        candidate.set_bytes(plain);
        Ok(())
    }
}

/// The 16 bytes of the salt: text of that length, or base64 of it.
fn salt(setup: &mut Setup<'_>) -> Option<Vec<u8>> {
    let text = setup.salt(Salt::Default(LIBRARY_SALT))?;
    let bytes = if text.len() == 16 { Some(text.into_bytes()) } else { encoding::base64(text.as_bytes()) };
    let salt = bytes.filter(|salt| salt.len() == 16);
    if salt.is_none() {
        setup.fault("salt", "expected 16 bytes, or base64 of them", "copy the salt that is given to the library");
    }
    salt
}

fn derive(secret: &[u8], salt: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let parameters = Params::new(MEMORY, PASSES, 1, Some(32)).ok()?;
    let mut key = Zeroizing::new(vec![0; 32]);
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
    argon2.hash_password_into(secret, salt, &mut key).ok().map(|()| key)
}
