//! What a step may know about the request besides the candidate itself.

use std::net::IpAddr;

use tokio::time::Instant;

use super::pick::Others;
use crate::clock::UnixMillis;

/// The circumstances of one read.
pub(crate) struct Context<'a> {
    /// The time.
    pub(crate) now: UnixMillis,
    /// When whoever waits for something gives up.
    pub(crate) until: Instant,
    /// Whom expensive work is charged to.
    pub(crate) address: Option<IpAddr>,
    /// The other cookies of the request.
    pub(crate) others: Others<'a>,
}
