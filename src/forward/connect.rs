//! Making a connection: resolve, connect, prove the name.
//!
//! The name is resolved anew for every connection, so that an upstream that moves is followed (vendors behind a
//! CDN change addresses; nginx's habit of resolving once at start is a known way to a dead proxy). Addresses are
//! tried in the resolver's order, families in turn, a quarter of a second apart (RFC 8305 section 5).

use std::future::Future;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::either::Either;

use super::ForwardError;
use super::target::Target;

/// Between attempts on several addresses (RFC 8305 section 8).
const STAGGER: Duration = Duration::from_millis(250);
/// How many of a name's addresses are tried.
const ADDRESSES: usize = 8;
/// Look-ups at once. A look-up cannot be cancelled; when the resolver hangs, no more threads than this hang with it.
const LOOKUPS: usize = 4;

/// What a look-up gives.
pub type Resolved<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'a>>;

/// Finds the addresses of a name.
pub trait Resolve: Send + Sync + 'static {
    /// The addresses of `host` with `port`. The caller has a deadline and drops this when it passes.
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> Resolved<'a>;
}

/// The system's resolver (`getaddrinfo`): hosts file, search domains and caches as everywhere on the machine.
#[derive(Debug)]
pub struct SystemResolver(Arc<Semaphore>);

impl Default for SystemResolver {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(LOOKUPS)))
    }
}

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> Resolved<'a> {
        Box::pin(async move {
            let permit = Arc::clone(&self.0).acquire_owned().await.map_err(io::Error::other)?;
            let host = host.to_owned();
            let lookup = tokio::task::spawn_blocking(move || {
                let addresses = (host.as_str(), port).to_socket_addrs().map(Iterator::collect);
                drop(permit);
                addresses
            });
            lookup.await.map_err(io::Error::other)?
        })
    }
}

/// Makes connections to one upstream.
pub(super) struct Dialer {
    target: Arc<Target>,
    resolver: Arc<dyn Resolve>,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl Dialer {
    /// `tls` is needed when the target asks for it. Fails when the host is no name that TLS can prove.
    pub(super) fn new(target: Arc<Target>, tls: Option<Arc<ClientConfig>>) -> Result<Self, &'static str> {
        let tls = match tls {
            Some(config) => {
                let name =
                    ServerName::try_from(target.host.clone()).map_err(|_| "has a host that is no name for TLS")?;
                Some((TlsConnector::from(config), name))
            }
            None => None,
        };
        Ok(Self { target, resolver: Arc::new(SystemResolver::default()), tls })
    }

    pub(super) fn with_resolver(mut self, resolver: impl Resolve) -> Self {
        self.resolver = Arc::new(resolver);
        self
    }

    /// A new connection. The caller has a deadline and drops this when it passes.
    pub(super) async fn dial(&self) -> Result<Wire, ForwardError> {
        let target = &self.target;
        let addresses = match target.host.parse() {
            Ok(ip) => vec![SocketAddr::new(ip, target.port)],
            Err(_) => self.resolver.resolve(&target.host, target.port).await.map_err(|_| ForwardError::Connect)?,
        };
        let stream = connect(in_turn(addresses)).await.ok_or(ForwardError::Connect)?;
        match &self.tls {
            None => Ok(Wire::Left(stream)),
            Some((connector, name)) => {
                let stream = connector.connect(name.clone(), stream).await.map_err(|_| ForwardError::Tls)?;
                Ok(Wire::Right(Box::new(stream)))
            }
        }
    }
}

/// The resolver's order, the families in turn: when one family is broken, every second attempt is good.
fn in_turn(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (ours, others): (Vec<_>, Vec<_>) = addresses.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let (mut ours, mut others) = (ours.into_iter(), others.into_iter());
    let mut mixed = Vec::with_capacity(ADDRESSES);
    while mixed.len() < ADDRESSES {
        let before = mixed.len();
        mixed.extend(ours.next());
        mixed.extend(others.next());
        if mixed.len() == before {
            break;
        }
    }
    mixed
}

/// The first connection that succeeds; the other attempts end with `attempts`.
async fn connect(addresses: Vec<SocketAddr>) -> Option<TcpStream> {
    let mut attempts = JoinSet::new();
    let mut waiting = addresses.into_iter();
    loop {
        match waiting.next() {
            Some(address) => {
                attempts.spawn(TcpStream::connect(address));
            }
            None if attempts.is_empty() => return None,
            None => {}
        }
        let pause = if waiting.len() > 0 { STAGGER } else { Duration::MAX };
        if let Ok(Some(Ok(Ok(stream)))) = tokio::time::timeout(pause, attempts.join_next()).await {
            // An event is one small write: waiting for more would only delay it.
            let _ = stream.set_nodelay(true);
            return Some(stream);
        }
    }
}

/// A connection to an upstream, in clear or with TLS.
pub(super) type Wire = Either<TcpStream, Box<TlsStream<TcpStream>>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_tried_in_turn() {
        let list = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<SocketAddr>>();
        let resolved = list(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "1.1.1.2:1"]);
        assert_eq!(in_turn(resolved), list(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "1.1.1.2:1", "[::3]:1"]));
        assert!(in_turn(Vec::new()).is_empty());
        let many = (0..100).map(|n| SocketAddr::from(([10, 0, 0, n], 1))).collect();
        assert_eq!(in_turn(many).len(), ADDRESSES);
    }

    #[tokio::test]
    async fn a_dead_address_does_not_hide_a_living_one() {
        let living = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let dead = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (living_at, dead_at) = (living.local_addr().unwrap(), dead.local_addr().unwrap());
        drop(dead);
        let stream = connect(vec![dead_at, living_at]).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), living_at);
        assert!(connect(vec![dead_at]).await.is_none());
        assert!(connect(Vec::new()).await.is_none());
    }
}
