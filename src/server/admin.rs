//! The admin listener: reload, invalidation and the local page. Loopback or unix socket only.
//!
//! Promise: nothing is changed and nothing about a person is said without the token, also on loopback, where any
//! program and any web page of the machine could ask. A page cannot reach it at all: its name for this machine is
//! not on the Host list (DNS rebinding), and a foreign `Origin` or `Sec-Fetch-Site` is refused. What is answered is
//! plugged in as [`Action`]s; who may ask is decided here, once, for all of them.

use std::future::Future;
use std::net::IpAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use http::header::{
    ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, ORIGIN, REFERRER_POLICY,
    WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use subtle::ConstantTimeEq;

use super::address::Address;
use super::body::{Body, read_body, whole};
use super::{Arrival, Handler, sanity};
use crate::config::fault::{Faults, KeyPath};
use crate::config::file;
use crate::secret::Secret;

/// The largest body of a command.
const MOST_BODY: usize = 64 * 1024;
/// Until a command's body is complete.
const BODY_TIME: Duration = Duration::from_secs(5);
/// A shorter token could be guessed.
const LEAST_TOKEN: usize = 16;

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Whoever reaches the listener: sums without persons. For `GET` only; any other method needs the token.
    Open,
    /// Who has the token: everything that changes something or is about a person.
    Token,
}

/// A future that an [`Action`] answers with.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Response<Body>> + Send + 'a>>;

/// What an action is asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The query, without the question mark.
    pub query: Option<String>,
    /// The body, at most 64 KiB.
    pub body: Bytes,
}

/// Something the admin listener answers.
pub trait Action: Send + Sync + 'static {
    /// The method it answers.
    fn method(&self) -> Method;
    /// The whole path it answers.
    fn path(&self) -> &'static str;
    /// Who may ask.
    fn access(&self) -> Access;
    /// Answers. Every wait in here needs a deadline.
    fn answer(&self, asked: Asked) -> Answer<'_>;
}

/// The admin token in force; clones share it.
#[derive(Debug, Clone)]
pub struct Token(Arc<ArcSwapOption<Secret>>);

impl Token {
    /// Takes another one's token from here on.
    pub fn replace(&self, newer: &Self) {
        self.0.store(newer.0.load_full());
    }
}

/// The handler of the `[admin]` listener.
pub struct Admin {
    address: Address,
    token: Token,
    actions: Vec<Box<dyn Action>>,
}

impl Admin {
    /// Reads `[admin]`. `base` is the folder of the configuration file, `at` the table's key.
    pub fn build(shape: &file::Admin, base: &Path, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let address = Address::read(&shape.address, &at.key("address"), faults)?;
        if !address.is_local() {
            faults.push(
                at.key("address"),
                format!("{address} can be reached from other machines; the admin interface must not be"),
                "use \"127.0.0.1:8789\" or \"unix:/run/bauta/admin.sock\"",
            );
        }
        let token = shape.token.as_ref().and_then(|place| match place.load(base) {
            Ok(token) if token.trimmed().len() < LEAST_TOKEN => {
                let problem = format!("the token is shorter than {LEAST_TOKEN} bytes");
                faults.push(at.key("token"), problem, "make one with `head -c 24 /dev/urandom | base64`");
                None
            }
            Ok(token) => Some(token),
            Err(error) => {
                faults.push(at.key("token"), error.to_string(), "give a file, env or credential that holds the token");
                None
            }
        });
        let token = Token(Arc::new(ArcSwapOption::from_pointee(token)));
        Some(Self { address, token, actions: Vec::new() })
    }

    /// The token, to be replaced by a reload.
    #[must_use]
    pub fn token(&self) -> Token {
        self.token.clone()
    }

    /// Adds an action.
    #[must_use]
    pub fn with(mut self, action: impl Action) -> Self {
        self.actions.push(Box::new(action));
        self
    }

