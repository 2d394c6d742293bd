//! TLS towards back ends.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Trouble;
use crate::trust;

/// What a TLS connection is made with.
#[derive(Clone)]
pub(super) struct Tls(TlsConnector);

impl Tls {
    /// Reads the authorities.
    pub(super) fn open(authorities: Option<&Path>) -> Result<Self, String> {
        Ok(Self(TlsConnector::from(Arc::new(trust::client(authorities)?))))
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
