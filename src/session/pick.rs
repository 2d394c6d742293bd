//! The first stage: which values of the request might be the session.
//!
//! Promise: every value sent under a configured name is handed on, because frameworks disagree on which of several
//! counts (the first in jshttp/cookie, Rack and PHP, the last in Python's `http.cookies`). The same value sent twice
//! is one candidate. More candidates than [`MOST`] are not looked at: whoever sends so many must not choose.
//! Sizes are checked before any cryptography; what is too large is refused and never cut.

use std::borrow::Cow;

use super::candidate::Candidate;
use super::refusal::Refusal;
use crate::cookies::{Cookies, percent_decoded};

/// The most candidates that are evaluated for one request.
pub(crate) const MOST: usize = 4;
/// The largest value of one cookie. Browsers store 4 KiB (RFC 6265bis section 5.6), some frameworks allow more.
const LARGEST: usize = 8 * 1024;
/// The largest value that may be put together from chunks.
const LARGEST_SUM: usize = 32 * 1024;
/// The most chunks of one value.
const MOST_CHUNKS: usize = 10;

/// How a framework puts its value into cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pick {
    /// The value is percent-encoded once.
    pub(crate) escaped: bool,
    /// What stands between the name and the number of a chunk, for frameworks that split long values.
    pub(crate) chunks: Option<&'static str>,
    /// What is appended to the name of the cookie that carries the signature.
    pub(crate) companion: Option<&'static str>,
}

impl Pick {
    /// One cookie, as it stands.
    pub(crate) const PLAIN: Self = Self { escaped: false, chunks: None, companion: None };
    /// One cookie, percent-encoded.
    pub(crate) const ESCAPED: Self = Self { escaped: true, chunks: None, companion: None };

    /// Finds the candidates under any of the names, or what is wrong with a value.
    pub(crate) fn candidates<'a>(
        &self,
        names: &'a [String],
        cookies: &Cookies<'a>,
    ) -> Vec<Result<Candidate<'a>, Refusal>> {
        let mut found = Vec::new();
        for name in names {
            let mut values = self.values(name, cookies);
            found.append(&mut values);
        }
        if found.len() > MOST {
            return vec![Err(Refusal::Ambiguous)];
        }
        let candidate = |name: &'a str, value: Cow<'a, [u8]>| {
            let value = self.unescape(value);
            let mut candidate = Candidate::found(name, value);
            if let Some(suffix) = self.companion {
                candidate.companions = distinct(cookies, &format!("{name}{suffix}")).into_iter().take(MOST).collect();
            }
            candidate
        };
        found.into_iter().map(|(name, value)| value.map(|value| candidate(name, value))).collect()
    }

    fn unescape(&self, value: Cow<'_, [u8]>) -> Vec<u8> {
        if !self.escaped {
            return value.into_owned();
        }
        match percent_decoded(&value) {
            Some(Cow::Owned(decoded)) => decoded,
            // No escape at all, or a broken one: the value stays as it is.
            Some(Cow::Borrowed(_)) | None => value.into_owned(),
        }
    }

    fn values<'a>(&self, name: &'a str, cookies: &Cookies<'a>) -> Vec<Found<'a>> {
        let whole = distinct(cookies, name);
        let single = |value: &'a [u8]| if value.len() > LARGEST { Err(Refusal::TooLarge) } else { Ok(value.into()) };
        match self.chunks {
            Some(separator) if whole.is_empty() => {
                joined(name, separator, cookies).into_iter().map(|value| (name, value)).collect()
            }
            _ => whole.into_iter().map(|value| (name, single(value))).collect(),
        }
    }
}

/// The other cookies of the request, for a format that keeps the session in a cookie with a name of its own.
pub(crate) struct Others<'a> {
    /// All cookies of the request.
    pub(crate) cookies: &'a Cookies<'a>,
    /// How the framework puts values into cookies.
    pub(crate) pick: Pick,
}

impl Others<'_> {
    /// The values of a name.
    ///
    /// # Errors
    /// `TooLarge` and `Ambiguous` as for the session's own cookie.
    pub(crate) fn named(&self, name: &str) -> Result<Vec<Vec<u8>>, Refusal> {
        let values = distinct(self.cookies, name);
        if values.len() > MOST {
            return Err(Refusal::Ambiguous);
        }
        if values.iter().any(|value| value.len() > LARGEST) {
            return Err(Refusal::TooLarge);
        }
        Ok(values.into_iter().map(|value| self.pick.unescape(value.into())).collect())
    }
}

type Found<'a> = (&'a str, Result<Cow<'a, [u8]>, Refusal>);

