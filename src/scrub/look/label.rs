//! Labels: words in prose that announce what follows them (`BSN: 123456782`, `password is hunter2`, `Bearer 0y1l0I...`).
//!
//! For each word that could be a number or a secret the words before it are read like a key. Prose is no key,
//! so the label must stand directly before the value, but for a verb, `number`, or a colon.

use std::ops::Range;

use super::shape::is_wide_punctuation;
use super::{Spot, announce};
use crate::scrub::detect::opaque::{Opacity, opacity};
use crate::scrub::features::{Features, byte, class, is};
use crate::scrub::hits::{By, Hits};
use crate::scrub::keys::{self, Key};
use crate::scrub::kind::{Kind, is_mark};
use crate::scrub::policy::Policy;

/// How far back a label may start, in bytes.
const REACH: usize = 64;

/// Finds what labels announce in a range of a text.
pub(super) fn find(text: &str, range: Range<usize>, spot: Spot, policy: &Policy, hits: &mut Hits) {
    // What follows is an address.
    let text = text.get(..range.end).unwrap_or_default();
    let mut at = range.start;
    while let Some((start, end)) = next_word(text, at) {
        at = end;
        let separated = is_separated(text.as_bytes(), start);
        let word = text.get(start..end).unwrap_or_default();
        // `KR 4821 TX`
        let leads = end - start <= 4 && leads_a_number(text.as_bytes(), word, end);
        // Short words with few digits are what prose is made of.
        if !separated && end - start < 3 && !leads {
            continue;
        }
        if !separated && !leads && end - start < 16 && !word.bytes().any(|own| own.is_ascii_digit()) {
            continue;
        }
        let found = Features::of(word);
        if found.digits < 3 && !separated && !leads && found.longest < 16 {
            continue;
        }
        let before = || if start == 0 { None } else { label(text, start) };
        let found =
            before().or_else(|| secret_label(text, start, word, separated)).or_else(|| code_label(text, end, word));
        let Some(key) = found else { continue };
        let spot = Spot { key, ..spot };
        // A number may go on behind blanks; a secret does not.
        let end = if is_numeric(key.kind) { number_end(text, start, end) } else { end };
        let value = text.get(start..end).unwrap_or_default();
        // Pairs of coordinates are found by themselves.
        let pair = key.kind == Some(Kind::Geo) && byte(text.as_bytes(), end) == b',';
        if pair || !fits_label(key.kind, value, separated) {
            continue;
        }
        let point = hits.len();
        if announce::find(value, spot, policy, hits) {
            hits.shift(point, start);
            for hit in hits.since_mut(point) {
                hit.by = By::Label;
            }
            at = end;
        }
    }
}

/// True if a colon or an equals sign stands before a place, with blanks and quotes between.
fn is_separated(bytes: &[u8], start: usize) -> bool {
    let head = bytes.get(start.saturating_sub(REACH)..start).unwrap_or_default();
    let last = head.iter().rfind(|own| !matches!(own, b' ' | b'"' | b'\'' | b'\\'));
    matches!(last, Some(b':' | b'='))
}

/// The next word from this place: up to a blank, a quote, a bracket, a comma, a semicolon, or punctuation beyond ASCII, without
/// closing punctuation.
fn next_word(text: &str, from: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut start = from;
    while is_edge(text, start, *bytes.get(start)?) {
        start += text.get(start..)?.chars().next()?.len_utf8();
    }
    let rest = bytes.get(start..)?;
    let ends = |(at, own): &(usize, &u8)| !is(**own, PLAIN) && is_edge(text, start + at, **own);
    let mut length = rest.iter().enumerate().find(ends).map_or(rest.len(), |(at, _)| at);
    // `email:x`: the label ends at the colon; `https://` and `12:30` do not.
    let word = rest.get(..length)?;
    let label = memchr::memchr(b':', word).filter(|colon| *colon > 0 && byte(word, colon + 1) != b'/');
    if let Some(colon) = label.filter(|colon| word.iter().take(*colon).all(|own| !own.is_ascii_digit())) {
        return Some((start, start + colon + 1));
    }
    while length > 1 && matches!(byte(rest, length - 1), b'.' | b':' | b'!' | b'?') {
        length -= 1;
    }
    Some((start, start + length))
}

