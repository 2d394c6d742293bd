//! The invariants, black-box: the real binary between real sockets.

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

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use bauta::demo::vendor::{Rules, StoredEvent, Vendor};
use bauta::identity::{MasterKey, Pseudonymiser};
use bauta::person::AppUserId;
use bauta::secret::Secret;
use support::http::{Answer, Connection, request, send};
use support::serve::{Bauta, KEY, TOKEN};
use support::{data, mint};

/// The vendor's stand-in on a runtime of its own.
struct Stand {
    vendor: Vendor,
    _runtime: tokio::runtime::Runtime,
}

fn stand(rules: Rules) -> Stand {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let vendor = runtime.block_on(Vendor::start("127.0.0.1:0".parse().unwrap(), rules)).unwrap();
    Stand { vendor, _runtime: runtime }
}

/// A site that reads a JWT and its claim `analytics`.
fn site(vendor: &Vendor, name: &str, host: &str, more: &str) -> String {
    format!(
        "[[site]]\nname = \"{name}\"\nhosts = [\"{host}\"]\n{more}\n\
         [site.session]\npreset = \"jwt\"\nalgorithms = [\"HS256\"]\ncookie = \"session\"\nuser = [\"sub\"]\n\
         secrets = [{{ file = \"session.secret\" }}]\n\
         [site.consent]\nsources = [{{ kind = \"store\" }}, {{ kind = \"session\", path = [\"analytics\"] }}]\n\
         [site.quota]\nper_visitor = \"1000000/s\"\nper_address = \"1000000/s\"\n\
         [[site.upstream]]\nvendor = \"plausible\"\nurl = \"{}\"\nsites = [\"{host}\"]\n",
        vendor.url()
    )
}

fn event(host: &str, cookie: Option<&str>, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut all = vec![("Host".to_owned(), host.to_owned()), ("Content-Type".to_owned(), "text/plain".to_owned())];
    all.push(("User-Agent".into(), "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".into()));
    all.extend(cookie.map(|value| ("Cookie".to_owned(), format!("theme=dark; session={value}"))));
    all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    request("POST", "/api/event", &all, body.as_bytes())
}

