//! bauta: a consent-aware, pseudonymising reverse proxy in front of Plausible and PostHog.
//!
//! The modules in reading order:

pub mod client_address;
pub mod clock;
pub mod config;
pub mod forward;
pub mod headers;
pub mod level;
pub mod outcome;
pub mod person;
pub mod quota;
pub mod secret;
pub mod server;
