//! What a site's pages send to an analytics vendor today, read out of a HAR file, and what bauta would leave of it.
//!
//! Needs no configuration, opens no connection, changes nothing. The result holds counts and names of kinds, places,
//! hosts and cookies; no value of the file ever leaves this module.

mod decode;
mod engine;
pub mod har;
pub mod report;
pub mod sighting;
pub mod table;
pub mod tally;
pub mod words;

pub use engine::ScrubEngine;
pub use har::{HarError, read};
pub use report::Report;
pub use table::{Tone, table};
pub use tally::{Engine, Found, Looked, audit};
