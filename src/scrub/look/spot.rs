//! Where a text stands: under which key, as a part of what, and how deep.

use crate::scrub::keys::Key;

/// Where a text stands and what is known about it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot {
    /// What its key announces.
    pub(crate) key: Key,
    pub(crate) place: Place,
    /// Rounds of decoding so far.
    pub(crate) round: u8,
    /// Parts in parts so far.
    pub(crate) depth: u8,
    /// A text around this one, decoded as often, was cut into words already.
    pub(super) cut: bool,
}

/// What a text is a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A value or key of JSON.
    Value,
    /// A parameter of a URL or form.
    Parameter,
    /// A segment of a path.
    Segment,
}

impl Spot {
    /// A value of JSON under this key.
    pub(crate) const fn value(key: Key) -> Self {
        Self { key, place: Place::Value, round: 0, depth: 0, cut: false }
    }

    /// A part of this text.
    pub(super) const fn part(self, key: Key, place: Place) -> Self {
        Self { key, place, depth: self.depth.saturating_add(1), ..self }
    }

    /// The same text, decoded once more.
    pub(super) const fn decoded(self) -> Self {
        Self { round: self.round.saturating_add(1), depth: self.depth.saturating_add(1), cut: false, ..self }
    }
}
