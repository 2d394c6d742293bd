//! The US sections of an IAB GPP string: opt-outs and a Global Privacy Control sub-section.
//!
//! Every field is two bits behind a version of six: 0 not applicable, 1 opted out, 2 not opted out. Where the
//! opt-outs stand differs by state (IABTechLab/iabgpp-es, `modules/cmpapi/src/encoder/segment/Us*CoreSegment.ts`).
//! Such a section can only deny.

use super::bits::Bits;
use crate::config::consent::OptOut;

/// Where a section keeps its opt-outs: the number of two-bit fields in front of each.
#[derive(Clone, Copy)]
struct Layout {
    sale: usize,
    sharing: Option<usize>,
    targeted: Option<usize>,
}

const fn layout(section: u16) -> Option<Layout> {
    Some(match section {
        // National.
        7 => Layout { sale: 6, sharing: Some(7), targeted: Some(8) },
        // California.
        8 => Layout { sale: 3, sharing: Some(4), targeted: None },
        // Virginia, Colorado, Connecticut, Florida, Montana, Oregon, Texas, Delaware, Nebraska, New Hampshire, New
        // Jersey, Tennessee, Minnesota.
        9 | 10 | 12..=17 | 19..=23 => Layout { sale: 3, sharing: None, targeted: Some(4) },
        // Utah and Iowa have one notice more.
        11 | 18 => Layout { sale: 4, sharing: None, targeted: Some(5) },
        // Maryland, Indiana, Kentucky, Rhode Island: two fields of the MSPA come first.
        24..=27 => Layout { sale: 5, sharing: None, targeted: Some(6) },
        _ => return None,
    })
}

/// True for a section that has this shape.
pub(super) const fn is_known(section: u16) -> bool {
    layout(section).is_some()
}

/// Whether the section says that the visitor opted out of anything in `of`; `None` when it cannot be read.
pub(super) fn opted_out(section: u16, text: &str, of: &[OptOut]) -> Option<bool> {
    let layout = layout(section)?;
    let mut segments = text.split('.');
    let mut core = Bits::of(segments.next()?)?;
    core.skip(6)?;
    let last = layout.sale.max(layout.sharing.unwrap_or(0)).max(layout.targeted.unwrap_or(0));
    let mut opted_out = false;
    for field in 0..=last {
        let value = core.number(2)?;
        let meaning = if field == layout.sale {
            Some(OptOut::Sale)
        } else if Some(field) == layout.sharing {
            Some(OptOut::Sharing)
        } else if Some(field) == layout.targeted {
            Some(OptOut::Targeted)
        } else {
            None
        };
        if value == 3 {
            return None;
        }
        opted_out |= value == 1 && meaning.is_some_and(|meaning| of.contains(&meaning));
    }
    for segment in segments {
        let mut bits = Bits::of(segment)?;
        // Type 1 is Global Privacy Control; others say nothing about opt-outs.
        if bits.number(2)? == 1 {
            opted_out |= bits.bit()? && of.contains(&OptOut::Gpc);
        }
    }
    Some(opted_out)
}
