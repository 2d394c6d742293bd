//! Sweden: personnummer and samordningsnummer (Skatteverket; Luhn over the short form, 60 added to the day).

use super::{Plan, is_date, value};
use crate::scrub::detect::card::luhn;
use crate::scrub::kind::Kind;

pub(super) const PERSONNUMMER: Plan =
    Plan { kind: Kind::SePnr, written: &[(&[6, 4], b"-"), (&[6, 4], b"+")], bare: false, check: is_short };
pub(super) const PERSONNUMMER_LONG: Plan =
    Plan { kind: Kind::SePnr, written: &[(&[8, 4], b"-")], bare: false, check: is_long };

fn is_short(digits: &[u8]) -> bool {
    let month = value(digits.get(2..4).unwrap_or_default());
    let day = value(digits.get(4..6).unwrap_or_default());
    digits.len() == 10 && is_date(month, if day > 60 { day - 60 } else { day }) && luhn(digits)
}

fn is_long(digits: &[u8]) -> bool {
    let century = value(digits.get(..2).unwrap_or_default());
    digits.len() == 12 && (18..=20).contains(&century) && digits.get(2..).is_some_and(is_short)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{are_found, are_left};
    use crate::scrub::kind::Kind;

    #[test]
    fn se_pnr_numbers_are_found() {
        are_found(
            Kind::SePnr,
            &[
                "811218-9876",
                "19811218-9876",
                "670919-9530",
                "121212+1212",
                "19960322-6227",
                "19680516-2127",
                "19650710-7156",
                "611221-7994",
                "19880205-4067",
                "20090726-5755",
                "20060310-5933",
                "700313-5477",
                "710709-6518",
                "050906-8078",
                "860527-1678",
                "680409-2663",
                "19871016-9684",
                "990126-5893",
                "430422-5297",
                "021122-6568",
                "310209-3881",
                "870613-7984",
                "740116-1463",
                "19441205-5453",
                "19560916-5716",
                "870603-4017",
            ],
        );
    }

    #[test]
    fn what_only_looks_like_se_pnr_stays() {
        are_left(
            Kind::SePnr,
            &[
                "811218-9875",
                "811318-9876",
                "811232-9876",
                "8112189876",
                "19811218-9875",
                "21811218-9876",
                "811218-987",
                "811218-98765",
                "1-811218-9876",
                "811218-9876-1",
                "811218 9876",
                "811218/9876",
                "x811218-9876",
                "811218-9876x",
                "000000-0000",
                "17811218-9876",
                "2025-0315",
                "202503-1512",
                "1981-12-18",
                "123456-7890",
            ],
        );
    }
}
