//! Complianz: one cookie per category, `cmplz_statistics=allow` or `deny`; nothing before a choice.
//!
//! `cmplz_statistics-anonymous` allows anonymous statistics alone: it reaches `anonymised` at most.

use crate::clock::UnixMillis;
use crate::config::consent::Complianz as Shape;
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Reason, Verdict};
use crate::consent::sources::jar::read_named;
use crate::consent::sources::{Banner, check};
use crate::cookies::Cookies;
use crate::level::Level;

pub(in crate::consent::sources) struct Complianz {
    cookie: String,
    policy_cookie: String,
    min_policy_id: Option<u32>,
    anonymous_only: bool,
}

impl Complianz {
    pub(in crate::consent::sources) fn build(shape: &Shape, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let category = check::text(&shape.category, "the name of a category", &at.key("category"), faults);
        let cookie = format!("{}{}", shape.prefix, shape.category);
        let sound = category && check::cookie(&cookie, &at.key("prefix"), faults);
        sound.then(|| Self {
            cookie,
            policy_cookie: format!("{}policy_id", shape.prefix),
            min_policy_id: shape.min_policy_id,
            anonymous_only: shape.category.ends_with("-anonymous"),
        })
    }

    /// Whether the choice was made under a cookie policy that is still good.
    fn is_current(&self, cookies: &Cookies<'_>) -> bool {
        let Some(least) = self.min_policy_id else { return true };
        let policy = read_named(cookies, &self.policy_cookie, |text| {
            Answer::choice(text.parse::<u32>().is_ok_and(|policy| policy >= least))
        });
        policy.verdict == Verdict::Granted
    }
}

impl Banner for Complianz {
    fn read(&self, cookies: &Cookies<'_>, _: UnixMillis) -> Answer {
        let answer = read_named(cookies, &self.cookie, |text| match text {
            "allow" if self.anonymous_only => Answer::granted().at_most(Level::Anonymised),
            "allow" => Answer::granted(),
            "deny" => Answer::denied(),
            _ => Answer::unknown(Reason::Malformed),
        });
        if answer.reason == Reason::Absent || self.is_current(cookies) {
            answer
        } else {
            Answer::unknown(Reason::Stale)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Banner, Complianz, Cookies, Level, Reason, Shape, UnixMillis};
    use crate::config::fault::{Faults, KeyPath};

    fn read(header: &str, shape: &Shape) -> Answer {
        let banner = Complianz::build(shape, &KeyPath::root(), &mut Faults::default()).unwrap();
        banner.read(&Cookies::from_text(header), UnixMillis(0))
    }

    #[test]
    fn a_choice_under_an_earlier_policy_is_stale() {
        let shape = Shape { min_policy_id: Some(23), ..Shape::default() };
        assert_eq!(read("cmplz_statistics=allow; cmplz_policy_id=23", &shape), Answer::granted());
        for stale in [
            "cmplz_statistics=allow; cmplz_policy_id=22",
            "cmplz_statistics=deny; cmplz_policy_id=22",
            "cmplz_statistics=allow",
            "cmplz_statistics=allow; cmplz_policy_id=x",
            "cmplz_statistics=allow; cmplz_policy_id=23; cmplz_policy_id=22",
        ] {
            assert_eq!(read(stale, &shape), Answer::unknown(Reason::Stale), "{stale}");
        }
    }

    #[test]
    fn anonymous_statistics_do_not_identify() {
        let shape = Shape { category: "statistics-anonymous".into(), ..Shape::default() };
        assert_eq!(read("cmplz_statistics-anonymous=allow", &shape), Answer::of_level(Level::Anonymised));
        let whole = read("cmplz_statistics-anonymous=allow", &Shape::default());
        assert_eq!(whole, Answer::unknown(Reason::Absent));
    }
}
