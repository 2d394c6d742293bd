//! A listener under test, and a client that says exactly what it is told, byte by byte.
//!
//! Everything waits on events; [`within`] is only a guard so that a hanging test fails instead of hanging.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part of this")]

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bauta::server::body::{streamed, whole};
use bauta::server::{Address, Arrival, Body, Bound, Counters, Drained, Handler, Listener, Settings, read_body};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// Far longer than anything takes.
pub const GUARD: Duration = Duration::from_secs(20);

/// Fails the test when something does not happen.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(GUARD, future).await {
        Ok(value) => value,
        Err(_) => panic!("{what}: did not happen"),
    }
}

/// Waits until something is true.
pub async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    within(what, async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

/// Short deadlines, and caps that a test can reach.
pub fn quick() -> Settings {
    Settings {
        connections: 64,
        in_flight: 16,
        head: 8 * 1024,
        headers: 50,
        first_byte: Duration::from_millis(250),
        head_time: Duration::from_millis(250),
        body_time: Duration::from_millis(300),
        idle: Duration::from_millis(300),
        answer: Duration::from_millis(900),
        drain: Duration::from_secs(10),
    }
}

/// Deadlines that do not pass during a test.
pub fn patient() -> Settings {
    let long = Duration::from_secs(60);
    Settings { first_byte: long, head_time: long, body_time: long, idle: long, answer: long, ..quick() }
}

/// What the handler saw of a request.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: Method,
    pub target: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub from: Arrival,
}

/// The handler under test: reads the body and notes the request. `/wait` answers when [`Echo::gate`] is opened,
/// `/panic` panics, `/unread` answers without reading, `/whole` answers 1 MB and `/big` 64 MiB piece by piece.
pub struct Echo {
    pub seen: Mutex<Vec<Seen>>,
    pub waiting: Notify,
    pub gate: Notify,
    pub most: usize,
    pub body_time: Duration,
}

impl Echo {
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

impl Handler for Echo {
    async fn handle(self: Arc<Self>, request: Request<Incoming>, from: Arrival) -> Response<Body> {
        let (head, body) = request.into_parts();
        let path = head.uri.path().to_owned();
        if path == "/unread" {
            return reply(StatusCode::BAD_REQUEST, "unread");
        }
        let body = match read_body(body, self.most, self.body_time).await {
            Ok(body) => body,
            Err(error) => return reply(error.status(), "body"),
        };
        let target = head.uri.to_string();
        let seen = Seen { method: head.method, target, headers: head.headers, body, from };
        self.seen.lock().unwrap().push(seen);
        match path.as_str() {
            "/wait" => {
                self.waiting.notify_one();
                self.gate.notified().await;
                reply(StatusCode::ACCEPTED, "waited")
            }
            "/panic" => panic!("as asked"),
            "/whole" => reply(StatusCode::ACCEPTED, Box::leak("x".repeat(1_000_000).into_boxed_str())),
            "/big" => Response::new(streamed(Pieces(1024))),
            _ => reply(StatusCode::ACCEPTED, "ok"),
        }
    }
}

/// So many pieces of 64 KiB.
struct Pieces(u32);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        let left = self.0.checked_sub(1);
        self.0 = left.unwrap_or(0);
        std::task::Poll::Ready(left.map(|_| Ok(http_body::Frame::data(Bytes::from(vec![b'x'; 65_536])))))
    }
}

pub fn reply(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(whole(text));
    *response.status_mut() = status;
    response
}

/// A running listener.
pub struct Running<H> {
    pub handler: Arc<H>,
    pub counters: Arc<Counters>,
    pub drain: CancellationToken,
    pub address: Option<SocketAddr>,
    pub task: JoinHandle<Drained>,
}

impl<H> Running<H> {
    pub async fn connect(&self) -> Raw<TcpStream> {
        Raw::new(TcpStream::connect(self.address.unwrap()).await.unwrap())
    }

