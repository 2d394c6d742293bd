//! From the framework's secret to the keys of its ciphers and MACs.
//!
//! Promise: keys are derived once, when the configuration is loaded, and wiped when dropped. A key's length is
//! checked here, so that no request can find out that a key does not fit.

use zeroize::Zeroizing;

use super::candidate::KeyLabel;
use super::digest::Digest;
use super::encoding;

/// One derived key.
pub(crate) struct Key {
    /// The key's bytes.
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    /// The place of its secret in the configured list.
    pub(crate) index: usize,
}

impl Key {
    /// How `bauta session decode` names it.
    pub(crate) fn label(&self) -> KeyLabel {
        KeyLabel { index: self.index, id: None }
    }
}

/// How a framework makes a key from its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recipe {
    /// The secret itself.
    Plain,
    /// The secret itself, which has one of these lengths. Its file may hold the bytes, hexadecimal or base64.
    Sized(&'static [usize]),
    /// `hash(salt + "signer" + secret)`: django.core.signing, and itsdangerous' `django-concat`.
    Concat(Digest, &'static str),
    /// `HMAC(secret, salt)`: itsdangerous' `hmac`, which Flask uses.
    MacOfSalt(Digest, &'static str),
}

impl Recipe {
    /// True when the recipe has a salt that the framework lets people change.
    pub(crate) const fn salt(self) -> Option<&'static str> {
        match self {
            Self::Concat(_, salt) | Self::MacOfSalt(_, salt) => Some(salt),
            Self::Plain | Self::Sized(_) => None,
        }
    }

    /// Makes the key.
    ///
    /// # Errors
    /// What is wrong with the secret, in a sentence without contents.
    pub(crate) fn derive(self, secret: &[u8], salt: &str) -> Result<Zeroizing<Vec<u8>>, String> {
        match self {
            Self::Plain => Ok(Zeroizing::new(secret.to_vec())),
            Self::Sized(lengths) => sized(secret, lengths),
            Self::Concat(digest, _) => Ok(digest.hash(&[salt.as_bytes(), b"signer", secret])),
            Self::MacOfSalt(digest, _) => Ok(digest.mac(secret, &[salt.as_bytes()])),
        }
    }
}

/// Reads a key of a known length: the bytes themselves, or hexadecimal or base64 of so many bytes. No two of the
/// three spellings of one length have the same number of characters. One line end after the key is not part of it.
fn sized(whole: &[u8], lengths: &[usize]) -> Result<Zeroizing<Vec<u8>>, String> {
    let text = whole.strip_suffix(b"\n").unwrap_or(whole);
    let secret = text.strip_suffix(b"\r").unwrap_or(text);
    if let Some(key) = [whole, secret].into_iter().find(|key| lengths.contains(&key.len())) {
        return Ok(Zeroizing::new(key.to_vec()));
    }
    let decoders = [encoding::hex, encoding::base64, encoding::base64url];
    let decoded = decoders.iter().filter_map(|decode| decode(secret)).find(|key| lengths.contains(&key.len()));
    decoded.map(Zeroizing::new).ok_or_else(|| {
        let expected = lengths.iter().map(usize::to_string).collect::<Vec<_>>().join(" or ");
        format!("expected a key of {expected} bytes (or hexadecimal or base64 of as many), found {}", secret.len())
    })
}

#[cfg(test)]
mod tests {
    use super::{Digest, Recipe};
    use crate::session::encoding::to_hex;

    #[test]
    fn a_sized_key_is_recognised_in_three_spellings() {
        let recipe = Recipe::Sized(&[16]);
        let raw = b"0123456789abcdef";
        let hex = b"30313233343536373839616263646566";
        for spelling in
            [&raw[..], b"0123456789abcdef\r\n", hex, b"MDEyMzQ1Njc4OWFiY2RlZg==\n", b"MDEyMzQ1Njc4OWFiY2RlZg"]
        {
            assert_eq!(recipe.derive(spelling, "").unwrap().as_slice(), raw);
        }
        assert_eq!(recipe.derive(b"0123456789abcde\n", "").unwrap().as_slice(), b"0123456789abcde\n");
    }

    #[test]
    fn a_key_of_the_wrong_length_is_named_without_its_contents() {
        let problem = Recipe::Sized(&[16, 32]).derive(b"sesame", "").unwrap_err();
        assert!(problem.contains("16 or 32 bytes") && problem.contains("found 6") && !problem.contains("sesame"));
    }

    #[test]
    fn the_salt_is_part_of_the_derived_key() {
        let concat = Recipe::Concat(Digest::Sha256, "salt");
        assert_eq!(concat.derive(b"secret", "salt").unwrap(), Digest::Sha256.hash(&[b"saltsignersecret"]));
        let mac = Recipe::MacOfSalt(Digest::Sha1, "salt").derive(b"secret", "salt").unwrap();
        assert_eq!(to_hex(&mac).len(), 40);
        assert_ne!(mac, Digest::Sha1.mac(b"secret", &[b"other"]));
    }
}
