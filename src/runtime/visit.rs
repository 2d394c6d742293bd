//! Who sends a request to a site, and what they agreed to: asked in one way by everything that answers a browser.

use std::net::IpAddr;
use std::time::Duration;

use http::HeaderMap;

use super::{Runtime, Site};
use crate::client_address::ClientAddress;
use crate::clock::UnixMillis;
use crate::consent::{Asked, Decision};
use crate::cookies::Cookies;
use crate::person::Person;
use crate::session::Refusal;

/// What a request says about whoever sent it.
#[derive(Clone, Copy)]
pub struct Visit<'a> {
    /// Whom expensive look-ups are charged to; nobody when the address is not the visitor's own.
    address: Option<IpAddr>,
    cookies: &'a Cookies<'a>,
    headers: &'a HeaderMap,
    query: &'a str,
    now: UnixMillis,
    /// How long each look-up may take.
    deadline: Duration,
}

impl<'a> Visit<'a> {
    /// A request that came over the visitors' listener.
    #[must_use]
    pub fn new(
        runtime: &Runtime,
        client: ClientAddress,
        (cookies, headers, query): (&'a Cookies<'a>, &'a HeaderMap, Option<&'a str>),
        now: UnixMillis,
    ) -> Self {
        // Behind a proxy that is not trusted everybody has one address, which must not pay for all.
        let address = client.ip.filter(|_| client.untrusted_forwarder.is_none());
        let query = query.unwrap_or_default();
        Self { address, cookies, headers, query, now, deadline: runtime.lookup }
    }
}

impl Site {
    /// The person whose session the visit carries.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn person(&self, visit: &Visit<'_>) -> Result<Person, Refusal> {
        match &self.session {
            Some(reader) => reader.read_from(visit.address, visit.cookies, visit.now, visit.deadline).await,
            None => Err(Refusal::Absent),
        }
    }

    /// What the visitor agreed to, `person` being whom [`Self::person`] found.
    pub async fn decide(&self, visit: &Visit<'_>, person: Option<&Person>) -> Decision {
        let asked = Asked {
            person,
            realm: &self.realm,
            cookies: visit.cookies,
            headers: visit.headers,
            query: visit.query,
            now: visit.now,
            deadline: visit.deadline,
        };
        self.consent.decide(&asked).await
    }
}
