//! Whom our own TLS connections trust, towards vendors and towards the application's back ends alike: the web's
//! certificate authorities as built into the program, or those of a PEM file and nobody else.
//!
//! Input: the path of the file, if there is one. Output: a rustls configuration with ring. Failure: a sentence with the
//! file's name and nothing of its contents.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use rustls::{ClientConfig, RootCertStore};

/// The configuration of a client that trusts the authorities of a file, or without one the web's.
///
/// # Errors
/// When the file cannot be read, holds no certificate, or holds one that is no authority; or what rustls says.
pub fn client(authorities: Option<&Path>) -> Result<ClientConfig, String> {
    let roots = match authorities {
        Some(file) => read(file)?,
        None => RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() },
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// The authorities of a PEM file.
fn read(file: &Path) -> Result<RootCertStore, String> {
    let shown = file.display();
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| unreadable(file, &error))? {
        let certificate = certificate.map_err(|error| unreadable(file, &error))?;
        roots.add(certificate).map_err(|error| format!("{shown} holds a certificate that cannot be used: {error}"))?;
    }
    if roots.is_empty() { Err(format!("{shown} holds no certificate")) } else { Ok(roots) }
}

/// What is wrong with a PEM file, without any of its contents.
fn unreadable(file: &Path, error: &pem::Error) -> String {
    match error {
        pem::Error::Io(error) => format!("{} cannot be read: {error}", file.display()),
        _ => format!("{} is no PEM file", file.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::client;

    #[test]
    fn without_a_file_the_webs_authorities_are_trusted() {
        assert!(client(None).is_ok());
    }

    #[test]
    fn a_file_that_names_nobody_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let problem = |contents: Option<&str>| {
            let file = folder.path().join("ca.pem");
            let _ = std::fs::remove_file(&file);
            if let Some(contents) = contents {
                std::fs::write(&file, contents).unwrap();
            }
            client(Some(&file)).unwrap_err()
        };
        assert!(problem(None).contains("ca.pem cannot be read"));
        assert!(problem(Some("")).contains("holds no certificate"));
        assert!(problem(Some("-----BEGIN CERTIFICATE-----\nAAA")).contains("is no PEM file"));
        let empty = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
        assert!(problem(Some(empty)).contains("cannot be used"));
    }
}
