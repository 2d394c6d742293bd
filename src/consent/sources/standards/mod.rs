//! The standards that several banners write: IAB TCF, GPP and US privacy, and Google consent mode.

mod bits;
pub(super) mod consent_mode;
pub(super) mod gpp;
pub(super) mod tcf;
mod tcf_string;
mod us_section;
pub(super) mod usprivacy;
