//! India: Aadhaar (UIDAI, Verhoeff's check digit) and permanent account number (Income Tax Department).

use super::{Lettered, Plan, digit};
use crate::scrub::kind::Kind;

pub(super) const AADHAAR: Plan = Plan {
    kind: Kind::InAadhaar,
    written: &[(&[4, 4, 4], b"  "), (&[4, 4, 4], b"--")],
    bare: false,
    check: is_aadhaar,
};
pub(super) const PAN: Lettered = Lettered { kind: Kind::InPan, length: 10, lower: false, check: is_pan };

fn is_aadhaar(digits: &[u8]) -> bool {
    digits.len() == 12
        && digit(digits, 0) >= 2
        && digits.iter().any(|own| Some(own) != digits.first())
        && verhoeff(digits)
}

/// J. Verhoeff, Error Detecting Decimal Codes (1969): multiplication in the dihedral group of ten elements.
fn verhoeff(digits: &[u8]) -> bool {
    const PERMUTED: [[u8; 10]; 8] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
        [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
        [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
        [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
        [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
        [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
        [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ];
    let product =
        digits.iter().rev().zip(PERMUTED.iter().cycle()).fold(0_u8, |product, (digit, row)| {
            times(product, row.get(usize::from(*digit)).copied().unwrap_or_default())
        });
    product == 0
}

/// The product of two elements: 0 to 4 turn a pentagon, 5 to 9 turn and flip it.
const fn times(left: u8, right: u8) -> u8 {
    match (left < 5, right < 5) {
        (true, true) => (left + right) % 5,
        (true, false) => (left + right) % 5 + 5,
        (false, true) => (left + 5 - right) % 5 + 5,
        (false, false) => (left + 5 - right) % 5,
    }
}

fn is_pan(run: &[u8]) -> bool {
    let (Some(name), Some(number), Some(check)) = (run.get(..5), run.get(5..9), run.get(9)) else { return false };
    name.iter().all(u8::is_ascii_uppercase)
        && name.get(3).is_some_and(|own| b"ABCFGHJLPTK".contains(own))
        && number.iter().all(u8::is_ascii_digit)
        && number != b"0000"
        && check.is_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{are_found, are_left};
    use crate::scrub::kind::Kind;

    #[test]
    fn in_aadhaar_numbers_are_found() {
        are_found(
            Kind::InAadhaar,
            &[
                "2341 2341 2346",
                "2659 4013 9905",
                "6902 7874 2965",
                "9175 6551 2567",
                "9468 0715 4514",
                "8808 7603 8596",
                "9703 4824 7715",
                "2932 4808 6139",
                "3712 7484 6776",
                "5782 6398 2145",
                "8584 0449 9727",
                "9875 5886 7533",
                "5963 6057 6623",
                "9028 9517 1876",
                "2262 1745 9611",
                "7865 7809 1349",
                "5161 1724 0059",
                "2455 6238 6928",
                "4219 6937 9239",
                "9474 0748 2172",
                "7946 4743 6719",
                "5695 9440 6407",
                "2974 3953 3944",
            ],
        );
    }

    #[test]
    fn what_only_looks_like_in_aadhaar_stays() {
        are_left(
            Kind::InAadhaar,
            &[
                "2341 2341 2347",
                "0341 2341 2346",
                "1340 5993 0945",
                "2988 0118 1440",
                "234123412346",
                "2341 23412346",
                "2341-2341 2346",
                "2341.2341.2346",
                "1 2341 2341 2346 2",
                "1234 5678 9012",
                "1111 1111 1111",
                "2341 2341 234",
                "12341 2341 2346",
                "2341 2341 23467",
                "2341/2341/2346",
                "x2341 2341 2346",
                "2341 2341 2346x",
                "0000 0000 0000",
                "2024 2025 2026",
                "9999 9999 9999",
            ],
        );
    }

    #[test]
    fn in_pan_numbers_are_found() {
        are_found(
            Kind::InPan,
            &[
                "ABCPE1234F",
                "AAAPL1234C",
                "VYXHU1592U",
                "UBJLB9496L",
                "XECAK6808F",
                "GEZJL8698Q",
                "IFILZ4836X",
                "KZDLC2307Y",
                "HVXBZ9132L",
                "CZMPI8792D",
                "OLVAS6243U",
                "LDVFP0411T",
                "RKTFU1036U",
                "OWJBD2291B",
                "BJPCD3847R",
                "EMOTV8851N",
                "SXXHN1623P",
                "TNIPW6071G",
                "OOHTD6019R",
                "ULBBI3110D",
                "OCVFU9784A",
                "BZKFE9251G",
                "CYRFS3539H",
                "KYEGA4543E",
            ],
        );
    }

    #[test]
    fn what_only_looks_like_in_pan_stays() {
        are_left(
            Kind::InPan,
            &[
                "ABCDE1234F",
                "ABCPE0000F",
                "ABCPE123F",
                "ABCPE12345",
                "abcpe1234f",
                "ABCPE1234FG",
                "XABCPE1234F",
                "ABCXE1234F",
                "AbcPE1234F",
                "ABC1E1234F",
                "ABCPE1234-F",
                "1BCPE1234F",
                "ABCPEF234F",
                "ABCPE1234F-9",
                "X-ABCPE1234F",
                "ABCZE1234F",
                "SKUUP1234",
                "ORDER12345",
                "ABCPE 1234 F",
                "ABCP-E1234F",
            ],
        );
    }
}
