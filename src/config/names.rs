//! Names with their defaults, as every stage uses them.

use super::file::{Site, Upstream};

impl Site {
    /// Who owns the user ids: an input of every pseudonym.
    #[must_use]
    pub fn realm(&self) -> &str {
        self.realm.as_deref().unwrap_or(&self.name)
    }
}

impl Upstream {
    /// The upstream's name in metrics and commands.
    #[must_use]
    pub fn word(&self) -> &str {
        self.name.as_deref().unwrap_or(self.vendor.word())
    }

    /// The upstream as an input of its pseudonyms: the group it shares them with, else its own name.
    #[must_use]
    pub fn pseudonym_name(&self) -> &str {
        self.share_group.as_deref().unwrap_or_else(|| self.word())
    }
}
