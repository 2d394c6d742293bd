//! Hostile requests over raw sockets: framing, hosts, targets, and what must never reach a vendor.
//!
//! The gaps that a naive proxy on this stack has are numbered: 1 silent connections, 2 slow bodies, 3 slow heads, 4 to
//! 6 fields that pass, 7 hosts, 8 paths, 9 methods, 10 head size, 11 bad chunks, 12 trailers, 13 bare LF, 14 h2 floods
//! and 15 two authorities (both in `tls.rs`), 16 repeated requests (in `upstream.rs`), 17 expectations.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]
#![allow(clippy::disallowed_methods, reason = "the tasks of a test end with its runtime")]

#[path = "support/fault.rs"]
mod fault;
#[path = "support/raw.rs"]
mod raw;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bauta::client_address::TrustedProxies;
use bauta::config::fault::{Faults, KeyPath};
use bauta::forward::{Outgoing, Upstream};
use bauta::headers::{AnswerTo, VendorHeaders};
use bauta::server::body::whole;
use bauta::server::{Arrival, Body, Handler, Refusal, read_body};
use fault::{Vendor, accepted};
use http::{HeaderValue, Request, Response};
use hyper::body::Incoming;
use raw::{Running, patient, quick, start, statuses, until};

const POST: &str = "POST /api/event HTTP/1.1\r\nHost: shop.example\r\n";

#[tokio::test]
async fn gap_1_a_silent_connection_is_closed() {
    let server = start(quick()).await;
    assert_eq!(server.connect().await.rest().await, "");
    until("it is counted", || server.counters.refused(Refusal::Silent) == 1).await;
}

#[tokio::test]
async fn gap_2_a_body_that_trickles_is_ended_by_a_total_deadline() {
    let server = start(quick()).await;
    for framing in ["Content-Length: 1000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n3e8\r\n"] {
        let mut client = server.connect().await;
        client.send(format!("{POST}{framing}")).await;
        while client.try_send("x").await && server.counters.in_flight() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(client.reply().await.status, 408, "{framing}");
        client.rest().await;
    }
    assert!(server.handler.seen().is_empty());
}

