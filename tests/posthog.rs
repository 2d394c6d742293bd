//! What bauta promises to a project of PostHog's, each through the running binary and a strict stand-in of the vendor.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test that panics fails, which is what it is for"
)]

mod support;

#[path = "posthog/world.rs"]
mod world;

#[path = "posthog/bombs.rs"]
mod bombs;
#[path = "posthog/heat_maps.rs"]
mod heat_maps;
#[path = "posthog/joins.rs"]
mod joins;
#[path = "posthog/lane.rs"]
mod lane;
#[path = "posthog/lookup.rs"]
mod lookup;
#[path = "posthog/memory.rs"]
mod memory;
#[path = "posthog/modes.rs"]
mod modes;
#[path = "posthog/recordings.rs"]
mod recordings;
#[path = "posthog/rollout.rs"]
mod rollout;
#[path = "posthog/tokens.rs"]
mod tokens;
