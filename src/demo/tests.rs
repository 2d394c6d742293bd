//! The demo over HTTP, with a sidecar of ten lines in bauta's place; `tests/demo.rs` drives the real one.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::vendor::{Rules, Vendor};
use super::{Demo, PREFIX, SCRIPT, SITE, Setting, Sidecar};
use crate::arrived::Arrived;
use crate::reply::Reply;

/// Forwards the body as it is, unless there is no cookie.
struct Wire {
    vendor: SocketAddr,
}

impl Sidecar for Wire {
    fn handle(&self, request: Arrived) -> Pin<Box<dyn Future<Output = Reply> + Send + '_>> {
        Box::pin(async move {
            if request.method == Method::POST && request.header("cookie").is_some() {
                let body = String::from_utf8(request.body.to_vec()).unwrap();
                let head =
                    format!("POST /api/event HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: {}", body.len());
                talk(self.vendor, &format!("{head}\r\nConnection: close\r\nHost: v\r\n\r\n{body}")).await;
            }
            Reply::with(StatusCode::ACCEPTED, "text/plain", Bytes::from_static(b"ok"))
        })
    }
}

async fn talk(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn start() -> Demo {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let vendor = Vendor::start(any, Rules::default().with_script(SCRIPT, SITE)).await.unwrap();
    let setting = Setting::fresh(vendor.url()).unwrap();
    let sidecar = Arc::new(Wire { vendor: vendor.address() });
    Demo::start(TcpListener::bind(any).await.unwrap(), vendor, setting, sidecar).unwrap()
}

async fn send(demo: &Demo, method: &str, path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    let head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}", demo.address());
    talk(demo.address(), &format!("{head}Content-Length: {length}\r\n\r\n{body}")).await
}

fn cookie(answer: &str) -> String {
    let line = answer.lines().find(|line| line.starts_with("set-cookie: ")).unwrap();
    format!("Cookie: {}\r\n", line["set-cookie: ".len()..].split(';').next().unwrap())
}

fn body(answer: &str) -> serde_json::Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test]
async fn logging_in_starts_with_the_switch_off_and_the_switch_turns() {
    let demo = start().await;
    let nobody = send(&demo, "GET", "/", "", "").await;
    assert!(nobody.contains("Nobody is logged in") && nobody.contains("script-src 'self'"));
    let off = cookie(&send(&demo, "POST", "/demo/login", "", "account=grace").await);
    let page = send(&demo, "GET", "/", &off, "").await;
    assert!(page.contains("grace.harbourlight@example.org") && page.contains(r#"aria-checked="false""#));
    let on = cookie(&send(&demo, "POST", "/demo/sharing", &off, "share=yes").await);
    assert!(send(&demo, "GET", "/", &on, "").await.contains(r#"aria-checked="true""#));
    let out = cookie(&send(&demo, "POST", "/demo/logout", &on, "").await);
    assert!(send(&demo, "GET", "/", &out, "").await.contains("Nobody is logged in"));
}

#[tokio::test]
async fn forms_and_windows_belong_to_the_shops_own_pages() {
    let demo = start().await;
    for foreign in ["Sec-Fetch-Site: cross-site\r\n", "Origin: http://evil.example\r\n", "Origin: null\r\n"] {
        assert!(send(&demo, "POST", "/demo/login", foreign, "account=ada").await.contains(" 403 "));
        assert!(send(&demo, "GET", "/demo/state", foreign, "").await.contains(" 403 "));
    }
    let own = format!("Origin: http://{}\r\n", demo.address());
    assert!(send(&demo, "POST", "/demo/login", &own, "account=ada").await.contains(" 303 "));
}

#[tokio::test]
async fn other_paths_do_not_exist() {
    let demo = start().await;
    for path in ["/nothing", "/demo/none", "/b"] {
        assert!(send(&demo, "GET", path, "", "").await.contains(" 404 "), "{path}");
    }
    for path in ["/b/../demo", "//b/", "/b/%2e%2e/x"] {
        assert!(send(&demo, "GET", path, "", "").await.contains(" 400 "), "{path}");
    }
    assert!(send(&demo, "POST", "/demo/login", "", "account=mallory").await.contains(" 400 "));
}

#[tokio::test]
async fn an_event_is_shown_as_sent_and_as_received_and_can_be_replayed() {
    let demo = start().await;
    let path = format!("{PREFIX}api/event");
    let event = r#"{"n":"Add To Cart","u":"/","d":"masks.example"}"#;
    let ada = cookie(&send(&demo, "POST", "/demo/login", "", "account=ada").await);
    send(&demo, "POST", &path, &format!("{ada}Sec-GPC: 1\r\n"), event).await;
    send(&demo, "POST", &path, "", event).await;
    let state = body(&send(&demo, "GET", "/demo/state?after=0", "", "").await);
    assert_eq!(
        (&state[0]["who"], &state[0]["gpc"], &state[0]["name"]),
        (&"ada".into(), &true.into(), &"Add To Cart".into())
    );
    assert_eq!(state[0]["received"]["body"], event);
    assert!(state[1]["received"].is_null() && state[1]["who"].is_null());

    let rows = body(&send(&demo, "GET", "/demo/preview?event=2", "", "").await);
    let arrived: Vec<(&str, bool)> =
        rows.as_array().unwrap().iter().map(|row| (row["key"].as_str().unwrap(), !row["received"].is_null())).collect();
    let all = [("granted", true), ("refused", true), ("gpc", true), ("nobody", false), ("local", true), ("off", true)];
    assert_eq!(arrived, all);
    let state = body(&send(&demo, "GET", "/demo/state?after=1", "", "").await);
    assert_eq!(state.as_array().unwrap().len(), 1, "a replay is no event of the page");
    assert!(send(&demo, "GET", "/demo/preview?event=9", "", "").await.contains(" 404 "));
}

#[tokio::test]
async fn stopping_frees_the_port() {
    let demo = start().await;
    let address = demo.address();
    demo.stop().await;
    assert!(TcpListener::bind(address).await.is_ok());
}
