//! What bauta is started from in the demo: a real `bauta.toml`, and two keys made for the occasion.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::secret::Secret;

/// bauta's path on the shop's origin. Neutral on purpose: block lists know the more telling ones.
pub const PREFIX: &str = "/b/";
/// bauta's path for PostHog on the shop's origin.
pub const HOG_PREFIX: &str = "/i/";
/// The shop's project at PostHog.
pub const HOG_TOKEN: &str = "phc_masksDemo";
/// The shop's site name at the vendor; reserved for such uses (RFC 2606).
pub const SITE: &str = "masks.example";
/// The id of the shop's script at the vendor.
pub const SCRIPT: &str = "Masks0demo";

/// What [`Setting::write`] writes, the configuration last.
const FILES: [&str; 3] = ["session.key", "pseudonym.key", "bauta.toml"];

/// `bauta.toml` and the two key files it names.
pub(super) struct Setting {
    /// The configuration's text.
    pub(super) text: String,
    /// The shop's cookie secret.
    pub(super) session: Secret,
    /// The pseudonym key.
    pub(super) pseudonym: Secret,
}

impl Setting {
    /// With fresh random keys, for both vendors' addresses and a folder that will hold everything.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub(super) fn fresh(vendor: &str, posthog: &str, folder: &Path) -> io::Result<Self> {
        // Hexadecimal text: a raw key could end in a byte that is cut off as the line end of a text file.
        let random = || -> io::Result<Secret> {
            let mut bytes = [0_u8; 32];
            getrandom::fill(&mut bytes).map_err(io::Error::other)?;
            Ok(Secret::new(bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()))
        };
        let folder = folder.to_str().ok_or_else(|| io::Error::other("the temporary folder's name is no text"))?;
        let text = include_str!("bauta.toml");
        let text = text.replace("%FOLDER%", folder).replace("%VENDOR%", vendor).replace("%POSTHOG%", posthog);
        Ok(Self { text, session: random()?, pseudonym: random()? })
    }

    /// Writes the three files into the folder, readable by their owner only; gives the configuration's path.
    ///
    /// # Errors
    /// When one cannot be written.
    pub(super) fn write(&self, folder: &Path) -> io::Result<PathBuf> {
        let mut path = folder.to_owned();
        for (name, bytes) in FILES.iter().zip([self.session.expose(), self.pseudonym.expose(), self.text.as_bytes()]) {
            path = folder.join(name);
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            file.write_all(bytes)?;
        }
        Ok(path)
    }

    /// Removes the files again: bauta has read them, and keys should not outlive a process that is killed.
    pub(super) fn remove(folder: &Path) -> io::Result<()> {
        FILES.iter().try_for_each(|name| std::fs::remove_file(folder.join(name)))
    }

    /// Where bauta takes requests.
    pub(super) fn socket(folder: &Path) -> PathBuf {
        folder.join("events.sock")
    }
}
