//! IAB GPP: a header, then one section for each jurisdiction, joined by `~`.
//!
//! US sections (6 and from 7 up) can only deny. A European section (2) is a TCF string; it is read when the site
//! names purposes, and then by the core, as consent for those purposes. Sections that are not known say nothing; one
//! that is known and cannot be read lets nobody grant.

use super::tcf::Wants;
use super::{bits::Bits, us_section, usprivacy};
use crate::clock::UnixMillis;
use crate::config::consent::{Gpp as Shape, OptOut, Segment};
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Reason};
use crate::consent::sources::jar::read_named;
use crate::consent::sources::{Banner, check};
use crate::cookies::Cookies;

/// The most sections of one string; the registry has fewer than thirty.
const MAX_SECTIONS: usize = 64;
const TCF_EU_2: u16 = 2;
const US_PRIVACY: u16 = 6;

pub(in crate::consent::sources) struct Gpp {
    cookie: String,
    deny_on: Vec<OptOut>,
    europe: Option<Wants>,
}

impl Gpp {
    pub(in crate::consent::sources) fn build(shape: &Shape, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let name = check::cookie(&shape.cookie, &at.key("cookie"), faults);
        let before = faults.iter().count();
        let read = || shape.purposes.clone();
        let wants = Wants::build(Segment::Core, read(), shape.max_age_days, at, faults);
        if shape.purposes.is_empty() && shape.deny_on.is_empty() {
            faults.push(
                at.key("deny_on"),
                "with neither opt-outs nor purposes nothing would be read",
                "write for example deny_on = [\"sale\", \"sharing\", \"gpc\"]",
            );
        }
        let sound = name && faults.iter().count() == before;
        let europe = wants.filter(|_| !shape.purposes.is_empty());
        sound.then(|| Self { cookie: shape.cookie.clone(), deny_on: shape.deny_on.clone(), europe })
    }

    fn answer(&self, text: &str, now: UnixMillis) -> Answer {
        let mut parts = text.split('~');
        let ids = parts.next().and_then(header);
        let Some(ids) = ids.filter(|ids| ids.len() == parts.clone().count()) else {
            return Answer::unknown(Reason::Malformed);
        };
        let mut answer = None;
        let mut also = |more: Answer| answer = Some(answer.map_or(more, |so_far: Answer| so_far.and_also(more)));
        for (id, section) in ids.into_iter().zip(parts) {
            let opted_out = match id {
                TCF_EU_2 => {
                    self.europe.iter().for_each(|wants| also(wants.answer(section, now)));
                    continue;
                }
                US_PRIVACY => usprivacy::opted_out(section).map(|out| out && self.deny_on.contains(&OptOut::Sale)),
                _ if us_section::is_known(id) => us_section::opted_out(id, section, &self.deny_on),
                _ => continue,
            };
            match opted_out {
                Some(true) => also(Answer::denied()),
                Some(false) => {}
                None => also(Answer::unknown(Reason::Malformed)),
            }
        }
        answer.unwrap_or(Answer::unknown(Reason::CannotGrant))
    }
}

impl Banner for Gpp {
    fn read(&self, cookies: &Cookies<'_>, now: UnixMillis) -> Answer {
        read_named(cookies, &self.cookie, |text| self.answer(text, now))
    }

    fn can_grant(&self) -> bool {
        self.europe.is_some()
    }
}

/// The section ids of a header: type 3, version 1, then ranges of Fibonacci-coded distances.
fn header(text: &str) -> Option<Vec<u16>> {
    let mut bits = Bits::of(text)?;
    if (bits.number(6)?, bits.number(6)?) != (3, 1) {
        return None;
    }
    let mut ids = Vec::new();
    let mut last = 0_u16;
    for _ in 0..bits.number(12)? {
        let is_range = bits.bit()?;
        let first = last.checked_add(fibonacci(&mut bits)?)?;
        last = if is_range { first.checked_add(fibonacci(&mut bits)?)? } else { first };
        if ids.len() + usize::from(last - first) >= MAX_SECTIONS {
            return None;
        }
        ids.extend(first..=last);
    }
    Some(ids)
}

/// A number written as a sum of Fibonacci numbers, lowest first, ended by a second 1 in a row.
fn fibonacci(bits: &mut Bits) -> Option<u16> {
    let (mut low, mut high) = (1_u16, 2_u16);
    let mut sum = 0_u16;
    let mut before = false;
    loop {
        let set = bits.bit()?;
        if set && before {
            return Some(sum);
        }
        if set {
            sum = sum.checked_add(low)?;
        }
        before = set;
        (low, high) = (high, low.checked_add(high)?);
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Gpp, Reason, Shape, UnixMillis, header};
    use crate::config::consent::OptOut;
    use crate::config::fault::{Faults, KeyPath};

    fn read(text: &str, shape: &Shape) -> Answer {
        Gpp::build(shape, &KeyPath::root(), &mut Faults::default()).unwrap().answer(text, UnixMillis(0))
    }

    #[test]
    fn headers_list_their_sections() {
        assert_eq!(header("DBAA"), Some(vec![]));
        assert_eq!(header("DBABMA"), Some(vec![2]));
        assert_eq!(header("DBABLA"), Some(vec![7]));
        assert_eq!(header("DBACNYA"), Some(vec![2, 6]));
        assert_eq!(header("DBABjw"), Some(vec![5, 6]));
        for broken in ["", "D", "DBA", "DBAB", "EBAA", "DCAA", "DBABAA"] {
            assert_eq!(header(broken), None, "{broken}");
        }
    }

    #[test]
    fn each_opt_out_denies_where_the_site_says_so() {
        let only = |of: OptOut| Shape { deny_on: vec![of], ..Shape::default() };
        let (sale, sharing, targeted) = ("BVQaAAAAAgA", "BVQmAAAAAgA", "BVQpAAAAAgA");
        for (section, of) in [(sale, OptOut::Sale), (sharing, OptOut::Sharing), (targeted, OptOut::Targeted)] {
            for asked in [OptOut::Sale, OptOut::Sharing, OptOut::Targeted, OptOut::Gpc] {
                let expected = if asked == of { Answer::denied() } else { Answer::unknown(Reason::CannotGrant) };
                assert_eq!(read(&format!("DBABLA~{section}.QA"), &only(asked)), expected, "{section} {asked:?}");
            }
        }
        assert_eq!(read("DBABLA~BVQqAAAAAgA.YA", &only(OptOut::Gpc)), Answer::denied());
        assert_eq!(read("DBABLA~BVQqAAAAAgA.YA", &only(OptOut::Sale)), Answer::unknown(Reason::CannotGrant));
    }

    #[test]
    fn the_us_privacy_string_stands_in_as_it_is() {
        let shape = Shape::default();
        assert_eq!(read("DBABTA~1YYN", &shape), Answer::denied());
        assert_eq!(read("DBABTA~1YNN", &shape), Answer::unknown(Reason::CannotGrant));
        assert_eq!(read("DBABTA~1Y", &shape), Answer::unknown(Reason::Malformed));
    }

    #[test]
    fn what_cannot_be_read_lets_nobody_grant() {
        let shape = Shape::default();
        for text in ["DBABLA", "DBABLA~", "DBABLA~BVQq~BVQq", "DBAA~x", "~", "", "DBABLA~B", "DBABLA~BV_q"] {
            assert_eq!(read(text, &shape), Answer::unknown(Reason::Malformed), "{text}");
        }
    }
}