    /// Where to listen.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The action for a request, or the refusal.
    fn admit(&self, method: &Method, path: &str, headers: &HeaderMap) -> Result<&dyn Action, Response<Body>> {
        if !is_local_name(sanity::host_name(headers)) {
            return Err(text(StatusCode::FORBIDDEN, "the Host must be localhost or a loopback address\n"));
        }
        if !is_own_page(headers) {
            return Err(text(StatusCode::FORBIDDEN, "other origins may not ask here\n"));
        }
        let mut here = self.actions.iter().filter(|action| action.path() == path).peekable();
        if here.peek().is_none() {
            return Err(text(StatusCode::NOT_FOUND, "not found\n"));
        }
        let methods: Vec<Method> = here.clone().map(|action| action.method()).collect();
        let Some(action) = here.find(|action| action.method() == *method) else {
            let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "another method is needed\n");
            let list: Vec<&str> = methods.iter().map(Method::as_str).collect();
            if let Ok(list) = HeaderValue::from_str(&list.join(", ")) {
                response.headers_mut().insert(ALLOW, list);
            }
            return Err(response);
        };
        if *method != Method::GET || action.access() == Access::Token {
            self.check_token(headers)?;
        }
        Ok(action.as_ref())
    }

    fn check_token(&self, headers: &HeaderMap) -> Result<(), Response<Body>> {
        let Some(token) = self.token.0.load_full() else {
            let line = "no token is configured: add token = { file = \"admin.token\" } to [admin]\n";
            return Err(text(StatusCode::FORBIDDEN, line));
        };
        let given = headers.get(AUTHORIZATION).and_then(|value| bearer(value.as_bytes())).unwrap_or_default();
        if bool::from(given.ct_eq(token.trimmed())) {
            return Ok(());
        }
        let mut response = text(StatusCode::UNAUTHORIZED, "the admin token is needed\n");
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        Err(response)
    }
}

impl Handler for Admin {
    async fn handle(self: Arc<Self>, request: Request<Incoming>, _: Arrival) -> Response<Body> {
        let (head, body) = request.into_parts();
        let response = match self.admit(&head.method, head.uri.path(), &head.headers) {
            Ok(action) => match read_body(body, MOST_BODY, BODY_TIME).await {
                Ok(body) => action.answer(Asked { query: head.uri.query().map(str::to_owned), body }).await,
                Err(error) => text(error.status(), "the body cannot be read\n"),
            },
            Err(refusal) => refusal,
        };
        protect(response)
    }
}

/// Fields that keep an answer to the page that asked for it; an action's own policy stands.
fn protect(mut response: Response<Body>) -> Response<Body> {
    let fields = [
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ];
    for (name, value) in fields {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// A name that no web page can have pointed here.
fn is_local_name(name: &str) -> bool {
    let literal = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || literal.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// No browser asks for another origin: `Origin`, when there is one, is this host's, and so says `Sec-Fetch-Site`.
fn is_own_page(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).map(HeaderValue::as_bytes).unwrap_or_default();
    let own = |origin: &HeaderValue| {
        let origin = origin.as_bytes();
        origin.strip_prefix(b"http://").or_else(|| origin.strip_prefix(b"https://")).is_some_and(|rest| rest == host)
    };
    let site = |site: &HeaderValue| site == "same-origin" || site == "none";
    headers.get_all(ORIGIN).into_iter().all(own) && headers.get_all("sec-fetch-site").into_iter().all(site)
}

/// The token of `Bearer <token>`; the scheme's case does not matter (RFC 9110 section 11.1).
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| token.trim_ascii())
}

