//! National identity, tax, social security and health numbers.
//!
//! One small file per country: shape, check digits, and a table of examples made by an implementation of its own. To add
//! one, write the file, name it in [`PLANS`] (digits only) or [`LETTERED`], give it a [`Kind`] and its words
//! in `keys/ids.rs`.

use super::numbers::Number;
use crate::scrub::kind::Kind;

mod au;
mod be;
mod br;
mod ca;
mod ch;
mod cn;
mod de;
mod es;
mod fi;
mod fr;
mod india;
mod it;
mod kr;
mod mx;
mod nl;
mod pl;
mod se;
mod sg;
mod tr;
mod uk;
mod us;
mod za;

/// A number of digits only.
pub(super) struct Plan {
    kind: Kind,
    /// The ways in which it is written with separators: lengths of the groups, and the gaps between them. Such a
    /// number is known without a key.
    written: &'static [(&'static [u8], &'static [u8])],
    /// Without separators it is known without a key as well.
    bare: bool,
    /// Number of digits, check digits, dates.
    check: fn(&[u8]) -> bool,
}

static PLANS: [Plan; 18] = [
    us::SSN,
    br::CPF,
    india::AADHAAR,
    fr::NIR,
    se::PERSONNUMMER,
    se::PERSONNUMMER_LONG,
    kr::RRN,
    ch::AHV,
    be::NRN,
    cn::RIC,
    uk::NHS,
    de::TAX_ID,
    nl::BSN,
    pl::PESEL,
    ca::SIN,
    au::TFN,
    tr::TCKN,
    za::ID,
];

/// A number with letters, written without gaps.
pub(super) struct Lettered {
    kind: Kind,
    length: usize,
    /// Also known in lower case; where the check is weak, other text would be as well.
    lower: bool,
    /// Shape and check letter of the upper-case form.
    check: fn(&[u8]) -> bool,
}

static LETTERED: [Lettered; 10] = [
    uk::NINO,
    es::DNI,
    es::NIE,
    it::CODICE_FISCALE,
    india::PAN,
    sg::NRIC,
    fi::HETU,
    mx::CURP,
    cn::RIC_X,
    fr::NIR_CORSICA,
];

/// The number's kind, if its shape alone tells.
pub(super) fn recognise(number: &Number<'_>) -> Option<Kind> {
    let plan = PLANS.iter().find(|plan| {
        let written = if number.is_bare() {
            plan.bare
        } else {
            let blanks = number.is_joined_by(b" ");
            plan.written.iter().any(|(lengths, gaps)| number.has_groups(lengths) && number.has_gaps(gaps))
                && (number.alone || !blanks)
        };
        written && (plan.check)(number.digits())
    });
    plan.map(|plan| plan.kind)
}

/// The kind of a run of letters and digits in upper case, if its shape alone tells. `lower` says that it was written in
/// lower case.
pub(super) fn recognise_lettered(run: &[u8], lower: bool) -> Option<Kind> {
    LETTERED
        .iter()
        .find(|plan| plan.length == run.len() && (plan.lower || !lower) && (plan.check)(run))
        .map(|plan| plan.kind)
}

/// True if these digits are a right number of any country: used where a key says "national id" in a vague way.
pub(crate) fn is_any(digits: &[u8]) -> bool {
    PLANS.iter().any(|plan| (plan.check)(digits))
}

/// The value of the decimal number that these digits make.
fn value(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |value, digit| value.wrapping_mul(10).wrapping_add(u64::from(*digit)))
}

/// The sum of digits times weights.
fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| u32::from(*digit) * weight).sum()
}

/// The digit at this place.
fn digit(digits: &[u8], at: usize) -> u32 {
    digits.get(at).copied().map_or(0, u32::from)
}

/// The values of ASCII digits; nothing if one is none, or there are more than 18.
fn digits_of<'a>(text: &[u8], room: &'a mut [u8; 18]) -> Option<&'a [u8]> {
    let place = room.get_mut(..text.len())?;
    for (slot, own) in place.iter_mut().zip(text) {
        *slot = own.checked_sub(b'0').filter(|digit| *digit <= 9)?;
    }
    Some(place)
}

/// A month and a day that exist in some year.
fn is_date(month: u64, day: u64) -> bool {
    let days = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod testing {
    use crate::scrub::detect::testing::kinds;
    use crate::scrub::detect::{letters, numbers};
    use crate::scrub::kind::Kind;

    fn all(text: &str, kind: Kind) -> Vec<&str> {
        let find = |text: &str, hits: &mut crate::scrub::hits::Hits| {
            numbers::find(text, hits);
            letters::find(text, hits);
        };
        kinds(text, find).into_iter().filter(|(_, own)| *own == kind).map(|(text, _)| text).collect()
    }

    /// Every one is found whole, alone and in a sentence.
    pub(super) fn are_found(kind: Kind, numbers: &[&str]) {
        for number in numbers {
            assert_eq!(all(number, kind), [*number], "{number}");
            let text = format!("my number is {number}, thanks");
            assert_eq!(all(&text, kind), [*number], "{text}");
        }
    }

    /// None is taken for this kind.
    pub(super) fn are_left(kind: Kind, texts: &[&str]) {
        for text in texts {
            assert_eq!(all(text, kind), Vec::<&str>::new(), "{text}");
        }
    }

    /// The check alone, for numbers that need a key: right numbers pass and wrong ones do not.
    pub(super) fn check(check: fn(&[u8]) -> bool, right: &[&str], wrong: &[&str]) {
        let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).map(|own| own - b'0').collect::<Vec<_>>();
        for number in right {
            assert!(check(&digits(number)), "{number}");
        }
        for number in wrong {
            assert!(!check(&digits(number)), "{number}");
        }
    }
}