/// The different values of a name, in order; an empty value is no value.
fn distinct<'a>(cookies: &Cookies<'a>, name: &str) -> Vec<&'a [u8]> {
    let mut values: Vec<&[u8]> = Vec::new();
    for value in cookies.all(name) {
        if !value.is_empty() && !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

/// The values that the numbered cookies of a name make. Numbers must run from 0 without a gap. When a number was
/// sent with several values, the first ones belong together, and so do the second ones.
fn joined<'a>(name: &str, separator: &str, cookies: &Cookies<'a>) -> Vec<Result<Cow<'a, [u8]>, Refusal>> {
    let mut chunks: Vec<(usize, Vec<&'a [u8]>)> = Vec::new();
    for (found, value) in cookies.iter() {
        let number = found.strip_prefix(name.as_bytes()).and_then(|rest| rest.strip_prefix(separator.as_bytes()));
        let Some(number) = number.and_then(chunk_number) else { continue };
        if number >= MOST_CHUNKS || value.len() > LARGEST {
            return vec![Err(Refusal::TooLarge)];
        }
        match chunks.iter_mut().find(|(known, _)| *known == number) {
            Some((_, values)) if values.contains(&value) => {}
            Some((_, values)) => values.push(value),
            None => chunks.push((number, vec![value])),
        }
    }
    chunks.sort_unstable_by_key(|(number, _)| *number);
    if chunks.iter().enumerate().any(|(place, (number, _))| place != *number) {
        return vec![Err(Refusal::Malformed)];
    }
    let sets = chunks.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
    (0..sets)
        .map(|set| {
            let mut value = Vec::new();
            for (_, values) in &chunks {
                value.extend_from_slice(values.get(set).or(values.last()).copied().unwrap_or_default());
            }
            if value.len() > LARGEST_SUM { Err(Refusal::TooLarge) } else { Ok(Cow::Owned(value)) }
        })
        .collect()
}

/// A chunk's number: decimal digits without a leading zero.
fn chunk_number(text: &[u8]) -> Option<usize> {
    match text {
        [b'0'] => Some(0),
        [b'1'..=b'9', ..] if text.len() <= 4 => usize::try_from(super::encoding::decimal(text)?).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{LARGEST, Pick};
    use crate::cookies::Cookies;
    use crate::session::refusal::Refusal;

    const CHUNKED: Pick = Pick { chunks: Some("."), ..Pick::PLAIN };

    fn pick(pick: Pick, header: &str) -> Vec<Result<String, Refusal>> {
        let names = ["sid".to_owned()];
        let cookies = Cookies::from_text(header);
        let found = pick.candidates(&names, &cookies);
        found.into_iter().map(|one| Ok(String::from_utf8(one?.bytes()?.to_vec()).unwrap())).collect()
    }

    fn ok(values: &[&str]) -> Vec<Result<String, Refusal>> {
        values.iter().map(|value| Ok((*value).to_owned())).collect()
    }

    #[test]
    fn every_different_value_of_the_name_is_a_candidate() {
        assert_eq!(pick(Pick::PLAIN, "sid=a; sid=b; sid=a; sid="), ok(&["a", "b"]));
    }

    #[test]
    fn too_many_values_are_ambiguous() {
        assert_eq!(pick(Pick::PLAIN, "sid=1; sid=2; sid=3; sid=4; sid=5"), [Err(Refusal::Ambiguous)]);
    }

    #[test]
    fn escapes_are_decoded_once_and_a_broken_one_leaves_the_value_alone() {
        assert_eq!(pick(Pick::ESCAPED, "sid=a%2Bb+%252F"), ok(&["a+b+%2F"]));
        assert_eq!(pick(Pick::ESCAPED, "sid=a%2Bb%zz"), ok(&["a%2Bb%zz"]));
        assert_eq!(pick(Pick::PLAIN, "sid=a%2Bb"), ok(&["a%2Bb"]));
    }

    #[test]
    fn a_large_value_is_refused_and_does_not_hide_the_good_one() {
        let large = "x".repeat(LARGEST + 1);
        assert_eq!(pick(Pick::PLAIN, &format!("sid={large}; sid=a")), [Err(Refusal::TooLarge), Ok("a".to_owned())]);
    }

    #[test]
    fn chunks_are_joined_by_number_whatever_their_order() {
        let header = (0..10).rev().map(|n| format!("sid.{n}={n}")).collect::<Vec<_>>().join("; ");
        assert_eq!(pick(CHUNKED, &header), ok(&["0123456789"]));
    }

    #[test]
    fn a_gap_a_late_start_or_an_eleventh_chunk_is_refused() {
        assert_eq!(pick(CHUNKED, "sid.0=a; sid.2=c"), [Err(Refusal::Malformed)]);
        assert_eq!(pick(CHUNKED, "sid.1=b"), [Err(Refusal::Malformed)]);
        assert_eq!(pick(CHUNKED, "sid.10=b; sid.0=a"), [Err(Refusal::TooLarge)]);
        let part = "x".repeat(LARGEST);
        let header = (0..5).map(|n| format!("sid.{n}={part}")).collect::<Vec<_>>().join("; ");
        assert_eq!(pick(CHUNKED, &header), [Err(Refusal::TooLarge)]);
    }

    #[test]
    fn the_unchunked_name_wins() {
        assert_eq!(pick(CHUNKED, "sid.0=a; sid=whole; sid.1=b"), ok(&["whole"]));
        assert_eq!(pick(CHUNKED, "sid.0=a; sid.00=x; sid.0x=y; sid.=z"), ok(&["a"]));
    }

    #[test]
    fn repeated_chunks_make_one_candidate_per_occurrence() {
        assert_eq!(pick(CHUNKED, "sid.0=a; sid.1=b; sid.0=c; sid.1=d"), ok(&["ab", "cd"]));
        assert_eq!(pick(CHUNKED, "sid.0=a; sid.1=b; sid.0=c"), ok(&["ab", "cb"]));
    }
}
