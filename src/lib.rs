//! bauta: a consent-aware, pseudonymising reverse proxy in front of Plausible and PostHog.
//!
//! The modules:

#![cfg_attr(test, allow(clippy::string_slice, reason = "a test that slices badly fails, which is what it is for"))]

pub mod accounts;
pub mod aliases;
pub mod arrived;
pub mod assets;
pub mod audit;
pub mod backend;
pub mod books;
pub mod cli;
pub mod client_address;
pub mod clock;
pub mod config;
pub mod consent;
pub mod cookies;
pub mod demo;
pub mod forward;
pub mod headers;
pub mod identity;
pub mod level;
pub mod numbers;
pub mod origin;
pub mod outcome;
pub mod payload;
pub mod person;
pub mod pipeline;
pub mod quota;
pub mod render;
pub mod reply;
pub mod route;
pub mod runtime;
pub mod scrub;
pub mod secret;
pub mod serve;
pub mod server;
pub mod session;
pub mod sidecar;
pub mod snippet;
pub mod store;
pub mod telemetry;
pub mod trust;
