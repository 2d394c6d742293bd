//! Anonymous history and the account: said once for each pair, under a purpose of its own, and never of two accounts.

use bauta::demo::posthog::{Rules, StoredEvent};
use serde_json::{Value, json};

use super::world::{TOKEN, UUID, World, agreed, batch, event, pseudonym};

const MERGE: &str = "[site.consent.purposes.merge]\nallow = \"granted\"";
const OTHER: &str = "0190f3a2-7c1d-7abc-8def-0123456789ef";

fn world(mode: &str) -> World {
    World::with(&format!("mode = \"{mode}\""), Rules::default(), MERGE)
}

fn joined(events: &[StoredEvent]) -> Vec<(String, Value)> {
    let identify = events.iter().filter(|event| event.name == "$identify");
    identify.map(|event| (event.distinct_id.clone(), event.properties["$anon_distinct_id"].clone())).collect()
}

#[test]
fn a_pair_is_said_once_in_every_shape_of_a_request() {
    let one = |id: &str| {
        let mut one = event("$pageview", id);
        one["properties"]["$device_id"] = json!(id);
        one
    };
    let shapes: [fn(Value) -> Value; 3] = [|one| one, |one| json!([one]), |one| batch(&[one])];
    for shape in shapes {
        let world = world("profile");
        for _ in 0..3 {
            assert_eq!(world.post("/i/v0/e/", Some(&agreed("maria")), &shape(one(UUID))).status, 200);
        }
        let events = world.events(4);
        assert_eq!(joined(&events), [(pseudonym("maria"), json!(UUID))]);
        assert!(events.iter().all(|event| event.profile && event.distinct_id == pseudonym("maria")));
        assert!(events.iter().all(|event| event.timestamp.is_some() && event.uuid.is_some()));
        assert!(world.vendor.same_person(TOKEN, UUID, &pseudonym("maria")));
        // Another browser of the same person is another pair.
        world.post("/e/", Some(&agreed("maria")), &shape(one(OTHER)));
        assert_eq!(joined(&world.events(6)).len(), 2);
        assert_eq!(world.bauta.metric(&["events_received_total"]), 4);
        assert_eq!(world.bauta.metric(&["events_made_total", "event=\"$identify\""]), 2);
    }
}

#[test]
fn forms_and_queries_carry_it_too() {
    use base64::Engine as _;
    let world = world("profile");
    let text = event("$pageview", UUID).to_string();
    let data = base64::engine::general_purpose::STANDARD.encode(&text).replace('+', "%2B").replace('=', "%3D");
    let cookie = format!("session={}", agreed("maria"));
    let headers = [("Cookie", cookie.as_str()), ("Content-Type", "application/x-www-form-urlencoded")];
    world.send("POST", "/e/?compression=base64", &headers, format!("data={data}").as_bytes());
    assert_eq!(joined(&world.events(2)).len(), 1);
    let cookie = format!("session={}", agreed("jonas"));
    let other = text.replace(UUID, OTHER);
    let data = base64::engine::general_purpose::STANDARD.encode(other).replace('+', "%2B").replace('=', "%3D");
    world.send("GET", &format!("/e/?data={data}"), &[("Cookie", cookie.as_str())], b"");
    assert_eq!(joined(&world.events(4)).last().unwrap(), &(pseudonym("jonas"), json!(OTHER)));
}

#[test]
fn without_the_purpose_or_the_mode_nothing_is_added() {
    for (mode, consent) in [("profile", ""), ("rewrite", MERGE), ("personless", MERGE), ("property", MERGE)] {
        let world = World::with(&format!("mode = \"{mode}\""), Rules::default(), consent);
        world.post("/i/v0/e/", Some(&agreed("maria")), &batch(&[event("$pageview", UUID)]));
        world.post("/i/v0/e/", None, &batch(&[event("$pageview", OTHER)]));
        assert!(joined(&world.events(1)).is_empty(), "{mode} {consent}");
        assert_eq!(world.vendor.newest(), 1);
    }
}

#[test]
fn an_id_of_two_accounts_becomes_nobody_s() {
    let world = world("profile");
    // Maria used the browser and was joined; then Jonas does, whose page says so itself, too.
    world.post("/i/v0/e/", Some(&agreed("maria")), &batch(&[event("$pageview", UUID)]));
    let mut own = event("$identify", "jonas");
    own["properties"]["$anon_distinct_id"] = json!(UUID);
    world.post("/i/v0/e/", Some(&agreed("jonas")), &batch(&[event("$pageview", UUID), own]));
    let events = world.events(4);
    assert_eq!(joined(&events)[0], (pseudonym("maria"), json!(UUID)));
    assert_eq!(joined(&events)[1], (pseudonym("jonas"), json!(pseudonym("jonas"))), "the page's own says nothing");
    assert!(!world.vendor.same_person(TOKEN, UUID, &pseudonym("jonas")));
    assert!(!world.vendor.same_person(TOKEN, &pseudonym("maria"), &pseudonym("jonas")));
}

