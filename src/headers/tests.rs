use http::Method;
use http::header::HeaderName;

use super::cors::Origins;
use super::*;
use crate::config::fault::{Faults, KeyPath};

/// What must never pass, with values that can be searched for.
const FORBIDDEN: [&str; 40] = [
    "cookie",
    "authorization",
    "proxy-authorization",
    "referer",
    "origin",
    "x-forwarded-for",
    "x_forwarded_for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-port",
    "x-forwarded-server",
    "x-forwarded-uri",
    "forwarded",
    "via",
    "x-real-ip",
    "x_real_ip",
    "true-client-ip",
    "cf-connecting-ip",
    "cf_connecting_ip",
    "b-forwarded-for",
    "x-plausible-ip",
    "x-plausible-ip-type",
    "x_plausible_ip",
    "x-debug-request",
    "x-client-ip",
    "x-cluster-client-ip",
    "fastly-client-ip",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "proxy-connection",
    "http2-settings",
    "expect",
    "accept-language",
    "accept-encoding",
    "sec-ch-ua",
    "traceparent",
];

fn hostile() -> HeaderMap {
    let mut map = HeaderMap::new();
    for name in FORBIDDEN {
        map.append(HeaderName::from_static(name), HeaderValue::from_static("planted"));
        map.append(HeaderName::from_static(name), HeaderValue::from_static("planted"));
    }
    map.insert(USER_AGENT, HeaderValue::from_bytes(b"Mozilla/5.0 (\xfc; rv:1)").unwrap());
    map
}

fn names(map: &HeaderMap) -> Vec<&str> {
    let mut names: Vec<&str> = map.keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    names
}

fn json() -> HeaderValue {
    HeaderValue::from_static("text/plain")
}

#[test]
fn an_event_carries_user_agent_content_type_and_one_address() {
    let sent = VendorHeaders::event(&hostile(), json(), Some("203.0.113.7".parse().unwrap()));
    assert_eq!(names(sent.fields()), ["accept", "content-type", "user-agent", "x-forwarded-for"]);
    assert_eq!(sent.fields().get(USER_AGENT).unwrap().as_bytes(), b"Mozilla/5.0 (\xfc; rv:1)");
    assert_eq!(sent.fields().get_all("x-forwarded-for").iter().collect::<Vec<_>>(), ["203.0.113.7"]);
    assert!(sent.fields().values().all(|value| value != "planted"));
}

#[test]
fn x_plausible_ip_is_ours_and_only_on_request() {
    let ip = Some("::ffff:203.0.113.7".parse().unwrap());
    let sent = VendorHeaders::event(&hostile(), json(), ip).with_plausible_ip();
    assert_eq!(sent.fields().get("x-plausible-ip").unwrap(), "203.0.113.7");
    assert_eq!(sent.fields().get("x-forwarded-for").unwrap(), "203.0.113.7");
    let unknown = VendorHeaders::event(&hostile(), json(), None).with_plausible_ip();
    assert_eq!(names(unknown.fields()), ["accept", "content-type", "user-agent"]);
}

#[test]
fn a_missing_user_agent_stays_missing() {
    let sent = VendorHeaders::event(&HeaderMap::new(), json(), None);
    assert_eq!(names(sent.fields()), ["accept", "content-type"]);
}

#[test]
fn an_asset_is_fetched_in_our_own_name() {
    let sent = VendorHeaders::asset(Some(HeaderValue::from_static("\"abc\"")));
    assert_eq!(names(sent.fields()), ["accept", "if-none-match", "user-agent"]);
    assert!(sent.fields().get(USER_AGENT).unwrap().as_bytes().starts_with(b"bauta/"));
}

#[test]
fn an_answer_passes_back_what_is_listed_and_nothing_else() {
    let mut vendor = hostile();
    for name in [
        "set-cookie",
        "server",
        "x-request-id",
        "access-control-allow-origin",
        "access-control-allow-credentials",
        "location",
        "content-length",
        "strict-transport-security",
        "content-security-policy",
        "link",
        "refresh",
        "content-type",
        "retry-after",
        "x-plausible-dropped",
        "cache-control",
        "etag",
        "last-modified",
        "content-encoding",
    ] {
        vendor.insert(HeaderName::from_static(name), HeaderValue::from_static("1"));
    }
    let event = ["content-encoding", "content-type", "retry-after", "x-plausible-dropped"];
    assert_eq!(names(&for_page(&vendor, AnswerTo::Event)), event);
    let asset = for_page(&vendor, AnswerTo::Asset);
    let expected = [
        "cache-control",
        "content-encoding",
        "content-type",
        "cross-origin-resource-policy",
        "etag",
        "last-modified",
        "retry-after",
        "x-content-type-options",
    ];
    assert_eq!(names(&asset), expected);
}

