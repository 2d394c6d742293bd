//! `bauta demo` on one machine: a small shop with a login and a consent switch, and a stand-in vendor.
//!
//! Nothing in here is used by `bauta serve`. The [`vendor`] is also the judge of the tests: it knows the vendor's
//! rules from their public description and shares no code with the pipeline that it judges.

pub mod listen;
pub mod vendor;
