//! IP and hardware addresses.
//!
//! Not addresses: versions (`Chrome/120.0.0.0`, `10.0.19045.3803`, `v1.2.3.4`), times (`12:34:56`), `std::vector`. Loopback
//! and unspecified addresses are nobody's.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::scrub::features::{before, byte, class, count, is};
use crate::scrub::hits::{Hits, Put};
use crate::scrub::keys::{self, flag};
use crate::scrub::kind::Kind;

/// Finds IPv4 addresses in text with three dots and four digits, whose first number is at least this one.
pub(crate) fn find_v4(text: &str, least: u8, hits: &mut Hits) {
    let bytes = text.as_bytes();
    if count(bytes, |own| own == b'.') < 3 {
        return;
    }
    let mut at = 0;
    while let Some(skip) = bytes.get(at..).and_then(|rest| rest.iter().position(u8::is_ascii_digit)) {
        let start = at + skip;
        let rest = bytes.get(start..).unwrap_or_default();
        let length = rest.iter().take_while(|own| own.is_ascii_digit() || **own == b'.').count();
        at = start + length;
        // A full stop may end the sentence.
        let end = if before(bytes, at) == b'.' { at - 1 } else { at };
        if is_v4(text, start, end, least) {
            hits.mark(start, end, Kind::Ip);
        }
    }
}

fn is_v4(text: &str, start: usize, end: usize, least: u8) -> bool {
    let bytes = text.as_bytes();
    let length = end - start;
    if !(7..=15).contains(&length) || is(byte(bytes, end), class::ALNUM | class::UNDERSCORE) {
        return false;
    }
    let (last, follows) = (before(bytes, start), byte(bytes, end));
    let named = last == b'/' && start >= 2 && is(before(bytes, start - 1), class::ALNUM);
    let joined = is(last, class::ALNUM | class::UNDERSCORE | class::DOT | class::DASH) || named;
    let suffixed = matches!(follows, b'-' | b'+') && is(byte(bytes, end + 1), class::ALNUM);
    let address = text.get(start..end).and_then(|own| own.parse::<Ipv4Addr>().ok());
    if address.is_none() || is_version(bytes, start) {
        return false;
    }
    !joined
        && !suffixed
        && address.is_some_and(|own| {
            own.octets()[0] >= least && !own.is_loopback() && !own.is_unspecified() && !own.is_broadcast()
        })
}

/// `driver 7.2.2.80`, `version=9.7.5.92`, `"version": "1.2.3.4"`: the word before says that it is no address.
fn is_version(bytes: &[u8], start: usize) -> bool {
    let head = bytes.get(start.saturating_sub(40)..start).unwrap_or_default();
    let gap = head
        .iter()
        .rev()
        .take_while(|own| is(**own, class::SPACE | class::EQUALS | class::COLON | class::QUOTE))
        .count();
    let head = head.get(..head.len() - gap).unwrap_or_default();
    let word = head.iter().rev().take_while(|own| is(**own, class::WORD)).count();
    let word = head.get(head.len() - word..).and_then(|own| std::str::from_utf8(own).ok()).unwrap_or_default();
    (1..=4).contains(&gap) && !word.is_empty() && keys::read(word).has(flag::VERSIONS)
}

/// Finds IPv6 and hardware addresses in text with two colons, and hardware addresses with dashes.
pub(crate) fn find_colons(text: &str, hits: &mut Hits) {
    let bytes = text.as_bytes();
    if count(bytes, |own| own == b':') < 2 && count(bytes, |own| own == b'-') < 5 {
        return;
    }
    let mut at = 0;
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(skip) = rest.iter().position(|own| own.is_ascii_hexdigit() || *own == b':') else { return };
        let start = at + skip;
        let length = bytes
            .get(start..)
            .unwrap_or_default()
            .iter()
            .take_while(|own| own.is_ascii_hexdigit() || matches!(**own, b':' | b'-' | b'.'))
            .count();
        at = start + length.max(1);
        let clean = !is(before(bytes, start), class::ALNUM | class::UNDERSCORE)
            && !is(byte(bytes, at), class::ALNUM | class::UNDERSCORE);
        if clean && length >= 6 {
            inspect_run(text, start, at, hits);
        }
    }
}

