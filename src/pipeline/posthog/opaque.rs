//! What an opaque path never takes, whichever endpoint it stands for and whatever the person agreed to: recordings and heat
//! maps. Blockers may answer that question. They end here as `recording`, also while the site observes.

use crate::outcome::Outcome;
use crate::payload::batch::Batch;
use crate::payload::posthog::shape;

/// The names of such events (posthog-js `src/extensions/replay`, `src/heatmaps.ts`).
const NEVER: [&str; 2] = ["$snapshot", "$$heatmap"];

/// Ends each of them.
pub(in super::super) fn end_recordings<S>(batch: &mut Batch<S>) {
    let is_one =
        |token: u32| shape::name(batch.document().node(token)).is_some_and(|name| NEVER.contains(&name.as_ref()));
    let kept = batch.kept().map(|(index, event, _)| (index, event.token));
    let found: Vec<usize> = kept.filter(|(_, token)| is_one(*token)).map(|(index, _)| index).collect();
    for index in found {
        batch.end(index, Outcome::Recording);
    }
}
