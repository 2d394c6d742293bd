//! How much of an event may leave: the one ladder that consent, policy and payload share.
//!
//! The final level is always the *lowest* of every word that spoke (see [`Level::lower`]);
//! nothing in the program raises a level once it has been lowered.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What leaves the sidecar for one event and one upstream, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Nothing leaves; the event is counted.
    Off,
    /// Nothing leaves; the event is recorded in the local store.
    Local,
    /// The scrubbed event leaves without account identity.
    Anonymised,
    /// The scrubbed event leaves with the pseudonym.
    Full,
}

impl Level {
    /// All levels, lowest first.
    pub const ALL: [Self; 4] = [Self::Off, Self::Local, Self::Anonymised, Self::Full];

    /// The lower of two levels.
    #[must_use]
    pub fn lower(self, other: Self) -> Self {
        self.min(other)
    }

    /// The word used in configuration, metrics and logs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Local => "local",
            Self::Anonymised => "anonymised",
            Self::Full => "full",
        }
    }

    /// Reads a level word; words are case-sensitive.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.word() == word)
    }
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}
