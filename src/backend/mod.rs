//! The application's own back ends, asked for one thing at a time: Redis or Valkey, PostgreSQL, MySQL or MariaDB,
//! SQLite, HTTP.
//!
//! Whoever asks knows nothing about connections, and what is in here knows nothing about sessions or consent.
//! [`Redis::get`], [`Redis::fields`], [`Sql::rows`] and [`Http::ask`] are the questions.
//!
//! Promise: opening reads the address and connects to nothing; two connections at most are kept for each back end and
//! closed after a pause. An answer has a limit in bytes. Only reading statements are sent. Whoever asks brings the
//! deadline: a question that is dropped leaves no half-read connection behind. Failure: a [`Trouble`], whose words
//! hold no key, no value and no password.

mod address;
mod http;
mod mysql;
mod pool;
mod postgres;
mod recall;
mod redis;
mod sql;
mod sqlite;
mod stream;
mod tls;

use std::path::Path;

use self::address::Address;
pub use self::http::{Http, Request, Response};
pub use self::postgres::Notices;
pub use self::recall::Recall;
pub use self::redis::{Messages, Redis};
pub use self::sql::{KeyKind, Query, Row};
pub use self::sql::{Sql, is_name};

use crate::secret::Secret;

/// What is needed to open a back end.
#[derive(Clone, Copy)]
pub struct Access<'a> {
    /// The address, as it is configured.
    pub url: &'a str,
    /// The password, which never stands in the address.
    pub password: Option<&'a Secret>,
    /// The authorities to trust instead of the built-in roots (TLS).
    pub ca_file: Option<&'a Path>,
    /// The folder of the configuration, for names of files.
    pub base: &'a Path,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// No connection, or it broke.
    #[error("it cannot be reached: {0}")]
    Down(String),
    /// The back end said no: wrong password, no such table, wrong kind of key.
    #[error("it refuses: {0}")]
    Refused(String),
    /// What came back is not of its protocol, or not what was asked for.
    #[error("its answer makes no sense: {0}")]
    Nonsense(String),
    /// The answer is longer than what is read.
    #[error("its answer is too large")]
    TooLarge,
    /// Nothing came in time.
    #[error("it did not answer in time")]
    Late,
}

impl Trouble {
    /// Every word, for metrics.
    pub const WORDS: [&'static str; 5] = ["down", "refused", "nonsense", "too_large", "late"];

    /// The place of its word in [`Trouble::WORDS`].
    #[must_use]
    pub const fn place(&self) -> usize {
        match self {
            Self::Down(_) => 0,
            Self::Refused(_) => 1,
            Self::Nonsense(_) => 2,
            Self::TooLarge => 3,
            Self::Late => 4,
        }
    }

    /// A connection that broke, in the system's words.
    fn down(error: impl std::fmt::Display) -> Self {
        Self::Down(error.to_string())
    }
}
