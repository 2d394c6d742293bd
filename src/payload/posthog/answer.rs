//! The answers that we give in the vendor's place, and what must not stand in the vendor's own ones.
//!
//! posthog-js sends again whatever is answered with neither 200 nor 4xx, so an event that was decided not to leave gets
//! the success of its endpoint (posthog-js `src/retry-queue.ts`; PostHog/posthog `rust/capture/src/api.rs`).

use std::borrow::Cow;

use crate::payload::document::{Document, Node};
use crate::payload::edit::{Edits, Fill, Priority, Spliced, push_quoted, quoted, splice};
use crate::payload::scan::{Limits, Shape};

/// The success of the first protocol.
pub const OK: &str = r#"{"status":"Ok"}"#;

/// The results of the second protocol: for these events `drop`.
#[must_use]
pub fn dropped<'a>(uuids: impl Iterator<Item = Cow<'a, str>>) -> String {
    let mut out = String::from(r#"{"results":{"#);
    push_dropped(uuids, true, &mut out);
    out.push_str("}}");
    out
}

fn push_dropped<'a>(uuids: impl Iterator<Item = Cow<'a, str>>, mut first: bool, out: &mut String) {
    for uuid in uuids {
        if !first {
            out.push(',');
        }
        first = false;
        push_quoted(&uuid, out);
        out.push_str(r#":{"result":"drop","details":"not forwarded"}"#);
    }
}

/// The vendor's results with `drop` for further events, and without those of the events that we made; nothing if the
/// answer is not of that shape.
#[must_use]
pub fn results<'a>(answer: &str, uuids: impl Iterator<Item = Cow<'a, str>>, made: &[String]) -> Option<Vec<u8>> {
    let document = Document::read_text(answer.to_owned(), &Limits::default()).ok()?;
    let results = document.root().get_all("results").next().filter(|results| results.shape() == Shape::Object)?;
    let mut more = String::new();
    push_dropped(uuids, true, &mut more);
    let mut edits = Edits::new();
    for (key, _) in results.members().filter(|(key, _)| made.iter().any(|uuid| key.is(uuid))) {
        edits.remove_member(results, key, Priority::Identity);
    }
    if !more.is_empty() {
        edits.insert_member(results, more);
    }
    match splice(&document, &edits) {
        Spliced::Edited(bytes) => Some(bytes),
        Spliced::Unchanged => Some(answer.as_bytes().to_vec()),
    }
}

/// The uuid of an event of the second protocol.
#[must_use]
pub fn uuid(event: Node<'_>) -> Option<Cow<'_, str>> {
    event.get_all("uuid").next().and_then(|uuid| uuid.text())
}

/// What a configuration or flags answer may switch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed {
    /// The page may record itself.
    pub replay: bool,
    /// The page may collect where its visitors point and click.
    pub heat_maps: bool,
    /// Code of the vendor's other users may run in the page.
    pub site_apps: bool,
}

/// A configuration or flags answer (a JSON object) without what is not allowed: recording and heat maps are told to stay
/// off, and foreign code is left out. `events` is for answers on an opaque path: the endpoint that the page's events take
/// from then on; heat maps are never made there. Nothing when the answer is no JSON object.
#[must_use]
pub fn restricted(answer: &str, allowed: Allowed, events: Option<&str>) -> Option<Vec<u8>> {
    let document = Document::read_text(answer.to_owned(), &Limits::default()).ok()?;
    let root = document.root();
    if root.shape() != Shape::Object {
        return None;
    }
    let mut edits = Edits::new();
    for (key, value) in root.members() {
        if let Some(events) = events.filter(|_| key.is("analytics") && value.shape() == Shape::Object) {
            for endpoint in value.get_all("endpoint") {
                edits.replace(endpoint, Fill::Raw(Cow::Owned(quoted(events))), Priority::Identity);
            }
            continue;
        }
        let fill = match () {
            () if !allowed.replay && key.is("sessionRecording") && value.shape() != Shape::False => "false",
            () if (!allowed.heat_maps || events.is_some()) && key.is("heatmaps") && value.shape() != Shape::False => {
                "false"
            }
            () if !allowed.site_apps && (key.is("siteApps") || key.is("siteAppsJS")) => "[]",
            () => continue,
        };
        edits.replace(value, Fill::Raw(Cow::Borrowed(fill)), Priority::Identity);
    }
    match splice(&document, &edits) {
        Spliced::Edited(bytes) => Some(bytes),
        Spliced::Unchanged => Some(answer.as_bytes().to_vec()),
    }
}

