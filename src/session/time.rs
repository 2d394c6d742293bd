//! Points in time as sessions write them.

use crate::clock::UnixMillis;
use crate::person::Value;

/// How a point in time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Seconds since 1970, with or without a fraction (`NumericDate`, RFC 7519 section 2).
    Seconds,
    /// Milliseconds since 1970 (JavaScript, Java).
    Millis,
    /// RFC 3339, or what databases print: `2026-11-20T15:52:16Z`, `2026-11-20 15:52:16.5+00`. Without an offset: UTC.
    Iso,
    /// Whatever a database column holds: one of the above, as text. Numbers beyond the year 5138 in seconds are
    /// milliseconds.
    Column,
}

impl Unit {
    /// Reads a time; `None` when the value is no time in this unit.
    pub(crate) fn read(self, value: &Value) -> Option<UnixMillis> {
        match (self, value) {
            (Self::Seconds, Value::Number(number)) => scaled(number, 1000.0),
            (Self::Millis, Value::Number(number)) => scaled(number, 1.0),
            (Self::Iso, Value::Text(text)) => iso(text),
            (Self::Column, Value::Text(text) | Value::Number(text)) => match text.parse::<f64>() {
                Ok(number) if number.abs() < 1e11 => scaled(text, 1000.0),
                Ok(_) => scaled(text, 1.0),
                Err(_) => iso(text),
            },
            _ => None,
        }
    }
}

/// A number of units of so many milliseconds.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "saturates, which is what a time far away means"
)]
fn scaled(number: &str, millis: f64) -> Option<UnixMillis> {
    let count = number.parse::<f64>().ok().filter(|count| count.is_finite())?;
    match number.parse::<i64>() {
        Ok(whole) => Some(UnixMillis(whole.saturating_mul(millis as i64))),
        Err(_) => Some(UnixMillis((count * millis).floor() as i64)),
    }
}

/// Reads RFC 3339 and its near relatives.
pub(crate) fn iso(text: &str) -> Option<UnixMillis> {
    let (date, rest) = text.split_at_checked(10)?;
    let [year, month, day] = fields(date, '-')?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, rest) = rest.split_at_checked(8)?;
    let [hour, minute, second] = fields(clock, ':')?;
    if hour > 24 || minute > 59 || second > 60 {
        return None;
    }
    let (fraction, zone) = match rest.strip_prefix(['.', ',']) {
        Some(rest) => rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())),
        None => ("", rest),
    };
    let millis = fraction
        .chars()
        .chain("000".chars())
        .take(3)
        .fold(0, |millis, digit| millis * 10 + i64::from(digit.to_digit(10).unwrap_or(0)));
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset(zone.trim_start())?;
    Some(UnixMillis(seconds * 1000 + millis))
}

/// Three numbers between separators.
fn fields(text: &str, separator: char) -> Option<[i64; 3]> {
    let mut parts = text
        .split(separator)
        .map(|part| if part.bytes().all(|byte| byte.is_ascii_digit()) { part.parse::<i64>().ok() } else { None });
    let found = [parts.next()??, parts.next()??, parts.next()??];
    if parts.next().is_none() { Some(found) } else { None }
}

/// Seconds east of Greenwich: `Z`, nothing, `+hh`, `+hhmm`, `+hh:mm`.
fn offset(zone: &str) -> Option<i64> {
    let (sign, digits) = match zone.split_at_checked(1) {
        None | Some(("Z" | "z", "")) => return Some(0),
        Some(("+", digits)) => (1, digits),
        Some(("-", digits)) => (-1, digits),
        Some(_) if zone == "UTC" => return Some(0),
        Some(_) => return None,
    };
    let digits: String = digits.chars().filter(|c| *c != ':').collect();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = match digits.len() {
        2 => (digits.parse::<i64>().ok()?, 0),
        4 => (digits.get(..2)?.parse::<i64>().ok()?, digits.get(2..)?.parse::<i64>().ok()?),
        _ => return None,
    };
    Some(sign * (hours * 3600 + minutes * 60))
}

/// Days from 1970-01-01 in the Gregorian calendar; March is the first month of the counted year, so that the leap
/// day is its last.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The point as RFC 3339 in UTC, for people.
pub(crate) fn to_iso(point: UnixMillis) -> String {
    let seconds = point.seconds();
    let (day, clock) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", clock / 3600, clock / 60 % 60, clock % 60)
}

#[cfg(test)]
mod tests {
    use super::{Unit, iso, to_iso};
    use crate::clock::UnixMillis;
    use crate::person::Value;

    #[test]
    fn the_spellings_of_frameworks_and_databases_are_one_point() {
        let point = Some(UnixMillis(1_795_189_936_500));
        for text in [
            "2026-11-20T15:52:16.500Z",
            "2026-11-20T15:52:16.5",
            "2026-11-20 15:52:16.500123+00:00",
            "2026-11-20 15:52:16.5+00",
            "2026-11-20T17:52:16.5+0200",
            "2026-11-20T14:22:16.5-01:30",
            "2026-11-20 15:52:16.5 UTC",
        ] {
            assert_eq!(iso(text), point, "{text}");
        }
    }

    #[test]
    fn leap_days_and_the_epoch_are_counted() {
        assert_eq!(iso("1970-01-01T00:00:00Z"), Some(UnixMillis(0)));
        assert_eq!(iso("2000-02-29T00:00:00Z"), Some(UnixMillis(951_782_400_000)));
        assert_eq!(iso("1969-12-31T23:59:59Z"), Some(UnixMillis(-1000)));
        for text in ["1970-01-01T00:00:00Z", "2000-02-29T12:34:56Z", "2026-12-31T23:59:59Z", "2024-03-01T00:00:00Z"] {
            assert_eq!(to_iso(iso(text).unwrap()), text);
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "2026-11-20",
            "2026-13-20T00:00:00Z",
            "2026-11-20T25:00:00Z",
            "2026-11-20T00:00:00+1",
            "é026-11-20T00:00:00Z",
        ] {
            assert_eq!(iso(text), None, "{text}");
        }
        assert_eq!(Unit::Seconds.read(&Value::Text("1".into())), None);
        assert_eq!(Unit::Seconds.read(&Value::Number("x".into())), None);
    }

    #[test]
    fn numbers_are_scaled_and_never_overflow() {
        assert_eq!(Unit::Seconds.read(&Value::Number("1.5".into())), Some(UnixMillis(1500)));
        assert_eq!(Unit::Seconds.read(&Value::Number("99999999999999999999".into())), Some(UnixMillis(i64::MAX)));
        assert_eq!(Unit::Column.read(&Value::Text("1795189936".into())), Some(UnixMillis(1_795_189_936_000)));
        assert_eq!(Unit::Column.read(&Value::Text("1795189936500".into())), Some(UnixMillis(1_795_189_936_500)));
        assert_eq!(Unit::Column.read(&Value::Text("1970-01-01 00:00:01".into())), Some(UnixMillis(1000)));
        assert_eq!(Unit::Millis.read(&Value::Number("1795189936500".into())), Some(UnixMillis(1_795_189_936_500)));
    }
}
