//! django-cookie-consent: cookie `cookie_consent`, `group=-1|other=<time>`: -1 refuses, a time agrees.

use crate::clock::UnixMillis;
use crate::config::consent::Django as Shape;
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Reason};
use crate::consent::sources::jar::{one, read_named};
use crate::consent::sources::{Banner, check};
use crate::cookies::Cookies;

pub(in crate::consent::sources) struct DjangoCookieConsent {
    shape: Shape,
}

impl DjangoCookieConsent {
    pub(in crate::consent::sources) fn build(shape: &Shape, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let name = check::cookie(&shape.cookie, &at.key("cookie"), faults);
        let group = check::text(&shape.group, "the name of a cookie group", &at.key("group"), faults);
        (name && group).then(|| Self { shape: shape.clone() })
    }

    fn answer(&self, text: &str) -> Answer {
        match one(text.split('|').filter_map(|pair| pair.split_once('=')), &self.shape.group) {
            Ok(Some("-1")) => Answer::denied(),
            Ok(Some(time)) if is_time(time) => Answer::granted(),
            Ok(Some(_)) => Answer::unknown(Reason::Malformed),
            Ok(None) => Answer::unknown(Reason::Absent),
            Err(answer) => answer,
        }
    }
}

impl Banner for DjangoCookieConsent {
    fn read(&self, cookies: &Cookies<'_>, _: UnixMillis) -> Answer {
        read_named(cookies, &self.shape.cookie, |text| self.answer(text))
    }
}

/// `2026-06-04T03:17:01.421395`, as Python's `isoformat` writes it, with or without a fraction and an offset.
fn is_time(text: &str) -> bool {
    let shape = b"dddd-dd-ddTdd:dd:dd";
    let Some((head, rest)) = text.as_bytes().split_at_checked(shape.len()) else { return false };
    let fits = head.iter().zip(shape).all(|(byte, wanted)| match wanted {
        b'd' => byte.is_ascii_digit(),
        other => byte == other,
    });
    fits && rest.iter().all(|byte| byte.is_ascii_digit() || b".:+-Z".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::{Answer, DjangoCookieConsent, Reason, Shape};
    use crate::config::fault::{Faults, KeyPath};

    #[test]
    fn a_time_agrees_and_minus_one_refuses() {
        let shape = Shape { group: "analytics".into(), ..Shape::default() };
        let banner = DjangoCookieConsent::build(&shape, &KeyPath::root(), &mut Faults::default()).unwrap();
        for time in ["2026-06-04T03:17:01.421395", "2026-06-04T03:17:01", "2026-06-04T03:17:01.4+00:00"] {
            assert_eq!(banner.answer(&format!("social=-1|analytics={time}")), Answer::granted(), "{time}");
        }
        assert_eq!(banner.answer("analytics=-1"), Answer::denied());
        for odd in ["", "1", "-2", "true", "2026-06-04", "2026-06-04T03:17:01;x", "20260604T031701.42139"] {
            let text = format!("analytics={odd}");
            assert_eq!(banner.answer(&text), Answer::unknown(Reason::Malformed), "{odd}");
        }
        assert_eq!(banner.answer("xanalytics=2026-06-04T03:17:01"), Answer::unknown(Reason::Absent));
        let twice = "analytics=-1|analytics=2026-06-04T03:17:01";
        assert_eq!(banner.answer(twice), Answer::denied_for(Reason::Conflict));
    }
}
