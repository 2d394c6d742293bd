//! Insites cookieconsent 3: cookie `cookieconsent_status`, `allow`, `deny` or `dismiss`.
//!
//! Dismissing the banner is agreement only where the site asks for objections.

use crate::clock::UnixMillis;
use crate::config::consent::{Insites as Shape, Regime};
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Reason};
use crate::consent::sources::jar::read_named;
use crate::consent::sources::{Banner, check};
use crate::cookies::Cookies;

pub(in crate::consent::sources) struct Insites {
    shape: Shape,
}

impl Insites {
    pub(in crate::consent::sources) fn build(shape: &Shape, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        check::cookie(&shape.cookie, &at.key("cookie"), faults).then(|| Self { shape: shape.clone() })
    }
}

impl Banner for Insites {
    fn read(&self, cookies: &Cookies<'_>, _: UnixMillis) -> Answer {
        read_named(cookies, &self.shape.cookie, |text| match (text, self.shape.regime) {
            ("allow", _) | ("dismiss", Regime::OptOut) => Answer::granted(),
            ("deny", _) => Answer::denied(),
            ("dismiss", _) => Answer::unknown(Reason::NoInteraction),
            _ => Answer::unknown(Reason::Malformed),
        })
    }
}
