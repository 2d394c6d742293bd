use super::{Answer, DAY, Reason, Segment, Shape, Tcf, UnixMillis};
use crate::config::fault::{Faults, KeyPath};

/// Packs bits the way the standard does.
#[derive(Default, Clone)]
struct Writer(Vec<bool>);

impl Writer {
    fn number(mut self, value: u64, bits: u32) -> Self {
        self.0.extend((0..bits).rev().map(|shift| value >> shift & 1 == 1));
        self
    }

    fn text(mut self) -> String {
        const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        self.0.resize(self.0.len().next_multiple_of(6), false);
        let digit = |six: &[bool]| six.iter().fold(0, |value, bit| value << 1 | usize::from(*bit));
        self.0.chunks(6).map(|six| char::from(DIGITS[digit(six)])).collect()
    }
}

const NOW: i64 = 1_790_000_000_000;

struct Core {
    updated: i64,
    purposes: u64,
    vendors: Vec<u16>,
    restrictions: Vec<(u8, u8, u16)>,
}

impl Core {
    fn text(&self) -> String {
        let bit = |purpose: u32| 1 << (24 - purpose);
        assert_eq!(bit(24), 1);
        let deciseconds = u64::try_from(self.updated / 100).unwrap();
        let mut writer = Writer::default()
            .number(2, 6)
            .number(deciseconds, 36)
            .number(deciseconds, 36)
            .number(0, 12 + 12 + 6)
            .number(0, 12 + 12 + 6 + 2)
            .number(0, 12)
            .number(self.purposes, 24)
            .number(0xff_ffff, 24)
            .number(0, 13);
        let highest = self.vendors.iter().max().copied().unwrap_or(0);
        writer = writer.number(u64::from(highest), 16).number(0, 1);
        for vendor in 1..=highest {
            writer = writer.number(u64::from(self.vendors.contains(&vendor)), 1);
        }
        writer = writer.number(9, 16).number(0, 1).number(0x1ff, 9);
        writer = writer.number(self.restrictions.len() as u64, 12);
        for (purpose, kind, vendor) in &self.restrictions {
            writer = writer.number(u64::from(*purpose), 6).number(u64::from(*kind), 2);
            writer = writer.number(1, 12).number(1, 1).number(u64::from(*vendor), 16).number(u64::from(*vendor), 16);
        }
        writer.text()
    }
}

fn purposes(wanted: &[u32]) -> u64 {
    wanted.iter().map(|purpose| 1 << (24 - purpose)).sum()
}

fn core(wanted: &[u32]) -> Core {
    Core { updated: NOW, purposes: purposes(wanted), vendors: Vec::new(), restrictions: Vec::new() }
}

fn publisher(wanted: &[u32], custom: &[bool]) -> String {
    let mut writer = Writer::default().number(3, 3).number(purposes(wanted), 24).number(0xff_ffff, 24);
    writer = writer.number(custom.len() as u64, 6);
    for bit in custom {
        writer = writer.number(u64::from(*bit), 1);
    }
    writer.number(u64::MAX >> 1, u32::try_from(custom.len()).unwrap()).text()
}

fn read(text: &str, shape: &Shape) -> Answer {
    let mut faults = Faults::default();
    let source = Tcf::build(shape, &KeyPath::root(), &mut faults);
    source.expect("a sound configuration").wants.answer(text, UnixMillis(NOW))
}

fn in_core() -> Shape {
    Shape { segment: Segment::Core, ..Shape::default() }
}

#[test]
fn every_purpose_is_its_own_bit_and_legitimate_interest_is_none() {
    for purpose in 2..=24 {
        let shape = Shape { purposes: Some(vec![u8::try_from(purpose).unwrap()]), ..in_core() };
        assert_eq!(read(&core(&[1, purpose]).text(), &shape), Answer::granted(), "{purpose}");
        assert_eq!(read(&core(&[purpose]).text(), &shape), Answer::denied(), "{purpose} without storage");
        let others = (1..=24).filter(|other| *other != purpose).collect::<Vec<_>>();
        assert_eq!(read(&core(&others).text(), &shape), Answer::denied(), "{purpose} missing");
    }
}

#[test]
fn a_string_cut_off_anywhere_never_answers() {
    let whole = Core { vendors: vec![7], restrictions: vec![(8, 0, 7)], ..core(&[1, 8]) }.text();
    assert_eq!(read(&whole, &in_core()), Answer::granted());
    for length in 0..whole.len() {
        let answer = read(whole.get(..length).unwrap(), &in_core());
        assert_eq!(answer, Answer::unknown(Reason::Malformed), "{length}");
    }
    let segment = publisher(&[1, 8], &[true]);
    for length in 0..segment.len() {
        let text = format!("{}.{}", core(&[]).text(), segment.get(..length).unwrap());
        assert_eq!(read(&text, &Shape::default()), Answer::unknown(Reason::Malformed), "{length}");
    }
}

