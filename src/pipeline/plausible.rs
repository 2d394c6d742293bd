//! What the stages do with Plausible's requests: the vendor's half of decode, identity and forward.

mod decode;
mod deliver;

pub(super) use decode::decode;
pub(super) use deliver::deliver;

use super::Context;
use crate::identity::attribution::Attributed;
use crate::level::Level;
use crate::outcome::Outcome;
use crate::payload::batch::Batch;
use crate::payload::plausible::{Slots, props};

/// Lowers or ends the event as decided, and writes or removes the identity properties. Returns how many properties of the
/// page had to go.
pub(super) fn edit<S>(
    context: &Context<'_>,
    attributed: &Attributed,
    traits: &[(&str, Option<&str>)],
    batch: &mut Batch<S>,
) -> usize {
    let kept: Vec<usize> = batch.kept().map(|(event, ..)| event).collect();
    for event in kept {
        match attributed.level() {
            Level::Off => batch.end(event, Outcome::Off),
            Level::Local => batch.end(event, Outcome::Local),
            level @ (Level::Anonymised | Level::Full) => batch.lower(event, level),
        }
    }
    let (document, edits) = batch.parts_mut();
    let Ok(slots) = Slots::read(document.root()) else { return 0 };
    let names = &context.upstream.names;
    match attributed.pseudonym() {
        Some(pseudonym) => {
            let traits: Vec<(&str, &str)> =
                traits.iter().filter_map(|(name, value)| Some((*name, (*value)?))).collect();
            props::identify(&slots, names, pseudonym.as_str(), &traits, edits)
        }
        None => {
            props::anonymise(&slots, names, edits);
            0
        }
    }
}
