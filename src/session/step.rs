//! The words in which presets are written, and what they become for one site.
//!
//! A [`Stage`] is static data: a row of the preset table is a list of them. Built with a site's configuration it
//! becomes a [`Step`] that holds the keys. A new format is a new variant here and a file of its own; everything else
//! is a row.

use super::candidate::{Candidate, Content};
use super::decode::Codec;
use super::gate::{Expiry, Gate};
use super::refusal::Refusal;
use super::setup::Setup;
use super::verify::jwt::{Jwt, Profile};
use super::verify::ring_store::RingStore;
use super::verify::signed::{Format, Signed};
use crate::clock::UnixMillis;
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
    Jwt(Profile),
    /// A codec.
    Decode(Codec),
    /// The session says when it ends.
    Ends(Expiry),
    /// Go on with this part of the session.
    Member(&'static [&'static str]),
}

/// One stage, ready for requests.
pub(crate) enum Step {
    /// See [`Stage::Prefix`].
    Prefix(&'static str),
    /// See [`Stage::Signed`].
    Signed(Signed),
    /// See [`Stage::RingStore`].
    RingStore(RingStore),
    /// See [`Stage::Jwt`].
    Jwt(Jwt),
    /// See [`Stage::Decode`].
    Decode(Codec),
    /// See [`Stage::Ends`].
    Ends(Gate),
    /// See [`Stage::Member`].
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
            Self::Decode(codec) => Step::Decode(codec),
            Self::Ends(expiry) => Step::Ends(expiry.build(setup)),
            Self::Member(path) => Step::Member(path.iter().map(|step| (*step).to_owned()).collect()),
        }
    }
}

impl Step {
    /// Does the step, or says why the candidate is no session.
    pub(crate) fn apply(&self, candidate: &mut Candidate<'_>, now: UnixMillis) -> Result<(), Refusal> {
        match self {
            Self::Prefix(prefix) => {
                let rest = candidate.bytes()?.strip_prefix(prefix.as_bytes()).ok_or(Refusal::Malformed)?.to_vec();
                candidate.set_bytes(rest);
                Ok(())
            }
            Self::Signed(signed) => signed.open(candidate, now),
            Self::RingStore(store) => store.open(candidate),
            Self::Jwt(jwt) => jwt.open(candidate, now),
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
            Self::RingStore(_) => "decryption",
            Self::Jwt(_) => "token",
            Self::Decode(codec) => codec.word(),
            Self::Ends(_) => "expiry",
            Self::Member(_) => "member",
        }
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
