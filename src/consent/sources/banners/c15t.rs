//! c15t 2: cookie `c15t`, flat pairs `c.necessary:1,c.measurement:1,i.t:<time>,i.sid:<id>`.
//!
//! Refused categories are left out (seen by running c15t 2.2.1), so with a time of decision a missing category is a
//! no, and without one nothing was decided.

use crate::clock::UnixMillis;
use crate::config::consent::Category;
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Reason};
use crate::consent::sources::jar::{one, read_named};
use crate::consent::sources::{Banner, check};
use crate::cookies::Cookies;

pub(in crate::consent::sources) struct C15t {
    cookie: String,
    key: String,
}

impl C15t {
    pub(in crate::consent::sources) fn build(shape: &Category, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let cookie = shape.cookie.clone().unwrap_or_else(|| "c15t".into());
        let category = shape.category.clone().unwrap_or_else(|| "measurement".into());
        let name = check::cookie(&cookie, &at.key("cookie"), faults);
        let text = check::text(&category, "the name of a category", &at.key("category"), faults);
        (name && text).then(|| Self { cookie, key: format!("c.{category}") })
    }

    fn answer(&self, text: &str) -> Answer {
        let value = |key: &str| one(text.split(',').filter_map(|pair| pair.split_once(':')), key);
        let (time, state) = match (value("i.t"), value(&self.key)) {
            (Ok(time), Ok(state)) => (time, state),
            (Err(answer), _) | (_, Err(answer)) => return answer,
        };
        let decided = time.is_some_and(|time| !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit()));
        match state {
            Some("0") => Answer::denied(),
            _ if !decided => Answer::unknown(Reason::NoInteraction),
            Some("1") => Answer::granted(),
            None => Answer::denied(),
            Some(_) => Answer::unknown(Reason::Malformed),
        }
    }
}

impl Banner for C15t {
    fn read(&self, cookies: &Cookies<'_>, _: UnixMillis) -> Answer {
        read_named(cookies, &self.cookie, |text| self.answer(text))
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, C15t, Reason};
    use crate::config::consent::Category;
    use crate::config::fault::{Faults, KeyPath};

    #[test]
    fn what_is_left_out_was_refused_once_something_was_decided() {
        let banner = C15t::build(&Category::default(), &KeyPath::root(), &mut Faults::default()).unwrap();
        assert_eq!(banner.answer("c.necessary:1,i.t:1777882272123"), Answer::denied());
        for undecided in ["c.necessary:1", "c.measurement:1", "c.measurement:1,i.t:", "c.measurement:1,i.t:x"] {
            assert_eq!(banner.answer(undecided), Answer::unknown(Reason::NoInteraction), "{undecided}");
        }
        assert_eq!(banner.answer("c.measurement:true,i.t:1"), Answer::unknown(Reason::Malformed));
        assert_eq!(banner.answer("c.measurement:1,c.measurement:0,i.t:1"), Answer::denied_for(Reason::Conflict));
    }
}
