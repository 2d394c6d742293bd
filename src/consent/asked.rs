//! The question that consent answers for one request.

use std::time::Duration;

use http::HeaderMap;

use crate::clock::UnixMillis;
use crate::cookies::Cookies;
use crate::person::Person;

/// Everything a source may look at.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// Who is logged in, if anybody.
    pub person: Option<&'a Person>,
    /// Who owns the account ids.
    pub realm: &'a str,
    /// The request's cookies.
    pub cookies: &'a Cookies<'a>,
    /// The request's headers.
    pub headers: &'a HeaderMap,
    /// The request's query string without its question mark; empty when there is none.
    pub query: &'a str,
    /// The time of the request.
    pub now: UnixMillis,
    /// How long all look-ups together may take.
    pub deadline: Duration,
}
