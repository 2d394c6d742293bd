//! Another project's token, wherever one can stand: nothing of it reaches the vendor, and nothing of the project comes
//! back.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::world::{FOREIGN, TOKEN, World, agreed, event};

#[test]
fn a_foreign_token_passes_in_no_position() {
    let world = World::start("replay = \"pass\"");
    let cookie = agreed("user-1");
    let with = |change: &dyn Fn(&mut Value)| {
        let mut one = event("e", "d");
        change(&mut one);
        one
    };
    let inside = with(&|one| one["properties"]["token"] = json!(FOREIGN));
    let outside = with(&|one| one["token"] = json!(FOREIGN));
    let dollar = with(&|one| one["$token"] = json!(FOREIGN));
    let escaped = event("e", "d").to_string().replace("\"token\"", "\"tok\\u0065n\"").replace(TOKEN, FOREIGN);
    let bodies = [
        inside.to_string(),
        outside.to_string(),
        dollar.to_string(),
        escaped,
        json!([event("e", "d"), inside]).to_string(),
        json!({"api_key": FOREIGN, "batch": [event("e", "d")]}).to_string(),
        json!({"api_key": TOKEN, "token": FOREIGN, "batch": [event("e", "d")]}).to_string(),
        json!({"api_key": TOKEN, "batch": [event("e", "d"), outside]}).to_string(),
        json!({"api_key": TOKEN, "batch": [inside]}).to_string(),
    ];
    let cookie = format!("session={cookie}");
    let headers = [("Cookie", cookie.as_str()), ("Content-Type", "application/json")];
    for path in ["/e/", "/i/v0/e/", "/capture/", "/track/", "/batch/", "/s/"] {
        for body in &bodies {
            let answer = world.send("POST", path, &headers, body.as_bytes());
            assert_eq!(answer.status, 404, "{path} {body}: {}", answer.text());
        }
        let ours = event("e", "d").to_string();
        for name in ["token", "api_key"] {
            let target = format!("{path}?{name}={FOREIGN}");
            assert_eq!(world.send("POST", &target, &headers, ours.as_bytes()).status, 404, "{target}");
        }
        let data = STANDARD.encode(&bodies[0]);
        let target = format!("{path}?data={}", data.replace('+', "%2B").replace('=', "%3D"));
        assert_eq!(world.send("POST", &target, &headers, b"").status, 404, "{path}?data=");
        let form = format!("data={}&compression=base64", data.replace('+', "%2B").replace('=', "%3D"));
        let headers = [("Cookie", cookie.as_str()), ("Content-Type", "application/x-www-form-urlencoded")];
        assert_eq!(world.send("POST", path, &headers, form.as_bytes()).status, 404, "{path} form");
    }
    let asks = json!({"token": FOREIGN, "distinct_id": "d"}).to_string();
    let second = json!({"created_at": "2026-11-20T16:01:53Z", "batch": [{"event": "e", "uuid": "0190f3a2-7c1d-7abc-8def-00000000000a",
        "distinct_id": "d", "timestamp": "2026-11-20T16:01:53Z", "options": {}, "properties": {}}]})
    .to_string();
    let bearer = format!("Bearer {FOREIGN}");
    for (method, target, more, body) in [
        ("POST", "/flags/?v=2".to_owned(), None, asks.as_str()),
        ("POST", "/decide/?v=3".to_owned(), None, &asks),
        ("POST", format!("/i/v1/logs?token={FOREIGN}"), None, "{\"resourceLogs\":[]}"),
        ("POST", "/i/v1/analytics/events".to_owned(), Some(bearer.as_str()), &second),
        ("GET", format!("/array/{FOREIGN}/config.js"), None, ""),
        ("GET", format!("/array/{FOREIGN}/config"), None, ""),
        ("GET", format!("/array/{FOREIGN}/array.js"), None, ""),
        ("GET", format!("/api/surveys/?token={FOREIGN}"), None, ""),
        ("GET", format!("/api/early_access_features/?token={FOREIGN}"), None, ""),
        ("GET", format!("/api/web_experiments/?token={TOKEN}&token={FOREIGN}"), None, ""),
        ("GET", format!("/static/array.js?token={FOREIGN}"), None, ""),
    ] {
        let mut headers = vec![("Cookie", cookie.as_str()), ("Content-Type", "application/json")];
        headers.extend(more.map(|bearer| ("Authorization", bearer)));
        let answer = world.send(method, &target, &headers, body.as_bytes());
        assert_eq!(answer.status, 404, "{method} {target}: {}", answer.text());
        assert!(!answer.text().contains(FOREIGN));
    }
    assert!(!world.everything().contains(FOREIGN));
    assert!(world.vendor.requests().is_empty(), "{}", world.everything());
    assert!(world.bauta.metric(&["events_total", "outcome=\"foreign_site\""]) > 50);
}

