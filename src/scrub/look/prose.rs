//! Prose: titles, messages, labels, log lines, markup. The detectors see it whole; addresses and parameters in it are
//! taken apart; labels announce what follows them; runs of base64 are decoded.

use super::url::{self, Shape};
use super::{Codec, Look, Spot, label};
use crate::scrub::base64;
use crate::scrub::features::{Features, class};
use crate::scrub::keys::{Key, flag};

/// The shortest run that is decoded: `a@b.co` has eight characters in base64.
const SHORTEST: usize = 8;

impl Look<'_> {
    /// Looks through prose.
    pub(super) fn prose(&mut self, text: &str, found: Features, spot: Spot) {
        self.detect(text, found, spot);
        if found.any(class::EQUALS | class::SLASH | class::QUERY) {
            self.words(text, spot);
        }
        let labelled = found.any(class::SPACE | class::COLON | class::EQUALS);
        if labelled && (found.digits >= 4 || found.any(class::COLON | class::EQUALS) || found.longest >= 16) {
            label::find(text, spot, self.policy, &mut self.hits);
        }
        if found.any(class::UPPER) && found.longest >= 8 {
            self.runs(text, spot);
        }
        if found.any(class::PERCENT | class::AMPERSAND | class::BACKSLASH) {
            self.decoded(text, Codec::Text, spot.decoded(), |own, text, spot| own.inside(text, spot));
        }
    }

    /// Takes words apart that are addresses or parameters.
    fn words(&mut self, text: &str, spot: Spot) {
        let mut start = 0;
        for word in text.split(|own: char| {
            own.is_whitespace() || matches!(own, '"' | '\'' | '`' | '<' | '>' | '(' | ')' | '{' | '}' | '|')
        }) {
            // A word that is the whole text was taken for prose already.
            if word.len() >= 4 && word.len() < text.len() {
                self.part(start, |own| own.word(word, spot));
            }
            let end = start + word.len();
            start = end + text.get(end..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
        }
    }

    fn word(&mut self, word: &str, spot: Spot) {
        let found = Features::of(word);
        if !found.any(class::SLASH | class::EQUALS | class::QUERY) {
            return;
        }
        // `to:https://...`, `url=https://...`
        let from = memchr::memmem::find(word.as_bytes(), b"://").map(|at| {
            let head = word.get(..at).unwrap_or_default();
            head.rfind(|own: char| !own.is_ascii_alphanumeric()).map_or(0, |last| last + 1)
        });
        let start = from.unwrap_or(0);
        let (word, before) = (word.get(start..).unwrap_or_default(), word.get(..start).unwrap_or_default());
        let spot = spot.part(Key { kind: None, flags: spot.key.flags & flag::PAGES }, spot.place);
        match url::shape(word, found) {
            Shape::Address => self.part(start, |own| own.address(word, spot)),
            Shape::Parameters => self.part(start, |own| own.parameters(word, spot)),
            Shape::None => {}
        }
        if before.len() > 3 && before.contains('=') {
            self.parameters(before, spot);
        }
    }

    /// Decodes runs of base64 and looks through what they say. A run that says something personal goes as a whole.
    pub(super) fn runs(&mut self, text: &str, spot: Spot) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(skip) = bytes.get(at..).and_then(|rest| rest.iter().position(|own| base64::is_character(*own))) {
            let start = at + skip;
            let run = bytes.get(start..).unwrap_or_default();
            let length = run.iter().take_while(|own| base64::is_character(**own)).count();
            at = start + length;
            if length >= SHORTEST {
                self.run(text, start, at, spot);
            }
        }
    }

    fn run(&mut self, text: &str, start: usize, end: usize, spot: Spot) {
        if self.base64(text, start, end, spot) {
            return;
        }
        // `/v1/YWRh...` and `user-YWRh...`: characters of the alphabet may be separators.
        let run = text.get(start..end).unwrap_or_default();
        for separators in [&['/', '+'][..], &['/', '+', '-', '_'][..]] {
            if !run.contains(separators) {
                continue;
            }
            let mut from = start;
            for piece in run.split(separators) {
                if piece.len() >= SHORTEST && piece.len() < run.len() {
                    self.base64(text, from, from + piece.len(), spot);
                }
                from += piece.len() + 1;
            }
        }
    }

    /// True if the run is text in base64.
    fn base64(&mut self, text: &str, start: usize, end: usize, spot: Spot) -> bool {
        let run = text.get(start..end).unwrap_or_default();
        if !run.bytes().any(|own| own.is_ascii_uppercase()) {
            return false;
        }
        let Some(plain) = base64::decode_text(run.as_bytes()) else { return false };
        let point = self.hits.len();
        self.inside(&plain, spot.decoded());
        if let Some(kind) = self.hits.since(point).first().map(|hit| hit.kind) {
            let padding = text.get(end..).unwrap_or_default().bytes().take(2).take_while(|own| *own == b'=').count();
            self.hits.forget(point);
            self.hits.mark(start, end + padding, kind);
        }
        true
    }
}
