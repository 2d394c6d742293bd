//! PostHog's requests that are no events: scripts, configuration, lists, and the private routes of servers. And recordings
//! that do not leave, which are never held in memory.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use super::Sidecar;
use crate::client_address::Peer;
use crate::forward::{Answer, Outgoing, Pieces, Upstream};
use crate::headers::{AnswerTo, VendorHeaders, cors};
use crate::outcome::Outcome;
use crate::payload::posthog::answer;
use crate::payload::posthog::endpoint::{self, Endpoint, Optional};
use crate::payload::posthog::query::Query;
use crate::pipeline::Context;
use crate::reply::Reply;
use crate::telemetry::count;

impl Sidecar {
    /// A request that carries nothing to decide about a person.
    pub(super) async fn posthog_get(
        &self,
        context: &Context<'_>,
        endpoint: Endpoint,
        request: &Request<Incoming>,
        peer: Peer,
    ) -> Reply {
        let query = Query::of(request.uri().query());
        let tokens = context.upstream.tokens.as_slice();
        let ours = |token: &str| tokens.iter().any(|own| own == token);
        let foreign = |sidecar: &Self| {
            count(&sidecar.metrics.refused, "reason", "foreign_token");
            Reply::not_found()
        };
        if !query.all("token").chain(query.all("api_key")).all(ours) {
            return foreign(self);
        }
        let cors = cors::event(request.headers(), &context.site.pages.origins);
        match endpoint {
            Endpoint::Config { script } => match endpoint::project(context.path).filter(|token| ours(token)) {
                Some(token) => self.config(context, token, script).await,
                None => foreign(self),
            },
            // The bundle is the SDK behind the project's configuration; the SDK asks for its configuration itself.
            Endpoint::Bundle if !endpoint::project(context.path).is_some_and(ours) => foreign(self),
            Endpoint::Bundle => self.asset(context, request, "/static/array.js").await,
            Endpoint::Static => self.asset(context, request, context.path).await,
            Endpoint::Listing | Endpoint::Optional(Optional::Conversations) => {
                self.listing(context, endpoint, &query).await.headers(cors)
            }
            Endpoint::Optional(Optional::SiteApp) => {
                let way = context.upstream.way(endpoint);
                self.cached(way, context.path, None, request.headers()).await.headers(cors::asset())
            }
            Endpoint::Definitions | Endpoint::FlagConfig => {
                self.private(context, endpoint, request, &query, peer).await
            }
            _ => Reply::not_found(),
        }
    }

    /// `/array/<token>/config`, and the script that holds it. Always made from the vendor's JSON, so that no code of
    /// anybody's comes with it.
    async fn config(&self, context: &Context<'_>, token: &str, script: bool) -> Reply {
        let path = format!("/array/{token}/config");
        let way = context.upstream.way(Endpoint::Config { script });
        let Reply { status, mut headers, body } = self.cached(way, &path, None, &HeaderMap::new()).await;
        let events = context.opaque_events();
        let config = std::str::from_utf8(&body)
            .ok()
            .and_then(|text| answer::restricted(text, context.upstream.allowed, events.as_deref()));
        let (StatusCode::OK, Some(config)) = (status, config) else {
            count(&self.metrics.upstream_errors, "kind", "config");
            return Reply::text(StatusCode::BAD_GATEWAY, "the configuration is not available\n").headers(cors::asset());
        };
        headers.remove(http::header::ETAG);
        headers.remove(http::header::VARY);
        headers.remove(http::header::LAST_MODIFIED);
        let (kind, body) = match script {
            true => {
                let config = String::from_utf8(config).unwrap_or_default();
                ("application/javascript; charset=utf-8", Bytes::from(answer::config_script(token, &config)))
            }
            false => ("application/json", Bytes::from(config)),
        };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        Reply { status, headers, body }.headers(cors::asset())
    }

    /// `/static/...js`: JavaScript or nothing.
    async fn asset(&self, context: &Context<'_>, request: &Request<Incoming>, path: &str) -> Reply {
        let way = context.upstream.way(Endpoint::Static);
        self.cached(way, path, request.uri().query(), request.headers()).await.headers(cors::asset())
    }

