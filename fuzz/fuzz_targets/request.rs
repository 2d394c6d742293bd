//! What stands in the head of a request: the target, the host, who is at the other end, whose page it is, what of the
//! query leaves. Each line of the input is one of them.
#![no_main]

use std::net::{IpAddr, SocketAddr};
use std::sync::LazyLock;

use bauta::assets;
use bauta::client_address::{Peer, TrustedProxies};
use bauta::config::fault::{Faults, KeyPath};
use bauta::consent::Signals;
use bauta::headers::{AnswerTo, VendorHeaders, cors, for_page};
use bauta::origin::{Pages, Standing};
use bauta::payload::posthog::endpoint::Endpoint;
use bauta::payload::posthog::query::Query;
use bauta::server::sanity;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use libfuzzer_sys::fuzz_target;

const PROXY: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1)), 4000);
const VISITOR: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 9)), 4000);

static TRUSTED: LazyLock<TrustedProxies> = LazyLock::new(|| {
    TrustedProxies::parse(&["10.0.0.0/8".to_owned(), "fd00::/8".to_owned()], &KeyPath::root(), &mut Faults::default())
});

static PAGES: LazyLock<Pages> = LazyLock::new(|| {
    let listed = cors::Origins::parse(&["https://blog.example".to_owned()], &KeyPath::root(), &mut Faults::default());
    Pages::new(&["shop.example".to_owned()], listed)
});

fuzz_target!(|data: &[u8]| {
    let mut lines = data.split(|byte| *byte == b'\n');
    let target = lines.next().unwrap_or_default();
    let mut headers = HeaderMap::new();
    for line in lines.take(100) {
        let Some(at) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = (HeaderName::from_bytes(&line[..at]), HeaderValue::from_bytes(line[at + 1..].trim_ascii()));
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    addresses(&headers);
    pages(&headers);
    if let Ok(target) = std::str::from_utf8(target) {
        targets(target, &headers);
    }
    let leaves = VendorHeaders::event(&headers, HeaderValue::from_static("application/json"), Some(VISITOR.ip()));
    private(leaves.fields());
    private(&for_page(&headers, AnswerTo::Flags));
    let _ = Signals::read(&headers);
});

/// Nobody but a trusted proxy says who the visitor is, and nobody makes an address that no visitor can have.
fn addresses(headers: &HeaderMap) {
    let own = TRUSTED.resolve(Peer::Tcp(VISITOR), headers);
    assert_eq!(own.ip, Some(VISITOR.ip()), "believed a stranger");
    if let Some(ip) = TRUSTED.resolve(Peer::Tcp(PROXY), headers).ip {
        assert!(!ip.is_unspecified() && !ip.is_multicast());
        let is_told = headers.contains_key("x-forwarded-for") || headers.contains_key("forwarded");
        assert!(is_told || ip == PROXY.ip());
    }
    assert!(TRUSTED.resolve(Peer::Unix, headers).ip.is_none(), "nobody trusts the socket here");
}

/// A page that says where it is from is ours only if it says so in exactly one of the known ways.
fn pages(headers: &HeaderMap) {
    let standing = PAGES.standing(headers, "shop.example");
    let origins: Vec<_> = headers.get_all("origin").iter().map(HeaderValue::as_bytes).collect();
    let known = [&b"https://shop.example"[..], b"http://shop.example", b"https://blog.example"];
    if standing == Standing::Own && !origins.is_empty() {
        let lower: Vec<_> = origins.iter().map(|origin| origin.to_ascii_lowercase()).collect();
        assert!(lower.len() == 1 && known.contains(&lower[0].as_slice()), "a foreign page is our own");
    }
    for answer in [cors::event(headers, &PAGES.origins), cors::preflight(headers, &PAGES.origins)] {
        if answer.contains_key("access-control-allow-credentials") {
            let allowed = answer.get("access-control-allow-origin").expect("an origin").as_bytes();
            assert!(known.contains(&allowed.to_ascii_lowercase().as_slice()), "credentials for a stranger");
        }
    }
}

fn targets(target: &str, headers: &HeaderMap) {
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let outgoing = Query::of(query).outgoing();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-@=&".contains(&byte);
    assert!(outgoing.bytes().all(plain), "a query that says more than words");
    assert_eq!(Query::of(Some(&outgoing)).outgoing(), outgoing, "what leaves once would leave twice");
    let _ = Endpoint::of(path);
    let mut request = Request::new(());
    *request.method_mut() = Method::POST;
    *request.headers_mut() = headers.clone();
    let Ok(uri) = target.parse() else { return };
    *request.uri_mut() = uri;
    if sanity::check(&mut request, 64).is_ok() {
        assert!(request.uri().authority().is_none() && request.uri().path().starts_with('/'), "one form of target");
        assert_eq!(request.headers().get_all("host").iter().count(), 1, "one host");
        assert!(!sanity::host_name(request.headers()).contains(['/', '@', '?', '#', ' ']));
        let before = request.uri().clone();
        assert!(sanity::check(&mut request, 64).is_ok() && *request.uri() == before, "sane once is sane twice");
        if let Some(asked) = assets::target(before.path(), before.query()) {
            let climbs = asked.path().split('/').any(|part| part == "..");
            assert!(asked.path().starts_with('/') && !climbs, "out of the vendor's folder");
        }
    }
}

/// Invariant 4: nothing personal or secret leaves by another door.
fn private(leaves: &HeaderMap) {
    for name in ["cookie", "authorization", "referer", "set-cookie", "forwarded", "proxy-authorization"] {
        assert!(!leaves.contains_key(name), "{name} leaves");
    }
}
