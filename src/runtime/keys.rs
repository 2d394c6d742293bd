//! The key ring from `[keys]`.

use std::path::Path;

use crate::config::fault::{Faults, KeyPath};
use crate::config::file::{File, Key};
use crate::identity::{KeyRing, MasterKey};

/// Loads all keys. `None` without an active one, which is a fault as soon as a site reads a session.
pub(super) fn ring(file: &File, base: &Path, faults: &mut Faults) -> Option<KeyRing> {
    let at = KeyPath::root().key("keys");
    let Some(active) = &file.keys.active else {
        if file.site.iter().any(|site| site.session.is_some()) {
            faults.push(
                at.key("active"),
                "a pseudonym key is needed to identify the people of a session",
                "run `bauta keygen hmac.key` and write active = { id = \"a\", file = \"hmac.key\" }",
            );
        }
        return None;
    };
    let active = load(active, base, &at.key("active"), faults);
    let previous = file.keys.previous.iter().enumerate();
    let previous: Vec<_> =
        previous.map(|(index, key)| load(key, base, &at.key("previous").index(index), faults)).collect();
    Some(KeyRing { active: active?, previous: previous.into_iter().collect::<Option<_>>()? })
}

fn load(key: &Key, base: &Path, at: &KeyPath, faults: &mut Faults) -> Option<MasterKey> {
    let secret = match key.place().load(base) {
        Ok(secret) => secret,
        Err(error) => {
            faults.push(at.clone(), error.to_string(), "make a key with `bauta keygen hmac.key`");
            return None;
        }
    };
    match MasterKey::new(&key.id, &secret) {
        Ok(key) => Some(key),
        Err(error) => {
            faults.push(at.clone(), error.to_string(), "make a key with `bauta keygen hmac.key`");
            None
        }
    }
}
