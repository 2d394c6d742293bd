//! The words in which presets are written, and what they become for one site.
//!
//! A [`Stage`] is static data: a row of the preset table is a list of them. Built with a site's configuration it
//! becomes a [`Step`] that holds the keys. A new format is a new variant here and a file of its own; everything else
//! is a row.

use super::candidate::{Candidate, Content};
use super::context::Context;
use super::decode::{Choice, Codec, KeyChoice};
use super::gate::{Expiry, Gate};
use super::keys::Salt;
use super::refusal::Refusal;
use super::resolve::{Introspect, Lookup, Resolve, Told};
use super::setup::Setup;
use super::verify::better_auth::BetterAuth;
use super::verify::iron::{self, Iron};
use super::verify::jwe::{self, Jwe};
use super::verify::jwt::{self, Jwt};
use super::verify::laravel::Laravel;
use super::verify::oauth2_proxy::OAuth2Proxy;
use super::verify::paseto::{Paseto, Purpose};
use super::verify::phoenix_token::PhoenixToken;
use super::verify::plug::{self, Plug};
use super::verify::rails::{self, RailsCipher};
use super::verify::ring_store::RingStore;
use super::verify::secretbox::{Given, Secretbox};
use super::verify::signed::{Format, Signed};
use crate::person::Value;

/// One stage of a preset.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stage {
    /// The value begins with this, or it is none of this framework's.
    Prefix(&'static str),
    /// A MAC in the clear.
    Signed(Format),
    /// Ring's encrypted cookie store.
    RingStore,
    /// A signed JSON Web Token.
    Jwt(jwt::Profile),
    /// An encrypted JSON Web Token.
    Jwe(jwe::Profile),
    /// A PASETO.
    Paseto(Purpose),
    /// A sealed value of iron.
    Iron(iron::Profile),
    /// @fastify/secure-session.
    Secretbox(Given),
    /// Rails' encrypted cookies.
    RailsCipher(rails::Mode),
    /// Rails' envelope with purpose and end.
    RailsEnvelope,
    /// Laravel's encrypted cookies.
    Laravel,
    /// Laravel's second cookie, named by the session's id.
    LaravelNamed,
    /// Plug's encrypted session or token.
    Plug(plug::Kind),
    /// What `Phoenix.Token` puts around its data.
    PhoenixToken,
    /// oauth2-proxy's cookie store.
    OAuth2Proxy,
    /// better-auth's compact cookie cache.
    BetterAuth,
    /// Ask the application's store.
    Resolve(Resolve),
    /// Ask an endpoint of the application.
    Introspect(Told),
    /// The stages of the first list, or, when they find no session, those of the second.
    Either(&'static [Stage], &'static [Stage]),
    /// The session that is given by a flag is over when the flag is false.
    Active(&'static [&'static str]),
    /// How an id becomes the store's key.
    Key(KeyChoice),
    /// A codec.
    Decode(Codec),
    /// One of several codecs, by `serializer`.
    Serialized(Choice),
    /// The session says when it ends.
    Ends(Expiry),
    /// Go on with this part of the session.
    Member(&'static [&'static str]),
}

