//! Quota: fairness and cost. So many events per visitor, per address and per site; admission (what protects *us*)
//! is the listener's business.
//!
//! Promise: a decision in constant time and constant memory, whatever is sent. Input: keyed hashes made by
//! [`Keyer`], and governor's clock. Output: [`Decision`]. No I/O. What is remembered are points in time in an array
//! of a fixed size: no address, no user id and not even the hash of one is stored (see `quota/cells.rs`).
//!
//! Order: site, then address, then visitor. A refused event has used up its share of the scopes asked before it,
//! which only ever makes a flood end sooner.

mod cells;
mod keyer;
mod permit;

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{NotUntil, RateLimiter};

use self::cells::Cells;
use crate::config::file;
use crate::config::units::Rate;

pub use keyer::{Key, Keyer};
pub use permit::{Exceeded, Permitted};

/// Whose quota an event would exceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One visitor.
    Visitor,
    /// One IPv4 address or IPv6 /64 network.
    Address,
    /// The whole site.
    Site,
}

impl Scope {
    /// All scopes, in the order in which they are asked.
    pub const ALL: [Self; 3] = [Self::Site, Self::Address, Self::Visitor];

    /// The word in metrics and logs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Address => "address",
            Self::Site => "site",
        }
    }
}

/// Whether one event may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Decision {
    /// It may.
    Allowed,
    /// It may not.
    Refused {
        /// Whose quota is used up.
        scope: Scope,
        /// Whole seconds until one event would be allowed again, at least 1: the value of `Retry-After`.
        retry_after: u32,
    },
}

/// Who an event is counted for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sender {
    /// The visitor: [`Keyer::person`], else [`Keyer::browser`].
    pub visitor: Option<Key>,
    /// The address: [`Keyer::address`]. `None` while the per-address quota is suspended (an untrusted proxy sends
    /// everybody's events from one address, product invariant 8) or when there is no address.
    pub address: Option<Key>,
}

/// The quotas of one site.
pub struct Quota<C: Clock = MonotonicClock> {
    visitor: Keyed<C>,
    address: Keyed<C>,
    site: Option<RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<C::Instant>>>,
    clock: C,
}

type Keyed<C> = RateLimiter<Key, Cells, C, NoOpMiddleware<<C as Clock>::Instant>>;

impl Quota {
    /// Builds the quotas of a site on the machine's monotonic clock.
    #[must_use]
    pub fn build(shape: &file::Quota) -> Self {
        Self::with_clock(shape, MonotonicClock)
    }
}

impl<C: Clock + Clone> Quota<C> {
    /// Builds the quotas of a site on a given clock.
    #[must_use]
    pub fn with_clock(shape: &file::Quota, clock: C) -> Self {
        let keyed = |rate: Rate| RateLimiter::new(per(rate), Cells::for_keys(shape.keys), clock.clone());
        Self {
            visitor: keyed(shape.per_visitor),
            address: keyed(shape.per_address),
            site: shape.per_site.map(|rate| RateLimiter::new(per(rate), InMemoryState::default(), clock.clone())),
            clock: clock.clone(),
        }
    }

    /// Counts one event and decides on it. A request with several events asks once for each, in order.
    pub fn ask(&self, sender: &Sender) -> Decision {
        match self.count(sender) {
            Ok(()) => Decision::Allowed,
            Err((scope, not_until)) => {
                let wait = not_until.wait_time_from(self.clock.now());
                Decision::Refused { scope, retry_after: whole_seconds(wait) }
            }
        }
    }

    fn count(&self, sender: &Sender) -> Result<(), (Scope, NotUntil<C::Instant>)> {
        if let Some(site) = &self.site {
            site.check().map_err(|not_until| (Scope::Site, not_until))?;
        }
        if let Some(key) = &sender.address {
            self.address.check_key(key).map_err(|not_until| (Scope::Address, not_until))?;
        }
        if let Some(key) = &sender.visitor {
            self.visitor.check_key(key).map_err(|not_until| (Scope::Visitor, not_until))?;
        }
        Ok(())
    }
}

/// A rate as governor's quota: all of a period's events may come at once, and come back evenly.
fn per(rate: Rate) -> governor::Quota {
    let count = NonZeroU32::new(rate.count).unwrap_or(NonZeroU32::MIN);
    let each = (rate.per / count.get()).max(Duration::from_nanos(1));
    governor::Quota::with_period(each).map_or(governor::Quota::per_second(count), |quota| quota.allow_burst(count))
}

fn whole_seconds(wait: Duration) -> u32 {
    let up = u64::from(wait.subsec_nanos() > 0);
    u32::try_from(wait.as_secs().saturating_add(up)).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests;
