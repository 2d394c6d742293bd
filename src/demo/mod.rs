//! `bauta demo` on one machine: a small shop with a login and a consent switch, and a stand-in vendor.
//!
//! Nothing in here is used by `bauta serve`. The [`vendor`] is also the judge of the tests: it knows the vendor's
//! rules from their public description and shares no code with the pipeline that it judges. The shop and the
//! vendor are services of their own; between them stands the real bauta, reached over HTTP like behind any web server.

pub mod account;
mod app;
mod exchange;
mod front;
pub mod listen;
pub mod posthog;
mod relay;
mod running;
mod scratch;
mod setting;
mod shop;
pub mod stand;
pub mod vendor;

pub use running::{Demo, Unstarted};
pub use setting::{HOG_PREFIX, HOG_TOKEN, PREFIX, SCRIPT, SITE};

#[cfg(test)]
mod tests;
