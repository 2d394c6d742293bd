//! Days as people write them, and the one thing they decide: when `observe` ends.

use super::file::{Mode, Site};
use crate::clock::UnixMillis;

/// The first moment (UTC) of a day written `2027-01-31`; `None` for anything else, also for days that do not exist.
#[must_use]
pub fn parse(text: &str) -> Option<UnixMillis> {
    let mut parts = text.split('-');
    let mut number = |digits: usize| {
        let part = parts.next()?;
        (part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse::<i64>().ok())?
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    if parts.next().is_some() || !(1..=12).contains(&month) || day < 1 || day > days_of(year, month) {
        return None;
    }
    // Days since 1970-01-01, counting years from March so that the leap day is the last of its year.
    let shifted = if month > 2 { year } else { year - 1 };
    let month = (month + 9) % 12;
    let days = shifted * 365 + shifted.div_euclid(4) - shifted.div_euclid(100)
        + shifted.div_euclid(400)
        + (month * 153 + 2) / 5
        + day
        - 719_469;
    Some(UnixMillis::from_seconds(days * 86_400))
}

fn days_of(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Site {
    /// What the site does at a moment: `observe` ends at the first moment (UTC) of `observe_until`. A day that cannot
    /// be read has passed.
    #[must_use]
    pub fn mode_at(&self, now: UnixMillis) -> Mode {
        let until = self.observe_until.as_deref().and_then(parse);
        match (self.mode, until) {
            (Mode::Observe, Some(until)) if now < until => Mode::Observe,
            _ => Mode::Enforce,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_1970() {
        for (text, days) in [
            ("1970-01-01", 0),
            ("1970-03-01", 59),
            ("2000-02-29", 11016),
            ("2024-12-31", 20088),
            ("2026-11-20", 20777),
            ("1969-12-31", -1),
        ] {
            assert_eq!(parse(text), Some(UnixMillis::from_seconds(days * 86_400)), "{text}");
        }
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in [
            "",
            "2026",
            "2026-13-01",
            "2026-00-01",
            "2026-02-29",
            "2026-1-1",
            "2026-01-01T00:00",
            "2026-01-01-01",
            "20a6-01-01",
            "+026-01-01",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
