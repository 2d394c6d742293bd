//! The stand-in over its own socket: status, headers, and what it remembers.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

async fn start(rules: Rules) -> Vendor {
    Vendor::start(SocketAddr::from(([127, 0, 0, 1], 0)), rules).await.unwrap()
}

/// Sends bytes, reads to the end, gives status, head (lower case) and body.
async fn raw(vendor: &Vendor, request: String) -> (u16, String, String) {
    let mut stream = TcpStream::connect(vendor.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_ascii_lowercase(), body.to_owned())
}

async fn get(vendor: &Vendor, path: &str) -> (u16, String, String) {
    raw(vendor, format!("GET {path} HTTP/1.1\r\nHost: v\r\nConnection: close\r\n\r\n")).await
}

async fn post(vendor: &Vendor, headers: &str, body: &str) -> (u16, String, String) {
    let length = body.len();
    let head = format!("POST /api/event HTTP/1.1\r\nHost: v\r\nConnection: close\r\nContent-Length: {length}\r\n");
    raw(vendor, format!("{head}{headers}\r\n{body}")).await
}

const TEXT: &str = "Content-Type: text/plain\r\n";
const EVENT: &str = r#"{"n":"Signup","u":"https://www.a.test/x?q=1","d":"a.test,b.test","p":{"plan":"free"}}"#;

#[tokio::test]
async fn an_event_is_stored_once_for_each_site_and_answered_ok() {
    let vendor = start(Rules::default()).await;
    let headers = format!("{TEXT}X-Forwarded-For: 203.0.113.7\r\nUser-Agent: Firefox\r\nCookie: a=b\r\n");
    let (status, head, body) = post(&vendor, &headers, EVENT).await;
    assert_eq!((status, body.as_str()), (202, "ok"));
    assert!(!head.contains("x-plausible-dropped"));
    assert!(head.contains("access-control-allow-origin: *") && head.contains("access-control-allow-credentials: true"));
    let events = vendor.events();
    assert_eq!(events.iter().map(|event| event.site.as_str()).collect::<Vec<_>>(), ["a.test", "b.test"]);
    let event = &events[0];
    assert_eq!((event.name.as_str(), event.hostname.as_str(), event.pathname.as_str()), ("Signup", "a.test", "/x"));
    assert_eq!((event.client_ip(), event.user_agent.as_deref()), ("203.0.113.7", Some("Firefox")));
    assert_eq!(event.props["plan"], "free");
    assert_eq!(event.request.header("cookie"), Some("a=b"));
    assert_eq!(event.request.body_text(), EVENT);
}

#[tokio::test]
async fn unknown_sites_are_counted_in_the_drop_header_only() {
    let vendor = start(Rules::strict(["b.test"])).await;
    let (status, head, body) = post(&vendor, TEXT, EVENT).await;
    assert_eq!((status, body.as_str()), (202, "ok"));
    assert!(head.contains("x-plausible-dropped: 1"));
    assert_eq!(vendor.events().len(), 1);
    assert_eq!(vendor.requests()[0].discarded, [("a.test".to_owned(), Discard::UnknownSite)]);
}

