//! Matomo: `mtm_consent` and `mtm_cookie_consent` hold the time of agreement; `mtm_consent_removed` and
//! `matomo_ignore` are there when the visitor withdrew or opted out, and win whatever they hold.

use crate::clock::UnixMillis;
use crate::consent::answer::{Answer, Reason};
use crate::consent::sources::Banner;
use crate::consent::sources::jar::read_named;
use crate::cookies::Cookies;

const AGREED: [&str; 2] = ["mtm_consent", "mtm_cookie_consent"];
const WITHDRAWN: [&str; 2] = ["mtm_consent_removed", "matomo_ignore"];

pub(in crate::consent::sources) struct Matomo;

impl Banner for Matomo {
    fn read(&self, cookies: &Cookies<'_>, _: UnixMillis) -> Answer {
        if WITHDRAWN.iter().any(|name| cookies.all(name).next().is_some()) {
            return Answer::denied();
        }
        let agreed = AGREED.map(|name| read_named(cookies, name, agreement));
        let present = agreed.into_iter().filter(|answer| answer.reason != Reason::Absent);
        present.reduce(Answer::and_also).unwrap_or(Answer::unknown(Reason::Absent))
    }
}

/// A time is a number above zero.
fn agreement(text: &str) -> Answer {
    let is_time = text.bytes().all(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte != b'0');
    if is_time { Answer::granted() } else { Answer::unknown(Reason::Malformed) }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Banner, Cookies, Matomo, Reason, UnixMillis};

    #[test]
    fn a_withdrawal_wins_whatever_it_holds() {
        let read = |header: &str| Matomo.read(&Cookies::from_text(header), UnixMillis(0));
        assert_eq!(read("mtm_consent=1777882272123"), Answer::granted());
        assert_eq!(read("mtm_cookie_consent=1777882272123"), Answer::granted());
        for withdrawn in ["mtm_consent_removed=", "mtm_consent_removed=%", "matomo_ignore=ignore%3D*"] {
            assert_eq!(read(&format!("mtm_consent=1777882272123; {withdrawn}")), Answer::denied());
        }
        for odd in ["mtm_consent=", "mtm_consent=0", "mtm_consent=true", "mtm_consent=1; mtm_cookie_consent=x"] {
            assert_eq!(read(odd), Answer::unknown(Reason::Malformed), "{odd}");
        }
    }
}
