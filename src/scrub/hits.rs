//! Where something was found: ranges of a text, and what becomes of them.

use super::kind::Kind;

/// What takes the place of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Put {
    /// The kind's mark.
    Mark,
    /// Nothing: decimals of a coordinate that is made coarser.
    Nothing,
    /// This text: what is left of an address that is cut to its network.
    Text(&'static str),
    /// A text that was made for this place (a hash, a word of the site's policy), by number.
    Fill(u32),
    /// A whole JSON number, which becomes a mark with quotes where there is room and `null` elsewhere.
    Number,
}

/// What told that a range is personal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Its shape, with check digits or a vendor's prefix where there are any.
    Shape,
    /// The key, parameter or field that it stands under.
    Key,
    /// The words before it in a text.
    Label,
    /// Its place in an address.
    Path,
    /// What the session says about this very person.
    Person,
    /// The site's policy.
    Policy,
    /// A bound: it could not be looked through to the end.
    Bound,
}

impl By {
    /// The word in `explain`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Shape => "shape",
            Self::Key => "key",
            Self::Label => "label",
            Self::Path => "path",
            Self::Person => "session",
            Self::Policy => "site.scrub",
            Self::Bound => "bound",
        }
    }
}

/// One finding, in bytes of the text that was looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: Kind,
    pub(crate) put: Put,
    pub(crate) by: By,
}

/// The findings of a text, its parts and what they decode to. Each layer settles its own and moves them to the
/// coordinates of the layer above.
#[derive(Debug, Default)]
pub(crate) struct Hits(Vec<Hit>);

impl Hits {
    /// Records a range to be marked; empty ranges are none.
    #[inline]
    pub(crate) fn mark(&mut self, start: usize, end: usize, kind: Kind) {
        let by = match kind {
            Kind::Own => By::Person,
            Kind::Denied | Kind::Custom => By::Policy,
            Kind::Unreadable => By::Bound,
            _ => By::Shape,
        };
        self.push(Hit { start, end, kind, put: Put::Mark, by });
    }

    /// Records a range that something else than its shape tells.
    pub(crate) fn mark_by(&mut self, start: usize, end: usize, kind: Kind, by: By) {
        self.push(Hit { start, end, kind, put: Put::Mark, by });
    }

    /// Records a finding; empty ranges are none.
    pub(crate) fn push(&mut self, hit: Hit) {
        if hit.start < hit.end {
            self.0.push(hit);
        }
    }

    /// How many there are: the point to come back to.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The findings from this point on.
    pub(crate) fn since(&self, point: usize) -> &[Hit] {
        self.0.get(point..).unwrap_or_default()
    }

    /// The findings from this point on, to be moved.
    pub(crate) fn since_mut(&mut self, point: usize) -> &mut [Hit] {
        self.0.get_mut(point..).unwrap_or_default()
    }

    /// Forgets the findings from this point on.
    pub(crate) fn forget(&mut self, point: usize) {
        self.0.truncate(point);
    }

    /// Forgets findings from this point on that cover nothing any more.
    pub(crate) fn purge(&mut self, point: usize) {
        let mut at = 0;
        self.0.retain(|hit| {
            at += 1;
            at <= point || hit.start < hit.end
        });
    }

    /// Forgets the findings from this point on that are of another kind.
    pub(crate) fn keep_only(&mut self, point: usize, kind: Kind) {
        let mut at = 0;
        self.0.retain(|hit| {
            at += 1;
            at <= point || hit.kind == kind
        });
    }

    /// Moves the findings from this point on by an offset: from a part to the whole.
    pub(crate) fn shift(&mut self, point: usize, by: usize) {
        for hit in self.since_mut(point) {
            hit.start = hit.start.saturating_add(by);
            hit.end = hit.end.saturating_add(by);
        }
    }

    /// Sorts the findings from this point on and joins those that overlap: the longer one names the kind.
    pub(crate) fn settle(&mut self, point: usize) {
        let Some(tail) = self.0.get_mut(point..) else { return };
        if tail.len() < 2 {
            return;
        }
        tail.sort_unstable_by(|a, b| a.start.cmp(&b.start).then(b.end.cmp(&a.end)));
        let mut kept = point;
        for at in point.saturating_add(1)..self.0.len() {
            let Some(next) = self.0.get(at).copied() else { break };
            let Some(last) = self.0.get_mut(kept) else { break };
            if next.start < last.end {
                if next.end - next.start > last.end - last.start {
                    (last.kind, last.by) = (next.kind, next.by);
                }
                // What two findings want is only certain to go when a mark takes its place.
                let inner = next.end <= last.end && !matches!(last.put, Put::Nothing | Put::Text(_));
                if !inner {
                    last.put = Put::Mark;
                }
                last.end = last.end.max(next.end);
            } else {
                kept = kept.saturating_add(1);
                if let Some(place) = self.0.get_mut(kept) {
                    *place = next;
                }
            }
        }
        self.0.truncate(kept.saturating_add(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(hits: &Hits) -> Vec<(usize, usize, Kind)> {
        hits.since(0).iter().map(|hit| (hit.start, hit.end, hit.kind)).collect()
    }

    #[test]
    fn overlapping_findings_become_one_named_after_the_longer() {
        let mut hits = Hits::default();
        hits.mark(10, 20, Kind::Phone);
        hits.mark(0, 5, Kind::Email);
        hits.mark(12, 30, Kind::Card);
        hits.mark(30, 31, Kind::Otp);
        hits.settle(0);
        assert_eq!(ranges(&hits), [(0, 5, Kind::Email), (10, 30, Kind::Card), (30, 31, Kind::Otp)]);
    }

    #[test]
    fn settling_leaves_earlier_findings_alone() {
        let mut hits = Hits::default();
        hits.mark(50, 60, Kind::Email);
        let point = hits.len();
        hits.mark(3, 9, Kind::Phone);
        hits.mark(1, 4, Kind::Card);
        hits.settle(point);
        hits.shift(point, 100);
        assert_eq!(ranges(&hits), [(50, 60, Kind::Email), (101, 109, Kind::Phone)]);
    }

    #[test]
    fn empty_ranges_are_not_recorded() {
        let mut hits = Hits::default();
        hits.mark(4, 4, Kind::Email);
        assert_eq!(hits.len(), 0);
    }
}
