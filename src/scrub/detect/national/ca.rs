//! Canada: social insurance number (Service Canada; Luhn).

use super::{Plan, digit};
use crate::scrub::detect::card::luhn;
use crate::scrub::kind::Kind;

pub(super) const SIN: Plan = Plan { kind: Kind::CaSin, written: &[], bare: false, check: is_sin };

fn is_sin(digits: &[u8]) -> bool {
    digits.len() == 9 && !matches!(digit(digits, 0), 0 | 8) && luhn(digits)
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::is_sin;

    #[test]
    fn ca_sin_numbers_are_checked() {
        check(
            is_sin,
            &[
                "130 692 544",
                "528 274 228",
                "779050723",
                "768-876-765",
                "777 219 031",
                "143-842-797",
                "778-819-144",
                "758078364",
                "634 074 512",
                "713395960",
                "523 309 581",
                "582-544-946",
                "612604223",
                "253-672-943",
                "467-116-844",
                "377-590-179",
                "651 863 631",
                "354 589 293",
                "750017014",
                "470 632 423",
                "154-152-060",
                "336110374",
                "293870051",
            ],
            &[
                "762-713-610",
                "711554268",
                "621 890 922",
                "332697315",
                "219656528",
                "313-899-945",
                "143 898 362",
                "603-761-372",
                "518-055-265",
                "458271098",
                "143-006-840",
                "686-661-888",
                "241-418-324",
                "369146309",
                "58425241",
                "5842524150",
                "000000000",
                "12345",
                "999999999999",
                "",
            ],
        );
    }
}