/// What ends no word.
const PLAIN: u32 = class::WORD | class::DOT | class::COLON | class::SLASH;

/// True if a word ends at this place, where this byte stands.
fn is_edge(text: &str, at: usize, own: u8) -> bool {
    if own >= 0x80 {
        // Inside a character there is none.
        return text.get(at..).and_then(|rest| rest.chars().next()).is_some_and(is_wide_punctuation);
    }
    !is(own, PLAIN)
        && (is(own, class::SPACE | class::QUOTE | class::BRACE | class::SEMICOLON | class::EQUALS | class::AMPERSAND)
            || matches!(own, b',' | b'(' | b')' | b']' | b'}' | b'<' | b'>' | b'|'))
}

/// What the words before a place announce.
fn label(text: &str, start: usize) -> Option<Key> {
    let head = text.get(..start)?;
    let from = head.floor_char_boundary(head.len().saturating_sub(REACH));
    let head = without_stop(without_gap(head.get(from..)?));
    // A sentence, a clause or another parameter ends before.
    let cut = head.bytes().rposition(|own| {
        matches!(
            own,
            b'.' | b',' | b';' | b'!' | b'?' | b'\n' | b'&' | b'(' | b')' | b'{' | b'}' | b'"' | b'\'' | b'|' | b'='
        )
    });
    let phrase = head.get(cut.map_or(0, |at| at + 1)..)?;
    keys::read_label(behind_marks(phrase))
}

/// A text without what may stand between a label and its value: blanks, colons, quotes, opening brackets.
fn without_gap(text: &str) -> &str {
    let mut rest = text.as_bytes();
    loop {
        rest = match rest {
            [head @ .., b' ' | b':' | b'=' | b'"' | b'\'' | b'#' | b'\\' | b'(' | b'[' | b'{'] => head,
            // A no-break space.
            [head @ .., 0xC2, 0xA0] => head,
            _ => return text.get(..rest.len()).unwrap_or_default(),
        };
    }
}

/// What stands behind the last mark: `*token*` says what was taken out, and announces nothing.
fn behind_marks(phrase: &str) -> &str {
    let last = || {
        let (head, rest) = phrase.rsplit_once('*')?;
        let mark = phrase.get(head.rfind('*')?..=head.len())?;
        (mark.len() > 2 && is_mark(mark)).then_some(rest)
    };
    last().unwrap_or(phrase)
}

/// What a clause before a colon says about text that was drawn at random behind it: `session expired: 0y1l0I...`,
/// `Authorization header was: ...`. Any word that means a secret will do.
fn secret_label(text: &str, start: usize, word: &str, separated: bool) -> Option<Key> {
    if !separated || opacity(word) != Opacity::Random {
        return None;
    }
    let head = text.get(text.floor_char_boundary(start.saturating_sub(2 * REACH))..start)?;
    let head = head.trim_end_matches([' ', ':', '=', '"', '\'']);
    let clause = head.rsplit(['.', ',', ';', '!', '?', '\n']).next()?;
    let secret = clause.split(' ').rev().take(5).any(|own| {
        let kind = keys::read(own).kind;
        matches!(kind, Some(Kind::Token | Kind::SessionId | Kind::Password | Kind::ApiKey | Kind::Jwt))
    });
    secret.then_some(Key { kind: Some(Kind::Token), ..Key::SILENT })
}

/// True for one to four capitals before a blank and a digit.
fn leads_a_number(bytes: &[u8], word: &str, end: usize) -> bool {
    byte(bytes, end) == b' '
        && byte(bytes, end + 1).is_ascii_digit()
        && word.bytes().all(|own| own.is_ascii_uppercase() || own == b'-')
}

