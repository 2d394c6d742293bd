//! Payment cards: issuer range, length and Luhn digit (ISO/IEC 7812).

use super::numbers::Number;

/// True for a card number in one of the ways in which they are written.
pub(crate) fn is_card(number: &Number<'_>) -> bool {
    let written = if number.is_bare() {
        true
    } else {
        number.is_joined_by(b" -.\xC2\xE2") && PATTERNS.iter().any(|lengths| number.has_groups(lengths))
    };
    written && is_card_number(number.digits())
}

/// The groups in which cards print their numbers.
const PATTERNS: [&[u8]; 7] =
    [&[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 4, 3], &[4, 4, 4, 4, 2], &[4, 4, 4, 4, 1], &[6, 13]];

/// True for digits with an issuer's range and length and a right Luhn digit.
pub(crate) fn is_card_number(digits: &[u8]) -> bool {
    let count = digits.len();
    (14..=19).contains(&count)
        && is_issued(digits, count)
        && luhn(digits)
        && digits.iter().any(|own| Some(own) != digits.first())
}

/// Issuer ranges by their first digits (ISO/IEC 7812 registrations, as the schemes publish them).
fn is_issued(digits: &[u8], count: usize) -> bool {
    let lead = digits.iter().take(4).fold(0_u32, |value, digit| value * 10 + u32::from(*digit));
    match lead {
        // Visa; Mastercard; American Express.
        4000..=4999 => matches!(count, 16 | 19),
        5100..=5599 | 2221..=2720 => count == 16,
        3400..=3499 | 3700..=3799 => count == 15,
        // Diners Club.
        3000..=3059 | 3095 | 3600..=3699 | 3800..=3999 => matches!(count, 14 | 16 | 19),
        // Discover, JCB, UnionPay, Mir.
        6011 | 6440..=6499 | 6500..=6599 | 3528..=3589 | 6200..=6299 | 2200..=2204 => (16..=19).contains(&count),
        // Maestro, RuPay, Elo, Verve, Hipercard, Troy, Dankort.
        5018..=5020 | 5038 | 5061 | 5067 | 5090 | 5078..=5079 | 5612 | 5893 | 6304 | 6759 | 6761..=6763 => {
            (16..=19).contains(&count)
        }
        6062..=6069 | 6080..=6085 | 8171..=8199 | 9792 | 5081..=5085 => count == 16,
        _ => false,
    }
}

/// The Luhn check (ISO/IEC 7812-1 annex B).
pub(crate) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(*digit)) {
            (0, own) => own,
            (_, own) if own > 4 => own * 2 - 9,
            (_, own) => own * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use crate::scrub::detect::numbers::find;
    use crate::scrub::detect::testing::kinds;
    use crate::scrub::kind::Kind;

    #[test]
    fn cards_of_every_scheme_are_found() {
        // The schemes' and payment providers' published test numbers.
        for card in [
            "4111111111111111",
            "4012888888881881",
            "4242424242424242",
            "4000056655665556",
            "4917610000000000003",
            "5555555555554444",
            "5105105105105100",
            "5200828282828210",
            "2223003122003222",
            "2223000048400011",
            "378282246310005",
            "371449635398431",
            "341111111111111",
            "30569309025904",
            "38520000023237",
            "36227206271667",
            "6011111111111117",
            "6011000990139424",
            "6445644564456445",
            "3530111333300000",
            "3566002020360505",
            "6200000000000005",
            "6205500000000000004",
            "6759649826438453",
            "5019717010103742",
            "2200000000000053",
            "6304000000000000",
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "3782 822463 10005",
            "3782-822463-10005",
            "3056 930902 5904",
            "5555 5555 5555 4444",
            "4917 6100 0000 0000 003",
            "4242.4242.4242.4242",
            "6011 1111 1111 1117",
            "5555-5555-5555-4444",
            "3714 496353 98431",
            "6200 0000 0000 0005",
            "4000 0566 5566 5556",
            "2223 0031 2200 3222",
        ] {
            assert_eq!(kinds(card, find), [(card, Kind::Card)], "{card}");
        }
    }

    #[test]
    fn other_long_numbers_are_none() {
        for text in [
            "4111111111111112",
            "4111 1111 1111 1112",
            "1234567812345670",
            "7992739871300000",
            "4111-1111 1111-1111",
            "41111111 11111111",
            "4222222222222",
            "411111111111111",
            "0000000000000000",
            "7199922215902538",
            "7877840727905139",
            "1707009743737000",
            "1700000000000000000",
            "9222099278198",
            "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
            "37828224631000",
            "55555555555544441",
            "4111,1111,1111,1111",
            "8406879670844",
            "4444444444444444",
            "1111111111111117",
            "x4111111111111111",
            "4111111111111111x",
            "0.4111111111111111",
            "4111_1111_1111_1111",
            "41 11 11 11 11 11 11 11",
            "411111 1111 111111",
            "9999999999999995",
            "1000000000000008",
            "3000000000000",
            "2720999999999999",
            "2221000000000000",
            "6666666666666666",
            "3400000000000000",
            "5000000000000009",
            "4111111111111111111",
            "20250108145046690",
            "0378282246310005",
            "123456789012345678",
            "5555 5555 5555 444",
        ] {
            assert!(!kinds(text, find).iter().any(|(_, kind)| *kind == Kind::Card), "{text}");
        }
    }
}
