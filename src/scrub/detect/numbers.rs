//! Numbers as people write them: groups of digits with blanks, dashes, dots, brackets or slashes between.
//!
//! One walk over the digits of a text; every window of neighbouring groups that could stand alone is offered to cards,
//! telephone numbers and national ids. `0.4111111111111111` or `732-3372-31` offer nothing: a dash or dot binds.

use super::{card, national, phone};
use crate::scrub::features::{before, byte, class, is};
use crate::scrub::hits::Hits;
use crate::scrub::kind::Kind;

/// The most digits of one number: an IBAN's are fewer, a tracking number's may be more.
pub(crate) const MOST: usize = 22;
/// The most groups of one number (a French number in pairs has eight).
const GROUPS: usize = 8;

/// A run of digits.
#[derive(Debug, Clone, Copy)]
struct Group {
    start: usize,
    end: usize,
    /// A letter touches it: part of a name such as `v24` or `a7f`.
    tainted: bool,
}

/// A candidate: the digits of some neighbouring groups, and how they were written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number<'a> {
    digits: &'a [u8],
    lengths: &'a [u8],
    /// The first byte of each gap.
    gaps: &'a [u8],
    /// Nothing touches it that could be a further group of the same number.
    pub(crate) alone: bool,
}

impl<'a> Number<'a> {
    /// The digits as values from 0 to 9.
    pub(crate) const fn digits(&self) -> &'a [u8] {
        self.digits
    }

    /// True if it is written without gaps.
    pub(crate) const fn is_bare(&self) -> bool {
        self.gaps.is_empty()
    }

    /// True if its groups have these lengths.
    pub(crate) fn has_groups(&self, lengths: &[u8]) -> bool {
        self.lengths == lengths
    }

    /// True if these separators stand between its groups.
    pub(crate) fn has_gaps(&self, gaps: &[u8]) -> bool {
        self.gaps == gaps
    }

    /// True if every gap is one of these separators.
    pub(crate) fn is_gapped_by(&self, separators: &[u8]) -> bool {
        !self.gaps.is_empty() && self.gaps.iter().all(|own| separators.contains(own))
    }

    /// True if all gaps are the same separator, one of these.
    pub(crate) fn is_joined_by(&self, separators: &[u8]) -> bool {
        self.gaps.first().is_some_and(|first| separators.contains(first) && self.gaps.iter().all(|own| own == first))
    }
}

/// Finds numbers in text with at least seven digits.
pub(crate) fn find(text: &str, hits: &mut Hits) {
    let bytes = text.as_bytes();
    if memchr::memchr(b'+', bytes).is_some() {
        phone::find_international(bytes, hits);
    }
    let mut cluster = Cluster::EMPTY;
    while cluster.next(bytes) {
        if cluster.digits >= 9 {
            cluster.inspect(bytes, hits);
        }
    }
}

/// Calls `each` with every place where these digits stand, whatever stands between their groups.
pub(crate) fn find_digits(bytes: &[u8], wanted: &[u8], mut each: impl FnMut(usize, usize)) {
    let mut cluster = Cluster::EMPTY;
    while cluster.next(bytes) {
        // Longer runs of digits are no numbers that a person is called by.
        if cluster.digits < wanted.len() || cluster.digits > 40 {
            continue;
        }
        let groups = cluster.groups.get(..cluster.count).unwrap_or_default();
        let places = || groups.iter().flat_map(|group| group.start..group.end);
        for (skip, start) in places().enumerate().take(cluster.digits - wanted.len() + 1) {
            let same = places().skip(skip).zip(wanted).all(|(place, digit)| byte(bytes, place) == digit + b'0');
            if same {
                let end = places().nth(skip + wanted.len() - 1).map_or(start, |last| last + 1);
                let whole = groups.iter().rev().find(|group| group.start <= start).map_or(start, |group| group.start);
                each(if skip <= 5 { groups.first().map_or(whole, |group| group.start) } else { whole }, end);
                break;
            }
        }
    }
}

/// Neighbouring groups. One is filled again and again on the way through a text.
struct Cluster {
    groups: [Group; GROUPS],
    count: usize,
    digits: usize,
    end: usize,
}

impl Cluster {
    const EMPTY: Self =
        Self { groups: [Group { start: 0, end: 0, tainted: false }; GROUPS], count: 0, digits: 0, end: 0 };

    /// Goes on to the next cluster. False if there is none.
    fn next(&mut self, bytes: &[u8]) -> bool {
        let rest = bytes.get(self.end..).unwrap_or_default();
        let Some(skip) = rest.iter().position(u8::is_ascii_digit) else { return false };
        (self.count, self.digits, self.end) = (0, 0, self.end + skip);
        loop {
            let start = self.end;
            let rest = bytes.get(start..).unwrap_or_default();
            let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            self.end = start + length;
            let tainted = is(before(bytes, start), class::UPPER | class::LOWER)
                || is(byte(bytes, self.end), class::UPPER | class::LOWER);
            if let Some(place) = self.groups.get_mut(self.count) {
                *place = Group { start, end: self.end, tainted };
                self.count += 1;
                self.digits += length;
            }
            let gap = gap(bytes, self.end);
            if gap == 0 || self.count == GROUPS {
                return true;
            }
            self.end += gap;
        }
    }

    /// Offers every window of groups.
    fn inspect(&self, bytes: &[u8], hits: &mut Hits) {
        let groups = self.groups.get(..self.count).unwrap_or_default();
        for first in 0..groups.len() {
            let Some(window) = groups.get(first..) else { return };
            if !can_start(bytes, window) {
                continue;
            }
            self.grow(bytes, first, window, hits);
        }
    }

