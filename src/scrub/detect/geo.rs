//! Coordinates: pairs of decimal degrees, and single ones under their key.
//!
//! They are made coarser rather than removed: one decimal is left, about eleven kilometres of latitude, so a map of
//! cities still works.

use crate::scrub::features::{before, byte, class, is};
use crate::scrub::hits::{By, Hit, Hits, Put};
use crate::scrub::kind::Kind;

/// Decimals of a number that stay.
const KEPT: usize = 1;

/// A decimal number in a text.
struct Decimal {
    start: usize,
    end: usize,
    decimals: usize,
    /// Absolute value of the part before the point; large when it has more than three digits.
    degrees: u32,
}

/// Finds latitude and longitude with four or more decimals each, separated by a comma, a blank or both.
pub(crate) fn find_pairs(text: &str, hits: &mut Hits) {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut last: Option<Decimal> = None;
    let mut row = 0;
    while let Some(next) = next_decimal(bytes, at) {
        at = next.end;
        let joined = last.as_ref().is_some_and(|own| is_separator(bytes.get(own.end..next.start).unwrap_or_default()));
        row = if joined { row + 1 } else { 0 };
        let follows = joined && row % 2 == 1;
        if let Some(first) = last.as_ref().filter(|_| follows) {
            let fine = first.decimals >= 4 && next.decimals >= 4;
            let range = first.degrees <= 90 && next.degrees <= 180 || first.degrees <= 180 && next.degrees <= 90;
            // `matrix(1.0021, 0, 0, 1.0021, 848.5203, 23.4101)` and other calls.
            let is_function = before(bytes, first.start) == b'(';
            if fine && range && (!is_function || is_point(bytes, first.start)) && !is_argument(bytes, first.start) {
                coarsen(first, hits);
                coarsen(&next, hits);
            }
        }
        last = Some(next);
    }
}

/// Makes every number of a text coarser that consists of numbers. False if it does not.
pub(crate) fn coarsen_all(text: &str, least: usize, hits: &mut Hits) -> bool {
    let bytes = text.as_bytes();
    let plain = bytes.iter().all(|own| {
        is(*own, class::DIGIT | class::DOT | class::DASH | class::SPACE)
            || matches!(own, b',' | b'+' | b';' | b'(' | b')' | b'[' | b']')
    });
    if !plain || text.len() > 80 {
        return false;
    }
    let mut at = 0;
    while let Some(next) = next_decimal(bytes, at) {
        at = next.end;
        if next.decimals >= least && next.degrees <= 180 {
            coarsen(&next, hits);
        }
    }
    true
}

fn coarsen(number: &Decimal, hits: &mut Hits) {
    if number.decimals > KEPT {
        hits.push(Hit {
            start: number.end - number.decimals + KEPT,
            end: number.end,
            kind: Kind::Geo,
            put: Put::Nothing,
            by: By::Shape,
        });
    }
}

fn next_decimal(bytes: &[u8], from: usize) -> Option<Decimal> {
    let mut at = from;
    loop {
        at += bytes.get(at..)?.iter().position(u8::is_ascii_digit)?;
        let start = at;
        let whole = bytes.get(start..)?.iter().take_while(|own| own.is_ascii_digit()).count();
        at += whole;
        let decimals = if byte(bytes, at) == b'.' {
            bytes.get(at + 1..)?.iter().take_while(|own| own.is_ascii_digit()).count()
        } else {
            0
        };
        if decimals > 0 {
            at += 1 + decimals;
        }
        let sign = usize::from(matches!(before(bytes, start), b'-' | b'+'));
        let touched = is(before(bytes, start - sign), class::ALNUM | class::UNDERSCORE | class::DOT)
            || is(byte(bytes, at), class::UPPER | class::LOWER | class::UNDERSCORE)
            || (byte(bytes, at) == b'.' && byte(bytes, at + 1).is_ascii_digit());
        if decimals > 0 && !touched {
            let digits = bytes.get(start..start + whole).unwrap_or_default();
            let degrees = digits.iter().take(4).fold(0, |value, own| value * 10 + u32::from(own - b'0'));
            return Some(Decimal { start: start - sign, end: at, decimals, degrees });
        }
        if at >= bytes.len() {
            return None;
        }
    }
}

