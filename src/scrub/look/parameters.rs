//! Parameters as forms write them: `name=value` joined by `&` or `;`, blanks as `+` (WHATWG URL standard section 5).

use std::cell::Cell;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::url::{parts, split};
use super::{Codec, Look, Place, Spot, announce, guess};
use crate::scrub::detect::opaque::{Opacity, is_slug, opacity};
use crate::scrub::features::{Features, class};
use crate::scrub::hits::{By, Hit, Put};
use crate::scrub::keys::{Key, flag};
use crate::scrub::kind::{Kind, is_mark};
use crate::scrub::policy::Rule;

impl Look<'_> {
    /// Looks through parameters.
    pub(super) fn parameters(&mut self, text: &str, spot: Spot) {
        let bytes = text.as_bytes();
        let separator =
            if memchr::memchr(b'&', bytes).is_none() && memchr::memchr(b';', bytes).is_some() { b';' } else { b'&' };
        let (named, personal, secret) = (Cell::new(None), Cell::new(None), Cell::new(None));
        let (grant, one_time) = (is_grant(text), names_somebody(text));
        let whole = Whole { text, grant, one_time, named: &named, personal: &personal, secret: &secret };
        let mut start = 0;
        // Everything before has gone with its separator.
        let mut lone = true;
        for pair in parts(text, separator) {
            // `&amp;` between parameters, as copied out of HTML.
            let cut = if pair.starts_with("amp;") { 4 } else { 0 };
            let point = self.hits.len();
            self.part(start + cut, |own| own.pair(pair.get(cut..).unwrap_or_default(), whole, spot));
            if let [Hit { put: Put::Nothing, start: from, end, .. }] = self.hits.since_mut(point) {
                // A parameter that goes takes one separator with it.
                let whole = *from == start + cut && *end == start + pair.len() && pair.contains('=');
                let last = start + pair.len() == text.len();
                *end += usize::from(whole && !last);
                *from -= usize::from(whole && last && *from > 0 && !lone);
                lone &= whole;
            } else {
                lone = false;
            }
            start += pair.len() + 1;
        }
    }

    fn pair(&mut self, pair: &str, whole: Whole<'_>, spot: Spot) {
        let (name, Some(value)) = split(pair, b'=') else {
            // A value without a name, or the rest of a value that held an `&`.
            let spot = spot.part(Key::SILENT, Place::Parameter);
            self.raw_value(pair, spot);
            return;
        };
        if name.len() > 3
            && (!name.bytes().all(|own| own.is_ascii_alphabetic() || matches!(own, b'_' | b'-' | b'$' | b'.'))
                || (name.len() >= 12 && opacity(name) != Opacity::Plain))
        {
            self.raw_value(name, spot.part(Key::SILENT.with(flag::PROTOCOL), Place::Parameter));
        }
        if value.is_empty() {
            return;
        }
        let key = self.key(name);
        let rule = self.policy.rule_of(key);
        if matches!(rule, Some(Rule::Drop)) {
            self.hits.push(Hit { start: 0, end: pair.len(), kind: Kind::Denied, put: Put::Nothing, by: By::Policy });
            return;
        }
        if self.policy.empties_queries() && rule.is_none() && !key.has(flag::ATTRIBUTION) && !is_mark(value) {
            let kind = key.kind.filter(|kind| *kind != Kind::ClickId).unwrap_or(Kind::Denied);
            self.hits.mark_by(name.len() + 1, pair.len(), kind, By::Policy);
            return;
        }
        if whole.grant && matches!(name, "code" | "state") && is_opaque(value) {
            self.mark_all_at(name.len() + 1, value, Kind::OauthCode);
            return;
        }
        if whole.one_time
            && name == "code"
            && (4..=8).contains(&value.len())
            && value.bytes().all(|own| own.is_ascii_digit())
        {
            self.mark_all_at(name.len() + 1, value, Kind::Otp);
            return;
        }
        // `/reset?h=...`; beside `token=...` it is a digest.
        let key = if !spot.key.has(flag::LINKED) {
            key
        } else if carries(name, key) && !self.some_key(whole.text, whole.secret, is_secret) {
            Key { kind: Some(Kind::Token), flags: flag::WEAK | flag::LINKED, rule: 0 }
        } else {
            key.with(flag::LINKED)
        };
        // `nome=Ada&cognome=Lovelace`; `/patients/search?q=Ada+Lovelace`
        let key = match key.kind {
            Some(Kind::Name) if key.has(flag::WEAK) && self.some_key(whole.text, whole.named, is_part_of_name) => {
                key.without(flag::WEAK)
            }
            _ => key,
        };
        let open = key.has(flag::UNKNOWN) && value.len() >= 8 || key.kind == Some(Kind::Name) && key.has(flag::WEAK);
        let key = if open && self.some_key(whole.text, whole.personal, guess::is_personal) {
            key.with(flag::GUESSED)
        } else {
            key
        };
        let people = spot.key.has(flag::PERSON) && is_search(name);
        let key = if people { key.with(flag::PERSON) } else { key };
        let spot = spot.part(key, Place::Parameter);
        self.part(name.len() + 1, |own| own.raw_value(value, spot));
    }

    /// True if some parameter's key says this; looked for once per text, when somebody asks.
    fn some_key(&mut self, text: &str, known: &Cell<Option<bool>>, says: fn(Key) -> bool) -> bool {
        known.get().unwrap_or_else(|| {
            let mut names = text.split(['&', ';']).filter_map(|pair| pair.split_once('=')).take(64);
            let found = names.any(|(name, _)| says(self.key_of(name)));
            known.set(Some(found));
            found
        })
    }

    /// The meaning of a parameter's name, escapes undone.
    fn key(&mut self, name: &str) -> Key {
        if memchr::memchr2(b'%', b'+', name.as_bytes()).is_none() {
            return self.key_of(name);
        }
        let mut plain = self.texts.pop().unwrap_or_default();
        let changed = crate::scrub::decode::decode(name, Codec::Text, &mut plain);
        let key = self.key_of(if changed { &plain } else { name });
        self.texts.push(plain);
        key
    }

    /// A value as it stands in a URL or form: with escapes, and with `+` for blanks.
    pub(super) fn raw_value(&mut self, value: &str, spot: Spot) {
        let found = Features::of(value);
        if self.is_empty_handed(value, found, spot.key) && !found.any(class::PLUS) || is_mark(value) {
            return;
        }
        self.escaped_value(value, found, spot);
        if found.any(class::PLUS) {
            // A blank has the length of a plus sign, so places stay the same. The plus sign itself matters to `+49...` and
            // `ada+tag@...`, hence both readings.
            let mut blank = self.texts.pop().unwrap_or_default();
            blank.clear();
            blank.extend(value.chars().map(|own| if own == '+' { ' ' } else { own }));
            self.escaped_value(&blank, Features::of(&blank), spot);
            self.texts.push(blank);
        }
    }

    fn escaped_value(&mut self, value: &str, found: Features, spot: Spot) {
        let escaped = found.any(class::PERCENT | class::AMPERSAND | class::BACKSLASH);
        let then = |own: &mut Self, text: &str, spot| own.parameter(text, Features::of(text), spot);
        if !(escaped && self.decoded(value, Codec::Text, spot.decoded(), then)) {
            self.parameter(value, found, spot);
        }
    }

    fn parameter(&mut self, text: &str, found: Features, spot: Spot) {
        if spot.key.kind.is_none() && announce::is_secret_anyway(text, spot) {
            self.hits.mark_by(0, text.len(), Kind::Token, By::Path);
            return;
        }
        self.value(text, found, spot);
    }

    fn mark_all_at(&mut self, offset: usize, text: &str, kind: Kind) {
        if !is_mark(text) {
            self.hits.mark_by(offset, offset + text.len(), kind, By::Key);
        }
    }
}