fn body(host: &str, path: &str) -> String {
    format!(r#"{{"n":"pageview","u":"https://{host}{path}","d":"{host}","p":{{"plan":"paid"}}}}"#)
}

fn pseudonym(realm: &str, user: &str) -> String {
    let key = MasterKey::new("t", &Secret::new(KEY.to_vec())).unwrap();
    let maker = Pseudonymiser::new(&key, realm, "plausible", 128).unwrap();
    maker.pseudonym(&AppUserId::from_text(user).unwrap(), 0).to_string()
}

fn ids(events: &[StoredEvent]) -> BTreeSet<String> {
    events.iter().filter_map(|event| event.props.get("userId").cloned()).collect()
}

const HOST: &str = "shop.example";

fn send_event(bauta: &Bauta, cookie: Option<&str>, headers: &[(&str, &str)]) -> Answer {
    send(bauta.address, &event(HOST, cookie, headers, &body(HOST, "/")))
}

#[test]
fn a_hundred_thousand_interleaved_events_never_mix_people() {
    let stand = stand(Rules { keep: 200_000, ..Rules::default() });
    let bauta = Bauta::start(&site(&stand.vendor, "shop", HOST, ""));
    let cookies: Vec<String> = (0..100).map(|user| mint::session(&format!("user-{user}"), true)).collect();
    let address: SocketAddr = bauta.address;
    let per_thread = 100_000 / 8;
    std::thread::scope(|scope| {
        for thread in 0..8_usize {
            let cookies = &cookies;
            scope.spawn(move || {
                let mut connection = Connection::open(address);
                for number in 0..per_thread {
                    let user = (number * 37 + thread * 13) % cookies.len();
                    let body = body(HOST, &format!("/of/{user}"));
                    let answer = connection.send(&event(HOST, Some(&cookies[user]), &[], &body));
                    assert_eq!(answer.status, 202);
                }
            });
        }
    });
    let events = stand.vendor.events();
    assert_eq!(events.len(), 100_000);
    let expected: Vec<String> = (0..100).map(|user| pseudonym("shop", &format!("user-{user}"))).collect();
    let mixed = events.iter().filter(|event| {
        let user: usize = event.pathname.rsplit('/').next().unwrap().parse().unwrap();
        event.props.get("userId") != Some(&expected[user])
    });
    assert_eq!(mixed.count(), 0);
    data::say("promises: 100000 events of 100 people over 8 shared connections, 0 identities mixed");
    assert_eq!(bauta.metric(&["bauta_events_received_total"]), 100_000);
    assert_eq!(bauta.metric(&["bauta_events_total", "outcome=\"attributed\""]), 100_000);
}

#[test]
fn of_a_hundred_people_exactly_the_eighty_who_agreed_have_ids() {
    let stand = stand(Rules::default());
    let bauta = Bauta::start(&site(&stand.vendor, "shop", HOST, ""));
    for user in 0..100 {
        let cookie = mint::session(&user.to_string(), user < 80);
        for _ in 0..3 {
            assert_eq!(send_event(&bauta, Some(&cookie), &[]).status, 202);
        }
    }
    let events = stand.vendor.events();
    assert_eq!(events.len(), 300);
    let expected: BTreeSet<String> = (0..80).map(|user| pseudonym("shop", &user.to_string())).collect();
    assert_eq!(ids(&events), expected);
    assert_eq!(events.iter().filter(|event| event.props.contains_key("userId")).count(), 240);
}

#[test]
fn a_grant_in_one_realm_is_none_in_another_and_the_pseudonyms_differ() {
    let stand = stand(Rules::default());
    let two = site(&stand.vendor, "a", "a.example", "") + &site(&stand.vendor, "b", "b.example", "");
    let bauta = Bauta::start(&two);
    let say = |host: &str, agreed: bool| {
        let cookie = mint::session("7", agreed);
        assert_eq!(send(bauta.address, &event(host, Some(&cookie), &[], &body(host, "/"))).status, 202);
    };
    say("a.example", true);
    say("b.example", false);
    assert_eq!(ids(&stand.vendor.events()), BTreeSet::from([pseudonym("a", "7")]));
    say("b.example", true);
    assert_eq!(ids(&stand.vendor.events()), BTreeSet::from([pseudonym("a", "7"), pseudonym("b", "7")]));
    assert_ne!(pseudonym("a", "7"), pseudonym("b", "7"));
    let elsewhere = event("c.example", None, &[], &body("a.example", "/"));
    assert_eq!(send(bauta.address, &elsewhere).status, 421);
}

#[test]
fn a_client_cannot_claim_an_identity() {
    let stand = stand(Rules::default());
    let bauta = Bauta::start(&site(&stand.vendor, "shop", HOST, ""));
    let forged = pseudonym("shop", "victim");
    let cookie = mint::session("attacker", true);
    let claims = [
        format!(r#"{{"n":"x","u":"https://{HOST}/","d":"{HOST}","p":{{"userId":"{forged}"}}}}"#),
        format!(r#"{{"n":"x","u":"https://{HOST}/","d":"{HOST}","m":{{"userId":"{forged}"}},"p":{{"a":"b"}}}}"#),
        format!(r#"{{"n":"x","u":"https://{HOST}/","d":"{HOST}","props":"{{\"userId\":\"{forged}\"}}"}}"#),
        format!(
            r#"{{"n":"x","u":"https://{HOST}/","d":"{HOST}","p":{{"userI\u0064":"{forged}","user_id":"{forged}"}}}}"#
        ),
        format!(
            r#"{{"n":"x","u":"https://{HOST}/","d":"{HOST}","p":{{"userId":"1","userId":"{forged}"}},"meta":{{}}}}"#
        ),
    ];
    for claim in &claims {
        for cookie in [None, Some(cookie.as_str())] {
            stand.vendor.clear();
            assert_eq!(send(bauta.address, &event(HOST, cookie, &[], claim)).status, 202, "{claim}");
            let events = stand.vendor.events();
            let expected = cookie.map(|_| pseudonym("shop", "attacker"));
            assert_eq!(events[0].props.get("userId").cloned(), expected, "{claim}");
            assert!(cookie.is_some() || !stand.vendor.requests()[0].body_text().contains(&forged), "{claim}");
        }
    }
}

#[test]
fn signals_and_foreign_pages_take_identity_away() {
    let stand = stand(Rules::default());
    let bauta = Bauta::start(&site(&stand.vendor, "shop", HOST, "origins = [\"https://blog.example\"]"));
    let cookie = mint::session("7", true);
    let id = pseudonym("shop", "7");
    let identified = |headers: &[(&str, &str)]| {
        stand.vendor.clear();
        assert_eq!(send_event(&bauta, Some(&cookie), headers).status, 202);
        stand.vendor.events()[0].props.get("userId") == Some(&id)
    };
    assert!(identified(&[]));
    assert!(identified(&[("Origin", "https://shop.example"), ("Sec-Fetch-Site", "same-origin")]));
    assert!(identified(&[("Origin", "https://blog.example"), ("Sec-Fetch-Site", "cross-site")]));
    assert!(identified(&[("DNT", "1")]));
    assert!(!identified(&[("Sec-GPC", "1")]));
    assert!(!identified(&[("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")]));
    assert!(!identified(&[("Origin", "null")]));
    assert!(!identified(&[("Sec-Fetch-Site", "cross-site")]));
    assert_eq!(bauta.metric(&["bauta_events_total", "foreign_origin"]), 3);
}

#[test]
fn nothing_travels_but_what_the_vendor_reads() {
    let stand = stand(Rules::default());
    let bauta = Bauta::start(&site(&stand.vendor, "shop", HOST, ""));
    let noise = [
        ("Authorization", "Bearer application-secret"),
        ("Referer", "https://shop.example/secret-page"),
        ("X-Forwarded-For", "6.6.6.6"),
        ("X_Forwarded_For", "6.6.6.6"),
        ("Forwarded", "for=6.6.6.6"),
        ("X-Real-IP", "6.6.6.6"),
        ("X-Plausible-IP", "6.6.6.6"),
        ("CF-Connecting-IP", "6.6.6.6"),
        ("X-Debug-Request", "true"),
        ("X-Custom", "application-secret"),
        ("Accept-Language", "tlh"),
    ];
    assert_eq!(send_event(&bauta, Some(&mint::session("7", true)), &noise).status, 202);
    let requests = stand.vendor.requests();
    let names: BTreeSet<&str> = requests[0].headers.iter().map(|(name, _)| name.as_str()).collect();
    let expected = ["accept", "content-length", "content-type", "host", "user-agent", "x-forwarded-for"];
    assert_eq!(names, BTreeSet::from(expected));
    assert_eq!(requests[0].header("x-forwarded-for"), Some("127.0.0.1"));
    assert_eq!(bauta.metric(&["bauta_untrusted_forwarders_total"]), 1);
    // Read to its end: who reads along may be behind.
    let log = bauta.finish();
    assert!(log.contains("trusted_proxies = [\\\"127.0.0.1/32\\\"]"), "{log}");
}

#[test]
fn a_trusted_proxy_names_the_client() {
    let stand = stand(Rules::default());
    let bauta = Bauta::start(&site(&stand.vendor, "shop", HOST, ""));
    drop(bauta);
    let config = site(&stand.vendor, "shop", HOST, "");
    let variables = [("BAUTA__LISTEN__TRUSTED_PROXIES", r#"["127.0.0.0/8", "10.0.0.0/8"]"#)];
    let bauta = Bauta::with_environment(&config, &[], &variables);
    for (chain, client) in [
        ("203.0.113.7", "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7, 10.1.2.3", "203.0.113.7"),
        ("203.0.113.7:4711", "203.0.113.7"),
        ("[2001:db8::7]:443", "2001:db8::7"),
        ("unknown, 10.1.2.3", "10.1.2.3"),
    ] {
        stand.vendor.clear();
        assert_eq!(send_event(&bauta, None, &[("X-Forwarded-For", chain)]).status, 202);
        assert_eq!(stand.vendor.requests()[0].header("x-forwarded-for"), Some(client), "{chain}");
    }
}

#[test]
fn a_revocation_holds_from_the_next_event_on() {
    let stand = stand(Rules::default());
    let bauta = Bauta::start(&site(&stand.vendor, "shop", HOST, ""));
    let cookie = mint::session("7", true);
    send_event(&bauta, Some(&cookie), &[]);
    let body = br#"{"realm":"shop","user":"7"}"#;
    let admin = |headers: &[(&str, &str)]| {
        let mut all = vec![("Host".to_owned(), "localhost".to_owned())];
        all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        send(bauta.admin, &request("POST", "/consent/invalidate", &all, body)).status
    };
    let bearer = format!("Bearer {TOKEN}");
    assert_eq!(admin(&[]), 401);
    assert_eq!(admin(&[("Authorization", "Bearer wrong-token-000000000")]), 401);
    assert_eq!(admin(&[("Authorization", &bearer), ("Origin", "https://evil.example")]), 403);
    send_event(&bauta, Some(&cookie), &[]);
    assert_eq!(admin(&[("Authorization", &bearer)]), 200);
    send_event(&bauta, Some(&cookie), &[]);
    let identified: Vec<bool> = stand.vendor.events().iter().map(|event| event.props.contains_key("userId")).collect();
    assert_eq!(identified, [true, true, false]);
}

#[test]
fn every_event_ends_once_and_the_books_balance() {
    let stand = stand(Rules::strict([HOST, "other.example"]));
    let extra = "[[site]]\nname = \"silent\"\nhosts = [\"silent.example\"]\n[[site.upstream]]\nvendor = \"plausible\"\n\
        url = \"http://127.0.0.1:1\"\nsites = [\"silent.example\"]\n";
    let mut config = site(&stand.vendor, "shop", HOST, "")
        .replace("sites = [\"shop.example\"]", "sites = [\"shop.example\", \"unknown.example\"]");
    config.push_str(extra);
    let bauta = Bauta::start(&config);
    let post = |host: &str, body: &str| send(bauta.address, &event(host, None, &[], body));
    assert_eq!(post(HOST, &body(HOST, "/")).status, 202);
    assert_eq!(post(HOST, "{\"n\":").status, 400);
    assert_eq!(post(HOST, &body("foreign.example", "/")).status, 404);
    let dropped = post(HOST, &body("unknown.example", "/"));
    assert_eq!((dropped.status, dropped.header("x-plausible-dropped")), (202, Some("1")));
    assert_eq!(post(HOST, &format!(r#"{{"n":"","u":"https://{HOST}/","d":"{HOST}"}}"#)).status, 400);
    assert_eq!(post(HOST, &format!("{{\"n\":\"{}\"}}", "x".repeat(1_000_001))).status, 400);
    let unconfirmed = post("silent.example", &body("silent.example", "/"));
    assert_eq!((unconfirmed.status, unconfirmed.text()), (202, "ok"));
    let outcomes: BTreeMap<&str, u64> = [
        ("anonymous", 1),
        ("malformed", 1),
        ("foreign_site", 1),
        ("vendor_dropped", 1),
        ("vendor_refused", 1),
        ("too_large", 1),
        ("unconfirmed", 1),
    ]
    .into();
    for (outcome, count) in outcomes {
        let label = format!("outcome=\"{outcome}\"");
        assert_eq!(bauta.metric(&["bauta_events_total", &label]), count, "{outcome}");
    }
    assert_eq!(bauta.metric(&["bauta_events_received_total"]), 7);
    assert_eq!(bauta.metric(&["bauta_events_total{"]), 7);
    assert_eq!(bauta.metric(&["bauta_events_in_flight"]), 0);
}

#[test]
fn cors_is_answered_here_and_reflects_nobody() {
    let stand = stand(Rules::default());
    let bauta = Bauta::start(&site(&stand.vendor, "shop", HOST, "origins = [\"https://blog.example\"]"));
    let preflight = |origin: &str| {
        let headers = [("Host", HOST), ("Origin", origin), ("Access-Control-Request-Method", "POST")];
        let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        send(bauta.address, &request("OPTIONS", "/api/event", &headers, b""))
    };
    let listed = preflight("https://blog.example");
    assert_eq!(listed.status, 204);
    assert_eq!(listed.header("access-control-allow-origin"), Some("https://blog.example"));
    assert_eq!(listed.header("access-control-allow-credentials"), Some("true"));
    for origin in ["https://evil.example", "null", "https://blog.example.evil.example"] {
        let answer = preflight(origin);
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
        assert!(answer.header("vary").unwrap().to_lowercase().contains("origin"));
        let answer = send_event(&bauta, None, &[("Origin", origin)]);
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
        assert!(answer.header("vary").unwrap().to_lowercase().contains("origin"));
    }
    let script = send(
        bauta.address,
        b"GET /js/script.js HTTP/1.1\r\nHost: shop.example\r\nOrigin: https://blog.example\r\nCookie: a=b\r\n\r\n",
    );
    assert_eq!(script.status, 200);
    assert_eq!(script.header("access-control-allow-credentials"), None);
    assert_eq!(script.header("x-content-type-options"), Some("nosniff"));
    let method = send(bauta.address, b"GET /api/event HTTP/1.1\r\nHost: shop.example\r\n\r\n");
    assert_eq!((method.status, method.header("allow")), (405, Some("POST, OPTIONS")));
    assert_eq!(send(bauta.address, b"GET /api/v2/query HTTP/1.1\r\nHost: shop.example\r\n\r\n").status, 404);
}

#[test]
fn quotas_answer_429_with_the_time_to_wait() {
    let stand = stand(Rules::default());
    let config = site(&stand.vendor, "shop", HOST, "").replace("per_visitor = \"1000000/s\"", "per_visitor = \"3/h\"");
    let bauta = Bauta::start(&config);
    let cookie = mint::session("7", true);
    let statuses: Vec<u16> = (0..5).map(|_| send_event(&bauta, Some(&cookie), &[]).status).collect();
    assert_eq!(statuses, [202, 202, 202, 429, 429]);
    let refused = send_event(&bauta, Some(&cookie), &[]);
    assert!(refused.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
    assert_eq!(send_event(&bauta, Some(&mint::session("8", true)), &[]).status, 202);
    assert_eq!(bauta.metric(&["bauta_events_total", "outcome=\"limited\""]), 3);
}

#[test]
fn observing_passes_events_as_they_are_and_counts_what_would_have_been() {
    let stand = stand(Rules::default());
    let bauta = Bauta::start(&site(&stand.vendor, "shop", HOST, "mode = \"observe\"\nobserve_until = \"2999-12-31\""));
    let body = format!(r#"{{"n":"x","u":"https://{HOST}/?email=a@b.example","d":"{HOST}","p":{{"userId":"mine"}}}}"#);
    let cookie = mint::session("7", true);
    let headers = [("Authorization", "secret"), ("Referer", "https://shop.example/x")];
    assert_eq!(send(bauta.address, &event(HOST, Some(&cookie), &headers, &body)).status, 202);
    let requests = stand.vendor.requests();
    assert_eq!(requests[0].body_text(), body);
    assert!(["cookie", "authorization", "referer"].iter().all(|name| requests[0].header(name).is_none()));
    assert_eq!(bauta.metric(&["bauta_events_total", "outcome=\"observed\""]), 1);
    assert_eq!(bauta.metric(&["bauta_identity_total", "decision=\"granted\""]), 1);
}

#[test]
fn do_not_track_in_the_environment_keeps_everything_here() {
    let stand = stand(Rules::default());
    let config = site(&stand.vendor, "shop", HOST, "");
    let bauta = Bauta::with_environment(&config, &[], &[("DO_NOT_TRACK", "1")]);
    let answer = send_event(&bauta, Some(&mint::session("7", true)), &[]);
    assert_eq!((answer.status, answer.text()), (202, "ok"));
    assert!(stand.vendor.requests().is_empty());
    assert_eq!(bauta.metric(&["bauta_events_total", "outcome=\"local\""]), 1);
    assert!(bauta.log().to_lowercase().contains("do_not_track"), "{}", bauta.log());
}

#[test]
fn a_broken_configuration_answers_success_and_forwards_nothing() {
    let stand = stand(Rules::default());
    let config = site(&stand.vendor, "shop", HOST, "colour = \"red\"");
    let bauta = Bauta::with_arguments(&config, &["--on-bad-config=drop"]);
    let answer = send_event(&bauta, None, &[]);
    assert_eq!((answer.status, answer.text()), (202, "ok"));
    assert!(stand.vendor.requests().is_empty());
    assert_eq!(send(bauta.health, b"GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n").status, 503);
    assert_eq!(send(bauta.health, b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n").status, 200);
    assert!(bauta.metrics().contains("bauta_config_last_reload_successful 0"));
}
