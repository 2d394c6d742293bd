//! The stage that asks an endpoint of the application about its own cookie: the universal answer for sessions that
//! nobody else can read. It needs no secret that could mint sessions.
//!
//! Promise: only this one cookie is sent, to the one configured address; redirects are not followed. 2xx counts; 401,
//! 403 and redirects mean that nobody is logged in; everything else is `Unavailable`.

use tokio::time::Instant;

use super::{Answer, Ask, Guarded, Trouble};
use crate::session::candidate::Candidate;
use crate::session::context::Context;
use crate::session::refusal::Refusal;
use crate::session::setup::Setup;

/// How the endpoint tells who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// JSON in the body.
    Body,
    /// The value of a header.
    Header,
}

/// The question of one site.
pub(crate) struct Introspect {
    source: Option<Guarded>,
    told: Told,
}

impl Introspect {
    /// Makes the question from the configuration.
    pub(crate) fn build(told: Told, setup: &mut Setup<'_>) -> Self {
        Self { source: setup.endpoint(told), told }
    }

    /// Asks the endpoint; leaves the body or the header's value.
    pub(crate) async fn open(&self, candidate: &mut Candidate<'_>, context: &Context<'_>) -> Result<(), Refusal> {
        let source = self.source.as_ref().ok_or(Refusal::Unavailable)?;
        let value = candidate.bytes()?;
        // What came in one Cookie field can go out in one; anything else would be a header of its own.
        if value.iter().any(|byte| *byte < b' ' || *byte == 0x7f || *byte == b';') {
            return Err(Refusal::Malformed);
        }
        let cookie = [candidate.name.as_bytes(), b"=", value].concat();
        let answer = source.ask(Ask::Endpoint { cookie: &cookie }, context.until).await?;
        let Answer::Response { status, header, body } = answer else { return Err(Refusal::Unavailable) };
        candidate.snapshot = false;
        match status {
            200..=299 => match self.told {
                Told::Body => candidate.set_bytes(body),
                Told::Header => candidate.set_bytes(header.ok_or(Refusal::Anonymous)?),
            },
            300..=399 | 401 | 403 => return Err(Refusal::Anonymous),
            _ => {
                source.count(&Trouble::Refused(String::new()));
                return Err(Refusal::Unavailable);
            }
        }
        Ok(())
    }
    /// Asks about a session that nobody has.
    ///
    /// # Errors
    /// Why there is no answer, or an answer that is none.
    pub(crate) async fn probe(&self, name: &str, until: Instant) -> Result<(), Trouble> {
        let source = self.source.as_ref().ok_or_else(|| Trouble::Down("it is not configured".into()))?;
        let cookie = format!("{name}=00000000-0000-4000-8000-000000000000");
        match source.probe(Ask::Endpoint { cookie: cookie.as_bytes() }, until).await? {
            Answer::Response { status: 200..=399 | 401 | 403, .. } => Ok(()),
            Answer::Response { status, .. } => Err(Trouble::Refused(format!("status {status}"))),
            _ => Err(Trouble::Nonsense("no response".into())),
        }
    }
}
