//! The shape of `aliases` of an upstream: opaque paths for people who agreed.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `aliases`: this install's own words, written by `bauta init`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Aliases {
    /// The first part of every alias: 8 letters.
    pub root: String,
    /// The vendor's path to the last part of its alias: 6 letters.
    pub words: BTreeMap<String, String>,
    /// Earlier words, which stay valid for pages that are still open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub previous: Vec<Earlier>,
}

/// Words of before a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Earlier {
    /// The first part.
    pub root: String,
    /// The vendor's path to the last part.
    pub words: BTreeMap<String, String>,
}

impl Aliases {
    /// Every alias in force, the current ones first: the whole path, and the vendor's path.
    pub fn all(&self) -> impl Iterator<Item = (String, &str)> {
        let now = std::iter::once((&self.root, &self.words));
        let before = self.previous.iter().map(|earlier| (&earlier.root, &earlier.words));
        now.chain(before)
            .flat_map(|(root, words)| words.iter().map(move |(path, word)| (path_of(root, word, path), path.as_str())))
    }

    /// The first parts in force, the current one first.
    pub fn roots(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.root.as_str()).chain(self.previous.iter().map(|earlier| earlier.root.as_str()))
    }

    /// What `analytics.endpoint` of PostHog's configuration says so that a page's events take their alias. Clients put it
    /// behind their `api_host`, which ends in our prefix, so it climbs out of that; browsers resolve the dots before they
    /// send (URL standard, section 4.4). It begins with `/i/`, by which newer clients know an endpoint for events.
    #[must_use]
    pub fn events(&self, prefix: &str) -> Option<String> {
        let alias = self.of("/i/v0/e/").or_else(|| self.of("/e/"))?;
        let segments = prefix.split('/').filter(|segment| !segment.is_empty()).count();
        Some(format!("/i{}{alias}", "/..".repeat(segments + 1)))
    }

    /// The alias of a vendor's path.
    #[must_use]
    pub fn of(&self, vendor_path: &str) -> Option<String> {
        self.words.get(vendor_path).map(|word| path_of(&self.root, word, vendor_path))
    }
}

/// Scripts keep their end, by which browsers and proxies tell them.
fn path_of(root: &str, word: &str, vendor_path: &str) -> String {
    let end = if vendor_path.ends_with(".js") { ".js" } else { "" };
    format!("/{root}/{word}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_for_events_leads_to_the_alias_from_any_prefix() {
        let words = BTreeMap::from([("/e/".to_owned(), "fobaru".to_owned())]);
        let aliases = Aliases { root: "kelimoru".into(), words, previous: Vec::new() };
        assert_eq!(aliases.events("/ph").unwrap(), "/i/../../kelimoru/fobaru");
        assert_eq!(aliases.events("/a/b/").unwrap(), "/i/../../../kelimoru/fobaru");
        assert_eq!(aliases.events("/").unwrap(), "/i/../kelimoru/fobaru");
        assert_eq!(Aliases { words: BTreeMap::new(), ..aliases }.events("/"), None);
    }
}
