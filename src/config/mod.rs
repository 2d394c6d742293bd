//! The configuration: its shape, its units, its faults, and how it is loaded.

pub mod consent;
pub mod fault;
pub mod file;
pub mod scrub;
pub mod session;
pub mod units;
