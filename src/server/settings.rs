//! Caps and deadlines of a listener.

use std::time::Duration;

use crate::config::fault::{Faults, KeyPath};
use crate::config::file::Limits;

/// The smallest head cap: hyper's read buffer is not made smaller than this.
const LEAST_HEAD: u64 = 8 * 1024;
/// The largest head cap.
const MOST_HEAD: u64 = 1024 * 1024;

/// The head cap for operators: probes and tools send small heads.
const OPERATOR_HEAD: usize = 16 * 1024;

/// What a listener allows. Every wait has an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Open connections; further ones wait in the kernel's queue.
    pub connections: usize,
    /// Requests being worked on; further ones get 503.
    pub in_flight: u64,
    /// Bytes of a request's head; more: 431.
    pub head: usize,
    /// Header fields of a request; more: 431.
    pub headers: usize,
    /// Until the first byte of a new connection, and for a TLS handshake.
    pub first_byte: Duration,
    /// Until a head that has begun is complete; then 408.
    pub head_time: Duration,
    /// Until a body is complete; then 408. Also how long a peer may take to read what we wrote.
    pub body_time: Duration,
    /// How long a connection may stay open without a request.
    pub idle: Duration,
    /// Until an answer is complete, however slow a handler is: a backstop, handlers have deadlines of their own.
    pub answer: Duration,
    /// For what is in flight when the drain begins.
    pub drain: Duration,
}

impl Settings {
    /// Reads `[limits]`. `at` is that table's key; values that cannot work are faults.
    pub fn build(limits: &Limits, at: &KeyPath, faults: &mut Faults) -> Self {
        let mut positive = |key: &str, value: u128| {
            if value == 0 {
                faults.push(at.key(key), "must be above zero", format!("leave {key} out to get the default"));
            }
        };
        positive("connections", limits.connections.into());
        positive("in_flight", limits.in_flight.into());
        positive("headers", limits.headers.into());
        positive("body", limits.body.0.into());
        positive("first_byte", limits.first_byte.0.as_nanos());
        positive("head_time", limits.head_time.0.as_nanos());
        positive("body_time", limits.body_time.0.as_nanos());
        positive("idle", limits.idle.0.as_nanos());
        if !(LEAST_HEAD..=MOST_HEAD).contains(&limits.head.0) {
            faults.push(at.key("head"), "must be between 8KiB and 1MiB", "write head = \"32KiB\"");
        }
        let size = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
        let body_time = limits.body_time.0;
        Self {
            connections: size(limits.connections.into()).clamp(1, tokio::sync::Semaphore::MAX_PERMITS),
            in_flight: limits.in_flight.into(),
            head: size(limits.head.0.clamp(LEAST_HEAD, MOST_HEAD)),
            headers: size(limits.headers.into()),
            first_byte: limits.first_byte.0,
            head_time: limits.head_time.0,
            body_time,
            idle: limits.idle.0,
            answer: body_time.saturating_add(Duration::from_secs(30)),
            drain: limits.drain.0,
        }
    }

    /// The same deadlines with the small caps of the probes' and the admin listener.
    #[must_use]
    pub fn for_operators(&self) -> Self {
        Self { connections: 64, in_flight: 16, head: OPERATOR_HEAD, ..self.clone() }
    }
}
