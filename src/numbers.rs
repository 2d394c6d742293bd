//! How many people agreed, and how many of them are counted by account: the numbers of a day, by distinct people.
//!
//! Promise: correct to 2 % whatever the traffic, in bounded memory, without a name. A person is a 64-bit hash under a
//! random key of this process. Up to [`CAPACITY`] people of a day the table is exact; beyond that it keeps the people
//! whose hash begins with enough zero bits and multiplies (adaptive sampling, Flajolet 1990). All numbers of a day come
//! from the same sample, so a share of people is off by half a per cent at most in 19 of 20 cases, whatever their number.
//!
//! Each person stands in it once, with their *last* decision: somebody who withdraws at noon has not agreed. People who
//! send Global Privacy Control are counted apart. A day is a day in UTC; yesterday stays readable for a day.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::UnixMillis;

/// How many people one site's day holds before it samples: about 2 MB when full.
pub const CAPACITY: usize = 65_536;
const MILLIS_OF_A_DAY: i64 = 86_400_000;

/// What was decided about somebody's event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// They are logged in.
    pub account: bool,
    /// They sent Global Privacy Control.
    pub gpc: bool,
    /// They agreed.
    pub granted: bool,
    /// They refused.
    pub denied: bool,
    /// The event carried their pseudonym.
    pub identified: bool,
}

impl Seen {
    fn bits(self) -> u8 {
        let flags = [self.account, self.gpc, self.granted, self.denied, self.identified];
        flags.iter().enumerate().fold(0, |bits, (place, flag)| bits | u8::from(*flag) << place)
    }
}

/// The people of one site on one day, of one kind: with an account, or browsers without.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct People {
    /// Agreed.
    pub granted: u64,
    /// Refused.
    pub denied: u64,
    /// Neither.
    pub unknown: u64,
    /// Sent Global Privacy Control; in none of the three above.
    pub gpc: u64,
    /// Counted by id, with or without Global Privacy Control.
    pub identified: u64,
    /// Counted by id, among those who agreed.
    pub identified_granted: u64,
}

impl People {
    /// Everybody.
    #[must_use]
    pub const fn all(&self) -> u64 {
        self.granted.saturating_add(self.denied).saturating_add(self.unknown).saturating_add(self.gpc)
    }

    /// Who agreed among those who did not send Global Privacy Control.
    #[must_use]
    pub fn consent_rate(&self) -> Option<f64> {
        share(self.granted, self.all().saturating_sub(self.gpc))
    }

    /// Who is counted by id among those who agreed.
    #[must_use]
    pub fn identified_of_granted(&self) -> Option<f64> {
        share(self.identified_granted, self.granted)
    }

    /// Who is counted by id among everybody.
    #[must_use]
    pub fn identified_share(&self) -> Option<f64> {
        share(self.identified, self.all())
    }

    /// Who sent Global Privacy Control.
    #[must_use]
    pub fn gpc_share(&self) -> Option<f64> {
        share(self.gpc, self.all())
    }

    fn enter(&mut self, bits: u8, weight: u64) {
        let has = |place: u8| bits & (1 << place) != 0;
        let (gpc, granted, denied, identified) = (has(1), has(2), has(3), has(4));
        let state = match (gpc, granted, denied) {
            (true, ..) => &mut self.gpc,
            (_, true, _) => &mut self.granted,
            (_, _, true) => &mut self.denied,
            _ => &mut self.unknown,
        };
        *state = state.saturating_add(weight);
        if identified {
            self.identified = self.identified.saturating_add(weight);
            if granted && !gpc {
                self.identified_granted = self.identified_granted.saturating_add(weight);
            }
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "numbers of people are far below 2^53")]
fn share(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

/// One day of one site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// False for yesterday.
    pub today: bool,
    /// People who were logged in.
    pub accounts: People,
    /// Browsers of people who were not.
    pub browsers: People,
}

/// The numbers of all sites.
#[derive(Default)]
pub struct Numbers(Mutex<BTreeMap<String, Window>>);

#[derive(Default)]
struct Window {
    day: i64,
    today: Sample,
    yesterday: Sample,
}

/// A sample of people: those whose hash begins with `zeros` zero bits, each with their last decision.
#[derive(Default)]
struct Sample {
    people: HashMap<u64, u8>,
    zeros: u32,
}

impl Numbers {
    /// Enters one event of a site. `who` is a hash under a random key of this process.
    pub fn note(&self, site: &str, who: u64, seen: Seen, now: UnixMillis) {
        let day = now.0.div_euclid(MILLIS_OF_A_DAY);
        let mut sites = self.lock();
        if !sites.contains_key(site) {
            sites.insert(site.to_owned(), Window { day, ..Window::default() });
        }
        if let Some(window) = sites.get_mut(site) {
            window.turn(day);
            window.today.enter(who, seen.bits());
        }
    }