#[tokio::test]
async fn a_refused_event_names_its_fields() {
    let vendor = start(Rules::default()).await;
    let (status, _, body) = post(&vendor, TEXT, r#"{"n":"x"}"#).await;
    assert_eq!(status, 400);
    let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert!(answer["errors"]["url"][0].is_string() && answer["errors"]["domain"][0].is_string());
    let (status, _, body) = post(&vendor, TEXT, "nonsense").await;
    assert_eq!(status, 400);
    assert!(body.contains(r#""request""#));
    assert_eq!(vendor.requests()[0].errors, ["domain", "url"]);
    assert!(vendor.events().is_empty());
}

#[tokio::test]
async fn the_framework_refuses_in_its_own_words() {
    let vendor = start(Rules::default()).await;
    let json = "Content-Type: application/json\r\n";
    let (status, _, body) = post(&vendor, json, "{").await;
    assert_eq!((status, body.contains("errors")), (400, false));
    assert_eq!(post(&vendor, &format!("{TEXT}Accept: text/html\r\n"), EVENT).await.0, 406);
    assert_eq!(post(&vendor, &format!("{TEXT}X-Long: {}\r\n", "x".repeat(8193)), EVENT).await.0, 431);
    assert_eq!(get(&vendor, &format!("/?{}", "x".repeat(8192))).await.0, 414);
    assert_eq!(post(&vendor, json, &format!("{EVENT}{}", " ".repeat(8_000_000))).await.0, 413);
    assert_eq!(post(&vendor, &format!("{TEXT}Forwarded: For=1.2.3.4\r\n"), EVENT).await.0, 500);
    assert_eq!(post(&vendor, "", EVENT).await.0, 400);
}

#[tokio::test]
async fn only_the_vendors_paths_exist() {
    let vendor = start(Rules::default().with_script("Abc", "a.test")).await;
    assert_eq!(get(&vendor, "/api/event").await.0, 404);
    assert_eq!(get(&vendor, "/").await.0, 404);
    assert_eq!(get(&vendor, "/js/pa-none.js").await.0, 404);
    assert_eq!(get(&vendor, "/api/health").await.0, 200);
    let (status, head, body) = get(&vendor, "/js/pa-Abc.js").await;
    assert_eq!(status, 200);
    assert!(head.contains("cross-origin-resource-policy: cross-origin") && head.contains("max-age=60"));
    assert!(body.contains(&format!("\"endpoint\":\"{}/api/event\"", vendor.url())));
    let put = "PUT /api/event HTTP/1.1\r\nHost: v\r\nConnection: close\r\n\r\n".to_owned();
    assert_eq!(raw(&vendor, put).await.0, 404);
}

#[tokio::test]
async fn a_preflight_is_answered_without_the_events() {
    let vendor = start(Rules::default()).await;
    let request = "OPTIONS /api/event HTTP/1.1\r\nHost: v\r\nOrigin: https://a.test\r\nConnection: close\r\n\r\n";
    let (status, head, _) = raw(&vendor, request.to_owned()).await;
    assert_eq!(status, 204);
    assert!(head.contains("access-control-max-age: 1728000") && !head.contains("x-forwarded-for"));
    assert_eq!(vendor.requests()[0].method, "OPTIONS");
}

#[tokio::test]
async fn what_arrived_can_be_read_waited_for_and_cleared_over_http() {
    let vendor = start(Rules::default()).await;
    let (waiting, _) = tokio::join!(get(&vendor, "/_events?count=2&wait=30000"), post(&vendor, TEXT, EVENT));
    let events: serde_json::Value = serde_json::from_str(&waiting.2).unwrap();
    assert_eq!(events[1]["site"], "b.test");
    assert_eq!(events[0]["props"]["plan"], "free");
    assert_eq!(events[0]["request"]["body"], EVENT);
    let requests: serde_json::Value = serde_json::from_str(&get(&vendor, "/_requests").await.2).unwrap();
    assert_eq!(requests.as_array().unwrap().len(), 1);
    let delete = "DELETE /_events HTTP/1.1\r\nHost: v\r\nConnection: close\r\n\r\n".to_owned();
    assert_eq!(raw(&vendor, delete).await.0, 204);
    assert!(vendor.events().is_empty() && vendor.requests().is_empty());
    assert!(!vendor.wait_for(1, Duration::ZERO).await);
}

#[tokio::test]
async fn the_oldest_are_forgotten_beyond_the_limit() {
    let vendor = start(Rules { keep: 3, ..Rules::default() }).await;
    for number in 0..4 {
        post(&vendor, TEXT, &format!(r#"{{"n":{number},"u":"/","d":"a.test"}}"#)).await;
    }
    assert_eq!(vendor.events().iter().map(|event| event.name.clone()).collect::<Vec<_>>(), ["1", "2", "3"]);
    assert_eq!(vendor.requests().first().unwrap().number, 2);
    assert!(vendor.wait_for(4, Duration::ZERO).await);
}

#[tokio::test]
async fn what_a_rehearsal_sent_can_be_taken_out() {
    let vendor = start(Rules::default()).await;
    post(&vendor, TEXT, EVENT).await;
    let mark = vendor.newest();
    post(&vendor, TEXT, EVENT).await;
    let taken = vendor.take_after(mark);
    assert_eq!(taken.iter().map(|request| request.number).collect::<Vec<_>>(), [2]);
    assert_eq!((vendor.requests().len(), vendor.events().len()), (1, 2));
    assert!(!vendor.wait_for(3, Duration::ZERO).await);
}

#[tokio::test]
async fn stopping_frees_the_port() {
    let vendor = start(Rules::default()).await;
    let address = vendor.address();
    vendor.stop().await;
    assert!(TcpListener::bind(address).await.is_ok());
}
