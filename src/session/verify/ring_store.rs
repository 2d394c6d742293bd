//! Ring's cookie store, which Biff uses: `base64(IV || AES-128-CBC(EDN)) -- base64(HMAC-SHA256(IV || ciphertext))`.
//!
//! The same 16-byte key is the key of the cipher and of the MAC (ring-clojure/ring
//! `ring-core/src/ring/middleware/session/cookie.clj`). The value carries no time.

use crate::session::candidate::Candidate;
use crate::session::digest::Digest;
use crate::session::encoding;
use crate::session::keys::{Key, Recipe};
use crate::session::refusal::Refusal;
use crate::session::setup::Setup;
use crate::session::verify::cipher;

/// The check for one site.
pub(crate) struct RingStore {
    keys: Vec<Key>,
}

impl RingStore {
    /// Makes the check from the configuration.
    pub(crate) fn build(setup: &mut Setup<'_>) -> Self {
        Self { keys: setup.keys(Recipe::Sized(&[16])) }
    }

    /// Checks the MAC, then decrypts; leaves the EDN text.
    pub(crate) fn open(&self, candidate: &mut Candidate<'_>) -> Result<(), Refusal> {
        let value = candidate.bytes()?;
        // Base64 has no hyphen, so the first pair of them is the separator.
        let at = memchr::memmem::find(value, b"--").ok_or(Refusal::Malformed)?;
        let part = |range: Option<&[u8]>| range.and_then(encoding::base64).ok_or(Refusal::Malformed);
        let sealed = part(value.get(..at))?;
        let tag = part(value.get(at + 2..))?;
        let key = self.keys.iter().find(|key| Digest::Sha256.mac_matches(&key.bytes, &[&sealed], &tag));
        let key = key.ok_or(Refusal::BadSignature)?;
        let (iv, ciphertext) = sealed.split_at_checked(16).ok_or(Refusal::Malformed)?;
        let plain = cipher::cbc(&key.bytes, iv, ciphertext).ok_or(Refusal::Malformed)?;
        candidate.trace.key = Some(key.label());
        candidate.set_bytes(plain);
        Ok(())
    }
}
