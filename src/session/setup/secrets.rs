//! The secrets of the configuration, and the keys that are made of them.

use zeroize::Zeroizing;

use super::Setup;
use crate::config::fault::KeyPath;
use crate::config::session::SecretEncoding;
use crate::secret::SecretRef;
use crate::session::digest::Digest;
use crate::session::encoding;
use crate::session::keys::{self, Key, Recipe, Salt, SaltKey};

/// More rounds than any framework's default; a number typed wrong must not stop the start.
const MOST_ITERATIONS: u32 = 1_000_000;

/// The numbers of a key derivation.
#[derive(Default)]
pub(crate) struct Kdf {
    /// The hashes, each of which makes a key.
    pub(crate) digests: Vec<Digest>,
    /// The counts, each of which makes a key.
    pub(crate) iterations: Vec<u32>,
    /// Length of the key in bytes.
    pub(crate) length: usize,
}

impl Kdf {
    /// Every hash with every count.
    pub(crate) fn combinations(&self) -> impl Iterator<Item = (Digest, u32)> {
        self.digests.iter().flat_map(|digest| self.iterations.iter().map(|count| (*digest, *count)))
    }
}

impl Setup<'_> {
    /// The keys made from `secrets` by a recipe, current first.
    pub(crate) fn keys(&mut self, recipe: Recipe) -> Vec<Key> {
        let salt = recipe.salt().and_then(|salt| self.salt(salt)).unwrap_or_default();
        let kdf = match recipe {
            Recipe::Pbkdf2(_, numbers) => self.kdf(numbers.digests, &[numbers.iterations], numbers.length),
            _ => Kdf::default(),
        };
        let mut keys = Vec::new();
        for (index, secret) in self.secrets(matches!(recipe, Recipe::Sized(_))) {
            let mut add = |bytes| keys.push(Key { bytes, index });
            match recipe {
                Recipe::Plain => add(secret),
                Recipe::Sized(lengths) => match keys::sized(&secret, lengths) {
                    Ok(bytes) => add(bytes),
                    Err(problem) => self.secret_fault(index, problem),
                },
                Recipe::Concat(digest, _) => add(digest.hash(&[salt.as_bytes(), b"signer", &secret])),
                Recipe::MacOfSalt(digest, _) => add(digest.mac(&secret, &[salt.as_bytes()])),
                Recipe::Pbkdf2(..) => {
                    for (digest, iterations) in kdf.combinations() {
                        add(keys::pbkdf2(digest, &secret, salt.as_bytes(), iterations, kdf.length));
                    }
                }
            }
        }
        keys
    }

    /// A salt from where it stands; `None` after a fault.
    pub(crate) fn salt(&mut self, salt: Salt) -> Option<String> {
        let (key, found, default) = match salt {
            Salt::Fixed(salt) => return Some(salt.to_owned()),
            Salt::Default(default) => ("salt", self.config.salt.as_ref(), Some(default)),
            Salt::Own(key) => {
                let found = match key {
                    SaltKey::Salt => &self.config.salt,
                    SaltKey::Signing => &self.config.signing_salt,
                    SaltKey::Encryption => &self.config.encryption_salt,
                };
                (key.word(), found.as_ref(), None)
            }
        };
        self.uses(key);
        let salt = found.cloned().or(default.map(str::to_owned));
        if salt.is_none() {
            let problem = format!("preset {} needs the application's {key}", self.preset.name);
            self.fault(key, problem, format!("copy {key} from the application's session options"));
        }
        salt
    }

    /// The numbers of a key derivation, with the framework's defaults.
    pub(crate) fn kdf(&mut self, digests: &[Digest], iterations: &[u32], length: usize) -> Kdf {
        let configured = self.take("kdf", |config| config.kdf.clone()).unwrap_or_default();
        let or = |given: Vec<u32>, default: &[u32]| if given.is_empty() { default.to_vec() } else { given };
        let kdf = Kdf {
            digests: if configured.digests.is_empty() { digests.to_vec() } else { configured.digests },
            iterations: or(configured.iterations, iterations),
            length: configured.length.map_or(length, usize::from),
        };
        let at = self.at("kdf");
        if kdf.iterations.iter().any(|count| !(1..=MOST_ITERATIONS).contains(count)) || kdf.iterations.len() > 4 {
            let problem = format!("expected 1 to 4 counts between 1 and {MOST_ITERATIONS}");
            self.fault_at(at.key("iterations"), problem, "copy the count from the application, or leave it out");
        }
        if !(16..=64).contains(&kdf.length) {
            let fix = "copy the length from the application, or leave it out";
            self.fault_at(at.key("length"), "expected 16 to 64 bytes", fix);
        }
        kdf
    }

    /// Reports what is wrong with the secret at a place of the list.
    pub(crate) fn secret_fault(&mut self, index: usize, problem: String) {
        let fix = format!("use the value of {}", self.preset.secret);
        self.fault_at(self.at.key("secrets").index(index), problem, fix);
    }

    /// The framework's secrets with their places in the list. At least one is required.
    ///
    /// `binary` keeps the bytes of a file as they are: a key of raw bytes may end with what looks like a line end.
    pub(crate) fn secrets(&mut self, binary: bool) -> Vec<(usize, Zeroizing<Vec<u8>>)> {
        let loaded = self.loaded.take().unwrap_or_else(|| self.load_secrets());
        let secrets =
            loaded.iter().map(|(index, secret)| (*index, if binary { secret.clone() } else { self.text(secret) }));
        let secrets = secrets.collect();
        self.loaded = Some(loaded);
        secrets
    }

    fn load_secrets(&mut self) -> Vec<(usize, Zeroizing<Vec<u8>>)> {
        self.uses("secrets");
        self.uses("secret_encoding");
        if self.config.secrets.is_empty() {
            let problem = format!("preset {} needs {}", self.preset.name, self.preset.secret);
            self.fault("secrets", problem, "write secrets = [{ file = \"session.key\" }]");
        }
        let mut secrets = Vec::new();
        for (index, place) in self.config.secrets.iter().enumerate() {
            let at = self.at.key("secrets").index(index);
            if let Some(secret) = self.read(place, &at) {
                secrets.push((index, secret));
            }
        }
        secrets
    }

    /// Reads one secret that is text, and undoes `secret_encoding`.
    pub(crate) fn secret(&mut self, place: &SecretRef, at: &KeyPath) -> Option<Zeroizing<Vec<u8>>> {
        self.uses("secret_encoding");
        self.read(place, at).map(|secret| self.text(&secret))
    }

    /// A secret that was written as text, without the line end that an editor adds.
    fn text(&self, secret: &Zeroizing<Vec<u8>>) -> Zeroizing<Vec<u8>> {
        match self.config.secret_encoding {
            None | Some(SecretEncoding::Text) => Zeroizing::new(trimmed(secret).to_vec()),
            Some(SecretEncoding::Hex | SecretEncoding::Base64) => secret.clone(),
        }
    }

    fn read(&mut self, place: &SecretRef, at: &KeyPath) -> Option<Zeroizing<Vec<u8>>> {
        let secret = match place.load(self.base) {
            Ok(secret) => secret,
            Err(error) => {
                let fix = "give the file, environment variable or credential that holds the secret";
                self.fault_at(at.clone(), error.to_string(), fix);
                return None;
            }
        };
        let text = trimmed(secret.expose());
        let decoded = match self.config.secret_encoding {
            None => Some(secret.expose().to_vec()),
            Some(SecretEncoding::Text) => Some(text.to_vec()),
            Some(SecretEncoding::Hex) => encoding::hex(text),
            Some(SecretEncoding::Base64) => encoding::base64(text).or_else(|| encoding::base64url(text)),
        };
        if decoded.is_none() {
            let problem = "the secret is not written in the given secret_encoding";
            self.fault_at(at.clone(), problem, "correct secret_encoding, or leave it out for text");
        }
        decoded.map(Zeroizing::new)
    }
}

/// A text secret without the line end that an editor adds.
fn trimmed(secret: &[u8]) -> &[u8] {
    let secret = secret.strip_suffix(b"\n").unwrap_or(secret);
    secret.strip_suffix(b"\r").unwrap_or(secret)
}