#[tokio::test]
async fn gap_3_a_head_that_trickles_is_ended_by_a_total_deadline() {
    let server = start(quick()).await;
    let mut client = server.connect().await;
    client.send("POST /api/event HTTP/1.1\r\nHost: shop.example\r\nX-Slow: ").await;
    while server.counters.refused(Refusal::HeadTime) == 0 && client.try_send("x").await {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(client.reply().await.status, 408);
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn gap_3_a_second_head_that_trickles_is_ended_as_well() {
    let server = start(quick()).await;
    let mut client = server.connect().await;
    client.send(format!("{POST}Content-Length: 0\r\n\r\n")).await;
    assert_eq!(client.reply().await.status, 202);
    client.send("POST /api/ev").await;
    assert_eq!(client.reply().await.status, 408);
    assert_eq!(client.rest().await, "");
}

/// A small proxy made of the parts: what a handler would do with an event.
struct Proxy(Upstream);

impl Handler for Proxy {
    async fn handle(self: Arc<Self>, request: Request<Incoming>, from: Arrival) -> Response<Body> {
        let (head, body) = request.into_parts();
        let address = TrustedProxies::default().resolve(from.peer, &head.headers).ip;
        let body = match read_body(body, 100_000, Duration::from_secs(5)).await {
            Ok(body) => body,
            Err(error) => return raw::reply(error.status(), "body"),
        };
        let outgoing = Outgoing {
            method: head.method,
            target: head.uri.into_parts().path_and_query.unwrap(),
            headers: VendorHeaders::event(&head.headers, HeaderValue::from_static("text/plain"), address),
            body: body.into(),
            to: AnswerTo::Event,
        };
        let answer = self.0.send(outgoing).await.unwrap();
        let mut response = Response::new(whole(answer.body));
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        response
    }
}

async fn proxy(vendor: &Vendor) -> Running<Proxy> {
    let shape = toml::from_str(&format!("vendor = \"plausible\"\nurl = \"{}\"", vendor.url())).unwrap();
    let upstream = Upstream::build(&shape, Path::new("/"), &KeyPath::root(), &mut Faults::default()).unwrap();
    let bound = "127.0.0.1:0".parse::<bauta::server::Address>().unwrap().bind().await.unwrap();
    raw::run(bound, None, patient(), Proxy(upstream))
}

#[tokio::test]
async fn gaps_4_5_6_12_nothing_of_the_clients_but_its_browser_reaches_the_vendor() {
    let vendor = Vendor::start(|_, _| accepted()).await;
    let server = proxy(&vendor).await;
    let planted = [
        "Cookie: session=planted",
        "Authorization: Bearer planted",
        "Proxy-Authorization: Basic planted",
        "Referer: https://shop.example/planted",
        "Origin: https://planted.example",
        "X-Forwarded-For: 6.6.6.6",
        "X_Forwarded_For: 6.6.6.6",
        "X-FORWARDED-FOR: 6.6.6.6",
        "Forwarded: for=6.6.6.6",
        "X-Real-IP: 6.6.6.6",
        "X_Real_IP: 6.6.6.6",
        "CF-Connecting-IP: 6.6.6.6",
        "B-Forwarded-For: 6.6.6.6",
        "X-Plausible-IP: 6.6.6.6",
        "X-Plausible-IP-Type: dc_ip",
        "X-Debug-Request: true",
        "True-Client-IP: 6.6.6.6",
        "Via: 1.1 planted",
        "Connection: keep-alive, X-Planted",
        "X-Planted: planted",
        "Keep-Alive: timeout=planted",
        "TE: trailers",
        "Proxy-Connection: planted",
        "Upgrade: planted",
        "HTTP2-Settings: planted",
        "Trailer: Cookie",
        "Accept-Language: planted",
        "Sec-CH-UA: planted",
        "X-Forwarded-Host: planted.example",
        "traceparent: 00-planted",
    ];
    let head = format!("{POST}User-Agent: Mozilla/5.0 (X11; \u{fc})\r\n{}\r\n", planted.join("\r\n"));
    let chunked = "Transfer-Encoding: chunked\r\n\r\n4\r\n{\"n\"\r\n4;planted=1\r\n:1} \r\n0\r\n";
    let answer =
        server.ask(format!("{head}{chunked}Cookie: planted\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n").as_bytes()).await;
    assert_eq!(statuses(&answer), [202, 202], "{answer}");
    let expected = format!(
        "POST /api/event HTTP/1.1\r\nuser-agent: Mozilla/5.0 (X11; \u{fc})\r\naccept: */*\r\n\
         content-type: text/plain\r\nx-forwarded-for: 127.0.0.1\r\nhost: {}\r\ncontent-length: 8\r\n\r\n{{\"n\":1}} ",
        vendor.address
    );
    assert_eq!(vendor.requests()[0], expected);
}

#[tokio::test]
async fn gap_7_no_host_two_hosts_and_another_host_in_the_target_are_refused() {
    let server = start(patient()).await;
    let bad = [
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET http://evil.example/ HTTP/1.1\r\nHost: shop.example\r\n\r\n",
        "GET http://u@shop.example/ HTTP/1.1\r\nHost: shop.example\r\n\r\n",
        "GET http://shop.example/ HTTP/1.1\r\n\r\n",
    ];
    for request in bad {
        assert_eq!(statuses(&server.say(request.as_bytes()).await), [400], "{request}");
    }
    assert!(server.handler.seen().is_empty());
    let good = server.ask(b"GET http://shop.example/x HTTP/1.1\r\nHost: Shop.example:80\r\n\r\n").await;
    assert_eq!(statuses(&good), [202, 202]);
    assert_eq!(server.handler.seen()[0].target, "/x");
}

#[tokio::test]
async fn gap_8_a_target_that_is_not_in_its_normal_form_is_refused() {
    let server = start(patient()).await;
    let bad = [
        "/api/../x",
        "/..",
        "/%2e%2e/x",
        "/a/%2E%2e/b",
        "/.%2e",
        "/./a",
        "//a",
        "/a//b",
        "/a%2fb",
        "/a%5cb",
        "/a\\b",
        "/a%00",
        "/a%0d%0ax",
        "/a%",
        "/a%g0",
        "*",
        "a",
        "?x",
        "/caf\u{e9}",
        "/a b",
        "/a\tb",
        "/a\0b",
        "/a\x7fb",
        "http:/a",
        "shop.example:80",
    ];
    for target in bad {
        let answer = server.say(format!("GET {target} HTTP/1.1\r\nHost: shop.example\r\n\r\n").as_bytes()).await;
        assert_eq!(statuses(&answer), [400], "{target:?}: {answer}");
    }
    assert!(server.handler.seen().is_empty());
}

#[tokio::test]
async fn gap_9_connect_and_trace_are_not_answered() {
    let server = start(patient()).await;
    for line in ["CONNECT shop.example:80", "CONNECT /", "TRACE /", "TRACK /", "PROPFIND /", "FOO /"] {
        let answer =
            server.say(format!("{line} HTTP/1.1\r\nHost: shop.example:80\r\nCookie: a\r\n\r\n").as_bytes()).await;
        assert_eq!(statuses(&answer), [405], "{line}: {answer}");
        assert!(answer.to_lowercase().contains("\r\nallow: get, head, post, options\r\n"), "{answer}");
        assert!(!answer.contains("Cookie"), "{answer}");
    }
    assert!(server.handler.seen().is_empty());
}

#[tokio::test]
async fn gap_10_a_head_with_too_many_bytes_or_fields_is_refused() {
    let server = start(patient()).await;
    let long = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(70_000));
    let wide = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(70_000));
    let just = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(8_300));
    let some: String = (0..60).map(|n| format!("x-{n}: 1\r\n")).collect();
    let many: String = (0..10_000).map(|_| "a: 1\r\n").collect();
    let crumbs: String = (0..200).map(|_| "cookie: a\r\n").collect();
    for head in [&some, &many, &crumbs] {
        let mut client = server.connect().await;
        client.try_send(format!("GET / HTTP/1.1\r\nHost: a\r\n{head}\r\n")).await;
        assert_eq!(client.reply().await.status, 431);
    }
    for request in [long, wide, just] {
        let mut client = server.connect().await;
        client.try_send(request).await;
        assert_eq!(client.reply().await.status, 431);
    }
    assert!(server.handler.seen().is_empty());
    until("they are counted", || {
        server.counters.refused(Refusal::HeadSize) + server.counters.refused(Refusal::HeadFields) == 6
    })
    .await;
}

