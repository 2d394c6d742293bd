//! Caps and deadlines of a listener: connections, requests in flight, bodies, idle and unread connections, panics,
//! and unix sockets. TLS and h2 are in `tls.rs`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]
#![allow(clippy::disallowed_methods, reason = "the tasks of a test end with its runtime")]

#[path = "support/raw.rs"]
mod raw;

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use bauta::client_address::Peer;
use bauta::server::{Address, Refusal, Settings};
use raw::{Raw, patient, quick, start, start_on, statuses, until, within};
use tokio::net::{UnixListener, UnixStream};

const GET: &str = "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n";

#[tokio::test]
async fn connections_above_the_cap_wait_until_there_is_room() {
    let server = start(Settings { connections: 2, ..patient() }).await;
    let mut first = server.connect().await;
    first.send(GET).await;
    first.reply().await;
    let second = server.connect().await;
    until("two are open", || server.counters.open() == 2).await;
    let mut third = server.connect().await;
    third.send(GET).await;
    // A request on an accepted connection goes round; the third is still not accepted after it.
    first.send(GET).await;
    first.reply().await;
    assert_eq!(server.counters.accepted(), 2);
    drop(second);
    assert_eq!(third.reply().await.status, 202);
    assert_eq!(server.counters.accepted(), 3);
}

#[tokio::test]
async fn requests_above_the_cap_get_503_at_once() {
    let server = start(Settings { in_flight: 1, ..patient() }).await;
    let mut busy = server.connect().await;
    busy.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await;
    within("the request", server.handler.waiting.notified()).await;
    let mut other = server.connect().await;
    other.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab").await;
    let refused = other.reply().await;
    assert_eq!((refused.status, refused.field("retry-after")), (503, Some("1")));
    assert_eq!((server.counters.in_flight(), server.counters.refused(Refusal::Overloaded)), (1, 1));
    server.handler.gate.notify_one();
    assert_eq!(busy.reply().await.status, 202);
    until("the place is free", || server.counters.in_flight() == 0).await;
    other.send(GET).await;
    assert_eq!(other.reply().await.status, 202);
}

#[tokio::test]
async fn a_body_above_the_cap_gets_413_even_while_it_is_still_being_sent() {
    let server = start(patient()).await;
    let mut announced = server.connect().await;
    announced.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\n\r\n").await;
    assert_eq!(announced.reply().await.status, 413);
    let mut chunked = server.connect().await;
    chunked.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    let chunk = format!("8000\r\n{}\r\n", "x".repeat(0x8000));
    for _ in 0..30 {
        if !chunked.try_send(&chunk).await {
            break;
        }
    }
    assert_eq!(chunked.reply().await.status, 413);
    let just = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n{}", "x".repeat(100_000));
    assert_eq!(statuses(&server.ask(just.as_bytes()).await), [202, 202]);
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_a_busy_one_is_not() {
    let server = start(quick()).await;
    let mut client = server.connect().await;
    client.send(GET).await;
    client.reply().await;
    assert_eq!(client.rest().await, "");
    until("it is counted", || server.counters.refused(Refusal::Idle) == 1).await;
    until("nothing is open", || server.counters.open() == 0).await;
}

#[tokio::test]
async fn a_peer_that_does_not_read_is_cut_off() {
    let server = start(quick()).await;
    let mut client = server.connect().await;
    client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n").await;
    until("it is cut off", || server.counters.refused(Refusal::Stalled) == 1).await;
    until("nothing is open", || server.counters.open() == 0 && server.counters.in_flight() == 0).await;
}

#[tokio::test]
async fn a_handler_that_hangs_is_given_up() {
    let server = start(quick()).await;
    let mut client = server.connect().await;
    client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(client.rest().await, "");
    until("it is counted", || server.counters.refused(Refusal::AnswerTime) == 1).await;
}

#[tokio::test]
async fn a_client_that_goes_away_ends_its_request() {
    let server = start(patient()).await;
    let mut client = server.connect().await;
    client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n").await;
    within("the request", server.handler.waiting.notified()).await;
    drop(client);
    until("nothing is in flight", || server.counters.in_flight() == 0 && server.counters.open() == 0).await;
}

#[tokio::test]
async fn a_panic_is_counted_and_ends_its_own_connection_only() {
    let server = start(patient()).await;
    let mut other = server.connect().await;
    other.send(GET).await;
    other.reply().await;
    let mut client = server.connect().await;
    client.send("GET /panic HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let reply = client.reply().await;
    assert_eq!((reply.status, reply.field("connection"), reply.body.as_str()), (500, Some("close"), "internal error"));
    assert_eq!(client.rest().await, "");
    other.send(GET).await;
    assert_eq!(other.reply().await.status, 202);
    assert_eq!(server.counters.panics(), 1);
    until("its place is free", || server.counters.in_flight() == 0).await;
}

#[tokio::test]
async fn a_unix_socket_is_for_its_group_and_leaves_no_name_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bauta.sock");
    let server = start_on(&format!("unix:{}", path.display()), None, patient()).await;
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o660);
    let mut client = Raw::unix(&path).await;
    client.send(GET).await;
    assert_eq!(client.reply().await.status, 202);
    assert_eq!(server.handler.seen()[0].from.peer, Peer::Unix);
    drop(client);
    server.stop().await;
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_stale_socket_is_replaced_a_living_one_and_a_file_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bauta.sock");
    let address: Address = format!("unix:{}", path.display()).parse().unwrap();
    drop(UnixListener::bind(&path).unwrap());
    let bound = address.bind().await.unwrap();
    assert_eq!(address.bind().await.unwrap_err().kind(), std::io::ErrorKind::AddrInUse);
    UnixStream::connect(&path).await.unwrap();
    drop(bound);
    std::fs::write(&path, "a file").unwrap();
    assert_eq!(address.bind().await.unwrap_err().kind(), std::io::ErrorKind::AlreadyExists);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "a file");
}

