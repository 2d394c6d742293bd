//! United States: social security number (Social Security Administration, rules since the randomisation of 2011).

use super::{Plan, digit, value};
use crate::scrub::kind::Kind;

pub(super) const SSN: Plan = Plan { kind: Kind::UsSsn, written: &[(&[3, 2, 4], b"--")], bare: false, check: is_ssn };

fn is_ssn(digits: &[u8]) -> bool {
    let area = value(digits.get(..3).unwrap_or_default());
    digits.len() == 9
        && area != 0
        && area != 666
        && digit(digits, 0) != 9
        && value(digits.get(3..5).unwrap_or_default()) != 0
        && value(digits.get(5..).unwrap_or_default()) != 0
}

#[cfg(test)]
mod tests {
    use super::super::testing::{are_found, are_left};
    use crate::scrub::kind::Kind;

    #[test]
    fn us_ssn_numbers_are_found() {
        are_found(
            Kind::UsSsn,
            &[
                "078-05-1120",
                "219-09-9999",
                "655-15-0410",
                "761-36-4013",
                "229-18-1680",
                "694-95-8936",
                "090-76-6913",
                "033-04-1536",
                "224-30-8280",
                "617-04-9196",
                "204-92-8929",
                "430-29-7360",
                "604-36-0107",
                "779-21-6925",
                "349-36-2548",
                "221-98-5515",
                "105-12-6225",
                "100-46-5636",
                "619-34-0712",
                "749-59-8786",
                "128-49-1292",
                "566-38-5926",
                "592-25-1140",
                "047-85-3734",
            ],
        );
    }

    #[test]
    fn what_only_looks_like_us_ssn_stays() {
        are_left(
            Kind::UsSsn,
            &[
                "000-12-3456",
                "666-12-3456",
                "900-12-3456",
                "999-99-9999",
                "123-00-4567",
                "123-45-0000",
                "489-93-8167-C",
                "1-489-93-8167",
                "12-345-6789",
                "123-456-789",
                "123 45 6789",
                "123456789",
                "123.45.6789",
                "ab123-45-6789",
                "123-45-67890",
                "0123-45-6789",
                "123-45-678",
                "123/45/6789",
                "123-45-6789a",
                "x-123-45-6789",
            ],
        );
    }
}
