//! What a request body says, and how it is changed without touching what must stay.
//!
//! The body is read once by a validating scanner ([`scan`]) into a flat tape of tokens; stages look at
//! the tape through [`document`], write down what has to change as spans ([`edit`]), and the changed text is
//! put together once, at the end. Every byte that no edit names leaves as it came: digits of long numbers, the
//! order of keys, the spelling of escapes.
//!
//! [`batch`] is the value that travels through the stages. [`body`] turns what a
//! content type announces into JSON, [`codec`] undoes encodings, [`plausible`] and [`posthog`] know their vendor's events. Nothing in here knows a stage, does I/O or logs.

pub mod batch;
pub mod body;
pub mod codec;
pub mod document;
pub mod edit;
pub mod form;
pub mod multipart;
pub mod plausible;
pub mod posthog;
pub mod scan;
mod splice;
mod tape;
mod text;
