//! Addresses to listen on, and taking hold of them.
//!
//! `ip:port`, or `unix:/path`. A unix socket is made with mode 0660 before it gets its name, replaces a stale one
//! that nobody listens on any more, never a living one and never a file; its name is removed when the listener ends,
//! unless a successor has taken it over meanwhile.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio_util::either::Either;

use crate::client_address::Peer;
use crate::config::fault::{Faults, KeyPath};

/// Where to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// An address and port; port 0 lets the system choose.
    Tcp(SocketAddr),
    /// The path of a unix socket.
    Unix(PathBuf),
}

/// A text that is no address to listen on.
#[derive(Debug, thiserror::Error)]
#[error("expected ip:port such as \"127.0.0.1:8787\", or \"unix:\" and an absolute path")]
pub struct BadAddress;

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        match text.strip_prefix("unix:") {
            Some(path) if path.starts_with('/') && !path.ends_with('/') => Ok(Self::Unix(path.into())),
            Some(_) => Err(BadAddress),
            None => text.parse().map(Self::Tcp).map_err(|_| BadAddress),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl Address {
    /// Reads an address of the configuration; one that cannot be read is a fault at `at`.
    pub fn read(text: &str, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let read = text.parse();
        if let Err(problem) = &read {
            let problem: &BadAddress = problem;
            faults.push(
                at.clone(),
                format!("{text:?}: {problem}"),
                "write it as \"127.0.0.1:8787\" or \"unix:/run/bauta.sock\"",
            );
        }
        read.ok()
    }

    /// Whether only this machine can reach it.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self {
            Self::Tcp(address) => address.ip().to_canonical().is_loopback(),
            Self::Unix(_) => true,
        }
    }

    /// Takes hold of the address. Needs a runtime with I/O.
    ///
    /// # Errors
    /// When the system refuses, or when the socket's path is in use or is no socket.
    pub async fn bind(&self) -> io::Result<Bound> {
        match self {
            Self::Tcp(address) => Ok(Bound(Socket::Tcp(TcpListener::bind(address).await?))),
            Self::Unix(path) => {
                clear(path).await?;
                let (listener, name) = bind_unix(path)?;
                Ok(Bound(Socket::Unix { listener, _name: Some(name) }))
            }
        }
    }
}

/// An address that is held: connections wait in the kernel's queue from here on.
#[derive(Debug)]
pub struct Bound(Socket);

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener),
    /// An inherited socket's name is not ours to remove.
    Unix {
        listener: UnixListener,
        _name: Option<Name>,
    },
}

/// A connection as it comes from the kernel.
pub(super) type Stream = Either<TcpStream, UnixStream>;

impl Bound {
    /// A socket that somebody else bound. Needs a runtime with I/O; the socket does not block.
    pub(super) fn from_tcp(listener: std::net::TcpListener) -> io::Result<Self> {
        Ok(Self(Socket::Tcp(TcpListener::from_std(listener)?)))
    }

    /// A unix socket that somebody else bound, likewise.
    pub(super) fn from_unix(listener: std::os::unix::net::UnixListener) -> io::Result<Self> {
        Ok(Self(Socket::Unix { listener: UnixListener::from_std(listener)?, _name: None }))
    }

    /// The address with the port that the system chose; `None` for a unix socket.
    #[must_use]
    pub fn tcp(&self) -> Option<SocketAddr> {
        match &self.0 {
            Socket::Tcp(listener) => listener.local_addr().ok(),
            Socket::Unix { .. } => None,
        }
    }

    /// The next connection. Cancel safe.
    pub(super) async fn accept(&self) -> io::Result<(Stream, Peer)> {
        match &self.0 {
            Socket::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                // Answers are small and are written whole: nothing is gained by waiting for more.
                stream.set_nodelay(true)?;
                Ok((Stream::Left(stream), Peer::Tcp(peer)))
            }
            Socket::Unix { listener, .. } => {
                let (stream, _) = listener.accept().await?;
                Ok((Stream::Right(stream), Peer::Unix))
            }
        }
    }
}

/// Makes way for a new socket: nothing, or a socket that nobody answers on.
async fn clear(path: &Path) -> io::Result<()> {
    let found = match std::fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if !found.file_type().is_socket() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "the path exists and is no socket"));
    }
    match UnixStream::connect(path).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
        Ok(_) => Err(io::Error::new(io::ErrorKind::AddrInUse, "another process listens on this socket")),
        Err(error) => Err(error),
    }
}

/// Binds under a name of its own, sets the mode, and only then moves it to `path`: nobody can connect to it while
/// it has the mode of the umask, and a stale socket is replaced in one step.
fn bind_unix(path: &Path) -> io::Result<(UnixListener, Name)> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}", std::process::id()));
    let draft = PathBuf::from(draft);
    match std::fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&draft)?;
    let placed = std::fs::set_permissions(&draft, std::fs::Permissions::from_mode(0o660))
        .and_then(|()| std::fs::symlink_metadata(&draft))
        .and_then(|made| std::fs::rename(&draft, path).map(|()| made));
    match placed {
        Ok(made) => Ok((listener, Name { path: path.to_owned(), inode: (made.dev(), made.ino()) })),
        Err(error) => {
            // The first error is the one to report; the draft may not even exist.
            let _ = std::fs::remove_file(&draft);
            Err(error)
        }
    }
}

/// The name of a bound unix socket, removed on drop if it still is this socket's.
#[derive(Debug)]
struct Name {
    path: PathBuf,
    inode: (u64, u64),
}

impl Drop for Name {
    fn drop(&mut self) {
        let ours = std::fs::symlink_metadata(&self.path).is_ok_and(|found| (found.dev(), found.ino()) == self.inode);
        if ours {
            // Nothing can be done about a name that stays: the next start finds nobody listening and replaces it.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
