//! The seam between the demo and bauta itself: one complete request in, one complete reply out.
//!
//! The demo is the web server in front of an application: requests below [`PREFIX`] go to bauta, all others to the
//! shop, on one origin, as with nginx or Caddy. `cli/demo.rs` gives the real pipeline, configured by the text that
//! [`configuration`] makes; the demo's own tests give a small one.

use std::io;
use std::path::Path;
use std::pin::Pin;

use crate::arrived::Arrived;
use crate::reply::Reply;
use crate::secret::Secret;

/// bauta's path on the shop's origin. Neutral on purpose: block lists know the more telling ones.
pub const PREFIX: &str = "/b/";
/// The shop's site name at the vendor; reserved for such uses (RFC 2606).
pub const SITE: &str = "masks.example";
/// The id of the shop's script at the vendor.
pub const SCRIPT: &str = "Masks0demo";

/// What answers the requests below [`PREFIX`].
pub trait Sidecar: Send + Sync {
    /// Answers one request. Its waits have deadlines of their own.
    fn handle(&self, request: Arrived) -> Pin<Box<dyn Future<Output = Reply> + Send + '_>>;
}

/// The demo's `bauta.toml`, in full.
#[must_use]
pub fn configuration(vendor: &str) -> String {
    include_str!("bauta.toml").replace("http://vendor.invalid", vendor)
}

/// What bauta is started from: a folder with `bauta.toml` and the two key files it names.
pub struct Setting {
    /// The configuration's text.
    pub text: String,
    /// The shop's cookie secret.
    pub session: Secret,
    /// The pseudonym key.
    pub pseudonym: Secret,
}

impl Setting {
    /// With fresh random keys.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn fresh(vendor: &str) -> io::Result<Self> {
        // Hexadecimal text: a raw key could end in a byte that is cut off as the line end of a text file.
        let random = || -> io::Result<Secret> {
            let mut bytes = [0_u8; 32];
            getrandom::fill(&mut bytes).map_err(io::Error::other)?;
            Ok(Secret::new(bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()))
        };
        Ok(Self { text: configuration(vendor), session: random()?, pseudonym: random()? })
    }

    /// Writes the three files into an existing folder.
    ///
    /// # Errors
    /// When one cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        std::fs::write(folder.join("session.key"), self.session.expose())?;
        std::fs::write(folder.join("pseudonym.key"), self.pseudonym.expose())?;
        std::fs::write(folder.join("bauta.toml"), &self.text)
    }
}