/// Heads and bodies whose framing is wrong or that two readers could read differently.
const BAD_FRAMING: [&str; 40] = [
    "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "Content-Length: 3, 4\r\n\r\nabcd",
    "Content-Length: 3, 3\r\n\r\nabc",
    "Content-Length: +3\r\n\r\nabc",
    "Content-Length: -1\r\n\r\nabc",
    "Content-Length: 0x3\r\n\r\nabc",
    "Content-Length: 3 3\r\n\r\nabc",
    "Content-Length: 99999999999999999999999\r\n\r\nabc",
    "Content-Length:\r\n\r\n",
    "Content-Length : 3\r\n\r\nabc",
    "Content-Length: 3;\r\n\r\nabc",
    "Transfer-Encoding: identity\r\n\r\nabc",
    "Transfer-Encoding: gzip\r\n\r\nabc",
    "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding:\r\n\r\n0\r\n\r\n",
    " Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "X: a\r\n folded\r\n\r\n",
    "X: a\r\n\tfolded\r\n\r\n",
    "X: a\rb\r\n\r\n",
    "X: a\0b\r\n\r\n",
    "X\0: a\r\n\r\n",
    "X: a\r\r\n\r\n",
    "X(y): a\r\n\r\n",
    "no colon\r\n\r\n",
    ": no name\r\n\r\n",
    "X\u{e9}: a\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\nx\r\nabc\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n3\r\nabc0\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n\r\nabc\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nbad trailer\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n3;a\rb\r\nabc\r\n0\r\n\r\n",
];

#[tokio::test]
async fn gap_11_bad_framing_is_the_clients_400_and_ends_the_connection() {
    let server = start(patient()).await;
    for case in BAD_FRAMING {
        // A good request behind it: nobody may take part of a body for a request.
        let answer = server.ask(format!("{POST}{case}").as_bytes()).await;
        assert_eq!(statuses(&answer), [400], "{case:?}: {answer}");
    }
    let seen = server.handler.seen();
    assert!(seen.is_empty(), "{seen:?}");
}

#[tokio::test]
async fn bad_request_lines_are_refused() {
    let server = start(patient()).await;
    for line in [
        "GET /\r\n",
        "GET / HTTP/0.9\r\n",
        "GET / HTTP/1.2\r\n",
        "GET / HTTP/2.0\r\n",
        "GET / http/1.1\r\n",
        "GET  / HTTP/1.1\r\n",
        " GET / HTTP/1.1\r\n",
        "GET / HTTP/1.1 x\r\n",
        "G\0T / HTTP/1.1\r\n",
        "GET\t/ HTTP/1.1\r\n",
        "\x16\x03\x01\x02\0\x01\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let answer = server.say(format!("{line}Host: shop.example\r\n\r\n").as_bytes()).await;
        assert!(statuses(&answer).iter().all(|status| *status == 400), "{line:?}: {answer}");
    }
    assert!(server.handler.seen().is_empty());
}

