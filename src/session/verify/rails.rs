//! Rails' encrypted cookies, and the envelope that Rails puts around the values of encrypted and signed cookies.
//!
//! GCM (since 5.2): `base64(ciphertext)--base64(nonce)--base64(tag)`. CBC (up to 5.1): the signed form of
//! `base64(ciphertext)--base64(IV)`, so its MAC is checked by the stage before (rails/rails
//! `activesupport/lib/active_support/message_encryptor.rb`, `message_verifier.rb`).

use super::cipher;
use super::signed::split_last;
use crate::clock::UnixMillis;
use crate::person::Value;
use crate::session::candidate::Candidate;
use crate::session::decode::json;
use crate::session::digest::Digest;
use crate::session::encoding;
use crate::session::keys::{Key, Pbkdf2, Recipe, Salt};
use crate::session::refusal::Refusal;
use crate::session::setup::Setup;
use crate::session::time;

/// `ActiveSupport::KeyGenerator` with 1000 rounds: SHA-256 by the defaults of Rails 7.0 and later, SHA-1 before.
/// An application that was upgraded in place has cookies of both.
pub(crate) const KEY_GENERATOR: Pbkdf2 =
    Pbkdf2 { digests: &[Digest::Sha256, Digest::Sha1], iterations: 1000, length: 32 };

/// Which cipher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// AES-256-GCM.
    Gcm,
    /// AES-256-CBC, behind a MAC that was checked.
    Cbc,
}

/// The check for one site.
pub(crate) struct RailsCipher {
    mode: Mode,
    keys: Vec<Key>,
}

impl RailsCipher {
    /// Makes the check from the configuration.
    pub(crate) fn build(mode: Mode, setup: &mut Setup<'_>) -> Self {
        let salt = match mode {
            Mode::Gcm => "authenticated encrypted cookie",
            Mode::Cbc => "encrypted cookie",
        };
        Self { mode, keys: setup.keys(Recipe::Pbkdf2(Salt::Fixed(salt), KEY_GENERATOR)) }
    }

    /// Decrypts; leaves the envelope or the bare value.
    pub(crate) fn open(&self, candidate: &mut Candidate<'_>) -> Result<(), Refusal> {
        let value = candidate.bytes()?;
        let part = |text: &[u8]| encoding::base64(text).ok_or(Refusal::Malformed);
        let (rest, last) = split_last(value, "--").ok_or(Refusal::Malformed)?;
        let opened = match self.mode {
            Mode::Gcm => {
                let (text, nonce) = split_last(rest, "--").ok_or(Refusal::Malformed)?;
                let (text, nonce, tag) = (part(text)?, part(nonce)?, part(last)?);
                // A shorter tag would be a weaker one: Rails refuses it too.
                if nonce.len() != 12 || tag.len() != 16 {
                    return Err(Refusal::Malformed);
                }
                self.first(|key| cipher::gcm(key, &nonce, b"", &text, &tag)).ok_or(Refusal::BadSignature)?
            }
            Mode::Cbc => {
                let (text, iv) = (part(rest)?, part(last)?);
                self.first(|key| cipher::cbc(key, &iv, &text)).ok_or(Refusal::Malformed)?
            }
        };
        let (key, plain) = opened;
        candidate.trace.key = Some(key.label());
        candidate.set_bytes(plain);
        Ok(())
    }

    fn first(&self, open: impl Fn(&[u8]) -> Option<cipher::Plain>) -> Option<(&Key, cipher::Plain)> {
        self.keys.iter().find_map(|key| Some((key, open(&key.bytes)?)))
    }
}

/// Takes the value out of `{"_rails":{"message":base64,"exp":time,"pur":"cookie.name"}}`; a bare value stays as it is
/// (`use_cookies_with_metadata` off, or Rails before 5.2).
///
/// The purpose stops a value from being moved to another cookie; Rails accepts a value without one.
pub(crate) fn unwrap(candidate: &mut Candidate<'_>, now: UnixMillis) -> Result<(), Refusal> {
    let bytes = candidate.bytes()?;
    if !bytes.starts_with(b"{") {
        return Ok(());
    }
    let outer = json::read(bytes).ok_or(Refusal::Malformed)?;
    let Some(envelope @ Value::Map(_)) = outer.child("_rails") else { return Ok(()) };
    match envelope.child("pur") {
        None | Some(Value::Null) => {}
        Some(Value::Text(purpose)) if purpose.strip_prefix("cookie.") == Some(candidate.name) => {}
        Some(_) => return Err(Refusal::ClaimMismatch),
    }
    let expires = match envelope.child("exp") {
        None | Some(Value::Null) => None,
        Some(Value::Text(text)) => Some(time::iso(text).ok_or(Refusal::Malformed)?),
        Some(_) => return Err(Refusal::Malformed),
    };
    let Some(Value::Text(message)) = envelope.child("message") else { return Err(Refusal::Malformed) };
    let message = encoding::base64(message.as_bytes()).ok_or(Refusal::Malformed)?;
    candidate.trace.expires = expires;
    if expires.is_some_and(|expires| now >= expires) {
        return Err(Refusal::Expired);
    }
    candidate.set_bytes(message);
    Ok(())
}
