//! Forwarding to a vendor that is slow, hanging, huge, wrong or gone: nothing is sent twice, everything ends.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]
#![allow(clippy::disallowed_methods, reason = "the tasks of a test end with its runtime")]

#[path = "support/fault.rs"]
mod fault;
#[path = "support/raw.rs"]
mod raw;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bauta::config::fault::{Faults, KeyPath};
use bauta::config::file;
use bauta::forward::{Answer, ForwardError, Outgoing, Pooling, Resolve, Resolved, Upstream};
use bauta::headers::{AnswerTo, VendorHeaders};
use bytes::Bytes;
use fault::{Act, Authority, Vendor, accepted};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method};
use raw::{until, within};

fn shape(url: &str) -> file::Upstream {
    let text = format!("vendor = \"plausible\"\nurl = \"{url}\"\nconnect_timeout = \"5s\"\nanswer_timeout = \"10s\"");
    toml::from_str(&text).unwrap()
}

fn build(shape: &file::Upstream) -> Result<Upstream, Vec<String>> {
    let mut faults = Faults::default();
    let built = Upstream::build(shape, Path::new("/"), &KeyPath::root().key("upstream"), &mut faults);
    let keys: Vec<String> = faults.iter().map(|fault| format!("{}: {}", fault.key, fault.problem)).collect();
    built.filter(|_| keys.is_empty()).ok_or(keys)
}

fn upstream(url: &str) -> Upstream {
    build(&shape(url)).unwrap()
}

/// An upstream with a short deadline for the answer.
fn hasty(url: &str) -> Upstream {
    let mut shape = shape(url);
    shape.answer_timeout = "250ms".parse().unwrap();
    build(&shape).unwrap()
}

fn event() -> Outgoing {
    let visitor = HeaderMap::from_iter([(http::header::USER_AGENT, HeaderValue::from_static("Mozilla/5.0"))]);
    let address = Some("203.0.113.7".parse().unwrap());
    Outgoing {
        method: Method::POST,
        target: PathAndQuery::from_static("/api/event"),
        headers: VendorHeaders::event(&visitor, HeaderValue::from_static("text/plain"), address),
        body: Bytes::from_static(b"{\"n\":\"pageview\"}").into(),
        to: AnswerTo::Event,
    }
}

fn asset() -> Outgoing {
    Outgoing {
        method: Method::GET,
        target: PathAndQuery::from_static("/js/script.js"),
        headers: VendorHeaders::asset(None),
        body: Bytes::new().into(),
        to: AnswerTo::Asset,
    }
}

async fn send(upstream: &Upstream) -> Result<Answer, ForwardError> {
    within("an exchange", upstream.send(event())).await
}

#[tokio::test]
async fn an_event_arrives_as_it_should_and_the_answer_comes_back() {
    let vendor = Vendor::start(|_, _| {
        let fields = "content-type: text/plain\r\nx-plausible-dropped: 1\r\nset-cookie: a=b\r\nserver: x\r\n";
        Act::Say(format!("HTTP/1.1 202 Accepted\r\n{fields}content-length: 2\r\n\r\nok"))
    })
    .await;
    let answer = send(&upstream(&format!("{}/base/", vendor.url()))).await.unwrap();
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (202, &b"ok"[..]));
    assert_eq!(answer.headers.len(), 2);
    assert_eq!(bauta::headers::plausible_dropped(&answer.headers), 1);
    let expected = format!(
        "POST /base/api/event HTTP/1.1\r\nuser-agent: Mozilla/5.0\r\naccept: */*\r\ncontent-type: text/plain\r\n\
         x-forwarded-for: 203.0.113.7\r\nhost: {}\r\ncontent-length: 16\r\n\r\n{{\"n\":\"pageview\"}}",
        vendor.address
    );
    assert_eq!(vendor.requests(), [expected]);
}

#[tokio::test]
async fn one_connection_serves_many_requests() {
    let vendor = Vendor::start(|_, _| accepted()).await;
    let upstream = upstream(&vendor.url());
    for _ in 0..50 {
        send(&upstream).await.unwrap();
    }
    assert_eq!((vendor.connections(), vendor.requests().len()), (1, 50));
    assert_eq!(upstream.connection_counts(), (1, 49));
}

