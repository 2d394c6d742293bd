//! Points in time as databases write them.

use crate::person::Value;

/// A number as it is, or `2026-05-04T08:11:12.123+02:00` (RFC 3339; a blank for the `T`, no offset for UTC) as
/// microseconds since 1970. Numbers of different units cannot be told apart, so both columns have to use one.
pub(super) fn instant(value: &Value) -> Option<i128> {
    match value {
        Value::Number(number) => number.split_once('.').map_or(number.as_str(), |(whole, _)| whole).parse().ok(),
        Value::Text(text) => text_instant(text),
        _ => None,
    }
}

fn text_instant(text: &str) -> Option<i128> {
    let (date, time) = text.split_at_checked(10)?;
    let mut date = date.split('-');
    let (year, month, day) = (number(date.next()?)?, number(date.next()?)?, number(date.next()?)?);
    let days_in = [31, if is_leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let days = *days_in.get(usize::try_from(month).ok()?.checked_sub(1)?)?;
    if date.next().is_some() || year < 1 || !(1..=days).contains(&day) {
        return None;
    }
    let time = time.strip_prefix(['T', 't', ' '])?;
    let end = time.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(time.len());
    let (clock, offset) = time.split_at_checked(end)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut clock = clock.split(':');
    let (hour, minute, second) = (number(clock.next()?)?, number(clock.next()?)?, number(clock.next()?)?);
    if clock.next().is_some() || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds = ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second - shift(offset)?;
    let micros = number(format!("{fraction:0<6}").get(..6)?)?;
    fraction.bytes().all(|byte| byte.is_ascii_digit()).then_some(seconds * 1_000_000 + micros)
}

fn number(digits: &str) -> Option<i128> {
    let plain = !digits.is_empty() && digits.len() <= 9 && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// An offset in seconds: nothing, `Z`, `+02:00`, `+0200` or `+02`.
fn shift(offset: &str) -> Option<i128> {
    let (sign, rest) = match offset.trim_start() {
        "" | "Z" | "z" | "UTC" => return Some(0),
        signed => (if signed.starts_with('-') { -1 } else { 1 }, signed.strip_prefix(['+', '-'])?),
    };
    let digits = rest.replacen(':', "", 1);
    let (hours, minutes) = digits.split_at_checked(2)?;
    let minutes = if minutes.is_empty() { 0 } else { number(minutes)? };
    Some(sign * (number(hours)? * 3600 + minutes * 60))
}

const fn is_leap(year: i128) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar, counting years from March so that the leap day is last.
const fn days_since_1970(year: i128, month: i128, day: i128) -> i128 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    days + (153 * month + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::instant;
    use crate::person::Value;

    fn text(text: &str) -> Option<i128> {
        instant(&Value::Text(text.into()))
    }

    #[test]
    fn times_are_compared_across_offsets_and_spellings() {
        assert_eq!(text("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(text("2000-02-29 12:00:00"), Some(951_825_600_000_000));
        assert_eq!(text("2026-11-20T12:00:00.5Z"), Some(1_795_176_000_500_000));
        for same in ["2026-11-20T13:00:00+01:00", "2026-11-20 07:30:00-0430", "2026-11-20T12:00:00.000000+00"] {
            assert_eq!(text(same), Some(1_795_176_000_000_000), "{same}");
        }
        assert_eq!(instant(&Value::Number("1795176000".into())), Some(1_795_176_000));
    }

    #[test]
    fn what_is_no_time_is_not_read() {
        for other in [
            "",
            "yes",
            "2026-11-20",
            "2026-13-01T00:00:00Z",
            "2025-02-29T00:00:00Z",
            "2026-11-20T24:00:00Z",
            "2026-11-20T12:00Z",
            "2026-11-20T12:00:00X",
            "2026-11-20T12:00:00.-Z",
            "2026-11-20T12:00:00+1",
            "ä-11-20T0",
        ] {
            assert_eq!(text(other), None, "{other}");
        }
        assert_eq!(instant(&Value::Bool(true)), None);
    }
}
