//! TLS towards back ends: rustls with the built-in web roots, or the authorities of a file.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Trouble;

/// What a TLS connection is made with.
#[derive(Clone)]
pub(super) struct Tls(TlsConnector);

impl Tls {
    /// Reads the authorities.
    pub(super) fn open(authorities: Option<&Path>) -> Result<Self, String> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some(path) = authorities {
            roots = RootCertStore::empty();
            let found = CertificateDer::pem_file_iter(path).map_err(|error| format!("cannot read ca_file: {error}"))?;
            for certificate in found {
                let certificate = certificate.map_err(|error| format!("ca_file is no PEM file: {error}"))?;
                let added = roots.add(certificate);
                added.map_err(|error| format!("ca_file has a certificate that cannot be used: {error}"))?;
            }
            if roots.is_empty() {
                return Err("ca_file has no certificate".into());
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    /// Makes the connection safe.
    pub(super) async fn connect<S>(&self, host: &str, stream: S) -> Result<TlsStream<S>, Trouble>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let name = ServerName::try_from(host.to_owned()).map_err(Trouble::down)?;
        self.0.connect(name, stream).await.map_err(Trouble::down)
    }
}
