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

use bauta::demo::vendor::{Rules, Vendor};
use serde_json::{Value as Json, json};
use support::http::{Answer, request, send};
use support::mint;
use support::serve::{Bauta, TOKEN};

const HOST: &str = "shop.example";

/// The vendor's stand-in on a runtime of its own, and the binary in front of it.
struct World {
    vendor: Vendor,
    bauta: Bauta,
    _runtime: tokio::runtime::Runtime,
}

fn world(more: &str) -> World {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let vendor = runtime.block_on(Vendor::start("127.0.0.1:0".parse().unwrap(), Rules::default())).unwrap();
    let bauta = Bauta::start(&format!(
        "[[site]]\nname = \"shop\"\nhosts = [\"{HOST}\"]\n\
         [site.session]\npreset = \"jwt\"\nalgorithms = [\"HS256\"]\ncookie = \"session\"\nuser = [\"sub\"]\n\
         secrets = [{{ file = \"session.secret\" }}]\n\
         [site.consent]\nsources = [{{ kind = \"store\" }}, {{ kind = \"session\", path = [\"analytics\"] }}, \
         {{ kind = \"cookie\" }}]\n{more}\n\
         [[site.upstream]]\nvendor = \"plausible\"\nurl = \"{}\"\nsites = [\"{HOST}\"]\npath = \"/stats/\"\n",
        vendor.url()
    ));
    World { vendor, bauta, _runtime: runtime }
}

