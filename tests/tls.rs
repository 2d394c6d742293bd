//! TLS: both protocols by ALPN, the caps and deadlines of h2, and handshakes that fail.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]
#![allow(clippy::disallowed_methods, reason = "the tasks of a test end with its runtime")]

#[path = "support/fault.rs"]
mod fault;
#[path = "support/raw.rs"]
mod raw;

use std::time::Duration;

use bauta::client_address::Peer;
use bauta::server::{Refusal, Settings};
use bytes::Bytes;
use fault::Authority;
use http::{Request, Version};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use raw::{Echo, Raw, Running, patient, quick, start_on, until, within};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

const GET: &str = "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n";

async fn tls_stream(server: &Running<Echo>, authority: &Authority, alpn: &[&[u8]]) -> TlsStream<TcpStream> {
    let stream = TcpStream::connect(server.address.unwrap()).await.unwrap();
    let name = ServerName::try_from("shop.example").unwrap();
    within("the handshake", authority.client(alpn).connect(name, stream)).await.unwrap()
}

async fn start_tls(settings: Settings) -> (Running<Echo>, Authority) {
    let authority = Authority::new(&["shop.example"]);
    let server = start_on("127.0.0.1:0", Some(authority.acceptor()), settings).await;
    (server, authority)
}

#[tokio::test]
async fn tls_speaks_http_1_1_when_asked_or_not_asked() {
    let (server, authority) = start_tls(patient()).await;
    for alpn in [&[b"http/1.1".as_slice()][..], &[]] {
        let mut client = Raw::new(tls_stream(&server, &authority, alpn).await);
        client.send(GET).await;
        assert_eq!(client.reply().await.status, 202);
    }
    assert!(server.handler.seen().iter().all(|seen| seen.from.tls && seen.headers["host"] == "shop.example"));
}

/// An h2 peer that leaves no window for answers.
#[tokio::test]
async fn an_h2_peer_that_takes_no_answers_holds_no_places_and_is_cut_off() {
    let (server, authority) = start_tls(Settings { in_flight: 2, idle: Duration::from_secs(60), ..quick() }).await;
    let stream = tls_stream(&server, &authority, &[b"h2"]).await;
    let (mut sender, connection) = hyper::client::conn::http2::Builder::new(TokioExecutor::new())
        .initial_stream_window_size(0)
        .handshake(TokioIo::new(stream))
        .await
        .unwrap();
    let task = tokio::task::spawn(connection);
    let mut open = Vec::new();
    for _ in 0..20 {
        let request = h2_request("https://shop.example/").body(Full::new(Bytes::new())).unwrap();
        let response = within("a head", sender.send_request(request)).await.unwrap();
        assert_eq!(response.status(), 202);
        open.push(response);
    }
    until("it is cut off", || server.counters.refused(Refusal::Stalled) == 1).await;
    until("nothing is open", || server.counters.open() == 0 && server.counters.in_flight() == 0).await;
    assert_eq!(server.counters.refused(Refusal::Overloaded), 0);
    drop(open);
    let _ = within("the end", task).await.unwrap();
}

