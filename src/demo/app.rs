//! The demo application: a shop with a login, a log-out and a consent switch. It knows nothing of bauta.
//!
//! Input: one request of the shop. Output: the page, one of its files, or a redirect with a new session cookie.
//! Forms are taken only from the shop's own pages.

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use http_body_util::Full;

use super::account::{Account, COOKIE, LIFETIME, Sessions, Sharing};
use super::listen::answer;
use super::shop::{self, Visit};
use crate::clock::Clock;

/// The shop.
pub(super) struct App {
    sessions: Sessions,
    configuration: String,
    clock: Box<dyn Clock>,
}

impl App {
    pub(super) fn new(sessions: Sessions, configuration: String, clock: Box<dyn Clock>) -> Self {
        Self { sessions, configuration, clock }
    }

    /// Answers a request. `None`: there is no such path.
    pub(super) fn answer(&self, parts: &Parts, body: &[u8]) -> Option<Response<Full<Bytes>>> {
        let visit = self.visit(&parts.headers);
        Some(match (&parts.method, parts.uri.path()) {
            (&Method::GET, "/" | "/masks" | "/orders/2041" | "/reset") => shop::page(visit, &self.configuration),
            (&Method::GET, path) => return shop::file(path),
            (&Method::POST, "/demo/login" | "/demo/logout" | "/demo/sharing") if !is_own(&parts.headers) => {
                answer(StatusCode::FORBIDDEN, "text/plain; charset=utf-8", "this form belongs to another page\n")
            }
            (&Method::POST, "/demo/login") => match field(body, "account").and_then(Account::find) {
                // Opt-in: the switch is off until the person turns it on.
                Some(account) => self.home(Some((account, Sharing::No))),
                None => answer(StatusCode::BAD_REQUEST, "text/plain; charset=utf-8", "there is no such account\n"),
            },
            (&Method::POST, "/demo/logout") => self.home(None),
            (&Method::POST, "/demo/sharing") => {
                let sharing = if field(body, "share") == Some("yes") { Sharing::Yes } else { Sharing::No };
                self.home(visit.person.map(|(account, _)| (account, sharing)))
            }
            _ => return None,
        })
    }

    /// Who is asking.
    pub(super) fn visit(&self, headers: &HeaderMap) -> Visit {
        let now = self.clock.now();
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut tokens = cookies
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| *name == COOKIE);
        let person = tokens.find_map(|(_, token)| self.sessions.read(token, now));
        let gpc = headers.get("sec-gpc").is_some_and(|value| value.as_bytes() == b"1");
        Visit { person, gpc }
    }

    /// A `Cookie` header of a person, as the browser would send it.
    pub(super) fn cookie_of(&self, account: &Account, sharing: Sharing) -> HeaderValue {
        let token = self.sessions.mint(account, sharing, self.clock.now());
        HeaderValue::try_from(format!("{COOKIE}={token}")).unwrap_or(HeaderValue::from_static(""))
    }

    /// Back to the shop, as this person or as nobody.
    fn home(&self, person: Option<(&Account, Sharing)>) -> Response<Full<Bytes>> {
        let (token, age) = match person {
            Some((account, sharing)) => (self.sessions.mint(account, sharing, self.clock.now()), LIFETIME),
            None => (String::new(), 0),
        };
        let cookie = format!("{COOKIE}={token}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax");
        let mut response = shop::guarded(answer(StatusCode::SEE_OTHER, "", Bytes::new()), "no-store");
        response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/"));
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        response
    }
}

/// Whether a form was sent by one of the shop's pages, as far as the browser says.
pub(super) fn is_own(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    match (text(header::HeaderName::from_static("sec-fetch-site")), text(header::ORIGIN), text(header::HOST)) {
        (Some(site), _, _) => site == "same-origin" || site == "none",
        (None, Some(origin), Some(host)) => origin.strip_prefix("http://") == Some(host),
        (None, Some(_), None) => false,
        (None, None, _) => true,
    }
}

/// A form's field; the demo's values need no decoding.
fn field<'a>(body: &'a [u8], wanted: &str) -> Option<&'a str> {
    let pairs = std::str::from_utf8(body).ok()?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(name, _)| *name == wanted).map(|(_, value)| value)
}
