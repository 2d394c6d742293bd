//! Belgium: national register number (royal decree of 3 April 1984; 97 minus the remainder, a 2 in front since 2000).

use super::{Plan, value};
use crate::scrub::kind::Kind;

pub(super) const NRN: Plan = Plan {
    kind: Kind::BeNrn,
    written: &[
        (&[2, 2, 2, 3, 2], b"..-."),
        (&[2, 2, 2, 3, 2], b"..--"),
        (&[6, 3, 2], b"--"),
        (&[6, 3, 2], b"-."),
        (&[2, 2, 2, 3, 2], b"...."),
    ],
    bare: false,
    check: is_nrn,
};

fn is_nrn(digits: &[u8]) -> bool {
    let (Some(body), Some(check)) = (digits.get(..9), digits.get(9..11)) else { return false };
    let (body, check) = (value(body), value(check));
    // Numbers for foreigners add 20 or 40 to the month; unknown dates are zeros.
    let month = value(digits.get(2..4).unwrap_or_default()) % 20;
    let right = 97 - body % 97 == check || 97 - (2_000_000_000 + body) % 97 == check;
    digits.len() == 11 && right && month <= 12 && value(digits.get(4..6).unwrap_or_default()) <= 31 && body > 0
}

#[cfg(test)]
mod tests {
    use super::super::testing::{are_found, are_left};
    use crate::scrub::kind::Kind;

    #[test]
    fn be_nrn_numbers_are_found() {
        are_found(
            Kind::BeNrn,
            &[
                "93.05.18-223.61",
                "93.05.18-223-61",
                "88.06.05-836.31",
                "67.04.16-697.64",
                "88.03.20-291.08",
                "48.12.22-870.47",
                "34.10.11-317.40",
                "94.12.04-281.08",
                "03.08.21-849.27",
                "57.08.10-722.37",
                "78.01.26-342.38",
                "49.12.07-869.34",
                "58.12.24-054.43",
                "52.08.24-402.26",
                "68.11.28-164.16",
                "32.09.13-346.96",
                "84.11.16-357.34",
                "80.07.03-541.31",
                "66.05.23-946.76",
                "54.12.28-562.10",
                "80.02.05-332.48",
                "04.01.28-958.68",
                "68.08.21-168.07",
                "03.03.15-713.17",
            ],
        );
    }

    #[test]
    fn what_only_looks_like_be_nrn_stays() {
        are_left(
            Kind::BeNrn,
            &[
                "93.05.18-223.62",
                "93.13.18-223.61",
                "93.05.32-223.61",
                "93051822361",
                "93.05.18.22361",
                "93-05-18-223-61",
                "1.93.05.18-223.61",
                "93.05.18-223.61-1",
                "93.05.18-22.361",
                "x93.05.18-223.61",
                "93.05.18-223.611",
                "193.05.18-223.61",
                "93.05.18/223.61",
                "93 05 18 223 61",
                "00.00.00-000.00",
                "2025.03.15-223.61",
                "93.05.18-223.6a",
                "93.05.18-223",
                "93.05.18-223,61",
                "99.99.99-999.99",
            ],
        );
    }
}