/// One stage, ready for requests: each variant is the stage of the same name.
pub(crate) enum Step {
    Prefix(&'static str),
    Signed(Signed),
    RingStore(RingStore),
    Jwt(Jwt),
    Jwe(Jwe),
    Paseto(Paseto),
    Iron(Box<Iron>),
    Secretbox(Secretbox),
    RailsCipher(RailsCipher),
    RailsEnvelope,
    Laravel(Laravel),
    LaravelNamed(Laravel),
    Plug(Plug),
    PhoenixToken(PhoenixToken),
    OAuth2Proxy(OAuth2Proxy),
    BetterAuth(BetterAuth),
    Resolve(Lookup),
    Introspect(Introspect),
    Either(Vec<Step>, Vec<Step>),
    Active(Vec<String>),
    Keep,
    Decode(Codec),
    Ends(Gate),
    Member(Vec<String>),
}

impl Stage {
    /// Makes the step from the configuration.
    pub(crate) fn build(self, setup: &mut Setup<'_>) -> Step {
        match self {
            Self::Prefix(prefix) => Step::Prefix(prefix),
            Self::Signed(format) => Step::Signed(format.build(setup)),
            Self::RingStore => Step::RingStore(RingStore::build(setup)),
            Self::Jwt(profile) => Step::Jwt(profile.build(setup)),
            Self::Jwe(profile) => Step::Jwe(profile.build(setup)),
            Self::Paseto(purpose) => Step::Paseto(Paseto::build(purpose, setup)),
            Self::Iron(profile) => Step::Iron(Box::new(profile.build(setup))),
            Self::Secretbox(given) => Step::Secretbox(Secretbox::build(given, setup)),
            Self::RailsCipher(mode) => Step::RailsCipher(RailsCipher::build(mode, setup)),
            Self::RailsEnvelope => Step::RailsEnvelope,
            Self::Laravel => Step::Laravel(Laravel::build(setup)),
            Self::LaravelNamed => Step::LaravelNamed(Laravel::build(setup)),
            Self::Plug(kind) => Step::Plug(Plug::build(kind, setup)),
            Self::PhoenixToken => Step::PhoenixToken(PhoenixToken::build(setup)),
            Self::OAuth2Proxy => Step::OAuth2Proxy(OAuth2Proxy::build(setup)),
            Self::BetterAuth => Step::BetterAuth(BetterAuth::build(setup)),
            Self::Resolve(resolve) => Step::Resolve(resolve.build(setup)),
            Self::Introspect(told) => Step::Introspect(Introspect::build(told, setup)),
            Self::Either(first, second) => {
                let mut build = |stages: &[Self]| stages.iter().map(|stage| stage.build(setup)).collect();
                Step::Either(build(first), build(second))
            }
            Self::Active(path) => Step::Active(owned(path)),
            Self::Key(choice) => choice.build(setup).map_or(Step::Keep, Step::Decode),
            Self::Decode(codec) => Step::Decode(codec),
            Self::Serialized(choice) => Step::Decode(choice.build(setup)),
            Self::Ends(expiry) => Step::Ends(expiry.build(setup)),
            Self::Member(path) => Step::Member(owned(path)),
        }
    }
}

impl Stage {
    /// Adds the keys of the configuration without which the stage cannot be built. `proof` stands for any of
    /// `secrets`, `public_keys` and `jwks`.
    pub(crate) fn needs(self, needs: &mut Vec<&'static str>) {
        let mut add = |key| {
            if !needs.contains(&key) {
                needs.push(key);
            }
        };
        match self {
            Self::Signed(format) => {
                add("secrets");
                if let Some(Salt::Own(key)) = format.recipe.salt() {
                    add(key.word());
                }
            }
            Self::Plug(kind) => {
                add("secrets");
                for key in kind.salts() {
                    add(key.word());
                }
            }
            Self::Jwt(profile) => {
                let symmetric = profile.algorithms.iter().all(|algorithm| algorithm.hmac().is_some());
                add(if symmetric && !profile.algorithms.is_empty() { "secrets" } else { "proof" });
                if profile.algorithms.is_empty() {
                    add("algorithms");
                }
                if profile.claims.issuer_of_audience.is_some() {
                    add("audience");
                }
            }
            Self::Paseto(Purpose::Public) => add("public_keys"),
            Self::RingStore
            | Self::Jwe(_)
            | Self::Paseto(Purpose::Local)
            | Self::Iron(_)
            | Self::Secretbox(_)
            | Self::RailsCipher(_)
            | Self::Laravel
            | Self::LaravelNamed
            | Self::OAuth2Proxy
            | Self::BetterAuth => add("secrets"),
            Self::Resolve(resolve) => add(resolve.part.key()),
            Self::Introspect(_) => add("endpoint"),
            Self::Either(first, second) => {
                for stage in first.iter().chain(second) {
                    stage.needs(needs);
                }
            }
            Self::Prefix(_)
            | Self::RailsEnvelope
            | Self::PhoenixToken
            | Self::Active(_)
            | Self::Key(_)
            | Self::Decode(_)
            | Self::Serialized(_)
            | Self::Ends(_)
            | Self::Member(_) => {}
        }
    }
}

impl Step {
    /// Does the step, or says why the candidate is no session.
    pub(crate) async fn apply(&self, candidate: &mut Candidate<'_>, context: &Context<'_>) -> Result<(), Refusal> {
        let now = context.now;
        match self {
            Self::Prefix(prefix) => {
                let rest = candidate.bytes()?.strip_prefix(prefix.as_bytes()).ok_or(Refusal::Malformed)?.to_vec();
                candidate.set_bytes(rest);
                Ok(())
            }
            Self::Signed(signed) => signed.open(candidate, now),
            Self::RingStore(store) => store.open(candidate),
            Self::Jwt(jwt) => jwt.open(candidate, context).await,
            Self::Jwe(jwe) => jwe.open(candidate, now),
            Self::Paseto(paseto) => paseto.open(candidate, now),
            Self::Iron(iron) => Box::pin(iron.open(candidate, context)).await,
            Self::Secretbox(secretbox) => secretbox.open(candidate),
            Self::RailsCipher(rails) => rails.open(candidate),
            Self::RailsEnvelope => rails::unwrap(candidate, now),
            Self::Laravel(laravel) => laravel.open(candidate),
            Self::LaravelNamed(laravel) => laravel.open_named(candidate, &context.others, now),
            Self::Plug(plug) => plug.open(candidate),
            Self::PhoenixToken(token) => token.open(candidate, now),
            Self::OAuth2Proxy(proxy) => proxy.open(candidate, now),
            Self::BetterAuth(cache) => cache.open(candidate, now),
            Self::Resolve(lookup) => Box::pin(lookup.open(candidate, context)).await,
            Self::Introspect(introspect) => Box::pin(introspect.open(candidate, context)).await,
            Self::Either(first, second) => Box::pin(either(first, second, candidate, context)).await,
            Self::Active(path) => active(path, candidate),
            Self::Keep => Ok(()),
            Self::Decode(codec) => codec.apply(candidate),
            Self::Ends(gate) => gate.check(candidate, now),
            Self::Member(path) => member(path, candidate),
        }
    }

