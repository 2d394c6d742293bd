use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use governor::clock::FakeRelativeClock;

use super::*;

fn rate(text: &str) -> Rate {
    text.parse().unwrap()
}

fn shape(visitor: &str, address: &str, site: Option<&str>, keys: u32) -> file::Quota {
    file::Quota { per_visitor: rate(visitor), per_address: rate(address), per_site: site.map(rate), keys }
}

fn quota(shape: &file::Quota) -> (Quota<FakeRelativeClock>, FakeRelativeClock) {
    let clock = FakeRelativeClock::default();
    (Quota::with_clock(shape, clock.clone()), clock)
}

fn visitor(key: Key) -> Sender {
    Sender { visitor: Some(key), address: None }
}

fn allowed(quota: &Quota<FakeRelativeClock>, sender: &Sender, tries: u32) -> u32 {
    (0..tries).map(|_| u32::from(quota.ask(sender) == Decision::Allowed)).sum()
}

#[test]
fn a_visitor_gets_his_rate_and_then_his_share_back() {
    let (quota, clock) = quota(&shape("120/min", "600/min", None, 1000));
    let person = visitor(Keyer::random().person("shop", "u1"));
    assert_eq!(allowed(&quota, &person, 500), 120);
    assert_eq!(quota.ask(&person), Decision::Refused { scope: Scope::Visitor, retry_after: 1 });
    clock.advance(Duration::from_secs(10));
    assert_eq!(allowed(&quota, &person, 500), 20);
    clock.advance(Duration::from_secs(3600));
    assert_eq!(allowed(&quota, &person, 500), 120);
}

#[test]
fn retry_after_is_in_whole_seconds_and_true() {
    let (quota, clock) = quota(&shape("2/h", "600/min", None, 1000));
    let person = visitor(Keyer::random().person("shop", "u1"));
    assert_eq!(allowed(&quota, &person, 3), 2);
    assert_eq!(quota.ask(&person), Decision::Refused { scope: Scope::Visitor, retry_after: 1800 });
    clock.advance(Duration::from_millis(1500));
    assert_eq!(quota.ask(&person), Decision::Refused { scope: Scope::Visitor, retry_after: 1799 });
    clock.advance(Duration::from_secs(1799));
    assert_eq!(quota.ask(&person), Decision::Allowed);
}

#[test]
fn all_visitors_of_an_address_share_its_quota_until_it_is_suspended() {
    let keyer = Keyer::random();
    let (quota, _) = quota(&shape("120/min", "600/min", None, 1000));
    let ip = IpAddr::from([203, 0, 113, 7]);
    let sender =
        |n: u32| Sender { visitor: Some(keyer.person("shop", &format!("u{n}"))), address: Some(keyer.address(ip)) };
    let total: u32 = (0..10).map(|n| allowed(&quota, &sender(n), 100)).sum();
    assert_eq!(total, 600);
    assert!(matches!(quota.ask(&sender(11)), Decision::Refused { scope: Scope::Address, .. }));
    assert_eq!(quota.ask(&Sender { address: None, ..sender(11) }), Decision::Allowed);
}

#[test]
fn the_site_has_a_quota_of_its_own() {
    let keyer = Keyer::random();
    let (quota, _) = quota(&shape("120/min", "600/min", Some("50/s"), 1000));
    let total: u32 = (0..100).map(|n| allowed(&quota, &visitor(keyer.person("shop", &n.to_string())), 1)).sum();
    assert_eq!(total, 50);
    assert_eq!(quota.ask(&Sender::default()), Decision::Refused { scope: Scope::Site, retry_after: 1 });
}

