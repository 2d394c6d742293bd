//! TLS towards upstreams: HTTP/1.1 and nothing else.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use rustls::ClientConfig;

use crate::trust;

/// The configuration with the built-in roots; one for all upstreams, so that it is made once.
static WEB: LazyLock<Result<Arc<ClientConfig>, String>> = LazyLock::new(|| configuration(None));

/// Trusts the web's certificate authorities as built into the program.
///
/// # Errors
/// What rustls says, in words.
pub fn web() -> Result<Arc<ClientConfig>, String> {
    WEB.clone()
}

/// Trusts the authorities of a PEM file and nobody else.
///
/// # Errors
/// When the file cannot be read, holds no certificate, or holds one that is no authority.
pub fn authorities(file: &Path) -> Result<Arc<ClientConfig>, String> {
    configuration(Some(file))
}

fn configuration(authorities: Option<&Path>) -> Result<Arc<ClientConfig>, String> {
    let mut config = trust::client(authorities)?;
    // One request at a time on a connection: an event is a few hundred bytes, and the pool has connections enough.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