impl World {
    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut all = vec![("Host".to_owned(), HOST.to_owned())];
        all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        send(self.bauta.address, &request(method, path, &all, body.as_bytes()))
    }

    /// Sends an event with a cookie; the answer, and the id that the vendor got.
    fn event(&self, cookie: &str) -> (Answer, Option<String>) {
        let body = format!(r#"{{"n":"pageview","u":"https://{HOST}/","d":"{HOST}"}}"#);
        let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let headers = [("Content-Type", "text/plain"), ("User-Agent", agent), ("Cookie", cookie)];
        let answer = self.ask("POST", "/stats/api/event", &headers, &body);
        assert_eq!(answer.status, 202);
        (answer, self.vendor.events().last().unwrap().props.get("userId").cloned())
    }

    fn admin(&self, path: &str, token: &str, body: &Json) -> (u16, Json) {
        let headers = [("Host", "localhost"), ("Authorization", token)];
        let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let answer = send(self.bauta.admin, &request("POST", path, &headers, body.to_string().as_bytes()));
        (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
    }
}

const PAGE: &str = "/stats/.well-known/bauta";

#[test]
fn the_statement_says_what_leaves_and_names_nobody() {
    let world = world("");
    let answer = world.ask("GET", "/stats/.well-known/bauta.json", &[], "");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    let said: Json = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(said["recipients"][0]["levels"]["granted"], "full");
    assert_eq!(said["recipients"][0]["levels"]["denied"], "anonymised");
    assert_eq!((&said["purposes"]["replay"], &said["browser_id"]), (&json!("never"), &json!(false)));

    let cookie = format!("session={}", mint::session("person-4711", true));
    let page = world.ask("GET", PAGE, &[("Cookie", &cookie)], "");
    assert_eq!((page.status, page.header("cache-control")), (200, Some("no-store")));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(page.text().contains("You agreed to be counted") && !page.text().contains("<script"));
    assert!(!page.text().contains("person-4711"));
    assert!(page.header("access-control-allow-origin").is_none());
}

#[test]
fn a_browser_can_object_and_can_raise_nothing() {
    let world = world("");
    let session = format!("session={}", mint::session("u1", true));
    assert!(world.event(&session).1.is_some());
    let own = ("Origin", "https://shop.example");
    let post = |headers: &[(&str, &str)], body: &str| world.ask("POST", PAGE, headers, body);
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
    assert!(world.event(&session).1.is_some());

    let answer = post(&[("Cookie", &session), own, ("Sec-Fetch-Site", "same-origin")], "objection=identity");
    assert_eq!((answer.status, answer.header("location")), (303, Some("/stats/.well-known/bauta?objected")));
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-bauta_objection=denied; ") && cookie.contains("Secure"), "{cookie}");
    assert_eq!(world.event(&session).1, None, "the account's objection counts on every device");
    let browser = format!("{session}; __Host-bauta_objection=denied; __Host-bauta_consent=1");
    let page = world.ask("GET", PAGE, &[("Cookie", &browser)], "");
    assert!(page.text().contains("You objected"));

    let before = world.vendor.events().len();
    let silent = [("Cookie", "__Host-bauta_objection=off"), own];
    let answer = world.ask("POST", PAGE, &silent, "objection=identity");
    assert!(answer.header("set-cookie").unwrap().starts_with("__Host-bauta_objection=off; "), "silence stays silence");
    let body = format!(r#"{{"n":"pageview","u":"https://{HOST}/","d":"{HOST}"}}"#);
    let headers = [("Content-Type", "text/plain"), ("Cookie", "__Host-bauta_objection=off")];
    assert_eq!(world.ask("POST", "/stats/api/event", &headers, &body).status, 202);
    assert_eq!(world.vendor.events().len(), before);
}

#[test]
fn the_applications_toggle_is_heard_at_the_next_event() {
    let world = world("");
    let bearer = format!("Bearer {TOKEN}");
    let (get, set) = ("/consent/get", "/consent/set");
    let person = json!({"realm": "shop", "user": "u1"});
    let chosen = |choice: &str| json!({"realm": "shop", "user": "u1", "choice": choice});
    for wrong in ["Bearer wrong", "Basic x"] {
        assert_eq!(world.admin(set, wrong, &chosen("granted")).0, 401);
        assert_eq!(world.admin(get, wrong, &person).0, 401);
    }
    assert_eq!(world.ask("POST", set, &[("Authorization", &bearer)], "{}").status, 404, "never public");
    assert_eq!(world.admin(get, &bearer, &person), (200, json!({"choice": null, "decided": null, "epoch": 0})));
    let session = format!("session={}", mint::jwt(&json!({"sub": "u1", "exp": 4_102_444_800_u64})));
    assert_eq!(world.event(&session).1, None);
    assert_eq!(world.admin(set, &bearer, &chosen("granted")).1["choice"], "granted");
    assert!(world.event(&session).1.is_some());
    assert_eq!(world.admin(set, &bearer, &chosen("denied")).1["choice"], "denied");
    assert_eq!(world.event(&session).1, None);
    assert_eq!(world.admin(set, &bearer, &chosen("forget")).1["choice"], Json::Null);
    for (path, body) in [(set, chosen("yes")), (set, person.clone()), (get, chosen("granted")), (set, json!({}))] {
        assert_eq!(world.admin(path, &bearer, &body).0, 400, "{body}");
    }
    assert_eq!(world.admin(get, &bearer, &json!({"realm": "other", "user": "u1"})).0, 404);
}

#[test]
fn a_browser_gets_an_id_after_a_grant_and_loses_it_with_a_refusal() {
    let world = world(
        "purposes.link.allow = \"granted\"\ncovers_account = \"also when logged in\"\n[site.visitor_id]\nenabled = true",
    );
    let plain = |cookie: &str| world.event(cookie).0.header("set-cookie").map(str::to_owned);
    assert_eq!(plain("theme=dark"), None, "nobody agreed");
    assert_eq!(plain("__Host-bauta_consent=0"), None);
    let set = plain("__Host-bauta_consent=1").expect("an id");
    for attribute in
        ["__Host-bauta_id=t.", "; Max-Age=34214400", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"]
    {
        assert!(set.contains(attribute), "{set}");
    }
    let id = set.split(';').next().unwrap();
    let (answer, first) = world.event(&format!("__Host-bauta_consent=1; {id}"));
    assert_eq!(answer.header("set-cookie"), None, "it is not renewed");
    let first = first.expect("the browser's id");
    assert!(first.starts_with("vt_") && !id.contains(&first[3..]), "{first}");
    assert_eq!(world.event(&format!("__Host-bauta_consent=1; {id}")).1, Some(first.clone()));
    assert_eq!(world.event(&format!("__Host-bauta_consent=1; {id}x")).1, None, "a changed one is nobody's");
    assert_eq!(world.event(id).1, None, "without a grant it is not used");

    let session = mint::session("u1", true);
    let (_, account) = world.event(&format!("session={session}; {id}"));
    assert!(account.is_some_and(|account| account.starts_with("ut_")));
    assert_eq!(world.vendor.events().last().unwrap().props.get("visitorId"), Some(&first), "linking was agreed to");

    let gone = plain(&format!("__Host-bauta_consent=0; {id}")).expect("it is taken away");
    assert!(gone.starts_with("__Host-bauta_id=; Max-Age=0; "), "{gone}");
}

#[test]
fn the_numbers_follow_the_people() {
    let world = world("");
    for person in 0..50 {
        let agreed = person % 5 != 0;
        for _ in 0..2 {
            world.event(&format!("session={}", mint::session(&format!("user-{person}"), agreed)));
        }
    }
    let metrics = world.bauta.metrics();
    let value = |name: &str| {
        let line = metrics.lines().find(|line| line.starts_with(name) && line.contains("people=\"account\""));
        line.unwrap_or_else(|| panic!("{name}\n{metrics}")).rsplit(' ').next().unwrap().parse::<f64>().unwrap()
    };
    assert_eq!(value("bauta_consent_rate{"), 0.8);
    assert_eq!(value("bauta_identified_of_consenting{"), 1.0);
    assert_eq!(value("bauta_identified_share{"), 0.8);
    assert_eq!(value("bauta_gpc_share{"), 0.0);
}
