//! What `Phoenix.Token` and `Plug.Crypto.sign` put around the data: `{data, signed at in ms, max age in s}`
//! (elixir-plug/plug_crypto `lib/plug/crypto.ex`).
//!
//! The application may state another age when it verifies, so `max_age` of the configuration counts before the one in
//! the token.

use std::time::Duration;

use super::signed::check_age;
use crate::clock::UnixMillis;
use crate::person::Value;
use crate::session::candidate::{Candidate, Content};
use crate::session::refusal::Refusal;
use crate::session::setup::Setup;
use crate::session::time::Unit;

const DAY: Duration = Duration::from_secs(86_400);

/// The check for one site.
pub(crate) struct PhoenixToken {
    max_age: Option<Duration>,
}

impl PhoenixToken {
    /// Makes the check from the configuration.
    pub(crate) fn build(setup: &mut Setup<'_>) -> Self {
        Self { max_age: setup.take("max_age", |config| config.max_age.map(|period| period.0)) }
    }

    /// Checks the age; leaves the data.
    pub(crate) fn open(&self, candidate: &mut Candidate<'_>, now: UnixMillis) -> Result<(), Refusal> {
        let Content::Value(Value::List(parts)) = &candidate.content else { return Err(Refusal::Malformed) };
        let (data, signed, stated) = match parts.as_slice() {
            [data, signed] => (data, signed, DAY),
            [data, signed, age] => (data, signed, stated(age).ok_or(Refusal::Malformed)?),
            _ => return Err(Refusal::Malformed),
        };
        let issued = Unit::Millis.read(signed).ok_or(Refusal::Malformed)?;
        let max_age = self.max_age.unwrap_or(stated);
        let data = data.clone();
        candidate.trace.issued = Some(issued);
        candidate.trace.expires = Some(issued.after(max_age));
        check_age(issued, max_age, now)?;
        candidate.set_value(data);
        Ok(())
    }
}

fn stated(age: &Value) -> Option<Duration> {
    match age {
        Value::Number(seconds) => seconds.parse().ok().map(Duration::from_secs),
        Value::Keyword(word) if word == "infinity" => Some(Duration::MAX),
        _ => None,
    }
}
