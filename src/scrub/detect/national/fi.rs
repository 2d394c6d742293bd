//! Finland: henkilötunnus (Digi- ja väestötietovirasto; modulo 31, century signs of 2023).

use super::{Lettered, digits_of, is_date, value};
use crate::scrub::kind::Kind;

pub(super) const HETU: Lettered = Lettered { kind: Kind::FiHetu, length: 11, lower: false, check: is_hetu };

fn is_hetu(run: &[u8]) -> bool {
    const CHECK: &[u8; 31] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let (Some(date), Some(sign), Some(serial), Some(check)) = (run.get(..6), run.get(6), run.get(7..10), run.get(10))
    else {
        return false;
    };
    let mut number = [0; 9];
    for (slot, own) in number.iter_mut().zip(date.iter().chain(serial)) {
        *slot = *own;
    }
    let mut room = [0; 18];
    let Some(digits) = digits_of(&number, &mut room) else { return false };
    let place = usize::try_from(value(digits) % 31).unwrap_or_default();
    run.len() == 11
        && matches!(sign, b'+' | b'-' | b'A'..=b'F' | b'U'..=b'Y')
        && is_date(value(digits.get(2..4).unwrap_or_default()), value(digits.get(..2).unwrap_or_default()))
        && CHECK.get(place) == Some(check)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{are_found, are_left};
    use crate::scrub::kind::Kind;

    #[test]
    fn fi_hetu_numbers_are_found() {
        are_found(
            Kind::FiHetu,
            &[
                "131052-308T",
                "010594Y9032",
                "131052A308T",
                "041173-695P",
                "081251-5303",
                "060952-340H",
                "150701A2399",
                "061181-192U",
                "010785-757M",
                "150408A608K",
                "010784-7239",
                "090457-772M",
                "041038-820W",
                "120398-3358",
                "040855-270X",
                "210992-322X",
                "200706A4033",
                "120205A362A",
                "061088-835K",
                "191068-088P",
                "040647-246F",
                "060269-384N",
                "130948-430W",
                "190306A394X",
                "160384-652E",
            ],
        );
    }

    #[test]
    fn what_only_looks_like_fi_hetu_stays() {
        are_left(
            Kind::FiHetu,
            &[
                "131052-308U",
                "321052-308T",
                "131352-308T",
                "131052-30T",
                "131052-3080T",
                "131052308T",
                "131052Z308T",
                "131052-308t",
                "1131052-308T",
                "131052-308T-1",
                "131052-308TT",
                "131052-308",
                "131052 308T",
                "131052/308T",
                "x131052-308T",
                "131052-308I",
                "131052-308O",
                "131052G308T",
                "000000-0000",
                "310252-308T",
            ],
        );
    }
}
