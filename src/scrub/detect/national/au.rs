//! Australia: tax file number (Australian Taxation Office; weighted modulo 11).

use super::{Plan, weighted};
use crate::scrub::kind::Kind;

pub(super) const TFN: Plan = Plan { kind: Kind::AuTfn, written: &[], bare: false, check: is_tfn };

fn is_tfn(digits: &[u8]) -> bool {
    let sum = weighted(digits, &[1, 4, 3, 7, 5, 8, 6, 9, 10]);
    digits.len() == 9 && sum > 0 && sum.is_multiple_of(11)
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::is_tfn;

    #[test]
    fn au_tfn_numbers_are_checked() {
        check(
            is_tfn,
            &[
                "123456782",
                "876543210",
                "419138000",
                "744518705",
                "213568044",
                "292185156",
                "895392644",
                "513 534 655",
                "603323098",
                "975523149",
                "530 214 656",
                "856271875",
                "996 112 535",
                "228 685 289",
                "224593344",
                "622783769",
                "495782329",
                "188 125 205",
                "127 975 736",
                "954 899 529",
                "450 461 735",
                "581487696",
                "690 973 846",
                "544209494",
            ],
            &[
                "712 814 423",
                "177625342",
                "570 165 803",
                "552818322",
                "540254723",
                "592745231",
                "389888164",
                "985240139",
                "836151715",
                "624 671 976",
                "556503333",
                "278 814 767",
                "280156194",
                "754 821 454",
                "39989354",
                "3998935440",
                "000000000",
                "12345",
                "999999999999",
                "",
            ],
        );
    }
}
