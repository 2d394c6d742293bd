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
#[path = "posthog/lane.rs"]
mod lane;
#[path = "posthog/memory.rs"]
mod memory;
#[path = "posthog/modes.rs"]
mod modes;
#[path = "posthog/rollout.rs"]
mod rollout;
#[path = "posthog/tokens.rs"]
mod tokens;