    /// Sends bytes on a new connection and one last good request behind them, and returns all that came back until
    /// the server closes.
    pub async fn ask(&self, bytes: &[u8]) -> String {
        let last = b"GET /last HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n";
        self.say(&[bytes, last].concat()).await
    }

    /// Sends bytes on a new connection, and returns all that came back until the server closes.
    pub async fn say(&self, bytes: &[u8]) -> String {
        let mut client = self.connect().await;
        client.try_send(bytes).await;
        client.rest().await
    }

    pub async fn stop(self) -> Drained {
        self.drain.cancel();
        within("the drain", self.task).await.unwrap()
    }
}

pub async fn start(settings: Settings) -> Running<Echo> {
    start_on("127.0.0.1:0", None, settings).await
}

pub async fn start_on(address: &str, tls: Option<TlsAcceptor>, settings: Settings) -> Running<Echo> {
    let echo = Echo {
        seen: Mutex::default(),
        waiting: Notify::new(),
        gate: Notify::new(),
        most: 100_000,
        body_time: settings.body_time,
    };
    let bound = address.parse::<Address>().unwrap().bind().await.unwrap();
    run(bound, tls, settings, echo)
}

pub fn run<H: Handler>(bound: Bound, tls: Option<TlsAcceptor>, settings: Settings, handler: H) -> Running<H> {
    let (handler, counters, drain) = (Arc::new(handler), Arc::new(Counters::default()), CancellationToken::new());
    let address = bound.tcp();
    let listener = Listener { bound, tls, settings, handler: Arc::clone(&handler), counters: Arc::clone(&counters) };
    let running = listener.run(drain.clone());
    let task = tokio::task::spawn(running);
    Running { handler, counters, drain, address, task }
}

/// One answer as it came.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Reply {
    pub fn field(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// A client that speaks in bytes.
pub struct Raw<S> {
    pub stream: S,
    buffer: VecDeque<u8>,
}

impl Raw<UnixStream> {
    pub async fn unix(path: &std::path::Path) -> Self {
        Self::new(UnixStream::connect(path).await.unwrap())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Raw<S> {
    pub fn new(stream: S) -> Self {
        Self { stream, buffer: VecDeque::new() }
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        within("sending", self.stream.write_all(bytes.as_ref())).await.unwrap();
    }

    /// Sends as much as the other side takes: it may have closed already.
    pub async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        within("sending", self.stream.write_all(bytes.as_ref())).await.is_ok()
    }

    /// One more piece; false at the end.
    async fn more(&mut self) -> bool {
        let mut space = vec![0_u8; 16_384];
        let read = within("an answer", self.stream.read(&mut space)).await.unwrap_or(0);
        self.buffer.extend(&space[..read]);
        read > 0
    }

    /// The next answer: head, and a body by Content-Length.
    pub async fn reply(&mut self) -> Reply {
        let end = loop {
            let bytes = self.buffer.make_contiguous();
            if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break at;
            }
            assert!(self.more().await, "the connection ended before an answer: {:?}", self.buffer);
        };
        let head: Vec<u8> = self.buffer.drain(..end + 4).collect();
        let head = String::from_utf8(head).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut reply = Reply { status, head, body: String::new() };
        let length = reply.field("content-length").map_or(0, |length| length.parse().unwrap());
        while self.buffer.len() < length {
            assert!(self.more().await, "the connection ended in a body");
        }
        reply.body = String::from_utf8(self.buffer.drain(..length).collect()).unwrap();
        reply
    }

    /// All until the other side closes.
    pub async fn rest(&mut self) -> String {
        while self.more().await {}
        String::from_utf8(self.buffer.drain(..).collect()).unwrap()
    }
}

/// The statuses of the answers in a text.
pub fn statuses(text: &str) -> Vec<u16> {
    let text = text.replace("HTTP/1.0 ", "HTTP/1.1 ");
    text.split("HTTP/1.1 ").skip(1).map(|answer| answer.get(..3).unwrap().parse().unwrap()).collect()
}
