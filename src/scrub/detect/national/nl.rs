//! Netherlands: burgerservicenummer (Rijksdienst voor Identiteitsgegevens; eleven test).

use super::{Plan, digit, weighted};
use crate::scrub::kind::Kind;

pub(super) const BSN: Plan = Plan { kind: Kind::NlBsn, written: &[], bare: false, check: is_bsn };

fn is_bsn(digits: &[u8]) -> bool {
    let sum = weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2]);
    digits.len() == 9 && sum > 0 && sum % 11 == digit(digits, 8) % 11
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use super::is_bsn;

    #[test]
    fn nl_bsn_numbers_are_checked() {
        check(
            is_bsn,
            &[
                "111222333",
                "123456782",
                "802838571",
                "649733484",
                "534437576",
                "684419865",
                "752404155",
                "847338484",
                "521993301",
                "933016578",
                "220826778",
                "902620678",
                "340049911",
                "647887289",
                "843152746",
                "305493292",
                "768516122",
                "375304630",
                "941459330",
                "372795687",
                "883391879",
                "951910887",
                "498225872",
                "239718707",
            ],
            &[
                "828679087",
                "840640394",
                "206518013",
                "804622659",
                "776618256",
                "228682308",
                "147868633",
                "475243106",
                "790331193",
                "483028434",
                "699534287",
                "464408924",
                "787056853",
                "762462879",
                "53517518",
                "5351751880",
                "000000000",
                "12345",
                "999999999999",
                "",
            ],
        );
    }
}
