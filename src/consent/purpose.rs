//! Purposes beside identified counting: replay and heat maps, merging profiles, linking a browser to an account.
//!
//! A purpose is allowed only on top of a person's own agreement to be identified: a legal basis that stands in for
//! silence covers counting and nothing else. It is cheap to ask: [`Decision::allows`](super::Decision::allows).

/// A purpose that needs more than the agreement to be identified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Session replay and heat maps.
    Replay,
    /// Joining what was recorded before the login to the person's profile.
    Merge,
    /// Joining the id of a browser to the account that logs in.
    Link,
}

impl Purpose {
    /// Every purpose, in the order of the configuration.
    pub const ALL: [Self; 3] = [Self::Replay, Self::Merge, Self::Link];

    /// The word in the configuration, in `explain` and on the page.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Replay => "replay",
            Self::Merge => "merge",
            Self::Link => "link",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Replay => 1,
            Self::Merge => 2,
            Self::Link => 4,
        }
    }
}

/// A set of purposes; empty by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allowed(u8);

impl Allowed {
    /// Adds a purpose.
    pub(super) const fn insert(&mut self, purpose: Purpose) {
        self.0 |= purpose.bit();
    }

    /// True when the purpose is in the set.
    #[must_use]
    pub const fn contains(self, purpose: Purpose) -> bool {
        self.0 & purpose.bit() != 0
    }
}
