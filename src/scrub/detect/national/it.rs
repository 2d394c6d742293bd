//! Italy: codice fiscale (decree of 23 December 1976; check letter from odd and even places).

use super::{Lettered, is_date};
use crate::scrub::kind::Kind;

pub(super) const CODICE_FISCALE: Lettered = Lettered { kind: Kind::ItCf, length: 16, lower: true, check: is_codice };

fn is_codice(run: &[u8]) -> bool {
    let letters =
        |from: usize, to: usize| run.get(from..to).is_some_and(|part| part.iter().all(u8::is_ascii_uppercase));
    let two = |at: usize| Some(number(*run.get(at)?)? * 10 + number(*run.get(at + 1)?)?);
    let month = run.get(8).and_then(|own| b"ABCDEHLMPRST".iter().position(|letter| letter == own));
    let day = two(9).map(|day| if day > 40 { day - 40 } else { day });
    let (Some(month), Some(day), Some(_), Some(_)) = (month, day, two(6), two(12)) else { return false };
    run.len() == 16
        && letters(0, 6)
        && letters(11, 12)
        && letters(15, 16)
        && run.get(14).is_some_and(|own| number(*own).is_some())
        && is_date(month as u64 + 1, day)
        && check(run) == run.last().copied()
}

/// A digit, or the letter that takes its place when two people would share a code.
fn number(own: u8) -> Option<u64> {
    let place = match own {
        b'0'..=b'9' => usize::from(own - b'0'),
        _ => b"LMNPQRSTUV".iter().position(|letter| *letter == own)?,
    };
    u64::try_from(place).ok()
}

fn check(run: &[u8]) -> Option<u8> {
    const ODD: [u8; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let sum: u32 = run
        .iter()
        .take(15)
        .enumerate()
        .map(|(place, own)| {
            let plain = if own.is_ascii_digit() { own - b'0' } else { own.wrapping_sub(b'A') };
            // Places count from one: the first is odd.
            u32::from(if place % 2 == 0 { ODD.get(usize::from(plain)).copied().unwrap_or_default() } else { plain })
        })
        .sum();
    u8::try_from(sum % 26).ok().map(|rest| b'A' + rest)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{are_found, are_left};
    use crate::scrub::kind::Kind;

    #[test]
    fn it_cf_numbers_are_found() {
        are_found(
            Kind::ItCf,
            &[
                "MRTMTT91D08F205J",
                "RSSMRA85T10A562S",
                "VDMPZB00S19B531S",
                "LTFLPG49E06B257W",
                "DSGRPC55S58I657F",
                "DSRTRL51R19L043I",
                "SFVRMR33B42A510J",
                "NFVVSM99E61E465B",
                "NMNNFL39T02L148C",
                "MDVLPP70T51B327T",
                "NFDCBG60M44G885C",
                "ZLRTLF08L08C511O",
                "NBCMPN95M56D221Y",
                "GNRZSS04H02H293Q",
                "MDGTLV98A28G375I",
                "LPGCMP35L02H783Z",
                "DCMLVL00E27I962Y",
                "PBBBDT76C47F824L",
                "RPDLRL90P15C403M",
                "RLPZPP08T67H726W",
                "LLSCMR02E16E816B",
                "SVVRRF33R56A598W",
                "DZSFBR91C57B196K",
                "DMTFMP32M51L943Q",
            ],
        );
    }

    #[test]
    fn what_only_looks_like_it_cf_stays() {
        are_left(
            Kind::ItCf,
            &[
                "MRTMTT91D08F205K",
                "MRTMTT91D08F205",
                "MRTMTT91D08F2050",
                "MRTMTT91G08F205J",
                "MRTMTT91D32F205J",
                "MRTMTT91D00F205J",
                "M1TMTT91D08F205J",
                "MRTMTT91D088205J",
                "xMRTMTT91D08F205J",
                "MRTMTT91D08F205JJ",
                "MrtMtt91D08F205J",
                "ABCDEFGHIJKLMNOP",
                "1234567890123456",
                "RSSMRA85T10A562T",
                "RSSMRA85T72A562S",
                "BRMMRA77B31F205J",
                "DE12CAMPAIGN2024",
                "GB2024WINTERSALE",
                "A1B2C3D4E5F6A7B8",
                "9f86d081884c7d65",
            ],
        );
    }
}