/// `/array/<token>/config.js` made from the answer of `/array/<token>/config`: where posthog-js looks for it
/// (posthog-js `src/remote-config.ts`). Made here, no code of anybody's is in it.
#[must_use]
pub fn config_script(token: &str, config: &str) -> String {
    let mut name = String::new();
    push_quoted(token, &mut name);
    // U+2028 and U+2029 end a line in old JavaScript, and `</` ends an inline script: none is needed unescaped.
    let config = config.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029").replace("</", "<\\/");
    format!(
        "(function(){{var r=window._POSTHOG_REMOTE_CONFIG=window._POSTHOG_REMOTE_CONFIG||{{}};r[{name}]={{config:{config},siteApps:[]}};}})();"
    )
}

/// The events of a batch that did not leave, by their uuids.
pub fn uuids<'d>(document: &'d Document, events: impl Iterator<Item = u32> + 'd) -> impl Iterator<Item = Cow<'d, str>> {
    events.filter_map(move |token| uuid(document.node(token)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropped_events_are_named_beside_the_vendor_s_results() {
        let uuids = || ["b", "c"].into_iter().map(Cow::Borrowed);
        let all = results(r#"{"results":{"a":{"result":"ok"},"ours":{"result":"ok"}}}"#, uuids(), &["ours".to_owned()])
            .unwrap();
        let all: serde_json::Value = serde_json::from_slice(&all).unwrap();
        assert_eq!(all["results"]["a"]["result"], "ok");
        assert_eq!(all["results"]["c"]["result"], "drop");
        assert!(all["results"].get("ours").is_none());
        assert!(results("ok", uuids(), &[]).is_none());
        let none: serde_json::Value = serde_json::from_str(&dropped(uuids())).unwrap();
        assert_eq!(none["results"]["b"]["result"], "drop");
    }

    #[test]
    fn recording_and_foreign_code_are_switched_off() {
        let sent = r#"{"sessionRecording":{"endpoint":"/s/"},"heatmaps":true,"siteApps":[{"url":"/site_app/1"}],"autocapture_opt_out":false}"#;
        let off = restricted(sent, Allowed { replay: false, heat_maps: false, site_apps: false }, None).unwrap();
        assert_eq!(off, br#"{"sessionRecording":false,"heatmaps":false,"siteApps":[],"autocapture_opt_out":false}"#);
        let all = Allowed { replay: true, heat_maps: true, site_apps: true };
        let on = restricted(sent, all, None).unwrap();
        assert_eq!(on, sent.as_bytes());
        assert!(restricted("alert(1)", all, None).is_none());
    }

    #[test]
    fn on_an_opaque_path_events_are_led_to_theirs_and_heat_maps_are_off() {
        let sent = r#"{"analytics":{"endpoint":"/i/v0/e/"},"heatmaps":{"on":1},"sessionRecording":{"endpoint":"/s/"},"flags":{}}"#;
        let all = Allowed { replay: true, heat_maps: true, site_apps: false };
        let led = restricted(sent, all, Some("/i/../kelimoru/fobaru")).unwrap();
        let wanted = r#"{"analytics":{"endpoint":"/i/../kelimoru/fobaru"},"heatmaps":false,"sessionRecording":{"endpoint":"/s/"},"flags":{}}"#;
        assert_eq!(String::from_utf8(led).unwrap(), wanted);
    }

    #[test]
    fn a_configuration_script_holds_data_only() {
        let script = config_script("phc_a", r#"{"a":"</script>"}"#);
        assert!(script.contains(r#"r["phc_a"]={config:{"a":"<\/script>"},siteApps:[]}"#), "{script}");
    }
}