fn inspect_run(text: &str, start: usize, end: usize, hits: &mut Hits) {
    let Some(run) = text.get(start..end) else { return };
    let trimmed = run.trim_end_matches(['.', '-']);
    let trimmed = trimmed.strip_suffix(':').filter(|own| !own.ends_with(':')).unwrap_or(trimmed);
    if is_mac(trimmed) {
        hits.mark(start, start + trimmed.len(), Kind::Mac);
    } else if is_v6(trimmed) {
        hits.mark(start, start + trimmed.len(), Kind::Ip);
    } else if let Some((address, port)) = trimmed.rsplit_once(':') {
        // An address and a port without brackets: `2001:db8:0:0:0:0:0:1:443`.
        if port.bytes().all(|own| own.is_ascii_digit()) && address.matches(':').count() == 7 && is_v6(address) {
            hits.mark(start, start + address.len(), Kind::Ip);
        }
    }
}

fn is_mac(run: &str) -> bool {
    let separator = byte(run.as_bytes(), 2);
    run.len() == 17
        && matches!(separator, b':' | b'-')
        && run
            .bytes()
            .enumerate()
            .all(|(place, own)| if place % 3 == 2 { own == separator } else { own.is_ascii_hexdigit() })
        && !run.bytes().all(|own| matches!(own, b'0' | b':' | b'-'))
}

fn is_v6(run: &str) -> bool {
    if run.bytes().filter(|own| *own == b':').count() < 2
        || !run.bytes().any(|own| own.is_ascii_digit())
        || run.contains('-')
    {
        return false;
    }
    let Ok(address) = run.parse::<Ipv6Addr>() else { return false };
    if address.is_loopback() || address.is_unspecified() {
        return false;
    }
    if run.contains("::") {
        // `abc::def1` is a name in C++; an address starts with a long group, or has several.
        let first = run.split(':').next().unwrap_or_default();
        return first.len() >= 3 && first.bytes().any(|own| own.is_ascii_digit())
            || address.is_unicast_link_local()
            || run.split(':').filter(|group| !group.is_empty()).count() >= 4
            || run.contains('.');
    }
    // `1:2:3:4:5:6:7:8` is a list of numbers.
    run.len() >= 20 || run.bytes().any(|own| own.is_ascii_alphabetic())
}

