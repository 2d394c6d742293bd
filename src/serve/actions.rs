//! What the admin listener answers.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Response, StatusCode};
use serde::Deserialize;

use crate::person::AppUserId;
use crate::server::Body;
use crate::server::admin::{Access, Action, Answer, Asked};
use crate::server::body::whole;
use crate::sidecar::Sidecar;

/// How long the store may take to note a revocation.
const DEADLINE: Duration = Duration::from_secs(2);

/// `POST /consent/invalidate` with `{"realm": "shop", "user": "42"}`: from the next request on, what this person's
/// self-contained cookies claim about consent is not believed.
pub(super) struct Invalidate(pub(super) Arc<Sidecar>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    realm: String,
    user: String,
}

impl Action for Invalidate {
    fn method(&self) -> Method {
        Method::POST
    }

    fn path(&self) -> &'static str {
        "/consent/invalidate"
    }

    fn access(&self) -> Access {
        Access::Token
    }

    fn answer(&self, asked: Asked) -> Answer<'_> {
        Box::pin(async move {
            let Ok(wanted) = serde_json::from_slice::<Wanted>(&asked.body) else {
                return say(StatusCode::BAD_REQUEST, "expected {\"realm\": \"...\", \"user\": \"...\"}");
            };
            let Some(user) = AppUserId::from_text(&wanted.user) else {
                return say(StatusCode::BAD_REQUEST, "the user is empty");
            };
            let runtime = self.0.runtime();
            if !runtime.sites.iter().any(|site| site.realm == wanted.realm) {
                return say(StatusCode::NOT_FOUND, "no site has this realm");
            }
            match runtime.revocation.invalidate(&wanted.realm, &user, self.0.now(), DEADLINE).await {
                Ok(()) => say(StatusCode::OK, "noted"),
                Err(_) => say(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "noted in this process, but the store did not take it: repeat the call",
                ),
            }
        })
    }
}

/// A JSON answer with one sentence.
fn say(status: StatusCode, message: &str) -> Response<Body> {
    let text = serde_json::json!({ "message": message }).to_string();
    let mut response = Response::new(whole(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
