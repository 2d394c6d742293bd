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

/// Where a salt comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Salt {
    /// The framework's own, which nobody changes.
    Fixed(&'static str),
    /// The framework's own, unless `salt` says otherwise.
    Default(&'static str),
    /// Every application has its own, under this key of the configuration.
    Own(SaltKey),
}

/// The keys of the configuration that hold salts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SaltKey {
    /// `salt`
    Salt,
    /// `signing_salt`
    Signing,
    /// `encryption_salt`
    Encryption,
}

impl SaltKey {
    /// The key in `[site.session]`.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Salt => "salt",
            Self::Signing => "signing_salt",
            Self::Encryption => "encryption_salt",
        }
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
    Concat(Digest, Salt),
    /// `HMAC(secret, salt)`: itsdangerous' `hmac`, which Flask uses.
    MacOfSalt(Digest, Salt),
    /// PBKDF2 (RFC 8018): `ActiveSupport::KeyGenerator`, `Plug.Crypto.KeyGenerator`.
    Pbkdf2(Salt, Pbkdf2),
}

/// The numbers of a PBKDF2, which `kdf` may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pbkdf2 {
    /// The hashes; each makes a key, for applications that were upgraded in place.
    pub(crate) digests: &'static [Digest],
    /// How often it is applied.
    pub(crate) iterations: u32,
    /// Length of the key in bytes.
    pub(crate) length: usize,
}

impl Recipe {
    /// The recipe's salt.
    pub(crate) const fn salt(self) -> Option<Salt> {
        match self {
            Self::Concat(_, salt) | Self::MacOfSalt(_, salt) | Self::Pbkdf2(salt, _) => Some(salt),
            Self::Plain | Self::Sized(_) => None,
        }
    }
}

/// PBKDF2 with HMAC.
pub(crate) fn pbkdf2(digest: Digest, secret: &[u8], salt: &[u8], iterations: u32, length: usize) -> Zeroizing<Vec<u8>> {
    let mut key = Zeroizing::new(vec![0; length]);
    match digest {
        Digest::Sha1 => pbkdf2::pbkdf2_hmac::<sha1::Sha1>(secret, salt, iterations, &mut key),
        Digest::Sha256 => pbkdf2::pbkdf2_hmac::<sha2::Sha256>(secret, salt, iterations, &mut key),
        Digest::Sha384 => pbkdf2::pbkdf2_hmac::<sha2::Sha384>(secret, salt, iterations, &mut key),
        Digest::Sha512 => pbkdf2::pbkdf2_hmac::<sha2::Sha512>(secret, salt, iterations, &mut key),
    }
    key
}

/// HKDF with SHA-256 (RFC 5869), for at most 255 * 32 bytes.
pub(crate) fn hkdf(secret: &[u8], salt: &[u8], info: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
    let mut key = Zeroizing::new(vec![0; length]);
    if hkdf::Hkdf::<sha2::Sha256>::new(Some(salt), secret).expand(info, &mut key).is_err() {
        // Longer than HKDF can make: no key, which fits nothing.
        key.clear();
    }
    key
}

/// Reads a key of a known length: the bytes themselves, or hexadecimal or base64 of so many bytes. No two of the
/// three spellings of one length have the same number of characters. One line end after the key is not part of it.
pub(crate) fn sized(whole: &[u8], lengths: &[usize]) -> Result<Zeroizing<Vec<u8>>, String> {
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
    use super::{Digest, hkdf, pbkdf2, sized};
    use crate::session::encoding::to_hex;

    #[test]
    fn a_sized_key_is_recognised_in_three_spellings() {
        let raw = b"0123456789abcdef";
        let hex = b"30313233343536373839616263646566";
        for spelling in
            [&raw[..], b"0123456789abcdef\r\n", hex, b"MDEyMzQ1Njc4OWFiY2RlZg==\n", b"MDEyMzQ1Njc4OWFiY2RlZg"]
        {
            assert_eq!(sized(spelling, &[16]).unwrap().as_slice(), raw);
        }
        assert_eq!(sized(b"0123456789abcde\n", &[16]).unwrap().as_slice(), b"0123456789abcde\n");
    }

    #[test]
    fn a_key_of_the_wrong_length_is_named_without_its_contents() {
        let problem = sized(b"sesame", &[16, 32]).unwrap_err();
        assert!(problem.contains("16 or 32 bytes") && problem.contains("found 6") && !problem.contains("sesame"));
    }

    #[test]
    fn derivations_are_those_of_the_standards() {
        // RFC 6070, second test; RFC 5869 appendix A.1, first 8 bytes.
        let key = pbkdf2(Digest::Sha1, b"password", b"salt", 2, 20);
        assert_eq!(to_hex(&key), "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957");
        let (salt, info): (Vec<u8>, Vec<u8>) = ((0..13).collect(), (0xf0..=0xf9).collect());
        assert_eq!(to_hex(&hkdf(&[0x0b; 22], &salt, &info, 42)).get(..16), Some("3cb25f25faacd57a"));
        assert!(hkdf(b"", b"", b"", 10_000).is_empty());
    }
}
