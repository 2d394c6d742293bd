//! Recordings: what the scrub stage cannot see because it is packed inside of strings.
//!
//! Each packed part is unpacked, scrubbed as any JSON, and packed again. One that cannot be read, or that holds more than
//! is unpacked, ends its event: what cannot be scrubbed is not forwarded.

use std::borrow::Cow;

use crate::outcome::Outcome;
use crate::payload::batch::Batch;
use crate::payload::document::Document;
use crate::payload::edit::{Edits, Fill, Priority, Spliced, splice};
use crate::payload::posthog::{replay, shape};
use crate::payload::scan::Limits;
use crate::scrub::{OwnTerms, Profile, Report, Scrubber};

/// The most bytes that the packed parts of one request hold together.
const TOGETHER: usize = 32 * 1024 * 1024;

/// Scrubs the packed parts of every recording that goes on, whichever endpoint it was sent to.
pub(super) fn scrub<S>(batch: &mut Batch<S>, scrubber: &Scrubber, own: &OwnTerms, report: &mut Report) {
    let mut room = TOGETHER;
    let is_recording = |token: u32| shape::name(batch.document().node(token)).as_deref() == Some("$snapshot");
    let kept = batch.kept().map(|(index, event, _)| (index, event.token));
    let kept: Vec<(usize, u32)> = kept.filter(|(_, token)| is_recording(*token)).collect();
    for (index, token) in kept {
        let (document, edits) = batch.parts_mut();
        let mut readable = true;
        for part in replay::packed(document.node(token)) {
            let Ok(text) = replay::unpack(part, room.min(replay::LARGEST)) else {
                readable = false;
                break;
            };
            room = room.saturating_sub(text.len());
            let limits = Limits { bytes: replay::LARGEST, tokens: 2_000_000, ..Limits::default() };
            let Ok(inner) = Document::read_text(text, &limits) else {
                readable = false;
                break;
            };
            let mut changes = Edits::new();
            scrubber.scrub_document(&inner, Profile::Posthog, own, &mut changes, report);
            if let Spliced::Edited(bytes) = splice(&inner, &changes) {
                edits.replace(part, Fill::Raw(Cow::Owned(replay::pack(&bytes))), Priority::Identity);
            } else {
                // Noise to the scrub stage: it keeps its bytes.
                edits.replace(part, Fill::Raw(Cow::Owned(format!("\"{}\"", part.raw()))), Priority::Identity);
            }
        }
        if !readable {
            batch.end(index, Outcome::Unscrubbable);
        }
    }
}
