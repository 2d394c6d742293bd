//! Singapore: NRIC and FIN (Immigration and Checkpoints Authority; weighted check letter, series M since 2022).

use super::{Lettered, digits_of, weighted};
use crate::scrub::kind::Kind;

pub(super) const NRIC: Lettered = Lettered { kind: Kind::SgNric, length: 9, lower: false, check: is_nric };

fn is_nric(run: &[u8]) -> bool {
    let Some((series, rest)) = run.split_first() else { return false };
    let Some((check, number)) = rest.split_last() else { return false };
    let (offset, letters): (u32, &[u8; 11]) = match series {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        b'M' => (3, b"XWUTRQPNJLK"),
        _ => return false,
    };
    let mut room = [0; 18];
    let Some(digits) = digits_of(number, &mut room).filter(|digits| digits.len() == 7) else { return false };
    let rest = (weighted(digits, &[2, 7, 6, 5, 4, 3, 2]) + offset) % 11;
    letters.get(usize::try_from(rest).unwrap_or_default()) == Some(check)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{are_found, are_left};
    use crate::scrub::kind::Kind;

    #[test]
    fn sg_nric_numbers_are_found() {
        are_found(
            Kind::SgNric,
            &[
                "S1234567D",
                "T1234567J",
                "F1234567N",
                "G1234567X",
                "G8315893Q",
                "F7126611R",
                "S6273715H",
                "G9886497R",
                "G7762282P",
                "G7288137R",
                "G0285196U",
                "S1594082D",
                "S5454470G",
                "T2960443B",
                "T7018510A",
                "G7949756N",
                "G9228777M",
                "T5199663H",
                "G5807412N",
                "S9481813C",
                "S9837801D",
                "T0433971H",
                "F6907056Q",
                "T6085641E",
                "S1824224I",
                "S2462095F",
            ],
        );
    }

    #[test]
    fn what_only_looks_like_sg_nric_stays() {
        are_left(
            Kind::SgNric,
            &[
                "S1234567A",
                "A1234567D",
                "S123456D",
                "S12345678D",
                "s1234567d",
                "S1234567",
                "SS1234567D",
                "S1234567DD",
                "1S1234567D",
                "T1234567D",
                "F1234567D",
                "G1234567D",
                "M1234567D",
                "S-1234567-D",
                "X-S1234567D",
                "S1234567D-1",
                "S1234567I",
                "S1234567O",
                "B1234567D",
                "S1234 567D",
            ],
        );
    }
}
