//! Prose: titles, messages, labels, log lines, markup. The detectors see it whole; addresses and parameters in it are
//! taken apart; labels announce what follows them; runs of base64 are decoded.

use std::ops::Range;

use super::shape::{self, Shape};
use super::{Codec, Look, Spot, label};
use crate::scrub::base64;
use crate::scrub::detect::secret;
use crate::scrub::features::{self, Features, class};
use crate::scrub::keys::{Key, flag};

/// The shortest run that is decoded: `a@b.co` has eight characters in base64.
const SHORTEST: usize = 8;

/// What ends a word. All of them are ASCII, so words end at characters.
fn is_edge(own: u8) -> bool {
    features::is(own, class::SPACE | class::QUOTE) || matches!(own, b'<' | b'>' | b'(' | b')' | b'{' | b'}' | b'|')
}

/// Where the scheme of an address starts in a word, 0 if there is none.
fn url_start(word: &str) -> usize {
    let Some(at) = shape::find_scheme(word.as_bytes()) else { return 0 };
    let head = word.get(..at).unwrap_or_default();
    // In bytes: what stands before may be a character of several.
    head.bytes().rposition(|own| !own.is_ascii_alphanumeric()).map_or(0, |last| last + 1)
}

impl Look<'_> {
    /// Looks through prose.
    pub(super) fn prose(&mut self, text: &str, found: Features, spot: Spot) {
        // Before anything is cut: lines of a key look like paths.
        if found.all(class::DASH | class::UPPER | class::SPACE) && text.len() > 30 {
            secret::find_private_key(text, &mut self.hits);
        }
        let mut plain = 0;
        if found.any(class::EQUALS | class::SLASH | class::QUERY) {
            let bytes = text.as_bytes();
            let mut start = 0;
            while start < bytes.len() {
                let rest = bytes.get(start..).unwrap_or_default();
                let mut bits = 0;
                let length =
                    rest.iter().take_while(|own| !is_edge(**own)).inspect(|own| bits |= features::class(**own)).count();
                let end = start + length;
                if bits & (class::SLASH | class::EQUALS | class::QUERY) != 0 && length >= 4 {
                    if let Some(from) = self.word(text, start..end, spot) {
                        self.plain(text, plain..from, found, spot);
                        plain = end;
                    }
                    if bits & class::WIDE != 0 {
                        self.pieces(text, start..end, spot);
                    }
                }
                start = end + 1;
            }
        }
        self.plain(text, plain..text.len(), found, spot);
    }

    /// Looks through prose between addresses.
    fn plain(&mut self, text: &str, range: Range<usize>, found: Features, spot: Spot) {
        let part = text.get(range.clone()).unwrap_or_default();
        let found = if part.len() == text.len() { found } else { Features::of(part) };
        if found.bits & !(class::SPACE | class::QUOTE | class::OTHER) == 0 {
            return;
        }
        let labelled = found.any(class::COLON | class::EQUALS) || found.digits >= 4 || found.longest >= 16;
        if labelled && found.any(class::SPACE | class::COLON | class::EQUALS) && !spot.key.has(flag::VERSIONS) {
            label::find(text, range.clone(), spot, self.policy, &mut self.hits);
        }
        self.part(range.start, |own| {
            own.detect(part, found, spot);
            if found.any(class::UPPER) && found.longest >= 8 {
                own.runs(part, spot);
            }
            if found.any(class::PERCENT | class::AMPERSAND | class::BACKSLASH) {
                let then = |own: &mut Self, text: &str, spot| own.inside(text, Features::of(text), spot);
                own.decoded(part, Codec::Text, spot.decoded(), then);
            }
        });
    }

    /// Takes a word apart that is an address or parameters, and tells where those start. Nothing if it is neither, or the whole
    /// text, which was asked before.
    fn word(&mut self, text: &str, range: Range<usize>, spot: Spot) -> Option<usize> {
        // `see https://a.example/reset/0y1l0I, thanks`
        let word = text.get(range.clone()).unwrap_or_default().trim_end_matches([',', ']']);
        // `to:https://...`, `url=https://...`
        let from = url_start(word);
        if from == 0 && word.len() == text.len() {
            return None;
        }
        let (before, address) = word.split_at_checked(from).unwrap_or(("", word));
        let found = Features::of(address);
        let spot = spot.part(Key { kind: None, flags: spot.key.flags & flag::PAGES, rule: 0 }, spot.place);
        let shape = shape::shape(address, found);
        if shape == Shape::None
            || shape == Shape::Parameters && self.is_labelled_number(text, address, range.start + word.len())
        {
            return None;
        }
        self.part(range.start + from, |own| match shape {
            Shape::Parameters => own.parameters(address, spot),
            _ => own.address(address, found, spot),
        });
        if before.contains('=') {
            self.part(range.start, |own| own.parameters(before, spot));
        }
        Some(range.start + from)
    }

    /// The parts of a word between punctuation beyond ASCII: it may end an address, or belong to it.
    fn pieces(&mut self, text: &str, range: Range<usize>, spot: Spot) {
        let word = text.get(range.clone()).unwrap_or_default();
        let mut start = range.start;
        for piece in word.split_inclusive(shape::is_wide_punctuation) {
            let own = piece.trim_end_matches(shape::is_wide_punctuation);
            if own.len() >= 4 && own.len() < word.len() {
                self.word(text, start..start + own.len(), spot);
            }
            start += piece.len();
        }
    }

    /// `NHS number=943...`, `TFN=876 543 210`: the words before the sign say what the digits are, or they go on behind a blank.
    fn is_labelled_number(&mut self, text: &str, word: &str, end: usize) -> bool {
        let Some((name, value)) = word.split_once('=') else { return false };
        if value.is_empty() || !value.bytes().all(|own| own.is_ascii_digit() || own == b'-') {
            return false;
        }
        let goes_on = features::byte(text.as_bytes(), end) == b' '
            && features::is(features::byte(text.as_bytes(), end + 1), class::DIGIT);
        goes_on || self.key_of(name).has(flag::FILLER)
    }

    /// Decodes runs of base64 and looks through what they say. A run that says something personal goes as a whole.
    pub(super) fn runs(&mut self, text: &str, spot: Spot) {
        let bytes = text.as_bytes();
        let mut at = 0;
        // A run of eight has a character at each of its places: look at the last one first.
        while let Some(probe) = bytes.get(at + SHORTEST - 1) {
            let window = bytes.get(at..at + SHORTEST).unwrap_or_default();
            if !base64::is_character(*probe) {
                at += SHORTEST;
                continue;
            }
            if let Some(stop) = window.iter().rposition(|own| !base64::is_character(*own)) {
                at += stop + 1;
                continue;
            }
            let start = at;
            let rest = bytes.get(at + SHORTEST..).unwrap_or_default();
            at += SHORTEST + rest.iter().take_while(|own| base64::is_character(**own)).count();
            self.run(text, start, at, spot);
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
        self.inside(&plain, Features::of(&plain), spot.decoded());
        if let Some((kind, by)) = self.hits.since(point).first().map(|hit| (hit.kind, hit.by)) {
            let padding = text.get(end..).unwrap_or_default().bytes().take(2).take_while(|own| *own == b'=').count();
            self.hits.forget(point);
            self.hits.mark_by(start, end + padding, kind, by);
        }
        true
    }
}
