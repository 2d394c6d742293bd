//! The places where PostHog's and Plausible's events hold text, each with a value that must go and words that must stay.

use serde_json::{Value, json};

/// A place: its name, the vendor, the body, what must go, what must stay.
pub(crate) type Case = (&'static str, &'static str, Value, &'static [&'static str], &'static [&'static str]);

/// An event of PostHog with these properties.
fn event(properties: Value) -> Value {
    json!({ "event": "$pageview", "distinct_id": "019c2fa6-f01c-7b90-9521-a653ba6874c9", "properties": properties })
}

pub(crate) fn cases() -> Vec<Case> {
    const GONE: &[&str] = &["rosalind"];
    vec![
        (
            "a private key whose lines look like paths",
            "posthog",
            event(
                json!({ "err": "dump: -----BEGIN PRIVATE KEY-----\nLVfLyhe2OcjUX3jFIEfRUKlI\n/o+pg4NhEvprBy6yy/bYISyFaOqk5Yi\nqrJQ66POUemyp1dbNp7c\n-----END PRIVATE KEY----- end" }),
            ),
            &["LVfLyhe2", "o+pg4NhEv", "bYISyFaOqk", "qrJQ66POUemy"],
            &["dump: ", " end"],
        ),
        (
            "$elements",
            "posthog",
            event(json!({ "$elements": [
                { "tag_name": "button", "$el_text": "Signed in as rosalind.f@mail.example", "attr__class": "btn btn--lg", "nth_child": 2 },
                { "tag_name": "input", "attr__name": "phone", "attr__value": "0151 5556677" },
                { "tag_name": "a", "attr__href": "https://app.example/u/rosalind%40mail.example/edit" },
            ] })),
            &["rosalind", "5556677"],
            &["Signed in as", "btn btn--lg", "https://app.example/u/", "/edit"],
        ),
        (
            "$elements_chain",
            "posthog",
            event(
                json!({ "$elements_chain": "a.nav.link:attr__href=\"https://app.example/?email=rosalind%40mail.example\"nth-child=\"2\"text=\"Inbox rosalind@mail.example\";div.main:nth-child=\"1\"" }),
            ),
            GONE,
            &[
                "a.nav.link:attr__href=\\\"https://app.example/?email=",
                "nth-child=\\\"2\\\"",
                "text=\\\"Inbox",
                "div.main:nth-child=\\\"1\\\"",
            ],
        ),
        (
            "$set and $set_once",
            "posthog",
            json!({ "event": "$identify", "distinct_id": "rosalind@mail.example", "properties": {},
                "$set": { "email": "rosalind@mail.example", "name": "Rosalind Featherstone", "plan": "team" },
                "$set_once": { "$initial_referrer": "https://mail.example/?user=rosalind%40mail.example", "first_seen": "2026-01-02" } }),
            &["rosalind", "Featherstone"],
            &["\"plan\":\"team\"", "https://mail.example/?user=", "2026-01-02"],
        ),
        (
            "exceptions and frames",
            "posthog",
            event(
                json!({ "$exception_list": [{ "type": "TypeError", "value": "no account for rosalind@mail.example: timeout",
                "stacktrace": { "frames": [
                    { "filename": "/Users/rosalind/shop/src/cart.ts", "function": "addItem", "lineno": 88, "context_line": "login('rosalind@mail.example')" },
                    { "filename": "C:\\Users\\rosalind\\shop\\main.js", "abs_path": "file:///home/rosalind/shop/main.js" },
                ] } }] }),
            ),
            GONE,
            &["TypeError", "no account for", ": timeout", "/shop/src/cart.ts", "addItem", "88", "main.js"],
        ),
        (
            "keys of heatmaps",
            "posthog",
            event(
                json!({ "$heatmap_data": { "https://app.example/reset/JgkSBznFzRlmoZheU1Tr?email=rosalind@mail.example": [{ "x": 12, "y": 800, "target_fixed": false, "type": "click" }] } }),
            ),
            &["rosalind", "JgkSBznFzRlmoZheU1Tr"],
            &["https://app.example/reset/", "\"x\":12", "\"y\":800"],
        ),
        (
            "$web_vitals",
            "posthog",
            event(
                json!({ "$web_vitals_LCP_event": { "name": "LCP", "value": 812.4, "$current_url": "https://app.example/?token=JgkSBznFzRlmoZheU1Tr&tab=2" }, "$web_vitals_LCP_value": 812.4 }),
            ),
            &["JgkSBznFzRlmoZheU1Tr"],
            &["\"name\":\"LCP\"", "812.4", "tab=2"],
        ),
        (
            "first and previous pages",
            "posthog",
            event(json!({
                "$initial_current_url": "https://app.example/a?email=rosalind@mail.example&utm_source=x",
                "$initial_person_info": { "r": "https://mail.example/?u=rosalind@mail.example", "u": "https://app.example/b" },
                "$session_entry_url": "https://app.example/verify/JgkSBznFzRlmoZheU1Tr",
                "$session_entry_referrer": "https://mail.example/?q=rosalind%2540mail.example",
                "$prev_pageview_pathname": "/users/rosalind@mail.example/orders",
                "$client_session_initial_utm_source": "newsletter",
            })),
            &["rosalind", "JgkSBznFzRlmoZheU1Tr"],
            &["utm_source=x", "https://app.example/verify/", "/orders", "newsletter", "https://app.example/b"],
        ),
        (
            "surveys",
            "posthog",
            event(
                json!({ "$survey_id": "019c2fa6-f01c-7b90-9521-a653ba6874c9", "$survey_response": "write to rosalind@mail.example please",
                "$survey_response_019c2fa6-f01c-7b90-9521-a653ba6874c9": "my number is +49 151 5556677",
                "$survey_questions": [{ "id": "q1", "question": "What is your full name?", "response": "Rosalind Featherstone" },
                    { "id": "q2", "question": "How do you like it?", "response": "A lot" }] }),
            ),
            &["rosalind", "5556677", "Featherstone"],
            &[
                "write to",
                "please",
                "my number is",
                "What is your full name?",
                "A lot",
                "019c2fa6-f01c-7b90-9521-a653ba6874c9",
            ],
        ),
        (
            "attributes of logs",
            "posthog",
            json!({ "resourceLogs": [{ "resource": { "attributes": [{ "key": "service.name", "value": { "stringValue": "Checkout Service" } }] },
                "scopeLogs": [{ "logRecords": [{ "severityText": "ERROR", "body": { "stringValue": "login failed for rosalind@mail.example" },
                    "attributes": [{ "key": "user.email", "value": { "stringValue": "rosalind@mail.example" } },
                        { "key": "password", "value": { "stringValue": "hunter22!x" } },
                        { "key": "http.status_code", "value": { "intValue": 401 } }] }] }] }] }),
            &["rosalind", "hunter22!x"],
            &["Checkout Service", "ERROR", "login failed for", "401"],
        ),
        (
            "properties of a person for flags",
            "posthog",
            json!({ "token": "phc_xSFaTDwXBibZUvSPNuSJAQor3SJc6vuEP2g6PK5vrpB", "distinct_id": "019c2fa6-f01c-7b90-9521-a653ba6874c9", "groups": { "company": "acme" },
                "person_properties": { "email": "rosalind@mail.example", "name": "Rosalind Featherstone", "plan": "team",
                    "$initial_current_url": "https://app.example/?next=%2Fsignup%2FJgkSBznFzRlmoZheU1Tr" } }),
            &["rosalind", "Featherstone", "JgkSBznFzRlmoZheU1Tr"],
            &[
                "phc_xSFaTDwXBibZUvSPNuSJAQor3SJc6vuEP2g6PK5vrpB",
                "019c2fa6-f01c-7b90-9521-a653ba6874c9",
                "acme",
                "\"plan\":\"team\"",
            ],
        ),
        (
            "parts of addresses as properties",
            "posthog",
            event(
                json!({ "$pathname": "/u/rosalind@mail.example", "$search": "?reset_token=JgkSBznFzRlmoZheU1Tr&tab=1", "$hash": "#access_token=JgkSBznFzRlmoZheU1Tr",
                "$host": "app.example", "$referring_domain": "mail.example", "$title": "Inbox (3) - rosalind@mail.example" }),
            ),
            &["rosalind", "JgkSBznFzRlmoZheU1Tr"],
            &["tab=1", "app.example", "mail.example", "Inbox (3)"],
        ),
        (
            "properties of Plausible as text",
            "plausible",
            json!({ "n": "Signup", "u": "https://app.example/", "d": "app.example", "p": "{\"email\":\"rosalind@mail.example\",\"plan\":\"team\"}" }),
            GONE,
            &["Signup", "https://app.example/", "team"],
        ),
        (
            "the long names of Plausible",
            "plausible",
            json!({ "name": "Signup", "url": "https://app.example/?email=rosalind@mail.example", "domain": "app.example", "referrer": "https://mail.example/rosalind@mail.example",
                "props": { "author": "Rosalind Featherstone" }, "revenue": { "currency": "EUR", "amount": "1322.19" } }),
            &["rosalind", "Featherstone"],
            &["Signup", "https://app.example/?email=", "\"domain\":\"app.example\"", "1322.19"],
        ),
    ]
}
