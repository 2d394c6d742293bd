//! CookieYes: cookie `cookieyes-consent`, `consent:yes,action:yes,analytics:no,...`.
//!
//! The cookie is there before a choice, with an empty `action`; nothing counts before `action:yes`.

use crate::clock::UnixMillis;
use crate::config::consent::CookieYes as Shape;
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Reason};
use crate::consent::sources::jar::{one, read_named};
use crate::consent::sources::{Banner, check};
use crate::cookies::Cookies;

pub(in crate::consent::sources) struct CookieYes {
    shape: Shape,
}

impl CookieYes {
    pub(in crate::consent::sources) fn build(shape: &Shape, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let name = check::cookie(&shape.cookie, &at.key("cookie"), faults);
        let category = check::text(&shape.category, "the name of a category", &at.key("category"), faults);
        (name && category).then(|| Self { shape: shape.clone() })
    }

    fn answer(&self, text: &str) -> Answer {
        let value = |key: &str| one(text.split(',').filter_map(|pair| pair.split_once(':')), key);
        let (action, state) = match (value("action"), value(&self.shape.category)) {
            (Ok(action), Ok(state)) => (action, state),
            (Err(answer), _) | (_, Err(answer)) => return answer,
        };
        match state {
            _ if self.shape.require_action && action != Some("yes") => Answer::unknown(Reason::NoInteraction),
            Some("yes") => Answer::granted(),
            Some("no") => Answer::denied(),
            Some(_) => Answer::unknown(Reason::Malformed),
            None => Answer::unknown(Reason::Absent),
        }
    }
}

impl Banner for CookieYes {
    fn read(&self, cookies: &Cookies<'_>, _: UnixMillis) -> Answer {
        read_named(cookies, &self.shape.cookie, |text| self.answer(text))
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, CookieYes, Reason, Shape};
    use crate::config::fault::{Faults, KeyPath};

    #[test]
    fn keys_are_compared_whole_and_must_agree_with_themselves() {
        let banner = CookieYes::build(&Shape::default(), &KeyPath::root(), &mut Faults::default()).unwrap();
        assert_eq!(banner.answer("action:yes,analytics:yes"), Answer::granted());
        assert_eq!(banner.answer("action:yes,xanalytics:yes"), Answer::unknown(Reason::Absent));
        assert_eq!(banner.answer("action:yes,analytics:YES"), Answer::unknown(Reason::Malformed));
        assert_eq!(banner.answer("action:no,analytics:yes"), Answer::unknown(Reason::NoInteraction));
        for text in ["action:yes,analytics:yes,analytics:no", "action:yes,action:,analytics:yes"] {
            assert_eq!(banner.answer(text), Answer::denied_for(Reason::Conflict), "{text}");
        }
    }
}