#[tokio::test]
async fn transfer_encoding_with_content_length_is_read_one_way_and_ends_the_connection() {
    let server = start(patient()).await;
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: shop.example\r\n\r\n";
    for fields in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 999\r\n",
        "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
    ] {
        let answer = server.say(format!("{POST}{fields}\r\n3\r\nabc\r\n0\r\n\r\n{smuggled}").as_bytes()).await;
        assert!(matches!(statuses(&answer)[..], [202] | [400]), "{fields:?}: {answer}");
    }
    for seen in server.handler.seen() {
        assert_eq!((&seen.body[..], seen.target.as_str()), (&b"abc"[..], "/api/event"));
        assert!(!seen.headers.contains_key("content-length"));
    }
}

#[tokio::test]
async fn http_1_0_with_transfer_encoding_is_refused() {
    let server = start(patient()).await;
    let request = "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    assert_eq!(statuses(&server.say(request.as_bytes()).await), [400]);
    assert!(server.handler.seen().is_empty());
    let plain = server.say(b"POST / HTTP/1.0\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc").await;
    assert!(plain.starts_with("HTTP/1.0 202"), "{plain}");
}

#[tokio::test]
async fn gap_13_bare_lf_is_read_as_a_line_end_and_nothing_more() {
    let vendor = Vendor::start(|_, _| accepted()).await;
    let server = proxy(&vendor).await;
    let request = "POST /api/event HTTP/1.1\nHost: shop.example\nX: a\nContent-Length: 2\n\n{}";
    assert_eq!(statuses(&server.ask(request.as_bytes()).await), [202, 202]);
    let head = vendor.requests().remove(0);
    assert_eq!(head.matches('\n').count(), head.matches("\r\n").count(), "{head:?}");
}

#[tokio::test]
async fn gap_17_junk_expectations_are_refused_and_100_continue_is_answered() {
    let server = start(patient()).await;
    for junk in ["junk", "100-continue, junk", "200-ok"] {
        let answer = server.say(format!("{POST}Expect: {junk}\r\nContent-Length: 2\r\n\r\nab").as_bytes()).await;
        assert_eq!(statuses(&answer), [417], "{junk}");
    }
    let mut client = server.connect().await;
    client.send(format!("{POST}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")).await;
    assert_eq!(client.reply().await.status, 100);
    client.send("ab").await;
    assert_eq!(client.reply().await.status, 202);
    assert_eq!(server.handler.seen().len(), 1);
}

#[tokio::test]
async fn an_upgrade_is_not_made_and_its_body_stays_a_body() {
    let server = start(patient()).await;
    for upgrade in ["websocket", "h2c"] {
        let fields = format!(
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: {upgrade}\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
        );
        let body = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
        let request = format!("{POST}{fields}Content-Length: {}\r\n\r\n{body}", body.len());
        assert_eq!(statuses(&server.ask(request.as_bytes()).await), [202, 202], "{upgrade}");
    }
    let seen = server.handler.seen();
    let targets: Vec<&str> = seen.iter().map(|seen| seen.target.as_str()).collect();
    assert_eq!(targets, ["/api/event", "/last", "/api/event", "/last"]);
    assert!(seen[0].body.starts_with(b"GET /smuggled"));
}

#[tokio::test]
async fn a_body_nobody_read_is_never_taken_for_a_request() {
    let server = start(patient()).await;
    let body = "GET /smuggled HTTP/1.1\r\nHost: shop.example\r\n\r\n";
    for framing in [
        format!("Content-Length: {}\r\n\r\n{body}", body.len()),
        format!("Content-Length: {}\r\n\r\n{body}", body.len() + 10),
        format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len()),
        format!("Content-Length: 200000\r\n\r\n{}{body}", "x".repeat(100_000)),
    ] {
        let answer = server.ask(format!("POST /unread HTTP/1.1\r\nHost: shop.example\r\n{framing}").as_bytes()).await;
        // What is behind a body that came whole is a request; where it did not, the connection ends.
        assert!(matches!(statuses(&answer)[..], [400] | [400, 202] | [400, 400]), "{framing:.60}: {answer}");
    }
    assert!(server.handler.seen().iter().all(|seen| seen.target == "/last"));
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = start(patient()).await;
    let two = format!("{POST}Content-Length: 1\r\n\r\n1GET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert_eq!(statuses(&server.say(two.as_bytes()).await), [202, 202]);
    let targets: Vec<String> = server.handler.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(targets, ["/api/event", "/b"]);
}
