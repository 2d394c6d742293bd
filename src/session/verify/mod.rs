//! Proofs: who holds the application's key made this value. One file for each way of proving it.

pub(crate) mod algorithm;
pub(crate) mod better_auth;
pub(crate) mod cipher;
pub(crate) mod claims;
pub(crate) mod derivations;
pub(crate) mod iron;
pub(crate) mod jwe;
pub(crate) mod jwks;
pub(crate) mod jwt;
pub(crate) mod key_set;
pub(crate) mod laravel;
pub(crate) mod oauth2_proxy;
pub(crate) mod paseto;
pub(crate) mod phoenix_token;
pub(crate) mod plug;
pub(crate) mod public_key;
pub(crate) mod rails;
pub(crate) mod ring_store;
pub(crate) mod secretbox;
pub(crate) mod signed;
