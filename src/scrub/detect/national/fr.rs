//! France: social security number, NIR (INSEE; key 97 minus the remainder, with 2A and 2B for Corsica).

use super::{Lettered, Plan, digits_of, value};
use crate::scrub::kind::Kind;

pub(super) const NIR: Plan = Plan {
    kind: Kind::FrNir,
    written: &[
        (&[1, 2, 2, 2, 3, 3, 2], b"      "),
        (&[13, 2], b" "),
        (&[13, 2], b"-"),
        (&[1, 2, 2, 2, 3, 3, 2], b"------"),
        (&[1, 2, 2, 2, 3, 3, 2], b"......"),
        (&[1, 2, 2, 5, 3, 2], b"     "),
        (&[1, 2, 2, 2, 6, 2], b"     "),
        (&[1, 2, 2, 8, 2], b"    "),
        (&[1, 4, 2, 3, 3, 2], b"     "),
    ],
    bare: true,
    check: is_nir,
};
pub(super) const NIR_CORSICA: Lettered = Lettered { kind: Kind::FrNir, length: 15, lower: true, check: is_corsican };

fn is_nir(digits: &[u8]) -> bool {
    let (Some(body), Some(key)) = (digits.get(..13), digits.get(13..15)) else { return false };
    digits.len() == 15 && 97 - value(body) % 97 == value(key) && has_sex_and_month(body)
}

fn has_sex_and_month(body: &[u8]) -> bool {
    let month = value(body.get(3..5).unwrap_or_default());
    matches!(body.first(), Some(1..=4 | 7 | 8)) && matches!(month, 1..=12 | 20 | 30..=42 | 50..=99)
}

fn is_corsican(run: &[u8]) -> bool {
    let Some([b'2', letter @ (b'A' | b'B')]) = run.get(5..7) else { return false };
    let mut plain = [b'0'; 15];
    plain.copy_from_slice(run.get(..15).unwrap_or(b"000000000000000"));
    // INSEE: the department counts as 19 or 18.
    for (slot, own) in plain.iter_mut().skip(5).zip([b'1', if *letter == b'A' { b'9' } else { b'8' }]) {
        *slot = own;
    }
    let mut room = [0; 18];
    digits_of(&plain, &mut room).is_some_and(is_nir)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{are_found, are_left};
    use crate::scrub::kind::Kind;

    #[test]
    fn fr_nir_numbers_are_found() {
        are_found(
            Kind::FrNir,
            &[
                "255081416802538",
                "2 55 08 14 168 025 38",
                "185052A00451255",
                "146091567788802",
                "146017733201712",
                "263016911776404",
                "2 90 08 67 608 112 95",
                "1940495803931 26",
                "1 96 05 08 491 868 76",
                "284119393245551",
                "1400609130282 63",
                "2 04 09 50 612 544 61",
                "288091381371951",
                "100125746391002",
                "282065342674831",
                "2700749977157 33",
                "1900212443099 95",
                "1770377980576 60",
                "2 72 11 47 895 682 48",
                "2360547107592 32",
                "2 57 03 30 868 111 70",
                "2 01 06 75 232 827 29",
                "1011079952674 25",
                "2 64 01 91 781 317 64",
                "174017467441195",
            ],
        );
    }

    #[test]
    fn what_only_looks_like_fr_nir_stays() {
        are_left(
            Kind::FrNir,
            &[
                "255081416802539",
                "555081416802538",
                "255131416802541",
                "25508141680253",
                "2550814168025380",
                "2-55-08-14-168-025-39",
                "356439372242883",
                "999999999999999",
                "000000000000000",
                "1 55 08 14 168 025 38",
                "255081416802538a",
                "x255081416802538",
                "0.255081416802538",
                "v3-255081416802538",
                "123456789012345",
                "370000000000000",
                "2 55 08 14 168 025",
                "18503202C004512",
                "955081416802538",
                "255081416802538-2",
            ],
        );
    }
}
