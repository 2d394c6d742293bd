//! What a listener counts. Plain atomics: the metrics page reads them, nobody else does.

use std::sync::atomic::{AtomicU64, Ordering};

/// Why a connection or request was turned away before any handler saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// No byte arrived in time, or the TLS handshake was not finished in time.
    Silent,
    /// A head was begun and not finished in time (408).
    HeadTime,
    /// The connection stayed idle for too long.
    Idle,
    /// The peer did not read what we wrote.
    Stalled,
    /// A handler did not finish in time.
    AnswerTime,
    /// The TLS handshake failed.
    Tls,
    /// The bytes are no HTTP (400).
    Syntax,
    /// The head has too many bytes (431).
    HeadSize,
    /// The head has too many fields (431).
    HeadFields,
    /// Not exactly one well-formed `Host` that agrees with the target (400).
    Host,
    /// A target that is not in its normal form (400).
    Target,
    /// A method nobody here answers (405).
    Method,
    /// An expectation other than `100-continue` (417).
    Expectation,
    /// Too many requests in flight (503).
    Overloaded,
}

impl Refusal {
    /// Every reason, in the order of the metrics page.
    pub const ALL: [Self; 14] = [
        Self::Silent,
        Self::HeadTime,
        Self::Idle,
        Self::Stalled,
        Self::AnswerTime,
        Self::Tls,
        Self::Syntax,
        Self::HeadSize,
        Self::HeadFields,
        Self::Host,
        Self::Target,
        Self::Method,
        Self::Expectation,
        Self::Overloaded,
    ];

    /// The word in metrics and logs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::HeadTime => "head_time",
            Self::Idle => "idle",
            Self::Stalled => "stalled",
            Self::AnswerTime => "answer_time",
            Self::Tls => "tls",
            Self::Syntax => "syntax",
            Self::HeadSize => "head_size",
            Self::HeadFields => "head_fields",
            Self::Host => "host",
            Self::Target => "target",
            Self::Method => "method",
            Self::Expectation => "expectation",
            Self::Overloaded => "overloaded",
        }
    }
}

/// The counters of one listener.
#[derive(Debug, Default)]
pub struct Counters {
    accepted: AtomicU64,
    open: AtomicU64,
    in_flight: AtomicU64,
    panics: AtomicU64,
    accept_errors: AtomicU64,
    refused: [AtomicU64; Refusal::ALL.len()],
}

impl Counters {
    /// Connections accepted since start.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Connections open now.
    #[must_use]
    pub fn open(&self) -> u64 {
        self.open.load(Ordering::Relaxed)
    }

    /// Requests being worked on now, until their answer is there, or, when it is streamed, is sent.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Panics contained since start.
    #[must_use]
    pub fn panics(&self) -> u64 {
        self.panics.load(Ordering::Relaxed)
    }

    /// Failures of `accept` since start, such as too many open files.
    #[must_use]
    pub fn accept_errors(&self) -> u64 {
        self.accept_errors.load(Ordering::Relaxed)
    }

    /// How often this reason applied since start.
    #[must_use]
    pub fn refused(&self, why: Refusal) -> u64 {
        self.refused.get(why as usize).map_or(0, |count| count.load(Ordering::Relaxed))
    }

    pub(super) fn refuse(&self, why: Refusal) {
        if let Some(count) = self.refused.get(why as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn opened(&self) {
        self.accepted.fetch_add(1, Ordering::Relaxed);
        self.open.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn closed(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn accept_error(&self) {
        self.accept_errors.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn panic(&self) {
        self.panics.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes one of `most` places for a request; false when there is none.
    pub(super) fn enter(&self, most: u64) -> bool {
        let room = self.in_flight.fetch_add(1, Ordering::Relaxed) < most;
        if !room {
            self.leave();
        }
        room
    }

    pub(super) fn leave(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