/// The parameters that stand together, and what they say as a whole.
#[derive(Clone, Copy)]
struct Whole<'a> {
    text: &'a str,
    /// The answer of an OAuth server.
    grant: bool,
    /// A one-time code beside the address that it was sent to.
    one_time: bool,
    /// A part of a person's name is among them: looked for when somebody asks.
    named: &'a Cell<Option<bool>>,
    /// Other data of a person is.
    personal: &'a Cell<Option<bool>>,
    /// A secret is named.
    secret: &'a Cell<Option<bool>>,
}

/// True for a key that means a part of a person's name beyond doubt.
fn is_part_of_name(key: Key) -> bool {
    key.kind == Some(Kind::Name) && !key.has(flag::WEAK)
}

/// The names that search forms give to what was typed.
fn is_search(name: &str) -> bool {
    matches!(
        name,
        "q" | "query"
            | "search"
            | "s"
            | "term"
            | "keyword"
            | "keywords"
            | "suche"
            | "recherche"
            | "buscar"
            | "zoek"
            | "szukaj"
    )
}

/// True for a parameter that may carry the secret of a page that secrets lead to. Short names that say nothing (`h`, `c`,
/// `tk`) may; ids and languages do not.
fn carries(name: &str, key: Key) -> bool {
    let silent = key.kind.is_none() && key.rule == 0 && key.flags & !(flag::PAGES | flag::FILLER | flag::UNKNOWN) == 0;
    silent && name.len() <= 3 && !name.ends_with("id") && !matches!(name, "v" | "ref" | "hl" | "cb")
}

