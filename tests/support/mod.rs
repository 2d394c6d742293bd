//! What the integration tests share. Each test uses a part of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "a support module is compiled into every test and documented by its use"
)]

pub mod data;
pub mod http;
pub mod mint;
pub mod serve;
pub mod shop;
