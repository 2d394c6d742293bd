//! South Korea: resident registration number (modulo 11, date and century digit).

use super::{Plan, digit, is_date, value, weighted};
use crate::scrub::kind::Kind;

pub(super) const RRN: Plan = Plan { kind: Kind::KrRrn, written: &[(&[6, 7], b"-")], bare: false, check: is_rrn };

fn is_rrn(digits: &[u8]) -> bool {
    let month = value(digits.get(2..4).unwrap_or_default());
    let day = value(digits.get(4..6).unwrap_or_default());
    let sum = weighted(digits, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]);
    digits.len() == 13 && is_date(month, day) && (11 - sum % 11) % 10 == digit(digits, 12)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{are_found, are_left};
    use crate::scrub::kind::Kind;

    #[test]
    fn kr_rrn_numbers_are_found() {
        are_found(
            Kind::KrRrn,
            &[
                "530123-1461528",
                "820609-2103393",
                "050416-4140571",
                "000703-4063043",
                "001022-3382491",
                "820803-1258230",
                "980718-2007940",
                "510102-2494652",
                "571027-2028916",
                "680213-1284630",
                "080926-4547434",
                "710607-2950209",
                "070801-3268765",
                "980226-1807156",
                "781012-2201752",
                "540801-1045314",
                "081110-3375044",
                "931223-1036142",
                "020916-3839990",
                "520219-1124938",
                "961226-2308944",
                "010801-4056641",
            ],
        );
    }

    #[test]
    fn what_only_looks_like_kr_rrn_stays() {
        are_left(
            Kind::KrRrn,
            &[
                "800101-1234567",
                "801301-1000000",
                "800132-1000000",
                "8001011000000",
                "80-0101-1000000",
                "800101 1000000",
                "1-800101-1234560",
                "800101-123456",
                "800101-12345678",
                "x800101-1234567",
                "000000-0000000",
                "999999-9999999",
                "123456-1234567",
                "202501-0112345",
                "800100-1000004",
                "800001-1000004",
                "956384-5349123",
                "276730-0039123",
                "800101/1234567",
                "800101.1234567",
            ],
        );
    }
}
