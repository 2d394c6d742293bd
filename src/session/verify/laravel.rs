//! Laravel's encrypted cookies: base64 of the JSON `{"iv","value","mac","tag"}` (laravel/framework
//! `src/Illuminate/Encryption/Encrypter.php`, `Cookie/CookieValuePrefix.php`).
//!
//! CBC is covered by a hexadecimal HMAC-SHA256 of the two base64 texts; its `tag` is empty and authenticated by
//! nothing. GCM has its tag and no MAC. The plaintext begins with the HMAC-SHA1 of the cookie's name, which stops a
//! value from being moved to another cookie.
//!
//! The cookie driver keeps the session in a second cookie, whose name is the session's id.

use super::cipher;
use crate::clock::UnixMillis;
use crate::config::session::Cipher;
use crate::person::Value;
use crate::session::candidate::Candidate;
use crate::session::decode::json;
use crate::session::digest::Digest;
use crate::session::encoding;
use crate::session::keys::{self, Key};
use crate::session::pick::Others;
use crate::session::refusal::Refusal;
use crate::session::setup::Setup;

/// The check for one site.
pub(crate) struct Laravel {
    cipher: Cipher,
    keys: Vec<Key>,
}

impl Laravel {
    /// Makes the check from the configuration.
    pub(crate) fn build(setup: &mut Setup<'_>) -> Self {
        let cipher = setup.take("cipher", |config| config.cipher.unwrap_or(Cipher::Aes256Cbc));
        let length = match cipher {
            Cipher::Aes128Cbc | Cipher::Aes128Gcm => 16,
            Cipher::Aes256Cbc | Cipher::Aes256Gcm => 32,
        };
        let mut keys = Vec::new();
        for (index, secret) in setup.secrets(true) {
            let bare = secret.strip_prefix(b"base64:").unwrap_or(&secret);
            match keys::sized(bare, &[length]) {
                Ok(bytes) => keys.push(Key { bytes, index }),
                Err(problem) => setup.secret_fault(index, problem),
            }
        }
        Self { cipher, keys }
    }

    /// Decrypts and checks that the value belongs to this cookie; leaves the value.
    pub(crate) fn open(&self, candidate: &mut Candidate<'_>) -> Result<(), Refusal> {
        let (key, value) = self.decrypt(candidate.name, candidate.bytes()?)?;
        candidate.trace.key = Some(key.label());
        candidate.set_bytes(value);
        Ok(())
    }

    /// Goes on with the cookie that is named by the session's id; leaves the session's PHP text.
    pub(crate) fn open_named(
        &self,
        candidate: &mut Candidate<'_>,
        others: &Others<'_>,
        now: UnixMillis,
    ) -> Result<(), Refusal> {
        let name = std::str::from_utf8(candidate.bytes()?).map_err(|_| Refusal::Malformed)?.to_owned();
        let mut found = Err(Refusal::NotFound);
        for value in others.named(&name)? {
            match (self.decrypt(&name, &value), &found) {
                (Ok((_, text)), Ok(known)) if text != *known => return Err(Refusal::Ambiguous),
                (Ok((_, text)), Err(_)) => found = Ok(text),
                (Err(refusal), Err(before)) => found = Err(refusal.max(*before)),
                _ => {}
            }
        }
        let session = json::read(&found?).ok_or(Refusal::Malformed)?;
        // {"data": serialized, "expires": seconds} (src/Illuminate/Session/CookieSessionHandler.php)
        let Some(Value::Text(data)) = session.child("data") else { return Err(Refusal::Malformed) };
        let expires = session.child("expires").and_then(|value| crate::session::time::Unit::Seconds.read(value));
        let expires = expires.ok_or(Refusal::Malformed)?;
        candidate.trace.expires = Some(expires);
        if now > expires {
            return Err(Refusal::Expired);
        }
        candidate.set_bytes(data.clone().into_bytes());
        Ok(())
    }

    fn decrypt(&self, name: &str, value: &[u8]) -> Result<(&Key, cipher::Plain), Refusal> {
        let payload = encoding::base64(value).and_then(|text| json::read(&text)).ok_or(Refusal::Malformed)?;
        let text = |name: &str| match payload.child(name) {
            Some(Value::Text(text)) => Some(text.as_bytes()),
            _ => None,
        };
        let (Some(iv_text), Some(value_text)) = (text("iv"), text("value")) else { return Err(Refusal::Malformed) };
        let (Some(iv), Some(sealed)) = (encoding::base64(iv_text), encoding::base64(value_text)) else {
            return Err(Refusal::Malformed);
        };
        let (key, plain) = match self.cipher {
            Cipher::Aes128Cbc | Cipher::Aes256Cbc => {
                let tag = text("mac").and_then(encoding::lower_hex).ok_or(Refusal::Malformed)?;
                let parts = [iv_text, value_text];
                let mut keys = self.keys.iter();
                let key = keys.find(|key| Digest::Sha256.mac_matches(&key.bytes, &parts, &tag));
                let key = key.ok_or(Refusal::BadSignature)?;
                (key, cipher::cbc(&key.bytes, &iv, &sealed).ok_or(Refusal::Malformed)?)
            }
            Cipher::Aes128Gcm | Cipher::Aes256Gcm => {
                let tag = text("tag").and_then(encoding::base64).ok_or(Refusal::Malformed)?;
                let mut keys = self.keys.iter();
                let opened = keys.find_map(|key| Some((key, cipher::gcm(&key.bytes, &iv, b"", &sealed, &tag)?)));
                opened.ok_or(Refusal::BadSignature)?
            }
        };
        // `hash_hmac('sha1', name.'v2', key).'|'`
        let (prefix, rest) = plain.split_at_checked(41).ok_or(Refusal::ClaimMismatch)?;
        let tag = prefix.strip_suffix(b"|").and_then(encoding::lower_hex).ok_or(Refusal::ClaimMismatch)?;
        if !Digest::Sha1.mac_matches(&key.bytes, &[name.as_bytes(), b"v2"], &tag) {
            return Err(Refusal::ClaimMismatch);
        }
        Ok((key, rest.to_vec().into()))
    }
}
