//! Poland: PESEL (Ministerstwo Cyfryzacji; weights 1 3 7 9, the century is added to the month).

use super::{Plan, digit, is_date, value, weighted};
use crate::scrub::kind::Kind;

pub(super) const PESEL: Plan = Plan { kind: Kind::PlPesel, written: &[], bare: false, check: is_pesel };

fn is_pesel(digits: &[u8]) -> bool {
    let month = value(digits.get(2..4).unwrap_or_default()) % 20;
    let day = value(digits.get(4..6).unwrap_or_default());
    let sum = weighted(digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
    digits.len() == 11 && is_date(month, day) && (10 - sum % 10) % 10 == digit(digits, 10)
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::is_pesel;

    #[test]
    fn pl_pesel_numbers_are_checked() {
        check(
            is_pesel,
            &[
                "44051401359",
                "02070803628",
                "54010969905",
                "39042698375",
                "56061003319",
                "91042393636",
                "00262546782",
                "75050958771",
                "42121653554",
                "82011932048",
                "00301964232",
                "72041393780",
                "73052577727",
                "75030587281",
                "37090210064",
                "47110812031",
                "94081209979",
                "92010188609",
                "32092448402",
                "94122262112",
                "97030839847",
                "75052661569",
                "88100834109",
                "41071368709",
            ],
            &[
                "31120617658",
                "02221703392",
                "90050214891",
                "34032850396",
                "48122761420",
                "02241968561",
                "47122418503",
                "42070815997",
                "06272550474",
                "92041286629",
                "04311319439",
                "39020926263",
                "70060410472",
                "76050421266",
                "6707131839",
                "670713183910",
                "00000000000",
                "12345",
                "99999999999999",
                "",
            ],
        );
    }
}