    /// What is known of a site's today and yesterday.
    #[must_use]
    pub fn of(&self, site: &str, now: UnixMillis) -> [Day; 2] {
        let mut sites = self.lock();
        let window = sites.get_mut(site).map(|window| {
            window.turn(now.0.div_euclid(MILLIS_OF_A_DAY));
            [window.today.people(), window.yesterday.people()]
        });
        let [today, yesterday] = window.unwrap_or_default();
        let day = |today, (accounts, browsers)| Day { today, accounts, browsers };
        [day(true, today), day(false, yesterday)]
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Window>> {
        // A panic while the lock was held leaves a table that is still a table.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Window {
    fn turn(&mut self, day: i64) {
        if day <= self.day {
            return;
        }
        let last = std::mem::take(&mut self.today);
        self.yesterday = if day == self.day.saturating_add(1) { last } else { Sample::default() };
        self.day = day;
    }
}

impl Sample {
    fn enter(&mut self, who: u64, bits: u8) {
        if who.leading_zeros() < self.zeros {
            return;
        }
        self.people.insert(who, bits);
        while self.people.len() > CAPACITY {
            self.zeros = self.zeros.saturating_add(1);
            let zeros = self.zeros;
            self.people.retain(|who, _| who.leading_zeros() >= zeros);
        }
    }

    /// People with an account, and browsers.
    fn people(&self) -> (People, People) {
        let weight = 1_u64.checked_shl(self.zeros).unwrap_or(u64::MAX);
        let (mut accounts, mut browsers) = (People::default(), People::default());
        for bits in self.people.values() {
            let kind = if bits & 1 == 1 { &mut accounts } else { &mut browsers };
            kind.enter(*bits, weight);
        }
        (accounts, browsers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quota::Keyer;

    const NOW: UnixMillis = UnixMillis(1_795_176_000_000);

    fn account() -> Seen {
        Seen { account: true, ..Seen::default() }
    }

    #[test]
    fn a_hundred_thousand_people_are_counted_to_two_per_cent() {
        // Of each hundred: 60 agree and are identified, 3 agree and are not, 17 refuse, 12 say nothing, 8 object by GPC.
        for _ in 0..5 {
            let (numbers, keyer) = (Numbers::default(), Keyer::random());
            for person in 0..100_000_u32 {
                let who = keyer.person("shop", &person.to_string()).bits();
                let seen = match person % 100 {
                    0..60 => Seen { granted: true, identified: true, ..account() },
                    60..63 => Seen { granted: true, ..account() },
                    63..80 => Seen { denied: true, ..account() },
                    80..92 => account(),
                    _ => Seen { gpc: true, denied: true, ..account() },
                };
                for _ in 0..1 + person % 3 {
                    numbers.note("shop", who, seen, NOW);
                }
            }
            let people = numbers.of("shop", NOW)[0].accounts;
            let close = |got: Option<f64>, wanted: f64| {
                let got = got.unwrap();
                assert!((got - wanted).abs() <= 0.02 * wanted.max(1.0 - wanted), "{got} for {wanted}");
            };
            close(Some(people.all() as f64 / 100_000.0), 1.0);
            close(people.consent_rate(), 63.0 / 92.0);
            close(people.identified_of_granted(), 60.0 / 63.0);
            close(people.identified_share(), 0.6);
            close(people.gpc_share(), 0.08);
        }
    }

    #[test]
    fn memory_is_bounded_whoever_comes() {
        let (numbers, keyer) = (Numbers::default(), Keyer::random());
        for person in 0..400_000_u32 {
            numbers.note("shop", keyer.person("shop", &person.to_string()).bits(), account(), NOW);
        }
        assert!(numbers.lock()["shop"].today.people.len() <= CAPACITY);
        let all = numbers.of("shop", NOW)[0].accounts.all() as f64;
        assert!((all / 400_000.0 - 1.0).abs() < 0.02, "{all}");
    }

    #[test]
    fn a_person_counts_once_with_the_last_word() {
        let numbers = Numbers::default();
        numbers.note("shop", 7, Seen { granted: true, identified: true, ..account() }, NOW);
        numbers.note("shop", 7, Seen { denied: true, ..account() }, NOW);
        let people = numbers.of("shop", NOW)[0].accounts;
        assert_eq!((people.all(), people.denied, people.identified), (1, 1, 0));
        assert_eq!((people.consent_rate(), people.identified_of_granted()), (Some(0.0), None));
        assert_eq!(numbers.of("blog", NOW)[0].accounts.consent_rate(), None);
    }

    #[test]
    fn gpc_is_counted_apart_and_browsers_beside_accounts() {
        let numbers = Numbers::default();
        numbers.note("shop", 1, Seen { gpc: true, granted: true, identified: true, ..account() }, NOW);
        numbers.note("shop", 2, Seen { granted: true, identified: true, ..account() }, NOW);
        numbers.note("shop", 3, Seen { granted: true, ..Seen::default() }, NOW);
        let Day { accounts, browsers, .. } = numbers.of("shop", NOW)[0];
        assert_eq!((accounts.gpc, accounts.granted, accounts.identified, accounts.identified_granted), (1, 1, 2, 1));
        assert_eq!((accounts.consent_rate(), accounts.gpc_share()), (Some(1.0), Some(0.5)));
        assert_eq!((browsers.granted, browsers.identified), (1, 0));
    }

    #[test]
    fn yesterday_stays_for_a_day() {
        let numbers = Numbers::default();
        let day = std::time::Duration::from_secs(86_400);
        numbers.note("shop", 1, account(), NOW);
        let all = |now| numbers.of("shop", now).map(|day| day.accounts.all());
        assert_eq!(all(NOW), [1, 0]);
        assert_eq!(all(NOW.after(day)), [0, 1]);
        assert_eq!(all(NOW), [0, 1]);
        assert_eq!(all(NOW.after(day * 2)), [0, 0]);
    }
}
