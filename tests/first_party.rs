//! Opaque paths through the running binary: given to sessions that agreed, asked again at every arrival, and to nobody
//! else; files of the vendor through the cache.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod support;

use bauta::demo::posthog::{self, PostHog};
use bauta::demo::vendor::{Rules, Vendor};
use serde_json::{Value, json};
use support::http::{Answer, request, send};
use support::mint;
use support::serve::{Bauta, TOKEN};

const HOST: &str = "shop.example";
const EVENT: &str = "/kelimoru/fobaru";
const SCRIPT: &str = "/kelimoru/gudolo.js";
const EARLIER: &str = "/nurobiva/vukezo";

struct Stand {
    vendor: Vendor,
    bauta: Bauta,
    _runtime: tokio::runtime::Runtime,
}

fn stand() -> Stand {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let vendor = runtime.block_on(Vendor::start("127.0.0.1:0".parse().unwrap(), Rules::default())).unwrap();
    let bauta = Bauta::start(&format!(
        "[[site]]\nname = \"shop\"\nhosts = [\"{HOST}\"]\n\
         [site.session]\npreset = \"jwt\"\nalgorithms = [\"HS256\"]\ncookie = \"session\"\nuser = [\"sub\"]\n\
         secrets = [{{ file = \"session.secret\" }}]\n\
         [site.consent]\nsources = [{{ kind = \"session\", path = [\"analytics\"] }}]\n\
         [[site.upstream]]\nvendor = \"plausible\"\nurl = \"{}\"\nsites = [\"{HOST}\"]\npath = \"/numbers\"\n\
         aliases = {{ root = \"kelimoru\", words = {{ \"/api/event\" = \"fobaru\", \"/js/script.js\" = \"gudolo\" }}, \
         previous = [{{ root = \"nurobiva\", words = {{ \"/api/event\" = \"vukezo\" }} }}] }}\n",
        vendor.url()
    ));
    Stand { vendor, bauta, _runtime: runtime }
}

fn ask(stand: &Stand, method: &str, path: &str, cookie: Option<&str>, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![("Host".to_owned(), HOST.to_owned()), ("Content-Type".to_owned(), "text/plain".to_owned())];
    fields.push(("User-Agent".into(), "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".into()));
    fields.extend(cookie.map(|value| ("Cookie".to_owned(), format!("session={value}"))));
    fields.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let body = r#"{"n":"pageview","u":"https://shop.example/","d":"shop.example"}"#;
    let body = if method == "POST" { body.as_bytes() } else { b"" };
    send(stand.bauta.address, &request(method, path, &fields, body))
}

