//! bauta: a consent-aware, pseudonymising reverse proxy in front of Plausible and PostHog.
//!
//! The modules in reading order:

pub mod clock;
pub mod config;
pub mod level;
pub mod outcome;
pub mod payload;
pub mod person;
pub mod scrub;
pub mod secret;