    /// Lists of surveys, features and experiments: JSON or nothing. They are the same for everybody of a project.
    async fn listing(&self, context: &Context<'_>, endpoint: Endpoint, query: &Query<'_>) -> Reply {
        let path = match query.outgoing() {
            query if query.is_empty() => context.path.to_owned(),
            query => format!("{}?{query}", context.path),
        };
        let way = context.upstream.way(endpoint);
        match self.fetch(way, &path, VendorHeaders::asset(None)).await {
            Some(answer) if is_json(&answer) || answer.status == StatusCode::NOT_MODIFIED => {
                Reply { status: answer.status, headers: answer.headers, body: answer.body }.nosniff()
            }
            Some(_) => {
                count(&self.metrics.upstream_errors, "kind", "listing");
                Reply::text(StatusCode::BAD_GATEWAY, "not available\n")
            }
            None => Reply::text(StatusCode::BAD_GATEWAY, "not available\n"),
        }
    }

    /// The two routes with a private key: for servers of the application only.
    async fn private(
        &self,
        context: &Context<'_>,
        endpoint: Endpoint,
        request: &Request<Incoming>,
        query: &Query<'_>,
        peer: Peer,
    ) -> Reply {
        if !context.upstream.lane.trusts(peer, request.headers()) {
            count(&self.metrics.refused, "reason", "untrusted");
            return Reply::not_found();
        }
        if !request.headers().contains_key(AUTHORIZATION) {
            return Reply::text(StatusCode::UNAUTHORIZED, "a private key is missing\n");
        }
        let path = match query.outgoing() {
            query if query.is_empty() => context.path.to_owned(),
            query => format!("{}?{query}", context.path),
        };
        let agent = request.headers().get(USER_AGENT).cloned().unwrap_or(HeaderValue::from_static("bauta"));
        let way = context.upstream.way(endpoint);
        match self.fetch(way, &path, VendorHeaders::private(request.headers(), agent)).await {
            Some(answer) => Reply { status: answer.status, headers: answer.headers, body: answer.body }.nosniff(),
            None => Reply::text(StatusCode::BAD_GATEWAY, "the vendor did not answer\n"),
        }
    }

    async fn fetch(&self, way: &Upstream, path: &str, headers: VendorHeaders) -> Option<Answer> {
        let target: PathAndQuery = path.parse().ok()?;
        let to = AnswerTo::Flags;
        let outgoing = Outgoing { method: Method::GET, target, headers, body: Pieces::default(), to };
        match way.send(outgoing).await {
            Ok(answer) => Some(answer),
            Err(error) => {
                count(&self.metrics.upstream_errors, "kind", error.word());
                None
            }
        }
    }

    /// A recording that does not leave: read to its end so that the client sees its success, and never kept.
    pub(super) async fn drain(&self, context: &Context<'_>, request: Request<Incoming>, most: usize) -> Reply {
        let beacon = Query::of(request.uri().query()).is_beacon();
        let mut body = request.into_body();
        let mut read = 0_usize;
        let reading = async {
            while let Some(frame) = body.frame().await {
                let Ok(frame) = frame else { return false };
                read = read.saturating_add(frame.data_ref().map_or(0, Bytes::len));
                if read > most {
                    return true;
                }
            }
            true
        };
        let whole = tokio::time::timeout(context.runtime.body_time, reading).await.unwrap_or(false);
        if read > most {
            context.upstream.books.refuse(Outcome::TooLarge);
            return Reply::text(StatusCode::PAYLOAD_TOO_LARGE, "payload too large\n");
        }
        if !whole {
            count(&self.metrics.refused, "reason", "body_broken");
            return Reply::text(StatusCode::BAD_REQUEST, "the body was not complete\n");
        }
        context.upstream.books.refuse(Outcome::Recording);
        if beacon {
            return Reply { status: StatusCode::NO_CONTENT, headers: HeaderMap::new(), body: Bytes::new() };
        }
        Reply::with(StatusCode::OK, "application/json", Bytes::from_static(answer::OK.as_bytes()))
    }
}

fn is_json(answer: &Answer) -> bool {
    let kind = answer.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    answer.status.is_success() && kind.starts_with("application/json")
}
