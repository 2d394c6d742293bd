//! What the site wants beyond the recommendation: keys that stay, keys that go, templates of paths, ad click ids.

use std::collections::BTreeSet;

use super::hits::Hits;
use super::keys::words::Words;
use super::keys::{self, Key, flag};
use super::kind::Kind;
use crate::config::fault::{Faults, KeyPath};
use crate::config::scrub::Scrub;

/// The policy in the form in which it is asked. `Default` is the recommendation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policy {
    allow: BTreeSet<String>,
    deny: BTreeSet<String>,
    templates: Vec<Template>,
    click_ids: bool,
}

/// A path as segments; `None` is a part with a colon.
#[derive(Debug, Clone)]
struct Template(Vec<Option<String>>);

impl Policy {
    /// Reads the configuration. Every fault is named; what is sound stays usable.
    pub(crate) fn build(shape: &Scrub, at: &KeyPath, faults: &mut Faults) -> Self {
        let names = |list: &[String], key: &str, faults: &mut Faults| {
            let mut folded = BTreeSet::new();
            for (index, name) in list.iter().enumerate() {
                let name = fold(name);
                if name.is_empty() {
                    let place = at.key(key).index(index);
                    faults.push(
                        place,
                        "a key must hold at least one letter",
                        "write the name of a property or of a query parameter",
                    );
                } else {
                    folded.insert(name);
                }
            }
            folded
        };
        let allow = names(&shape.allow, "allow", faults);
        let deny = names(&shape.deny, "deny", faults);
        for both in allow.intersection(&deny) {
            faults.push(
                at.key("deny"),
                format!("the key {both:?} is in both allow and deny"),
                "remove it from one of the two",
            );
        }
        let mut templates = Vec::new();
        for (index, path) in shape.paths.iter().enumerate() {
            match Template::read(path) {
                Some(template) => templates.push(template),
                None => faults.push(
                    at.key("paths").index(index),
                    format!("the template {path:?} must start with a slash and have a part with a colon"),
                    "write it like \"/u/:id/orders\"",
                ),
            }
        }
        Self { allow, deny, templates, click_ids: shape.click_ids }
    }

    /// What a key of a property or parameter announces, under this policy.
    pub(crate) fn key(&self, name: &str) -> Key {
        let own = if is_protocol(name) { Key::SILENT.with(flag::PROTOCOL) } else { keys::read(without_prefix(name)) };
        if self.allow.is_empty() && self.deny.is_empty() {
            return own;
        }
        let folded = fold(name);
        let listed = |set: &BTreeSet<String>| set.contains(&folded);
        own.with((flag::ALLOWED * u32::from(listed(&self.allow))) | (flag::DENIED * u32::from(listed(&self.deny))))
    }

    /// True if the values of ad click ids go.
    pub(crate) const fn removes_click_ids(&self) -> bool {
        self.click_ids
    }

    /// True if there are templates of paths.
    pub(crate) const fn has_templates(&self) -> bool {
        !self.templates.is_empty()
    }

    /// Finds the parts of a path that a template marks with a colon.
    pub(crate) fn find_in_path(&self, path: &str, hits: &mut Hits) {
        for template in &self.templates {
            template.find(path, hits);
        }
    }
}

impl Template {
    fn read(text: &str) -> Option<Self> {
        let segments = text.strip_prefix('/')?.trim_end_matches('/').split('/');
        let parts: Vec<_> =
            segments.map(|own| if own.starts_with(':') { None } else { Some(own.to_owned()) }).collect();
        parts.iter().any(Option::is_none).then_some(Self(parts))
    }

    fn find(&self, path: &str, hits: &mut Hits) {
        let Some(rest) = path.strip_prefix('/') else { return };
        let point = hits.len();
        let mut start = 1;
        let mut segments = rest.split('/');
        for part in &self.0 {
            let Some(segment) = segments.next().filter(|own| !own.is_empty()) else {
                hits.forget(point);
                return;
            };
            match part {
                None => hits.mark(start, start + segment.len(), Kind::Denied),
                Some(own) if own == segment || own == "*" => {}
                Some(_) => {
                    hits.forget(point);
                    return;
                }
            }
            start += segment.len() + 1;
        }
    }
}

/// A key without separators and case: `user_email`, `userEmail` and `User-Email` are one.
fn fold(name: &str) -> String {
    let words = Words::of(name);
    words.len().checked_sub(1).map(|last| words.compound(0, last).to_owned()).unwrap_or_default()
}

/// Fields of the vendors' protocols: an event without them, or with other values, is refused or misfiled. Only what is
/// personal by its shape is removed from them (an e-mail address as `distinct_id`).
fn is_protocol(name: &str) -> bool {
    matches!(
        name,
        "distinct_id"
            | "$distinct_id"
            | "$device_id"
            | "$session_id"
            | "$window_id"
            | "$insert_id"
            | "$anon_distinct_id"
            | "$user_id"
            | "uuid"
            | "event"
            | "timestamp"
            | "sent_at"
            | "offset"
            | "$groups"
            | "$group_key"
            | "$group_type"
            | "$lib"
            | "$host"
            | "$cookieless_mode"
            | "$process_person_profile"
            | "library"
            | "historical_migration"
            | "$pageview_id"
            | "$feature_flag"
            | "$active_feature_flags"
            | "$event_type"
            | "$set_once"
            | "$browser"
            | "$os"
            | "$device_type"
    )
}

/// PostHog puts these before the names of properties of the first or the previous page.
fn without_prefix(name: &str) -> &str {
    const PREFIXES: [&str; 5] = ["$initial_", "$session_entry_", "$prev_pageview_", "$latest_", "attr__"];
    PREFIXES.iter().find_map(|own| name.strip_prefix(own)).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(shape: &Scrub) -> (Policy, usize) {
        let mut faults = Faults::default();
        let policy = Policy::build(shape, &KeyPath::root().key("scrub"), &mut faults);
        (policy, faults.iter().count())
    }

    #[test]
    fn listed_keys_are_known_in_every_spelling() {
        let (policy, faults) = build(&Scrub {
            allow: vec!["display_name".into()],
            deny: vec!["favourite-colour".into()],
            ..Scrub::default()
        });
        assert_eq!(faults, 0);
        assert!(policy.key("displayName").has(flag::ALLOWED));
        assert!(policy.key("Favourite_Colour").has(flag::DENIED));
        assert!(!policy.key("name").has(flag::ALLOWED | flag::DENIED));
    }

    #[test]
    fn every_fault_is_named() {
        let (_, faults) = build(&Scrub {
            allow: vec!["x".into(), "--".into()],
            deny: vec!["x".into()],
            paths: vec!["u/:id".into(), "/about".into(), "/u/:id".into()],
            ..Scrub::default()
        });
        assert_eq!(faults, 4);
    }

    #[test]
    fn templates_mark_parts_of_paths() {
        let (policy, _) = build(&Scrub { paths: vec!["/u/:id/orders/:order".into()], ..Scrub::default() });
        let find = |path: &str| {
            let mut hits = Hits::default();
            policy.find_in_path(path, &mut hits);
            hits.since(0).iter().map(|hit| path[hit.start..hit.end].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(find("/u/42/orders/7/items"), ["42", "7"]);
        assert!(find("/u/42").is_empty());
        assert!(find("/v/42/orders/7").is_empty());
    }
}
