//! Germany: tax identification number (Bundeszentralamt für Steuern; ISO/IEC 7064 MOD 11,10).

use super::{Plan, digit};
use crate::scrub::kind::Kind;

pub(super) const TAX_ID: Plan = Plan { kind: Kind::DeTaxId, written: &[], bare: false, check: is_tax_id };

fn is_tax_id(digits: &[u8]) -> bool {
    let Some(body) = digits.get(..10).filter(|_| digits.len() == 11) else { return false };
    let product = body.iter().fold(10, |product, own| {
        let sum = (u32::from(*own) + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    let times = |wanted: u8| body.iter().filter(|own| **own == wanted).count();
    // One digit stands twice or three times, the others at most once.
    let repeated = (0..10).filter(|wanted| times(*wanted) > 1).count();
    digit(digits, 0) != 0
        && (11 - product) % 10 == digit(digits, 10)
        && repeated == 1
        && (0..10).all(|wanted| times(wanted) <= 3)
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::is_tax_id;

    #[test]
    fn de_taxid_numbers_are_checked() {
        check(
            is_tax_id,
            &[
                "86095742719",
                "47036892816",
                "65929970489",
                "20 154 173 699",
                "45 102 786 231",
                "71 962 140 585",
                "84011397524",
                "49506328729",
                "86 950 367 412",
                "96 820 351 415",
                "16 973 435 208",
                "35020461972",
                "24 318 607 754",
                "52703698169",
                "47 806 295 334",
                "78034126053",
                "71590486622",
                "52943620715",
                "86 425 713 043",
                "46295207319",
                "68502710930",
                "29 180 456 713",
                "12 986 541 737",
                "37462591209",
                "57 862 340 985",
            ],
            &[
                "17826301599",
                "68 513 802 478",
                "22 908 315 479",
                "32 650 815 796",
                "19748608252",
                "96534710261",
                "67 053 724 982",
                "31580249977",
                "21 709 986 351",
                "87405512962",
                "56 893 727 013",
                "17 693 472 500",
                "47 615 232 803",
                "60162489354",
                "6541089352",
                "654108935200",
                "00000000000",
                "12345",
                "99999999999999",
                "",
            ],
        );
    }
}
