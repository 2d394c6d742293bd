//! United Kingdom: national insurance number (HMRC manual NIM39110) and NHS number (NHS data dictionary, modulus 11).

use super::{Lettered, Plan, digit, weighted};
use crate::scrub::kind::Kind;

pub(super) const NINO: Lettered = Lettered { kind: Kind::UkNino, length: 9, lower: false, check: is_nino };
pub(super) const NHS: Plan = Plan { kind: Kind::UkNhs, written: &[], bare: false, check: is_nhs };

fn is_nino(run: &[u8]) -> bool {
    let [first, second, middle @ .., suffix] = run else { return false };
    let prefix = [*first, *second];
    run.len() == 9
        && prefix.iter().all(u8::is_ascii_uppercase)
        && !b"DFIQUV".contains(first)
        && !b"DFIOQUV".contains(second)
        && !matches!(&prefix, b"BG" | b"GB" | b"KN" | b"NK" | b"NT" | b"TN" | b"ZZ")
        && middle.iter().all(u8::is_ascii_digit)
        && (b'A'..=b'D').contains(suffix)
}

fn is_nhs(digits: &[u8]) -> bool {
    let check = (11 - weighted(digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11;
    digits.len() == 10 && check == digit(digits, 9) && digits.iter().any(|own| *own != 0)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{are_found, are_left, check};
    use super::is_nhs;
    use crate::scrub::kind::Kind;

    #[test]
    fn uk_nino_numbers_are_found() {
        are_found(
            Kind::UkNino,
            &[
                "AB123456C",
                "JG 10 37 59 A",
                "AA123456A",
                "MC 31 64 75 B",
                "OJ 41 92 83 B",
                "PL 83 50 30 C",
                "LC395376D",
                "LG 38 84 96 D",
                "KG 87 10 12 B",
                "ZC669784A",
                "XL 51 46 27 A",
                "WH 81 48 93 B",
                "HY 80 95 70 A",
                "MK039117A",
                "GW824896B",
                "MR578713B",
                "NA983930A",
                "KC051834D",
                "XG997376B",
                "ES 56 67 01 A",
                "NE333872D",
                "LT317810A",
                "KH 67 73 60 B",
                "AR474687B",
                "MJ 09 80 50 A",
            ],
        );
    }

    #[test]
    fn what_only_looks_like_uk_nino_stays() {
        are_left(
            Kind::UkNino,
            &[
                "BG123456A",
                "GB123456A",
                "ZZ123456A",
                "DA123456A",
                "AO123456A",
                "AB123456E",
                "AB123456",
                "AB12345C",
                "AB1234567C",
                "ab123456c",
                "QQ123456C",
                "AB 12 34 56",
                "AB-123456-C-9",
                "1AB123456C",
                "AB123456CD",
                "X-AB123456C",
                "FY202412A",
                "UK123456A",
                "TN 12 34 56 A",
                "OO123456F",
            ],
        );
    }

    #[test]
    fn uk_nhs_numbers_are_checked() {
        check(
            is_nhs,
            &[
                "943 476 5919",
                "401 023 2137",
                "987 654 3210",
                "8820812193",
                "3619399093",
                "699 854 3530",
                "6247510799",
                "183 842 5136",
                "412 411 8244",
                "9353487404",
                "640 052 4274",
                "8011280597",
                "6204505335",
                "5869232260",
                "256 342 1608",
                "337 543 3034",
                "5414586853",
                "142 940 1966",
                "5698169349",
                "608 835 6154",
                "1484656482",
                "3662994682",
                "443 699 5771",
                "3872148958",
                "3433200378",
            ],
            &[
                "7693676320",
                "1632870832",
                "727 889 5797",
                "872 774 3483",
                "3471434552",
                "223 623 1664",
                "876 036 6909",
                "7054668893",
                "7346706562",
                "1627204653",
                "7556464178",
                "8053100332",
                "923 271 9378",
                "5299124194",
                "185067165",
                "18506716560",
                "0000000000",
                "12345",
                "9999999999999",
                "",
            ],
        );
    }
}
