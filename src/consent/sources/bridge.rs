//! A cookie of the site's own, written by three lines of page script for this purpose.
//!
//! The recommended one is `__Host-bauta_consent=1; Secure; Path=/; SameSite=Lax`: with that prefix no sibling host
//! can plant it (RFC 6265bis section 4.1.3.2). Values are compared whole and case-sensitively.

use super::jar::{Coding, MAX_VALUE_BYTES, read_values};
use super::{Banner, check};
use crate::clock::UnixMillis;
use crate::config::consent as config;
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Reason};
use crate::cookies::Cookies;
use crate::level::Level;

/// The name that `bauta snippet` writes.
const DEFAULT_NAME: &str = "__Host-bauta_consent";

/// A cookie with listed values.
pub(super) struct Bridge {
    cookie: String,
    granted: Vec<String>,
    denied: Vec<String>,
    levels: bool,
    limit: usize,
}

impl Bridge {
    pub(super) fn build(shape: &config::Bridge, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let cookie = shape.cookie.clone().unwrap_or_else(|| DEFAULT_NAME.into());
        let mut sound = check::cookie(&cookie, &at.key("cookie"), faults);
        if let Some(both) = shape.granted_values.iter().find(|value| shape.denied_values.contains(value)) {
            let problem = format!("{both:?} stands in granted_values and in denied_values");
            faults.push(at.key("denied_values"), problem, "remove it from one of them");
            sound = false;
        }
        let limit = shape.max_value_bytes.unwrap_or(MAX_VALUE_BYTES);
        if !(1..=MAX_VALUE_BYTES).contains(&limit) {
            faults.push(
                at.key("max_value_bytes"),
                "expected 1 to 4096: no browser stores more",
                "write a number in that range, or remove the key",
            );
            sound = false;
        }
        let unsaid = shape.granted_values.is_empty() && shape.denied_values.is_empty() && !shape.levels;
        let or = |values: &[String], default: &str| {
            if unsaid { vec![default.to_owned()] } else { values.to_vec() }
        };
        sound.then(|| Self {
            cookie,
            granted: or(&shape.granted_values, "1"),
            denied: or(&shape.denied_values, "0"),
            levels: shape.levels,
            limit,
        })
    }

    fn answer(&self, text: &str) -> Answer {
        let is = |value: &String| value == text;
        if self.granted.iter().any(is) {
            Answer::granted()
        } else if self.denied.iter().any(is) {
            Answer::denied()
        } else {
            let level = Level::from_word(text).filter(|_| self.levels);
            level.map_or(Answer::unknown(Reason::Malformed), Answer::of_level)
        }
    }
}

impl Banner for Bridge {
    fn read(&self, cookies: &Cookies<'_>, _: UnixMillis) -> Answer {
        read_values(cookies.all(&self.cookie), self.limit, Coding::Percent, |text| self.answer(text))
    }

    fn can_grant(&self) -> bool {
        self.levels || !self.granted.is_empty()
    }
}
