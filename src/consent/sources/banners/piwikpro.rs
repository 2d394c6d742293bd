//! Piwik PRO: cookie `ppms_privacy_<app id>`, percent-encoded JSON, `consents.<type>.status`.
//!
//! 1 is a yes and 0 a no. Sources disagree on whether -1 is a no or no answer, so it is never a grant.

use crate::clock::UnixMillis;
use crate::config::consent::PiwikPro as Shape;
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Reason};
use crate::consent::sources::jar::read_named;
use crate::consent::sources::{Banner, check, tree};
use crate::cookies::Cookies;
use crate::person::Value;

pub(in crate::consent::sources) struct PiwikPro {
    cookie: String,
    path: [String; 3],
}

impl PiwikPro {
    pub(in crate::consent::sources) fn build(shape: &Shape, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let app = check::text(&shape.app_id, "the app id", &at.key("app_id"), faults);
        let category = check::text(&shape.category, "the name of a consent type", &at.key("category"), faults);
        let cookie = format!("ppms_privacy_{}", shape.app_id);
        let sound = app && category && check::cookie(&cookie, &at.key("app_id"), faults);
        sound.then(|| Self { cookie, path: ["consents".into(), shape.category.clone(), "status".into()] })
    }
}

impl Banner for PiwikPro {
    fn read(&self, cookies: &Cookies<'_>, _: UnixMillis) -> Answer {
        read_named(cookies, &self.cookie, |text| match tree::object(text) {
            Ok(tree) => match tree.at(&self.path) {
                Some(Value::Number(status)) => match status.as_str() {
                    "1" => Answer::granted(),
                    "0" => Answer::denied(),
                    "-1" => Answer::unknown(Reason::NoInteraction),
                    _ => Answer::unknown(Reason::Malformed),
                },
                Some(_) => Answer::unknown(Reason::Malformed),
                None => Answer::unknown(Reason::Absent),
            },
            Err(answer) => answer,
        })
    }
}