#[test]
fn the_publisher_answers_for_itself_in_any_order_of_segments() {
    let disclosed = Writer::default().number(1, 3).number(3, 16).number(0, 1).number(7, 3).text();
    let allowed = Writer::default().number(2, 3).number(0, 16).number(0, 1).text();
    let yes = publisher(&[1, 8], &[]);
    for text in [
        format!("{}.{yes}", core(&[]).text()),
        format!("{}.{yes}.{disclosed}.{allowed}", core(&[]).text()),
        format!("{}.{disclosed}.{allowed}.{yes}", core(&[]).text()),
    ] {
        assert_eq!(read(&text, &Shape::default()), Answer::granted());
    }
    assert_eq!(read(&core(&[1, 8]).text(), &Shape::default()), Answer::unknown(Reason::Absent));
    let no = format!("{}.{}", core(&[1, 8]).text(), publisher(&[1], &[]));
    assert_eq!(read(&no, &Shape::default()), Answer::denied());
    let twice = format!("{}.{yes}.{yes}", core(&[]).text());
    assert_eq!(read(&twice, &Shape::default()), Answer::unknown(Reason::Malformed));
}

#[test]
fn a_custom_purpose_counts_when_the_string_declares_it() {
    let shape = |number| Shape { custom_purpose: Some(number), ..Shape::default() };
    let text = format!("{}.{}", core(&[]).text(), publisher(&[1], &[false, true]));
    assert_eq!(read(&text, &shape(1)), Answer::denied());
    assert_eq!(read(&text, &shape(2)), Answer::granted());
    assert_eq!(read(&text, &shape(3)), Answer::unknown(Reason::Absent));
    let no_storage = format!("{}.{}", core(&[]).text(), publisher(&[], &[false, true]));
    assert_eq!(read(&no_storage, &shape(2)), Answer::denied());
}

#[test]
fn a_vendor_needs_its_bit_and_no_restriction() {
    let shape = Shape { vendor: Some(755), ..in_core() };
    let with = |vendors: Vec<u16>, restrictions| read(&Core { vendors, restrictions, ..core(&[1, 8]) }.text(), &shape);
    assert_eq!(with(vec![3, 755], vec![]), Answer::granted());
    assert_eq!(with(vec![754, 756], vec![]), Answer::denied());
    assert_eq!(with(vec![755], vec![(8, 0, 755)]), Answer::denied());
    assert_eq!(with(vec![755], vec![(8, 2, 755)]), Answer::denied());
    assert_eq!(with(vec![755], vec![(8, 1, 755), (9, 0, 755), (8, 0, 754)]), Answer::granted());
    let text = Core { vendors: vec![755], ..core(&[1, 8]) }.text();
    let others_shown = Writer::default().number(1, 3).number(755, 16).number(1, 1).number(1, 12);
    let shown = |first| others_shown.clone().number(1, 1).number(first, 16).number(756, 16).text();
    assert_eq!(read(&format!("{text}.{}", shown(755)), &shape), Answer::granted());
    assert_eq!(read(&format!("{text}.{}", shown(756)), &shape), Answer::unknown(Reason::Absent));
    assert_eq!(read(&format!("{text}.{}", shown(757)), &shape), Answer::unknown(Reason::Malformed));
}

#[test]
fn a_string_is_good_for_its_age() {
    let shape = Shape { max_age_days: 390, ..in_core() };
    let aged = |age: i64| read(&Core { updated: NOW - age, ..core(&[1, 8]) }.text(), &shape);
    assert_eq!(aged(390 * DAY), Answer::granted());
    assert_eq!(aged(390 * DAY + 100), Answer::unknown(Reason::Stale));
    assert_eq!(aged(-DAY), Answer::granted());
    assert_eq!(aged(-DAY - 100), Answer::unknown(Reason::Stale));
}

#[test]
fn numbers_that_the_standard_does_not_have_are_faults() {
    let faults = |shape: &Shape| {
        let mut faults = Faults::default();
        assert!(Tcf::build(shape, &KeyPath::root(), &mut faults).is_none());
        faults.iter().map(|fault| fault.key.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(faults(&Shape { purposes: Some(vec![0]), ..in_core() }), ["purposes"]);
    let all = Shape {
        cookie: "a b".into(),
        purposes: Some(vec![25]),
        custom_purpose: Some(0),
        vendor: Some(0),
        max_age_days: 0,
        ..in_core()
    };
    assert_eq!(faults(&all), ["cookie", "purposes", "max_age_days", "custom_purpose", "vendor"]);
}
