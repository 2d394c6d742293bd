//! Secrets: read from a file, the environment or a systemd credential; wiped when dropped; never printed.
//!
//! A [`Secret`] has no `Display` and no `Serialize`, and its `Debug` shows only its length class, so that a
//! configuration dump, a log line or a panic cannot carry it.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The largest secret file we read; a key set of a big tenant fits, a wrong path to a database does not.
const MAX_BYTES: u64 = 256 * 1024;

/// Bytes that must not be shown.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Wraps bytes.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes exactly as they were stored.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as a key: text loses one trailing line end, which an editor or `echo` adds; anything that is not
    /// plain text (a raw key whose last byte happens to be a line feed) stays as it is.
    #[must_use]
    pub fn trimmed(&self) -> &[u8] {
        let whole = self.0.as_slice();
        let Some(body) = whole.strip_suffix(b"\n") else { return whole };
        let body = body.strip_suffix(b"\r").unwrap_or(body);
        let is_text = std::str::from_utf8(body).is_ok_and(|text| !text.chars().any(char::is_control));
        if is_text { body } else { whole }
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Where a secret is: exactly one of the three. A secret is never written into the configuration itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SecretRef {
    /// A file, relative to the configuration file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// The name of an environment variable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    /// The name of a systemd credential (a file below `$CREDENTIALS_DIRECTORY`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

/// Why a secret could not be read. Messages name the place, never the contents.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// None or more than one place was given.
    #[error("give exactly one of file, env and credential")]
    Place,
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    File {
        /// The file as resolved against the configuration's folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file is larger than any secret.
    #[error("{0} is larger than 256 KiB, which no secret is")]
    TooLarge(PathBuf),
    /// The environment variable is missing or is no text.
    #[error("environment variable {0} is not set")]
    Env(String),
    /// There is no credentials directory.
    #[error("credential {0} is asked for, but $CREDENTIALS_DIRECTORY is not set")]
    NoCredentials(String),
    /// The secret is empty.
    #[error("the secret is empty")]
    Empty,
}

impl SecretRef {
    /// A reference to a file.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { file: Some(path.into()), ..Self::default() }
    }

    /// Reads the secret. `base` is the folder of the configuration file.
    ///
    /// # Errors
    /// When not exactly one place is given, or the place cannot be read, or holds nothing.
    pub fn load(&self, base: &Path) -> Result<Secret, SecretError> {
        let bytes = match (&self.file, &self.env, &self.credential) {
            (Some(file), None, None) => read(&base.join(file))?,
            (None, Some(name), None) => std::env::var(name).map_err(|_| SecretError::Env(name.clone()))?.into_bytes(),
            (None, None, Some(name)) => {
                let folder = std::env::var_os("CREDENTIALS_DIRECTORY")
                    .ok_or_else(|| SecretError::NoCredentials(name.clone()))?;
                read(&Path::new(&folder).join(name))?
            }
            _ => return Err(SecretError::Place),
        };
        let secret = Secret::new(bytes);
        if secret.trimmed().is_empty() { Err(SecretError::Empty) } else { Ok(secret) }
    }
}

/// Reads a whole file, refusing one that no secret would fill.
fn read(path: &Path) -> Result<Vec<u8>, SecretError> {
    let wrap = |source| SecretError::File { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(wrap)?.len() > MAX_BYTES {
        return Err(SecretError::TooLarge(path.to_owned()));
    }
    std::fs::read(path).map_err(wrap)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_loses_its_line_end_and_raw_bytes_keep_it() {
        assert_eq!(Secret::new(b"abc\r\n".to_vec()).trimmed(), b"abc");
        assert_eq!(Secret::new(b"abc\n\n".to_vec()).trimmed(), b"abc\n\n");
        assert_eq!(Secret::new(b"\x01\xff\n".to_vec()).trimmed(), b"\x01\xff\n");
    }

    #[test]
    fn a_secret_never_prints_itself() {
        assert_eq!(format!("{:?}", Secret::new(b"hunter2".to_vec())), "Secret(..)");
    }

    #[test]
    fn exactly_one_place_is_asked_for() {
        assert!(matches!(SecretRef::default().load(Path::new(".")), Err(SecretError::Place)));
    }
}
