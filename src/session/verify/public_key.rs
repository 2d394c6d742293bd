//! Public keys: read from PEM files, certificates and JSON Web Keys; used by the token formats.
//!
//! Input: PEM with `PUBLIC KEY`, `RSA PUBLIC KEY` or `CERTIFICATE` sections (RFC 7468), or JWK members (RFC 7517).
//! A private key is refused: it has no business here. Failure: a sentence that names what was expected.

use ring::signature as sig;
use ring::signature::{RsaPublicKeyComponents, UnparsedPublicKey};

use super::algorithm::Algorithm;
use crate::session::encoding;

/// A key that verifies and cannot sign.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum PublicKey {
    /// RSA, modulus and exponent as big-endian bytes without leading zeros.
    Rsa {
        /// The modulus.
        n: Vec<u8>,
        /// The public exponent.
        e: Vec<u8>,
    },
    /// A point of NIST P-256, uncompressed.
    P256(Vec<u8>),
    /// A point of NIST P-384, uncompressed.
    P384(Vec<u8>),
    /// Ed25519.
    Ed25519(Vec<u8>),
}

impl PublicKey {
    /// True when this kind of key is the one that the algorithm works with. The key's kind decides, never the
    /// token: an RSA key is no HMAC secret (RFC 8725 section 2.1).
    pub(crate) const fn suits(&self, algorithm: Algorithm) -> bool {
        use Algorithm as A;
        match self {
            Self::Rsa { .. } => matches!(algorithm, A::Rs256 | A::Rs384 | A::Rs512 | A::Ps256 | A::Ps384 | A::Ps512),
            Self::P256(_) => matches!(algorithm, A::Es256),
            Self::P384(_) => matches!(algorithm, A::Es384),
            Self::Ed25519(_) => matches!(algorithm, A::EdDsa),
        }
    }

    /// True when the signature over the message was made with this key's other half.
    pub(crate) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let simple = |method: &'static dyn sig::VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(method, key).verify(message, signature).is_ok()
        };
        match (self, algorithm) {
            (Self::Rsa { n, e }, algorithm) => {
                let method = match algorithm {
                    Algorithm::Rs256 => &sig::RSA_PKCS1_2048_8192_SHA256,
                    Algorithm::Rs384 => &sig::RSA_PKCS1_2048_8192_SHA384,
                    Algorithm::Rs512 => &sig::RSA_PKCS1_2048_8192_SHA512,
                    Algorithm::Ps256 => &sig::RSA_PSS_2048_8192_SHA256,
                    Algorithm::Ps384 => &sig::RSA_PSS_2048_8192_SHA384,
                    Algorithm::Ps512 => &sig::RSA_PSS_2048_8192_SHA512,
                    _ => return false,
                };
                RsaPublicKeyComponents { n, e }.verify(method, message, signature).is_ok()
            }
            (Self::P256(key), Algorithm::Es256) => simple(&sig::ECDSA_P256_SHA256_FIXED, key),
            (Self::P384(key), Algorithm::Es384) => simple(&sig::ECDSA_P384_SHA384_FIXED, key),
            (Self::Ed25519(key), Algorithm::EdDsa) => simple(&sig::ED25519, key),
            _ => false,
        }
    }

    /// Reads every public key of a PEM file, in order.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub(crate) fn from_pem(pem: &[u8]) -> Result<Vec<Self>, String> {
        let text = std::str::from_utf8(pem).map_err(|_| NO_PEM.to_owned())?;
        let mut keys = Vec::new();
        let mut rest = text;
        while let Some((_, begun)) = rest.split_once("-----BEGIN ") {
            let (label, body) = begun.split_once("-----").ok_or(NO_PEM)?;
            let (body, after) = body.split_once(&format!("-----END {label}-----")).ok_or(NO_PEM)?;
            rest = after;
            let body: Vec<u8> = body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
            let der = encoding::base64(&body).ok_or(NO_PEM)?;
            let key = match label {
                "PUBLIC KEY" => spki(&der),
                "RSA PUBLIC KEY" => rsa(&der),
                "CERTIFICATE" => certificate(&der),
                _ if label.ends_with("PRIVATE KEY") => {
                    return Err("this is a private key; give the public key of the pair".into());
                }
                _ => return Err(NO_PEM.to_owned()),
            };
            keys.push(
                key.ok_or("the key is of a kind that is not supported: use RSA, P-256, P-384 or Ed25519")?.sound()?,
            );
        }
        if keys.is_empty() { Err(NO_PEM.to_owned()) } else { Ok(keys) }
    }

    /// Makes a key of JWK members; `member` gives the decoded bytes of one.
    pub(crate) fn from_jwk(kty: &str, crv: Option<&str>, member: impl Fn(&str) -> Option<Vec<u8>>) -> Option<Self> {
        let point = |length: usize| {
            let (x, y) = (member("x")?, member("y")?);
            (x.len() == length && y.len() == length).then(|| [&[4], x.as_slice(), y.as_slice()].concat())
        };
        let key = match (kty, crv) {
            ("RSA", _) => Self::Rsa { n: unsigned(&member("n")?).to_vec(), e: unsigned(&member("e")?).to_vec() },
            ("EC", Some("P-256")) => Self::P256(point(32)?),
            ("EC", Some("P-384")) => Self::P384(point(48)?),
            ("OKP", Some("Ed25519")) => Self::Ed25519(member("x").filter(|x| x.len() == 32)?),
            _ => return None,
        };
        key.sound().ok()
    }

    /// Refuses RSA keys that the verification would refuse on every request.
    fn sound(self) -> Result<Self, String> {
        match &self {
            Self::Rsa { n, .. } if !(256..=1024).contains(&n.len()) => {
                Err(format!("an RSA key of {} bits; between 2048 and 8192 are accepted", n.len() * 8))
            }
            _ => Ok(self),
        }
    }
}

