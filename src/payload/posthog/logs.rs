//! OTLP logs in JSON (`/i/v1/logs`): attributes that name a person, in every record (open-telemetry/opentelemetry-proto
//! `logs/v1/logs.proto`; posthog-js `src/extensions/logs.ts`).

use std::borrow::Cow;

use super::ids::{COOKIELESS, Identity, Renamer, is_client_id};
use crate::payload::document::Node;
use crate::payload::edit::{Edits, Fill, Priority, quoted};
use crate::payload::scan::Shape;

/// Attributes that carry a person's id.
const PERSON: [&str; 6] =
    ["posthogDistinctId", "posthog.distinct_id", "posthog_distinct_id", "distinct_id", "distinctId", "user.id"];
/// Attributes that tie a record to a session.
const SESSION: [&str; 8] = [
    "sessionId",
    "windowId",
    "session_id",
    "window_id",
    "session.id",
    "window.id",
    "posthogSessionId",
    "posthog.session_id",
];

/// Writes an identity into every list of attributes of a body.
pub fn write(root: Node<'_>, identity: &Identity<'_>, renamer: &dyn Renamer, edits: &mut Edits) {
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match node.shape() {
            Shape::Array => open.extend(node.elements()),
            Shape::Object => {
                for (key, value) in node.members() {
                    if key.is("attributes") && value.shape() == Shape::Array {
                        attributes(value, identity, renamer, edits);
                    } else if matches!(value.shape(), Shape::Array | Shape::Object) {
                        open.push(value);
                    }
                }
            }
            _ => {}
        }
    }
}

fn attributes(list: Node<'_>, identity: &Identity<'_>, renamer: &dyn Renamer, edits: &mut Edits) {
    for attribute in list.elements() {
        let Some(name) = attribute.get_all("key").next().and_then(|key| key.text()) else { continue };
        let is_person = PERSON.contains(&&*name);
        if !is_person && !SESSION.contains(&&*name) {
            continue;
        }
        let text = attribute.get_all("value").flat_map(|value| value.members().map(|(_, text)| text));
        match identity {
            Identity::Cookieless { .. } => edits.remove_element(list, attribute, Priority::Identity),
            Identity::Person { pseudonym, .. } if is_person => {
                for text in text {
                    edits.replace(text, Fill::Raw(Cow::Owned(quoted(pseudonym))), Priority::Identity);
                }
            }
            Identity::Device if is_person => {
                for text in text {
                    let Some(id) = text.text().filter(|id| !is_client_id(id) && id != COOKIELESS) else { continue };
                    let renamed = quoted(&renamer.stranger(&id));
                    edits.replace(text, Fill::Raw(Cow::Owned(renamed)), Priority::Identity);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::document::Document;
    use crate::payload::edit::{Spliced, splice};
    use crate::payload::posthog::ids::Profile;
    use crate::payload::scan::Limits;

    struct Marks;

    impl Renamer for Marks {
        fn group(&self, _: &str, _: &str) -> String {
            "g".into()
        }
        fn stranger(&self, _: &str) -> String {
            "s".into()
        }
        fn is_claim(&self, id: &str) -> bool {
            id.starts_with("ua_")
        }
    }

    const LOG: &str = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"x"},"attributes":[{"key":"posthogDistinctId","value":{"stringValue":"a@b.example"}},{"key":"sessionId","value":{"stringValue":"0190"}},{"key":"page","value":{"stringValue":"/"}}]}]}]}]}"#;

    fn written(identity: &Identity<'_>) -> String {
        let document = Document::read_text(LOG.to_owned(), &Limits::default()).unwrap();
        let mut edits = Edits::new();
        write(document.root(), identity, &Marks, &mut edits);
        match splice(&document, &edits) {
            Spliced::Unchanged => LOG.to_owned(),
            Spliced::Edited(bytes) => String::from_utf8(bytes).unwrap(),
        }
    }

    #[test]
    fn a_record_names_the_pseudonym_or_nobody() {
        let person = Identity::Person { pseudonym: "ua_1", profile: Profile::AsSent, merges: false };
        assert_eq!(written(&person), LOG.replace("a@b.example", "ua_1"));
        assert_eq!(written(&Identity::Device), LOG.replace("a@b.example", "s"));
        let nobody = written(&Identity::Cookieless { agent: "", host: "" });
        assert!(nobody.contains(r#""attributes":[{"key":"page","value":{"stringValue":"/"}}]"#), "{nobody}");
    }
}
