//! The shop's own behaviour over HTTP; what bauta does with its events is the subject of `tests/demo.rs`.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{Demo, PREFIX};

async fn start() -> Demo {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    Demo::start(listener, std::iter::empty()).await.unwrap()
}

async fn send(demo: &Demo, method: &str, path: &str, headers: &str, body: &str) -> String {
    let (host, length) = (demo.address(), body.len());
    let head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}");
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(format!("{head}Content-Length: {length}\r\n\r\n{body}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn cookie(answer: &str) -> String {
    let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    format!("Cookie: {}\r\n", cookie.split(';').next().unwrap())
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
    for path in ["/nothing", "/demo/none", "/b", &format!("{PREFIX}nothing")] {
        assert!(send(&demo, "GET", path, "", "").await.contains(" 404 "), "{path}");
    }
    for path in ["/b/../demo", "//b/", "/b/%2e%2e/x"] {
        assert!(send(&demo, "GET", path, "", "").await.contains(" 400 "), "{path}");
    }
    assert!(send(&demo, "POST", "/demo/login", "", "account=mallory").await.contains(" 400 "));
    assert!(send(&demo, "GET", "/demo/preview?event=9", "", "").await.contains(" 404 "));
}

#[tokio::test]
async fn stopping_frees_the_ports_and_removes_the_folder() {
    let demo = start().await;
    let (shop, vendor, folder) = (demo.address(), demo.vendor(), demo.folder().to_owned());
    let names = || std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(names().count() > 0 && names().all(|name| name.ends_with(".sock")), "the keys are gone once they are read");
    demo.stop().await;
    assert!(TcpListener::bind(shop).await.is_ok() && TcpListener::bind(vendor).await.is_ok());
    assert!(!folder.exists());
}
