//! The deadlines of one connection, kept beside the HTTP machinery because that has none of its own that fit.
//!
//! A connection is in one of four phases: *silent* (nothing came yet), *head* (a request has begun to come), *busy*
//! (requests are being answered) and *idle*. Each has a deadline from when it began, however many bytes trickle in
//! meanwhile; PING floods and the like are no request and keep nothing open. Besides, the peer must read what we
//! wrote. [`Watched`] sees the bytes, the service says when requests begin and end, and whoever drives the
//! connection asks [`Watch::overdue`].

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::counters::Refusal;
use super::settings::Settings;

/// How long a peer may take to notice that we are closing, and how long we read on after we closed our side so that
/// an answer to a body we did not read is not lost in a reset (RFC 9112 section 9.6).
const FAREWELL: Duration = Duration::from_secs(1);

/// Which protocol is spoken: bytes on an idle HTTP/1.1 connection begin a request, on h2 they may be anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    H2,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Silent,
    Head,
    Busy,
    Idle,
}

/// The state of one connection that has a deadline.
pub(super) struct Watch {
    protocol: Protocol,
    settings: Arc<Settings>,
    state: Mutex<State>,
}

struct State {
    phase: Phase,
    since: Instant,
    requests: u32,
    /// Answers that an h2 peer has not taken yet, oldest first; at most one per stream.
    answers: Vec<(u64, Instant)>,
    next_answer: u64,
    blocked: Option<Instant>,
    closing: Option<Instant>,
    linger: bool,
}

impl Watch {
    pub(super) fn new(protocol: Protocol, settings: Arc<Settings>) -> Arc<Self> {
        let state = State {
            phase: Phase::Silent,
            since: Instant::now(),
            requests: 0,
            answers: Vec::new(),
            next_answer: 0,
            blocked: None,
            closing: None,
            linger: false,
        };
        Arc::new(Self { protocol, settings, state: Mutex::new(state) })
    }

    /// A request's head is complete.
    pub(super) fn begin(&self) {
        let mut state = self.state();
        state.requests += 1;
        state.enter(Phase::Busy);
        state.linger = false;
    }

    /// A request's answer is handed over, or given up.
    pub(super) fn end(&self) {
        let mut state = self.state();
        state.requests = state.requests.saturating_sub(1);
        if state.requests == 0 {
            state.enter(Phase::Idle);
        }
    }

    /// A whole answer is handed over on h2, where the peer's window decides when it leaves: the time runs until
    /// [`Self::taken`]. On HTTP/1.1 a peer that does not read shows as a write that cannot go on.
    pub(super) fn handed_over(&self) -> Option<u64> {
        if self.protocol == Protocol::Http1 {
            return None;
        }
        let mut state = self.state();
        let number = state.next_answer;
        state.next_answer += 1;
        state.answers.push((number, Instant::now()));
        Some(number)
    }

    /// The peer has taken an answer, or it is given up.
    pub(super) fn taken(&self, number: u64) {
        self.state().answers.retain(|(other, _)| *other != number);
    }

    /// The largest piece in which answers are handed to the protocol. h2 takes a piece as soon as the peer's window
    /// is not empty and keeps it in memory until it is sent, so pieces are small there.
    pub(super) fn largest_piece(&self) -> usize {
        match self.protocol {
            Protocol::Http1 => usize::MAX,
            Protocol::H2 => 16 * 1024,
        }
    }

    /// The answer was given without reading the body: read on for a moment after closing.
    pub(super) fn linger(&self) {
        self.state().linger = true;
    }

    /// We have begun to close the connection.
    pub(super) fn closing(&self) {
        self.state().closing.get_or_insert_with(Instant::now);
    }

    /// Waits until a deadline has passed.
    pub(super) async fn overdue(&self) -> Refusal {
        let mut sleep = pin!(sleep_until(self.deadline().0));
        poll_fn(|cx| {
            // A later deadline waits until the timer fires; only an earlier one is worth a timer operation now.
            let (at, _) = self.deadline();
            if at < sleep.deadline() {
                sleep.as_mut().reset(at);
            }
            loop {
                ready!(sleep.as_mut().poll(cx));
                let (at, why) = self.deadline();
                if at <= Instant::now() {
                    return Poll::Ready(why);
                }
                sleep.as_mut().reset(at);
            }
        })
        .await
    }

    /// The next deadline, and what it means when it passes.
    fn deadline(&self) -> (Instant, Refusal) {
        let state = self.state();
        let settings = &self.settings;
        let (length, why) = match state.phase {
            Phase::Silent => (settings.first_byte, Refusal::Silent),
            Phase::Head => (settings.head_time, Refusal::HeadTime),
            Phase::Busy => (settings.answer, Refusal::AnswerTime),
            Phase::Idle => (settings.idle, Refusal::Idle),
        };
        let mut next = (state.since + length, why);
        let untaken = state.answers.first().map(|(_, since)| *since);
        let unread = [state.blocked, untaken].into_iter().flatten().min();
        if let Some(unread) = unread.map(|since| since + settings.body_time).filter(|at| *at < next.0) {
            next = (unread, Refusal::Stalled);
        }
        if let Some(closing) = state.closing.map(|since| since + FAREWELL).filter(|_| state.requests == 0) {
            next = (closing, why);
        }
        next
    }

    fn received(&self) {
        let mut state = self.state();
        match (state.phase, self.protocol) {
            (Phase::Silent, _) | (Phase::Idle, Protocol::Http1) => state.enter(Phase::Head),
            _ => {}
        }
    }

    fn set_blocked(&self, blocked: bool) {
        self.state().blocked = blocked.then(Instant::now);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
    }
}

/// A stream whose bytes are seen by a [`Watch`].
pub(super) struct Watched<S> {
    stream: S,
    watch: Arc<Watch>,
    blocked: bool,
    farewell: Option<Pin<Box<Sleep>>>,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, watch: Arc<Watch>) -> Self {
        Self { stream, watch, blocked: false, farewell: None }
    }

    /// Notes whether a write could not go on.
    fn note<T>(&mut self, result: Poll<T>) -> Poll<T> {
        if result.is_pending() && !self.blocked {
            self.blocked = true;
            self.watch.set_blocked(true);
        }
        result
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.watch.received();
        }
        result
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.note(result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.note(result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// hyper calls this when all it had is written: only then has the peer kept up.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.stream).poll_flush(cx);
        if result.is_ready() && self.blocked {
            self.blocked = false;
            self.watch.set_blocked(false);
        }
        self.note(result)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.farewell.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            if !self.watch.state().linger {
                return Poll::Ready(Ok(()));
            }
        }
        let this = &mut *self;
        let farewell = this.farewell.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + FAREWELL)));
        let mut space = [0_u8; 4096];
        loop {
            let mut buf = ReadBuf::new(&mut space);
            match Pin::new(&mut this.stream).poll_read(cx, &mut buf) {
                Poll::Ready(Ok(())) if !buf.filled().is_empty() && !farewell.is_elapsed() => {}
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending => return farewell.as_mut().poll(cx).map(Ok),
            }
        }
    }
}
