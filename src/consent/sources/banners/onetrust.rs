//! OneTrust: cookie `OptanonConsent`, a query string; `groups` lists the state of every group.
//!
//! The cookie exists before anybody was asked, with the default states, `interactionCount=0` and the landing page's
//! address. A choice counts after the visitor touched the banner: the count rises, the landing page becomes
//! `NotLandingPage` and the cookie `OptanonAlertBoxClosed` appears. Only `:1` grants.

use std::borrow::Cow;

use crate::clock::UnixMillis;
use crate::config::consent as config;
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Reason};
use crate::consent::sources::jar::{Coding, MAX_VALUE_BYTES, one, read_values};
use crate::consent::sources::{Banner, check};
use crate::cookies::{Cookies, percent_decoded};

/// Set when the banner is closed; its value is the time.
const CLOSED: &str = "OptanonAlertBoxClosed";

pub(in crate::consent::sources) struct OneTrust {
    shape: config::OneTrust,
}

type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

impl OneTrust {
    pub(in crate::consent::sources) fn build(
        shape: &config::OneTrust,
        at: &KeyPath,
        faults: &mut Faults,
    ) -> Option<Self> {
        let name = check::cookie(&shape.cookie, &at.key("cookie"), faults);
        let group = check::text(&shape.analytics_group, "the id of a group", &at.key("analytics_group"), faults);
        (name && group).then(|| Self { shape: shape.clone() })
    }

    fn answer(&self, text: &str, closed: bool) -> Answer {
        let Some(pairs) = query(text) else { return Answer::unknown(Reason::Malformed) };
        let says = |key: &str, value: &str| pairs.iter().any(|(k, v)| k == key && v == value);
        if self.shape.honour_embedded_gpc && (says("isGpcEnabled", "1") || says("browserGpcFlag", "1")) {
            return Answer::denied_for(Reason::Gpc);
        }
        if says("AwaitingReconsent", "true") {
            return Answer::unknown(Reason::Stale);
        }
        if self.shape.require_interaction && !was_touched(&pairs, closed) {
            return Answer::unknown(Reason::NoInteraction);
        }
        let plain = pairs.iter().map(|(key, value)| (key.as_ref(), value.as_ref()));
        let groups = match one(plain, "groups") {
            Ok(Some(groups)) => groups,
            Ok(None) => return Answer::unknown(Reason::Malformed),
            Err(answer) => return answer,
        };
        match one(groups.split(',').filter_map(|group| group.rsplit_once(':')), &self.shape.analytics_group) {
            Ok(Some("1")) => Answer::granted(),
            Ok(Some("0")) => Answer::denied(),
            Ok(Some(_)) => Answer::unknown(Reason::Malformed),
            Ok(None) => Answer::unknown(Reason::Absent),
            Err(answer) => answer,
        }
    }
}

impl Banner for OneTrust {
    fn read(&self, cookies: &Cookies<'_>, _: UnixMillis) -> Answer {
        let closed = cookies.all(CLOSED).any(|value| !value.is_empty());
        let values = cookies.all(&self.shape.cookie);
        read_values(values, MAX_VALUE_BYTES, Coding::Plain, |text| self.answer(text, closed))
    }
}

/// One sign of an act at least, and none against it.
fn was_touched(pairs: &[Pair<'_>], closed: bool) -> bool {
    let all = |key: &'static str| pairs.iter().filter(move |(k, _)| k == key).map(|(_, value)| value.as_ref());
    let counted = |count: &str| count.parse::<u32>().is_ok_and(|count| count > 0);
    let left = |page: &str| page == "NotLandingPage";
    let sign = closed || all("interactionCount").any(counted) || all("landingPath").any(left);
    sign && all("interactionCount").all(counted) && all("landingPath").all(left)
}

/// A query string, strictly: `None` for a broken escape, bytes that are no text, or a control character.
fn query(text: &str) -> Option<Vec<Pair<'_>>> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decoded(key)?, decoded(value)?))
        })
        .collect()
}

fn decoded(text: &str) -> Option<Cow<'_, str>> {
    let Cow::Owned(bytes) = percent_decoded(text.as_bytes())? else { return Some(Cow::Borrowed(text)) };
    let text = String::from_utf8(bytes).ok()?;
    (!text.chars().any(char::is_control)).then_some(Cow::Owned(text))
}

#[cfg(test)]
mod tests {
    use super::{Answer, Banner, Cookies, OneTrust, Reason, UnixMillis, config};
    use crate::config::fault::{Faults, KeyPath};

    fn read(header: &str) -> Answer {
        let shape = config::OneTrust::default();
        let banner = OneTrust::build(&shape, &KeyPath::root(), &mut Faults::default()).unwrap();
        banner.read(&Cookies::from_text(header), UnixMillis(0))
    }

    #[test]
    fn default_states_do_not_count_before_the_banner_was_touched() {
        for untouched in [
            "OptanonConsent=interactionCount=0&groups=C0002%3A1",
            "OptanonConsent=groups=C0002%3A1",
            "OptanonConsent=interactionCount=1&landingPath=https%3A%2F%2Fx.test%2F&groups=C0002%3A1",
            "OptanonConsent=interactionCount=0&groups=C0002%3A1; OptanonAlertBoxClosed=2026-05-04T08:11:12.123Z",
            "OptanonConsent=interactionCount=1&interactionCount=0&groups=C0002%3A1",
            "OptanonConsent=interactionCount=x&landingPath=NotLandingPage&groups=C0002%3A1",
        ] {
            assert_eq!(read(untouched), Answer::unknown(Reason::NoInteraction), "{untouched}");
        }
        for touched in [
            "OptanonConsent=interactionCount=2&groups=C0002%3A1",
            "OptanonConsent=landingPath=NotLandingPage&groups=C0002%3A1",
            "OptanonConsent=groups=C0002%3A1; OptanonAlertBoxClosed=2026-05-04T08:11:12.123Z",
        ] {
            assert_eq!(read(touched), Answer::granted(), "{touched}");
        }
    }

    #[test]
    fn only_one_grants_and_a_group_must_agree_with_itself() {
        let groups = |groups: &str| read(&format!("OptanonConsent=interactionCount=1&groups={groups}"));
        assert_eq!(groups("C0002%3A0"), Answer::denied());
        for other in ["C0002%3A2", "C0002%3A", "C0002%3A-1", "C0002%3Atrue", "C0002%3A11"] {
            assert_eq!(groups(other), Answer::unknown(Reason::Malformed), "{other}");
        }
        assert_eq!(groups("C0002%3A1%2CC0002%3A0"), Answer::denied_for(Reason::Conflict));
        assert_eq!(groups("C0002"), Answer::unknown(Reason::Absent));
        assert_eq!(groups("C0002%253A1"), Answer::unknown(Reason::Absent));
    }

    #[test]
    fn a_broken_escape_anywhere_is_not_read_around() {
        for broken in ["x=%&", "x=%zz&", "%=1&", "x=%00&", "x=%ff&"] {
            let header = format!("OptanonConsent={broken}interactionCount=1&groups=C0002%3A1");
            assert_eq!(read(&header), Answer::unknown(Reason::Malformed), "{broken}");
        }
    }
}
