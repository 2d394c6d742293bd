//! Junk: random and mutated cookies are nobody, and break nothing.

use std::collections::BTreeSet;

use bauta::cookies::Cookies;
use bauta::session::resolve::Memory;

use crate::data::{lines, preset_of};
use crate::stores::fill;
use crate::translate::Translator;
use crate::{DEADLINE, runtime, say};

/// A small generator of reproducible noise (xorshift64*).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).expect("31 bits")
    }

    fn below(&mut self, bound: usize) -> usize {
        self.next() % bound.max(1)
    }

    fn byte(&mut self) -> u8 {
        // Characters that occur in cookies, and now and then any other.
        const COMMON: &[u8] = b"ABCXYZabcxyz0189+/-_=.:%*|~$!{}[]\"'()<>@#,&?^` ";
        match self.below(4) {
            0 => u8::try_from(self.below(256)).expect("a byte"),
            _ => COMMON[self.below(COMMON.len())],
        }
    }

    fn mutate(&mut self, value: &mut Vec<u8>) {
        for _ in 0..=self.below(3) {
            let at = self.below(value.len());
            match self.below(8) {
                0 => value.truncate(at),
                1 => drop(value.drain(..at)),
                2 => value.insert(at, self.byte()),
                3 if !value.is_empty() => drop(value.remove(at)),
                4 => value.extend_from_within(at..),
                5 if !value.is_empty() => value[at] ^= 1 << self.below(8),
                6 => value.reverse(),
                _ if !value.is_empty() => value[at] = self.byte(),
                _ => value.push(self.byte()),
            }
        }
    }
}

/// A value without the freedoms of its spelling: escapes, padding, blanks and quotes around it.
fn spelling(value: &[u8]) -> Vec<u8> {
    let whole = Cookies::parse([&[b"x=", value].concat()[..]]).all("x").next().unwrap_or_default().to_vec();
    let decoded = bauta::cookies::percent_decoded(&whole).map_or_else(|| whole.clone(), |decoded| decoded.into_owned());
    decoded.into_iter().filter(|byte| *byte != b'=').collect()
}

/// Presets whose values have parts that no key covers (the JSON around Supabase's token; Laravel's empty `tag`): a change
/// there may leave the value good, but never makes it another person's.
const PARTLY_SIGNED: &[&str] = &["supabase", "laravel-cookie", "laravel-cookie-driver", "laravel-redis", "laravel-db"];

/// How many junk values each format gets: many where the build is optimised, fewer for a quick `cargo test`.
const JUNK: usize = if cfg!(debug_assertions) { 1_000 } else { 100_000 };
/// The same for formats that cost thousands of rounds of a derivation each.
const EXPENSIVE: usize = if cfg!(debug_assertions) { 20 } else { 2_000 };

#[test]
fn junk_is_nobody_and_breaks_nothing() {
    let runtime = runtime();
    let mut translator = Translator::new();
    let mut noise = Noise(0x9E37_79B9_7F4A_7C15);
    let mut seen = BTreeSet::new();
    for line in lines() {
        let (Some((preset, place)), Some(user)) = (preset_of(&line.framework), line.expect["user_id"].as_str()) else {
            continue;
        };
        if !seen.insert(line.framework.clone()) {
            continue;
        }
        let memory = Memory::default();
        fill(&memory, &line, line.now);
        let reader = translator.reader(preset, place, &memory, &line.config);
        let reader = reader.unwrap_or_else(|faults| panic!("{}: {faults}", line.id));
        let (name, value) = line.header.split_once('=').expect("a cookie");
        let before = spelling(value.as_bytes());
        let count = if preset == "nuxt" { EXPENSIVE } else { JUNK };
        for _ in 0..count {
            let mut junk = value.as_bytes().to_vec();
            noise.mutate(&mut junk);
            let header = [name.as_bytes(), b"=", &junk].concat();
            let found = runtime.block_on(reader.read(&Cookies::parse([&header[..]]), line.now, DEADLINE));
            if let Ok(person) = found {
                let loose = PARTLY_SIGNED.contains(&preset);
                let same = person.user.expose() == user && (loose || spelling(&junk) == before);
                assert!(same, "{}: {}", line.id, header.escape_ascii());
            }
        }
    }
    say(&format!("sessions: {JUNK} junk values for each of {} formats", seen.len()));
    assert!(!seen.is_empty(), "no preset was tried");
}