#[tokio::test]
async fn nobody_gets_the_answer_of_another() {
    let vendor = Vendor::start(|connection, turn| {
        let body = format!("{connection}:{turn}");
        Act::Say(format!("HTTP/1.1 202 Accepted\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
    })
    .await;
    let upstream = Arc::new(upstream(&vendor.url()));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let upstream = Arc::clone(&upstream);
        tasks.spawn(async move { upstream.send(event()).await.unwrap().body });
    }
    let mut bodies = within("all answers", tasks.join_all()).await;
    bodies.sort();
    bodies.dedup();
    assert_eq!(bodies.len(), 200);
}

#[tokio::test]
async fn a_hanging_vendor_runs_into_the_deadline_and_loses_the_connection() {
    let vendor = Vendor::start(|_, _| Act::SayAndHang(String::new())).await;
    let upstream = hasty(&vendor.url());
    assert_eq!(send(&upstream).await.unwrap_err(), ForwardError::Timeout);
    until("the connection is closed", || vendor.open() == 0 && upstream.connections() == 0).await;
    assert_eq!(vendor.requests().len(), 1);
}

#[tokio::test]
async fn a_vendor_that_hangs_in_the_head_or_in_the_body_runs_into_the_deadline() {
    for part in
        ["HTTP/1.1 202 Acc", "HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\no", "HTTP/1.1 100 Continue\r\n\r\n"]
    {
        let vendor = Vendor::start(move |_, _| Act::SayAndHang(part.to_owned())).await;
        assert_eq!(send(&hasty(&vendor.url())).await.unwrap_err(), ForwardError::Timeout, "{part}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let head = "HTTP/1.1 200 OK\r\n";
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(4096));
    let floods = [
        Act::Flood(format!("{head}transfer-encoding: chunked\r\n\r\n"), chunk),
        Act::Flood(format!("{head}\r\n"), "x".repeat(4096)),
        Act::Flood(format!("{head}content-length: 999999999\r\n\r\n"), "x".repeat(4096)),
        Act::Flood(head.to_owned(), format!("x-a: {}\r\n", "x".repeat(4096))),
    ];
    for flood in floods {
        let script = flood.clone();
        let vendor = Vendor::start(move |_, _| script.clone()).await;
        let upstream = upstream(&vendor.url());
        assert_eq!(send(&upstream).await.unwrap_err(), ForwardError::TooLarge, "{flood:?}");
        until("the connection is closed", || vendor.open() == 0).await;
    }
}

#[tokio::test]
async fn endless_interim_answers_run_into_the_deadline() {
    let vendor = Vendor::start(|_, _| Act::Flood(String::new(), "HTTP/1.1 103 Early Hints\r\n\r\n".to_owned())).await;
    assert_eq!(send(&hasty(&vendor.url())).await.unwrap_err(), ForwardError::Timeout);
}

#[tokio::test]
async fn assets_may_be_larger_than_answers_to_events() {
    let vendor = Vendor::start(|_, _| {
        Act::Say(format!("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\netag: \"a\"\r\n\r\n{}", "x".repeat(100_000)))
    })
    .await;
    let upstream = upstream(&vendor.url());
    assert_eq!(send(&upstream).await.unwrap_err(), ForwardError::TooLarge);
    let answer = within("an asset", upstream.send(asset())).await.unwrap();
    assert_eq!((answer.body.len(), answer.headers.get("etag").unwrap().to_str().unwrap()), (100_000, "\"a\""));
    let small = upstream.with_largest_asset(99_999);
    assert_eq!(within("an asset", small.send(asset())).await.unwrap_err(), ForwardError::TooLarge);
}

#[tokio::test]
async fn garbage_is_no_answer() {
    let garbage = [
        "garbage\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nx : y\r\n\r\n",
        "<html>",
        "HTTP/1.1 200 OK\r\na\0b: c\r\n\r\n",
        "\x16\x03\x01\x02",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ];
    for text in garbage {
        let vendor = Vendor::start(move |_, _| Act::SayAndClose(text.to_owned())).await;
        let error = send(&upstream(&vendor.url())).await.unwrap_err();
        assert!(matches!(error, ForwardError::Protocol | ForwardError::Closed), "{text:?}: {error:?}");
        assert_eq!(vendor.requests().len(), 1, "{text:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_no_answer() {
    for part in ["", "HTTP/1.1 202 Accepted\r\n", "HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\no"] {
        let vendor = Vendor::start(move |_, _| Act::SayAndClose(part.to_owned())).await;
        assert_eq!(send(&upstream(&vendor.url())).await.unwrap_err(), ForwardError::Closed, "{part:?}");
        assert_eq!(vendor.requests().len(), 1, "{part:?}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Vendor::start(|_, _| accepted()).await;
    let location = elsewhere.url();
    let vendor = Vendor::start(move |_, _| {
        Act::Say(format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: {location}/\r\ncontent-length: 0\r\n\r\n"))
    })
    .await;
    let answer = send(&upstream(&vendor.url())).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.headers.len()), (307, 0));
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn a_request_that_may_have_been_read_is_not_sent_again() {
    // A kept connection that dies after it took the second request.
    let vendor = Vendor::start(|_, turn| if turn == 0 { accepted() } else { Act::Close }).await;
    let upstream = upstream(&vendor.url());
    let mut lost = 0;
    for _ in 0..60 {
        match send(&upstream).await {
            Ok(_) => {}
            Err(error) => {
                assert_eq!(error, ForwardError::Closed);
                assert!(!error.certainly_unsent());
                lost += 1;
            }
        }
    }
    assert_eq!(vendor.requests().len(), 60, "each event reached the vendor exactly once");
    assert_eq!(lost, 30);
}

#[tokio::test]
async fn a_connection_found_closed_is_replaced() {
    // Keeps alive by what it says, and closes all the same.
    let vendor = Vendor::start(|_, _| match accepted() {
        Act::Say(text) => Act::SayAndClose(text),
        other => other,
    })
    .await;
    let upstream = upstream(&vendor.url());
    for _ in 0..60 {
        send(&upstream).await.unwrap();
        until("the vendor has closed", || vendor.open() == 0).await;
    }
    assert_eq!((vendor.requests().len(), vendor.connections()), (60, 60));
}

#[tokio::test]
async fn nobody_there_is_certainly_unsent() {
    let vendor = Vendor::start(|_, _| accepted()).await;
    let url = vendor.url();
    drop(vendor);
    let upstream = upstream(&url);
    until("the port is closed", || std::net::TcpStream::connect(url.trim_start_matches("http://")).is_err()).await;
    let error = send(&upstream).await.unwrap_err();
    assert_eq!(error, ForwardError::Connect);
    assert!(error.certainly_unsent());
}

#[tokio::test]
async fn tls_with_an_authority_of_ones_own() {
    let authority = Authority::new(&["localhost"]);
    let vendor = Vendor::start_with(Some(authority.acceptor()), |_, _| accepted()).await;
    let mut shape = shape(&format!("https://localhost:{}", vendor.address.port()));
    shape.ca_file = Some(authority.ca.clone());
    let upstream = build(&shape).unwrap();
    for _ in 0..3 {
        assert_eq!(send(&upstream).await.unwrap().status, 202);
    }
    assert_eq!(vendor.connections(), 1);
    assert!(vendor.requests()[0].contains(&format!("host: localhost:{}\r\n", vendor.address.port())));
}

#[tokio::test]
async fn a_vendor_that_cannot_prove_its_name_gets_nothing() {
    let authority = Authority::new(&["vendor.example"]);
    let vendor = Vendor::start_with(Some(authority.acceptor()), |_, _| accepted()).await;
    let port = vendor.address.port();
    // Another name, an address that is not in the certificate, an authority that is not trusted, no TLS at all.
    let mut wrong_name = shape(&format!("https://localhost:{port}"));
    wrong_name.ca_file = Some(authority.ca.clone());
    let mut wrong_address = shape(&format!("https://127.0.0.1:{port}"));
    wrong_address.ca_file = Some(authority.ca.clone());
    let mut stranger = shape(&format!("https://localhost:{port}"));
    let other = Authority::new(&["localhost"]);
    stranger.ca_file = Some(other.ca.clone());
    let web = shape(&format!("https://localhost:{port}"));
    for shape in [wrong_name, wrong_address, stranger, web] {
        let error = send(&build(&shape).unwrap()).await.unwrap_err();
        assert_eq!(error, ForwardError::Tls);
        assert!(error.certainly_unsent());
    }
    assert!(vendor.requests().is_empty());
    let clear = Vendor::start(|_, _| accepted()).await;
    let mut shape = shape(&format!("https://localhost:{}", clear.address.port()));
    shape.answer_timeout = "250ms".parse().unwrap();
    let error = send(&build(&shape).unwrap()).await.unwrap_err();
    assert!(matches!(error, ForwardError::Tls | ForwardError::Timeout), "{error:?}");
}

/// A resolver whose answer a test changes.
#[derive(Clone, Default)]
struct Names(Arc<Mutex<Vec<SocketAddr>>>, Arc<AtomicUsize>);

impl Resolve for Names {
    fn resolve<'a>(&'a self, host: &'a str, _: u16) -> Resolved<'a> {
        assert_eq!(host, "vendor.example");
        self.1.fetch_add(1, Ordering::SeqCst);
        let addresses = self.0.lock().unwrap().clone();
        Box::pin(async move { Ok(addresses) })
    }
}

#[tokio::test]
async fn an_upstream_that_moves_is_followed_when_its_connections_are_old() {
    let (old, new) = (Vendor::start(|_, _| accepted()).await, Vendor::start(|_, _| accepted()).await);
    let names = Names::default();
    *names.0.lock().unwrap() = vec![old.address];
    let pooling = Pooling { age: Duration::from_millis(300), ..Pooling::default() };
    let upstream = upstream("http://vendor.example").with_resolver(names.clone()).with_pooling(pooling);
    send(&upstream).await.unwrap();
    *names.0.lock().unwrap() = vec![new.address];
    within("the move", async {
        while new.requests().is_empty() {
            send(&upstream).await.unwrap();
        }
    })
    .await;
    assert_eq!(old.connections(), 1);
    assert!(names.1.load(Ordering::SeqCst) >= 2);
    assert!(old.requests()[0].contains("host: vendor.example\r\n"));
}

#[tokio::test]
async fn idle_connections_are_closed_and_few_are_kept() {
    let vendor = Vendor::start(|_, _| accepted()).await;
    let pooling = Pooling { idle: 2, idle_time: Duration::from_millis(200), ..Pooling::default() };
    let upstream = Arc::new(upstream(&vendor.url()).with_pooling(pooling));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let upstream = Arc::clone(&upstream);
        tasks.spawn(async move { upstream.send(event()).await.unwrap() });
    }
    within("all answers", tasks.join_all()).await;
    until("two are kept", || vendor.open() <= 2).await;
    until("none is kept for long", || vendor.open() == 0 && upstream.connections() == 0).await;
}

#[tokio::test]
async fn connections_are_bounded() {
    let vendor = Vendor::start(|_, _| Act::SayAndHang(String::new())).await;
    let pooling = Pooling { connections: 3, ..Pooling::default() };
    let upstream = Arc::new(upstream(&vendor.url()).with_pooling(pooling));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..3 {
        let upstream = Arc::clone(&upstream);
        tasks.spawn(async move { upstream.send(event()).await.is_ok() });
    }
    until("three are in use", || vendor.requests().len() == 3).await;
    let error = send(&upstream).await.unwrap_err();
    assert_eq!((error, error.certainly_unsent()), (ForwardError::Busy, true));
    tasks.shutdown().await;
    until("their connections are closed", || upstream.connections() == 0).await;
}

#[tokio::test]
async fn a_look_up_that_hangs_runs_into_the_connect_deadline() {
    struct Never;
    impl Resolve for Never {
        fn resolve<'a>(&'a self, _: &'a str, _: u16) -> Resolved<'a> {
            Box::pin(std::future::pending())
        }
    }
    let mut shape = shape("http://vendor.example");
    shape.connect_timeout = "200ms".parse().unwrap();
    let upstream = build(&shape).unwrap().with_resolver(Never);
    assert_eq!(send(&upstream).await.unwrap_err(), ForwardError::Connect);
}

#[test]
fn a_wrong_address_or_authority_is_a_fault_that_shows_no_password() {
    let faults = |shape: &file::Upstream| build(shape).err().unwrap().join("\n");
    let text = faults(&shape("https://user:hunter2@plausible.io"));
    assert!(text.starts_with("upstream.url") && !text.contains("hunter2"), "{text}");
    let mut with_file = shape("https://plausible.io");
    with_file.ca_file = Some("no/such/file.pem".into());
    assert!(faults(&with_file).starts_with("upstream.ca_file"));
    let authority = Authority::new(&["localhost"]);
    with_file.ca_file = Some(authority.key.clone());
    assert!(faults(&with_file).contains("holds no certificate"));
    let mut clear = shape("http://plausible.io");
    clear.ca_file = Some(authority.ca.clone());
    assert!(faults(&clear).contains("no use without TLS"));
    let mut zero = shape("https://plausible.io");
    zero.answer_timeout = "0s".parse().unwrap();
    assert!(faults(&zero).starts_with("upstream.answer_timeout"));
}
