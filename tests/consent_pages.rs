//! What people and applications can do about consent over HTTP: the statement, the objection, the toggle's call, and the
//! id of a browser. The real binary between real sockets.

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

use serde_json::{Value as Json, json};
use support::http::{request, send};
use support::mint;
use support::serve::TOKEN;
use support::shop::{CLAIM, HOST, Shop};

/// The shop with a store beside the session and the cookie, and further lines of `[site.consent]`.
fn shop(more: &str) -> Shop {
    Shop::open(&format!("{{ kind = \"store\" }}, {CLAIM}, {{ kind = \"cookie\" }}"), "", more)
}

/// Sends an event with a cookie.
fn event(shop: &Shop, cookie: &str) -> (support::http::Answer, Option<String>) {
    shop.event(&[("Cookie", cookie)])
}

/// A call of the application's server.
fn admin(shop: &Shop, path: &str, token: &str, body: &Json) -> (u16, Json) {
    let headers = [("Host", "localhost"), ("Authorization", token)];
    let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let answer = send(shop.bauta.admin, &request("POST", path, &headers, body.to_string().as_bytes()));
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
}

const PAGE: &str = "/stats/.well-known/bauta";

#[test]
fn the_statement_says_what_leaves_and_names_nobody() {
    let shop = shop("");
    let answer = shop.ask("GET", "/stats/.well-known/bauta.json", &[], "");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    let said: Json = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(said["recipients"][0]["levels"]["granted"], "full");
    assert_eq!(said["recipients"][0]["levels"]["denied"], "anonymised");
    assert_eq!((&said["purposes"]["replay"], &said["browser_id"]), (&json!("never"), &json!(false)));

    let cookie = format!("session={}", mint::session("person-4711", true));
    let page = shop.ask("GET", PAGE, &[("Cookie", &cookie)], "");
    assert_eq!((page.status, page.header("cache-control")), (200, Some("no-store")));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(page.text().contains("You agreed to be counted") && !page.text().contains("<script"));
    assert!(!page.text().contains("person-4711"));
    assert!(page.header("access-control-allow-origin").is_none());
}