    /// What the step does, for `bauta session decode`.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Prefix(_) => "prefix",
            Self::Signed(_) => "signature",
            Self::RingStore(_) | Self::Secretbox(_) | Self::RailsCipher(_) | Self::Laravel(_) | Self::Plug(_) => {
                "decryption"
            }
            Self::Jwt(_) => "signed token",
            Self::Jwe(_) => "encrypted token",
            Self::Paseto(_) => "paseto",
            Self::Iron(_) => "seal",
            Self::RailsEnvelope => "envelope",
            Self::LaravelNamed(_) => "session cookie named by the id",
            Self::PhoenixToken(_) => "age",
            Self::OAuth2Proxy(_) => "signature and decryption",
            Self::BetterAuth(_) => "signature of the cookie cache",
            Self::Resolve(_) => "store",
            Self::Introspect(_) => "endpoint",
            Self::Either(..) => "store or fallback",
            Self::Active(_) => "active",
            Self::Keep => "key",
            Self::Decode(codec) => codec.word(),
            Self::Ends(_) => "expiry",
            Self::Member(_) => "member",
        }
    }
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|step| (*step).to_owned()).collect()
}

/// Tries the first list. Only where that has no session, or no answer, the second is asked.
async fn either(
    first: &[Step],
    second: &[Step],
    candidate: &mut Candidate<'_>,
    context: &Context<'_>,
) -> Result<(), Refusal> {
    let before = candidate.bytes()?.to_vec();
    match all(first, candidate, context).await {
        Err(Refusal::NotFound | Refusal::Unavailable) => {
            candidate.set_bytes(before);
            all(second, candidate, context).await
        }
        result => result,
    }
}

async fn all(steps: &[Step], candidate: &mut Candidate<'_>, context: &Context<'_>) -> Result<(), Refusal> {
    for step in steps {
        Box::pin(step.apply(candidate, context)).await?;
    }
    Ok(())
}

/// A flag that must be true: false is the end of the session, anything else no session of this make.
fn active(path: &[String], candidate: &Candidate<'_>) -> Result<(), Refusal> {
    let Content::Value(value) = &candidate.content else { return Err(Refusal::Malformed) };
    match value.at(path) {
        Some(Value::Bool(true)) => Ok(()),
        Some(Value::Bool(false)) => Err(Refusal::Expired),
        _ => Err(Refusal::Malformed),
    }
}

fn member(path: &[String], candidate: &mut Candidate<'_>) -> Result<(), Refusal> {
    let Content::Value(value) = &candidate.content else { return Err(Refusal::Malformed) };
    let part = match value.at(path) {
        None | Some(Value::Null) => return Err(Refusal::Anonymous),
        Some(part) => part.clone(),
    };
    candidate.set_value(part);
    Ok(())
}
