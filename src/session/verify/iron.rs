//! Sealed values of iron: `Fe26.2*password id*salt*IV*ciphertext*expiry*salt*MAC` (hapijs/iron `lib/index.js`), which
//! iron-session, @hapi/cookie and h3 (Nuxt) share.
//!
//! The keys are made for each value from its own salts: PBKDF2 with SHA-1, one round in iron, 8192 in h3 2. A junk
//! value must not make us do that for nothing, so: the shape of every field is checked first, the MAC before anything
//! is decrypted, and expensive derivations have a budget and a memory ([`Derivations`]). Without an end in the seal
//! there is none.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::cipher;
use super::derivations::{Derivations, Job};
use crate::clock::UnixMillis;
use crate::session::candidate::{Candidate, KeyLabel};
use crate::session::context::Context;
use crate::session::digest::Digest;
use crate::session::encoding;
use crate::session::keys;
use crate::session::refusal::Refusal;
use crate::session::setup::Setup;

/// `timestampSkewSec` of iron.
const SKEW: Duration = Duration::from_secs(60);
/// More rounds than this are done within the budget, off the request's thread.
const CHEAP: u32 = 256;

/// How a library uses iron.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Profile {
    /// The rounds of the derivation, in the order in which they are tried.
    pub(crate) iterations: &'static [u32],
    /// What the library appends: the number of its own format.
    pub(crate) suffix: &'static str,
}

/// The check for one site.
pub(crate) struct Iron {
    work: Arc<Work>,
    suffix: &'static str,
    derivations: Option<Derivations<Opened>>,
}

/// What a derivation needs, shared with the thread that does it.
struct Work {
    passwords: Vec<Password>,
    iterations: Vec<u32>,
}

struct Password {
    /// The id in the seal; a password from `secrets` has none and is tried for every id.
    id: Option<String>,
    index: usize,
    bytes: Zeroizing<Vec<u8>>,
}

/// The password that fitted, and the key of the cipher.
#[derive(Clone)]
struct Opened {
    index: usize,
    key: Zeroizing<Vec<u8>>,
}

/// The fields of a seal, as owned text: the work may go on after the request has given up.
struct Seal {
    signed: Vec<u8>,
    id: String,
    salt: Vec<u8>,
    iv: Vec<u8>,
    text: Vec<u8>,
    expires: Option<UnixMillis>,
    mac_salt: Vec<u8>,
    mac: Vec<u8>,
}

impl Profile {
    /// Makes the check from the configuration.
    pub(crate) fn build(self, setup: &mut Setup<'_>) -> Iron {
        let passwords = passwords(setup);
        let iterations = setup.kdf(&[Digest::Sha1], self.iterations, 32).iterations;
        let expensive = iterations.iter().any(|count| *count > CHEAP);
        let derivations = expensive.then(|| Derivations::new(setup.derivations()));
        Iron { work: Arc::new(Work { passwords, iterations }), suffix: self.suffix, derivations }
    }
}

impl Iron {
    /// Opens the seal; leaves the JSON text.
    pub(crate) async fn open(&self, candidate: &mut Candidate<'_>, context: &Context<'_>) -> Result<(), Refusal> {
        let value = candidate.bytes()?;
        let seal = value.strip_suffix(self.suffix.as_bytes()).and_then(Seal::read).ok_or(Refusal::Malformed)?;
        let seal = Arc::new(seal);
        let opened = match &self.derivations {
            None => self.work.open(&seal)?,
            Some(derivations) => {
                let (work, sealed) = (Arc::clone(&self.work), Arc::clone(&seal));
                let job = Job {
                    name: Sha256::digest(&seal.signed).into(),
                    cost: u32::try_from(self.work.cost(&seal)).unwrap_or(u32::MAX),
                    work: move || work.open(&sealed),
                };
                derivations.run(job, context).await?
            }
        };
        let id = Some(seal.id.clone()).filter(|id| !id.is_empty());
        candidate.trace.key = Some(KeyLabel { index: opened.index, id });
        candidate.trace.expires = seal.expires;
        if seal.expires.is_some_and(|expires| context.now >= expires.after(SKEW)) {
            return Err(Refusal::Expired);
        }
        let plain = cipher::cbc(&opened.key, &seal.iv, &seal.text).ok_or(Refusal::Malformed)?;
        candidate.set_bytes(plain);
        Ok(())
    }
}

impl Work {
    /// The passwords that the seal may have been made with.
    fn named<'a>(&'a self, seal: &'a Seal) -> impl Iterator<Item = &'a Password> {
        self.passwords.iter().filter(|password| password.id.as_ref().is_none_or(|id| *id == seal.id))
    }

    /// How many derivations a junk value costs.
    fn cost(&self, seal: &Seal) -> usize {
        self.named(seal).count() * self.iterations.iter().filter(|count| **count > CHEAP).count()
    }