/// What stands behind a short number says of it: `481920 is your verification code`, `Use 481920 as your login code`.
fn code_label(text: &str, end: usize, word: &str) -> Option<Key> {
    if !(4..=8).contains(&word.len()) || !word.bytes().all(|own| own.is_ascii_digit()) {
        return None;
    }
    const VERBS: [&str; 12] = [
        " is your ",
        " is the ",
        " as your ",
        " ist Ihr ",
        " ist dein ",
        " als ",
        " est votre ",
        " es tu ",
        " es su ",
        " è il tuo ",
        " is je ",
        " is uw ",
    ];
    let rest = text.get(end..)?;
    let rest = rest.get(..rest.floor_char_boundary(REACH))?;
    let rest = VERBS.iter().find_map(|own| rest.strip_prefix(own))?;
    let clause = rest.split(['.', ',', ';', '!', '?', ':', '\n']).next()?;
    let ends = clause.match_indices(' ').map(|(at, _)| at).chain([clause.len()]).take(4);
    let mut said = ends.filter_map(|at| keys::read_label(clause.get(..at)?));
    said.find(|key| key.kind == Some(Kind::Otp))
}

/// The text before the full stop of an abbreviation (`NHS no.`, `Tel.`, `AHV-Nr.`), which ends no sentence.
fn without_stop(head: &str) -> &str {
    let Some(rest) = head.strip_suffix('.') else { return head };
    let word = rest.bytes().rev().take_while(|own| !is(*own, class::SPACE | class::DASH | class::DOT)).count();
    if (1..=4).contains(&word) { rest } else { head }
}

const fn is_numeric(kind: Option<Kind>) -> bool {
    !matches!(
        kind,
        None | Some(
            Kind::Password | Kind::Token | Kind::ApiKey | Kind::Jwt | Kind::SessionId | Kind::Username | Kind::Otp
        )
    )
}

/// Where a number that starts here ends: groups with blanks between, each with a digit or of one or two capitals.
fn number_end(text: &str, start: usize, end: usize) -> usize {
    let mut end = end;
    for _ in 0..8 {
        let Some(rest) = text.get(end..).and_then(|rest| rest.strip_prefix([' ', '\u{a0}'])) else { break };
        let gap = text.len() - end - rest.len();
        let length = rest
            .find(|own: char| !(own.is_alphanumeric() || matches!(own, '-' | '.' | '/' | '(' | ')')))
            .unwrap_or(rest.len());
        let word = rest.get(..length).unwrap_or_default().trim_end_matches(['.', '-', ')']);
        let capitals = (1..=2).contains(&word.len()) && word.bytes().all(|own| own.is_ascii_uppercase());
        let number = word.bytes().any(|own| own.is_ascii_digit()) && !word.bytes().any(|own| own.is_ascii_lowercase());
        if !(capitals || number) || end + gap + word.len() - start > 40 {
            break;
        }
        end += gap + word.len();
    }
    end
}

/// What a label in prose may announce. Names and places in prose are another matter.
fn fits_label(kind: Option<Kind>, value: &str, separated: bool) -> bool {
    let found = Features::of(value);
    match kind {
        None | Some(Kind::Name | Kind::Address | Kind::Email | Kind::Ip | Kind::ClickId) => false,
        Some(Kind::Geo) => found.digits >= 5 && found.any(class::DOT),
        Some(Kind::Password) => separated || found.any(class::DIGIT),
        Some(Kind::Username) => separated,
        Some(Kind::Token | Kind::ApiKey | Kind::Jwt | Kind::SessionId) => {
            value.len() >= 8 && (separated || found.longest >= 16)
        }
        Some(Kind::Otp) => (4..=8).contains(&found.digits),
        Some(Kind::Plate) => found.digits >= 2,
        Some(_) => found.digits >= 4,
    }
}
