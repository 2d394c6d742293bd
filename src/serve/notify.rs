//! Telling systemd: ready, reloading, stopping, alive (sd_notify(3), systemd.service(5) `Type=notify-reload`).
//!
//! One datagram per message to the socket named by `$NOTIFY_SOCKET`. Without that variable nothing is said. A manager
//! that does not listen is no reason to stop serving, so a failure is not reported.

use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The way to the service manager, if there is one.
#[derive(Debug, Default)]
pub(super) struct Notifier {
    socket: Option<UnixDatagram>,
    watchdog: Option<Duration>,
}

impl Notifier {
    /// Reads `$NOTIFY_SOCKET`, `$WATCHDOG_USEC` and `$WATCHDOG_PID`.
    pub(super) fn from_environment() -> Self {
        let socket = std::env::var("NOTIFY_SOCKET").ok().and_then(|name| connect(&name).ok());
        let ours = match std::env::var("WATCHDOG_PID") {
            Ok(pid) => pid == std::process::id().to_string(),
            Err(_) => true,
        };
        let micros =
            std::env::var("WATCHDOG_USEC").ok().and_then(|text| text.parse().ok()).filter(|micros| *micros > 0);
        Self { socket, watchdog: micros.filter(|_| ours).map(Duration::from_micros) }
    }

    /// All addresses are bound, or a reload is over.
    pub(super) fn ready(&self) {
        self.say("READY=1");
    }

    /// A reload begins. The manager wants the monotonic time of it.
    pub(super) fn reloading(&self) {
        let now = clock_gettime(ClockId::Monotonic);
        self.say(&format!("RELOADING=1\nMONOTONIC_USEC={}", now.tv_sec * 1_000_000 + now.tv_nsec / 1000));
    }

    /// The drain begins.
    pub(super) fn stopping(&self) {
        self.say("STOPPING=1");
    }

    /// Says at half the asked interval that the process is alive; pending for ever when nobody asked.
    pub(super) async fn keep_alive(&self) {
        let Some(interval) = self.watchdog else { return std::future::pending().await };
        let mut ticks = tokio::time::interval(interval / 2);
        loop {
            ticks.tick().await;
            self.say("WATCHDOG=1");
        }
    }

    fn say(&self, message: &str) {
        if let Some(socket) = &self.socket {
            let _ = socket.send(message.as_bytes());
        }
    }
}

/// A path, or a name in the abstract namespace after `@`.
fn connect(name: &str) -> std::io::Result<UnixDatagram> {
    let socket = UnixDatagram::unbound()?;
    // A manager that reads slowly must not hold up a request.
    socket.set_nonblocking(true)?;
    match name.strip_prefix('@') {
        Some(name) => socket.connect_addr(&SocketAddr::from_abstract_name(name)?)?,
        None => socket.connect(name)?,
    }
    Ok(socket)
}