#[test]
fn an_account_that_did_not_agree_to_joining_keeps_the_next_one_from_it() {
    // Jonas agreed to be counted and not to be joined; maria agreed to both. The browser is theirs together.
    let consent =
        "[site.consent.purposes.merge]\nallow = \"asked\"\nsources = [{ kind = \"list\", allow = \"agreed.txt\" }]";
    let world = World::with("mode = \"profile\"", Rules::default(), consent);
    world.post("/i/v0/e/", Some(&agreed("somebody-else")), &batch(&[event("$pageview", UUID)]));
    world.post("/i/v0/e/", Some(&agreed("maria")), &batch(&[event("$pageview", UUID)]));
    assert!(joined(&world.events(2)).is_empty());
    let mut another = event("$pageview", OTHER);
    another["properties"]["$device_id"] = json!(OTHER);
    world.post("/i/v0/e/", Some(&agreed("maria")), &batch(&[another]));
    assert_eq!(joined(&world.events(4)).len(), 1);
}

#[test]
fn what_the_page_says_itself_is_not_said_again() {
    let world = world("profile");
    let mut own = event("$identify", "maria@mail.example");
    own["properties"]["$anon_distinct_id"] = json!(UUID);
    world.post("/i/v0/e/", Some(&agreed("maria")), &batch(&[event("$pageview", UUID), own]));
    world.post("/i/v0/e/", Some(&agreed("maria")), &batch(&[event("$pageview", "maria@mail.example")]));
    assert_eq!(joined(&world.events(3)), [(pseudonym("maria"), json!(UUID))]);
    assert_eq!(world.bauta.metric(&["events_made_total"]), 0);
}

#[test]
fn what_did_not_arrive_is_said_again_under_the_same_uuid() {
    let fails = Rules { fail_first: 1, ..Rules::default() };
    let world = World::with("mode = \"profile\"", fails, MERGE);
    let body = batch(&[event("$pageview", UUID)]);
    assert_eq!(world.post("/i/v0/e/", Some(&agreed("maria")), &body).status, 503);
    assert_eq!(world.bauta.metric(&["events_made_total"]), 0);
    assert_eq!(world.post("/i/v0/e/", Some(&agreed("maria")), &body).status, 200);
    assert_eq!(joined(&world.events(2)).len(), 1);
    let uuids: Vec<Value> =
        world.vendor.requests().iter().map(|request| request.decoded["batch"][1]["uuid"].clone()).collect();
    assert!(uuids.len() == 2 && uuids[0] == uuids[1] && uuids[0].is_string(), "{uuids:?}");
}

#[test]
fn the_second_protocol_s_answer_does_not_mention_it() {
    let world = world("profile");
    let uuid = "0190f3a2-7c1d-7abc-8def-00000000000a";
    let body = json!({"created_at": "2026-11-20T16:01:53Z", "batch": [{"event": "e", "uuid": uuid, "distinct_id": UUID,
        "timestamp": "2026-11-20T16:01:53Z", "options": {}, "properties": {"$device_id": UUID}}]});
    let cookie = format!("session={}", agreed("maria"));
    let bearer = format!("Bearer {TOKEN}");
    let headers = [
        ("Cookie", cookie.as_str()),
        ("Content-Type", "application/json"),
        ("Authorization", bearer.as_str()),
        ("PostHog-Sdk-Info", "posthog-js/2.0.0"),
        ("PostHog-Attempt", "1"),
        ("PostHog-Request-Id", "0190f3a2-7c1d-7abc-8def-00000000000c"),
        ("PostHog-Request-Timestamp", "2026-11-20T16:01:53Z"),
    ];
    let answer = world.send("POST", "/i/v1/analytics/events", &headers, body.to_string().as_bytes());
    let results: Value = serde_json::from_str(answer.text()).unwrap();
    let results = results["results"].as_object().unwrap();
    assert_eq!((results.len(), &results[uuid]["result"]), (1, &json!("ok")), "{results:?}");
    assert_eq!(joined(&world.events(2)), [(pseudonym("maria"), json!(UUID))]);
}
