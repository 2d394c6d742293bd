//! The registered claims of a token, after its proof (RFC 7519 section 4.1; RFC 8725 for what must be checked).
//!
//! Output: nothing, or the reason: `Expired`, `NotYetValid`, `ClaimMismatch` for a missing or foreign claim,
//! `Anonymous` for a claim that says that nobody is logged in.

use std::time::Duration;

use crate::clock::UnixMillis;
use crate::config::session::Scalar;
use crate::person::Value;
use crate::session::candidate::Trace;
use crate::session::refusal::Refusal;
use crate::session::setup::Setup;
use crate::session::time::Unit;

/// What a framework's tokens say by default.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Defaults {
    /// How `exp` and `nbf` are written.
    pub(crate) unit: Unit,
    /// The accepted `aud`.
    pub(crate) audience: Option<&'static str>,
    /// The issuer is this with the audience after it, and the audience is required.
    pub(crate) issuer_of_audience: Option<&'static str>,
    /// How far clocks may differ.
    pub(crate) leeway: Duration,
    /// A flag that, when true, means that nobody is logged in.
    pub(crate) nobody: Option<&'static str>,
}

impl Defaults {
    /// A plain JWT.
    pub(crate) const JWT: Self = Self {
        unit: Unit::Seconds,
        audience: None,
        issuer_of_audience: None,
        leeway: Duration::from_secs(5),
        nobody: None,
    };
}

/// What the claims of one site's tokens must say.
pub(crate) struct Claims {
    unit: Unit,
    issuer: Option<String>,
    audiences: Vec<String>,
    parties: Vec<String>,
    deny: Vec<(String, Scalar)>,
    leeway: Duration,
    require_expiry: bool,
}

impl Claims {
    /// Makes the check from the configuration.
    pub(crate) fn build(defaults: Defaults, setup: &mut Setup<'_>) -> Self {
        let mut audiences = setup.take("audience", |config| config.audience.0.clone());
        if audiences.is_empty() {
            audiences.extend(defaults.audience.map(str::to_owned));
        }
        let configured = setup.take("deny_claims", |config| config.deny_claims.clone());
        let nobody = defaults.nobody.map(|name| (name.to_owned(), Scalar::Flag(true)));
        let mut issuer = setup.take("issuer", |config| config.issuer.clone());
        if let Some(prefix) = defaults.issuer_of_audience {
            match audiences.as_slice() {
                [project] => issuer = issuer.or_else(|| Some(format!("{prefix}{project}"))),
                _ => {
                    let problem = format!("preset {} needs the project that sessions are for", setup.preset.name);
                    setup.fault("audience", problem, "write audience = \"your project's id\"");
                }
            }
        }
        Self {
            unit: defaults.unit,
            issuer,
            audiences,
            parties: setup.take("authorized_parties", |config| config.authorized_parties.clone()),
            deny: nobody.into_iter().chain(configured).collect(),
            leeway: setup.leeway(defaults.leeway),
            require_expiry: setup.take("require_expiry", |config| config.require_expiry.unwrap_or(true)),
        }
    }

    /// Checks the claims of a token whose proof is good.
    pub(crate) fn check(&self, claims: &Value, trace: &mut Trace, now: UnixMillis) -> Result<(), Refusal> {
        if !matches!(claims, Value::Map(_)) {
            return Err(Refusal::Malformed);
        }
        trace.issued = claims.child("iat").and_then(|value| self.unit.read(value));
        self.check_times(claims, trace, now)?;
        if let Some(issuer) = &self.issuer {
            require(text(claims, "iss") == Some(issuer))?;
        }
        if !self.audiences.is_empty() {
            let matches = |value: &Value| matches!(value, Value::Text(found) if self.audiences.contains(found));
            require(match claims.child("aud") {
                Some(Value::List(values)) => values.iter().any(matches),
                Some(value) => matches(value),
                None => false,
            })?;
        }
        if !self.parties.is_empty() {
            require(text(claims, "azp").is_some_and(|found| self.parties.iter().any(|party| party == found)))?;
        }
        let denied =
            self.deny.iter().any(|(name, denied)| claims.child(name).is_some_and(|found| equals(found, denied)));
        if denied { Err(Refusal::Anonymous) } else { Ok(()) }
    }

    fn check_times(&self, claims: &Value, trace: &mut Trace, now: UnixMillis) -> Result<(), Refusal> {
        match claims.child("exp") {
            Some(value) => {
                let expires = self.unit.read(value).ok_or(Refusal::ClaimMismatch)?;
                trace.expires = Some(expires);
                if now >= expires.after(self.leeway) {
                    return Err(Refusal::Expired);
                }
            }
            None if self.require_expiry => return Err(Refusal::ClaimMismatch),
            None => {}
        }
        match claims.child("nbf").map(|value| self.unit.read(value)) {
            Some(None) => Err(Refusal::ClaimMismatch),
            Some(Some(from)) if now.after(self.leeway) < from => Err(Refusal::NotYetValid),
            _ => Ok(()),
        }
    }
}

const fn require(holds: bool) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(Refusal::ClaimMismatch) }
}

fn text<'a>(claims: &'a Value, name: &str) -> Option<&'a String> {
    match claims.child(name) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

fn equals(found: &Value, denied: &Scalar) -> bool {
    match (found, denied) {
        (Value::Bool(found), Scalar::Flag(denied)) => found == denied,
        (Value::Number(found), Scalar::Number(denied)) => found.parse::<i64>().is_ok_and(|found| found == *denied),
        (Value::Text(found), Scalar::Text(denied)) => found == denied,
        _ => false,
    }
}
