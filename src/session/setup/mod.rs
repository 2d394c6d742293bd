//! Turning `[site.session]` into what the steps work with, and finding every fault on the way.
//!
//! Promise: each step asks here for the keys of the configuration that it uses. What nobody asked for is a fault,
//! so a key that has no effect cannot stand in a file. Building goes on after a fault, so that all of them are
//! reported at once.

mod secrets;
mod sources;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

pub(crate) use self::sources::Part;

use super::preset::Preset;
use super::resolve::{Connector, Tally};
use super::verify::derivations;
use crate::config::fault::{Faults, KeyPath};
use crate::config::session::Session;
use crate::config::units::Rate;
use crate::secret::SecretRef;

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
    tally: Arc<Tally>,
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
            tally: Arc::default(),
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

    /// How many expensive derivations may be done.
    pub(crate) fn derivations(&mut self) -> Rate {
        self.take("derivations", |config| config.derivations.unwrap_or(derivations::DEFAULT))
    }

    /// How far clocks may differ, with the framework's default.
    pub(crate) fn leeway(&mut self, default: Duration) -> Duration {
        self.take("leeway", |config| config.leeway.map_or(default, |period| period.0))
    }

    /// Where look-ups without an answer are counted.
    pub(crate) fn tally(&self) -> Arc<Tally> {
        Arc::clone(&self.tally)
    }

    /// The folder of the configuration file.
    pub(crate) const fn base(&self) -> &'a Path {
        self.base
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

/// True for a name that a browser can send: a token (RFC 9110 section 5.6.2).
fn is_token(name: &str) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(token)
}