fn is_separator(between: &[u8]) -> bool {
    (1..=3).contains(&between.len()) && between.iter().all(|own| matches!(own, b',' | b' ' | b';' | b'|' | b'/'))
}

/// True for a further argument of a call: whole numbers and commas stand between it and the name with its bracket.
fn is_argument(bytes: &[u8], start: usize) -> bool {
    let head = bytes.get(start.saturating_sub(80)..start).unwrap_or_default();
    let listed = |own: &u8| is(*own, class::DIGIT | class::DOT | class::DASH | class::SPACE) || *own == b',';
    let Some(open) = head.iter().rposition(|own| !listed(own)) else { return false };
    let first = head.len() - open == 1;
    byte(head, open) == b'('
        && !first
        && is(before(head, open), class::UPPER | class::LOWER)
        && !is_point(head, open + 1)
}

/// `POINT(13.4050 52.5200)` (OGC simple features), `geo:(...)`.
fn is_point(bytes: &[u8], start: usize) -> bool {
    let head = bytes.get(..start.saturating_sub(1)).unwrap_or_default();
    [&b"POINT"[..], b"STRING", b"POLYGON", b"point", b"POINT ", b"LatLng", b"geo", b"at ", b": "]
        .iter()
        .any(|own| head.ends_with(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coarser(text: &str, find: impl Fn(&str, &mut Hits)) -> String {
        let mut hits = Hits::default();
        find(text, &mut hits);
        hits.settle(0);
        let mut out = String::new();
        let mut at = 0;
        for hit in hits.since(0) {
            out.push_str(&text[at..hit.start]);
            at = hit.end;
        }
        out + &text[at..]
    }

    #[test]
    fn pairs_are_made_coarser() {
        for (text, expected) in [
            ("52.520008,13.404954", "52.5,13.4"),
            ("-6.018667, -26.921205", "-6.0, -26.9"),
            ("at 40.7128 -74.0060 now", "at 40.7 -74.0 now"),
            ("POINT(13.404954 52.520008)", "POINT(13.4 52.5)"),
            ("ll=56.157540,162.375829&z=3", "ll=56.1,162.3&z=3"),
            ("geo:37.786971,-122.399677", "geo:37.7,-122.3"),
            ("@52.520008,13.404954,15z", "@52.5,13.4,15z"),
            ("52.520008|13.404954", "52.5|13.4"),
            ("LINESTRING(13.404954 52.520008, 13.405954 52.521008)", "LINESTRING(13.4 52.5, 13.4 52.5)"),
        ] {
            assert_eq!(coarser(text, find_pairs), expected);
        }
    }

    #[test]
    fn other_decimals_stay() {
        for text in [
            "matrix(1.0021, 0, 0, 1.0021, 848.5203, 23.4101)",
            "matrix(1.9391, 0, 0, 1.8891, 106.6763, 40.5530)",
            "0 0 1233 990",
            "3.14159",
            "1.25,2.5",
            "98.066,66 EUR",
            "1.2.3.4, 5.6.7.8",
            "52.52,13.40",
            "2227.0",
            "translate(12.5000, 200.2500)",
            "0.123456789",
            "v1.2345,2.3456",
            "991.2345,992.3456",
            "12.3456px, 12.3456px",
            "52.5,13.4",
        ] {
            assert_eq!(coarser(text, find_pairs), text);
        }
    }

    #[test]
    fn single_numbers_are_made_coarser_under_their_key() {
        let own = |text: &str, hits: &mut Hits| {
            coarsen_all(text, 2, hits);
        };
        for (text, expected) in [
            ("66.492959", "66.4"),
            ("-1.044524", "-1.0"),
            ("13.40", "13.4"),
            ("13.4", "13.4"),
            ("52.52, 13.40", "52.5, 13.4"),
            ("box", "box"),
            ("120", "120"),
        ] {
            assert_eq!(coarser(text, own), expected);
        }
    }
}
