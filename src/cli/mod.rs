//! The commands; the only place that prints.

pub(crate) mod scrub;
