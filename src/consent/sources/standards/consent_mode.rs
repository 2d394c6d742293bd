//! Google consent mode, when the page passes it on: the parameters `gcs` and `gcd`, in a cookie or in the query of
//! the event's own request.
//!
//! `gcs=G1<ad><analytics>` holds the state; `gcd` holds for each storage a default and an update, two bits each in
//! the low four bits of a base64url-like digit (decoded in dpezrez/gtm-consent-state). The update wins when it is
//! set. A grant that only a default made means that the visitor did not act: it counts only when the site says so,
//! and so does `gcs` alone, which cannot tell.

use crate::config::consent::ConsentMode as Shape;
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Reason, Verdict};
use crate::consent::asked::Asked;
use crate::consent::sources::jar::{MAX_VALUE_BYTES, one, read_named};
use crate::consent::sources::{Class, Reply, Source, check};

pub(in crate::consent::sources) struct ConsentMode {
    shape: Shape,
}

impl ConsentMode {
    pub(in crate::consent::sources) fn build(shape: &Shape, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let named = shape.cookie.as_ref().is_none_or(|name| check::cookie(name, &at.key("cookie"), faults));
        named.then(|| Self { shape: shape.clone() })
    }

    fn answer(&self, query: &str) -> Answer {
        if query.len() > MAX_VALUE_BYTES {
            return Answer::unknown(Reason::Oversized);
        }
        let value = |key: &str| one(query.split('&').filter_map(|pair| pair.split_once('=')), key);
        match (value("gcs"), value("gcd")) {
            (Err(conflict), _) | (_, Err(conflict)) => conflict,
            (Ok(None), Ok(None)) => Answer::unknown(Reason::Absent),
            (Ok(Some(state)), Ok(None)) => self.acted(state_of(state), false),
            (Ok(None), Ok(Some(details))) => self.detailed(details),
            (Ok(Some(state)), Ok(Some(details))) => {
                let (state, details) = (state_of(state), self.detailed(details));
                let speaks_against = state.verdict == Verdict::Denied || state.reason == Reason::Malformed;
                if speaks_against && details.verdict != Verdict::Denied { state } else { details }
            }
        }
    }

    /// A grant counts when the visitor acted.
    fn acted(&self, answer: Answer, acted: bool) -> Answer {
        let counts = acted || self.shape.grant_on_default_only || answer.verdict != Verdict::Granted;
        if counts { answer } else { Answer::unknown(Reason::DefaultOnly) }
    }

    fn detailed(&self, details: &str) -> Answer {
        // Index 4 is analytics; 2, 6 and 8 are ad storage, ad user data and ad personalization.
        let digits = details.bytes().map(digit).collect::<Option<Vec<_>>>();
        let digit = digits.filter(|digits| digits.len() > 8).and_then(|digits| digits.get(4).copied());
        let Some(digit) = digit else { return Answer::unknown(Reason::Malformed) };
        let state = |bits: u8| match bits & 3 {
            3 => Some(Answer::granted()),
            2 => Some(Answer::denied()),
            _ => None,
        };
        match (state(digit), state(digit >> 2)) {
            (Some(updated), _) => updated,
            (None, Some(default)) => self.acted(default, false),
            (None, None) => Answer::unknown(Reason::Absent),
        }
    }
}

impl Source for ConsentMode {
    fn word(&self) -> &'static str {
        "gcm"
    }

    fn class(&self) -> Class {
        Class::Device
    }

    fn answer<'a>(&'a self, asked: &'a Asked<'a>) -> Reply<'a> {
        Reply::Now(match &self.shape.cookie {
            Some(cookie) => read_named(asked.cookies, cookie, |text| self.answer(text)),
            None => self.answer(asked.query),
        })
    }
}

fn state_of(text: &str) -> Answer {
    match text.as_bytes() {
        [b'G', b'1', b'0' | b'1' | b'-', analytics] => match analytics {
            b'1' => Answer::granted(),
            b'0' => Answer::denied(),
            b'-' => Answer::unknown(Reason::Absent),
            _ => Answer::unknown(Reason::Malformed),
        },
        _ => Answer::unknown(Reason::Malformed),
    }
}

/// The value of a digit in the alphabet `0-9a-zA-Z-_`.
const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'z' => Some(byte - b'a' + 10),
        b'A'..=b'Z' => Some(byte - b'A' + 36),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, ConsentMode, Reason, Shape};
    use crate::config::fault::{Faults, KeyPath};

    fn read(query: &str, on_default: bool) -> Answer {
        let shape = Shape { grant_on_default_only: on_default, ..Shape::default() };
        ConsentMode::build(&shape, &KeyPath::root(), &mut Faults::default()).unwrap().answer(query)
    }

    #[test]
    fn the_low_four_bits_hold_default_and_update() {
        let analytics = |digit: char, on_default| read(&format!("gcd=13l3{digit}3l3l5"), on_default);
        for digit in ['r', 'n', 'v', 'H'] {
            assert_eq!(analytics(digit, false), Answer::granted(), "{digit}");
        }
        for digit in ['p', 'q', 'u', 'm', 'W'] {
            assert_eq!(analytics(digit, true), Answer::denied(), "{digit}");
        }
        assert_eq!(analytics('l', true), Answer::unknown(Reason::Absent));
        assert_eq!(analytics('t', true), Answer::granted());
        assert_eq!(analytics('t', false), Answer::unknown(Reason::DefaultOnly));
    }

    #[test]
    fn the_state_alone_cannot_tell_an_act_from_a_default() {
        assert_eq!(read("gcs=G111", true), Answer::granted());
        assert_eq!(read("gcs=G111", false), Answer::unknown(Reason::DefaultOnly));
        assert_eq!(read("gcs=G110", false), Answer::denied());
        assert_eq!(read("gcs=G11-", true), Answer::unknown(Reason::Absent));
        assert_eq!(read("gcs=G111&gcd=13r3r3r3r5", false), Answer::granted());
        assert_eq!(read("gcs=G110&gcd=13r3r3r3r5", true), Answer::denied());
        assert_eq!(read("gcs=G111&gcd=13r3q3r3r5", true), Answer::denied());
        let broken = read("gcs=X111&gcd=13r3r3r3r5", true);
        assert_eq!(broken, Answer::unknown(Reason::Malformed), "a half that cannot be read may be a no");
        assert_eq!(read("gcs=X111&gcd=13q3q3q3q5", true), Answer::denied());
    }

    #[test]
    fn what_is_no_consent_mode_is_not_read() {
        assert_eq!(read("", true), Answer::unknown(Reason::Absent));
        assert_eq!(read("xgcs=G111", true), Answer::unknown(Reason::Absent));
        assert_eq!(read("gcs=G111&gcs=G100", true), Answer::denied_for(Reason::Conflict));
        for odd in ["gcs=G1", "gcs=G211", "gcs=g111", "gcs=G1111", "gcd=13r3r", "gcd=13r3r3r3%", "gcd="] {
            assert_eq!(read(odd, true), Answer::unknown(Reason::Malformed), "{odd}");
        }
    }
}