    fn grow(&self, bytes: &[u8], first: usize, window: &[Group], hits: &mut Hits) {
        let mut digits = [0_u8; MOST];
        let mut lengths = [0_u8; GROUPS];
        let mut gaps = [0_u8; GROUPS];
        let mut total = 0;
        for (place, group) in window.iter().enumerate() {
            let run = bytes.get(group.start..group.end).unwrap_or_default();
            let Some(room) = digits.get_mut(total..total + run.len()).filter(|_| !group.tainted) else { return };
            for (slot, own) in room.iter_mut().zip(run) {
                *slot = own - b'0';
            }
            total += run.len();
            if let Some(slot) = lengths.get_mut(place) {
                *slot = u8::try_from(run.len()).unwrap_or(u8::MAX);
            }
            if let (Some(slot), Some(last)) = (
                place.checked_sub(1).and_then(|at| gaps.get_mut(at)),
                place.checked_sub(1).and_then(|at| window.get(at)),
            ) {
                *slot = byte(bytes, last.end);
            }
            if total < 9 || !can_end(bytes, group.end) {
                continue;
            }
            let number = Number {
                digits: digits.get(..total).unwrap_or_default(),
                lengths: lengths.get(..=place).unwrap_or_default(),
                gaps: gaps.get(..place).unwrap_or_default(),
                alone: first == 0 && first + place + 1 == self.count,
            };
            if let Some(kind) = recognise(&number) {
                let start = window.first().map_or(group.start, |own| own.start);
                let bracket = usize::from(before(bytes, start) == b'(' && kind == Kind::Phone);
                hits.mark(start - bracket, group.end, kind);
            }
        }
    }
}

fn recognise(number: &Number<'_>) -> Option<Kind> {
    if card::is_card(number) {
        return Some(Kind::Card);
    }
    national::recognise(number).or_else(|| phone::is_national(number).then_some(Kind::Phone))
}

/// Length of a gap between two groups at this place; 0 if the next group belongs to another number.
fn gap(bytes: &[u8], at: usize) -> usize {
    let mut end = at;
    while end - at < 4 {
        match byte(bytes, end) {
            b' ' | b'-' | b'.' | b'(' | b')' | b'/' => end += 1,
            b'+' if end == at => end += 1,
            // No-break space, narrow no-break space, no-break hyphen.
            0xC2 if byte(bytes, end + 1) == 0xA0 => end += 2,
            0xE2 if byte(bytes, end + 1) == 0x80 && matches!(byte(bytes, end + 2), 0x91 | 0xAF | 0x90 | 0x93) => {
                end += 3
            }
            b'0'..=b'9' => return end - at,
            _ => return 0,
        }
    }
    if byte(bytes, end).is_ascii_digit() { end - at } else { 0 }
}

/// A number may start here: what stands before is neither a letter nor bound to it by a dash or dot.
fn can_start(bytes: &[u8], window: &[Group]) -> bool {
    let Some(first) = window.first().filter(|first| !first.tainted) else { return false };
    match before(bytes, first.start) {
        b'-' | b'.' | b'+' => first.start < 2 || !is(before(bytes, first.start - 1), class::ALNUM),
        b',' => !before(bytes, first.start - 1).is_ascii_digit(),
        _ => true,
    }
}

/// A number may end here.
fn can_end(bytes: &[u8], end: usize) -> bool {
    match byte(bytes, end) {
        b'-' | b'.' | b',' | b'+' => !is(byte(bytes, end + 1), class::ALNUM),
        own => !is(own, class::UPPER | class::LOWER),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrub::detect::testing::kinds;

    #[test]
    fn numbers_are_cut_out_of_text() {
        for (text, expected, kind) in [
            ("Card 4111 1111 1111 1111 was declined", "4111 1111 1111 1111", Kind::Card),
            ("Card 4111 1111 1111 1111 12/27", "4111 1111 1111 1111", Kind::Card),
            ("call (510) 804-9918 now", "(510) 804-9918", Kind::Phone),
            ("ssn=536-22-8726&x=1", "536-22-8726", Kind::UsSsn),
            ("4111\u{a0}1111\u{a0}1111\u{a0}1111", "4111\u{a0}1111\u{a0}1111\u{a0}1111", Kind::Card),
            ("x:4111111111111111.", "4111111111111111", Kind::Card),
        ] {
            assert_eq!(kinds(text, find), [(expected, kind)], "{text}");
        }
    }

    #[test]
    fn parts_of_longer_numbers_are_none() {
        for text in [
            "0.4111111111111111",
            "489-93-8167-C",
            "1-489-93-8167",
            "v3-1707799820787-2247442358871",
            "675-3095089-1089576",
            "1000-2000-3000",
            "2019-2024",
            "732-3372-31",
            "978-3-16-575430-1",
            "1,4111111111111111",
            "x4111111111111111",
            "4111111111111111a",
            "4111111111111111,25",
            "00383083279814251286",
            "9400739458588748443706",
            "1707009743737",
            "2025-01-08T14:50:46.690Z",
            "12.345.678,90",
            "1 000 000 000",
        ] {
            assert_eq!(kinds(text, find), [], "{text}");
        }
    }

    #[test]
    fn hostile_text_takes_linear_time() {
        let _ = kinds(&"1 ".repeat(1 << 17), find);
        let _ = kinds(&"1".repeat(1 << 18), find);
        let _ = kinds(&"+1".repeat(1 << 17), find);
    }
}
