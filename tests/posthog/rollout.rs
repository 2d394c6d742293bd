//! Flags decide for the person whom events count.

use std::collections::HashMap;

use bauta::demo::posthog::{Flag, Rules};
use serde_json::json;

use super::world::{HOST, TOKEN, World, agreed, ask, batch, event, pseudonym};

#[test]
fn ten_thousand_people_see_the_variant_that_their_events_are_counted_for() {
    const PEOPLE: usize = 10_000;
    let flag = Flag::new("checkout", 60).with_variant("a", 50).with_variant("b", 50);
    let rules = Rules { flags: vec![flag.clone()], keep: 3 * PEOPLE, ..Rules::default() };
    let world = World::with("", rules, "");
    let mut connection = world.connect();
    for person in 0..PEOPLE {
        let cookie = format!("session={}", agreed(&format!("user-{person}")));
        let headers = [("Cookie", cookie.as_str()), ("Content-Type", "application/json")];
        // The page knows another id than the application, and a third one on another device.
        let body = batch(&[event("$pageview", &format!("anonymous-{person}"))]).to_string();
        assert_eq!(connection.send(&ask("POST", "/i/v0/e/", &headers, body.as_bytes())).status, 200);
        let body = json!({"token": TOKEN, "distinct_id": format!("{person}@{HOST}")}).to_string();
        let answer = connection.send(&ask("POST", "/flags/?v=2", &headers, body.as_bytes()));
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let events = world.events(PEOPLE);
    let shown: HashMap<String, serde_json::Value> =
        world.flags().into_iter().map(|call| (call.distinct_id, call.values["checkout"].clone())).collect();
    assert_eq!((events.len(), shown.len()), (PEOPLE, PEOPLE));
    let mut variants: HashMap<String, usize> = HashMap::new();
    for counted in &events {
        let value = flag.value(&counted.distinct_id);
        assert_eq!(shown.get(&counted.distinct_id), Some(&value), "{}", counted.distinct_id);
        *variants.entry(value.to_string()).or_default() += 1;
    }
    assert!(events.iter().any(|counted| counted.distinct_id == pseudonym("user-7")));
    // Sixty of a hundred, in two halves, within four standard deviations.
    assert_eq!(variants.len(), 3, "{variants:?}");
    assert!(variants["false"].abs_diff(4000) < 200 && variants["\"a\""].abs_diff(3000) < 190, "{variants:?}");
    world.bauta.metric(&["flag_requests_total", "outcome=\"attributed\""]);
}

#[test]
fn without_consent_flags_are_asked_under_an_id_that_no_event_has() {
    let rules = || Rules { flags: vec![Flag::new("checkout", 100)], ..Rules::default() };
    let asked = |id: &str| json!({"token": TOKEN, "distinct_id": id, "$anon_distinct_id": "x", "person_properties": {"email": "maria@mail.example"}});
    let world = World::with("", rules(), "");
    for id in ["visitor-1", "visitor-1", "visitor-2"] {
        assert_eq!(world.post("/flags/?v=2", None, &asked(id)).status, 200);
    }
    let calls = world.flags();
    assert!(calls.iter().all(|call| call.distinct_id.starts_with("ft_")), "{calls:?}");
    assert_eq!(calls[0].distinct_id, calls[1].distinct_id);
    assert_ne!(calls[0].distinct_id, calls[2].distinct_id);
    for personal in ["visitor-1", "maria", "person_properties", "anon_distinct"] {
        assert!(!world.everything().contains(personal), "{personal}");
    }

    let world = World::with("flags_without_consent = \"empty\"", rules(), "");
    let answer = world.post("/flags/?v=2", None, &asked("visitor-1"));
    let flags: serde_json::Value = serde_json::from_str(answer.text()).unwrap();
    assert_eq!((answer.status, &flags["flags"]), (200, &json!({})));
    assert!(world.vendor.requests().is_empty());

    let world = World::with("flags_without_consent = \"as_sent\"", rules(), "");
    assert_eq!(world.post("/flags/?v=2", None, &asked("visitor-1")).status, 200);
    assert_eq!(world.flags()[0].distinct_id, "visitor-1");
    assert!(!world.everything().contains("maria@mail.example"));
}
