//! The IAB US privacy string: cookie `usprivacy`, version `1`, notice, opt-out of sale, LSPA.
//!
//! It can only deny: an opt-out of sale (third character `Y`) is a no, everything else says nothing about consent.

use crate::clock::UnixMillis;
use crate::config::consent::UsPrivacy as Shape;
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Reason};
use crate::consent::sources::jar::read_named;
use crate::consent::sources::{Banner, check};
use crate::cookies::Cookies;

pub(in crate::consent::sources) struct UsPrivacy {
    cookie: String,
}

impl UsPrivacy {
    pub(in crate::consent::sources) fn build(shape: &Shape, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        check::cookie(&shape.cookie, &at.key("cookie"), faults).then(|| Self { cookie: shape.cookie.clone() })
    }
}

impl Banner for UsPrivacy {
    fn read(&self, cookies: &Cookies<'_>, _: UnixMillis) -> Answer {
        read_named(cookies, &self.cookie, |text| match opted_out(text) {
            Some(true) => Answer::denied(),
            Some(false) => Answer::unknown(Reason::CannotGrant),
            None => Answer::unknown(Reason::Malformed),
        })
    }

    fn can_grant(&self) -> bool {
        false
    }
}

/// Whether the string says that the visitor opted out of sale; `None` when it is no such string.
pub(super) fn opted_out(text: &str) -> Option<bool> {
    match text.as_bytes() {
        [b'1', rest @ ..] if rest.len() == 3 && rest.iter().all(|byte| b"YN-".contains(byte)) => {
            Some(rest.get(1) == Some(&b'Y'))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::opted_out;

    #[test]
    fn only_the_third_character_opts_out() {
        for (text, expected) in [("1YYN", true), ("1-Y-", true), ("1YNY", false), ("1---", false), ("1NNN", false)] {
            assert_eq!(opted_out(text), Some(expected), "{text}");
        }
        for text in ["", "1", "1YY", "1YYNN", "2YYN", "1yyn", "1YXN", "YYYY"] {
            assert_eq!(opted_out(text), None, "{text}");
        }
    }
}
