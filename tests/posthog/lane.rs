//! Servers of the application: the account id in their events becomes the pseudonym of the browser's.

use bauta::demo::posthog::{Cookieless, Rules};
use serde_json::{Value, json};

use super::world::{World, agreed, batch, event, pseudonym};

const LANE: &str = "cookieless = true\n[site.upstream.trusted]\ncredential = { file = \"credential.key\" }\n\
    constants = { \"account-ui\" = \"anonymous\", \"cron\" = \"refuse\", \"kiosk\" = \"keep\" }
    mapped = { \"worker\" = \"background-jobs\" }";

/// One event of a server, as posthog-node sends it.
fn served(name: &str, id: &str) -> Value {
    json!({"event": name, "distinct_id": id, "timestamp": "2026-11-20T16:01:52.675Z", "properties": {"$lib": "posthog-node"}})
}

#[test]
fn an_account_has_one_pseudonym_in_the_browser_and_on_the_server() {
    let world = World::start(LANE);
    world.post("/i/v0/e/", Some(&agreed("maria")), &batch(&[event("$pageview", "anonymous-1")]));
    world.serve("/batch/", &batch(&[served("order_completed", "maria"), served("order_completed", "jonas")]));
    let ids: Vec<String> = world.events(3).into_iter().map(|event| event.distinct_id).collect();
    assert_eq!(ids, [pseudonym("maria"), pseudonym("maria"), pseudonym("jonas")]);
    assert!(!world.everything().contains("maria") && !world.everything().contains("jonas"));
}

#[test]
fn who_did_not_agree_has_no_name_on_the_server_either() {
    let world = World::start(LANE);
    world.serve("/batch/", &batch(&[served("order_completed", "stranger-77"), served("order_completed", "maria")]));
    let events = world.events(1);
    assert_eq!(events[0].distinct_id, pseudonym("maria"));
    // A server's event names no browser: the vendor could not count it as nobody's.
    assert_eq!(world.bauta.metric(&["events_total", "outcome=\"local\""]), 1);
    let mut seen = served("order_completed", "stranger-78");
    seen["properties"]["$raw_user_agent"] = json!(super::world::AGENT);
    seen["properties"]["$host"] = json!(super::world::HOST);
    seen["properties"]["$ip"] = json!("192.0.2.7");
    world.serve("/batch/", &batch(&[seen]));
    let events = world.events(2);
    assert!(!events[1].profile && !world.everything().contains("stranger-7"), "{}", world.everything());
}

#[test]
fn the_decision_log_has_a_line_for_each_account_of_a_servers_batch() {
    let world =
        World::with(LANE, Rules { cookieless: Cookieless::Stateless, ..Rules::default() }, "decision_log = true");
    let orders = ["maria", "stranger-77", "maria", "cron"];
    let events: Vec<Value> =
        orders.iter().enumerate().map(|(number, id)| served(&format!("order_{number}"), id)).collect();
    world.serve("/batch/", &batch(&events));
    world.events(2);
    let log = world.bauta.finish();
    let lines: Vec<Value> = log
        .lines()
        .filter(|line| line.contains("bauta::decisions"))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2, "{log}");
    assert_eq!(lines[0]["pseudonym"], pseudonym("maria"));
    assert!(lines[1].get("pseudonym").is_none() && !log.contains("stranger-77") && !log.contains("maria"), "{log}");
}

#[test]
fn a_pseudonym_passes_from_a_server_and_from_nobody_else() {
    let world = World::start(LANE);
    let made = pseudonym("maria");
    world.serve("/batch/", &batch(&[served("order_completed", &made)]));
    assert_eq!(world.events(1)[0].distinct_id, made);
    world.vendor.clear();
    // A browser that claims it: logged out, logged in as another, and with a credential that is nearly right.
    world.post("/i/v0/e/", None, &batch(&[event("e", &made)]));
    world.post("/i/v0/e/", Some(&agreed("jonas")), &batch(&[event("e", &made)]));
    let nearly = [("Content-Type", "application/json"), ("X-Bauta-Credential", "credential-of-the-test-servers-0002")];
    world.send("POST", "/batch/", &nearly, batch(&[served("e", &made)]).to_string().as_bytes());
    let events = world.events(3);
    assert!(events.iter().all(|event| event.distinct_id != made), "{}", world.everything());
    assert!(!world.everything().contains(&made));
}

#[test]
fn constants_follow_their_rule() {
    let world = World::start(LANE);
    let answer = world
        .serve("/batch/", &batch(&[served("opened", "account-ui"), served("ran", "cron"), served("shown", "kiosk")]));
    assert_eq!(answer.status, 200);
    let events = world.events(2);
    assert_eq!((events[0].name.as_str(), events[1].name.as_str()), ("opened", "shown"));
    assert!(events[0].distinct_id.starts_with("st_"), "{}", events[0].distinct_id);
    assert_eq!(events[1].distinct_id, "kiosk");
    assert_eq!(world.bauta.metric(&["events_total", "outcome=\"identity_only\""]), 1);
}

#[test]
fn a_mapped_constant_has_its_new_name_in_events_and_flags_and_no_profile() {
    let world = World::start(LANE);
    let mut sent = served("ran", "worker");
    sent["properties"]["$process_person_profile"] = true.into();
    assert_eq!(world.serve("/batch/", &batch(&[sent])).status, 200);
    let event = &world.events(1)[0];
    assert_eq!(event.distinct_id, "background-jobs");
    assert_eq!(event.properties["$process_person_profile"], false);
    let asked = json!({"token": super::world::TOKEN, "distinct_id": "worker"});
    assert_eq!(world.serve("/flags/?v=2", &asked).status, 200);
    assert_eq!(world.vendor.flag_calls()[0].distinct_id, "background-jobs");
    assert!(!world.everything().contains("worker"), "{}", world.everything());
}

#[test]
fn the_second_protocol_says_what_became_of_each_event() {
    let world = World::start(LANE);
    let one = |uuid: &str, id: &str| json!({"event": "e", "uuid": uuid, "distinct_id": id, "timestamp": "2026-11-20T16:01:53Z", "options": {}, "properties": {}});
    let (kept, refused) = ("0190f3a2-7c1d-7abc-8def-00000000000a", "0190f3a2-7c1d-7abc-8def-00000000000b");
    let body =
        json!({"created_at": "2026-11-20T16:01:53Z", "batch": [one(kept, "maria"), one(refused, "cron")]}).to_string();
    let bearer = format!("Bearer {}", super::world::TOKEN);
    let headers = [
        ("Content-Type", "application/json"),
        ("X-Bauta-Credential", super::world::CREDENTIAL),
        ("Authorization", bearer.as_str()),
        ("PostHog-Sdk-Info", "posthog-node/5.70.0"),
        ("PostHog-Attempt", "1"),
        ("PostHog-Request-Id", "0190f3a2-7c1d-7abc-8def-00000000000c"),
        ("PostHog-Request-Timestamp", "2026-11-20T16:01:53Z"),
    ];
    let answer = world.send("POST", "/i/v1/analytics/events", &headers, body.as_bytes());
    let results: Value = serde_json::from_str(answer.text()).unwrap();
    assert_eq!((answer.status, &results["results"][kept]["result"]), (200, &json!("ok")), "{results}");
    assert_eq!(results["results"][refused]["result"], "drop");
    assert_eq!(world.events(1)[0].distinct_id, pseudonym("maria"));
}
