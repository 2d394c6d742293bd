//! Turkey: T.C. kimlik numarası (Nüfus ve Vatandaşlık İşleri; two check digits).

use super::{Plan, digit};
use crate::scrub::kind::Kind;

pub(super) const TCKN: Plan = Plan { kind: Kind::TrTckn, written: &[], bare: false, check: is_tckn };

fn is_tckn(digits: &[u8]) -> bool {
    let odd: u32 = [0, 2, 4, 6, 8].iter().map(|at| digit(digits, *at)).sum();
    let even: u32 = [1, 3, 5, 7].iter().map(|at| digit(digits, *at)).sum();
    let all: u32 = digits.iter().take(10).map(|own| u32::from(*own)).sum();
    digits.len() == 11
        && digit(digits, 0) != 0
        && (odd * 7 + 100 - even) % 10 == digit(digits, 9)
        && all % 10 == digit(digits, 10)
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::is_tckn;

    #[test]
    fn tr_tckn_numbers_are_checked() {
        check(
            is_tckn,
            &[
                "10000000146",
                "11111111110",
                "28775803022",
                "56875063572",
                "29036133254",
                "64110760926",
                "64317350548",
                "93199717972",
                "21006512052",
                "80496110896",
                "14661963994",
                "17676991556",
                "17859311072",
                "29392845686",
                "89723200270",
                "59685498206",
                "37495450850",
                "30388065384",
                "43153779560",
                "69465217088",
                "83033793354",
                "85636205050",
                "25081247380",
                "60033423450",
            ],
            &[
                "35832302465",
                "20261534709",
                "45528961111",
                "32338655906",
                "73099384233",
                "63042897384",
                "27912868544",
                "88725587732",
                "84969033318",
                "83634669214",
                "64812147835",
                "63907895635",
                "87665754664",
                "12734151404",
                "4544439289",
                "454443928920",
                "00000000000",
                "12345",
                "99999999999999",
                "",
            ],
        );
    }
}
