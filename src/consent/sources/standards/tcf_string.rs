//! The IAB TCF 2 string: base64url segments joined by dots, the core first.
//!
//! Layout: IAB Tech Lab, "Transparency and Consent String with Global Vendor & CMP List Formats" v2. A core that is
//! cut off anywhere, in its vendor sections or publisher restrictions as well, is malformed: what is missing could be
//! a restriction. Bits of legitimate interest are passed over; they are no consent.

use super::bits::Bits;

/// One decisecond in milliseconds.
const DECISECOND: i64 = 100;

/// What a string says, as far as consent asks.
pub(super) struct TcfString {
    /// When it was last updated, milliseconds since 1970.
    pub(super) updated: i64,
    /// The purposes of vendors.
    pub(super) core: Purposes,
    /// Whether the wanted vendor has consent.
    pub(super) vendor: bool,
    /// Whether the publisher took the wanted vendor's consent for a wanted purpose away.
    pub(super) restricted: bool,
    /// Whether the wanted vendor was shown to the visitor; `None` when the string does not say who was.
    pub(super) disclosed: Option<bool>,
    /// The publisher's own purposes.
    pub(super) publisher: Option<Publisher>,
}

/// Purposes 1 to 24 that have consent.
#[derive(Clone, Copy)]
pub(super) struct Purposes(u64);

/// The publisher's segment.
pub(super) struct Publisher {
    pub(super) purposes: Purposes,
    /// The custom purposes 1, 2, ...: as many as the string declares.
    pub(super) custom: Vec<bool>,
}

/// Whom the reader asks about.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// The vendor's number.
    pub(super) vendor: Option<u16>,
    /// The purposes.
    pub(super) purposes: &'a [u8],
}

impl Purposes {
    /// Whether a purpose has consent; the first purpose is the highest bit.
    pub(super) fn has(self, purpose: u8) -> bool {
        24_u32.checked_sub(u32::from(purpose)).is_some_and(|shift| purpose > 0 && self.0 >> shift & 1 == 1)
    }
}

impl TcfString {
    /// Reads a string; `None` when any part of it is malformed.
    pub(super) fn read(text: &str, wanted: Wanted<'_>) -> Option<Self> {
        let mut segments = text.split('.');
        let mut string = core(&mut Bits::of(segments.next()?)?, wanted)?;
        let mut seen = 0_u8;
        for segment in segments {
            let mut bits = Bits::of(segment)?;
            let kind = bits.number(3)?;
            let mark = 1_u8 << kind;
            if kind == 0 || seen & mark != 0 {
                return None;
            }
            seen |= mark;
            match kind {
                1 => string.disclosed = Some(vendors(&mut bits, wanted.vendor)?),
                2 => drop(vendors(&mut bits, None)?),
                3 => string.publisher = Some(publisher(&mut bits)?),
                _ => {}
            }
        }
        Some(string)
    }
}

fn core(bits: &mut Bits, wanted: Wanted<'_>) -> Option<TcfString> {
    if bits.number(6)? != 2 {
        return None;
    }
    let _created = bits.number(36)?;
    let updated = i64::try_from(bits.number(36)?).ok()?.checked_mul(DECISECOND)?;
    // CMP id and version, consent screen, language, vendor list version, policy version, two flags, special features.
    bits.skip(12 + 12 + 6 + 12 + 12 + 6 + 2 + 12)?;
    let consents = Purposes(bits.number(24)?);
    // Legitimate interest, the purpose one flag, the publisher's country.
    bits.skip(24 + 1 + 12)?;
    let vendor = vendors(bits, wanted.vendor)?;
    let _legitimate_interest = vendors(bits, None)?;
    let mut restricted = false;
    for _ in 0..bits.number(12)? {
        let purpose = bits.number(6)?;
        let kind = bits.number(2)?;
        let hit = ranges(bits, wanted.vendor)?;
        // 0: not allowed at all; 2: only by legitimate interest. 1 asks for the consent that we look for anyway.
        let concerns_us = wanted.purposes.iter().any(|wanted| u64::from(*wanted) == purpose);
        restricted |= hit && concerns_us && (kind == 0 || kind == 2);
    }
    Some(TcfString { updated, core: consents, vendor, restricted, disclosed: None, publisher: None })
}

/// A vendor section; says whether it holds the wanted vendor.
fn vendors(bits: &mut Bits, wanted: Option<u16>) -> Option<bool> {
    let highest = usize::try_from(bits.number(16)?).ok()?;
    if bits.bit()? {
        return ranges(bits, wanted);
    }
    let wanted = wanted.map(usize::from).filter(|vendor| (1..=highest).contains(vendor));
    let Some(vendor) = wanted else { return bits.skip(highest).map(|()| false) };
    bits.skip(vendor - 1)?;
    let held = bits.bit()?;
    bits.skip(highest - vendor)?;
    Some(held)
}

/// A list of vendors and ranges of vendors; says whether it holds the wanted one.
fn ranges(bits: &mut Bits, wanted: Option<u16>) -> Option<bool> {
    let mut held = false;
    for _ in 0..bits.number(12)? {
        let is_range = bits.bit()?;
        let first = bits.number(16)?;
        let last = if is_range { bits.number(16)? } else { first };
        if first == 0 || last < first {
            return None;
        }
        held |= wanted.is_some_and(|vendor| (first..=last).contains(&u64::from(vendor)));
    }
    Some(held)
}

fn publisher(bits: &mut Bits) -> Option<Publisher> {
    let purposes = Purposes(bits.number(24)?);
    let _legitimate_interest = bits.number(24)?;
    let count = usize::try_from(bits.number(6)?).ok()?;
    let custom = std::iter::repeat_with(|| bits.bit()).take(count).collect::<Option<Vec<_>>>()?;
    bits.skip(count)?;
    Some(Publisher { purposes, custom })
}