#[test]
fn a_private_key_passes_on_its_routes_from_a_server_only() {
    let world = World::start("[site.upstream.trusted]\ncredential = { file = \"credential.key\" }");
    let key = ("Authorization", "Bearer phx_0123456789abcdef0123456789abcdef");
    let target = format!("/flags/definitions?token={TOKEN}&send_cohorts");
    assert_eq!(world.send("GET", &target, &[key], b"").status, 404, "a browser");
    assert!(world.vendor.requests().is_empty());
    let credential = ("X-Bauta-Credential", super::world::CREDENTIAL);
    world.send("GET", &target, &[key, credential], b"");
    let request = world.vendor.requests().pop().expect("a server's question arrives");
    assert_eq!(request.header("authorization"), Some(key.1));
    assert!(request.header("x-bauta-credential").is_none());
    world.vendor.clear();
    let event = event("e", "d").to_string();
    world.send("POST", "/i/v0/e/", &[key, ("Content-Type", "application/json")], event.as_bytes());
    world.send(
        "POST",
        "/i/v1/analytics/events",
        &[key, credential, ("Content-Type", "application/json")],
        b"{\"batch\":[]}",
    );
    assert!(!world.everything().contains("phx_"), "{}", world.everything());
}

#[test]
fn what_is_not_an_endpoint_is_refused_by_name_unless_allowed() {
    let world = World::start("");
    let headers = [("Content-Type", "application/json")];
    for path in [
        "/i/v0/ai",
        "/i/v0/ai/batch/",
        "/i/v1/ai/events",
        "/i/v0/ai/otel",
        "/i/v1/metrics",
        "/report/",
        "/api/conversations/v1/widget/x",
    ] {
        assert_eq!(world.send("POST", path, &headers, b"{}").status, 404, "{path}");
    }
    assert_eq!(world.bauta.metric(&["requests_refused_total", "reason=\"not_allowed\""]), 7);
    for path in ["/api/me", "/api/orders", "/project/1", "/api/projects/1/persons/", "/static/x.html"] {
        assert_eq!(world.send("GET", path, &[], b"").status, 404, "{path}");
    }
    assert!(world.vendor.requests().is_empty());
}

#[test]
fn what_is_allowed_by_name_is_fetched_and_foreign_projects_are_not() {
    let world = World::start("allow = [\"site_app\", \"conversations\"]");
    let app = world.send("GET", "/site_app/1/abc/", &[], b"");
    assert_eq!((app.status, app.header("x-content-type-options")), (200, Some("nosniff")), "{}", app.text());
    assert!(app.header("content-type").unwrap().contains("javascript"), "{:?}", app.headers);
    let talk = "/api/conversations/v1/widget/messages";
    let listed = world.send("GET", &format!("{talk}?token={TOKEN}"), &[], b"");
    assert_eq!((listed.status, listed.header("x-content-type-options")), (200, Some("nosniff")), "{}", listed.text());
    assert_eq!(listed.text(), r#"{"results":[]}"#);
    world.vendor.clear();
    for target in [format!("{talk}?token={FOREIGN}"), format!("/site_app/1/abc/?token={FOREIGN}")] {
        assert_eq!(world.send("GET", &target, &[], b"").status, 404, "{target}");
    }
    assert!(world.vendor.requests().is_empty(), "{}", world.everything());

    let closed = World::start("");
    for target in [format!("{talk}?token={TOKEN}"), "/site_app/1/abc/".to_owned(), "/api/site_app/1".to_owned()] {
        assert_eq!(closed.send("GET", &target, &[], b"").status, 404, "{target}");
    }
    assert_eq!(closed.bauta.metric(&["requests_refused_total", "reason=\"not_allowed\""]), 3);
    assert!(closed.vendor.requests().is_empty());
}

#[test]
fn a_foreign_token_behind_many_pairs_is_seen_where_everything_passes() {
    let day = "2999-01-01";
    let site = format!("mode = \"observe\"\nobserve_until = \"{day}\"\n");
    let world = World::of_site(&site, "");
    let pairs: String = (0..64).map(|number| format!("p{number}=1&")).collect();
    let ours = event("e", "d").to_string();
    let headers = [("Content-Type", "application/json")];
    for path in ["/e/", "/i/v0/e/", "/batch/", "/s/", "/flags/"] {
        let body =
            if path == "/flags/" { json!({"token": TOKEN, "distinct_id": "d"}).to_string() } else { ours.clone() };
        let target = format!("{path}?{pairs}token={FOREIGN}");
        assert_eq!(world.send("POST", &target, &headers, body.as_bytes()).status, 404, "{path}");
    }
    assert!(world.vendor.requests().is_empty(), "{}", world.everything());
    let target = format!("/e/?{pairs}token={TOKEN}");
    assert_eq!(world.send("POST", &target, &headers, ours.as_bytes()).status, 200);
    assert_eq!(world.events(1)[0].distinct_id, "d", "observed: as it was sent");
}
