//! What the stages do with PostHog's requests: the vendor's half of decode, identity and forward.

mod decode;
mod deliver;
mod identify;
mod joins;
mod opaque;
mod people;

pub(super) use decode::decode;
pub use decode::refusal;
pub(super) use deliver::deliver;
pub(super) use identify::{Seen, Treated, edit, treat};
pub(super) use joins::Said;
pub(super) use opaque::end_recordings;
pub(super) use people::{Named, People, people};

use crate::payload::posthog::endpoint::Endpoint;

/// What the forward stage must know of how a request came.
#[derive(Debug, Clone)]
pub struct Wire {
    /// Where it came in, and goes.
    pub endpoint: Endpoint,
    /// The body was compressed, so what leaves is.
    pub packed: bool,
    /// The query that leaves.
    pub query: String,
    /// The page left: its answer is 204.
    pub beacon: bool,
    /// The version of a request for flags.
    pub version: Option<String>,
    /// It came from a server of the application.
    pub trusted: bool,
}