fn text(status: StatusCode, line: &'static str) -> Response<Body> {
    let mut response = Response::new(whole(line));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SecretRef;

    const TOKEN: &str = "0123456789abcdef0123";

    struct Page(Method, &'static str, Access);

    impl Action for Page {
        fn method(&self) -> Method {
            self.0.clone()
        }
        fn path(&self) -> &'static str {
            self.1
        }
        fn access(&self) -> Access {
            self.2
        }
        fn answer(&self, asked: Asked) -> Answer<'_> {
            Box::pin(async move { Response::new(whole(asked.body)) })
        }
    }

    fn admin(token: Option<&str>) -> Admin {
        let folder = tempfile::tempdir().unwrap();
        let token = token.map(|token| {
            std::fs::write(folder.path().join("token"), format!("{token}\n")).unwrap();
            SecretRef::file("token")
        });
        let mut faults = Faults::default();
        let shape = file::Admin { token, ..file::Admin::default() };
        let admin = Admin::build(&shape, folder.path(), &KeyPath::root().key("admin"), &mut faults).unwrap();
        assert!(faults.is_empty());
        admin
            .with(Page(Method::GET, "/", Access::Open))
            .with(Page(Method::GET, "/person", Access::Token))
            .with(Page(Method::POST, "/consent/invalidate", Access::Token))
            .with(Page(Method::POST, "/open", Access::Open))
    }

    fn ask(admin: &Admin, method: &str, path: &str, fields: &[(&'static str, &str)]) -> u16 {
        let mut headers = HeaderMap::new();
        if !fields.iter().any(|(name, _)| *name == "host") {
            headers.insert(HOST, HeaderValue::from_static("127.0.0.1:8789"));
        }
        for (name, value) in fields {
            headers.append(*name, value.parse().unwrap());
        }
        match admin.admit(&method.parse().unwrap(), path, &headers) {
            Ok(_) => 200,
            Err(response) => response.status().as_u16(),
        }
    }

    #[test]
    fn a_mutation_and_a_persons_answer_need_the_token_also_on_loopback() {
        let admin = admin(Some(TOKEN));
        let bearer = format!("bearer {TOKEN}");
        for (method, path) in [("POST", "/consent/invalidate"), ("GET", "/person"), ("POST", "/open")] {
            assert_eq!(ask(&admin, method, path, &[]), 401);
            assert_eq!(ask(&admin, method, path, &[("authorization", "Bearer wrong")]), 401);
            assert_eq!(ask(&admin, method, path, &[("authorization", "Bearer ")]), 401);
            assert_eq!(ask(&admin, method, path, &[("authorization", TOKEN)]), 401);
            assert_eq!(ask(&admin, method, path, &[("authorization", &bearer)]), 200);
        }
        assert_eq!(ask(&admin, "GET", "/", &[]), 200);
    }

    #[test]
    fn without_a_configured_token_nothing_is_changed() {
        let admin = admin(None);
        assert_eq!(ask(&admin, "POST", "/consent/invalidate", &[("authorization", "Bearer ")]), 403);
        assert_eq!(ask(&admin, "GET", "/", &[]), 200);
    }

    #[test]
    fn only_loopback_names_are_hosts() {
        let admin = admin(None);
        for host in ["localhost", "LOCALHOST:9999", "127.0.0.1", "127.8.8.8:1", "[::1]:8789"] {
            assert_eq!(ask(&admin, "GET", "/", &[("host", host)]), 200, "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "[::2]", "0.0.0.0"]
        {
            assert_eq!(ask(&admin, "GET", "/", &[("host", host)]), 403, "{host}");
        }
    }

    #[test]
    fn foreign_pages_are_refused() {
        let admin = admin(None);
        for origin in ["https://evil.example", "null", "http://localhost", "http://127.0.0.1:8790", ""] {
            assert_eq!(ask(&admin, "GET", "/", &[("origin", origin)]), 403, "{origin}");
        }
        assert_eq!(ask(&admin, "GET", "/", &[("origin", "http://127.0.0.1:8789")]), 200);
        for site in ["cross-site", "same-site", "junk"] {
            assert_eq!(ask(&admin, "GET", "/", &[("sec-fetch-site", site)]), 403, "{site}");
        }
        assert_eq!(ask(&admin, "GET", "/", &[("sec-fetch-site", "none")]), 200);
        let two = [("origin", "http://127.0.0.1:8789"), ("origin", "http://evil.example")];
        assert_eq!(ask(&admin, "GET", "/", &two), 403);
    }

    #[test]
    fn unknown_paths_and_methods_are_told_apart() {
        let admin = admin(None);
        assert_eq!(ask(&admin, "GET", "/nothing", &[]), 404);
        assert_eq!(ask(&admin, "DELETE", "/", &[]), 405);
        assert_eq!(ask(&admin, "OPTIONS", "/consent/invalidate", &[]), 405);
    }

    #[test]
    fn an_address_that_others_reach_and_a_weak_token_are_faults() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("token"), "short\n").unwrap();
        let shape = file::Admin { address: "0.0.0.0:8789".into(), token: Some(SecretRef::file("token")) };
        let mut faults = Faults::default();
        Admin::build(&shape, folder.path(), &KeyPath::root().key("admin"), &mut faults);
        let keys: Vec<String> = faults.iter().map(|fault| fault.key.to_string()).collect();
        assert_eq!(keys, ["admin.address", "admin.token"]);
        let mut faults = Faults::default();
        let shape = file::Admin { address: "unix:relative".into(), token: None };
        assert!(Admin::build(&shape, folder.path(), &KeyPath::root().key("admin"), &mut faults).is_none());
        assert!(!faults.is_empty());
    }
}