#[test]
fn a_browser_can_object_and_can_raise_nothing() {
    let shop = shop("");
    let session = format!("session={}", mint::session("u1", true));
    assert!(event(&shop, &session).1.is_some());
    let own = ("Origin", "https://shop.example");
    let post = |headers: &[(&str, &str)], body: &str| shop.ask("POST", PAGE, headers, body);
    for foreign in ["https://evil.example", "null", "https://shop.example.evil.example", ""] {
        let answer = post(&[("Cookie", &session), ("Origin", foreign)], "objection=identity");
        assert_eq!((answer.status, answer.header("set-cookie")), (403, None), "{foreign}");
    }
    assert_eq!(post(&[("Cookie", &session)], "objection=identity").status, 403);
    let cross = [("Cookie", session.as_str()), own, ("Sec-Fetch-Site", "cross-site")];
    assert_eq!(post(&cross, "objection=identity").status, 403);
    for raising in ["objection=none", "choice=granted", "", "objection=identity&choice=full"] {
        assert_eq!(post(&[("Cookie", &session), own], raising).status, 400, "{raising}");
    }
    assert!(event(&shop, &session).1.is_some());

    let answer = post(&[("Cookie", &session), own, ("Sec-Fetch-Site", "same-origin")], "objection=identity");
    assert_eq!((answer.status, answer.header("location")), (303, Some("/stats/.well-known/bauta?objected")));
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-bauta_objection=denied; ") && cookie.contains("Secure"), "{cookie}");
    assert_eq!(event(&shop, &session).1, None, "the account's objection counts on every device");
    let browser = format!("{session}; __Host-bauta_objection=denied; __Host-bauta_consent=1");
    let page = shop.ask("GET", PAGE, &[("Cookie", &browser)], "");
    assert!(page.text().contains("You objected"));

    let before = shop.stand.vendor.events().len();
    let silent = [("Cookie", "__Host-bauta_objection=off"), own];
    let answer = shop.ask("POST", PAGE, &silent, "objection=identity");
    assert!(answer.header("set-cookie").unwrap().starts_with("__Host-bauta_objection=off; "), "silence stays silence");
    let body = format!(r#"{{"n":"pageview","u":"https://{HOST}/","d":"{HOST}"}}"#);
    let headers = [("Content-Type", "text/plain"), ("Cookie", "__Host-bauta_objection=off")];
    assert_eq!(shop.ask("POST", "/stats/api/event", &headers, &body).status, 202);
    assert_eq!(shop.stand.vendor.events().len(), before);
}

#[test]
fn the_applications_toggle_is_heard_at_the_next_event() {
    let shop = shop("");
    let bearer = format!("Bearer {TOKEN}");
    let (get, set) = ("/consent/get", "/consent/set");
    let person = json!({"realm": "shop", "user": "u1"});
    let chosen = |choice: &str| json!({"realm": "shop", "user": "u1", "choice": choice});
    for wrong in ["Bearer wrong", "Basic x"] {
        assert_eq!(admin(&shop, set, wrong, &chosen("granted")).0, 401);
        assert_eq!(admin(&shop, get, wrong, &person).0, 401);
    }
    assert_eq!(shop.ask("POST", set, &[("Authorization", &bearer)], "{}").status, 404, "never public");
    assert_eq!(
        admin(&shop, get, &bearer, &person),
        (200, json!({"choice": null, "decided": null, "epoch": 0, "salted": false}))
    );
    let session = format!("session={}", mint::jwt(&json!({"sub": "u1", "exp": 4_102_444_800_u64})));
    assert_eq!(event(&shop, &session).1, None);
    assert_eq!(admin(&shop, set, &bearer, &chosen("granted")).1["choice"], "granted");
    assert!(event(&shop, &session).1.is_some());
    assert_eq!(admin(&shop, set, &bearer, &chosen("denied")).1["choice"], "denied");
    assert_eq!(event(&shop, &session).1, None);
    assert_eq!(admin(&shop, set, &bearer, &chosen("forget")).1["choice"], Json::Null);
    for (path, body) in [(set, chosen("yes")), (set, person.clone()), (get, chosen("granted")), (set, json!({}))] {
        assert_eq!(admin(&shop, path, &bearer, &body).0, 400, "{body}");
    }
    assert_eq!(admin(&shop, get, &bearer, &json!({"realm": "other", "user": "u1"})).0, 404);
}

#[test]
fn a_new_salt_renames_a_person_for_good_and_is_never_said() {
    let shop = Shop::open("{ kind = \"store\", salted = true }", "", "");
    let bearer = format!("Bearer {TOKEN}");
    let session = format!("session={}", mint::jwt(&json!({"sub": "u1", "exp": 4_102_444_800_u64})));
    let set = |more: Json| {
        let mut body = json!({"realm": "shop", "user": "u1"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (status, said) = admin(&shop, "/consent/set", &bearer, &body);
        assert_eq!(status, 200, "{said}");
        said
    };
    let said = set(json!({"choice": "granted"}));
    assert_eq!((&said["salted"], &said["epoch"]), (&json!(true), &json!(0)));
    let first = event(&shop, &session).1.expect("agreed");
    assert_eq!(event(&shop, &session).1.as_ref(), Some(&first));
    let said = set(json!({"choice": "forget", "new_salt": true}));
    assert_eq!((&said["salted"], &said["epoch"], &said["choice"]), (&json!(true), &json!(1), &Json::Null));
    assert_eq!(event(&shop, &session).1, None);
    assert_eq!(set(json!({"new_salt": true}))["epoch"], 2);
    set(json!({"choice": "granted"}));
    let second = event(&shop, &session).1.expect("agreed again");
    assert_ne!(second, first, "who comes back has another id");
    let plain = json!({"realm": "shop", "user": "u1", "new_salt": true});
    assert_eq!(admin(&shop, "/consent/get", &bearer, &plain).0, 400, "asking renews nothing");
}

#[test]
fn a_browser_gets_an_id_after_a_grant_and_loses_it_with_a_refusal() {
    let shop = shop(
        "purposes.link.allow = \"granted\"\ncovers_account = \"also when logged in\"\n[site.visitor_id]\nenabled = true",
    );
    let plain = |cookie: &str| event(&shop, cookie).0.header("set-cookie").map(str::to_owned);
    assert_eq!(plain("theme=dark"), None, "nobody agreed");
    assert_eq!(plain("__Host-bauta_consent=0"), None);
    let set = plain("__Host-bauta_consent=1").expect("an id");
    for attribute in
        ["__Host-bauta_id=t.", "; Max-Age=34214400", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"]
    {
        assert!(set.contains(attribute), "{set}");
    }
    let id = set.split(';').next().unwrap();
    let (answer, first) = event(&shop, &format!("__Host-bauta_consent=1; {id}"));
    assert_eq!(answer.header("set-cookie"), None, "it is not renewed");
    let first = first.expect("the browser's id");
    assert!(first.starts_with("vt_") && !id.contains(&first[3..]), "{first}");
    assert_eq!(event(&shop, &format!("__Host-bauta_consent=1; {id}")).1, Some(first.clone()));
    assert_eq!(event(&shop, &format!("__Host-bauta_consent=1; {id}x")).1, None, "a changed one is nobody's");
    assert_eq!(event(&shop, id).1, None, "without a grant it is not used");

    let session = mint::session("u1", true);
    let (_, account) = event(&shop, &format!("session={session}; {id}"));
    assert!(account.is_some_and(|account| account.starts_with("ut_")));
    assert_eq!(
        shop.stand.vendor.events().last().unwrap().props.get("visitorId"),
        Some(&first),
        "linking was agreed to"
    );

    let gone = plain(&format!("__Host-bauta_consent=0; {id}")).expect("it is taken away");
    assert!(gone.starts_with("__Host-bauta_id=; Max-Age=0; "), "{gone}");
}

#[test]
fn the_numbers_follow_the_people() {
    let shop = shop("");
    for person in 0..50 {
        let agreed = person % 5 != 0;
        for _ in 0..2 {
            event(&shop, &format!("session={}", mint::session(&format!("user-{person}"), agreed)));
        }
    }
    let metrics = shop.bauta.metrics();
    let value = |name: &str| {
        let line = metrics.lines().find(|line| line.starts_with(name) && line.contains("people=\"account\""));
        line.unwrap_or_else(|| panic!("{name}\n{metrics}")).rsplit(' ').next().unwrap().parse::<f64>().unwrap()
    };
    assert_eq!(value("bauta_consent_rate{"), 0.8);
    assert_eq!(value("bauta_identified_of_consenting{"), 1.0);
    assert_eq!(value("bauta_identified_share{"), 0.8);
    assert_eq!(value("bauta_gpc_share{"), 0.0);
}
