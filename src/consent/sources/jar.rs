//! How consent cookies are read: the rules that hold for every banner.
//!
//! Every cookie of the name is read, up to sixteen; when they do not all say the same, the answer is no, because a
//! sibling host can plant one. A value is at most 4096 bytes (no browser stores more, RFC 6265 section 6.1), is
//! percent-decoded once and strictly, is UTF-8 and holds no control character; anything else is unknown.

use std::borrow::Cow;

use crate::consent::answer::{Answer, Reason};
use crate::cookies::{Cookies, percent_decoded};

/// The longest value that is read.
pub(super) const MAX_VALUE_BYTES: usize = 4096;
/// The most cookies of one name that are read.
const MAX_CANDIDATES: usize = 16;

/// How a cookie's text comes out of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// Percent-encoded once as a whole.
    Percent,
    /// As it stands; the format has its own encoding inside.
    Plain,
}

/// Reads every cookie of exactly this name with `read`.
pub(super) fn read_named(cookies: &Cookies<'_>, name: &str, read: impl Fn(&str) -> Answer) -> Answer {
    read_values(cookies.all(name), MAX_VALUE_BYTES, Coding::Percent, read)
}

/// Reads values that all stand in the same place. No value at all is [`Reason::Absent`].
pub(super) fn read_values<'a>(
    values: impl Iterator<Item = &'a [u8]>,
    limit: usize,
    coding: Coding,
    read: impl Fn(&str) -> Answer,
) -> Answer {
    let read_one = |(index, value)| {
        if index >= MAX_CANDIDATES {
            return Answer::unknown(Reason::Oversized);
        }
        match text(value, limit, coding) {
            Ok(text) => read(&text),
            Err(reason) => Answer::unknown(reason),
        }
    };
    // One more than is read: the surplus is an answer of its own, which disagrees with any grant.
    let answers = values.enumerate().take(MAX_CANDIDATES + 1).map(read_one);
    answers.reduce(Answer::and_twin).unwrap_or(Answer::unknown(Reason::Absent))
}

fn text(value: &[u8], limit: usize, coding: Coding) -> Result<Cow<'_, str>, Reason> {
    if value.len() > limit {
        return Err(Reason::Oversized);
    }
    let bytes = match coding {
        Coding::Percent => percent_decoded(value).ok_or(Reason::Malformed)?,
        Coding::Plain => Cow::Borrowed(value),
    };
    let text = match bytes {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| Reason::Malformed)?,
        Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).map_err(|_| Reason::Malformed)?,
    };
    if text.chars().any(char::is_control) { Err(Reason::Malformed) } else { Ok(text) }
}

/// The one value of a key in a flat list of pairs. `Ok(None)`: the key is not there. An answer as error: the key
/// stands there twice and disagrees with itself.
pub(super) fn one<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>, key: &str) -> Result<Option<&'a str>, Answer> {
    let mut found = None;
    for (_, value) in pairs.filter(|(name, _)| *name == key) {
        if found.is_some_and(|earlier| earlier != value) {
            return Err(Answer::denied_for(Reason::Conflict));
        }
        found = Some(value);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{MAX_VALUE_BYTES, one, read_named};
    use crate::consent::answer::{Answer, Reason, Verdict};
    use crate::cookies::Cookies;

    fn read(header: &str) -> Answer {
        read_named(&Cookies::from_text(header), "c", |text| match text {
            "1" | "ä" => Answer::granted(),
            "0" => Answer::denied(),
            _ => Answer::unknown(Reason::Malformed),
        })
    }

    #[test]
    fn cookies_of_one_name_must_agree() {
        assert_eq!(read("x=1"), Answer::unknown(Reason::Absent));
        assert_eq!(read("c=1; c=1; C=0; cc=0"), Answer::granted());
        for twins in ["c=1; c=0", "c=0; c=1", "c=1; c=?", "c=?; c=1", "c=1; c=1; c=1; c=%"] {
            assert_eq!(read(twins), Answer::denied_for(Reason::Conflict), "{twins}");
        }
        assert_eq!(read("c=?; c="), Answer::unknown(Reason::Malformed));
    }

    #[test]
    fn more_cookies_than_are_read_never_grant() {
        assert_eq!(read(&"c=1;".repeat(16)), Answer::granted());
        assert_eq!(read(&"c=1;".repeat(17)).verdict, Verdict::Denied);
        assert_eq!(read(&(";c=1".repeat(30) + ";c=0")).verdict, Verdict::Denied);
    }

    #[test]
    fn a_value_is_decoded_once_and_strictly() {
        assert_eq!(read("c=%31"), Answer::granted());
        assert_eq!(read("c=%C3%A4"), Answer::granted());
        for broken in ["c=%2531", "c=1%", "c=%3", "c=%zz", "c=%ff", "c=1%00", "c=1%0a", "c=%C2%85", "c=%7f"] {
            assert_eq!(read(broken), Answer::unknown(Reason::Malformed), "{broken}");
        }
    }

    #[test]
    fn a_value_no_browser_can_store_is_not_read() {
        let fits = |length: usize| read(&format!("c={}", "1".repeat(length))).reason;
        assert_eq!(fits(MAX_VALUE_BYTES), Reason::Malformed);
        assert_eq!(fits(MAX_VALUE_BYTES + 1), Reason::Oversized);
    }

    #[test]
    fn a_repeated_key_must_agree_with_itself() {
        let pairs = [("a", "1"), ("ab", "2"), ("a", "1"), ("b", "1"), ("b", "0")];
        assert_eq!(one(pairs.into_iter(), "a"), Ok(Some("1")));
        assert_eq!(one(pairs.into_iter(), "c"), Ok(None));
        assert_eq!(one(pairs.into_iter(), "b"), Err(Answer::denied_for(Reason::Conflict)));
    }
}
