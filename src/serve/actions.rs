//! What the admin listener answers.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Response, StatusCode};
use serde::Deserialize;

use super::reload::Reloader;
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

/// `POST /reload`: reads the configuration, keys, certificate and lists anew. 200 with what waits for a restart, or 422
/// with every fault, and then nothing has changed.
pub(super) struct Reload(pub(super) Arc<Reloader>);

impl Action for Reload {
    fn method(&self) -> Method {
        Method::POST
    }

    fn path(&self) -> &'static str {
        "/reload"
    }

    fn access(&self) -> Access {
        Access::Token
    }

    fn answer(&self, _: Asked) -> Answer<'_> {
        Box::pin(async move {
            match self.0.reload_for_operator().await {
                Ok(waits) => {
                    json(StatusCode::OK, &serde_json::json!({ "message": "in force", "after_restart": waits }))
                }
                Err(faults) => json(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    &serde_json::json!({ "message": "refused, the old configuration stays", "faults": faults }),
                ),
            }
        })
    }
}

/// A JSON answer with one sentence.
fn say(status: StatusCode, message: &str) -> Response<Body> {
    json(status, &serde_json::json!({ "message": message }))
}

fn json(status: StatusCode, value: &serde_json::Value) -> Response<Body> {
    let mut response = Response::new(whole(Bytes::from(value.to_string())));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
