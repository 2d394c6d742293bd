//! The request for feature flags: the same person as in events, or nobody.
//!
//! The vendor decides by `distinct_id` and properties (PostHog/posthog `rust/feature-flags/src/flags`), so a person must
//! have the pseudonym here that events have, or what was shown and what is counted are two people. Without consent the
//! default is an id that is used for nothing else: rollouts still work, and no event can be joined with it.

use std::borrow::Cow;

use super::ids::{COOKIELESS, Renamer, is_client_id};
use super::shape::as_id;
use crate::payload::document::Node;
use crate::payload::edit::{Edits, Fill, Priority, quoted};
use crate::payload::scan::Shape;

/// Who asks for flags.
pub enum Asker<'a> {
    /// A person of the application, by the pseudonym.
    Person(&'a str),
    /// Nobody of the application: the client's own random id stays.
    Device,
    /// An id that is used for nothing but flags, and no properties.
    Unlinkable(&'a str),
    /// As sent.
    AsSent,
}

/// The id in a request for flags as it was sent.
#[must_use]
pub fn sent_id(root: Node<'_>) -> Option<Cow<'_, str>> {
    root.members()
        .filter(|(key, _)| key.is("distinct_id") || key.is("$distinct_id"))
        .find_map(|(_, value)| as_id(value))
}

/// Writes who asks into a request for flags.
pub fn write(root: Node<'_>, asker: &Asker<'_>, renamer: &dyn Renamer, edits: &mut Edits) {
    let mut has_id = false;
    for (key, value) in root.members() {
        let name = key.text().unwrap_or_default();
        let mut put = |fragment: String| edits.replace(value, Fill::Raw(Cow::Owned(fragment)), Priority::Identity);
        match (&*name, asker) {
            // As it stands, whatever the scrub stage would find in it: another id would be another person.
            ("distinct_id" | "$distinct_id" | "$anon_distinct_id" | "$device_id", Asker::AsSent)
                if value.shape() == Shape::Text =>
            {
                match value.text().filter(|id| renamer.is_claim(id)) {
                    Some(id) => put(quoted(&renamer.stranger(&id))),
                    None => put(format!("\"{}\"", value.raw())),
                }
            }
            (_, Asker::AsSent) => {}
            ("distinct_id" | "$distinct_id", Asker::Person(id) | Asker::Unlinkable(id)) => {
                has_id = true;
                put(quoted(id));
            }
            ("distinct_id" | "$distinct_id" | "$anon_distinct_id" | "$device_id", Asker::Device) => {
                if let Some(id) = as_id(value).filter(|id| !is_client_id(id) && id != COOKIELESS) {
                    put(quoted(&renamer.stranger(&id)));
                }
            }
            // The overrides of the anonymous time belong to another id now.
            ("$anon_distinct_id", Asker::Person(_)) => edits.remove_member(root, key, Priority::Identity),
            ("$device_id", Asker::Person(_)) => {
                if let Some(id) = as_id(value).filter(|id| !is_client_id(id) && id != COOKIELESS) {
                    put(quoted(&renamer.stranger(&id)));
                }
            }
            ("groups", Asker::Person(_) | Asker::Device) if value.shape() == Shape::Object => {
                for (kind, id) in value.members() {
                    if let Some(text) = as_id(id) {
                        let renamed = quoted(&renamer.group(&kind.text().unwrap_or_default(), &text));
                        edits.replace(id, Fill::Raw(Cow::Owned(renamed)), Priority::Identity);
                    }
                }
            }
            ("group_properties", Asker::Person(_) | Asker::Device) => {
                for (kind, group) in value.members() {
                    for id in group.get_all("$group_key") {
                        if let Some(text) = as_id(id) {
                            let renamed = quoted(&renamer.group(&kind.text().unwrap_or_default(), &text));
                            edits.replace(id, Fill::Raw(Cow::Owned(renamed)), Priority::Identity);
                        }
                    }
                }
            }
            (
                "$anon_distinct_id"
                | "$device_id"
                | "groups"
                | "person_properties"
                | "group_properties"
                | "cookieless_hash_extra",
                Asker::Unlinkable(_),
            ) => edits.remove_member(root, key, Priority::Identity),
            _ => {}
        }
    }
    if !has_id && let Asker::Person(id) | Asker::Unlinkable(id) = asker {
        edits.insert_member(root, format!("\"distinct_id\":{}", quoted(id)));
    }
}

/// The answer without a flag in it, in the form of the version that was asked for (`v`); posthog-js then uses what the
/// page's own code says for a flag that is off.
#[must_use]
pub fn empty(version: Option<&str>, is_decide: bool) -> &'static str {
    match (version.and_then(|version| version.parse::<u32>().ok()), is_decide) {
        (Some(1), true) | (None, true) => {
            r#"{"config":{"enable_collect_everything":true},"toolbarParams":{},"isAuthenticated":false,"supportedCompression":["gzip","gzip-js"],"featureFlags":[],"sessionRecording":false,"siteApps":[]}"#
        }
        (Some(2 | 3), true) => {
            r#"{"config":{"enable_collect_everything":true},"toolbarParams":{},"isAuthenticated":false,"supportedCompression":["gzip","gzip-js"],"featureFlags":{},"featureFlagPayloads":{},"errorsWhileComputingFlags":false,"sessionRecording":false,"siteApps":[]}"#
        }
        (Some(2..), false) | (Some(_), true) => {
            r#"{"flags":{},"errorsWhileComputingFlags":false,"supportedCompression":["gzip","gzip-js"],"sessionRecording":false,"siteApps":[]}"#
        }
        _ => {
            r#"{"featureFlags":{},"featureFlagPayloads":{},"errorsWhileComputingFlags":false,"supportedCompression":["gzip","gzip-js"],"sessionRecording":false,"siteApps":[]}"#
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::document::Document;
    use crate::payload::edit::{Spliced, splice};
    use crate::payload::scan::Limits;

    struct Marks;

    impl Renamer for Marks {
        fn group(&self, kind: &str, key: &str) -> String {
            format!("g:{kind}:{}", key.len())
        }
        fn stranger(&self, id: &str) -> String {
            format!("s:{}", id.len())
        }
        fn is_claim(&self, id: &str) -> bool {
            id.starts_with("ua_")
        }
    }

    fn written(text: &str, asker: &Asker<'_>) -> String {
        let document = Document::read_text(text.to_owned(), &Limits::default()).unwrap();
        let mut edits = Edits::new();
        write(document.root(), asker, &Marks, &mut edits);
        match splice(&document, &edits) {
            Spliced::Unchanged => text.to_owned(),
            Spliced::Edited(bytes) => String::from_utf8(bytes).unwrap(),
        }
    }

    const ASKED: &str = r#"{"token":"t","distinct_id":"a@b.example","groups":{"org":"acme"},"group_properties":{"org":{"$group_key":"acme"}},"$anon_distinct_id":"x","person_properties":{"plan":"paid"},"$device_id":"0190f3a2-7c1d-7abc-8def-0123456789ab"}"#;

    #[test]
    fn a_person_asks_under_the_pseudonym_of_the_events() {
        assert_eq!(
            written(ASKED, &Asker::Person("ua_1")),
            r#"{"token":"t","distinct_id":"ua_1","groups":{"org":"g:org:4"},"group_properties":{"org":{"$group_key":"g:org:4"}},"person_properties":{"plan":"paid"},"$device_id":"0190f3a2-7c1d-7abc-8def-0123456789ab"}"#
        );
    }

    #[test]
    fn nobody_asks_with_nothing_that_links() {
        assert_eq!(written(ASKED, &Asker::Unlinkable("f_1")), r#"{"token":"t","distinct_id":"f_1"}"#);
        assert_eq!(written(r#"{"token":"t"}"#, &Asker::Unlinkable("f_1")), r#"{"token":"t","distinct_id":"f_1"}"#);
    }

    #[test]
    fn a_device_keeps_its_random_id_and_nothing_else() {
        let sent = r#"{"token":"t","distinct_id":"0190f3a2-7c1d-7abc-8def-0123456789ab"}"#;
        assert_eq!(written(sent, &Asker::Device), sent);
        assert_eq!(written(r#"{"distinct_id":"a@b.example"}"#, &Asker::Device), r#"{"distinct_id":"s:11"}"#);
    }

    #[test]
    fn every_empty_answer_is_json_without_a_flag() {
        for (version, is_decide) in [
            (None, false),
            (None, true),
            (Some("1"), true),
            (Some("2"), false),
            (Some("3"), true),
            (Some("4"), true),
            (Some("x"), false),
        ] {
            let answer: serde_json::Value = serde_json::from_str(empty(version, is_decide)).unwrap();
            let none =
                |key: &str| answer.get(key).is_none_or(|flags| flags.as_object().is_none_or(serde_json::Map::is_empty));
            assert!(none("flags") && none("featureFlags"), "{version:?} {is_decide}");
            assert_eq!(answer.get("sessionRecording"), Some(&serde_json::Value::Bool(false)));
        }
    }
}
