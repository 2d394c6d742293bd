//! What an opaque path never takes, whichever endpoint it stands for and whatever the person agreed to: recordings and heat
//! maps. Blockers may answer that question. They end here under their own names, also while the site observes.

use crate::outcome::Outcome;
use crate::payload::batch::Batch;
use crate::payload::posthog::shape;

/// The names of such events (posthog-js `src/extensions/replay`, `src/heatmaps.ts`).
const NEVER: [(&str, Outcome); 2] = [("$snapshot", Outcome::Recording), ("$$heatmap", Outcome::HeatMap)];

/// Ends each of them.
pub(in super::super) fn end_recordings<S>(batch: &mut Batch<S>) {
    let outcome = |token: u32| {
        let name = shape::name(batch.document().node(token))?;
        NEVER.iter().find(|(own, _)| *own == name).map(|(_, outcome)| *outcome)
    };
    let kept = batch.kept().filter_map(|(index, event, _)| Some((index, outcome(event.token)?)));
    let found: Vec<(usize, Outcome)> = kept.collect();
    for (index, outcome) in found {
        batch.end(index, outcome);
    }
}
