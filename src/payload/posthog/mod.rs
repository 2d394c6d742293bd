//! PostHog's requests: which endpoint, how they are decoded, where their events and ids stand, and what is written there.
//!
//! [`endpoint`] knows the paths, [`decode`] turns bytes into JSON text in the vendor's order, [`shape`] finds events and
//! tokens, [`ids`] writes identity into every place of it or takes it out, [`flags`] and [`logs`] do the same for the two
//! bodies that are no events, [`joining`] adds the one event of ours, [`answer`] makes the answers that we give in the vendor's place. Pure: no stage, no I/O.

pub mod answer;
pub mod decode;
pub mod elements;
pub mod endpoint;
pub mod flags;
pub mod ids;
pub mod joining;
pub mod logs;
pub mod query;
mod refused;
pub mod rename;
pub mod replay;
pub mod shape;

pub use refused::Refused;