const NO_PEM: &str = "expected a PEM file with a PUBLIC KEY or CERTIFICATE section";

// ---------------------------------------------------------------- DER (ITU-T X.690), as much as keys need

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

/// The content of the element that stands first, which must have this tag, and what follows it.
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[found, first], rest) = der.split_first_chunk::<2>()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let count = usize::from(first & 0x7f);
        let (digits, rest) = rest.split_at_checked(count)?;
        (usize::try_from(encoding::big_endian(digits)?).ok()?, rest)
    };
    if found == tag { rest.split_at_checked(length) } else { None }
}

/// `SubjectPublicKeyInfo` (RFC 5280 section 4.1; RFC 3279, RFC 5480, RFC 8410 for the identifiers).
fn spki(der: &[u8]) -> Option<PublicKey> {
    let (info, _) = element(SEQUENCE, der)?;
    let (algorithm, rest) = element(SEQUENCE, info)?;
    let (&unused, key) = element(BIT_STRING, rest)?.0.split_first()?;
    if unused != 0 {
        return None;
    }
    let (kind, parameters) = element(OID, algorithm)?;
    match kind {
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01" => rsa(key),
        b"\x2a\x86\x48\xce\x3d\x02\x01" => match element(OID, parameters)?.0 {
            b"\x2a\x86\x48\xce\x3d\x03\x01\x07" if key.len() == 65 => Some(PublicKey::P256(key.to_vec())),
            b"\x2b\x81\x04\x00\x22" if key.len() == 97 => Some(PublicKey::P384(key.to_vec())),
            _ => None,
        },
        b"\x2b\x65\x70" if key.len() == 32 => Some(PublicKey::Ed25519(key.to_vec())),
        _ => None,
    }
}

/// `RSAPublicKey` (RFC 8017 appendix A.1.1).
fn rsa(der: &[u8]) -> Option<PublicKey> {
    let (numbers, _) = element(SEQUENCE, der)?;
    let (n, rest) = element(INTEGER, numbers)?;
    let (e, _) = element(INTEGER, rest)?;
    Some(PublicKey::Rsa { n: unsigned(n).to_vec(), e: unsigned(e).to_vec() })
}

/// The key of an X.509 certificate. Its issuer and dates are not checked: the operator chose the file.
fn certificate(der: &[u8]) -> Option<PublicKey> {
    let (certificate, _) = element(SEQUENCE, der)?;
    let (body, _) = element(SEQUENCE, certificate)?;
    let body = element(VERSION, body).map_or(body, |(_, rest)| rest);
    let (_, rest) = element(INTEGER, body)?;
    let after_subject = (0..4).try_fold(rest, |rest, _| element(SEQUENCE, rest).map(|(_, rest)| rest))?;
    spki(after_subject)
}

/// A number without its leading zeros.
fn unsigned(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::PublicKey;

    const ED25519: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAy6kSWN2KpGqRkGixDHWXugRwvVwr4zGjsEGnSmv1yxw=\n-----END PUBLIC KEY-----\n";

    #[test]
    fn a_pem_file_may_hold_several_keys() {
        assert_eq!(PublicKey::from_pem(format!("{ED25519}\n{ED25519}").as_bytes()).map(|keys| keys.len()), Ok(2));
    }

    #[test]
    fn what_is_no_public_key_is_named() {
        let private = ED25519.replace("PUBLIC", "PRIVATE");
        for (pem, word) in [("", "PEM"), ("hello", "PEM"), (private.as_str(), "private")] {
            assert!(PublicKey::from_pem(pem.as_bytes()).err().unwrap().contains(word));
        }
        let cut = ED25519.replace("MCowBQYDK2VwAyEA", "MCowBQYDK2VwAyE");
        assert!(PublicKey::from_pem(cut.as_bytes()).is_err());
    }

    #[test]
    fn a_short_rsa_key_is_refused() {
        let member = |name: &str| Some(if name == "n" { vec![0xff; 128] } else { vec![1, 0, 1] });
        assert!(PublicKey::from_jwk("RSA", None, member).is_none());
    }
}
