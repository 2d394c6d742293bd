//! A strict stand-in for the vendor PostHog: it refuses what the real service refuses, and shows what arrived.
//!
//! Promise: routes, decoding order, token and id rules, answers and limits are those of the public source
//! (PostHog/posthog `rust/capture`, `rust/feature-flags`, 2025-2026) and of the vendor's documentation; it shares no
//! code with the pipeline that it judges. Input: HTTP/1.1 requests, as a vendor gets them. Output: the vendor's
//! answers, and everything received, in process ([`Stand::events`], [`PostHog::flag_calls`],
//! [`Stand::requests`]) and over HTTP for tests in other languages:
//!
//! | request | answer |
//! |---|---|
//! | `GET /_events` | the stored events as JSON; `?count=3&wait=5000` waits up to 5000 ms for three |
//! | `GET /_flags` | the flag evaluations as JSON |
//! | `GET /_requests` | every request as JSON, with what its body decoded to |
//! | `DELETE /_events` | 204; all three are empty again |
//!
//! Differences from the service: no account exists, so [`Rules`] says which tokens, flags, quotas and modes there
//! are; geography, property types and the clocks' skew are not imitated. Memory is bounded in requests and in bytes.

mod assets;
mod body;
mod capture;
mod cookieless;
mod definitions;
mod desk;
mod event;
mod flags;
mod form;
mod persons;
mod record;
mod reply;
mod rules;
mod stream;
mod v1;

use self::desk::Desk;
use super::stand::Stand;

pub use self::record::{Discard, FlagCall, Received, StoredEvent};
pub use self::rules::{Bucket, Cookieless, Flag, Rules, Serves};

/// A running stand-in of PostHog. It stops when it is dropped.
pub type PostHog = Stand<Desk>;

impl PostHog {
    /// The flag evaluations, oldest first.
    #[must_use]
    pub fn flag_calls(&self) -> Vec<FlagCall> {
        self.desk.state().log.flags.iter().cloned().collect()
    }

    /// Whether the vendor would show two ids as one person.
    #[must_use]
    pub fn same_person(&self, token: &str, one: &str, other: &str) -> bool {
        self.desk.state().persons.same(token, one, other)
    }
}

#[cfg(test)]
mod tests;