/// Who it is, the cookie, further fields.
type Unasked = (&'static str, Option<String>, Vec<(&'static str, &'static str)>);

/// Cookie and further fields of people who have not agreed, in every way there is.
fn unasked() -> Vec<Unasked> {
    let agreed = || Some(mint::session("ada", true));
    vec![
        ("refused", Some(mint::session("ada", false)), vec![]),
        ("not asked", Some(mint::jwt(&json!({"sub": "ada", "exp": 4_102_444_800_u64}))), vec![]),
        ("logged out", None, vec![]),
        ("forged", Some(format!("{}x", mint::session("ada", true))), vec![]),
        ("expired", Some(mint::jwt(&json!({"sub": "ada", "exp": 1000, "analytics": true}))), vec![]),
        ("GPC", agreed(), vec![("Sec-GPC", "1")]),
        ("DNT", agreed(), vec![("DNT", "1")]),
    ]
}

#[test]
fn who_agreed_gets_through_on_current_and_earlier_words() {
    let stand = stand();
    let cookie = mint::session("ada", true);
    for path in [EVENT, EARLIER] {
        assert_eq!(ask(&stand, "POST", path, Some(&cookie), &[]).status, 202);
    }
    let events = stand.vendor.events();
    assert_eq!(events.len(), 2);
    assert!(events.iter().all(|event| event.props.contains_key("userId")));
    let script = ask(&stand, "GET", SCRIPT, Some(&cookie), &[]);
    assert_eq!((script.status, script.header("x-content-type-options")), (200, Some("nosniff")));
    assert!(script.header("cache-control").unwrap().starts_with("private, "), "{:?}", script.headers);
    assert!(!script.body.is_empty());
    assert_eq!(stand.bauta.metric(&["bauta_aliases_total", "agreed"]), 3);
}

#[test]
fn nobody_else_is_heard_on_an_alias_and_the_page_does_not_notice() {
    let stand = stand();
    let people = unasked();
    for (who, cookie, more) in &people {
        for path in [EVENT, EARLIER] {
            let answer = ask(&stand, "POST", path, cookie.as_deref(), more);
            assert_eq!((answer.status, answer.text()), (202, "ok"), "{who}");
        }
        assert_eq!(ask(&stand, "GET", SCRIPT, cookie.as_deref(), more).status, 404, "{who}");
    }
    assert_eq!(stand.vendor.events().len(), 0);
    let refused = 2 * people.len() as u64;
    assert_eq!(stand.bauta.metric(&["bauta_events_total", "outcome=\"off\""]), refused);
    assert_eq!(stand.bauta.metric(&["bauta_events_received_total"]), refused);
    // On the plain path their events follow their level, as ever.
    assert_eq!(ask(&stand, "POST", "/numbers/api/event", people[0].1.as_deref(), &[]).status, 202);
    assert_eq!(stand.vendor.events().len(), 1);
}

#[test]
fn words_of_nobody_are_unknown() {
    let stand = stand();
    let cookie = mint::session("ada", true);
    for path in ["/kelimoru", "/kelimoru/gudolo", "/kelimoru/api/event", "/kelimoru/vukezo", "/kelimoru/s/"] {
        assert_eq!(ask(&stand, "POST", path, Some(&cookie), &[]).status, 404, "{path}");
    }
}

fn snippet(stand: &Stand, cookie: &str, gpc: bool, dnt: bool, otherwise: &str) -> Value {
    let body = json!({
        "site": "shop", "upstream": "plausible", "cookie": format!("session={cookie}"), "gpc": gpc, "dnt": dnt,
        "otherwise": otherwise, "nonce": "abc",
    });
    let fields = [("Host".into(), "localhost".into()), ("Authorization".into(), format!("Bearer {TOKEN}"))];
    let answer = send(stand.bauta.admin, &request("POST", "/snippet", &fields, body.to_string().as_bytes()));
    assert_eq!(answer.status, 200, "{}", answer.text());
    serde_json::from_slice(&answer.body).unwrap()
}

#[test]
fn the_snippet_of_a_session_has_aliases_only_if_it_agreed() {
    let stand = stand();
    let (yes, no) = (mint::session("ada", true), mint::session("ada", false));
    let given = snippet(&stand, &yes, false, false, "nothing");
    assert_eq!(given["aliased"], true);
    assert!(given["code"].as_str().unwrap().contains(EVENT) && given["code"].as_str().unwrap().contains(SCRIPT));
    assert_eq!(given["policy"], "script-src 'self' 'nonce-abc'; connect-src 'self'");
    for (cookie, gpc, dnt) in
        [(&no, false, false), (&yes, true, false), (&yes, false, true), (&String::new(), false, false)]
    {
        let nothing = snippet(&stand, cookie, gpc, dnt, "nothing");
        assert_eq!((nothing["aliased"].as_bool(), nothing["code"].as_str()), (Some(false), Some("")));
        let plain = snippet(&stand, cookie, gpc, dnt, "plain");
        let code = plain["code"].as_str().unwrap();
        assert!(code.contains("/numbers/api/event") && !code.contains("kelimoru"), "{code}");
    }
    let without = request("POST", "/snippet", &[("Host".into(), "localhost".into())], b"{}");
    assert_eq!(send(stand.bauta.admin, &without).status, 401);
}

#[test]
fn the_statement_says_who_gets_opaque_paths_and_shows_none_to_anybody() {
    let stand = stand();
    let page = |cookie: Option<&str>, more: &[(&str, &str)]| {
        let answer = ask(&stand, "GET", "/numbers/.well-known/bauta", cookie, more);
        assert_eq!(answer.status, 200);
        answer.text().to_owned()
    };
    let agreed = mint::session("ada", true);
    let yes = page(Some(&agreed), &[]);
    assert!(yes.contains("this site counts you over paths of its own"), "{yes}");
    for no in [page(None, &[]), page(Some(&agreed), &[("Sec-GPC", "1")]), page(Some(&agreed), &[("DNT", "1")])] {
        assert!(no.contains("You get none"), "{no}");
    }
    let document = ask(&stand, "GET", "/numbers/.well-known/bauta.json", None, &[]).text().to_owned();
    let told: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(told["opaque_paths"]["used"], true);
    for shown in [yes, document] {
        assert!(["kelimoru", "nurobiva", "fobaru", "gudolo"].iter().all(|word| !shown.contains(word)), "{shown}");
    }
}

#[test]
fn a_script_comes_from_the_cache_after_the_first_time() {
    let stand = stand();
    let first = ask(&stand, "GET", "/numbers/js/script.js", None, &[]);
    let tag = first.header("etag").unwrap().to_owned();
    let again = ask(&stand, "GET", "/numbers/js/script.js?x=private", None, &[("If-None-Match", &tag)]);
    assert_eq!((first.status, again.status), (200, 304));
    assert_eq!(stand.bauta.metric(&["bauta_assets_total", "fetched"]), 1);
    assert_eq!(stand.bauta.metric(&["bauta_assets_total", "hit"]), 1);
}

#[test]
fn new_words_are_a_line_of_the_configuration_and_two_draws_share_nothing() {
    let draw = || {
        let ran = std::process::Command::new(env!("CARGO_BIN_EXE_bauta"))
            .args(["words", "--vendor", "posthog", "--token", "phc_abc"])
            .output()
            .unwrap();
        assert!(ran.status.success());
        let table: toml::Table = toml::from_str(&String::from_utf8(ran.stdout).unwrap()).unwrap();
        let aliases = table["aliases"].as_table().unwrap().clone();
        let words = aliases["words"].as_table().unwrap();
        assert!(words.contains_key("/array/phc_abc/config") && !words.keys().any(|path| path.starts_with("/s/")));
        let leaves = words.values().map(|word| word.as_str().unwrap().to_owned());
        leaves.chain([aliases["root"].as_str().unwrap().to_owned()]).collect::<std::collections::HashSet<_>>()
    };
    let (one, two) = (draw(), draw());
    assert_eq!(one.intersection(&two).count(), 0, "{one:?} {two:?}");
}

const PROJECT: &str = "phc_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";

struct Project {
    posthog: PostHog,
    bauta: Bauta,
    _runtime: tokio::runtime::Runtime,
}

/// A PostHog that asks pages to record, which this install allows: opaque paths take no recording all the same.
fn project() -> Project {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let rules = posthog::Rules { records: true, ..posthog::Rules::default() };
    let posthog = runtime.block_on(PostHog::start("127.0.0.1:0".parse().unwrap(), rules)).unwrap();
    let words = format!(
        "\"/e/\" = \"fobaru\", \"/i/v0/e/\" = \"gudolo\", \"/flags/\" = \"zuvora\", \"/decide/\" = \"merulo\", \
         \"/array/{PROJECT}/config\" = \"sajovi\", \"/array/{PROJECT}/config.js\" = \"bikoru\""
    );
    let bauta = Bauta::start(&format!(
        "[[site]]\nname = \"shop\"\nhosts = [\"{HOST}\"]\n\
         [site.session]\npreset = \"jwt\"\nalgorithms = [\"HS256\"]\ncookie = \"session\"\nuser = [\"sub\"]\n\
         secrets = [{{ file = \"session.secret\" }}]\n\
         [site.consent]\nsources = [{{ kind = \"session\", path = [\"analytics\"] }}]\n\
         [site.consent.purposes.replay]\nallow = \"granted\"\n\
         [[site.upstream]]\nvendor = \"posthog\"\nurl = \"{}\"\ntokens = [\"{PROJECT}\"]\npath = \"/ph\"\nreplay = \"scrub\"\n\
         aliases = {{ root = \"zifudape\", words = {{ {words} }} }}\n",
        posthog.url()
    ));
    Project { posthog, bauta, _runtime: runtime }
}

impl Project {
    fn ask(&self, method: &str, path: &str, body: &Value) -> Answer {
        let cookie = format!("session={}", mint::session("ada", true));
        let fields =
            [("Host", HOST), ("Content-Type", "application/json"), ("Cookie", &cookie), ("User-Agent", "Mozilla/5.0")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let body = if method == "POST" { body.to_string() } else { String::new() };
        send(self.bauta.address, &request(method, path, &fields, body.as_bytes()))
    }

    fn config(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, &Value::Null);
        assert_eq!(answer.status, 200, "{path}");
        let text = answer.text().to_owned();
        // The script is the same object behind an assignment.
        let json =
            text.split_once("{config:").map_or(text.as_str(), |(_, rest)| rest.split_once(",siteApps:[]}").unwrap().0);
        serde_json::from_str(json).unwrap()
    }
}

#[test]
fn the_configuration_on_an_alias_leads_the_page_to_the_alias_for_events_and_nowhere_else() {
    let project = project();
    for path in ["/zifudape/sajovi", "/zifudape/bikoru.js"] {
        let config = project.config(path);
        assert_eq!(config["analytics"]["endpoint"], "/i/../../zifudape/gudolo", "{path}");
        assert_eq!(config["heatmaps"], false, "{path}");
        // Recordings keep the plain path, which a blocker can answer.
        assert_eq!(config["sessionRecording"]["endpoint"], "/s/", "{path}");
    }
    let plain = project.config(&format!("/ph/array/{PROJECT}/config"));
    assert_eq!((&plain["analytics"]["endpoint"], &plain["heatmaps"]), (&json!("/i/v0/e/"), &json!(true)));
    // Older clients have their configuration from the answer about flags.
    let question = json!({ "token": PROJECT, "distinct_id": "x" });
    let told = |path: &str| -> Value {
        let answer = project.ask("POST", path, &question);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        serde_json::from_slice(&answer.body).unwrap()
    };
    assert_eq!(told("/zifudape/merulo?v=3")["analytics"]["endpoint"], "/i/../../zifudape/gudolo");
    assert_eq!(told("/ph/decide/?v=3")["analytics"]["endpoint"], "/i/v0/e/");
}

#[test]
fn recordings_and_heat_maps_end_on_an_alias_whatever_was_agreed() {
    let project = project();
    let event = |name: &str| json!({ "event": name, "distinct_id": "0190aaaa-1111-7222-8333-444455556666", "properties": { "token": PROJECT } });
    let batch = json!([event("Paid"), event("$snapshot"), event("$$heatmap")]);
    let answer = project.ask("POST", "/zifudape/fobaru", &batch);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let names: Vec<String> = project.posthog.events().iter().map(|event| event.name.clone()).collect();
    assert_eq!(names, ["Paid"]);
    for outcome in ["recording", "heat_map"] {
        assert_eq!(project.bauta.metric(&["bauta_events_total", &format!("outcome=\"{outcome}\"")]), 1, "{outcome}");
    }
    // On the plain path the same recording is a question of consent.
    let alone = project.ask("POST", "/zifudape/gudolo", &event("$snapshot"));
    assert_eq!((alone.status, project.posthog.events().len()), (200, 1));
}
