//! A strict stand-in for the vendor Plausible: it refuses what the real service refuses, and shows what arrived.
//!
//! Promise: content types, limits, aliases, answers and the client-address rule are those of the public source
//! (plausible/analytics, May 2026); it shares no code with the pipeline that it judges. Input: HTTP/1.1 requests,
//! as a vendor gets them. Output: the vendor's answers, and everything received, in process
//! ([`Stand::events`], [`Stand::requests`]) and over HTTP for tests in other languages:
//!
//! | request | answer |
//! |---|---|
//! | `GET /_events` | the stored events as JSON; `?count=3&wait=5000` waits up to 5000 ms for three |
//! | `GET /_requests` | every request as JSON |
//! | `DELETE /_events` | 204; both are empty again |
//!
//! Differences from the service: revenue is stored without a goal, a name is measured in code points, and the
//! account settings that discard events are [`Rules`].

mod address;
mod body;
mod desk;
mod filter;
mod form;
mod json;
mod location;
mod props;
mod record;
mod script;
mod submission;

use self::desk::Desk;
use super::stand::Stand;

pub use self::filter::{Fate, Rules};
pub use self::props::{Props, Revenue};
pub use self::record::{Discard, Received, StoredEvent};

/// A running stand-in of Plausible. It stops when it is dropped.
pub type Vendor = Stand<Desk>;

#[cfg(test)]
mod tests;
