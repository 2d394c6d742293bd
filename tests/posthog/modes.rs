//! The ways to write an identity, and the answers that keep clients calm.

use serde_json::{Value, json};

use super::world::{TOKEN, UUID, World, agreed, batch, event, pseudonym};

#[test]
fn property_mode_adds_one_property_and_keeps_every_id() {
    let world = World::start("mode = \"property\"");
    let mut sent = event("$pageview", "maria@mail.example");
    sent["properties"]["userId"] = json!("forged");
    assert_eq!(world.post("/i/v0/e/", Some(&agreed("maria")), &batch(&[sent])).status, 200);
    let seen = world.events(1).remove(0);
    assert_eq!(seen.distinct_id, "maria@mail.example");
    assert_eq!(seen.properties["userId"], json!(pseudonym("maria")));
}

#[test]
fn personless_and_profile_modes_lower_and_raise_the_flag() {
    for (mode, sent, wanted) in
        [("personless", true, false), ("profile", false, true), ("rewrite", true, true), ("rewrite", false, false)]
    {
        let world = World::start(&format!("mode = \"{mode}\""));
        let mut one = event("$pageview", UUID);
        one["properties"]["$process_person_profile"] = json!(sent);
        world.post("/i/v0/e/", Some(&agreed("maria")), &batch(&[one]));
        let seen = world.events(1).remove(0);
        assert_eq!((seen.profile, seen.distinct_id), (wanted, pseudonym("maria")), "{mode}");
    }
}

#[test]
fn two_accounts_in_one_browser_are_never_merged() {
    let world = World::start("mode = \"profile\"");
    for user in ["maria", "jonas"] {
        let mut one = event("$identify", user);
        one["properties"]["$anon_distinct_id"] = json!(UUID);
        one["$set"] = json!({"plan": "paid"});
        world.post("/i/v0/e/", Some(&agreed(user)), &batch(&[event("$pageview", UUID), one]));
        let mut alias = event("$create_alias", user);
        alias["properties"]["alias"] = json!("the-other");
        world.post("/i/v0/e/", Some(&agreed(user)), &batch(&[alias]));
    }
    world.events(6);
    assert!(!world.vendor.same_person(TOKEN, &pseudonym("maria"), &pseudonym("jonas")));
    assert!(!world.everything().contains("the-other"));
}

#[test]
fn visitors_without_an_account_stay_at_home_unless_the_project_counts_without_ids() {
    let world = World::start("");
    let answer = world.post("/i/v0/e/", None, &batch(&[event("$pageview", UUID)]));
    assert_eq!((answer.status, answer.text()), (200, r#"{"status":"Ok"}"#));
    assert!(world.vendor.requests().is_empty());
    assert_eq!(world.bauta.metric(&["events_total", "outcome=\"local\""]), 1);

    let world = World::start("cookieless = true");
    world.post("/i/v0/e/", None, &batch(&[event("$pageview", UUID), event("$identify", "maria@mail.example")]));
    assert_eq!(world.bauta.metric(&["events_total", "outcome=\"identity_only\""]), 1);
    let everything = world.everything();
    assert!(everything.contains("$posthog_cookieless") && !everything.contains(UUID), "{everything}");
}

#[test]
fn a_page_that_leaves_gets_204_and_a_silent_vendor_503() {
    let world = World::start("");
    let cookie = format!("session={}", agreed("maria"));
    let headers = [("Cookie", cookie.as_str()), ("Content-Type", "application/json")];
    let body = event("$pageleave", UUID).to_string();
    let answer = world.send("POST", "/e/?beacon=1", &headers, body.as_bytes());
    assert_eq!(answer.status, 204, "{}", answer.text());
    let at_home = world.send("POST", "/e/?beacon=1", &[("Content-Type", "application/json")], body.as_bytes());
    assert_eq!(at_home.status, 204);

    let silent = World::start("answer_timeout = \"300ms\"\nflags_url = \"http://127.0.0.1:9\"");
    let answer = silent.send(
        "POST",
        "/flags/?v=2",
        &headers,
        json!({"token": TOKEN, "distinct_id": "d"}).to_string().as_bytes(),
    );
    let flags: Value = serde_json::from_str(answer.text()).unwrap();
    assert_eq!((answer.status, &flags["errorsWhileComputingFlags"]), (200, &json!(true)));
}

#[test]
fn an_event_with_a_time_gets_a_uuid_that_a_second_try_gets_too() {
    let world = World::start("");
    let mut one = event("$pageview", UUID);
    one.as_object_mut().unwrap().remove("uuid");
    for sent_at in ["2026-11-20T16:01:53.000Z", "2026-11-20T16:02:53.000Z"] {
        let body = json!({"api_key": TOKEN, "batch": [one], "sent_at": sent_at});
        world.post("/i/v0/e/", Some(&agreed("maria")), &body);
    }
    let events = world.events(2);
    assert!(events[0].uuid.is_some());
    assert_eq!(events[0].uuid, events[1].uuid);
}

#[test]
fn names_of_events_follow_the_site_s_conventions() {
    let world = World::start("snake_case_events = true\nrename_events = { \"Signed Up\" = \"user_registered\" }");
    let names = ["Signed Up", "Item Added", "$pageview"].map(|name| event(name, UUID));
    world.post("/i/v0/e/", Some(&agreed("maria")), &batch(&names));
    let names: Vec<String> = world.events(3).into_iter().map(|event| event.name).collect();
    assert_eq!(names, ["user_registered", "item_added", "$pageview"]);
}

#[test]
fn pages_are_told_not_to_record_and_scripts_are_scripts() {
    use bauta::demo::posthog::Rules;
    let rules = || Rules { records: true, ..Rules::default() };
    for (replay, records) in [("block", false), ("scrub", true)] {
        let purpose = "[site.consent.purposes.replay]\nallow = \"granted\"";
        let world = World::with(&format!("replay = \"{replay}\""), rules(), if records { purpose } else { "" });
        let config = world.send("GET", &format!("/array/{TOKEN}/config"), &[], b"");
        assert_eq!(config.status, 200, "{}", config.text());
        let told: Value = serde_json::from_str(config.text()).unwrap();
        assert_eq!(told["sessionRecording"].is_object(), records, "{told}");
        assert_eq!(told["siteApps"], json!([]));
        let script = world.send("GET", &format!("/array/{TOKEN}/config.js"), &[], b"");
        assert!(script.header("content-type").unwrap().starts_with("application/javascript"));
        assert_eq!(script.text().contains("\"sessionRecording\":false"), !records, "{}", script.text());
        assert_eq!(script.header("x-content-type-options"), Some("nosniff"));
        let answer =
            world.post("/flags/?v=2&config=true", Some(&agreed("maria")), &json!({"token": TOKEN, "distinct_id": "d"}));
        let flags: Value = serde_json::from_str(answer.text()).unwrap();
        assert_eq!(flags["sessionRecording"].is_object(), records, "{flags}");
    }
}
