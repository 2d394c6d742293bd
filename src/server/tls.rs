//! TLS of the visitors' listener: certificate and key from PEM files, h2 and HTTP/1.1 by ALPN. The certificate can be
//! replaced while connections run: each handshake takes the one in force.

use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;

use crate::config::fault::{Faults, KeyPath};
use crate::config::file::ListenTls;

/// The ALPN name of HTTP/2.
pub(super) const H2: &[u8] = b"h2";

/// The certificate in force; every handshake asks for it anew.
#[derive(Debug)]
pub struct Certificate(ArcSwap<CertifiedKey>);

impl Certificate {
    /// Takes another one's certificate for all handshakes from here on.
    pub fn replace(&self, newer: &Self) {
        self.0.store(newer.0.load_full());
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

/// TLS as a listener needs it, and the handle that replaces its certificate.
#[derive(Clone)]
pub struct Tls {
    /// Takes handshakes.
    pub acceptor: TlsAcceptor,
    /// What it proves itself with.
    pub certificate: Arc<Certificate>,
}

/// Reads `listen.tls`. `base` is the folder of the configuration file, `at` the table's key. `None` when there was
/// a fault.
pub fn build(shape: &ListenTls, base: &Path, at: &KeyPath, faults: &mut Faults) -> Option<Tls> {
    let chain = certificates(&base.join(&shape.certificate));
    let key = PrivateKeyDer::from_pem_file(base.join(&shape.key));
    if let Err(problem) = &chain {
        faults.push(
            at.key("certificate"),
            problem.clone(),
            "give a PEM file with the certificate chain, own one first",
        );
    }
    if let Err(error) = &key {
        let problem = format!("{} holds no private key: {}", shape.key.display(), words(error));
        faults.push(at.key("key"), problem, "give a PEM file with the private key (PKCS#8, PKCS#1 or SEC1)");
    }
    let (Ok(chain), Ok(key)) = (chain, key) else { return None };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let made = CertifiedKey::from_der(chain, key, &provider).and_then(|certified| {
        let certificate = Arc::new(Certificate(ArcSwap::from_pointee(certified)));
        let resolver: Arc<dyn ResolvesServerCert> = Arc::clone(&certificate) as _;
        let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        Ok((versions.with_no_client_auth().with_cert_resolver(resolver), certificate))
    });
    match made {
        Ok((mut config, certificate)) => {
            config.alpn_protocols = vec![H2.to_vec(), b"http/1.1".to_vec()];
            Some(Tls { acceptor: TlsAcceptor::from(Arc::new(config)), certificate })
        }
        Err(error) => {
            let problem = format!("certificate and key do not work together: {error}");
            faults.push(
                at.key("certificate"),
                problem,
                "give the key that belongs to the first certificate of the file",
            );
            None
        }
    }
}

/// All certificates of a PEM file, at least one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(chain) if chain.is_empty() => Err(format!("{} holds no certificate", path.display())),
        Ok(chain) => Ok(chain),
        Err(error) => Err(format!("{} cannot be read: {}", path.display(), words(&error))),
    }
}

/// What is wrong with a PEM file, without any of its contents.
fn words(error: &pem::Error) -> String {
    match error {
        pem::Error::Io(error) => error.to_string(),
        pem::Error::NoItemsFound => "no such section".to_owned(),
        _ => "it is no PEM".to_owned(),
    }
}
