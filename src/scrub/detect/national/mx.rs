//! Mexico: CURP (RENAPO; check digit weighted 18 down to 2, modulo 10).

use super::{Lettered, digits_of, is_date, value};
use crate::scrub::kind::Kind;

pub(super) const CURP: Lettered = Lettered { kind: Kind::MxCurp, length: 18, lower: true, check: is_curp };

fn is_curp(run: &[u8]) -> bool {
    let letters =
        |from: usize, to: usize| run.get(from..to).is_some_and(|part| part.iter().all(u8::is_ascii_uppercase));
    let mut room = [0; 18];
    let Some(date) = run.get(4..10).and_then(|date| digits_of(date, &mut room)) else { return false };
    let part = |from: usize, to: usize| value(date.get(from..to).unwrap_or_default());
    run.len() == 18
        && letters(0, 4)
        && is_date(part(2, 4), part(4, 6))
        && run.get(10).is_some_and(|own| b"HMX".contains(own))
        && letters(11, 16)
        && run.last().is_some_and(|own| *own == b'0' + check(run))
}

fn check(run: &[u8]) -> u8 {
    // The alphabet has an Ñ after N, so letters from O on count one more.
    let value = |own: u8| match own {
        b'0'..=b'9' => u32::from(own - b'0'),
        b'A'..=b'N' => u32::from(own - b'A') + 10,
        _ => u32::from(own.wrapping_sub(b'A')) + 11,
    };
    let sum: u32 = run.iter().take(17).zip((2..=18_u32).rev()).map(|(own, weight)| value(*own) * weight).sum();
    u8::try_from((10 - sum % 10) % 10).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{are_found, are_left};
    use crate::scrub::kind::Kind;

    #[test]
    fn mx_curp_numbers_are_found() {
        are_found(
            Kind::MxCurp,
            &[
                "HEGG560427MVZRRL04",
                "BOXW310820HNERXN09",
                "FEZX910505HVZBPY07",
                "NEBD480714MOCHCF29",
                "NOHB050705HJCQTMA5",
                "NAYO781226MNLSPB06",
                "KUHA440204MNLFYH30",
                "JISE911123HNLDXH38",
                "LUPC320718HJCFHZ18",
                "HABE300915HVZHDX23",
                "LILR340204HOCBKM04",
                "LOES960522MVZNVP12",
                "BEBG421127HNLJGZ18",
                "DUNC050609MNLQHQB0",
                "JERG400522HVZLJP16",
                "JOAT830311HDFLFX06",
                "HALK000703MJCKLBA6",
                "CAFQ780413MPLTFV22",
                "GUDB030518HNLQHPB0",
                "GAVQ911005HVZGGQ24",
                "HEVT361221MVZSHS21",
                "GOQW890910HNLDMR28",
                "CECF411103HDFMXT07",
                "PEPP841117HOCBZJ09",
            ],
        );
    }

    #[test]
    fn what_only_looks_like_mx_curp_stays() {
        are_left(
            Kind::MxCurp,
            &[
                "HEGG560427MVZRRL05",
                "HEGG561327MVZRRL04",
                "HEGG560432MVZRRL04",
                "HEGG560427AVZRRL04",
                "HEGG560427MVZRRL0",
                "HEGG560427MVZRRL040",
                "H1GG560427MVZRRL04",
                "xHEGG560427MVZRRL04",
                "HeGG560427MVZRRL04",
                "HEGG560427MV1RRL04",
                "1Z2H1BA30725334342",
                "HEGG560427MVZRRLO4X",
                "ABCDEFGHIJKLMNOPQR",
                "123456789012345678",
                "BADD110313HCMLNS08",
                "BADD110313HCMLNS0A",
                "HEGG-560427-MVZRRL-04",
                "HEGG560427MVZRRL_04",
                "9a8b7c6d5e4f3a2b1c",
                "BADD110313ACMLNS09",
            ],
        );
    }
}
