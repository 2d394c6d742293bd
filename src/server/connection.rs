//! One connection from its handshake to its end.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::address::Stream;
use super::body::Room;
use super::counters::{Counters, Refusal};
use super::service::{Counted, Line};
use super::settings::Settings;
use super::watch::{Protocol, Watch, Watched};
use super::{Arrival, Handler, tls};
use crate::client_address::Peer;

/// Streams of one h2 connection at once; also a bound on the answers that wait for a peer who does not read.
const STREAMS: u32 = 100;
/// What a peer may send on a stream before we read it.
const STREAM_WINDOW: u32 = 64 * 1024;
/// What a peer may send on a connection before we read it.
const CONNECTION_WINDOW: u32 = 1024 * 1024;
/// What may wait to be sent on one stream.
const SEND_BUFFER: usize = 64 * 1024;
/// For the last words to a peer that was too slow.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What the connections of a listener share.
pub(super) struct House<H> {
    pub(super) handler: Arc<H>,
    pub(super) counters: Arc<Counters>,
    pub(super) settings: Arc<Settings>,
    pub(super) tls: Option<TlsAcceptor>,
    /// Take nothing new and finish.
    pub(super) drain: CancellationToken,
    /// End now; for the tasks of h2 streams.
    pub(super) cut: CancellationToken,
    /// The tasks of h2 streams.
    pub(super) streams: TaskTracker,
    /// Memory for large answers that are not taken yet.
    pub(super) untaken: Arc<Room>,
}

impl<H: Handler> House<H> {
    /// Serves a connection until it ends.
    pub(super) async fn serve(self: Arc<Self>, stream: Stream, peer: Peer) {
        let Some(acceptor) = &self.tls else {
            return self.http1(stream, Arrival { peer, tls: false }).await;
        };
        let from = Arrival { peer, tls: true };
        match tokio::time::timeout(self.settings.first_byte, acceptor.accept(stream)).await {
            Ok(Ok(stream)) if stream.get_ref().1.alpn_protocol() == Some(tls::H2) => self.h2(stream, from).await,
            Ok(Ok(stream)) => self.http1(stream, from).await,
            Ok(Err(_)) => self.counters.refuse(Refusal::Tls),
            Err(_) => self.counters.refuse(Refusal::Silent),
        }
    }

    async fn http1<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(&self, stream: S, from: Arrival) {
        let (watch, line) = self.line(Protocol::Http1, from);
        let mut builder = http1::Builder::new();
        // The deadlines are ours ([`Watch`]): hyper's would end an idle connection as soon as a slow head.
        builder.header_read_timeout(None).max_buf_size(self.settings.head).max_header_size(self.settings.head);
        if self.settings.headers > 100 {
            builder.max_headers(self.settings.headers);
        }
        let io = TokioIo::new(Watched::new(stream, Arc::clone(&watch)));
        let mut connection = builder.serve_connection(io, service_fn(move |request| Arc::clone(&line).answer(request)));
        let ended = self.drive(Pin::new(&mut connection), &watch).await;
        if matches!(ended, Err(Refusal::HeadTime)) {
            let mut stream = connection.into_parts().io.into_inner();
            let words = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
            let say = async {
                stream.write_all(words).await?;
                stream.shutdown().await
            };
            // Whether the slow peer hears it makes no difference to us.
            let _ = tokio::time::timeout(LAST_WORDS, say).await;
        }
    }

    async fn h2<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(&self, stream: S, from: Arrival) {
        let (watch, line) = self.line(Protocol::H2, from);
        let streams = Streams { tracker: self.streams.clone(), cut: self.cut.clone() };
        let mut builder = http2::Builder::new(streams);
        builder
            .max_concurrent_streams(STREAMS)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_send_buf_size(SEND_BUFFER)
            .max_header_list_size(u32::try_from(self.settings.head).unwrap_or(u32::MAX));
        let io = TokioIo::new(Watched::new(stream, Arc::clone(&watch)));
        let connection = builder.serve_connection(io, service_fn(move |request| Arc::clone(&line).answer(request)));
        // Dropping the connection resets what is open on it; there is nothing to say that h2 would not have said.
        let _ = self.drive(pin!(connection), &watch).await;
    }

    fn line(&self, protocol: Protocol, from: Arrival) -> (Arc<Watch>, Arc<Line<H>>) {
        let watch = Watch::new(protocol, Arc::clone(&self.settings));
        let line = Line {
            handler: Arc::clone(&self.handler),
            counters: Arc::clone(&self.counters),
            watch: Arc::clone(&watch),
            from,
            in_flight: self.settings.in_flight,
            fields: self.settings.headers,
            untaken: Arc::clone(&self.untaken),
        };
        (watch, Arc::new(line))
    }

    /// Runs a connection until it ends by itself (`Ok`) or has to be dropped because a deadline passed.
    async fn drive<C: Conversation>(&self, mut connection: Pin<&mut C>, watch: &Watch) -> Result<(), Refusal> {
        let mut winding_down = false;
        loop {
            tokio::select! {
                biased;
                result = connection.as_mut() => {
                    self.note(result.err());
                    return Ok(());
                }
                why = watch.overdue() => {
                    let gently = matches!(why, Refusal::Idle | Refusal::Silent) && !winding_down;
                    if !winding_down || !matches!(why, Refusal::Idle | Refusal::Silent) {
                        self.counters.refuse(why);
                    }
                    if !gently {
                        return Err(why);
                    }
                }
                () = self.drain.cancelled(), if !winding_down => {}
            }
            winding_down = true;
            connection.as_mut().wind_down();
            watch.closing();
        }
    }

    /// Counts what hyper refused by itself.
    fn note(&self, error: Option<hyper::Error>) {
        match error {
            Some(error) if error.is_parse_too_large() => self.counters.refuse(Refusal::HeadSize),
            Some(error) if error.is_parse() => self.counters.refuse(Refusal::Syntax),
            _ => {}
        }
    }
}

/// A connection that can be asked to finish what it has begun and take nothing new.
trait Conversation: Future<Output = hyper::Result<()>> {
    fn wind_down(self: Pin<&mut Self>);
}

impl<I, S> Conversation for http1::Connection<I, S>
where
    S: HttpService<Incoming, ResBody = Counted>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
{
    fn wind_down(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<I, S, E> Conversation for http2::Connection<I, S, E>
where
    S: HttpService<Incoming, ResBody = Counted>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
    E: hyper::rt::bounds::Http2ServerConnExec<S::Future, Counted>,
{
    fn wind_down(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// Runs h2 streams as tasks that are counted and can be ended.
#[derive(Clone)]
struct Streams {
    tracker: TaskTracker,
    cut: CancellationToken,
}

impl<F> hyper::rt::Executor<F> for Streams
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn execute(&self, stream: F) {
        let cut = self.cut.clone();
        self.tracker.spawn(async move { cut.run_until_cancelled(stream).await.is_some() });
    }
}
