//! Byte streams to back ends: TCP with or without TLS, or a Unix socket; and one that stops at a limit.

use std::io::{self, Error, ErrorKind};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};

use super::Trouble;

/// Any stream.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Connects to a host.
pub(super) async fn tcp(host: &str, port: u16) -> Result<TcpStream, Trouble> {
    let stream = TcpStream::connect((host, port)).await.map_err(Trouble::down)?;
    stream.set_nodelay(true).map_err(Trouble::down)?;
    Ok(stream)
}

/// Connects to a socket of this machine.
pub(super) async fn unix(path: &Path) -> Result<UnixStream, Trouble> {
    UnixStream::connect(path).await.map_err(Trouble::down)
}

/// How many bytes may still be read.
#[derive(Clone, Default)]
pub(super) struct Allowance(Arc<AtomicUsize>);

impl Allowance {
    /// Starts again with so many.
    pub(super) fn set(&self, bytes: usize) {
        self.0.store(bytes, Ordering::Relaxed);
    }

    /// True when the last one was read.
    pub(super) fn is_spent(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }
}

/// A stream that breaks when its allowance is spent.
pub(super) struct Metered {
    stream: Box<dyn Stream>,
    allowance: Allowance,
}

impl Metered {
    /// Meters a stream.
    pub(super) fn new(stream: Box<dyn Stream>, allowance: Allowance) -> Self {
        Self { stream, allowance }
    }
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let count = buffer.filled().len() - before;
        let left = self.allowance.0.load(Ordering::Relaxed).saturating_sub(count);
        self.allowance.0.store(left, Ordering::Relaxed);
        if count > 0 && left == 0 { Poll::Ready(Err(Error::from(ErrorKind::FileTooLarge))) } else { read }
    }
}

impl AsyncWrite for Metered {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
