//! Turning `[site.session]` into what the steps work with, and finding every fault on the way.
//!
//! Promise: each step asks here for the keys of the configuration that it uses. What nobody asked for is a fault,
//! so a key that has no effect cannot stand in a file. Building goes on after a fault, so that all of them are
//! reported at once.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use super::digest::Digest;
use super::encoding;
use super::keys::{self, Key, Recipe, Salt, SaltKey};
use super::preset::Preset;
use super::resolve::{Connector, Source, Told};
use super::verify::derivations;
use crate::config::fault::{Faults, KeyPath};
use crate::config::session::{SecretEncoding, Session, Store};
use crate::config::units::Rate;
use crate::secret::{Secret, SecretRef};

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

/// The configuration of one site's session while a reader is made from it.
pub(crate) struct Setup<'a> {
    /// What the file says.
    pub(crate) config: &'a Session,
    /// The chosen preset.
    pub(crate) preset: &'static Preset,
    connector: &'a dyn Connector,
    base: &'a Path,
    at: &'a KeyPath,
    faults: &'a mut Faults,
    used: Vec<&'static str>,
    found: usize,
    names: Vec<String>,
    loaded: Option<Vec<(usize, Zeroizing<Vec<u8>>)>>,
}

impl<'a> Setup<'a> {
    /// Starts with nothing used.
    pub(crate) fn new(
        config: &'a Session,
        preset: &'static Preset,
        connector: &'a dyn Connector,
        base: &'a Path,
        at: &'a KeyPath,
        faults: &'a mut Faults,
    ) -> Self {
        Self {
            config,
            preset,
            connector,
            base,
            at,
            faults,
            used: vec!["preset", "cookie", "user", "own"],
            found: 0,
            names: Vec::new(),
            loaded: None,
        }
    }

    /// Reports a fault at a key of `[site.session]`.
    pub(crate) fn fault(&mut self, key: &str, problem: impl Into<String>, fix: impl Into<String>) {
        self.fault_at(self.at.key(key), problem, fix);
    }

    /// Reports a fault at a place.
    pub(crate) fn fault_at(&mut self, at: KeyPath, problem: impl Into<String>, fix: impl Into<String>) {
        self.found += 1;
        self.faults.push(at, problem, fix);
    }

    /// Says that a key of the configuration has a meaning for this preset.
    pub(crate) fn uses(&mut self, key: &'static str) {
        if !self.used.contains(&key) {
            self.used.push(key);
        }
    }

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
            Salt::Own(SaltKey::Salt) => ("salt", self.config.salt.as_ref(), None),
            Salt::Own(SaltKey::Signing) => ("signing_salt", self.config.signing_salt.as_ref(), None),
            Salt::Own(SaltKey::Encryption) => ("encryption_salt", self.config.encryption_salt.as_ref(), None),
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
        let secrets = loaded.iter().map(|(index, secret)| {
            (*index, Zeroizing::new(if binary { secret.as_slice() } else { trimmed(secret) }.to_vec()))
        });
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
        self.read(place, at).map(|secret| Zeroizing::new(trimmed(&secret).to_vec()))
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

    /// A text file beside the configuration, bounded like a secret.
    pub(crate) fn file(&mut self, path: &Path, at: &KeyPath) -> Option<Vec<u8>> {
        match SecretRef::file(PathBuf::from(path)).load(self.base) {
            Ok(contents) => Some(contents.expose().to_vec()),
            Err(error) => {
                self.fault_at(at.clone(), error.to_string(), "give a readable file");
                None
            }
        }
    }

    /// The place of a key of `[site.session]`.
    pub(crate) fn at(&self, key: &str) -> KeyPath {
        self.at.key(key)
    }

    /// The cookie names to read: the configured one, or the framework's.
    pub(crate) fn cookie_names(&mut self) -> Vec<String> {
        match &self.config.cookie {
            Some(name) if !is_token(name) => {
                let problem = format!("{name:?} is no cookie name");
                self.fault("cookie", problem, "write the name as the browser's developer tools show it");
                Vec::new()
            }
            Some(name) => self.named(vec![name.clone()]),
            None if self.preset.cookies.is_empty() => {
                let problem = format!("preset {} has no cookie name of its own", self.preset.name);
                self.fault("cookie", problem, "write cookie = \"the name that your application sets\"");
                Vec::new()
            }
            None => self.named(self.preset.cookies.iter().map(|name| (*name).to_owned()).collect()),
        }
    }

    fn named(&mut self, names: Vec<String>) -> Vec<String> {
        self.names.clone_from(&names);
        names
    }

    /// The cookie names once more, for formats that make keys of them.
    pub(crate) fn names(&self) -> Vec<String> {
        self.names.clone()
    }

    /// Where the account id stands: the configured path, or the framework's.
    pub(crate) fn user_path(&mut self) -> Vec<String> {
        match (&self.config.user, self.preset.user) {
            (Some(path), _) => path.clone(),
            (None, Some(path)) => path.iter().map(|step| (*step).to_owned()).collect(),
            (None, None) => {
                let problem =
                    format!("with preset {} every application chooses where the account id stands", self.preset.name);
                self.fault("user", problem, "write its path as a list, such as user = [\"user\", \"id\"]");
                Vec::new()
            }
        }
    }

