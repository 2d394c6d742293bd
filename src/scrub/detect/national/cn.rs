//! China: resident identity number (GB 11643-1999; ISO/IEC 7064 MOD 11-2).

use super::{Lettered, Plan, digits_of, is_date, value, weighted};
use crate::scrub::kind::Kind;

pub(super) const RIC: Plan = Plan { kind: Kind::CnRic, written: &[(&[6, 8, 4], b"  ")], bare: true, check: is_ric };
pub(super) const RIC_X: Lettered = Lettered { kind: Kind::CnRic, length: 18, lower: true, check: is_ric_with_x };

fn is_ric(digits: &[u8]) -> bool {
    let (Some(body), Some(check)) = (digits.get(..17), digits.get(17)) else { return false };
    digits.len() == 18 && is_body(body) && remainder(body) == u32::from(*check)
}

fn is_ric_with_x(run: &[u8]) -> bool {
    let Some((b'X', body)) = run.split_last() else { return false };
    let mut room = [0; 18];
    digits_of(body, &mut room).is_some_and(|body| body.len() == 17 && is_body(body) && remainder(body) == 10)
}

/// The province (GB/T 2260) and the date.
fn is_body(body: &[u8]) -> bool {
    let part = |from: usize, to: usize| value(body.get(from..to).unwrap_or_default());
    matches!(part(0, 2), 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83)
        && (1850..=2099).contains(&part(6, 10))
        && is_date(part(10, 12), part(12, 14))
}

/// The check digit; 10 is written X.
fn remainder(body: &[u8]) -> u32 {
    (12 - weighted(body, &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11) % 11
}

#[cfg(test)]
mod tests {
    use super::super::testing::{are_found, are_left};
    use crate::scrub::kind::Kind;

    #[test]
    fn cn_ric_numbers_are_found() {
        are_found(
            Kind::CnRic,
            &[
                "11010519491231002X",
                "440524188001010014",
                "519241194312189565",
                "445715194706060994",
                "443890198707173095",
                "446391194505080257",
                "12630319930507975X",
                "440864194705110353",
                "330339197304076857",
                "111713195308210231",
                "338338194602061677",
                "123629196903243445",
                "124715200308216626",
                "339627199008140664",
                "332824194005206747",
                "339715198805132734",
                "118576194904016650",
                "449160197908101690",
                "324587195004255065",
                "12705019841208249X",
                "313992198811050115",
                "331836197907232643",
                "446946196809181196",
                "443640197403092705",
            ],
        );
    }

    #[test]
    fn what_only_looks_like_cn_ric_stays() {
        are_left(
            Kind::CnRic,
            &[
                "110105194912310021",
                "11010519491231002",
                "110105184912310020",
                "110105194913310020",
                "110105194912320020",
                "990105194912310020",
                "1101051949123100200",
                "x110105194912310020",
                "110105194912310020a",
                "123456789012345678",
                "000000000000000000",
                "11010519491231003X",
                "1101051949123100XX",
                "01010519491231002X",
                "11010519491231002Y",
                "111111111111111111",
                "99010519491231002X",
                "0.110105194912310020",
                "418765432198765432",
                "110105194900310020",
            ],
        );
    }
}
