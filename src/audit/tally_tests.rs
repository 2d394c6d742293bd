use super::super::har::read;
use super::*;

/// Finds the literal words `EMAIL` and `TOKEN` in texts and removes them; gives up at `BROKEN`.
struct Words;

impl Engine for Words {
    fn look(&self, event: &str, _: Vendor) -> Option<Looked> {
        if event.contains("BROKEN") {
            return None;
        }
        let mut found = Vec::new();
        walk(&serde_json::from_str(event).unwrap(), "", &mut found);
        Some(Looked { found, text: event.replace("EMAIL", "*").replace("TOKEN", "*") })
    }
}

fn walk(value: &Value, pointer: &str, found: &mut Vec<Found>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(key, value)| walk(value, &format!("{pointer}/{key}"), found))
        }
        Value::String(text) => {
            for (word, kind) in [("EMAIL", "email"), ("TOKEN", "token")] {
                found.extend(text.matches(word).map(|_| Found { kind, pointer: pointer.to_owned() }));
            }
        }
        _ => {}
    }
}

fn entry(url: &str, headers: &str, body: &str) -> String {
    let body = Value::from(body);
    format!(
        r#"{{"request":{{"method":"POST","url":"{url}","headers":[{headers}],"postData":{{"mimeType":"text/plain","text":{body}}}}}}}"#
    )
}

fn audited(entries: &[String]) -> Report {
    let text = format!(r#"{{"log":{{"entries":[{}]}}}}"#, entries.join(","));
    audit(&read(text.as_bytes()).unwrap(), &Words)
}

fn finding<'r>(report: &'r Report, kind: &str) -> &'r Finding {
    report.findings.iter().find(|finding| finding.kind == kind).unwrap()
}

#[test]
fn findings_have_kinds_places_and_what_is_left() {
    let event = r#"{"n":"EMAIL","u":"https://shop.example/?a=EMAIL&b=TOKEN","d":"shop.example","r":"https://x/EMAIL","p":{"who":"EMAIL","userId":7}}"#;
    let headers = r#"{"name":"Referer","value":"https://shop.example/EMAIL"},{"name":"Cookie","value":"sid=1; theme=dark; sid=2"}"#;
    let report = audited(&[entry("https://shop.example/api/event", headers, event)]);
    let email = finding(&report, "email");
    assert_eq!((email.today, email.left), (5, 0));
    let places: Vec<_> = email.places.iter().map(|(place, times)| (*place, *times)).collect();
    assert_eq!(
        places,
        [
            (Place::PageUrl, 1),
            (Place::Referrer, 1),
            (Place::Props, 1),
            (Place::EventName, 1),
            (Place::RefererHeader, 1)
        ]
    );
    assert_eq!(finding(&report, "token").today, 1);
    assert_eq!(finding(&report, ACCOUNT_ID).today, 1);
    assert_eq!(report.referers, 1);
    assert_eq!(
        report.cookies.iter().map(|c| (c.name.as_str(), c.times, c.session)).collect::<Vec<_>>(),
        [("sid", 1, true), ("theme", 1, false)]
    );
    assert!(report.destinations[0].own_host && !report.cookies_withheld);
}

#[test]
fn every_event_of_a_batch_counts() {
    let batch = r#"{"api_key":"phc_k","batch":[{"event":"$pageview","properties":{"$current_url":"https://shop.example/EMAIL","distinct_id":"EMAIL","$is_identified":true}},
        {"event":"$set","$set":{"mail":"EMAIL"}}]}"#;
    let report = audited(&[entry("https://eu.i.posthog.com/e/", "", batch)]);
    assert_eq!(report.events(), 2);
    assert_eq!(finding(&report, "email").today, 3);
    assert_eq!(finding(&report, ACCOUNT_ID).today, 1);
    assert!(!report.destinations[0].own_host && report.cookies_withheld);
}

#[test]
fn what_cannot_be_scrubbed_would_not_leave() {
    let event = r#"{"n":"BROKEN","u":"https://shop.example/","d":"shop.example"}"#;
    let report = audited(&[entry("https://plausible.io/api/event", "", event)]);
    assert_eq!((report.events(), report.withheld), (1, 1));
}

#[test]
fn bodies_that_the_export_lost_are_counted_as_such() {
    let report = audited(&[entry("https://eu.i.posthog.com/e/", "", "\u{1f}\u{fffd}\u{8}")]);
    assert_eq!((report.analytics, report.events(), report.destinations[0].unread), (1, 0, 1));
}

#[test]
fn names_of_cookies_show_no_ids() {
    assert_eq!(cookie_name("ph_phc_AbC123dEf456GhI_posthog"), "ph_phc_…_posthog");
    assert_eq!(cookie_name("__Host-session"), "__Host-session");
    assert_eq!(cookie_name("a\u{1b}[31mb"), "a[31mb");
    assert!(
        looks_like_session("__Host-session") && looks_like_session("connect.sid") && looks_like_session("PHPSESSID")
    );
    assert!(!looks_like_session("theme") && !looks_like_session("ph_phc_x_session") && !looks_like_session("inside"));
}

#[test]
fn account_ids_are_known_in_any_spelling() {
    for key in ["userId", "user_id", "User-ID", "uid", "customer_id"] {
        assert!(names_account(key), "{key}");
    }
    for key in ["userIdentity", "guid", "plan", "id", "userType"] {
        assert!(!names_account(key), "{key}");
    }
}