/// True for a key that means a secret beyond doubt.
fn is_secret(key: Key) -> bool {
    !key.has(flag::WEAK) && matches!(key.kind, Some(Kind::Token | Kind::Jwt | Kind::ApiKey))
}

/// True for the answer of an OAuth server (RFC 6749 section 4.1.2): `code` and `state` together, both opaque.
/// `code=SUMMER24` and `state=open` are something else.
fn is_grant(text: &str) -> bool {
    if !has_code(text) || memchr::memmem::find(text.as_bytes(), b"state=").is_none() {
        return false;
    }
    let any = |wanted: &str| text.split(['&', ';']).filter_map(|pair| pair.strip_prefix(wanted)).any(is_opaque);
    any("code=") && any("state=")
}

/// True if some parameter's name ends in `code`: built once, asked for every query.
fn has_code(text: &str) -> bool {
    static CODE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"code="));
    text.len() > 5 && CODE.find(text.as_bytes()).is_some()
}

/// True when a parameter says whose request it is: a short number called `code` beside an address is the code that was
/// sent there. `code=2024` alone may be a coupon.
fn names_somebody(text: &str) -> bool {
    has_code(text)
        && text.split(['&', ';']).filter_map(|pair| pair.split_once('=')).any(|(name, value)| {
            let is_address = value.contains('@') || value.contains("%40");
            is_address || ["email", "mail", "phone", "msisdn", "mobile", "username", "login"].contains(&name)
        })
}

fn is_opaque(value: &str) -> bool {
    match opacity(value) {
        Opacity::Random | Opacity::Hex | Opacity::Uuid => true,
        Opacity::Mixed => value.len() >= 12,
        Opacity::Digits => value.len() >= 8,
        Opacity::Plain => value.len() >= 20 && !is_slug(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_need_both_parts_opaque() {
        assert!(is_grant("code=JgkSBznFzRlmoZheU1Tr&state=4a5a080750c5522ec42a263ac17a14e5"));
        assert!(is_grant("iss=x&state=1bac526f-a7aa-497d-aec7-7c3afc630bad&code=TgJxhJGg9G0TtgqMs56s"));
        assert!(!is_grant("code=SUMMER24&state=open"));
        assert!(!is_grant("code=SUMMER24&state=4a5a080750c5522ec42a263ac17a14e5"));
        assert!(!is_grant("code=JgkSBznFzRlmoZheU1Tr"));
    }

    #[test]
    fn a_code_beside_an_address_was_sent_there() {
        assert!(names_somebody("email=a%40b.example&code=774411"));
        assert!(names_somebody("code=774411&to=a@b.example"));
        assert!(!names_somebody("code=774411&lang=en"));
        assert!(!names_somebody("email=a%40b.example&page=2"));
    }
}
