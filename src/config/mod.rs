//! The configuration: its shape, its units, its faults, and how it is loaded.
//!
//! [`load()`] (or [`load_with`], with the checks of the stages) turns a file and the environment into a [`Loaded`].

pub mod aliases;
pub mod consent;
mod date;
mod env;
pub mod fault;
pub mod file;
pub mod identity_state;
mod load;
mod locate;
pub mod lookup;
mod names;
mod parse;
pub mod posthog;
mod probe;
mod report;
mod schema;
pub mod scrub;
pub mod session;
mod shape;
mod suggest;
pub mod units;
pub mod upstream;
mod validate;
pub mod visitor_id;
mod warn;

pub use date::parse as parse_day;
pub use env::{PREFIX, variables};
pub use load::{Loaded, Origin, load, load_with};
pub use locate::{Excerpt, Spot};
pub use report::{LoadError, Located, Part, json_faults, render_faults};
pub use schema::document as schema;
pub use suggest::nearest;
pub use validate::{MIN_KEY_BYTES, check_base_url, check_host, weakness};
pub use warn::{NAMES as WARNING_NAMES, Warning};

/// Every option with its default and a comment: `config/default.toml`.
pub const DEFAULT_TOML: &str = include_str!("../../config/default.toml");
