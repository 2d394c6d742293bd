//! Keys in words that no list has, beside data of a person: `{"email": ..., "szül": "1971-03-09"}`.
//!
//! What stands there is taken for personal if it looks like nothing else: a date at which a grown person may have been born, a full
//! name, a telephone number as it is dialled at home.

use crate::scrub::detect::{name, phone};
use crate::scrub::features::{Features, class};
use crate::scrub::keys::{Key, flag};
use crate::scrub::kind::Kind;

/// Years in which those who use a site now were born.
const BORN: std::ops::RangeInclusive<u32> = 1920..=2012;

/// What a number is written with as it is dialled at home.
const DIALLED: u32 = class::DIGIT | class::SPACE | class::DASH;

/// What a value looks like.
pub(super) fn guess(text: &str) -> Option<Kind> {
    let found = Features::of(text);
    match found.digits {
        0 => name::is_person(text).then_some(Kind::Name),
        8 if is_birth_date(text) => Some(Kind::Dob),
        9..=12 if text.starts_with('0') && found.bits & !DIALLED == 0 && phone::is_number(text) => Some(Kind::Phone),
        _ => None,
    }
}

/// True if a key announces what only persons have.
pub(super) fn is_personal(key: Key) -> bool {
    let personal = |kind: Kind| {
        matches!(
            kind,
            Kind::Email
                | Kind::Phone
                | Kind::Name
                | Kind::Username
                | Kind::Dob
                | Kind::Password
                | Kind::Passport
                | Kind::MedicalId
        )
    };
    !key.has(flag::WEAK) && key.kind.is_some_and(personal)
}

/// `1971-03-09`, `09.03.1971`, `3/9/1971` with leading zeros, `19710309`.
fn is_birth_date(text: &str) -> bool {
    let mut parts = text.split(['-', '.', '/']);
    let number = |part: Option<&str>| part.and_then(|own| own.parse::<u32>().ok()).unwrap_or_default();
    let (a, b, c) = match (text.len(), parts.next(), parts.next(), parts.next(), parts.next()) {
        (10, a, b @ Some(_), c @ Some(_), None) => (number(a), number(b), number(c)),
        (8, Some(_), None, None, None) => (number(text.get(..4)), number(text.get(4..6)), number(text.get(6..))),
        _ => return false,
    };
    let (year, one, other) = if a > 31 { (a, b, c) } else { (c, a, b) };
    BORN.contains(&year) && (1..=31).contains(&one) && (1..=31).contains(&other) && one.min(other) <= 12
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_by_their_look() {
        for (text, expected) in [
            ("1971-03-09", Some(Kind::Dob)),
            ("09.03.1971", Some(Kind::Dob)),
            ("12/31/1999", Some(Kind::Dob)),
            ("19710309", Some(Kind::Dob)),
            ("Harish Iyengar", Some(Kind::Name)),
            ("0912 408 419", Some(Kind::Phone)),
            ("2026-03-09", None),
            ("13/31/1999", None),
            ("19711331", None),
            ("Team Annual", None),
            ("4111222333", None),
            ("00:01:23.450", None),
            ("harish", None),
            ("10.0.19045.3803", None),
            ("", None),
        ] {
            assert_eq!(guess(text), expected, "{text}");
        }
    }
}
