//! `--on-bad-config=drop`: the page and the pod must not suffer from a broken configuration.
//!
//! Without a configuration it is not known which vendor a request is for. A path that ends like Plausible's gets
//! Plausible's 202; everything else gets 200, which PostHog's clients take for success and do not repeat.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;

use crate::reply::Reply;
use crate::server::body::whole;
use crate::server::{Arrival, Body, Handler};

/// Answers success and forwards nothing.
#[derive(Debug, Default)]
pub struct Dropper(AtomicU64);

impl Dropper {
    /// The metrics page of this state.
    #[must_use]
    pub fn render_metrics(&self) -> String {
        format!(
            "# TYPE bauta_config_last_reload_successful gauge\nbauta_config_last_reload_successful 0\n\
             # TYPE bauta_requests_dropped counter\nbauta_requests_dropped_total {}\n# EOF\n",
            self.0.load(Ordering::Relaxed)
        )
    }
}

impl Handler for Dropper {
    async fn handle(self: Arc<Self>, request: Request<Incoming>, _: Arrival) -> Response<Body> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let path = request.uri().path();
        let reply = match *request.method() {
            Method::OPTIONS => Reply::text(StatusCode::NO_CONTENT, ""),
            _ if path.ends_with("/api/event") => Reply::plausible_ok(),
            _ if path.ends_with(".js") => {
                Reply::text(StatusCode::OK, "").header(CONTENT_TYPE, HeaderValue::from_static("application/javascript"))
            }
            _ => Reply::text(StatusCode::OK, "ok"),
        };
        let mut response = Response::new(whole(reply.body));
        *response.status_mut() = reply.status;
        *response.headers_mut() = reply.headers;
        response
    }
}
