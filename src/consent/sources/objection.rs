//! The objection that a browser made on bauta's own page: a cookie that can only lower.
//!
//! It is read for every site, whatever its sources are, and wins over all of them, as a deny list does. Whoever
//! plants it takes identity away from a browser and can give none, so any value counts: `off` asks for silence,
//! everything else is a plain refusal.

use super::{Class, Reply, Source};
use crate::consent::answer::{Answer, Reason};
use crate::consent::asked::Asked;
use crate::level::Level;

/// The cookie's name. The prefix keeps sibling hosts from setting it (RFC 6265bis section 4.1.3.2).
pub const COOKIE: &str = "__Host-bauta_objection";

/// The cookie as a source.
pub(in crate::consent) struct Objection;

impl Source for Objection {
    fn word(&self) -> &'static str {
        "objection"
    }

    fn class(&self) -> Class {
        Class::Device
    }

    fn answer<'a>(&'a self, asked: &'a Asked<'a>) -> Reply<'a> {
        let said = asked.cookies.all(COOKIE).fold(None, |silence: Option<bool>, value| {
            Some(silence.unwrap_or_default() || value == Level::Off.word().as_bytes())
        });
        let refusal = Answer::denied_for(Reason::Objection);
        Reply::Now(match said {
            None => Answer::unknown(Reason::Absent),
            Some(true) => refusal.at_most(Level::Off),
            Some(false) => refusal,
        })
    }

    fn can_grant(&self) -> bool {
        false
    }
}
