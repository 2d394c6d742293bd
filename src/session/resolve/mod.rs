//! Asking the application's own store, or an endpoint of it, who a session belongs to.
//!
//! The seam between the session stage and the engines: a [`Source`] answers one [`Ask`] and knows nothing about
//! sessions; a [`Connector`] opens sources by the configuration. Tests and the demo bring their own ([`Memory`]).
//!
//! Promise: every question has the request's deadline; no answer in time, an engine that is down and an answer that
//! makes no sense to the engine are all `Unavailable`, and never an identity. "No such row" is `NotFound`.

mod engines;
mod guarded;
mod introspect;
mod lookup;
mod memory;

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

pub use self::engines::Engines;
pub use self::memory::Memory;
pub use crate::backend::{KeyKind, Query, Trouble};

pub(crate) use self::guarded::{Guarded, Tally};
pub(crate) use self::introspect::{Introspect, Told};
pub(crate) use self::lookup::{Kind, Lookup, Resolve};

use crate::config::session::{Endpoint, Store};
use crate::secret::Secret;

/// One question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask<'a> {
    /// The value of a key (Redis `GET`).
    Value {
        /// The whole key.
        key: &'a [u8],
    },
    /// Some fields of a hash (Redis `HMGET`).
    Fields {
        /// The whole key.
        key: &'a [u8],
        /// The fields, in the order of the answer.
        fields: &'a [String],
    },
    /// One row of a table.
    Row {
        /// Which columns of which row.
        query: &'a Query,
        /// What the key column must equal.
        key: &'a [u8],
    },
    /// What an endpoint says about a cookie (HTTP `GET` with this one cookie, no redirects).
    Endpoint {
        /// `name=value`, as the browser sent it.
        cookie: &'a [u8],
    },
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// There is no such key or row.
    Nothing,
    /// The value of a key.
    Value(Vec<u8>),
    /// Fields of a hash or columns of a row, in the order of the question; `None` is a missing field or NULL.
    Fields(Vec<Option<Vec<u8>>>),
    /// An endpoint's response.
    Response {
        /// The status code.
        status: u16,
        /// The value of the header that was asked for when the endpoint was opened.
        header: Option<Vec<u8>>,
        /// The body, cut off by nothing: a body that is too large is an error.
        body: Vec<u8>,
    },
}

/// An answer that is still to come.
pub type Pending<'a> = Pin<Box<dyn Future<Output = Result<Answer, Trouble>> + Send + 'a>>;

/// Something that answers.
pub trait Source: Send + Sync {
    /// Answers one question. Whoever asks gives up after the deadline by dropping the future.
    fn ask<'a>(&'a self, ask: Ask<'a>) -> Pending<'a>;
}

/// Opens sources.
pub trait Connector: Send + Sync {
    /// Opens a store. Connects when it is first asked, not now. `base` is the folder of the configuration file.
    ///
    /// # Errors
    /// What is wrong with the address, in one lower-case sentence.
    fn store(&self, store: &Store, base: &Path, password: Option<&Secret>) -> Result<Arc<dyn Source>, String>;

    /// Opens an endpoint.
    ///
    /// # Errors
    /// What is wrong with the address, in one lower-case sentence.
    fn endpoint(&self, endpoint: &Endpoint) -> Result<Arc<dyn Source>, String>;
}
