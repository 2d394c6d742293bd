use std::time::Duration;

use super::*;
use crate::clock::UnixMillis;

fn trusted(list: &[&str]) -> TrustedProxies {
    let mut faults = Faults::default();
    let list: Vec<String> = list.iter().map(|s| (*s).to_owned()).collect();
    let trusted = TrustedProxies::parse(&list, &KeyPath::root(), &mut faults);
    assert!(faults.is_empty());
    trusted
}

fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in lines {
        map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
    }
    map
}

fn tcp(ip: &str) -> Peer {
    Peer::Tcp(SocketAddr::new(ip.parse().unwrap(), 4711))
}

fn found(trust: &[&str], peer: Peer, lines: &[(&str, &str)]) -> Option<String> {
    trusted(trust).resolve(peer, &headers(lines)).ip.map(|ip| ip.to_string())
}

#[test]
fn nobody_is_trusted_by_default() {
    let lines = [("x-forwarded-for", "9.9.9.9"), ("forwarded", "for=8.8.8.8")];
    assert_eq!(found(&[], tcp("203.0.113.7"), &lines).unwrap(), "203.0.113.7");
}

#[test]
fn hops_are_walked_from_the_right_through_trusted_ones_only() {
    let walk = |xff: &str| found(&["10.0.0.0/8", "fd00::/8"], tcp("10.0.0.1"), &[("x-forwarded-for", xff)]).unwrap();
    assert_eq!(walk("9.9.9.9, 203.0.113.7"), "203.0.113.7");
    assert_eq!(walk("9.9.9.9, 203.0.113.7, 10.2.3.4"), "203.0.113.7");
    assert_eq!(walk("203.0.113.7,10.2.3.4 ,\t10.9.9.9"), "203.0.113.7");
    assert_eq!(walk("10.1.1.1, 10.2.2.2"), "10.1.1.1");
    assert_eq!(walk("2001:db8::5, fd00::1"), "2001:db8::5");
    assert_eq!(walk("9.9.9.9, ::ffff:203.0.113.7"), "203.0.113.7");
    assert_eq!(walk("::ffff:10.1.1.1"), "10.1.1.1");
}

#[test]
fn ports_and_brackets_are_taken_off() {
    let walk = |xff: &str| found(&["10.0.0.0/8"], tcp("10.0.0.1"), &[("x-forwarded-for", xff)]).unwrap();
    assert_eq!(walk("203.0.113.7:51234"), "203.0.113.7");
    assert_eq!(walk("[2001:db8::5]:443"), "2001:db8::5");
    assert_eq!(walk("[2001:db8::5]"), "2001:db8::5");
    assert_eq!(walk("2001:db8::5"), "2001:db8::5");
}

#[test]
fn what_is_no_address_stops_the_walk_at_the_last_known_hop() {
    let walk = |xff: &str| found(&["10.0.0.0/8"], tcp("10.0.0.1"), &[("x-forwarded-for", xff)]).unwrap();
    let bad = [
        "unknown",
        "",
        "9.9.9.9,",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.4:",
        "1.2.3.4:x",
        "1.2.3.4:123456",
        "[::1",
        "[::1]x",
        "[1.2.3.4]",
        "fe80::1%eth0",
        "0.0.0.0",
        "255.255.255.255",
        "ff02::1",
        "_hidden",
        "1.2.3.4 5.6.7.8",
        "localhost",
        "\"1.2.3.4\"",
        "01.2.3.4",
    ];
    for text in bad {
        assert_eq!(walk(text), "10.0.0.1", "{text:?}");
        assert_eq!(walk(&format!("9.9.9.9, {text}, 10.3.3.3")), "10.3.3.3", "{text:?}");
    }
}

#[test]
fn several_header_lines_are_one_list() {
    let lines =
        [("x-forwarded-for", "9.9.9.9"), ("x-forwarded-for", "203.0.113.7, 10.1.1.1"), ("x-forwarded-for", "10.2.2.2")];
    assert_eq!(found(&["10.0.0.0/8"], tcp("10.0.0.1"), &lines).unwrap(), "203.0.113.7");
}

#[test]
fn a_line_that_is_no_text_stops_the_walk() {
    let mut map = headers(&[("x-forwarded-for", "9.9.9.9")]);
    map.append("x-forwarded-for", http::HeaderValue::from_bytes(b"\xff\xfe").unwrap());
    let ip = trusted(&["10.0.0.0/8"]).resolve(tcp("10.0.0.1"), &map).ip;
    assert_eq!(ip.unwrap().to_string(), "10.0.0.1");
}

#[test]
fn forwarded_is_read_when_it_is_alone() {
    let walk = |value: &str| found(&["10.0.0.0/8"], tcp("10.0.0.1"), &[("forwarded", value)]).unwrap();
    assert_eq!(walk("for=203.0.113.7"), "203.0.113.7");
    assert_eq!(walk("For=9.9.9.9, FOR=\"203.0.113.7:80\";proto=https;by=10.0.0.1"), "203.0.113.7");
    assert_eq!(walk("for=\"[2001:db8::5]:4711\" ; proto=http"), "2001:db8::5");
    assert_eq!(walk("for=203.0.113.7, for=10.4.4.4"), "203.0.113.7");
    assert_eq!(walk("proto=https;for=203.0.113.7;"), "203.0.113.7");
    assert_eq!(walk("for=\"203.0.113\\.7\""), "203.0.113.7");
    assert_eq!(walk("for=203.0.113.7:_port"), "203.0.113.7");
}

