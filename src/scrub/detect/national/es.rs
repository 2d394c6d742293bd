//! Spain: DNI and NIE (Ministerio del Interior; check letter modulo 23).

use super::{Lettered, digits_of, value};
use crate::scrub::kind::Kind;

pub(super) const DNI: Lettered = Lettered { kind: Kind::EsDni, length: 9, lower: true, check: is_dni };
pub(super) const NIE: Lettered = Lettered { kind: Kind::EsNie, length: 9, lower: true, check: is_nie };

fn is_dni(run: &[u8]) -> bool {
    has_letter(run.get(..8).unwrap_or_default(), run)
}

fn is_nie(run: &[u8]) -> bool {
    let Some((first @ b'X'..=b'Z', _)) = run.split_first() else { return false };
    let mut number = [0; 8];
    for (slot, own) in number.iter_mut().zip(run) {
        *slot = *own;
    }
    if let Some(slot) = number.first_mut() {
        *slot = first - b'X' + b'0';
    }
    has_letter(&number, run)
}

fn has_letter(number: &[u8], run: &[u8]) -> bool {
    const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let mut room = [0; 18];
    let Some(digits) = digits_of(number, &mut room) else { return false };
    let place = usize::try_from(value(digits) % 23).unwrap_or_default();
    run.len() == 9 && LETTERS.get(place) == run.last()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{are_found, are_left};
    use crate::scrub::kind::Kind;

    #[test]
    fn es_dni_numbers_are_found() {
        are_found(
            Kind::EsDni,
            &[
                "12345678Z",
                "12345678-Z",
                "00000000T",
                "35935501W",
                "95494355B",
                "60897763L",
                "29799154D",
                "83124765M",
                "39329479P",
                "94144504F",
                "66927774M",
                "27867482S",
                "17460116B",
                "19217159S",
                "10939096C",
                "61672142B",
                "24173544S",
                "96746886P",
                "60741812P",
                "12783073H",
                "92526995L",
                "43894344V",
                "90635939T",
                "47630633W",
                "96232912S",
            ],
        );
    }

    #[test]
    fn what_only_looks_like_es_dni_stays() {
        are_left(
            Kind::EsDni,
            &[
                "12345678A",
                "1234567Z",
                "123456789Z",
                "12345678ZZ",
                "A12345678Z",
                "12345678I",
                "12345678O",
                "12345678U",
                "12345678",
                "Z12345678",
                "0x12345678Z",
                "12345678Zx",
                "1234567-8Z",
                "12345678-Z-9",
                "x-12345678Z",
                "99999999A",
                "20250315A",
                "87654321Q",
                "1234 5678Z",
                "12345678_Z",
            ],
        );
    }

    #[test]
    fn es_nie_numbers_are_found() {
        are_found(
            Kind::EsNie,
            &[
                "X1234567L",
                "X-1234567-L",
                "Y0000000Z",
                "X9227420G",
                "Z4871470Y",
                "Y2642499C",
                "Z2920762C",
                "Y8535505N",
                "X2036124A",
                "X2329967K",
                "X8288312D",
                "X6054838L",
                "Z9601221Z",
                "Y7841768R",
                "Z2177199R",
                "Z1446455J",
                "X5189037F",
                "Y8030667R",
                "Z6891998F",
                "Y9645230X",
                "X2102634C",
                "Y1244282L",
                "Y7815384K",
                "Z8679860X",
                "Y2153097N",
            ],
        );
    }

    #[test]
    fn what_only_looks_like_es_nie_stays() {
        are_left(
            Kind::EsNie,
            &[
                "X1234567A",
                "W1234567L",
                "X123456L",
                "X12345678L",
                "X1234567",
                "XX1234567L",
                "1X1234567L",
                "X1234567LL",
                "X-1234567-A",
                "Y0000000B",
                "Z9999999A",
                "X1234567O",
                "X1234567I",
                "X12-34567L-1",
                "K1234567L",
                "M1234567L",
                "x-X1234567L",
                "X1234567L_1",
                "AX1234567L",
                "X 1234567 L",
            ],
        );
    }
}
