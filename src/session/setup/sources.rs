//! The stores and endpoints of the configuration.

use super::Setup;
use crate::config::session::{Endpoint, Store};
use crate::secret::Secret;
use crate::session::resolve::{Guarded, Told};

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

impl Setup<'_> {
    /// The store of a part of the configuration, with its settings; `None` after a fault.
    pub(crate) fn store(&mut self, part: Part, schemes: &[&str]) -> Option<(Store, Guarded)> {
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
        let life = store.cache.map(|period| period.0);
        let store = Store { ca_file: store.ca_file.as_ref().map(|path| self.base.join(path)), ..store.clone() };
        match self.connector.store(&store, self.base, password.as_ref()) {
            Ok(source) => Some((store, Guarded::new(source, life, self.tally()))),
            Err(problem) => {
                self.fault_at(self.at(key).key("url"), problem, "correct the address of the store");
                None
            }
        }
    }

    /// The endpoint; `None` after a fault.
    pub(crate) fn endpoint(&mut self, told: Told) -> Option<Guarded> {
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
        let life = endpoint.cache.map(|period| period.0);
        let ca_file = endpoint.ca_file.as_ref().map(|path| self.base.join(path));
        match self.connector.endpoint(&Endpoint { ca_file, ..endpoint.clone() }) {
            Ok(source) => Some(Guarded::new(source, life, self.tally())),
            Err(problem) => {
                self.fault_at(at.key("url"), problem, "correct the address of the endpoint");
                None
            }
        }
    }
}
