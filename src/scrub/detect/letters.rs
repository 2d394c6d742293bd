//! Numbers with letters: bank accounts and the national ids that are not digits alone.
//!
//! One walk from digit to digit: each stands in a run of letters and digits, and one or two letters may stand before that in a
//! number that is written in groups. Words are passed by.

use super::{iban, national};
use crate::scrub::features::{before, byte, class, is};
use crate::scrub::hits::Hits;
use crate::scrub::kind::Kind;

/// The longest number: an IBAN has at most 34 characters.
const LONGEST: usize = 34;

/// Finds numbers in text with at least four digits and a letter.
pub(crate) fn find(text: &str, hits: &mut Hits) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(skip) = bytes.get(at..).and_then(|rest| rest.iter().position(u8::is_ascii_digit)) {
        let digit = at + skip;
        let start = run_start(bytes, at, digit);
        let run = bytes.get(start..).unwrap_or_default();
        let mut digits = 0;
        let length = run
            .iter()
            .take_while(|own| is(**own, class::ALNUM))
            .inspect(|own| digits += usize::from(is(**own, class::DIGIT)))
            .count();
        let end = start + length;
        // `AC 00 78 55 A`, `X-1234567-L`
        let lead = start.checked_sub(1).filter(|gap| *gap > at && matches!(byte(bytes, *gap), b' ' | b'-'));
        let led = lead.and_then(|gap| {
            let start = run_start(bytes, at.max(gap.saturating_sub(3)), gap);
            if (1..=2).contains(&(gap - start)) { inspect_at(bytes, start, gap, 0, hits) } else { None }
        });
        at = led.or_else(|| inspect_at(bytes, start, end, digits, hits)).unwrap_or(end);
    }
}

/// Where the run of letters and digits starts that ends here, `floor` at the earliest.
fn run_start(bytes: &[u8], floor: usize, end: usize) -> usize {
    let head = bytes.get(floor..end).unwrap_or_default();
    end - head.iter().rev().take_while(|own| is(**own, class::ALNUM)).count()
}

/// Looks at one run, unless it is the rest of a longer word.
fn inspect_at(bytes: &[u8], start: usize, end: usize, digits: usize, hits: &mut Hits) -> Option<usize> {
    if is(before(bytes, start), class::WIDE | class::UNDERSCORE) {
        return None;
    }
    inspect(bytes, start, end, digits, hits)
}

/// Looks at one run; the end of what was found.
fn inspect(bytes: &[u8], start: usize, end: usize, digits: usize, hits: &mut Hits) -> Option<usize> {
    let length = end - start;
    let letters = length - digits;
    let account = (4..=LONGEST).contains(&length) && digits >= 2 && letters >= 2 && iban::starts(bytes, start);
    match account.then(|| iban::end(bytes, start)).flatten() {
        Some(end) => {
            hits.mark(start, end, Kind::Iban);
            Some(end)
        }
        None => inspect_national(bytes, start, end, digits, hits),
    }
}

fn inspect_national(bytes: &[u8], start: usize, end: usize, digits: usize, hits: &mut Hits) -> Option<usize> {
    let length = end - start;
    let mut joined = [0; 18];
    let (kind, end) = match (length, digits) {
        (9..=18, 4..) if digits < length => (recognise(bytes.get(start..end)?, bytes, start, end)?, end),
        // `AC 00 78 55 A`, `AC 007855A`
        (2, 0) => (
            Kind::UkNino,
            spaced(bytes, start, &mut joined)
                .filter(|run| national_is(run, Kind::UkNino))
                .and(spaced_end(bytes, start))?,
        ),
        // `12345678-Z`
        (8, 8) => (
            Kind::EsDni,
            dashed(bytes, &[(start, end)], &mut joined)
                .and_then(|(run, to)| national_is(run, Kind::EsDni).then_some(to))?,
        ),
        // `X-1234567-L`, `X-1234567L`
        (1, 0) if byte(bytes, end) == b'-' => (
            Kind::EsNie,
            dashed(bytes, &[(start, end)], &mut joined)
                .and_then(|(run, to)| national_is(run, Kind::EsNie).then_some(to))?,
        ),
        // `131052-308T`
        (6, 6) if matches!(byte(bytes, end), b'-' | b'+') => {
            let to = start + 11;
            let run = bytes.get(start..to)?;
            let ends = !is(byte(bytes, to), class::ALNUM | class::DASH);
            (Kind::FiHetu, (ends && national_is(run, Kind::FiHetu)).then_some(to)?)
        }
        _ => return None,
    };
    let bound = byte(bytes, start.wrapping_sub(1)) == b'-' && start >= 2 && is(before(bytes, start - 1), class::ALNUM);
    if bound || (byte(bytes, end) == b'-' && is(byte(bytes, end + 1), class::ALNUM)) {
        return None;
    }
    hits.mark(start, end, kind);
    Some(end)
}

fn recognise(run: &[u8], bytes: &[u8], start: usize, end: usize) -> Option<Kind> {
    let lower = run.iter().any(u8::is_ascii_lowercase);
    // Mixed case is a token, not a number.
    if lower && run.iter().any(u8::is_ascii_uppercase) || byte(bytes, end) == b'_' || before(bytes, start) == b'_' {
        return None;
    }
    let mut upper = [0; 18];
    let place = upper.get_mut(..run.len())?;
    for (slot, own) in place.iter_mut().zip(run) {
        *slot = own.to_ascii_uppercase();
    }
    national::recognise_lettered(place, lower)
}

fn national_is(run: &[u8], kind: Kind) -> bool {
    national::recognise_lettered(run, false) == Some(kind)
}

/// The nine characters of a number whose two letters at `start` are followed by groups with single blanks.
fn spaced<'a>(bytes: &[u8], start: usize, room: &'a mut [u8; 18]) -> Option<&'a [u8]> {
    let end = spaced_end(bytes, start)?;
    let run = bytes.get(start..end)?;
    let mut count = 0;
    for own in run.iter().filter(|own| own.is_ascii_alphanumeric()) {
        *room.get_mut(count)? = *own;
        count += 1;
    }
    room.get(..count)
}

fn spaced_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    for _ in 0..9 {
        if matches!(byte(bytes, at), b' ' | b'-') && at > start {
            at += 1;
        }
        if !byte(bytes, at).is_ascii_alphanumeric() {
            return None;
        }
        at += 1;
    }
    (!is(byte(bytes, at), class::ALNUM)).then_some(at)
}

/// Nine characters that start with this run and go on behind dashes.
fn dashed<'a>(bytes: &[u8], run: &[(usize, usize)], room: &'a mut [u8; 18]) -> Option<(&'a [u8], usize)> {
    let (start, _) = *run.first()?;
    let mut at = start;
    let mut count = 0;
    while count < 9 {
        match byte(bytes, at) {
            own if own.is_ascii_alphanumeric() => {
                *room.get_mut(count)? = own.to_ascii_uppercase();
                count += 1;
            }
            b'-' if at > start => {}
            _ => return None,
        }
        at += 1;
    }
    (!is(byte(bytes, at), class::ALNUM)).then_some((room.get(..count)?, at))
}
