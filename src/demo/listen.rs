//! A small HTTP/1.1 listener for the demo's own services: the shop, and the stand-in vendor.
//!
//! Promise: every task is owned, connections are capped, slow heads and bodies end by a deadline, and
//! [`Listening::stop`] frees the port. Input: a bound socket and a function from request to response.
//! Failure: a connection that fails closes alone. This is not the listener of `bauta serve`.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Open connections at once; a browser opens six per origin, a load test a few hundred.
const CONNECTIONS: usize = 1024;
/// Time for a request's head, and again for its body.
const PATIENCE: Duration = Duration::from_secs(10);
/// Rest after a failed accept.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);
/// How long [`Listening::stop`] waits for answers that are under way.
const FAREWELL: Duration = Duration::from_secs(2);

/// A request's body, or why there is none.
pub type Body = Result<Bytes, Unread>;

/// A body that was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// It was longer than the listener's limit.
    #[error("the body is larger than the limit")]
    TooLarge,
    /// The client stopped sending, or took too long.
    #[error("the body did not arrive")]
    Incomplete,
}

/// A listener that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct Listening {
    address: SocketAddr,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Listening {
    /// Takes connections from `listener` and answers each request with `handler`. Bodies are read first, up to
    /// `limit` bytes.
    ///
    /// # Errors
    /// When the socket does not know its own address.
    pub fn start<H, F>(listener: TcpListener, limit: usize, handler: H) -> io::Result<Self>
    where
        H: Fn(Request<Body>, SocketAddr) -> F + Send + Sync + 'static,
        F: Future<Output = Response<Full<Bytes>>> + Send + 'static,
    {
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let accept = accept(listener, limit, Arc::new(handler), stop.clone(), tasks.clone());
        tasks.spawn(accept);
        Ok(Self { address, stop, tasks })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes nothing new, finishes what is under way (two seconds at most), and frees the port.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        // A client that holds its connection beyond this loses it when the runtime ends.
        let _ = tokio::time::timeout(FAREWELL, self.tasks.wait()).await;
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn accept<H, F>(listener: TcpListener, limit: usize, handler: Arc<H>, stop: CancellationToken, tasks: TaskTracker)
where
    H: Fn(Request<Body>, SocketAddr) -> F + Send + Sync + 'static,
    F: Future<Output = Response<Full<Bytes>>> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        // A failed accept is that connection's end, not ours; without descriptors it fails again at once.
        let Ok((stream, peer)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let (handler, stop) = (Arc::clone(&handler), stop.clone());
        tasks.spawn(async move {
            serve(stream, peer, limit, handler, stop).await;
            drop(place);
        });
    }
}

async fn serve<H, F>(stream: TcpStream, peer: SocketAddr, limit: usize, handler: Arc<H>, stop: CancellationToken)
where
    H: Fn(Request<Body>, SocketAddr) -> F + Send + Sync + 'static,
    F: Future<Output = Response<Full<Bytes>>> + Send + 'static,
{
    // Small answers on a kept connection must not wait for the peer's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let handler = Arc::clone(&handler);
        async move {
            let (parts, body) = request.into_parts();
            let body = read(body, limit).await;
            Ok::<_, Infallible>(handler(Request::from_parts(parts, body), peer).await)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

async fn read(body: Incoming, limit: usize) -> Body {
    match tokio::time::timeout(PATIENCE, Limited::new(body, limit).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Unread::TooLarge),
        Ok(Err(_)) | Err(_) => Err(Unread::Incomplete),
    }
}

/// A response of a status, a content type and a body.
#[must_use]
pub fn answer(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    if !kind.is_empty() {
        response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(kind));
    }
    response
}
