//! What is wrong with a request before anybody asks what it wants.
//!
//! Pure: a request in, [`Refusal`] or a request in its normal form out. Everything behind this point may rely on
//! one well-formed `Host` that agrees with the target, an origin-form target whose path has one spelling, and a
//! known method. Refused rather than repaired: a proxy that repairs reads a request differently from the next one.

use http::header::{EXPECT, HOST};
use http::uri::{Authority, PathAndQuery};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, Version};

use super::counters::Refusal;

/// The methods that are let through; who handles a path decides which of them it answers.
pub const METHODS: [Method; 7] =
    [Method::GET, Method::POST, Method::OPTIONS, Method::HEAD, Method::PUT, Method::PATCH, Method::DELETE];

/// Checks a request and brings it into its normal form. `most_fields` caps the number of header fields.
///
/// # Errors
/// The reason for which it is refused.
pub fn check<B>(request: &mut Request<B>, most_fields: usize) -> Result<(), Refusal> {
    if !METHODS.contains(request.method()) {
        return Err(Refusal::Method);
    }
    if request.headers().len() > most_fields {
        return Err(Refusal::HeadFields);
    }
    check_host(request)?;
    // `GET shop.example:80`: the authority form is for CONNECT (RFC 9112 section 3.2.3).
    if request.uri().scheme().is_none() && request.uri().authority().is_some() {
        return Err(Refusal::Target);
    }
    if request.uri().scheme().is_some() {
        let target = request.uri().path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/"));
        *request.uri_mut() = Uri::from(target);
    }
    if !is_normal_path(request.uri().path()) {
        return Err(Refusal::Target);
    }
    check_expectation(request.headers())
}

