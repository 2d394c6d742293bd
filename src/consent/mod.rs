//! Consent.
mod answer;
mod signals;
