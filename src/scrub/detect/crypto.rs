//! Cryptocurrency addresses: base58 with its checksum, bech32 with its checksum, and `0x` with forty hexadecimal digits.

use sha2::{Digest, Sha256};

use crate::scrub::features::{before, byte, class, is};
use crate::scrub::hits::Hits;
use crate::scrub::kind::Kind;

/// Finds addresses in text with a run of at least 26 characters.
pub(crate) fn find(text: &str, hits: &mut Hits) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(skip) = bytes.get(at..).and_then(|rest| rest.iter().position(|own| is(*own, class::ALNUM))) {
        let start = at + skip;
        let length = bytes.get(start..).unwrap_or_default().iter().take_while(|own| is(**own, class::ALNUM)).count();
        at = start + length;
        let run = bytes.get(start..at).unwrap_or_default();
        let alone = !is(before(bytes, start), class::DASH | class::UNDERSCORE)
            && !is(byte(bytes, at), class::DASH | class::UNDERSCORE);
        if (26..=90).contains(&length) && alone && is_address(run) {
            hits.mark(start, at, Kind::Crypto);
        }
    }
}

fn is_address(run: &[u8]) -> bool {
    match run {
        [b'0', b'x' | b'X', rest @ ..] => rest.len() == 40 && rest.iter().all(u8::is_ascii_hexdigit),
        _ if run.len() <= 36 && is_base58(run) => true,
        _ => is_bech32(run),
    }
}

/// 25 bytes in base58 whose last four are the checksum of the others: Bitcoin, Litecoin, Dogecoin, Dash, Tron.
fn is_base58(run: &[u8]) -> bool {
    const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut number = [0_u8; 25];
    for own in run {
        let Some(value) = ALPHABET.iter().position(|character| character == own) else { return false };
        let mut carry = u32::try_from(value).unwrap_or_default();
        for slot in number.iter_mut().rev() {
            carry += u32::from(*slot) * 58;
            *slot = (carry & 0xFF) as u8;
            carry >>= 8;
        }
        if carry != 0 {
            return false;
        }
    }
    let (body, sum) = number.split_at(21);
    Sha256::digest(Sha256::digest(body)).starts_with(sum)
}

/// BIP 173 and BIP 350: a prefix of known networks, `1`, and data whose last six characters are the checksum.
fn is_bech32(run: &[u8]) -> bool {
    const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const NETWORKS: [&[u8]; 6] = [b"bc", b"tb", b"ltc", b"addr", b"cosmos", b"bnb"];
    let Some(separator) = run.iter().rposition(|own| *own == b'1') else { return false };
    let (Some(network), Some(data)) = (run.get(..separator), run.get(separator + 1..)) else { return false };
    let lower = |own: &u8| own.to_ascii_lowercase();
    if !NETWORKS.iter().any(|own| network.eq_ignore_ascii_case(own)) {
        return false;
    }
    let expanded =
        network.iter().map(lower).map(|own| own >> 5).chain([0]).chain(network.iter().map(lower).map(|own| own & 31));
    let mut sum = expanded.fold(1, polymod);
    for own in data.iter().map(lower) {
        let Some(value) = ALPHABET.iter().position(|character| *character == own) else { return false };
        sum = polymod(sum, u8::try_from(value).unwrap_or_default());
    }
    matches!(sum, 1 | 0x2BC8_30A3)
}

fn polymod(sum: u32, value: u8) -> u32 {
    const GENERATOR: [u32; 5] = [0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3];
    let top = sum >> 25;
    let next = (sum & 0x01FF_FFFF) << 5 ^ u32::from(value);
    GENERATOR.iter().enumerate().fold(next, |next, (bit, own)| if top >> bit & 1 == 1 { next ^ own } else { next })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrub::detect::testing::found;

    #[test]
    fn addresses_are_found() {
        // Of BIP 13, BIP 173, BIP 350, EIP-55 and the projects' documentation.
        for address in [
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
            "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
            "3P14159f73E4gFr7JterCCQh9QjiTjiZrG",
            "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
            "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
            "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359",
            "0x8397ef445f6f449666165927697c569ae92479ab",
        ] {
            assert_eq!(found(address, find), [address], "{address}");
            let text = format!("wallet={address}&x=1");
            assert_eq!(found(&text, find), [address]);
        }
    }

    #[test]
    fn other_runs_stay() {
        for text in [
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
            "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdx",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed0",
            "7ba8c80fe558a12ef264b7b6393081e6",
            "59ca4f7882533ec7f03c76e0c94af5250a7f501d",
            "0xdeadbeef",
            "eyJjb2xvciI6ICJyZWQifQabcdefgh",
            "019c2fa6f01c7b909521a653ba6874c9",
            "abcdefghijklmnopqrstuvwxyz1",
            "11111111111111111111111111",
        ] {
            assert_eq!(found(text, find), Vec::<&str>::new(), "{text}");
        }
    }
}