#[test]
fn an_ipv6_network_is_one_address_and_ipv4_addresses_are_not() {
    let keyer = Keyer::random();
    let v6 = |last: u16| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 7, 1, 2, 3, last));
    assert_eq!(keyer.address(v6(1)), keyer.address(v6(2)));
    assert_ne!(keyer.address(v6(1)), keyer.address(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 8, 1, 2, 3, 1))));
    let v4 = Ipv4Addr::new(203, 0, 113, 7);
    assert_eq!(keyer.address(IpAddr::V4(v4)), keyer.address(IpAddr::V6(v4.to_ipv6_mapped())));
    assert_ne!(keyer.address(IpAddr::V4(v4)), keyer.address(IpAddr::from([203, 0, 113, 8])));
    assert_ne!(keyer.address(IpAddr::V4(v4)), Keyer::random().address(IpAddr::V4(v4)));
}

#[test]
fn persons_and_browsers_are_told_apart() {
    let keyer = Keyer::random();
    let ip = Some(IpAddr::from([203, 0, 113, 7]));
    assert_ne!(keyer.person("a", "u1"), keyer.person("b", "u1"));
    assert_ne!(keyer.person("a", "bc"), keyer.person("ab", "c"));
    assert_ne!(keyer.browser(ip, b"Firefox"), keyer.browser(ip, b"Chrome"));
    assert_ne!(keyer.browser(ip, b"Firefox"), keyer.browser(None, b"Firefox"));
    assert_eq!(keyer.browser(ip, b"Firefox"), keyer.browser(ip, b"Firefox"));
}

#[test]
fn a_million_keys_neither_grow_memory_nor_reset_anybody() {
    let keyer = Keyer::random();
    let (quota, clock) = quota(&shape("120/min", "600/min", None, 100_000));
    let attacker = visitor(keyer.person("shop", "attacker"));
    let before = Cells::for_keys(100_000).bytes();
    assert_eq!(allowed(&quota, &attacker, 1000), 120);
    let mut refused = 0_u32;
    for n in 0..1_000_000_u32 {
        let crowd = visitor(keyer.browser(Some(IpAddr::from(n.to_be_bytes())), b"Mozilla/5.0"));
        refused += u32::from(quota.ask(&crowd) != Decision::Allowed);
    }
    assert_eq!(allowed(&quota, &attacker, 1000), 0, "a flood of keys must not give the attacker a new quota");
    assert_eq!(refused, 0, "ten times more visitors than configured, one event each at one instant");
    clock.advance(Duration::from_secs(1));
    assert_eq!(allowed(&quota, &attacker, 1000), 2);
    assert!(before <= 8 << 20, "the table has a fixed size: {before} bytes");
    let mut out = std::io::stdout().lock();
    writeln!(out, "quota: 1000000 keys, {before} bytes, {refused} refused").unwrap();
}

#[test]
fn a_crowd_at_its_limit_may_hinder_newcomers_but_never_frees_anybody() {
    let keyer = Keyer::random();
    let (quota, clock) = quota(&shape("10/min", "600/min", None, 1000));
    let crowd = |n: u32| visitor(keyer.person("shop", &n.to_string()));
    let first: u32 = (0..100_000).map(|n| allowed(&quota, &crowd(n), 11)).sum();
    assert!(first <= 1_000_000);
    let again: u32 = (0..100_000).map(|n| allowed(&quota, &crowd(n), 11)).sum();
    assert_eq!(again, 0, "nobody gets a second quota");
    clock.advance(Duration::from_secs(60));
    assert_eq!(quota.ask(&crowd(1)), Decision::Allowed, "the crowd goes by");
}

#[test]
fn no_rate_is_too_extreme_to_build() {
    for text in ["1/h", "4294967295/s", "1/s"] {
        let (quota, _) = quota(&shape(text, text, Some(text), 0));
        assert_eq!(allowed(&quota, &visitor(Keyer::random().person("a", "b")), 1), 1, "{text}");
    }
}

#[test]
fn threads_share_one_exact_limit() {
    let quota = Quota::build(&shape("1000/h", "600/min", None, 1000));
    let person = visitor(Keyer::random().person("shop", "u1"));
    let total: u32 = std::thread::scope(|scope| {
        let count = || (0..1000).map(|_| u32::from(quota.ask(&person) == Decision::Allowed)).sum::<u32>();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(count)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(total, 1000);
}