#[tokio::test]
async fn a_successors_socket_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bauta.sock");
    let address: Address = format!("unix:{}", path.display()).parse().unwrap();
    let old = address.bind().await.unwrap();
    std::fs::remove_file(&path).unwrap();
    let _new = address.bind().await.unwrap();
    drop(old);
    UnixStream::connect(&path).await.unwrap();
}

#[test]
fn addresses_are_read_as_written() {
    for good in ["127.0.0.1:0", "[::1]:8787", "0.0.0.0:80", "unix:/run/bauta.sock"] {
        assert_eq!(good.parse::<Address>().unwrap().to_string(), good);
    }
    for bad in
        ["", "8787", "localhost:80", "unix:", "unix:relative", "unix:/", "unix:/run/", "127.0.0.1", "/run/x.sock"]
    {
        assert!(bad.parse::<Address>().is_err(), "{bad}");
    }
    let local = |text: &str| text.parse::<Address>().unwrap().is_local();
    assert!(local("127.0.0.1:1") && local("[::1]:1") && local("unix:/a") && local("[::ffff:127.0.0.1]:1"));
    assert!(!local("0.0.0.0:1") && !local("10.0.0.1:1") && !local("[::]:1"));
}

#[test]
fn limits_that_cannot_work_are_faults() {
    let mut faults = bauta::config::fault::Faults::default();
    let at = bauta::config::fault::KeyPath::root().key("limits");
    let limits = bauta::config::file::Limits {
        connections: 0,
        in_flight: 0,
        headers: 0,
        head: "4KiB".parse().unwrap(),
        body: "0".parse().unwrap(),
        idle: "0s".parse().unwrap(),
        ..Default::default()
    };
    Settings::build(&limits, &at, &mut faults);
    let keys: Vec<String> = faults.iter().map(|fault| fault.key.to_string()).collect();
    let expected = ["connections", "in_flight", "headers", "body", "idle", "head"].map(|key| format!("limits.{key}"));
    assert_eq!(keys, expected);
    let mut none = bauta::config::fault::Faults::default();
    Settings::build(&bauta::config::file::Limits::default(), &at, &mut none);
    assert!(none.is_empty());
}

#[tokio::test]
async fn the_probes_listener_answers_over_a_socket() {
    let readiness = Arc::new(bauta::server::health::Readiness::default());
    readiness.set_loaded();
    readiness.set_bound();
    let health = bauta::server::health::Health::new(Arc::clone(&readiness), || "# EOF\n".to_owned());
    let bound = "127.0.0.1:0".parse::<Address>().unwrap().bind().await.unwrap();
    let server = raw::run(bound, None, patient().for_operators(), health);
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: 10.0.0.1:8788\r\n\r\n");
    let mut client = server.connect().await;
    for (path, status) in [("/livez", 200), ("/readyz?verbose", 200), ("/startupz", 200), ("/metrics", 200), ("/", 404)]
    {
        client.send(get(path)).await;
        assert_eq!(client.reply().await.status, status, "{path}");
    }
    readiness.set_draining();
    client.send(get("/readyz")).await;
    let reply = client.reply().await;
    assert_eq!((reply.status, reply.body.as_str()), (503, "draining\n"));
    client.send("POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(client.reply().await.field("allow"), Some("GET"));
}
