//! A vendor that misbehaves as told, over TCP or TLS, and a certificate authority for it.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part of this")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// What the vendor does with a request.
#[derive(Debug, Clone)]
pub enum Act {
    /// Answers and keeps the connection.
    Say(String),
    /// Answers and closes the connection.
    SayAndClose(String),
    /// Answers bytes, then says nothing more and keeps the connection.
    SayAndHang(String),
    /// Reads the request and closes.
    Close,
    /// Goes on for ever with this after the first text.
    Flood(String, String),
}

/// An ordinary answer of Plausible.
pub fn accepted() -> Act {
    Act::Say("HTTP/1.1 202 Accepted\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok".to_owned())
}

type Script = dyn Fn(usize, usize) -> Act + Send + Sync;

/// A vendor on a port of its own.
pub struct Vendor {
    pub address: SocketAddr,
    /// Whole requests, as bytes, in the order in which they came.
    pub requests: Arc<Mutex<Vec<String>>>,
    /// Connections so far.
    pub connections: Arc<AtomicUsize>,
    /// Connections that are open.
    pub open: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Drop for Vendor {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Vendor {
    /// `script` says what to do with a request, by number of the connection and of the request on it, from 0.
    pub async fn start(script: impl Fn(usize, usize) -> Act + Send + Sync + 'static) -> Self {
        Self::start_with(None, script).await
    }

    pub async fn start_with(
        tls: Option<TlsAcceptor>,
        script: impl Fn(usize, usize) -> Act + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let (connections, open) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let script: Arc<Script> = Arc::new(script);
        let (noted, counted, opened) = (Arc::clone(&requests), Arc::clone(&connections), Arc::clone(&open));
        let task = tokio::task::spawn(async move {
            let mut tasks = tokio::task::JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let number = counted.fetch_add(1, Ordering::SeqCst);
                let (script, noted, opened, tls) =
                    (Arc::clone(&script), Arc::clone(&noted), Open::new(&opened), tls.clone());
                tasks.spawn(async move {
                    let _open = opened;
                    converse(stream, tls, number, &*script, &noted).await
                });
            }
        });
        Self { address, requests, connections, open, task }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }
}

struct Open(Arc<AtomicUsize>);

impl Open {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn converse(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    number: usize,
    script: &Script,
    noted: &Mutex<Vec<String>>,
) -> Option<()> {
    match tls {
        None => talk(stream, number, script, noted).await,
        Some(tls) => talk(tls.accept(stream).await.ok()?, number, script, noted).await,
    }
}

/// Ends with `None` when the other side closes.
async fn talk<S>(mut stream: S, number: usize, script: &Script, noted: &Mutex<Vec<String>>) -> Option<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut buffer = Vec::new();
    for turn in 0.. {
        let request = request(&mut stream, &mut buffer).await?;
        noted.lock().unwrap().push(request);
        match script(number, turn) {
            Act::Say(text) => stream.write_all(text.as_bytes()).await.ok()?,
            Act::SayAndClose(text) => {
                stream.write_all(text.as_bytes()).await.ok()?;
                stream.shutdown().await.ok()?;
                return None;
            }
            Act::SayAndHang(text) => {
                stream.write_all(text.as_bytes()).await.ok()?;
                while stream.read_u8().await.is_ok() {}
                return None;
            }
            Act::Close => return None,
            Act::Flood(first, more) => {
                stream.write_all(first.as_bytes()).await.ok()?;
                loop {
                    stream.write_all(more.as_bytes()).await.ok()?;
                }
            }
        }
    }
    None
}

/// One request with a body by Content-Length.
async fn request<S: AsyncRead + Unpin>(stream: &mut S, buffer: &mut Vec<u8>) -> Option<String> {
    loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8(buffer[..end + 4].to_vec()).unwrap();
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok())
                .unwrap_or(0);
            if buffer.len() >= end + 4 + length {
                let whole: Vec<u8> = buffer.drain(..end + 4 + length).collect();
                return Some(String::from_utf8(whole).unwrap());
            }
        }
        let mut space = [0_u8; 4096];
        let read = stream.read(&mut space).await.ok().filter(|read| *read > 0)?;
        buffer.extend_from_slice(&space[..read]);
    }
}

/// A certificate authority of its own, with one server certificate, in files.
pub struct Authority {
    pub folder: tempfile::TempDir,
    pub ca: PathBuf,
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Authority {
    /// An authority with a certificate for these names.
    pub fn new(names: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
        let write = |name: &str, text: String| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let ca = write("ca.pem", issuer.pem());
        let certificate = write("tls.crt", certificate.pem());
        let key = write("tls.key", key.serialize_pem());
        Self { folder, ca, certificate, key }
    }

    /// Accepts TLS with this certificate.
    pub fn acceptor(&self) -> TlsAcceptor {
        let mut faults = bauta::config::fault::Faults::default();
        let shape = bauta::config::file::ListenTls { certificate: self.certificate.clone(), key: self.key.clone() };
        let at = bauta::config::fault::KeyPath::root();
        bauta::server::tls::build(&shape, self.folder.path(), &at, &mut faults).unwrap().acceptor
    }

    /// Trusts this authority.
    pub fn client(&self, alpn: &[&[u8]]) -> tokio_rustls::TlsConnector {
        let mut config = (*bauta::forward::tls::authorities(&self.ca).unwrap()).clone();
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        tokio_rustls::TlsConnector::from(Arc::new(config))
    }
}
