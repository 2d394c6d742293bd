//! Probes and metrics: GET /livez /readyz /startupz /metrics, on a listener of their own that may bind anywhere.
//!
//! Promise: no answer depends on an upstream, a store or anybody's session. A sidecar that is unready because the
//! vendor is down takes the whole pod out of service; one that is dead for the same reason restarts in a loop.
//! *Live*: the process answers. *Started*: the configuration was loaded and the listener bound once. *Ready*: both,
//! and no drain has begun.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;

use super::body::{Body, whole};
use super::{Arrival, Handler};

/// The media type of OpenMetrics text.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What readiness is made of.
#[derive(Debug, Default)]
pub struct Readiness {
    bound: AtomicBool,
    loaded: AtomicBool,
    draining: AtomicBool,
}

impl Readiness {
    /// The visitors' listener is bound.
    pub fn set_bound(&self) {
        self.bound.store(true, Ordering::Relaxed);
    }

    /// The configuration is loaded, or the listener knowingly runs in drop mode.
    pub fn set_loaded(&self) {
        self.loaded.store(true, Ordering::Relaxed);
    }

    /// The drain begins: unready from here on, so that nothing new is sent while connections are still accepted.
    pub fn set_draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Why it is not started, if so.
    fn not_started(&self) -> Option<&'static str> {
        if !self.loaded.load(Ordering::Relaxed) {
            Some("the configuration is not loaded")
        } else if !self.bound.load(Ordering::Relaxed) {
            Some("the listener is not bound")
        } else {
            None
        }
    }

    /// Why it is not ready, if so.
    #[must_use]
    pub fn not_ready(&self) -> Option<&'static str> {
        self.not_started().or_else(|| self.draining.load(Ordering::Relaxed).then_some("draining"))
    }
}

/// The handler of the `[health]` listener.
pub struct Health {
    readiness: Arc<Readiness>,
    metrics: Box<dyn Fn() -> String + Send + Sync>,
}

impl Health {
    /// `metrics` makes the OpenMetrics text at every scrape.
    #[must_use]
    pub fn new(readiness: Arc<Readiness>, metrics: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self { readiness, metrics: Box::new(metrics) }
    }

    /// Answers by method and path alone.
    #[must_use]
    pub fn answer(&self, method: &Method, path: &str) -> Response<Body> {
        let probe = |problem: Option<&'static str>| match problem {
            None => text(StatusCode::OK, "ok\n".to_owned()),
            Some(problem) => text(StatusCode::SERVICE_UNAVAILABLE, format!("{problem}\n")),
        };
        let known = matches!(path, "/livez" | "/readyz" | "/startupz" | "/metrics");
        if known && method != Method::GET {
            let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "GET only\n".to_owned());
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET"));
            return response;
        }
        match path {
            "/livez" => probe(None),
            "/readyz" => probe(self.readiness.not_ready()),
            "/startupz" => probe(self.readiness.not_started()),
            "/metrics" => {
                let mut response = text(StatusCode::OK, (self.metrics)());
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(OPENMETRICS));
                response
            }
            _ => text(StatusCode::NOT_FOUND, "not found\n".to_owned()),
        }
    }
}

impl Handler for Health {
    async fn handle(self: Arc<Self>, request: Request<Incoming>, _: Arrival) -> Response<Body> {
        self.answer(request.method(), request.uri().path())
    }
}

fn text(status: StatusCode, line: String) -> Response<Body> {
    let mut response = Response::new(whole(line));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statuses(health: &Health) -> [u16; 3] {
        ["/livez", "/startupz", "/readyz"].map(|path| health.answer(&Method::GET, path).status().as_u16())
    }

    #[test]
    fn probes_follow_start_and_drain() {
        let readiness = Arc::new(Readiness::default());
        let health = Health::new(Arc::clone(&readiness), String::new);
        assert_eq!(statuses(&health), [200, 503, 503]);
        readiness.set_loaded();
        assert_eq!(statuses(&health), [200, 503, 503]);
        readiness.set_bound();
        assert_eq!(statuses(&health), [200, 200, 200]);
        readiness.set_draining();
        assert_eq!(statuses(&health), [200, 200, 503]);
    }

    #[test]
    fn only_get_and_only_these_paths() {
        let health = Health::new(Arc::default(), || "# EOF\n".to_owned());
        for method in [Method::POST, Method::HEAD, Method::OPTIONS, Method::DELETE] {
            let refused = health.answer(&method, "/metrics");
            assert_eq!(
                (refused.status().as_u16(), refused.headers().get(ALLOW).unwrap().to_str().unwrap()),
                (405, "GET")
            );
        }
        for path in ["/", "/metrics/", "/Livez", "/consent/invalidate"] {
            assert_eq!(health.answer(&Method::GET, path).status(), 404);
        }
        let metrics = health.answer(&Method::GET, "/metrics");
        assert_eq!(metrics.headers().get(CONTENT_TYPE).unwrap(), OPENMETRICS);
    }
}