    /// Reads keys of the configuration and marks the named one as used.
    pub(crate) fn take<T>(&mut self, key: &'static str, read: impl FnOnce(&'a Session) -> T) -> T {
        self.uses(key);
        read(self.config)
    }

    /// The longest age of a value, with the framework's default.
    pub(crate) fn max_age(&mut self, default: Duration) -> Duration {
        self.take("max_age", |config| config.max_age.map_or(default, |period| period.0))
    }

    /// The store of a part of the configuration, with its settings; `None` after a fault.
    pub(crate) fn store(&mut self, part: Part, schemes: &[&str]) -> Option<(Store, Arc<dyn Source>)> {
        let key = part.key();
        let store = self.take(key, |config| match part {
            Part::Store => config.store.as_ref(),
            Part::Fallback => config.fallback.as_ref(),
        });
        let first = schemes.first().copied().unwrap_or_default();
        let fix = format!("write {key} = {{ url = \"{first}://...\" }}");
        let Some(store) = store else {
            let problem = format!("preset {} needs the application's session store", self.preset.name);
            self.fault(key, problem, fix);
            return None;
        };
        if !schemes.contains(&store.url.split(':').next().unwrap_or_default()) {
            let problem = format!("preset {} keeps its sessions in a store of another kind", self.preset.name);
            self.fault_at(self.at(key).key("url"), problem, fix);
            return None;
        }
        let password = match &store.password {
            Some(place) => {
                let at = self.at(key).key("password");
                Some(Secret::new(self.secret(place, &at)?.to_vec()))
            }
            None => None,
        };
        match self.connector.store(store, password.as_ref()) {
            Ok(source) => Some((store.clone(), source)),
            Err(problem) => {
                self.fault_at(self.at(key).key("url"), problem, "correct the address of the store");
                None
            }
        }
    }

    /// The endpoint; `None` after a fault.
    pub(crate) fn endpoint(&mut self, told: Told) -> Option<Arc<dyn Source>> {
        let at = self.at("endpoint");
        let Some(endpoint) = self.take("endpoint", |config| config.endpoint.as_ref()) else {
            let problem = format!("preset {} needs an address of the application to ask", self.preset.name);
            self.fault_at(at, problem, "write endpoint = { url = \"http://app:3000/api/me\" }");
            return None;
        };
        if !endpoint.url.starts_with("http://") && !endpoint.url.starts_with("https://") {
            self.fault_at(at.key("url"), "expected an http:// or https:// address", "write the whole address");
            return None;
        }
        match (told, &endpoint.header) {
            (Told::Header, None) => {
                let fix = "write header = \"Remote-User\" or what the endpoint answers with";
                self.fault_at(at.key("header"), "the account id comes in a response header", fix);
                return None;
            }
            (Told::Body, Some(_)) => {
                self.fault_at(at.key("header"), "this preset reads the body, not a header", "remove the line");
                return None;
            }
            _ => {}
        }
        match self.connector.endpoint(endpoint) {
            Ok(source) => Some(source),
            Err(problem) => {
                self.fault_at(at.key("url"), problem, "correct the address of the endpoint");
                None
            }
        }
    }

    /// How many expensive derivations may be done.
    pub(crate) fn derivations(&mut self) -> Rate {
        self.take("derivations", |config| config.derivations.unwrap_or(derivations::DEFAULT))
    }

    /// How far clocks may differ, with the framework's default.
    pub(crate) fn leeway(&mut self, default: Duration) -> Duration {
        self.take("leeway", |config| config.leeway.map_or(default, |period| period.0))
    }

    /// How many faults were found so far: whoever builds on a part asks whether the part was sound.
    pub(crate) const fn found(&self) -> usize {
        self.found
    }

    /// Reports the keys that nobody asked for. True when no fault was found at all.
    pub(crate) fn finish(mut self) -> bool {
        let given = serde_json::to_value(self.config).ok();
        let given = given.as_ref().and_then(serde_json::Value::as_object);
        let unused: Vec<String> = given
            .into_iter()
            .flatten()
            .map(|(key, _)| key)
            .filter(|key| !self.used.contains(&key.as_str()))
            .cloned()
            .collect();
        for key in unused {
            let problem = format!("preset {} has no use for {key} here", self.preset.name);
            self.fault(&key, problem, "remove the line, or choose another preset");
        }
        self.found == 0
    }
}

/// The parts of the configuration that describe a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// `store`
    Store,
    /// `fallback`
    Fallback,
}

impl Part {
    /// The key in `[site.session]`.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Fallback => "fallback",
        }
    }
}

/// A text secret without the line end that an editor adds.
fn trimmed(secret: &[u8]) -> &[u8] {
    let secret = secret.strip_suffix(b"\n").unwrap_or(secret);
    secret.strip_suffix(b"\r").unwrap_or(secret)
}

/// True for a name that a browser can send: a token (RFC 9110 section 5.6.2).
fn is_token(name: &str) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(token)
}
