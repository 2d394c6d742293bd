//! The embedded store, opened only if a site uses it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::fault::{Faults, KeyPath};
use crate::config::file::File;
use crate::identity::{KeyRing, MasterKey};
use crate::store::ConsentStore;
use crate::store::sqlite::{OpenError, SqliteStore};

/// Opens the store that the sites' consent needs. People stand in it under a key made from a pseudonym key, so after
/// a change of the active key the file still opens with the earlier one, as long as that is kept under `previous`.
pub(super) fn open(
    file: &File,
    base: &Path,
    keys: Option<&KeyRing>,
    faults: &mut Faults,
) -> Option<Arc<dyn ConsentStore>> {
    if !file.site.iter().any(|site| site.consent.reads_store()) {
        return None;
    }
    let at = KeyPath::root().key("store").key("url");
    let Some(keys) = keys else {
        faults.push(at, "the consent store needs a key under [keys]", "run `bauta keygen hmac.key`");
        return None;
    };
    let path = match path(file, base) {
        Some(path) => path,
        None => {
            faults.push(at, "expected \"sqlite:\" and a file name", "write url = \"sqlite:bauta.db\"");
            return None;
        }
    };
    match open_with(&path, keys.keys()) {
        Ok(store) => Some(Arc::new(store)),
        Err(error) => {
            let fix = match error {
                OpenError::OtherKey(_) => "keep the key it was written under in keys.previous",
                _ => "give a file in a folder that bauta may write to",
            };
            faults.push(at, error.to_string(), fix);
            None
        }
    }
}

/// The file of the store.
#[must_use]
pub fn path(file: &File, base: &Path) -> Option<PathBuf> {
    let name = file.store.url.strip_prefix("sqlite:").filter(|name| !name.is_empty())?;
    Some(base.join(name))
}

/// Opens the file under the first key it belongs to; a new file belongs to the first of all.
pub(crate) fn open_with<'k>(path: &Path, keys: impl Iterator<Item = &'k MasterKey>) -> Result<SqliteStore, OpenError> {
    let mut refused = OpenError::OtherKey(path.to_owned());
    for key in keys {
        match SqliteStore::open(path, key.derive("store", "")) {
            Err(error @ OpenError::OtherKey(_)) => refused = error,
            other => return other,
        }
    }
    Err(refused)
}
