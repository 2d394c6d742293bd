//! The loud report about an untrusted proxy: once per hop and interval, in a table that cannot grow.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::Forwarder;
use crate::clock::UnixMillis;

/// How many different hops are remembered; a pod network has a handful of proxies.
const HOPS: usize = 64;

/// Remembers which hops were reported, and when.
#[derive(Debug)]
pub struct Reports {
    interval: Duration,
    told: Mutex<Vec<(Forwarder, UnixMillis)>>,
}

impl Reports {
    /// Reports each hop at most once per `interval`.
    #[must_use]
    pub fn every(interval: Duration) -> Self {
        Self { interval, told: Mutex::new(Vec::new()) }
    }

    /// Logs a warning with the line to add, if this hop is due. Returns whether it did.
    ///
    /// The address in the log is that of a peer on a private network which forwards for others: a proxy's.
    pub fn note(&self, forwarder: Forwarder, now: UnixMillis) -> bool {
        if !self.due(forwarder, now) {
            return false;
        }
        let line = format!("trusted_proxies = [\"{}\"]", forwarder.entry());
        tracing::warn!(
            add = %line,
            "an untrusted peer on a private network sends X-Forwarded-For or Forwarded: all its visitors are seen \
             as one address, and the per-address quota is suspended for it; if it is your proxy, add the line to [listen]"
        );
        true
    }

    fn due(&self, forwarder: Forwarder, now: UnixMillis) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|(_, at)| at.after(self.interval) > now);
        let due = told.len() < HOPS && !told.iter().any(|(known, _)| *known == forwarder);
        if due {
            told.push((forwarder, now));
        }
        due
    }
}