/// The host's name of a checked request, without its port, as the client spelt it.
#[must_use]
pub fn host_name(headers: &HeaderMap) -> &str {
    let host = headers.get(HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    split_port(host).map_or("", |(name, _)| name)
}

/// The status and, for 405 and 503, the field that go with a refusal.
pub(super) fn status(why: Refusal) -> StatusCode {
    match why {
        Refusal::Method => StatusCode::METHOD_NOT_ALLOWED,
        Refusal::Expectation => StatusCode::EXPECTATION_FAILED,
        Refusal::HeadSize | Refusal::HeadFields => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        Refusal::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
        Refusal::HeadTime | Refusal::Silent | Refusal::Idle | Refusal::Stalled => StatusCode::REQUEST_TIMEOUT,
        Refusal::AnswerTime => StatusCode::GATEWAY_TIMEOUT,
        Refusal::Host | Refusal::Target | Refusal::Syntax | Refusal::Tls => StatusCode::BAD_REQUEST,
    }
}

/// Exactly one `Host` (RFC 9112 section 3.2), and the same one in an absolute target or in `:authority`
/// (RFC 9113 section 8.3.1). An h2 request without `Host` gets it from `:authority`.
fn check_host<B>(request: &mut Request<B>) -> Result<(), Refusal> {
    let mut hosts = request.headers().get_all(HOST).into_iter();
    let (host, further) = (hosts.next(), hosts.next());
    let authority = request.uri().authority();
    match (host, further, authority) {
        (_, Some(_), _) | (None, None, None) => Err(Refusal::Host),
        (Some(host), None, authority) => {
            let host = host.to_str().ok().filter(|host| split_port(host).is_some()).ok_or(Refusal::Host)?;
            match authority {
                Some(authority) if !same(host, authority) => Err(Refusal::Host),
                _ => Ok(()),
            }
        }
        (None, None, Some(authority)) => {
            let named = request.version() == Version::HTTP_2 && split_port(authority.as_str()).is_some();
            let host = HeaderValue::from_str(authority.as_str()).ok().filter(|_| named).ok_or(Refusal::Host)?;
            request.headers_mut().insert(HOST, host);
            Ok(())
        }
    }
}

/// Name and port of `name`, `name:port`, `[v6]` or `[v6]:port`; `None` when it is none of them.
fn split_port(host: &str) -> Option<(&str, Option<&str>)> {
    let end = if host.starts_with('[') { host.find(']')? + 1 } else { host.find(':').unwrap_or(host.len()) };
    let (name, rest) = host.split_at_checked(end)?;
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let named = match name.strip_prefix('[') {
        Some(v6) => v6.strip_suffix(']')?.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !name.is_empty() && name.len() <= 253 && name.bytes().all(good),
    };
    match rest.strip_prefix(':') {
        _ if !named => None,
        None => rest.is_empty().then_some((name, None)),
        Some(port) => {
            let is_port = (1..=5).contains(&port.len()) && port.bytes().all(|b| b.is_ascii_digit());
            is_port.then_some((name, Some(port)))
        }
    }
}

/// Whether two spellings name the same host and port; the ports of http and https may be left out.
fn same(host: &str, authority: &Authority) -> bool {
    let own = |port: Option<&str>| port.filter(|port| !matches!(*port, "80" | "443")).map(str::to_owned);
    match (split_port(host), split_port(authority.as_str())) {
        (Some((a, a_port)), Some((b, b_port))) => a.eq_ignore_ascii_case(b) && own(a_port) == own(b_port),
        _ => false,
    }
}

/// A path with one spelling only: it begins with a slash, has no empty, `.` or `..` segment in any spelling, no
/// backslash, no encoded slash or control character, no broken `%`, and nothing but ASCII.
fn is_normal_path(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else { return false };
    if !path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        || rest.starts_with('/')
        || rest.contains("//")
    {
        return false;
    }
    rest.split('/').all(is_normal_segment)
}

fn is_normal_segment(segment: &str) -> bool {
    let mut bytes = segment.bytes();
    // Only a segment of dots alone is special, so anything else in it settles the matter.
    let (mut dots, mut others) = (0_usize, false);
    while let Some(byte) = bytes.next() {
        let letter = if byte == b'%' {
            let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
            let (Some(high), Some(low)) = (digit(bytes.next()), digit(bytes.next())) else { return false };
            match u8::try_from(high * 16 + low) {
                Ok(decoded) if decoded.is_ascii_control() || decoded == b'/' || decoded == b'\\' => return false,
                Ok(decoded) => decoded,
                Err(_) => return false,
            }
        } else {
            byte
        };
        if letter == b'.' {
            dots += 1;
        } else {
            others = true;
        }
    }
    others || !(dots == 1 || dots == 2)
}

/// Only `100-continue` is known (RFC 9110 section 10.1.1).
fn check_expectation(headers: &HeaderMap) -> Result<(), Refusal> {
    let known = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"100-continue");
    if headers.get_all(EXPECT).into_iter().all(known) { Ok(()) } else { Err(Refusal::Expectation) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, target: &str, headers: &[(&str, &str)]) -> Request<()> {
        let mut builder = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        builder.body(()).unwrap()
    }

    fn verdict(method: &str, target: &str, headers: &[(&str, &str)]) -> Result<(), Refusal> {
        check(&mut request(method, target, headers), 100)
    }

    #[test]
    fn an_ordinary_request_passes() {
        let mut ordinary = request("POST", "/api/event?x=%2e%2e//", &[("host", "shop.example:8443")]);
        assert_eq!(check(&mut ordinary, 100), Ok(()));
        assert_eq!(host_name(ordinary.headers()), "shop.example");
        for path in
            ["/", "/a", "/a/", "/js/pa-x.y.js", "/a/...", "/a/.well-known", "/%C3%A9", "/a%20b", "/..a", "/%2e%2ea"]
        {
            assert_eq!(verdict("GET", path, &[("host", "a")]), Ok(()), "{path}");
        }
    }

    #[test]
    fn a_path_in_another_spelling_is_refused() {
        let bad = [
            "/a/../b",
            "/..",
            "/.",
            "/a/.",
            "/./a",
            "/%2e%2e/a",
            "/%2E%2e",
            "/.%2e/",
            "/a/%2e",
            "//",
            "//a",
            "/a//b",
            "/a%2fb",
            "/a%5cb",
            "/a%00",
            "/a%0a",
            "/a%7f",
            "/a%",
            "/a%2",
            "/a%zz",
            "/a\u{e9}",
            "/a%2Fb",
        ];
        for path in bad {
            let Ok(uri) = path.parse::<Uri>() else { continue };
            let mut request = request("GET", "/", &[("host", "a")]);
            *request.uri_mut() = uri;
            assert_eq!(check(&mut request, 100), Err(Refusal::Target), "{path}");
        }
        assert!(
            !is_normal_path("/a\\b") && !is_normal_path("/a\u{e9}") && !is_normal_path("/\0") && !is_normal_path("a")
        );
        assert_eq!(verdict("OPTIONS", "*", &[("host", "a")]), Err(Refusal::Target));
        assert_eq!(verdict("GET", "a:80", &[("host", "a")]), Err(Refusal::Target));
    }

    #[test]
    fn exactly_one_well_formed_host_is_asked_for() {
        assert_eq!(verdict("GET", "/", &[]), Err(Refusal::Host));
        assert_eq!(verdict("GET", "/", &[("host", "a"), ("host", "a")]), Err(Refusal::Host));
        let bad = [
            "",
            ":80",
            "a:",
            "a:b",
            "a:123456",
            "a b",
            "a,b",
            "u@a",
            "[::1",
            "[1.2.3.4]",
            "a/b",
            "a:80:80",
            "[::1]x",
            "[fe80::1%25eth0]",
            "a?b",
            "a#b",
            "*",
        ];
        for host in bad {
            assert_eq!(verdict("GET", "/", &[("host", host)]), Err(Refusal::Host), "{host:?}");
        }
        for host in ["a", "A.example.", "a:80", "127.0.0.1:8787", "[::1]", "[2001:db8::1]:443", "xn--bcher-kva.example"]
        {
            assert_eq!(verdict("GET", "/", &[("host", host)]), Ok(()), "{host:?}");
        }
    }

    #[test]
    fn an_absolute_target_must_name_the_same_host() {
        assert_eq!(verdict("GET", "http://evil.example/x", &[("host", "shop.example")]), Err(Refusal::Host));
        assert_eq!(verdict("GET", "http://u@shop.example/x", &[("host", "shop.example")]), Err(Refusal::Host));
        assert_eq!(verdict("GET", "http://shop.example:81/x", &[("host", "shop.example")]), Err(Refusal::Host));
        let mut same = request("GET", "http://SHOP.example:80/x?y", &[("host", "shop.example")]);
        assert_eq!(check(&mut same, 100), Ok(()));
        assert_eq!(same.uri(), "/x?y");
        assert_eq!(verdict("GET", "http://shop.example/x", &[]), Err(Refusal::Host));
    }

    #[test]
    fn an_h2_request_gets_its_host_from_the_authority() {
        let mut h2 = request("GET", "https://shop.example/x", &[]);
        *h2.version_mut() = Version::HTTP_2;
        assert_eq!(check(&mut h2, 100), Ok(()));
        assert_eq!((host_name(h2.headers()), h2.uri().path()), ("shop.example", "/x"));
        let mut two = request("GET", "https://shop.example/x", &[("host", "evil.example")]);
        *two.version_mut() = Version::HTTP_2;
        assert_eq!(check(&mut two, 100), Err(Refusal::Host));
    }

    #[test]
    fn methods_and_expectations_nobody_answers_are_refused() {
        for method in ["CONNECT", "TRACE", "TRACK", "PROPFIND", "get"] {
            assert_eq!(verdict(method, "/", &[("host", "a")]), Err(Refusal::Method), "{method}");
        }
        assert_eq!(verdict("POST", "/", &[("host", "a"), ("expect", "100-Continue")]), Ok(()));
        for junk in ["", "100-continue, x", "200-ok", "junk"] {
            assert_eq!(verdict("POST", "/", &[("host", "a"), ("expect", junk)]), Err(Refusal::Expectation), "{junk:?}");
        }
    }

    #[test]
    fn too_many_fields_are_refused() {
        let fields: Vec<(String, String)> = (0..100).map(|n| (format!("x-{n}"), "1".to_owned())).collect();
        let mut fields: Vec<(&str, &str)> = fields.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        fields.push(("host", "a"));
        assert_eq!(verdict("GET", "/", &fields), Err(Refusal::HeadFields));
        fields.remove(0);
        assert_eq!(verdict("GET", "/", &fields), Ok(()));
    }
}
