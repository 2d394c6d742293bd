//! `bauta healthcheck`: for a container without a shell. One GET of `/readyz`, an answer within two seconds.
//!
//! The address is read even from a configuration with faults: with `--on-bad-config=drop` such a sidecar runs, and it
//! is the sidecar, not this command, that knows whether it is ready.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use super::{ConfigFile, NO, out};

/// The whole check takes no longer than this.
const DEADLINE: Duration = Duration::from_secs(2);

/// Ask a running bauta whether it is ready.
#[derive(clap::Args)]
#[command(after_help = "Exit code: 0 ready, 1 not ready or no answer within two seconds.\n\n\
    Examples:\n  bauta healthcheck -c /etc/bauta/bauta.toml\n  bauta healthcheck --address 127.0.0.1:8788\n  \
    HEALTHCHECK CMD [\"/bauta\", \"healthcheck\", \"-c\", \"/etc/bauta/bauta.toml\"]   # Dockerfile")]
pub(crate) struct Args {
    #[command(flatten)]
    config: ConfigFile,
    /// The health address, instead of the one in the configuration
    #[arg(long, value_name = "ADDRESS")]
    address: Option<String>,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let address = args.address.clone().unwrap_or_else(|| {
        match crate::config::load(&args.config.path, crate::config::variables()) {
            Ok(loaded) => loaded.file.health.address,
            Err(error) => error.salvaged.health.address,
        }
    });
    match ask(&address) {
        Ok(200) => {
            out::line("ready");
            ExitCode::SUCCESS
        }
        Ok(status) => out::fail(NO, &format!("{address} answers {status}: not ready"), ""),
        Err(error) => out::fail(
            NO,
            &format!("{address} does not answer: {error}"),
            "is `bauta serve` running with this configuration?",
        ),
    }
}

/// The status of `/readyz`.
fn ask(address: &str) -> std::io::Result<u16> {
    let until = Instant::now() + DEADLINE;
    if let Some(path) = address.strip_prefix("unix:") {
        let mut stream = UnixStream::connect(path)?;
        stream.set_write_timeout(Some(left(until)?))?;
        return exchange(&mut stream, |stream| stream.set_read_timeout(Some(left(until)?)));
    }
    let address: SocketAddr = address.parse().map_err(std::io::Error::other)?;
    let mut stream = TcpStream::connect_timeout(&reachable(address), left(until)?)?;
    stream.set_write_timeout(Some(left(until)?))?;
    exchange(&mut stream, |stream| stream.set_read_timeout(Some(left(until)?)))
}

/// Who listens on all addresses is asked on loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn left(until: Instant) -> std::io::Result<Duration> {
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(std::io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}

fn exchange<S: Read + Write>(stream: &mut S, renew: impl Fn(&S) -> std::io::Result<()>) -> std::io::Result<u16> {
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut head = Vec::new();
    // "HTTP/1.1 200" is all we want to know.
    while head.len() < 12 {
        renew(stream)?;
        let mut part = [0_u8; 12];
        match stream.read(&mut part)? {
            0 => break,
            count => head.extend_from_slice(part.get(..count).unwrap_or_default()),
        }
    }
    let status =
        std::str::from_utf8(&head).ok().and_then(|head| head.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok());
    status.ok_or_else(|| std::io::Error::other("the answer is not HTTP"))
}
