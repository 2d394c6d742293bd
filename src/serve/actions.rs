//! What the admin listener answers.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use serde::Deserialize;

use super::reload::Reloader;
use crate::client_address::ClientAddress;
use crate::person::AppUserId;
use crate::server::Body;
use crate::server::admin::{Access, Action, Answer, Asked};
use crate::server::body::whole;
use crate::sidecar::{Sidecar, agreed};
use crate::snippet::{self, Client};
use crate::store::{Change, Record};

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

/// `POST /snippet` with `{"site": "shop", "upstream": "plausible", "cookie": "<the page request's Cookie>", "gpc": false,
/// "dnt": false}`: the code for this one session's page. Opaque paths go to sessions that have agreed and to nobody
/// else; the others get nothing, or with `"otherwise": "plain"` the vendor's own names.
pub(super) struct Snippet(pub(super) Arc<Sidecar>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WantedSnippet {
    site: String,
    upstream: String,
    cookie: String,
    gpc: bool,
    dnt: bool,
    #[serde(default)]
    client: ClientWord,
    #[serde(default)]
    origin: String,
    #[serde(default)]
    script: String,
    nonce: Option<String>,
    #[serde(default)]
    otherwise: Otherwise,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
enum ClientWord {
    #[default]
    Script,
    PerSite,
    Npm,
    Older,
}

#[derive(Deserialize, Default, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Otherwise {
    #[default]
    Nothing,
    Plain,
}

impl Action for Snippet {
    fn method(&self) -> Method {
        Method::POST
    }

    fn path(&self) -> &'static str {
        "/snippet"
    }

    fn access(&self) -> Access {
        Access::Token
    }

    fn answer(&self, asked: Asked) -> Answer<'_> {
        Box::pin(async move {
            let expected = "expected {\"site\", \"upstream\", \"cookie\", \"gpc\", \"dnt\"} and perhaps client, origin, script, nonce, otherwise";
            let Ok(wanted) = serde_json::from_slice::<WantedSnippet>(&asked.body) else {
                return say(StatusCode::BAD_REQUEST, expected);
            };
            let runtime = self.0.runtime();
            let found = runtime.sites.iter().enumerate().find(|(_, site)| site.name == wanted.site);
            let Some((index, site)) = found else { return say(StatusCode::NOT_FOUND, "there is no such site") };
            let Some(upstream) = site.upstreams.iter().find(|upstream| upstream.name == wanted.upstream) else {
                return say(StatusCode::NOT_FOUND, "the site has no such upstream");
            };
            let mut headers = HeaderMap::new();
            if let Ok(cookie) = HeaderValue::from_str(&wanted.cookie) {
                headers.insert(COOKIE, cookie);
            }
            for (name, set) in [("sec-gpc", wanted.gpc), ("dnt", wanted.dnt)] {
                if set {
                    headers.insert(name, HeaderValue::from_static("1"));
                }
            }
            // The application asks on the visitor's behalf: nobody's address is known.
            let nobody = ClientAddress { ip: None, untrusted_forwarder: None };
            let agreed =
                upstream.page.has_aliases() && agreed(&runtime, index, nobody, (&headers, None), self.0.now()).await;
            if !agreed && wanted.otherwise == Otherwise::Nothing {
                return json(StatusCode::OK, &serde_json::json!({ "aliased": false, "code": "", "policy": "" }));
            }
            let client = match wanted.client {
                ClientWord::Script => Client::Script,
                ClientWord::PerSite => Client::PerSite,
                ClientWord::Npm => Client::Npm,
                ClientWord::Older => Client::Older,
            };
            let wanted = snippet::Wanted {
                client,
                origin: &wanted.origin,
                aliased: agreed,
                nonce: wanted.nonce.as_deref(),
                script: &wanted.script,
            };
            match upstream.page.snippet(&wanted) {
                Ok(made) => json(
                    StatusCode::OK,
                    &serde_json::json!({ "aliased": agreed, "code": made.code, "policy": made.policy }),
                ),
                Err(error) => {
                    json(StatusCode::UNPROCESSABLE_ENTITY, &serde_json::json!({ "message": error.to_string() }))
                }
            }
        })
    }
}

/// `POST /consent/get` and `POST /consent/set`: the call for the application's own settings toggle, from server to server.
///
/// The person stands in the body, not in the address, where logs would keep it.
pub(super) struct Consent {
    pub(super) sidecar: Arc<Sidecar>,
    pub(super) sets: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Toggle {
    realm: String,
    user: String,
    #[serde(default)]
    choice: Option<String>,
    /// Replace the salt of the person's pseudonym.
    #[serde(default)]
    new_salt: bool,
}

impl Action for Consent {
    fn method(&self) -> Method {
        Method::POST
    }

    fn path(&self) -> &'static str {
        if self.sets { "/consent/set" } else { "/consent/get" }
    }

    fn access(&self) -> Access {
        Access::Token
    }

    fn answer(&self, asked: Asked) -> Answer<'_> {
        Box::pin(async move {
            let Ok(wanted) = serde_json::from_slice::<Toggle>(&asked.body) else {
                return say(
                    StatusCode::BAD_REQUEST,
                    "expected {\"realm\", \"user\"} and, to set it, \"choice\", \"new_salt\" or both",
                );
            };
            let Some(user) = AppUserId::from_text(&wanted.user) else {
                return say(StatusCode::BAD_REQUEST, "the user is empty");
            };
            let runtime = self.sidecar.runtime();
            let of_realm = || runtime.sites.iter().filter(|site| site.realm == wanted.realm);
            let salted = of_realm().any(|site| site.consent.salts());
            let change = wanted.choice.as_deref().map(|word| Change::from_word(word, salted));
            let asks_for_something = change.is_some() || wanted.new_salt;
            if change == Some(None) || asks_for_something != self.sets {
                let words = "choice is granted, denied, off, local, anonymised, full or forget";
                return say(StatusCode::BAD_REQUEST, words);
            }
            if of_realm().next().is_none() {
                return say(StatusCode::NOT_FOUND, "no site has this realm");
            }
            let Some(store) = runtime.revocation.store() else {
                return say(
                    StatusCode::CONFLICT,
                    "no site has the source { kind = \"store\" }, so nothing is recorded",
                );
            };
            let mut done = Ok(Record::default());
            for change in Change::in_order(change.flatten(), wanted.new_salt) {
                if done.is_ok() {
                    done = store.change(&wanted.realm, &user, change, self.sidecar.now(), DEADLINE).await;
                }
            }
            if !self.sets {
                done = store.get(&wanted.realm, &user, DEADLINE).await;
            }
            match done {
                Ok(record) => json(
                    StatusCode::OK,
                    &serde_json::json!({
                        "choice": record.choice.map(|(choice, _)| choice.word()),
                        "decided": record.choice.map(|(_, at)| at.0),
                        "epoch": record.epoch,
                        "salted": record.salt.is_some(),
                    }),
                ),
                Err(_) => say(StatusCode::SERVICE_UNAVAILABLE, "the store did not answer: repeat the call"),
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
