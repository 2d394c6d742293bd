//! Values that carry a MAC in the clear: who holds the secret made them.
//!
//! Input: the cookie's text. Output: the signed part without the signature and without its time of issue.
//! Failure: `Malformed` when the parts are not there, `BadSignature` when no key fits, `Expired` or `NotYetValid`
//! by the time inside. Nothing but the layout is read before the MAC is proven.

use std::time::Duration;

use crate::clock::UnixMillis;
use crate::session::candidate::Candidate;
use crate::session::digest::Digest;
use crate::session::encoding;
use crate::session::keys::{Key, Recipe};
use crate::session::refusal::Refusal;
use crate::session::setup::Setup;

/// How a format signs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Format {
    /// Where the signature stands.
    pub(crate) layout: Layout,
    /// The hashes of the HMAC that are accepted; the length of a signature says which it is.
    pub(crate) digests: &'static [Digest],
    /// How the signature is written.
    pub(crate) spelling: Spelling,
    /// How the key is made.
    pub(crate) recipe: Recipe,
    /// The time of issue inside the signed part.
    pub(crate) stamp: Stamp,
}

/// Where the signature stands, and what it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// `value SEP signature`, split at the last separator; covers the value.
    Tail(&'static str),
    /// `value` here, the signature in the companion cookie; covers `name=value` (npm keygrip and cookies).
    Companion,
}

/// How a signature is written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// Lower-case hexadecimal.
    Hex,
    /// Base64, padded or not.
    Base64,
    /// Base64url, padded or not.
    Base64Url,
}

/// The time of issue, which stands after the last separator of the signed part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stamp {
    /// None: the value says nothing about its age.
    None,
    /// Seconds in base 62 (django.core.signing `TimestampSigner`).
    Base62(&'static str, Duration),
    /// Seconds as base64url of big-endian bytes (itsdangerous `TimestampSigner`).
    BigEndian(&'static str, Duration),
}

/// How far in the future a time of issue may lie: clocks of two machines differ.
pub(super) const SKEW: Duration = Duration::from_secs(60);

/// The check for one site.
pub(crate) struct Signed {
    format: Format,
    digests: Vec<Digest>,
    keys: Vec<Key>,
    max_age: Duration,
}

impl Format {
    /// Makes the check from the configuration.
    pub(crate) fn build(self, setup: &mut Setup<'_>) -> Signed {
        let keys = setup.keys(self.recipe);
        let max_age = match self.stamp {
            Stamp::None => Duration::MAX,
            // The time is there, and the framework does not look at it.
            Stamp::Base62(_, Duration::MAX) | Stamp::BigEndian(_, Duration::MAX) => Duration::MAX,
            Stamp::Base62(_, default) | Stamp::BigEndian(_, default) => setup.max_age(default),
        };
        let chosen = if self.digests.len() > 1 { setup.take("digest", |config| config.digest) } else { None };
        let digests = chosen.map_or_else(|| self.digests.to_vec(), |digest| vec![digest]);
        Signed { format: self, digests, keys, max_age }
    }
}

impl Signed {
    /// Checks the signature and the age, and leaves the signed payload.
    pub(crate) fn open(&self, candidate: &mut Candidate<'_>, now: UnixMillis) -> Result<(), Refusal> {
        let value = candidate.bytes()?;
        let (signed, key) = match self.format.layout {
            Layout::Tail(separator) => {
                let (signed, signature) = split_last(value, separator).ok_or(Refusal::Malformed)?;
                let tag = self.format.spelling.decode(signature).ok_or(Refusal::Malformed)?;
                (signed, self.fitting(&[signed], &tag))
            }
            Layout::Companion => {
                let parts = [candidate.name.as_bytes(), b"=", value];
                let tags = candidate.companions.iter().filter_map(|text| self.format.spelling.decode(text));
                (value, tags.into_iter().find_map(|tag| self.fitting(&parts, &tag)))
            }
        };
        let key = key.ok_or(Refusal::BadSignature)?.label();
        let (payload, issued) = self.format.stamp.split(signed).ok_or(Refusal::Malformed)?;
        let payload = payload.to_vec();
        candidate.trace.key = Some(key);
        if let Some(issued) = issued {
            candidate.trace.issued = Some(issued);
            candidate.trace.expires = Some(issued.after(self.max_age));
            check_age(issued, self.max_age, now)?;
        }
        candidate.set_bytes(payload);
        Ok(())
    }

    fn fitting(&self, parts: &[&[u8]], tag: &[u8]) -> Option<&Key> {
        let digest = self.digests.iter().find(|digest| digest.length() == tag.len())?;
        self.keys.iter().find(|key| digest.mac_matches(&key.bytes, parts, tag))
    }
}

impl Spelling {
    /// The bytes of a written signature.
    pub(crate) fn decode(self, text: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Hex => encoding::lower_hex(text),
            Self::Base64 => encoding::base64(text),
            Self::Base64Url => encoding::base64url(text),
        }
    }
}

impl Stamp {
    /// The payload and its time of issue.
    fn split(self, signed: &[u8]) -> Option<(&[u8], Option<UnixMillis>)> {
        let separator = match self {
            Self::None => return Some((signed, None)),
            Self::Base62(separator, _) | Self::BigEndian(separator, _) => separator,
        };
        let (payload, time) = split_last(signed, separator)?;
        let seconds = match self {
            Self::BigEndian(..) => encoding::big_endian(&encoding::base64url(time)?)?,
            Self::None | Self::Base62(..) => encoding::base62(time)?,
        };
        Some((payload, Some(UnixMillis::from_seconds(seconds))))
    }
}

/// Refuses what is older than `max_age`, or was made in the future.
pub(crate) fn check_age(issued: UnixMillis, max_age: Duration, now: UnixMillis) -> Result<(), Refusal> {
    if now > issued.after(max_age) {
        Err(Refusal::Expired)
    } else if issued > now.after(SKEW) {
        Err(Refusal::NotYetValid)
    } else {
        Ok(())
    }
}

/// What stands before and after the last separator.
pub(crate) fn split_last<'a>(text: &'a [u8], separator: &str) -> Option<(&'a [u8], &'a [u8])> {
    let at = memchr::memmem::rfind(text, separator.as_bytes())?;
    Some((text.get(..at)?, text.get(at + separator.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn the_age_is_counted_from_the_time_of_issue() {
        let issued = UnixMillis::from_seconds(1_000);
        assert_eq!(check_age(issued, MINUTE, UnixMillis::from_seconds(1_060)), Ok(()));
        assert_eq!(check_age(issued, MINUTE, UnixMillis::from_seconds(1_061)), Err(Refusal::Expired));
        assert_eq!(check_age(issued, MINUTE, UnixMillis::from_seconds(940)), Ok(()));
        assert_eq!(check_age(issued, MINUTE, UnixMillis::from_seconds(939)), Err(Refusal::NotYetValid));
    }

    #[test]
    fn a_value_is_split_at_the_last_separator() {
        assert_eq!(split_last(b"a.b.c", "."), Some((&b"a.b"[..], &b"c"[..])));
        assert_eq!(split_last(b"a--b--", "--"), Some((&b"a--b"[..], &b""[..])));
        assert_eq!(split_last(b"abc", "."), None);
    }

    #[test]
    fn a_stamp_that_cannot_be_read_is_no_stamp() {
        let stamp = Stamp::Base62(":", MINUTE);
        assert!(stamp.split(b"payload").is_none());
        assert!(stamp.split(b"payload:!").is_none());
        assert_eq!(stamp.split(b"pay:load:1"), Some((&b"pay:load"[..], Some(UnixMillis(1_000)))));
    }
}
