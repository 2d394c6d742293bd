//! The decision log: off unless it is asked for, one line of JSON per decision, and never a raw value in it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test that panics fails, which is what it is for"
)]

mod support;

use std::time::{Duration, Instant};

use serde_json::Value;
use support::mint;
use support::shop::{CLAIM, Shop};

/// The shop with further lines of the site, and of `[site.consent]`.
fn shop(site: &str, consent: &str) -> Shop {
    Shop::open(&format!("{CLAIM}, {{ kind = \"cookie\" }}"), site, consent)
}

/// The decision log once it has so many lines.
fn decisions(shop: &Shop, count: usize) -> Vec<Value> {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let lines = lines(&shop.bauta.log());
        if lines.len() >= count || Instant::now() > until {
            assert_eq!(lines.len(), count, "{}", shop.bauta.log());
            return lines;
        }
        std::thread::yield_now();
    }
}

fn lines(log: &str) -> Vec<Value> {
    let lines = log.lines().filter(|line| line.contains("bauta::decisions"));
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn policy(consent: &str) -> String {
    let shop = shop("", &format!("decision_log = true\n{consent}"));
    shop.event(&[]);
    decisions(&shop, 1)[0]["policy"].as_str().unwrap().to_owned()
}

/// The fields of a request, and four words of its line.
type Expected<'e> = (&'e [(&'e str, &'e str)], [&'e str; 4]);

#[test]
fn each_decision_is_one_line_with_its_rule_and_nobody_in_it_who_was_not_identified() {
    let shop = shop("", "decision_log = true");
    let yes = format!("session={}", mint::session("person-4711", true));
    let no = format!("session={}", mint::session("person-4712", false));
    let refused = format!("{yes}; __Host-bauta_consent=0");
    let expected: [Expected<'_>; 5] = [
        (&[("Cookie", &yes)], ["granted", "full", "session", "choice"]),
        (&[("Cookie", &no)], ["denied", "anonymised", "session", "choice"]),
        (&[("Cookie", &refused)], ["denied", "anonymised", "cookie", "choice"]),
        (&[("Cookie", &yes), ("Sec-GPC", "1")], ["denied", "anonymised", "gpc", "gpc"]),
        (&[], ["unknown", "anonymised", "session", "no_account"]),
    ];
    let ids: Vec<_> = expected.iter().map(|(headers, _)| shop.event(headers).1).collect();
    assert!(ids[0].is_some() && ids[1..].iter().all(Option::is_none));
    let decisions = decisions(&shop, expected.len());
    for ((line, (_, wanted)), id) in decisions.iter().zip(expected).zip(&ids) {
        let found = ["verdict", "consent_level", "source", "reason"].map(|key| line[key].as_str().unwrap());
        assert_eq!(found, wanted);
        assert_eq!(line.get("pseudonym").map(|text| text.as_str().unwrap()), id.as_deref());
        assert_eq!((&line["site"], &line["upstream"]), (&"shop".into(), &"plausible".into()));
        assert_eq!(line["policy"], decisions[0]["policy"]);
        let keys: Vec<_> = line.as_object().unwrap().keys().map(String::as_str).collect();
        let known = [
            "timestamp",
            "level",
            "site",
            "upstream",
            "pseudonym",
            "verdict",
            "consent_level",
            "source",
            "reason",
            "policy",
            "target",
        ];
        assert!(keys.iter().all(|key| known.contains(key)), "{keys:?}");
    }
    let log = shop.bauta.finish();
    assert_eq!(lines(&log).len(), expected.len());
    for raw in ["person-471", "eyJ", "secret-page", "__Host-", "Firefox"] {
        assert!(!log.contains(raw), "{raw} stands in the log:\n{log}");
    }
}

#[test]
fn without_the_line_in_the_configuration_nothing_is_written_and_none_while_the_site_observes() {
    for (site, consent) in [
        ("", ""),
        ("", "decision_log = false"),
        ("mode = \"observe\"\nobserve_until = \"2999-01-01\"", "decision_log = true"),
    ] {
        let shop = shop(site, consent);
        shop.event(&[("Cookie", &format!("session={}", mint::session("u1", true)))]);
        let log = shop.bauta.finish();
        assert!(log.contains("listening") && lines(&log).is_empty(), "{log}");
    }
}

#[test]
fn the_policy_is_named_by_what_decides_and_by_nothing_else() {
    let plain = policy("");
    assert!(plain.len() == 16 && plain.bytes().all(|byte| byte.is_ascii_hexdigit()), "{plain}");
    assert_eq!(plain, policy("gpc = \"deny\""), "a default that is written out");
    assert_ne!(plain, policy("gpc = \"ignore\""));
}
