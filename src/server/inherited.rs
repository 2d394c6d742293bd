//! Sockets that were opened before us: systemd socket activation (sd_listen_fds(3)).
//!
//! A restart then loses no connection: the manager holds the socket, and who comes meanwhile waits in its queue.
//! `FileDescriptorName=` says what a socket is for: `events`, `health` or `admin`; a single one of any name is for
//! events. The descriptors are taken through pidfd_getfd(2) (Linux 5.6), which hands out an owned copy and needs no
//! trust in a number from the environment.

use std::collections::HashMap;
use std::io;
use std::net::TcpListener as StdTcp;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener as StdUnix;
use std::sync::{Mutex, PoisonError};

use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};

use super::address::Bound;

/// The first descriptor that is passed (`SD_LISTEN_FDS_START`).
const FIRST: i32 = 3;
/// More sockets than this are a mistake.
const MOST: i32 = 16;

/// The sockets that are still to be taken, by purpose.
#[derive(Debug, Default)]
pub struct Inherited(Mutex<HashMap<String, OwnedFd>>);

impl Inherited {
    /// Takes what `$LISTEN_FDS` offers to this process; nothing when it is not meant for us.
    ///
    /// # Errors
    /// When sockets were promised and cannot be had.
    pub fn from_environment() -> io::Result<Self> {
        let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<i32>().ok());
        let pid = getpid();
        let (Some(count), Some(meant)) = (number("LISTEN_FDS"), number("LISTEN_PID")) else {
            return Ok(Self::default());
        };
        if meant != pid.as_raw_nonzero().get() || count <= 0 {
            return Ok(Self::default());
        }
        let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut names = names.split(':');
        let myself = pidfd_open(pid, PidfdFlags::empty())?;
        let mut found = HashMap::new();
        for index in 0..count.min(MOST) {
            let descriptor = pidfd_getfd(&myself, FIRST + index, PidfdGetfdFlags::empty())?;
            let name = match names.next() {
                _ if count == 1 => "events",
                Some(name) => name,
                None => "",
            };
            if !matches!(name, "events" | "health" | "admin") {
                tracing::warn!(
                    fix = "write FileDescriptorName=events, health or admin in the socket unit",
                    "a passed socket has a name that says nothing, and is not used"
                );
                continue;
            }
            found.insert(name.to_owned(), descriptor);
        }
        Ok(Self(Mutex::new(found)))
    }

    /// The socket for a purpose, once. Needs a runtime with I/O.
    ///
    /// # Errors
    /// When it is no listening socket.
    pub fn take(&self, purpose: &str) -> io::Result<Option<Bound>> {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(purpose);
        taken.map(bound).transpose()
    }
}

fn bound(descriptor: OwnedFd) -> io::Result<Bound> {
    let tcp = StdTcp::from(descriptor);
    tcp.set_nonblocking(true)?;
    // Only an internet socket has such an address.
    if tcp.local_addr().is_ok() {
        return Bound::from_tcp(tcp);
    }
    Bound::from_unix(StdUnix::from(OwnedFd::from(tcp)))
}