#[test]
fn an_overlong_value_does_not_pass_back() {
    let mut vendor = HeaderMap::new();
    vendor.insert(CONTENT_TYPE, HeaderValue::from_str(&"x".repeat(513)).unwrap());
    assert!(for_page(&vendor, AnswerTo::Event).is_empty());
}

#[test]
fn the_drop_count_is_read() {
    let dropped = |value: &'static str| {
        let mut map = HeaderMap::new();
        map.insert("x-plausible-dropped", HeaderValue::from_static(value));
        plausible_dropped(&map)
    };
    assert_eq!((dropped("2"), dropped(" 1 "), dropped("all"), dropped("-1")), (2, 1, 0, 0));
    assert_eq!(plausible_dropped(&HeaderMap::new()), 0);
}

fn origins(list: &[&str]) -> (Origins, usize) {
    let mut faults = Faults::default();
    let list: Vec<String> = list.iter().map(|s| (*s).to_owned()).collect();
    let origins = Origins::parse(&list, &KeyPath::root().key("origins"), &mut faults);
    (origins, faults.iter().count())
}

fn from(origin: &str) -> HeaderMap {
    let mut map = HeaderMap::new();
    map.insert("origin", origin.parse().unwrap());
    map.insert("access-control-request-method", HeaderValue::from_static("POST"));
    map
}

#[test]
fn a_listed_origin_gets_itself_and_credentials() {
    let (allowed, faults) = origins(&["https://WWW.example.org:443", "http://localhost:3000", "https://[::1]:8443"]);
    assert_eq!(faults, 0);
    for origin in ["https://www.example.org", "http://localhost:3000", "https://[::1]:8443"] {
        let answer = cors::event(&from(origin), &allowed);
        assert_eq!(answer.get("access-control-allow-origin").unwrap(), origin);
        assert_eq!(answer.get("access-control-allow-credentials").unwrap(), "true");
        assert_eq!(answer.get("vary").unwrap(), "origin");
        let preflight = cors::preflight(&from(origin), &allowed);
        assert_eq!(preflight.get("access-control-allow-methods").unwrap(), "GET, POST");
        assert_eq!(
            preflight.get("access-control-allow-headers").unwrap().to_str().unwrap().split(", ").next(),
            Some("content-type")
        );
        assert!(preflight.get("vary").unwrap().to_str().unwrap().starts_with("origin"));
    }
}

#[test]
fn any_other_origin_gets_vary_and_nothing_else() {
    let (mut allowed, _) = origins(&["https://www.example.org"]);
    allowed.add_host("shop.example");
    let foreign = [
        "null",
        "https://evil.example",
        "http://www.example.org",
        "https://www.example.org.evil.example",
        "https://www.example.org:8443",
        "https://www.example.org/",
        "HTTPS://www.example.org",
        "*",
        "",
        "https://www.example.org, https://evil.example",
        "file://",
    ];
    for origin in foreign {
        assert_eq!(names(&cors::event(&from(origin), &allowed)), ["vary"], "{origin:?}");
        assert_eq!(names(&cors::preflight(&from(origin), &allowed)), ["vary"], "{origin:?}");
    }
    assert_eq!(names(&cors::event(&HeaderMap::new(), &allowed)), ["vary"]);
    let mut twice = from("https://www.example.org");
    twice.append("origin", HeaderValue::from_static("https://evil.example"));
    assert_eq!(names(&cors::event(&twice, &allowed)), ["vary"]);
    assert!(allowed.lists(&HeaderValue::from_static("http://shop.example")));
    assert!(allowed.lists(&HeaderValue::from_static("https://shop.example")));
}

#[test]
fn what_is_no_origin_is_a_fault() {
    let bad = [
        "null",
        "*",
        "https://*",
        "https://*.example.org",
        "example.org",
        "https://",
        "https://a/b",
        "https://a?b",
        "https://u@a",
        "ftp://a",
        "https://a:b",
        "https://a b",
        "https://a#x",
        "https://a:99999",
    ];
    assert_eq!(origins(&bad), (Origins::default(), bad.len()));
}

#[test]
fn assets_are_public_and_never_with_credentials() {
    let answer = cors::asset();
    assert_eq!(names(&answer), ["access-control-allow-origin"]);
    assert_eq!(answer.get("access-control-allow-origin").unwrap(), "*");
}

#[test]
fn a_preflight_is_recognised_by_its_three_signs() {
    let full = from("https://a.example");
    assert!(cors::is_preflight(&Method::OPTIONS, &full));
    assert!(!cors::is_preflight(&Method::POST, &full));
    let mut without = full.clone();
    without.remove("access-control-request-method");
    assert!(!cors::is_preflight(&Method::OPTIONS, &without));
}
