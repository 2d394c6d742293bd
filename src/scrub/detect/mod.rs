//! Detectors: one file per family of kinds, each with its own table of positives and negatives.
//!
//! A detector gets decoded text and reports ranges. It never sees escaped bytes, never allocates for clean text and takes
//! time linear in the text.

pub(crate) mod card;
pub(crate) mod crypto;
pub(crate) mod email;
pub(crate) mod geo;
mod iban;
pub(crate) mod letters;
pub(crate) mod name;
pub(crate) mod national;
pub(crate) mod net;
pub(crate) mod numbers;
pub(crate) mod opaque;
pub(crate) mod phone;
pub(crate) mod secret;

/// What the detectors' tests share.
#[cfg(test)]
pub(crate) mod testing {
    use crate::scrub::hits::Hits;
    use crate::scrub::kind::Kind;

    /// The texts that a detector finds, with their kinds.
    pub(crate) fn kinds(text: &str, find: impl Fn(&str, &mut Hits)) -> Vec<(&str, Kind)> {
        let mut hits = Hits::default();
        find(text, &mut hits);
        hits.settle(0);
        hits.since(0).iter().map(|hit| (&text[hit.start..hit.end], hit.kind)).collect()
    }

    /// The texts that a detector finds.
    pub(crate) fn found(text: &str, find: impl Fn(&str, &mut Hits)) -> Vec<&str> {
        kinds(text, find).into_iter().map(|(text, _)| text).collect()
    }
}

#[cfg(test)]
mod table_tests;