#[test]
fn obfuscated_unknown_and_broken_forwarded_stop_the_walk() {
    let walk = |value: &str| found(&["10.0.0.0/8"], tcp("10.0.0.1"), &[("forwarded", value)]).unwrap();
    let bad = [
        "for=unknown",
        "for=_secret",
        "for=\"_x\"",
        "for=",
        "for=\"",
        "by=10.0.0.1",
        "9.9.9.9",
        "for=1.2.3.4;for=5.6.7.8",
        "for = 1.2.3.4",
        "for=\"1.2.3.4\"x",
        "for=9.9.9.9;x=\", for=203.0.113.7;by=\"10.0.0.1\"",
        "for=9.9.9.9;x=\", for=\"[2001:db8::5]\"",
        "for=1.2.3.4 for=5.6.7.8",
        "é=1;for=1.2.3.4",
    ];
    for text in bad {
        assert_eq!(walk(text), "10.0.0.1", "{text:?}");
    }
}

#[test]
fn x_forwarded_for_wins_over_forwarded() {
    let lines = [("forwarded", "for=9.9.9.9"), ("x-forwarded-for", "203.0.113.7")];
    assert_eq!(found(&["10.0.0.0/8"], tcp("10.0.0.1"), &lines).unwrap(), "203.0.113.7");
    let broken = [("forwarded", "for=9.9.9.9"), ("x-forwarded-for", "unknown")];
    assert_eq!(found(&["10.0.0.0/8"], tcp("10.0.0.1"), &broken).unwrap(), "10.0.0.1");
}

#[test]
fn a_unix_peer_is_believed_only_by_its_word() {
    let lines = [("x-forwarded-for", "203.0.113.7")];
    assert_eq!(found(&["unix"], Peer::Unix, &lines).unwrap(), "203.0.113.7");
    assert_eq!(found(&["unix"], Peer::Unix, &[("x-forwarded-for", "junk")]), None);
    let untrusted = trusted(&[]).resolve(Peer::Unix, &headers(&lines));
    assert_eq!(untrusted, ClientAddress { ip: None, untrusted_forwarder: Some(Forwarder::Unix) });
}

#[test]
fn an_untrusted_private_peer_that_forwards_is_reported() {
    let lines = headers(&[("x-forwarded-for", "9.9.9.9")]);
    let private = [
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "127.0.0.1",
        "169.254.1.1",
        "100.64.0.1",
        "::1",
        "fd00::1",
        "fe80::1",
    ];
    for ip in private {
        let resolved = trusted(&["192.0.2.0/24"]).resolve(tcp(ip), &lines);
        assert_eq!(resolved.untrusted_forwarder, Some(Forwarder::Address(ip.parse().unwrap())), "{ip}");
        assert_eq!(resolved.ip.unwrap().to_string(), ip);
        assert_eq!(trusted(&[]).resolve(tcp(ip), &HeaderMap::new()).untrusted_forwarder, None);
        assert_eq!(trusted(&[ip]).resolve(tcp(ip), &lines).untrusted_forwarder, None);
    }
    for ip in ["203.0.113.7", "100.128.0.1", "172.32.0.1", "2001:db8::1"] {
        assert_eq!(trusted(&[]).resolve(tcp(ip), &lines).untrusted_forwarder, None, "{ip}");
    }
}

#[test]
fn the_line_to_add_is_spelt_out() {
    assert_eq!(Forwarder::Address("10.1.2.3".parse().unwrap()).entry(), "10.1.2.3/32");
    assert_eq!(Forwarder::Address("fd00::1".parse().unwrap()).entry(), "fd00::1/128");
    assert_eq!(Forwarder::Unix.entry(), "unix");
}

#[test]
fn a_hop_is_reported_once_per_interval_and_the_table_is_bounded() {
    let reports = Reports::every(Duration::from_secs(600));
    let hop = |n: u8| Forwarder::Address(IpAddr::from([10, 0, 0, n]));
    assert!(reports.note(hop(1), UnixMillis(0)));
    assert!(!reports.note(hop(1), UnixMillis(599_999)));
    assert!(reports.note(hop(1), UnixMillis(600_000)));
    let more = (0..=255).filter(|n| reports.note(hop(*n), UnixMillis(600_001))).count();
    assert_eq!(more, 63);
}

#[test]
fn bad_entries_are_all_reported() {
    let mut faults = Faults::default();
    let list = ["10.0.0.0/33", "0.0.0.0/0", "::/0", "proxy.example", "10.1.2.3"].map(str::to_owned);
    let trusted = TrustedProxies::parse(&list, &KeyPath::root().key("listen").key("trusted_proxies"), &mut faults);
    let keys: Vec<String> = faults.iter().map(|fault| fault.key.to_string()).collect();
    assert_eq!(keys, [0, 1, 2, 3].map(|n| format!("listen.trusted_proxies[{n}]")));
    assert!(trusted.trusts("10.1.2.3".parse().unwrap()));
}

mod property {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever a client writes to the left of what a trusted proxy appended, it is not believed.
        #[test]
        fn a_client_cannot_choose_its_address(junk in "[ -~]{0,60}", forwarded in any::<bool>()) {
            let (name, value) = if forwarded {
                ("forwarded", format!("{junk}, for=203.0.113.7"))
            } else {
                ("x-forwarded-for", format!("{junk}, 203.0.113.7"))
            };
            let ip = found(&["10.0.0.0/8"], tcp("10.0.0.1"), &[(name, &value)]).unwrap();
            prop_assert!(ip == "203.0.113.7" || (forwarded && ip == "10.0.0.1"), "{}", ip);
        }
    }
}
