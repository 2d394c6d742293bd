//! oauth2-proxy's cookie store: `base64url(IV || AES-CFB(lz4(msgpack)))|seconds|base64url(MAC)` (oauth2-proxy/oauth2-proxy
//! `pkg/encryption/utils.go`, `cipher.go`, `pkg/apis/sessions/session_state.go`).
//!
//! The MAC is an HMAC-SHA256 over the cookie's name, the value and the time. Its key is the text of the cookie
//! secret. The key of the cipher is what the text encodes in base64url, if that has the length of an AES key, else the
//! text itself; a text of 32 characters may be meant either way, and the magic number of the frame tells which.

use std::time::Duration;

use zeroize::Zeroizing;

use super::cipher;
use super::signed::{check_age, split_last};
use crate::clock::UnixMillis;
use crate::session::candidate::{Candidate, KeyLabel};
use crate::session::digest::Digest;
use crate::session::encoding;
use crate::session::refusal::Refusal;
use crate::session::setup::Setup;

/// `cookie_expire` by default.
const WEEK: Duration = Duration::from_secs(7 * 86_400);

/// The magic number of an LZ4 frame.
const LZ4: &[u8] = b"\x04\x22\x4d\x18";

/// The check for one site.
pub(crate) struct OAuth2Proxy {
    secrets: Vec<Secret>,
    max_age: Duration,
}

struct Secret {
    index: usize,
    mac: Zeroizing<Vec<u8>>,
    ciphers: Vec<Zeroizing<Vec<u8>>>,
}

impl OAuth2Proxy {
    /// Makes the check from the configuration.
    pub(crate) fn build(setup: &mut Setup<'_>) -> Self {
        let max_age = setup.max_age(WEEK);
        let mut secrets = Vec::new();
        for (index, mac) in setup.secrets(false) {
            let ciphers = cipher_keys(&mac);
            if ciphers.is_empty() {
                setup.secret_fault(index, "expected 16, 24 or 32 bytes, or base64url of as many".into());
            }
            secrets.push(Secret { index, mac, ciphers });
        }
        Self { secrets, max_age }
    }

    /// Checks the MAC and the age, then decrypts; leaves the compressed session.
    pub(crate) fn open(&self, candidate: &mut Candidate<'_>, now: UnixMillis) -> Result<(), Refusal> {
        let value = candidate.bytes()?;
        let (signed, tag) = split_last(value, "|").ok_or(Refusal::Malformed)?;
        let (payload, seconds) = split_last(signed, "|").ok_or(Refusal::Malformed)?;
        let tag = encoding::base64url(tag).ok_or(Refusal::Malformed)?;
        let parts = [candidate.name.as_bytes(), payload, seconds];
        let secret = self.secrets.iter().find(|secret| Digest::Sha256.mac_matches(&secret.mac, &parts, &tag));
        let secret = secret.ok_or(Refusal::BadSignature)?;
        let issued = encoding::decimal(seconds).map(UnixMillis::from_seconds).ok_or(Refusal::Malformed)?;
        let sealed = encoding::base64url(payload).ok_or(Refusal::Malformed)?;
        candidate.trace.key = Some(KeyLabel { index: secret.index, id: None });
        candidate.trace.issued = Some(issued);
        candidate.trace.expires = Some(issued.after(self.max_age));
        check_age(issued, self.max_age, now)?;
        let (iv, text) = sealed.split_at_checked(16).ok_or(Refusal::Malformed)?;
        let mut plains = secret.ciphers.iter().filter_map(|key| cipher::cfb(key, iv, text));
        let plain = plains.find(|plain| plain.starts_with(LZ4)).ok_or(Refusal::Malformed)?;
        candidate.set_bytes(plain);
        Ok(())
    }
}

/// What the text encodes and the text itself, as far as they have the length of an AES key.
fn cipher_keys(secret: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    let readings = [encoding::base64url(secret), Some(secret.to_vec())];
    readings.into_iter().flatten().filter(|key| matches!(key.len(), 16 | 24 | 32)).map(Zeroizing::new).collect()
}
