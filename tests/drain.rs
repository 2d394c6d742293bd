//! Ending well: what is in flight is finished, nothing new is taken, nothing stays behind.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]
#![allow(clippy::disallowed_methods, reason = "the tasks of a test end with its runtime")]

#[path = "support/fault.rs"]
mod fault;
#[path = "support/raw.rs"]
mod raw;

use std::time::Duration;

use bauta::server::{Drained, Settings};
use bytes::Bytes;
use fault::Authority;
use http::Request;
use http_body_util::Full;
use hyper_util::rt::{TokioExecutor, TokioIo};
use raw::{patient, start, start_on, until, within};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;

const WAIT: &str = "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n";

#[tokio::test]
async fn a_request_in_flight_is_finished_and_its_connection_closed() {
    let server = start(patient()).await;
    let mut client = server.connect().await;
    client.send(WAIT).await;
    within("the request", server.handler.waiting.notified()).await;
    server.drain.cancel();
    until("nothing new is accepted", || std::net::TcpStream::connect(server.address.unwrap()).is_err()).await;
    assert_eq!(server.counters.in_flight(), 1);
    server.handler.gate.notify_one();
    let reply = client.reply().await;
    assert_eq!((reply.status, reply.field("connection")), (202, Some("close")));
    assert_eq!(client.rest().await, "");
    assert_eq!(server.stop().await, Drained { cut: 0 });
}

#[tokio::test]
async fn a_body_still_being_sent_is_read_to_its_end() {
    let server = start(patient()).await;
    let mut client = server.connect().await;
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab").await;
    until("it is in flight", || server.counters.in_flight() == 1).await;
    server.drain.cancel();
    until("nothing new is accepted", || std::net::TcpStream::connect(server.address.unwrap()).is_err()).await;
    client.send("cd").await;
    assert_eq!(client.reply().await.status, 202);
    assert_eq!(&server.handler.seen()[0].body[..], b"abcd");
    assert_eq!(server.stop().await, Drained { cut: 0 });
}

#[tokio::test]
async fn idle_and_silent_connections_do_not_hold_the_drain_up() {
    let server = start(patient()).await;
    let mut idle = server.connect().await;
    idle.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    idle.reply().await;
    let mut silent = server.connect().await;
    let mut half = server.connect().await;
    half.send("GET / HT").await;
    until("all are open", || server.counters.open() == 3).await;
    let counters = std::sync::Arc::clone(&server.counters);
    assert_eq!(server.stop().await, Drained { cut: 0 });
    assert_eq!((idle.rest().await, silent.rest().await), (String::new(), String::new()));
    half.rest().await;
    assert_eq!((counters.open(), counters.in_flight()), (0, 0));
}

#[tokio::test]
async fn what_is_not_done_by_the_deadline_is_cut_off() {
    let server = start(Settings { drain: Duration::from_millis(200), ..patient() }).await;
    let mut client = server.connect().await;
    client.send(WAIT).await;
    within("the request", server.handler.waiting.notified()).await;
    let counters = std::sync::Arc::clone(&server.counters);
    assert_eq!(server.stop().await, Drained { cut: 1 });
    assert_eq!((counters.open(), counters.in_flight()), (0, 0));
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn an_h2_request_in_flight_is_finished_and_the_connection_told_to_go() {
    let authority = Authority::new(&["shop.example"]);
    let server = start_on("127.0.0.1:0", Some(authority.acceptor()), patient()).await;
    let (mut sender, connection) = h2(&server, &authority).await;
    let response = tokio::task::spawn(sender.send_request(request("/wait")));
    within("the request", server.handler.waiting.notified()).await;
    server.drain.cancel();
    // GOAWAY: the client may not ask anything more on this connection.
    within("GOAWAY", async { while sender.send_request(request("/")).await.is_ok() {} }).await;
    assert_eq!(server.counters.in_flight(), 1);
    server.handler.gate.notify_one();
    assert_eq!(within("the answer", response).await.unwrap().unwrap().status(), 202);
    drop(sender);
    within("the end of the connection", connection).await.unwrap().unwrap();
    assert_eq!(server.stop().await, Drained { cut: 0 });
}

#[tokio::test]
async fn h2_streams_are_cut_off_by_the_deadline_as_well() {
    let authority = Authority::new(&["shop.example"]);
    let settings = Settings { drain: Duration::from_millis(200), ..patient() };
    let server = start_on("127.0.0.1:0", Some(authority.acceptor()), settings).await;
    let (mut sender, _connection) = h2(&server, &authority).await;
    let response = tokio::task::spawn(sender.send_request(request("/wait")));
    within("the request", server.handler.waiting.notified()).await;
    let counters = std::sync::Arc::clone(&server.counters);
    assert_eq!(server.stop().await, Drained { cut: 1 });
    assert_eq!((counters.open(), counters.in_flight()), (0, 0));
    assert!(within("the answer", response).await.unwrap().is_err());
}

#[tokio::test]
async fn a_listener_that_is_dropped_leaves_nothing_behind() {
    let authority = Authority::new(&["shop.example"]);
    let server = start_on("127.0.0.1:0", Some(authority.acceptor()), patient()).await;
    let (mut sender, _connection) = h2(&server, &authority).await;
    let response = tokio::task::spawn(sender.send_request(request("/wait")));
    within("the request", server.handler.waiting.notified()).await;
    server.task.abort();
    until("nothing is left", || server.counters.open() == 0 && server.counters.in_flight() == 0).await;
    assert!(within("the answer", response).await.unwrap().is_err());
    until("the port is closed", || std::net::TcpStream::connect(server.address.unwrap()).is_err()).await;
}

type Sender = hyper::client::conn::http2::SendRequest<Full<Bytes>>;

async fn h2(
    server: &raw::Running<raw::Echo>,
    authority: &Authority,
) -> (Sender, tokio::task::JoinHandle<hyper::Result<()>>) {
    let stream = TcpStream::connect(server.address.unwrap()).await.unwrap();
    let name = ServerName::try_from("shop.example").unwrap();
    let stream = authority.client(&[b"h2"]).connect(name, stream).await.unwrap();
    let (sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    (sender, tokio::task::spawn(connection))
}

fn request(path: &str) -> Request<Full<Bytes>> {
    Request::builder().uri(format!("https://shop.example{path}")).body(Full::new(Bytes::new())).unwrap()
}
