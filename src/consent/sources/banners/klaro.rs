//! Klaro: cookie `klaro`, percent-encoded JSON `{"<service>": true or false}`.
//!
//! Nothing is written before a choice. With `storageMethod: 'localStorage'` there is no cookie at all.

use super::wanted::Wanted;
use crate::clock::UnixMillis;
use crate::config::consent::Services;
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Reason};
use crate::consent::sources::jar::read_named;
use crate::consent::sources::{Banner, check, tree};
use crate::cookies::Cookies;
use crate::person::Value;

pub(in crate::consent::sources) struct Klaro {
    cookie: String,
    wanted: Wanted,
}

impl Klaro {
    pub(in crate::consent::sources) fn build(shape: &Services, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let cookie = shape.cookie.clone().unwrap_or_else(|| "klaro".into());
        let sound = check::cookie(&cookie, &at.key("cookie"), faults);
        let wanted = Wanted::build(shape, at, faults)?;
        sound.then_some(Self { cookie, wanted })
    }
}

impl Banner for Klaro {
    fn read(&self, cookies: &Cookies<'_>, _: UnixMillis) -> Answer {
        read_named(cookies, &self.cookie, |text| match tree::object(text) {
            Ok(Value::Map(members)) => {
                let states =
                    members.iter().filter_map(|(key, value)| Some((key.scalar()?, tree::boolean(Some(value)))));
                self.wanted.answer(&states.collect::<Vec<_>>())
            }
            Ok(_) => Answer::unknown(Reason::Malformed),
            Err(answer) => answer,
        })
    }
}
