//! IAB TCF 2: cookie `euconsent-v2`, OneTrust's `eupubconsent-v2`.
//!
//! Analytics vendors are not on the IAB's vendor list, so the right place is the publisher's own segment; the core is
//! read only when the site says so. Every wanted purpose needs consent, purpose 1 (storing on the device) always; a
//! wanted bit that is 0 is a no, a segment or custom purpose that is not there is no answer. A string older than the
//! site allows (13 months by default), or from the future by more than a day, is stale.

use super::tcf_string::{Publisher, TcfString, Wanted};
use crate::clock::UnixMillis;
use crate::config::consent::{Segment, Tcf as Shape};
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Reason};
use crate::consent::sources::jar::read_named;
use crate::consent::sources::{Banner, check};
use crate::cookies::Cookies;

const DAY: i64 = 86_400_000;
/// Storing and reading information on the device: without it nothing else counts.
const STORAGE: u8 = 1;
/// Understanding audiences, in the words of policy 4 "measure content performance".
const MEASUREMENT: u8 = 8;

pub(in crate::consent::sources) struct Tcf {
    cookie: String,
    wants: Wants,
}

/// What a string has to say for a yes.
pub(super) struct Wants {
    segment: Segment,
    purposes: Vec<u8>,
    custom: Option<u8>,
    vendor: Option<u16>,
    max_age: i64,
}

impl Tcf {
    pub(in crate::consent::sources) fn build(shape: &Shape, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let name = check::cookie(&shape.cookie, &at.key("cookie"), faults);
        let default = if shape.custom_purpose.is_some() { vec![STORAGE] } else { vec![STORAGE, MEASUREMENT] };
        let purposes = shape.purposes.clone().unwrap_or(default);
        let wants = Wants::build(shape.segment, purposes, shape.max_age_days, at, faults);
        let mut sound = name;
        if shape.custom_purpose == Some(0) {
            faults.push(at.key("custom_purpose"), "custom purposes are counted from 1", "write its number");
            sound = false;
        }
        if shape.vendor == Some(0) {
            faults.push(at.key("vendor"), "vendors are counted from 1", "write its number in the vendor list");
            sound = false;
        }
        let wants = Wants { custom: shape.custom_purpose, vendor: shape.vendor, ..wants? };
        sound.then(|| Self { cookie: shape.cookie.clone(), wants })
    }
}

impl Banner for Tcf {
    fn read(&self, cookies: &Cookies<'_>, now: UnixMillis) -> Answer {
        read_named(cookies, &self.cookie, |text| self.wants.answer(text, now))
    }
}

impl Wants {
    /// Checks purposes and age, for every source that reads such strings.
    pub(super) fn build(
        segment: Segment,
        mut purposes: Vec<u8>,
        max_age_days: u32,
        at: &KeyPath,
        faults: &mut Faults,
    ) -> Option<Self> {
        let known = purposes.iter().all(|purpose| (1..=24).contains(purpose));
        if !known {
            faults.push(at.key("purposes"), "expected purposes from 1 to 24", "write for example purposes = [1, 8]");
        }
        if max_age_days == 0 {
            faults.push(at.key("max_age_days"), "expected at least one day", "write for example 390");
        }
        if !purposes.contains(&STORAGE) {
            purposes.push(STORAGE);
        }
        let max_age = i64::from(max_age_days) * DAY;
        (known && max_age > 0).then_some(Self { segment, purposes, custom: None, vendor: None, max_age })
    }

    /// What a string says.
    pub(super) fn answer(&self, text: &str, now: UnixMillis) -> Answer {
        let wanted = Wanted { vendor: self.vendor, purposes: &self.purposes };
        let Some(string) = TcfString::read(text, wanted) else { return Answer::unknown(Reason::Malformed) };
        let age = now.0.saturating_sub(string.updated);
        if age > self.max_age || age < -DAY {
            return Answer::unknown(Reason::Stale);
        }
        let purposes = match (self.segment, &string.publisher) {
            (Segment::Core, _) => Some(string.core),
            (Segment::Publisher, publisher) => publisher.as_ref().map(|publisher| publisher.purposes),
        };
        let mut answer = purposes.map_or(Answer::unknown(Reason::Absent), |purposes| {
            Answer::choice(self.purposes.iter().all(|purpose| purposes.has(*purpose)))
        });
        if let Some(number) = self.custom {
            answer = answer.and_also(custom(string.publisher.as_ref(), number));
        }
        if self.vendor.is_some() {
            answer = answer.and_also(Answer::choice(string.vendor && !string.restricted));
            if string.disclosed == Some(false) {
                answer = answer.and_also(Answer::unknown(Reason::Absent));
            }
        }
        answer
    }
}

fn custom(publisher: Option<&Publisher>, number: u8) -> Answer {
    let bit = publisher.and_then(|publisher| publisher.custom.get(usize::from(number).checked_sub(1)?));
    bit.map_or(Answer::unknown(Reason::Absent), |bit| Answer::choice(*bit))
}

#[cfg(test)]
mod tests;
