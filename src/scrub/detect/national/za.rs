//! South Africa: identity number (Department of Home Affairs; date, citizenship, Luhn).

use super::{Plan, digit, is_date, value};
use crate::scrub::detect::card::luhn;
use crate::scrub::kind::Kind;

pub(super) const ID: Plan = Plan { kind: Kind::ZaId, written: &[], bare: false, check: is_id };

fn is_id(digits: &[u8]) -> bool {
    let month = value(digits.get(2..4).unwrap_or_default());
    let day = value(digits.get(4..6).unwrap_or_default());
    digits.len() == 13 && is_date(month, day) && digit(digits, 10) <= 2 && luhn(digits)
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::is_id;

    #[test]
    fn za_id_numbers_are_checked() {
        check(
            is_id,
            &[
                "8001015009087",
                "7503305044089",
                "6301254456185",
                "0411017826081",
                "5912243738185",
                "8906261536189",
                "5608158052089",
                "6912017553181",
                "8411256845083",
                "0201052599184",
                "7804131863183",
                "4306197412080",
                "0003029702085",
                "3807103348087",
                "8801128025189",
                "8003042867081",
                "7904053467086",
                "0710109387187",
                "5501057169080",
                "9706197779088",
                "4105217546087",
                "8304069676086",
                "0202130324181",
                "3812243768087",
            ],
            &[
                "7702251856189",
                "5105078070081",
                "8907116360086",
                "6202232577188",
                "3802183727186",
                "5003270912187",
                "4509246210183",
                "4908122308084",
                "8612028164185",
                "3610010633185",
                "6004030600187",
                "5411221312083",
                "3507171558086",
                "0904186613087",
                "090602136418",
                "09060213641850",
                "0000000000000",
                "12345",
                "9999999999999999",
                "",
            ],
        );
    }
}
