//! What the payload layer promises: it accepts what the vendors' parsers accept, changes only what an edit names, and
//! reads a Plausible event as Plausible does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that finds something else than it expects shall fail"
)]

#[path = "payload/bodies.rs"]
mod bodies;
#[path = "payload/editing.rs"]
mod editing;
#[path = "payload/events.rs"]
mod events;
#[path = "payload/props.rs"]
mod props;
#[path = "payload/scanning.rs"]
mod scanning;
#[path = "payload/support.rs"]
mod support;
#[path = "payload/travelling.rs"]
mod travelling;
