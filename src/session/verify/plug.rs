//! The encrypted formats of Plug and Phoenix (elixir-plug/plug_crypto `lib/plug/crypto/message_encryptor.ex`).
//!
//! `XCP.` (plug_crypto 2): base64url of nonce (24), tag (16) and ciphertext, XChaCha20-Poly1305 under the encryption
//! key; the signing salt does not matter. `QTEyOEdDTQ.` (plug_crypto 1): a content key wrapped with AES-GCM, bound to
//! the signing key, then the value in AES-128-GCM. Both are bound to the word `A128GCM`.

use zeroize::Zeroizing;

use super::cipher;
use crate::session::candidate::Candidate;
use crate::session::digest::Digest;
use crate::session::encoding;
use crate::session::keys::{Key, Pbkdf2, Recipe, Salt, SaltKey};
use crate::session::refusal::Refusal;
use crate::session::setup::Setup;

/// `Plug.Crypto.KeyGenerator` by default.
pub(crate) const KEY_GENERATOR: Pbkdf2 = Pbkdf2 { digests: &[Digest::Sha256], iterations: 1000, length: 32 };

const AAD: &[u8] = b"A128GCM";

/// Whose value it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The session cookie, with an encryption and a signing salt.
    Session,
    /// `Phoenix.Token.encrypt`, with one salt and no signing key.
    Token,
}

impl Kind {
    /// The salts that it needs.
    pub(crate) const fn salts(self) -> &'static [SaltKey] {
        match self {
            Self::Session => &[SaltKey::Encryption, SaltKey::Signing],
            Self::Token => &[SaltKey::Salt],
        }
    }
}

/// The check for one site.
pub(crate) struct Plug {
    keys: Vec<Pair>,
}

/// The keys made from one secret.
struct Pair {
    encryption: Key,
    signing: Zeroizing<Vec<u8>>,
}

impl Plug {
    /// Makes the check from the configuration.
    pub(crate) fn build(kind: Kind, setup: &mut Setup<'_>) -> Self {
        let mut keys = |salt| setup.keys(Recipe::Pbkdf2(Salt::Own(salt), KEY_GENERATOR));
        let pair = |encryption, signing| Pair { encryption, signing };
        let keys = match kind {
            Kind::Session => {
                let (encryption, signing) = (keys(SaltKey::Encryption), keys(SaltKey::Signing));
                encryption.into_iter().zip(signing).map(|(key, signing)| pair(key, signing.bytes)).collect()
            }
            Kind::Token => keys(SaltKey::Salt).into_iter().map(|key| pair(key, Zeroizing::default())).collect(),
        };
        Self { keys }
    }

    /// Decrypts; leaves the Erlang term.
    pub(crate) fn open(&self, candidate: &mut Candidate<'_>) -> Result<(), Refusal> {
        let value = candidate.bytes()?;
        let parts: Vec<&[u8]> = value.splitn(6, |byte| *byte == b'.').collect();
        let part = |text: &[u8]| encoding::jose(text).ok_or(Refusal::Malformed);
        let opened = match *parts.as_slice() {
            [b"XCP", sealed] => {
                let sealed = part(sealed)?;
                self.first(|pair| xcp(pair, &sealed))
            }
            // The word itself, in base64url.
            [b"QTEyOEdDTQ", wrapped, nonce, text, tag] => {
                let (wrapped, nonce, text, tag) = (part(wrapped)?, part(nonce)?, part(text)?, part(tag)?);
                self.first(|pair| cipher::gcm(&unwrap(pair, &wrapped)?, &nonce, AAD, &text, &tag))
            }
            _ => return Err(Refusal::Malformed),
        };
        let (key, plain) = opened.ok_or(Refusal::BadSignature)?;
        candidate.trace.key = Some(key.label());
        candidate.set_bytes(plain);
        Ok(())
    }

    fn first(&self, open: impl Fn(&Pair) -> Option<cipher::Plain>) -> Option<(&Key, cipher::Plain)> {
        self.keys.iter().find_map(|pair| Some((&pair.encryption, open(pair)?)))
    }
}

fn xcp(pair: &Pair, sealed: &[u8]) -> Option<cipher::Plain> {
    let (nonce, rest) = sealed.split_at_checked(24)?;
    let (tag, text) = rest.split_at_checked(16)?;
    // The library takes the first 32 bytes of a longer key.
    cipher::xchacha(pair.encryption.bytes.get(..32)?, nonce, AAD, &[text, tag].concat())
}

/// The content key: `ciphertext (16) || tag (16) || nonce (12)`, bound to the signing key.
fn unwrap(pair: &Pair, wrapped: &[u8]) -> Option<cipher::Plain> {
    let (text, rest) = wrapped.split_at_checked(16)?;
    let (tag, nonce) = rest.split_at_checked(16)?;
    cipher::gcm(&pair.encryption.bytes, nonce, &pair.signing, text, tag)
}
