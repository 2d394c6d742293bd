//! TLS towards upstreams: rustls with ring, the built-in web roots or the authorities of a file.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use rustls::{ClientConfig, RootCertStore};

/// The configuration with the built-in roots; one for all upstreams, so that it is made once.
static WEB: LazyLock<Result<Arc<ClientConfig>, rustls::Error>> = LazyLock::new(|| {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    configuration(roots)
});

/// Trusts the web's certificate authorities as built into the program.
///
/// # Errors
/// What rustls says, in words.
pub fn web() -> Result<Arc<ClientConfig>, String> {
    WEB.clone().map_err(|error| error.to_string())
}

/// Trusts the authorities of a PEM file and nobody else.
///
/// # Errors
/// When the file cannot be read, holds no certificate, or holds one that is no authority.
pub fn authorities(file: &Path) -> Result<Arc<ClientConfig>, String> {
    let shown = file.display();
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| unreadable(file, &error))? {
        let certificate = certificate.map_err(|error| unreadable(file, &error))?;
        roots.add(certificate).map_err(|error| format!("{shown} holds a certificate that cannot be used: {error}"))?;
    }
    if roots.is_empty() {
        return Err(format!("{shown} holds no certificate"));
    }
    configuration(roots).map_err(|error| error.to_string())
}

fn configuration(roots: RootCertStore) -> Result<Arc<ClientConfig>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    // One request at a time on a connection: an event is a few hundred bytes, and the pool has connections enough.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// What is wrong with a PEM file, without any of its contents.
fn unreadable(file: &Path, error: &pem::Error) -> String {
    match error {
        pem::Error::Io(error) => format!("{} cannot be read: {error}", file.display()),
        _ => format!("{} is no PEM file", file.display()),
    }
}
