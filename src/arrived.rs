//! One request as the pipeline sees it: complete, bounded, and free of the connection it came over.
//!
//! The server makes it from the wire, `explain` from a file, the tests from a table.

use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::client_address::Peer;

/// A complete request.
#[derive(Clone)]
pub struct Arrived {
    /// The method.
    pub method: Method,
    /// The path as it was sent, without the query. The server has refused dot segments and other ambiguities.
    pub path: String,
    /// The query without its question mark.
    pub query: Option<String>,
    /// The authority the request was sent to: the Host header, or `:authority`.
    pub authority: String,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Who is at the other end of the connection.
    pub peer: Peer,
}

impl Arrived {
    /// The value of a header that occurs once and is visible ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?;
        if values.next().is_some() { None } else { value.to_str().ok() }
    }
}