    fn open(&self, seal: &Seal) -> Result<Opened, Refusal> {
        for password in self.named(seal) {
            for iterations in &self.iterations {
                let key = |salt: &[u8]| keys::pbkdf2(Digest::Sha1, &password.bytes, salt, *iterations, 32);
                if Digest::Sha256.mac_matches(&key(&seal.mac_salt), &[&seal.signed], &seal.mac) {
                    return Ok(Opened { index: password.index, key: key(&seal.salt) });
                }
            }
        }
        Err(Refusal::BadSignature)
    }
}

impl Seal {
    /// Checks the shape of every field before any of them costs something.
    fn read(value: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(value).ok()?;
        let mut fields = text.split('*');
        let mut field = || fields.next();
        let (prefix, id, salt, iv, sealed) = (field()?, field()?, field()?, field()?, field()?);
        let (expires, mac_salt, mac) = (field()?, field()?, field()?);
        let is_salt = |salt: &str| (1..=128).contains(&salt.len()) && salt.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_id = id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if field().is_some() || prefix != "Fe26.2" || !is_id || !is_salt(salt) || !is_salt(mac_salt) {
            return None;
        }
        let expires = if expires.is_empty() { None } else { Some(UnixMillis(encoding::decimal(expires.as_bytes())?)) };
        let iv = encoding::base64url(iv.as_bytes()).filter(|iv| iv.len() == 16)?;
        let text = encoding::base64url(sealed.as_bytes()).filter(|text| !text.is_empty() && text.len() % 16 == 0)?;
        let tag = encoding::base64url(mac.as_bytes()).filter(|mac| mac.len() == 32)?;
        let signed = value.get(..value.len().checked_sub(mac_salt.len() + mac.len() + 2)?)?;
        Some(Self {
            signed: signed.to_vec(),
            id: id.to_owned(),
            salt: salt.as_bytes().to_vec(),
            iv,
            text,
            expires,
            mac_salt: mac_salt.as_bytes().to_vec(),
            mac: tag,
        })
    }
}

/// The passwords by id, and those without one. Iron refuses passwords of less than 32 characters, so one that
/// short is a mistake.
fn passwords(setup: &mut Setup<'_>) -> Vec<Password> {
    let mut passwords = Vec::new();
    for (index, (id, place)) in setup.take("passwords", |config| &config.passwords).iter().enumerate() {
        let at = setup.at("passwords").key(id);
        if let Some(bytes) = setup.secret(place, &at) {
            passwords.push((Password { id: Some(id.clone()), index, bytes }, at));
        }
    }
    if setup.config.passwords.is_empty() || !setup.config.secrets.is_empty() {
        let offset = passwords.len();
        for (index, bytes) in setup.secrets(false) {
            let at = setup.at("secrets").index(index);
            passwords.push((Password { id: None, index: offset + index, bytes }, at));
        }
    }
    for (_, at) in passwords.iter().filter(|(password, _)| password.bytes.len() < 32) {
        let problem = "iron takes no password of less than 32 characters";
        setup.fault_at(at.clone(), problem, "use the password that is given to the library");
    }
    passwords.into_iter().map(|(password, _)| password).collect()
}

#[cfg(test)]
mod tests {
    use super::Seal;

    fn seal(change: impl Fn(&mut Vec<String>)) -> Option<Seal> {
        let salt = "ab".repeat(32);
        let mut fields: Vec<String> =
            ["Fe26.2", "1", &salt, "AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAA", "", &salt]
                .iter()
                .map(|field| (*field).to_owned())
                .collect();
        fields.push("A".repeat(43));
        change(&mut fields);
        Seal::read(fields.join("*").as_bytes())
    }

    #[test]
    fn only_a_seal_of_the_right_shape_costs_a_derivation() {
        let sound = seal(|_| ()).unwrap();
        assert_eq!((sound.expires, sound.signed.len()), (None, 6 + 1 + 1 + 1 + 64 + 1 + 22 + 1 + 22 + 1));
        assert!(seal(|fields| fields[5] = "1795190335000".into()).unwrap().expires.is_some());
        for (place, wrong) in [
            (0, "Fe26.1"),
            (1, "a b"),
            (2, "xyz"),
            (2, ""),
            (3, "AAAA"),
            (4, ""),
            (4, "AAAA"),
            (5, "-1"),
            (5, "x"),
            (6, ""),
            (7, "AAAA"),
            (7, ""),
        ] {
            assert!(seal(|fields| fields[place] = wrong.into()).is_none(), "{place} {wrong}");
        }
        assert!(seal(|fields| fields.push("x".into())).is_none());
        assert!(seal(|fields| drop(fields.pop())).is_none());
    }
}
