//! One request of one connection: sanity, a permit, the handler, and what happens when it panics.

use std::convert::Infallible;
use std::error::Error;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{ALLOW, CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Request, Response, StatusCode, Version};
use http_body::{Frame, SizeHint};
use hyper::body::{Body as _, Incoming};

use super::body::{Body, whole};
use super::counters::{Counters, Refusal};
use super::watch::Watch;
use super::{Arrival, Handler, sanity};

/// What the requests of one connection share.
pub(super) struct Line<H> {
    pub(super) handler: Arc<H>,
    pub(super) counters: Arc<Counters>,
    pub(super) watch: Arc<Watch>,
    pub(super) from: Arrival,
    /// The most requests in flight on the whole listener.
    pub(super) in_flight: u64,
    /// The most header fields of a request.
    pub(super) fields: usize,
}

impl<H: Handler> Line<H> {
    /// Answers one request. Never fails: what goes wrong has a status.
    pub(super) async fn answer(
        self: Arc<Self>,
        mut request: Request<Incoming>,
    ) -> Result<Response<Counted>, Infallible> {
        let mut turn = Turn::begin(&self.watch, &self.counters);
        let (version, has_body) = (request.version(), !request.body().is_end_stream());
        let admitted = sanity::check(&mut request, self.fields)
            .and_then(|()| if turn.enter(self.in_flight) { Ok(()) } else { Err(Refusal::Overloaded) });
        let response = match admitted {
            Ok(()) => self.contained(request).await.unwrap_or_else(|| broken(version)),
            Err(why) => {
                self.counters.refuse(why);
                refused(why, version)
            }
        };
        if has_body && !response.status().is_success() {
            self.watch.linger();
        }
        Ok(response.map(|body| Counted { body, _turn: turn }))
    }

    /// Runs the handler; `None` when it panicked.
    async fn contained(&self, request: Request<Incoming>) -> Option<Response<Body>> {
        let handler = Arc::clone(&self.handler);
        let from = self.from;
        let mut answer = pin!(async move { handler.handle(request, from).await });
        // The future is not polled again after a panic, and what it shared is built to survive one: locks here and
        // in the handlers recover from poisoning.
        poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Some),
            Err(_) => {
                self.counters.panic();
                Poll::Ready(None)
            }
        })
        .await
    }
}

/// Turns a request away. The connection ends with it, since its next bytes may mean to the client what they do not
/// mean to us; only a front end that sent too much at once keeps its connections.
fn refused(why: Refusal, version: Version) -> Response<Body> {
    let mut response = text(sanity::status(why), why.word());
    if why == Refusal::Overloaded {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        return response;
    }
    if why == Refusal::Method {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD, POST, OPTIONS"));
    }
    closing(response, version)
}

/// Ends an HTTP/1.1 connection with this answer; h2 has no such field.
fn closing(mut response: Response<Body>, version: Version) -> Response<Body> {
    if version <= Version::HTTP_11 {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// What a panic looks like from outside. The connection ends; nothing on it can be trusted to be in step.
fn broken(version: Version) -> Response<Body> {
    closing(text(StatusCode::INTERNAL_SERVER_ERROR, "internal error"), version)
}

fn text(status: StatusCode, line: &'static str) -> Response<Body> {
    let mut response = Response::new(whole(line));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// A request's place, held until its answer is handed to the connection or given up.
struct Turn {
    watch: Arc<Watch>,
    counters: Arc<Counters>,
    entered: bool,
}

impl Turn {
    fn begin(watch: &Arc<Watch>, counters: &Arc<Counters>) -> Self {
        watch.begin();
        Self { watch: Arc::clone(watch), counters: Arc::clone(counters), entered: false }
    }

    fn enter(&mut self, most: u64) -> bool {
        self.entered = self.counters.enter(most);
        self.entered
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.entered {
            self.counters.leave();
        }
        self.watch.end();
    }
}

/// An answer's body that holds the request's place.
pub(super) struct Counted {
    body: Body,
    _turn: Turn,
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