/// Cuts found addresses to their networks, as the site asks: the last number of an IPv4 address becomes 0 (/24), what follows
/// the third group of an IPv6 address `::` (/48). Addresses that are written in another way go as a whole.
pub(crate) fn truncate(text: &str, hits: &mut Hits, point: usize) {
    for hit in hits.since_mut(point).iter_mut().filter(|hit| hit.kind == Kind::Ip) {
        let address = text.get(hit.start..hit.end).unwrap_or_default();
        let (cut, rest) = if address.contains(':') {
            let third = address.match_indices(':').nth(2).map_or(0, |(at, _)| at);
            let plain = address.get(..third).is_some_and(|head| !head.contains("::"));
            if !plain {
                continue;
            }
            (third, "::")
        } else {
            (address.rfind('.').map_or(0, |at| at + 1), "0")
        };
        if cut > 0 && address.len() >= cut + rest.len() {
            // An address that is a network already stays; the mark of nothing is nothing.
            hit.put = if address.get(cut..) == Some(rest) { Put::Nothing } else { Put::Text(rest) };
            hit.start = if hit.put == Put::Nothing { hit.end } else { hit.start + cut };
        }
    }
    hits.purge(point);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scrub::detect::testing::{found, kinds};

    #[test]
    fn v4_addresses_are_found() {
        for (text, expected) in [
            ("203.0.113.77", "203.0.113.77"),
            ("dial tcp 81.227.36.44:5432: refused", "81.227.36.44"),
            ("10.1.2.3", "10.1.2.3"),
            ("ip=198.51.100.23&x", "198.51.100.23"),
            ("from 198.51.100.23.", "198.51.100.23"),
            ("[198.51.100.23]", "198.51.100.23"),
            ("192.168.1.17/24", "192.168.1.17"),
            ("x-forwarded-for: 8.8.8.8, 9.9.9.9", "8.8.8.8"),
            ("/203.0.113.9", "203.0.113.9"),
            ("172.16.254.1", "172.16.254.1"),
            ("255.255.255.0", "255.255.255.0"),
            ("(62.135.132.171)", "62.135.132.171"),
        ] {
            assert_eq!(found(text, |text, hits| find_v4(text, 0, hits)).first(), Some(&expected), "{text}");
        }
    }

    #[test]
    fn versions_are_no_v4_addresses() {
        for text in [
            "Chrome/120.0.0.0 Safari",
            "10.0.19045.3803",
            "v1.2.3.4",
            "1.2.3.4.5",
            "1.2.3",
            "9.7.5.92-beta",
            "1.2.3.4+build5",
            "127.0.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "256.1.1.1",
            "1.2.3.4a",
            "a1.2.3.4",
            "x-1.2.3.4",
            "01.02.03.04",
            "1..2.3.4",
            "....",
            "12.34.56.789",
            "lib_1.2.3.4",
            "Version/17.4.1.9",
            "1.2.3.4_5",
            "driver 7.2.2.80 crashed",
            "version=9.7.5.92",
            "\"firmware\": \"6.5.9.191\"",
            "Update 10.2.3.4",
        ] {
            assert_eq!(found(text, |text, hits| find_v4(text, 0, hits)), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn v6_and_hardware_addresses_are_found() {
        for (text, expected, kind) in [
            ("2001:db8:8cab:e7bc:cef9:a231:37cf:e688", "2001:db8:8cab:e7bc:cef9:a231:37cf:e688", Kind::Ip),
            ("2a02:2d63:76fc::e883:f2be", "2a02:2d63:76fc::e883:f2be", Kind::Ip),
            ("addr [2a00:1450:aa67:28a8:4cde:d986:9319:cf72]:443", "2a00:1450:aa67:28a8:4cde:d986:9319:cf72", Kind::Ip),
            ("fe80::1", "fe80::1", Kind::Ip),
            ("2a02::1", "2a02::1", Kind::Ip),
            ("::ffff:203.0.113.7", "::ffff:203.0.113.7", Kind::Ip),
            ("2001:DB8::8:800:200C:417A", "2001:DB8::8:800:200C:417A", Kind::Ip),
            ("from 2a02:72ad:9715::ebb3:a22b.", "2a02:72ad:9715::ebb3:a22b", Kind::Ip),
            ("fd12:3456:789a:1::1", "fd12:3456:789a:1::1", Kind::Ip),
            ("64:ff9b::192.0.2.33", "64:ff9b::192.0.2.33", Kind::Ip),
            ("a0:ba:c8:f1:a4:86", "a0:ba:c8:f1:a4:86", Kind::Mac),
            ("C6-15-A6-7A-A6-A4", "C6-15-A6-7A-A6-A4", Kind::Mac),
            ("mac=53:c8:a7:56:7b:35;", "53:c8:a7:56:7b:35", Kind::Mac),
            ("12:34:56:78:90:12", "12:34:56:78:90:12", Kind::Mac),
        ] {
            assert_eq!(kinds(text, find_colons), [(expected, kind)], "{text}");
        }
    }

    #[test]
    fn times_and_names_are_no_addresses() {
        for text in [
            "12:34:56",
            "1:2:3:4",
            "16:9",
            "00:01:23.450",
            "std::vector<int>",
            "abc::def",
            "Face::Bad",
            "a::before",
            "::before",
            "::1",
            "::",
            "1:2:3:4:5:6:7:8",
            "2025-01-08T14:50:46",
            "dead::beef",
            "a-b-c-d-e-f",
            "12-34-56-78-90",
            "00:00:00:00:00:00",
            "c0ffee",
            "::add",
            "019c2fa6-f01c-7b90-9521-a653ba6874c9",
            "A1-B2-C3-D4-E5-F6-07",
            "10:20:30:40:50",
            "urn:isbn:0451450523",
            "x:y:z",
        ] {
            assert_eq!(found(text, find_colons), Vec::<&str>::new(), "{text}");
        }
    }
}