#[tokio::test]
async fn large_answers_come_whole_over_both_protocols() {
    let (server, authority) = start_tls(patient()).await;
    let (mut sender, _task) = h2(&server, &authority).await;
    let (status, body) = h2_say(&mut sender, h2_request("https://shop.example/whole"), "").await;
    assert_eq!((status, body.len()), (202, 1_000_000));
    let mut client = Raw::new(tls_stream(&server, &authority, &[b"http/1.1"]).await);
    client.send("GET /whole HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(client.reply().await.body.len(), 1_000_000);
}

type Sender = hyper::client::conn::http2::SendRequest<Full<Bytes>>;

async fn h2(server: &Running<Echo>, authority: &Authority) -> (Sender, tokio::task::JoinHandle<hyper::Result<()>>) {
    let stream = tls_stream(server, authority, &[b"h2", b"http/1.1"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let io = TokioIo::new(stream);
    let (sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    (sender, tokio::task::spawn(connection))
}

fn h2_request(uri: &str) -> http::request::Builder {
    Request::builder().method("POST").uri(uri).version(Version::HTTP_2)
}

async fn h2_say(sender: &mut Sender, request: http::request::Builder, body: &'static str) -> (u16, String) {
    let request = request.body(Full::new(Bytes::from_static(body.as_bytes()))).unwrap();
    let response = within("an answer", sender.send_request(request)).await.unwrap();
    let status = response.status().as_u16();
    let body = within("its body", response.into_body().collect()).await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn tls_speaks_h2_and_handlers_see_the_same_request() {
    let (server, authority) = start_tls(patient()).await;
    let (mut sender, _task) = h2(&server, &authority).await;
    let answer = h2_say(&mut sender, h2_request("https://shop.example/api/event?x=1"), "{}").await;
    assert_eq!(answer, (202, "ok".to_owned()));
    let seen = server.handler.seen().remove(0);
    assert_eq!((seen.target.as_str(), &seen.body[..]), ("/api/event?x=1", &b"{}"[..]));
    assert_eq!(seen.headers.get_all("host").iter().collect::<Vec<_>>(), ["shop.example"]);
    assert!(seen.from.tls && matches!(seen.from.peer, Peer::Tcp(_)));
}

#[tokio::test]
async fn gap_15_h2_with_two_names_is_refused_and_so_is_all_that_http_1_1_refuses() {
    let (server, authority) = start_tls(patient()).await;
    let (mut sender, _task) = h2(&server, &authority).await;
    let plain = || h2_request("https://shop.example/");
    let two = plain().header("host", "evil.example");
    assert_eq!(h2_say(&mut sender, two, "").await.0, 400);
    assert_eq!(h2_say(&mut sender, h2_request("https://shop.example/a/../b"), "").await.0, 400);
    assert_eq!(h2_say(&mut sender, plain().header("expect", "junk"), "").await.0, 417);
    assert_eq!(h2_say(&mut sender, plain().method("TRACE"), "").await.0, 405);
    let many = (0..60).fold(plain(), |request, n| request.header(format!("x-{n}"), "1"));
    assert_eq!(h2_say(&mut sender, many, "").await.0, 431);
    let large: &'static str = Box::leak("x".repeat(100_001).into_boxed_str());
    assert_eq!(h2_say(&mut sender, plain(), large).await.0, 413);
    assert_eq!(h2_say(&mut sender, plain(), "").await.0, 202);
    assert_eq!(server.handler.seen().len(), 1);
}

#[tokio::test]
async fn h2_heads_above_the_cap_do_not_get_through() {
    let (server, authority) = start_tls(patient()).await;
    let (mut sender, _task) = h2(&server, &authority).await;
    let wide = h2_request("https://shop.example/").header("x", "y".repeat(12_000));
    let request = wide.body(Full::new(Bytes::new())).unwrap();
    match within("an answer", sender.send_request(request)).await {
        Ok(response) => assert_eq!(response.status(), 431),
        Err(error) => assert!(!error.is_timeout()),
    }
    assert!(server.handler.seen().is_empty());
}

#[tokio::test]
async fn h2_requests_above_the_cap_get_503_and_a_panic_leaves_the_other_streams() {
    let (server, authority) = start_tls(Settings { in_flight: 2, ..patient() }).await;
    let (mut sender, _task) = h2(&server, &authority).await;
    let waiting: Vec<_> = (0..2)
        .map(|_| {
            let request = h2_request("https://shop.example/wait").body(Full::new(Bytes::new())).unwrap();
            tokio::task::spawn(sender.send_request(request))
        })
        .collect();
    until("two are in flight", || server.counters.in_flight() == 2).await;
    assert_eq!(h2_say(&mut sender, h2_request("https://shop.example/"), "").await.0, 503);
    within("both wait", async {
        while server.handler.seen().len() < 2 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    server.handler.gate.notify_one();
    until("one place is free", || server.counters.in_flight() == 1).await;
    assert_eq!(h2_say(&mut sender, h2_request("https://shop.example/panic"), "").await.0, 500);
    assert_eq!(server.counters.panics(), 1);
    within("the other", async {
        while server.counters.in_flight() > 0 {
            server.handler.gate.notify_one();
            tokio::task::yield_now().await;
        }
    })
    .await;
    for task in waiting {
        assert_eq!(task.await.unwrap().unwrap().status(), 202);
    }
}

#[tokio::test]
async fn gap_14_an_h2_connection_without_requests_is_closed_however_much_it_says() {
    let (server, authority) = start_tls(quick()).await;
    let (mut sender, task) = h2(&server, &authority).await;
    assert_eq!(h2_say(&mut sender, h2_request("https://shop.example/"), "").await.0, 202);
    within("the end", task).await.unwrap().unwrap();
    until("nothing is open", || server.counters.open() == 0).await;
    // And one that floods it with PINGs and never asks anything.
    let mut stream = Raw::new(tls_stream(&server, &authority, &[b"h2"]).await);
    stream.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await;
    let ping = b"\0\0\x08\x06\0\0\0\0\0abcdefgh";
    while server.counters.open() > 0 {
        stream.try_send(ping).await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    until("it is counted", || server.counters.refused(Refusal::HeadTime) == 1).await;
}

#[tokio::test]
async fn a_handshake_that_fails_or_hangs_is_closed() {
    let (server, _authority) = start_tls(quick()).await;
    for garbage in ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\x16\x03\x01\x7f\x7f\x01garbage", "\0\0\0\0\0\0\0\0"] {
        let mut client = server.connect().await;
        client.try_send(garbage).await;
        while client.try_send("\0").await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    let mut silent = server.connect().await;
    while silent.try_send("").await && server.counters.open() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    until("all are counted", || server.counters.refused(Refusal::Tls) + server.counters.refused(Refusal::Silent) == 4)
        .await;
    assert_eq!(server.counters.panics(), 0);
}
