//! `kind = "http"`: what an end point of the application's says. Redirects are not followed.

use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderValue, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Backend, Pending, Remote, failure, secret, ttl};
use crate::backend::{Access, Http, Request};
use crate::config::consent::{self as config, DocumentAnswer};
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::Answer;
use crate::consent::policy::Surroundings;
use crate::consent::sources::backend::{Failure, HttpReply, MAX_BYTES, of_http};
use crate::person::AppUserId;

/// Everything but the unreserved characters (RFC 3986 section 2.3): an id cannot end its place in the address.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');

struct EndPoint {
    http: Http,
    before: String,
    after: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    shape: DocumentAnswer,
}

/// Builds the source.
pub(in crate::consent::sources) fn build(
    shape: &config::Http,
    surroundings: &Surroundings<'_>,
    at: &KeyPath,
    faults: &mut Faults,
) -> Option<impl super::Source + use<>> {
    let before = faults.iter().count();
    let token = secret(shape.token.as_ref(), surroundings.base, &at.key("token"), faults);
    let headers = token.map(|token| {
        let mut value = HeaderValue::from_bytes(&[b"Bearer ", token.trimmed()].concat());
        if let Ok(value) = &mut value {
            value.set_sensitive(true);
        } else {
            faults.push(at.key("token"), "the token cannot stand in a header", "use letters and digits");
        }
        Some((AUTHORIZATION, value.ok()?))
    });
    let ca_file = shape.ca_file.as_ref().map(|file| surroundings.base.join(file));
    let url = shape.url.replace("{user}", "0");
    let access = Access { url: &url, password: None, ca_file: ca_file.as_deref(), base: surroundings.base };
    let http = Http::open(&access).map_err(|problem| {
        faults.push(at.key("url"), problem, "write for example \"http://127.0.0.1:3000/consent/{user}\"");
    });
    let path = shape.url.split_once("://").and_then(|(_, rest)| Some(rest.split_once('/')?.1));
    let place = path.and_then(|path| path.split_once("{user}"));
    if place.is_none() {
        let problem = "expected an address with {user} in its path or query, where the account id stands";
        faults.push(at.key("url"), problem, "write for example \"http://127.0.0.1:3000/consent/{user}\"");
    }
    let ttl = ttl(shape.ttl, at, faults);
    if faults.iter().count() > before {
        return None;
    }
    let (first, last) = place?;
    let end_point = EndPoint {
        http: http.ok()?,
        before: format!("/{first}"),
        after: last.to_owned(),
        headers: headers.flatten().into_iter().collect(),
        shape: DocumentAnswer {
            path: shape.path.clone(),
            level_path: shape.level_path.clone(),
            not_found: shape.not_found,
        },
    };
    Some(Remote::new(end_point, ttl, surroundings.invalidations.clone()))
}

impl Backend for EndPoint {
    fn word(&self) -> &'static str {
        "http"
    }

    fn ask<'a>(&'a self, user: &'a AppUserId) -> Pending<'a, Answer> {
        Box::pin(async move {
            let user = utf8_percent_encode(user.expose(), ESCAPED).to_string();
            let Ok(target) = [&self.before, user.as_str(), &self.after].concat().parse::<Uri>() else {
                return of_http(&self.shape, Err(Failure::Error));
            };
            let request = Request { target: Some(target), headers: self.headers.clone(), ..Request::default() };
            match self.http.ask(&request, MAX_BYTES).await {
                Ok(reply) => of_http(&self.shape, Ok(HttpReply { status: reply.status, body: &reply.body })),
                Err(trouble) => of_http(&self.shape, Err(failure(&trouble))),
            }
        })
    }
}
