//! One request of one connection: sanity, a permit, the handler, and what happens when it panics.

use std::convert::Infallible;
use std::error::Error;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::{ALLOW, CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Request, Response, StatusCode, Version};
use http_body::{Frame, SizeHint};
use http_body_util::Either;
use hyper::body::{Body as _, Incoming};

use super::body::{Body, Held, Room, whole};
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
    /// Memory for large answers that are not taken yet, of the whole listener.
    pub(super) untaken: Arc<Room>,
}

/// Whole answers up to this size are handed over without asking for room: they are as many as there are streams.
const SMALL_ANSWER: u64 = 4 * 1024;

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
        Ok(self.hand_over(response, turn, version))
    }

    /// A whole answer gives up its request's place: what a peer does not read must not keep others from being
    /// heard. A streamed one keeps it, since it is still being worked on.
    fn hand_over(&self, response: Response<Body>, mut turn: Turn, version: Version) -> Response<Counted> {
        let response = match response.body() {
            Either::Right(_) => response,
            Either::Left(body) => {
                let size = body.size_hint().lower();
                turn.held = if size > SMALL_ANSWER { self.untaken.take(size) } else { None };
                let room = size <= SMALL_ANSWER || turn.held.is_some();
                turn.leave();
                turn.untaken = self.watch.handed_over();
                if room {
                    response
                } else {
                    self.counters.refuse(Refusal::Overloaded);
                    refused(Refusal::Overloaded, version)
                }
            }
        };
        let largest = self.watch.largest_piece();
        response.map(|body| Counted { body, rest: Bytes::new(), largest, _turn: turn })
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

/// What a request takes: its place until its answer is there, and the connection's attention and the answer's memory
/// until the answer is taken or given up.
struct Turn {
    watch: Arc<Watch>,
    counters: Arc<Counters>,
    entered: bool,
    untaken: Option<u64>,
    held: Option<Held>,
}

impl Turn {
    fn begin(watch: &Arc<Watch>, counters: &Arc<Counters>) -> Self {
        watch.begin();
        let (watch, counters) = (Arc::clone(watch), Arc::clone(counters));
        Self { watch, counters, entered: false, untaken: None, held: None }
    }

    fn enter(&mut self, most: u64) -> bool {
        self.entered = self.counters.enter(most);
        self.entered
    }

    fn leave(&mut self) {
        if std::mem::take(&mut self.entered) {
            self.counters.leave();
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.leave();
        if let Some(number) = self.untaken {
            self.watch.taken(number);
        }
        self.watch.end();
    }
}

/// An answer's body that holds the request's [`Turn`] and comes in pieces of a largest size.
pub(super) struct Counted {
    body: Body,
    rest: Bytes,
    largest: usize,
    _turn: Turn,
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.rest.is_empty() {
            let frame = match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => frame,
                end => return Poll::Ready(end),
            };
            match frame.into_data() {
                Ok(data) => self.rest = data,
                Err(other) => return Poll::Ready(Some(Ok(other))),
            }
        }
        let length = self.rest.len().min(self.largest);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = u64::try_from(self.rest.len()).unwrap_or(u64::MAX);
        let body = self.body.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(body.lower().saturating_add(rest));
        if let Some(upper) = body.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint
    }
}
