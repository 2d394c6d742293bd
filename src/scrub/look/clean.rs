//! Verdicts that are remembered between events: user agents, addresses of pages, titles and chains of elements come again and
//! again, and most hold nothing.
//!
//! Only this is kept: that a text under a key and a policy was clean, as a hash under a random key of this process. No text is
//! kept; who sends texts never sees a hash, and can hide nothing but what they send themselves. Nothing is remembered while a
//! signed-in person is looked for, nor of a text with the project's own token in it, which is clean in the events of that project
//! alone (docs/decisions/0007-clean-verdicts.md).

use std::hash::{BuildHasher, Hasher};

use foldhash::quality::RandomState;

use super::Spot;
use crate::scrub::verdicts::Verdicts;

/// A power of two of pairs of places: 128 kB per thread.
const PAIRS: usize = 8192;
/// Shorter texts are looked through as quickly as they are looked up.
pub(super) const SHORTEST: usize = 4;

/// Hashes of clean texts.
#[derive(Debug, Default)]
pub(super) struct Clean {
    state: RandomState,
    texts: Verdicts<(), PAIRS>,
    /// The policy of the current event.
    policy: u64,
}

impl Clean {
    /// Begins an event: what is clean under one policy may not be so under another.
    pub(super) fn begin(&mut self, policy: u64) {
        self.policy = policy;
    }

    /// The hash of a text in its place: what is looked for depends on the key and on what the text is a part of, and the deeper it
    /// lies, the less is decoded of it.
    #[inline]
    pub(super) fn tag(&self, text: &[u8], Spot { key, place, depth, cut, .. }: Spot) -> u64 {
        let mut hasher = self.state.build_hasher();
        let kind = key.kind.map_or(0, |kind| u64::from(kind as u8) + 1);
        hasher.write_u64(self.policy << 8 | u64::from(cut) << 7 | place as u64);
        hasher.write_u64(u64::from(key.flags) | kind << 32 | u64::from(key.rule) << 40 | u64::from(depth) << 56);
        hasher.write(text);
        // Zero is an empty place.
        hasher.finish() | 1
    }

    /// True if the text with this hash was clean.
    #[inline]
    pub(super) fn has(&self, tag: u64) -> bool {
        self.texts.get(tag).is_some()
    }

    /// Remembers a clean text.
    pub(super) fn add(&mut self, tag: u64) {
        self.texts.put(tag, ());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::document::Document;
    use crate::payload::edit::Edits;
    use crate::payload::scan::Limits;
    use crate::scrub::keys::{Key, flag};
    use crate::scrub::{OwnTerms, Profile, Report, Scrubber};

    #[test]
    fn a_text_is_clean_only_as_it_was_looked_at() {
        let mut clean = Clean::default();
        clean.begin(1);
        let tag = clean.tag(b"https://example.org/pricing", Spot::value(Key::SILENT));
        assert!(!clean.has(tag));
        clean.add(tag);
        assert!(clean.has(clean.tag(b"https://example.org/pricing", Spot::value(Key::SILENT))));
        assert!(!clean.has(clean.tag(b"https://example.org/pricing?", Spot::value(Key::SILENT))));
        assert!(!clean.has(clean.tag(b"https://example.org/pricing", Spot::value(Key::SILENT.with(flag::PAGES)))));
        clean.begin(2);
        assert!(!clean.has(clean.tag(b"https://example.org/pricing", Spot::value(Key::SILENT))));
        clean.begin(1);
        assert!(clean.has(clean.tag(b"https://example.org/pricing", Spot::value(Key::SILENT))));
    }

    /// What is removed from an event of the project with this token.
    fn removed(project: &str, extra: &str) -> u32 {
        let body =
            format!(r#"{{"event":"x","distinct_id":"0","properties":{{"token":"{project}","extra":"{extra}"}}}}"#);
        let document = Document::read_text(body, &Limits::default()).unwrap();
        let mut report = Report::default();
        let (own, mut edits) = (OwnTerms::none(), Edits::new());
        Scrubber::default().scrub_document(&document, Profile::Posthog, &own, &mut edits, &mut report);
        report.total()
    }

    #[test]
    fn the_token_of_one_project_is_not_clean_in_the_events_of_another() {
        let token = "q7Rk2vXw9Lm4Tz8Bn3Yc6Hd1";
        let extra = format!(r#"{{\"access_token\":\"{token}\",\"note\":\"nothing to see here\"}}"#);
        let twice = format!(r#"{extra}","again":{{"extra":"{extra}"}},"end":""#);
        for _ in 0..2 {
            assert_eq!(removed(token, &twice), 0);
            assert_eq!(removed(token, &extra), 0);
            assert_eq!(removed("z4Mn8Kx2Pw6Rv1Ht9Jb3Fd7G", &extra), 1);
        }
    }

    #[test]
    fn what_is_clean_as_a_parameter_may_be_personal_as_a_value() {
        let home = r#"{\\\"f\\\":\\\"/home/ada.lovelace/notes\\\"}"#;
        let as_value = format!(r#"{{\"z\":\"{home}\"}}"#);
        let alone = removed("phc_a", &as_value);
        let parameter = r#"https://x.example/?u=https://y.example/r?d={\"f\":\"/home/ada.lovelace/notes\"}"#;
        for more in ["", "?u=https://z.example/", "?u=https://z.example/?u=https://w.example/"] {
            let _ = removed("phc_a", &parameter.replacen("?u=", &format!("{more}?u="), 1));
        }
        assert_eq!((alone, removed("phc_a", &as_value)), (1, 1));
    }
}
