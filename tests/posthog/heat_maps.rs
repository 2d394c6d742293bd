//! Heat maps are a purpose of their own, with recordings: without it they stay here, and pages are told not to collect them.

use bauta::demo::posthog::Rules;
use serde_json::{Value, json};

use super::world::{TOKEN, UUID, World, agreed, batch, event};

const PURPOSE: &str = "[site.consent.purposes.replay]\nallow = \"granted\"";

fn mapped(name: &str) -> Value {
    let mut one = event(name, UUID);
    one["properties"]["$heatmap_data"] =
        json!({"https://shop.example/?email=maria%40mail.example": [{"x": 10, "y": 20, "type": "click"}]});
    one
}

#[test]
fn without_the_purpose_heat_maps_stay_here() {
    let world = World::start("cookieless = true\nreplay = \"scrub\"");
    for cookie in [Some(agreed("maria")), None] {
        world.post("/i/v0/e/", cookie.as_deref(), &batch(&[mapped("$$heatmap"), mapped("$pageview")]));
    }
    let events = world.events(2);
    assert!(events.iter().all(|event| event.name == "$pageview" && !event.properties.contains_key("$heatmap_data")));
    assert_eq!(world.bauta.metric(&["events_total", "outcome=\"heat_map\""]), 2);
}

#[test]
fn with_the_purpose_they_leave_scrubbed_for_who_agreed() {
    let world = World::with("cookieless = true", Rules::default(), PURPOSE);
    for cookie in [Some(agreed("maria")), None] {
        world.post("/i/v0/e/", cookie.as_deref(), &batch(&[mapped("$$heatmap"), mapped("$pageview")]));
    }
    let events = world.events(3);
    let with_data: Vec<&str> = events
        .iter()
        .filter(|event| event.properties.contains_key("$heatmap_data"))
        .map(|event| event.name.as_str())
        .collect();
    assert_eq!(with_data, ["$$heatmap", "$pageview"]);
    assert!(!world.everything().contains("maria"), "{}", world.everything());
}

#[test]
fn pages_are_told_whether_to_collect_them() {
    for (consent, told) in [("", false), (PURPOSE, true)] {
        let world = World::with("", Rules { records: true, ..Rules::default() }, consent);
        for path in [format!("/array/{TOKEN}/config"), format!("/array/{TOKEN}/config.js")] {
            let config = world.send("GET", &path, &[], b"").text().to_owned();
            assert_eq!(config.contains("\"heatmaps\":false"), !told, "{config}");
            assert_eq!(config.contains("\"heatmaps\":true"), told, "{config}");
        }
        let ask = json!({"token": TOKEN, "distinct_id": "d"});
        let flags = |cookie: Option<&str>| -> Value {
            serde_json::from_str(world.post("/flags/?v=2&config=true", cookie, &ask).text()).unwrap()
        };
        assert_eq!(flags(Some(&agreed("maria")))["heatmaps"], json!(told));
        assert_eq!(flags(None)["heatmaps"], json!(false), "whoever did not agree");
    }
}
