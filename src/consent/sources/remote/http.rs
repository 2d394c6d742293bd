//! `kind = "http"`: what an end point of the application's says. Redirects are not followed.

use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderValue, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Backend, Building, Pending, Way};
use crate::backend::{Http, Request, Trouble};
use crate::config::consent as config;
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
    shape: config::Http,
}

/// Builds the source.
pub(in crate::consent::sources) fn build(
    shape: &config::Http,
    surroundings: &Surroundings<'_>,
    at: &KeyPath,
    faults: &mut Faults,
) -> Option<impl super::Source + use<>> {
    let mut building = Building::new(surroundings, at, faults);
    let mut headers = Vec::new();
    if let Some(token) = building.secret("token", shape.token.as_ref()) {
        match HeaderValue::from_bytes(&[b"Bearer ", token.trimmed()].concat()) {
            Ok(mut value) => {
                value.set_sensitive(true);
                headers.push((AUTHORIZATION, value));
            }
            Err(_) => building.fault("token", "the token cannot stand in a header", "use letters and digits"),
        }
    }
    let example = "http://127.0.0.1:3000/consent/{user}";
    let url = shape.url.replace("{user}", "0");
    let way = Way { url: &url, example, password: None, ca_file: shape.ca_file.as_deref() };
    let http = building.open(&way, Http::open);
    let path = shape.url.split_once("://").and_then(|(_, rest)| Some(rest.split_once('/')?.1));
    let place = path.and_then(|path| path.split_once("{user}"));
    if place.is_none() {
        let problem = "expected an address with {user} in its path or query, where the account id stands";
        building.fault("url", problem, format!("write for example {example:?}"));
    }
    let end_point = http.zip(place).map(|(http, (before, after))| EndPoint {
        http,
        before: format!("/{before}"),
        after: after.to_owned(),
        headers,
        shape: shape.clone(),
    });
    building.finish(shape.ttl, end_point)
}

impl Backend for EndPoint {
    fn word(&self) -> &'static str {
        "http"
    }

    fn ask<'a>(&'a self, user: &'a AppUserId) -> Pending<'a, Result<Answer, Trouble>> {
        Box::pin(async move {
            let user = utf8_percent_encode(user.expose(), ESCAPED).to_string();
            let Ok(target) = [&self.before, user.as_str(), &self.after].concat().parse::<Uri>() else {
                return Ok(of_http(&self.shape, Err(Failure::Error)));
            };
            let request = Request { target: Some(target), headers: self.headers.clone(), ..Request::default() };
            let reply = self.http.ask(&request, MAX_BYTES).await?;
            Ok(of_http(&self.shape, Ok(HttpReply { status: reply.status, body: &reply.body })))
        })
    }
}
