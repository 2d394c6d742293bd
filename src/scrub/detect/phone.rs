//! Telephone numbers: E.164 with a plus sign or `00`, and the North American plan with its separators.
//!
//! National numbers of other plans look like anything; they are found by their key or label.

use super::numbers::Number;
use crate::scrub::features::{before, byte, class, is};
use crate::scrub::hits::Hits;
use crate::scrub::kind::Kind;

/// Finds numbers that start with a plus sign.
pub(crate) fn find_international(bytes: &[u8], hits: &mut Hits) {
    let mut from = 0;
    while let Some(skip) = bytes.get(from..).and_then(|rest| memchr::memchr(b'+', rest)) {
        let start = from + skip;
        from = start + 1;
        if is(before(bytes, start), class::ALNUM) {
            continue;
        }
        if let Some(end) = international_end(bytes, start + 1) {
            hits.mark(start, end, Kind::Phone);
            from = end;
        }
    }
}

/// Where a number that starts behind a plus sign ends.
fn international_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut digits = [0_u8; 15];
    let mut count = 0;
    let mut at = start;
    let mut end = start;
    let mut most = 15;
    loop {
        match byte(bytes, at) {
            digit @ b'0'..=b'9' => {
                // The trunk prefix in `+44 (0)20` is not dialled.
                if digit == b'0' && before(bytes, at) == b'(' && byte(bytes, at + 1) == b')' {
                    at += 1;
                    continue;
                }
                *digits.get_mut(count)? = digit - b'0';
                count += 1;
                at += 1;
                end = at;
                if count == 4 {
                    most = longest(digits.get(..4)?)?;
                }
                continue;
            }
            _ if count >= most && count >= 8 => break,
            _ => {}
        }
        match separators(bytes, at) {
            0 => break,
            length => at += length,
        }
    }
    // `+123abc` is no number.
    let touched = is(byte(bytes, end), class::ALNUM | class::UNDERSCORE);
    (count >= 8 && count <= most.max(15) && !touched && is_plausible(digits.get(..count)?)).then_some(end)
}

/// Length of up to three separators that are followed by a digit.
fn separators(bytes: &[u8], at: usize) -> usize {
    let mut end = at;
    while end - at < 4 {
        end += match byte(bytes, end) {
            b' ' | b'-' | b'.' | b'(' | b')' | b'/' => 1,
            0xC2 if byte(bytes, end + 1) == 0xA0 => 2,
            0xE2 if byte(bytes, end + 1) == 0x80 && matches!(byte(bytes, end + 2), 0x90 | 0x91 | 0x93 | 0xAF) => 3,
            b'0'..=b'9' => return end - at,
            _ => return 0,
        };
    }
    if byte(bytes, end).is_ascii_digit() { end - at } else { 0 }
}

/// Country code and the most digits (with it) of numbers in that country; nothing for codes that are not assigned.
fn longest(lead: &[u8]) -> Option<usize> {
    let lead = lead.iter().take(3).fold(0_u16, |value, digit| value * 10 + u16::from(*digit));
    // ITU-T list of assigned country codes; lengths of the national plans as ITU publishes them, generous where unsure.
    Some(match lead {
        100..=199 => 11,
        700..=799 => 11,
        200..=209 | 270..=279 | 300..=309 | 310..=319 | 320..=329 | 330..=339 | 340..=349 => 12,
        360..=369 | 400..=419 | 450..=459 | 470..=489 | 510..=519 | 530..=539 | 560..=569 | 580..=589 => 12,
        440..=449 | 460..=469 | 520..=529 | 550..=559 | 570..=579 | 600..=619 | 630..=669 => 13,
        540..=549 | 620..=629 | 810..=849 | 860..=869 | 900..=949 | 950..=959 | 980..=989 => 14,
        390..=399 | 430..=439 | 490..=499 => 15,
        210..=269 | 290..=299 | 350..=359 | 370..=389 | 420..=429 | 500..=509 | 590..=599 | 670..=699 => 13,
        800 | 808 | 850..=859 | 870 | 878 | 880..=889 | 960..=979 | 990..=999 => 14,
        _ => return None,
    })
}

fn is_plausible(digits: &[u8]) -> bool {
    let Some((1, national)) = digits.split_first().map(|(first, rest)| (*first, rest)) else {
        // Nine equal digits are a placeholder.
        return digits.iter().any(|own| Some(own) != digits.last());
    };
    national.len() == 10 && national.first().is_some_and(|own| *own >= 2)
}

/// True for a number of the North American plan written with its separators, and for `00` and a country code.
pub(crate) fn is_national(number: &Number<'_>) -> bool {
    let digits = number.digits();
    if number.is_bare() {
        // Twelve and more digits with `00` in front; shorter ones and `001` are padded article numbers.
        return matches!(digits, [0, 0, first, ..] if *first > 1)
            && (13..=16).contains(&digits.len())
            && is_abroad(digits);
    }
    let subscriber = match digits {
        [1, rest @ ..] if number.has_groups(&[1, 3, 3, 4]) => rest,
        rest if number.has_groups(&[3, 3, 4]) => rest,
        [0, 0, ..] => return (11..=17).contains(&digits.len()) && is_abroad(digits),
        _ => return false,
    };
    let [area, _, _, exchange, ..] = subscriber else { return false };
    *area >= 2 && *exchange >= 2 && is_separated(number)
}

fn is_separated(number: &Number<'_>) -> bool {
    number.is_gapped_by(b"-.) \xC2\xE2") && (number.alone || !number.is_joined_by(b" "))
}

fn is_abroad(digits: &[u8]) -> bool {
    let lead = digits.get(2..6).unwrap_or_default();
    longest(lead).is_some_and(|most| digits.len() - 2 <= most && digits.len() >= 11)
}

/// True for text that is nothing but a telephone number in whatever plan: used where a key announces one.
pub(crate) fn is_number(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let rest = text.chars().filter(|own| !own.is_ascii_digit());
    (5..=17).contains(&digits)
        && text.len() <= 40
        && rest.clone().all(|own| {
            matches!(
                own,
                ' ' | '+'
                    | '-'
                    | '.'
                    | '('
                    | ')'
                    | '/'
                    | '\u{a0}'
                    | '\u{2011}'
                    | '#'
                    | '*'
                    | 'x'
                    | 'e'
                    | 't'
                    | 'l'
                    | ':'
                    | ','
            )
        })
        && rest.filter(|own| *own == '.' || *own == ',').count() <= 4
}

#[cfg(test)]
#[path = "phone_tests.rs"]
mod tests;
