//! Proofs: who holds the application's key made this value. One file for each way of proving it.

pub(crate) mod algorithm;
pub(crate) mod cipher;
pub(crate) mod claims;
pub(crate) mod jwks;
pub(crate) mod jwt;
pub(crate) mod public_key;
pub(crate) mod ring_store;
pub(crate) mod signed;
