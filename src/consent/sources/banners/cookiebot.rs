//! Cookiebot: cookie `CookieConsent`, a percent-encoded JavaScript object literal; also `0` (declined) and `-1`
//! (outside the regions in which the banner asks).
//!
//! It is read by tokens: `stamp` is free text and may hold `statistics:true`. A grant counts when its method is
//! `explicit`, unless the site says otherwise; a refusal counts always.

use crate::clock::UnixMillis;
use crate::config::consent::{Cookiebot as Shape, OutsideRegion};
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Reason, Verdict};
use crate::consent::sources::jar::read_named;
use crate::consent::sources::literal::object_literal;
use crate::consent::sources::{Banner, check, tree};
use crate::cookies::Cookies;
use crate::person::Value;

pub(in crate::consent::sources) struct Cookiebot {
    shape: Shape,
}

impl Cookiebot {
    pub(in crate::consent::sources) fn build(shape: &Shape, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let name = check::cookie(&shape.cookie, &at.key("cookie"), faults);
        let category = check::text(&shape.category, "the name of a category", &at.key("category"), faults);
        (name && category).then(|| Self { shape: shape.clone() })
    }

    fn answer(&self, text: &str) -> Answer {
        match text.trim_ascii() {
            "0" => return Answer::denied(),
            "-1" => {
                return match self.shape.outside_region {
                    OutsideRegion::Unknown => Answer::unknown(Reason::OutsideRegion),
                    OutsideRegion::Granted => Answer::granted(),
                    OutsideRegion::Denied => Answer::denied_for(Reason::OutsideRegion),
                };
            }
            _ => {}
        }
        let tree = match tree::checked(object_literal(text)) {
            Ok(tree) => tree,
            Err(answer) => return answer,
        };
        let answer = tree::boolean(tree.child(&self.shape.category));
        let explicit = matches!(tree.child("method"), Some(Value::Text(method)) if method == "explicit");
        if answer.verdict == Verdict::Granted && self.shape.require_explicit && !explicit {
            return Answer::unknown(Reason::Implied);
        }
        answer
    }
}

impl Banner for Cookiebot {
    fn read(&self, cookies: &Cookies<'_>, _: UnixMillis) -> Answer {
        read_named(cookies, &self.shape.cookie, |text| self.answer(text))
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Cookiebot, Reason, Shape};
    use crate::config::fault::{Faults, KeyPath};

    fn read(text: &str) -> Answer {
        Cookiebot::build(&Shape::default(), &KeyPath::root(), &mut Faults::default()).unwrap().answer(text)
    }

    #[test]
    fn a_refusal_counts_whatever_the_method() {
        assert_eq!(read("{statistics:false,method:'implied'}"), Answer::denied());
        assert_eq!(read("{statistics:false}"), Answer::denied());
        assert_eq!(read("0"), Answer::denied());
        assert_eq!(read("{statistics:true}"), Answer::unknown(Reason::Implied));
        assert_eq!(read("{statistics:true,method:true}"), Answer::unknown(Reason::Implied));
        assert_eq!(read("{statistics:true,method:'explicit'}"), Answer::granted());
    }

    #[test]
    fn keys_that_disagree_with_themselves_are_a_no() {
        for text in [
            "{statistics:true,statistics:false,method:'explicit'}",
            "{statistics:true,'statistics':false,method:'explicit'}",
            "{statistics:true,method:'explicit',method:'implied'}",
        ] {
            assert_eq!(read(text), Answer::denied_for(Reason::Conflict), "{text}");
        }
    }

    #[test]
    fn only_booleans_count() {
        for value in ["'true'", "1", "null", "{}", "truex", "tru", ""] {
            let text = format!("{{statistics:{value},method:'explicit'}}");
            assert_eq!(read(&text), Answer::unknown(Reason::Malformed), "{value}");
        }
        assert_eq!(read("{method:'explicit'}"), Answer::unknown(Reason::Absent));
        assert_eq!(read("{statistics:true,method:'explicit'"), Answer::unknown(Reason::Malformed));
        assert_eq!(read("-2"), Answer::unknown(Reason::Malformed));
    }
}
