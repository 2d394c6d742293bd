//! posthog-js opt in and opt out: cookie `__ph_opt_in_out_<token>`, or a name that the page chose.
//!
//! The words are those that posthog-js 1.300.0 reads itself, in lower case only (`consent.ts`).

use crate::clock::UnixMillis;
use crate::config::consent::PostHog as Shape;
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Reason};
use crate::consent::sources::jar::read_named;
use crate::consent::sources::{Banner, check};
use crate::cookies::Cookies;

const PREFIX: &str = "__ph_opt_in_out_";

pub(in crate::consent::sources) struct PostHog {
    cookie: String,
}

impl PostHog {
    pub(in crate::consent::sources) fn build(shape: &Shape, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let (cookie, key) = match (&shape.cookie, &shape.token) {
            (Some(name), None) if shape.prefix.is_none() => (name.clone(), "cookie"),
            (None, Some(token)) => (format!("{}{token}", shape.prefix.as_deref().unwrap_or(PREFIX)), "token"),
            _ => {
                faults.push(
                    at.clone(),
                    "expected a token (with or without a prefix), or a cookie, and not both",
                    "write token = \"phc_...\", or cookie = the page's consent_persistence_name",
                );
                return None;
            }
        };
        check::cookie(&cookie, &at.key(key), faults).then_some(Self { cookie })
    }
}

impl Banner for PostHog {
    fn read(&self, cookies: &Cookies<'_>, _: UnixMillis) -> Answer {
        read_named(cookies, &self.cookie, |text| match text {
            "1" | "true" | "yes" => Answer::granted(),
            "0" | "false" | "no" => Answer::denied(),
            _ => Answer::unknown(Reason::Malformed),
        })
    }
}
