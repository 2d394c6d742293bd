//! Addresses of pages: scheme and host stay; user, path, parameters and fragment are looked through part by part.
//!
//! The parts are cut before they are decoded, as browsers and servers do (WHATWG URL standard): an escaped `&` or `/` in
//! a value belongs to the value.

use super::shape::{is_parameter_name, scheme_length};
use super::{Codec, Look, Place, Spot, announce};
use crate::scrub::detect::opaque::{Opacity, opacity};
use crate::scrub::features::{Features, byte, class, is};
use crate::scrub::hits::By;
use crate::scrub::keys::{Key, flag};
use crate::scrub::kind::{Kind, is_mark};

impl Look<'_> {
    /// Looks through an address.
    pub(super) fn address(&mut self, text: &str, found: Features, spot: Spot) {
        let bytes = text.as_bytes();
        // Copied out of markup or source: the cuts below would go through the references.
        if found.all(class::AMPERSAND | class::SEMICOLON) || found.any(class::BACKSLASH) {
            self.decoded(text, Codec::Text, spot.decoded(), |own, text, spot| {
                own.inside(text, Features::of(text), spot)
            });
        }
        let file = !spot.key.has(flag::PAGES) || spot.key.has(flag::FILES);
        if spot.place == Place::Value && file && byte(bytes, 0) == b'/' {
            crate::scrub::detect::secret::find_home(text, &mut self.hits);
        }
        let mut at = 0;
        if let Some(length) = scheme_length(bytes) {
            let rest = bytes.get(length..).unwrap_or_default();
            let host = rest.iter().position(|own| {
                is(*own, class::SLASH | class::QUERY | class::HASH | class::BACKSLASH | class::SPACE | class::QUOTE)
            });
            at = length + host.unwrap_or(rest.len());
            self.authority(text, length, at);
            if text.starts_with("file:") {
                self.part(at, |own| {
                    crate::scrub::detect::secret::find_home(text.get(at..).unwrap_or_default(), &mut own.hits)
                });
            }
        }
        let rest = text.get(at..).unwrap_or_default();
        let (path, fragment) = split(rest, b'#');
        let (path, query) = split(path, b'?');
        let plain = is_plain(found) && memchr::memchr(b'=', path.as_bytes()).is_none();
        if !plain || !self.own.is_empty() || self.policy.has_templates() {
            self.part(at, |own| own.path(path, spot));
        }
        if let Some(query) = query {
            let flags = spot.key.flags & !(flag::LINKED | flag::PERSON);
            // The page matters to what could be a secret or a name.
            let found = Features::of(query);
            let asked = found.longest >= 12 || found.any(class::UPPER);
            let page = if asked { self.meaning_of_page(path) } else { 0 };
            let key = Key { flags: flags | page, ..spot.key };
            self.part(at + path.len() + 1, |own| own.parameters(query, Spot { key, ..spot }));
        }
        if let Some(fragment) = fragment {
            self.part(text.len() - fragment.len(), |own| own.fragment(fragment, spot));
        }
    }

    /// What the last two segments of a path say about the parameters behind it: secrets lead to `/account/reset`, people are
    /// looked up at `/patients/search`.
    fn meaning_of_page(&mut self, path: &str) -> u32 {
        let segments = path.rsplit('/').filter(|own| (3..=40).contains(&own.len())).take(2);
        let flags = segments.fold(0, |flags, own| flags | self.key_of(own).flags);
        let linked = if flags & (flag::SECRETS_FOLLOW | flag::LEADS) != 0 { flag::LINKED } else { 0 };
        linked | (flags & flag::PERSON)
    }

    /// `user:password@` of an authority (RFC 3986 section 3.2.1). The host stays.
    fn authority(&mut self, text: &str, start: usize, end: usize) {
        let authority = text.get(start..end).unwrap_or_default();
        let Some(user) = memchr::memrchr(b'@', authority.as_bytes()) else { return };
        // Fonts and packages on delivery networks: `//cdn/npm/pkg@1.2.3` has no `@` before the first slash, so this is a user.
        // `//div[@id='cart']` is a path through a page.
        let user_text = authority.get(..user).unwrap_or_default();
        let step = start == 2 && user_text.ends_with('[');
        if !is_mark(user_text) && !step {
            self.hits.mark(start, start + user, Kind::UrlUserinfo);
        }
    }

    /// `#access_token=...`, `#/route?x=1`, `#section-3`
    fn fragment(&mut self, fragment: &str, spot: Spot) {
        let (route, query) = split(fragment, b'?');
        if query.is_none() && memchr::memchr(b'=', route.as_bytes()).is_some() && !route.starts_with('/') {
            let start = usize::from(route.starts_with('!'));
            self.part(start, |own| own.parameters(route.get(start..).unwrap_or_default(), spot));
            return;
        }
        self.path(route, spot);
        if let Some(query) = query {
            self.part(route.len() + 1, |own| own.parameters(query, spot));
        }
    }

    /// Looks through the segments of a path, each with what the two before it announce.
    pub(super) fn path(&mut self, path: &str, spot: Spot) {
        if self.policy.has_templates() {
            self.policy.find_in_path(path, &mut self.hits);
        }
        let mut before: [&str; 2] = ["", ""];
        let mut start = 0;
        let mut segments = parts(path, b'/').peekable();
        while let Some(segment) = segments.next() {
            let after = segments.peek().copied().unwrap_or_default();
            self.part(start, |own| own.segment(segment, before, after, spot));
            start += segment.len() + 1;
            before = [before.last().copied().unwrap_or_default(), segment];
        }
    }

    /// One segment with its matrix parameters (`;jsessionid=...`).
    fn segment(&mut self, segment: &str, before: [&str; 2], after: &str, spot: Spot) {
        if segment.len() < 3 {
            return;
        }
        let whole = Features::of(segment);
        if is_plain(whole) && !whole.any(class::EQUALS | class::OTHER) && self.own.is_empty() {
            return;
        }
        let (name, matrix) = split(segment, b';');
        if let Some(matrix) = matrix {
            self.part(name.len() + 1, |own| own.parameters(matrix, spot));
        }
        if memchr::memchr(b'=', name.as_bytes()).is_some_and(|at| at > 0 && at + 1 < name.len())
            && is_parameter_name(name.as_bytes())
        {
            self.parameters(name, spot);
            return;
        }
        // The session of ASP.NET without cookies: `/(S(lit3py55t21z5v55vlm25s55))/`.
        if name.starts_with('(')
            && name.ends_with("))")
            && matches!(byte(name.as_bytes(), 1), b'S' | b'A' | b'F')
            && name.len() > 12
        {
            self.hits.mark_by(3, name.len() - 2, Kind::SessionId, By::Path);
            return;
        }
        let found = if name.len() == segment.len() { whole } else { Features::of(name) };
        if is_plain(found) && self.own.is_empty() {
            return;
        }
        let spot = spot.part(Key::SILENT, Place::Segment);
        let read =
            |own: &mut Self, text: &str, spot: Spot| own.segment_text(text, Features::of(text), before, after, spot);
        let decoded = found.any(class::PERCENT) && self.decoded(name, Codec::Text, spot.decoded(), read);
        if !decoded {
            self.segment_text(name, found, before, after, spot);
        }
    }

    /// True if a secret of this look may stand behind a word and the number of an account: `/account/reset/8421896/<uuid>`. Behind
    /// words that are told by a stem only, uuids are ids of things.
    fn leads_behind_account(&mut self, word: &str, opacity: Opacity) -> bool {
        let key = self.key_of(word);
        key.has(flag::SECRETS_FOLLOW) || opacity != Opacity::Uuid && key.has(flag::LEADS)
    }

    fn segment_text(&mut self, text: &str, found: Features, [second, first]: [&str; 2], after: &str, spot: Spot) {
        if text.is_empty() || is_mark(text) {
            return;
        }
        let opacity = opacity(text);
        if opacity == Opacity::Plain && found.digits < 3 {
            self.inside(text, found, spot);
            return;
        }
        // `how-to-reset-my-router` is the title of a page, and announces nothing.
        let title = |own: &str| own.bytes().filter(|own| matches!(own, b'-' | b'_')).count() > 3;
        let (first, second) = (if title(first) { "" } else { first }, if title(second) { "" } else { second });
        // `/%EC%B4%88%EB%8C%80/` is a word as well.
        let plain = |own: &str| {
            let mut room = String::new();
            let escaped = opacity != Opacity::Plain && own.contains('%');
            (escaped && crate::scrub::decode::decode(own, Codec::Text, &mut room)).then_some(room)
        };
        let (plain_first, plain_second) = (plain(first), plain(second));
        let (first, second) = (plain_first.as_deref().unwrap_or(first), plain_second.as_deref().unwrap_or(second));
        let key = self.key_of(first);
        let file = is_file(text);
        // What stands in a path behind `/phone/` or `/bsn/` is a number; names and places are not written there.
        if key.kind.is_some_and(|kind| is_number(kind) && !(is_long(kind) && text.len() < 7))
            && !file
            && announce::find(text, Spot { key, ..spot }, self.policy, &mut self.hits)
        {
            return;
        }
        // `/auth/user/<uuid>`
        let somebody = key.has(flag::PERSON) && opacity == Opacity::Uuid;
        let follows = opacity != Opacity::Plain
            && !file
            && (key.has(flag::SECRETS_FOLLOW | flag::LEADS)
                || is_left(after)
                || is_short_link(first, text, opacity)
                || matches!(key.kind, Some(Kind::Token | Kind::Password | Kind::SessionId | Kind::Otp | Kind::ApiKey))
                || (!first.bytes().any(|own| own.is_ascii_digit())
                    && !key.has(flag::DIGESTS)
                    && !somebody
                    && self.key_of(second).has(flag::SECRETS_FOLLOW))
                || is_number_of_account(first) && self.leads_behind_account(second, opacity));
        let strict = self.policy.is_strict()
            && matches!(opacity, Opacity::Uuid | Opacity::Hex | Opacity::Random | Opacity::Mixed);
        if strict
            || follows && announce::is_secret_segment(text, opacity, key)
            || opacity == Opacity::Random && announce::is_secret_anyway(text, spot)
        {
            self.hits.mark_by(0, text.len(), Kind::Token, By::Path);
            return;
        }
        self.inside(text, found, Spot { key: Key { kind: None, flags: key.flags & flag::PERSON, rule: 0 }, ..spot });
    }
}

/// `pricing`, `getting-started`, `v2`: nothing that a secret or an address could be made of. What holds for an address holds for
/// every part of it.
const fn is_plain(found: Features) -> bool {
    const SIGNS: u32 = class::AT
        | class::PERCENT
        | class::AMPERSAND
        | class::BACKSLASH
        | class::PLUS
        | class::SEMICOLON
        | class::UPPER
        | class::WIDE;
    !found.any(SIGNS) && found.digits < 3 && found.longest < 20
}

/// `/preferences/0y1l0I.../unsubscribe`: who leaves a list is told by what stands before.
fn is_left(after: &str) -> bool {
    ["unsub", "opt-out", "optout", "reset-pass", "reset_pass"].iter().any(|own| after.starts_with(own))
}

/// `/l/3SFHSXYQ7P01C97QFF7FHWKCKD`: what mails and messages point to, when what follows is as long as a secret. Uuids and digests
/// behind a letter are ids of things.
fn is_short_link(first: &str, text: &str, opacity: Opacity) -> bool {
    matches!(first, "l" | "m" | "r") && text.len() >= 20 && opacity == Opacity::Mixed
}

/// `4711`, and `NDcxMQ` in base64: whose password is reset, between `/reset/` and the token.
fn is_number_of_account(text: &str) -> bool {
    let digits = |own: &[u8]| own.iter().all(u8::is_ascii_digit);
    !text.is_empty()
        && text.len() <= 16
        && (digits(text.as_bytes())
            || crate::scrub::base64::decode(text.as_bytes()).is_some_and(|own| !own.is_empty() && digits(&own)))
}

/// `chunk-e1971dea.js`: what a bundler or a server calls a file.
fn is_file(text: &str) -> bool {
    const ENDINGS: [&str; 20] = [
        "js", "mjs", "css", "map", "html", "htm", "php", "aspx", "jsp", "png", "jpg", "jpeg", "gif", "svg", "webp",
        "ico", "woff2", "json", "pdf", "xml",
    ];
    text.rsplit_once('.').is_some_and(|(name, ending)| !name.is_empty() && ENDINGS.contains(&ending))
}

/// Kinds whose numbers have seven characters at the least: `/wizyty/nowa/581317` and `/paspoort/283499` are something else.
const fn is_long(kind: Kind) -> bool {
    matches!(kind, Kind::Phone | Kind::Passport)
}

/// Kinds that are numbers.
const fn is_number(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Name
            | Kind::Username
            | Kind::Address
            | Kind::Password
            | Kind::Token
            | Kind::Jwt
            | Kind::ApiKey
            | Kind::SessionId
            | Kind::Email
            | Kind::Geo
            | Kind::ClickId
    )
}

/// The parts of a text between these bytes, which are ASCII. They are short: looking at each byte is quicker than a search.
pub(super) fn parts(text: &str, at: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let whole = rest?;
        let (part, more) = match whole.bytes().position(|own| own == at) {
            Some(place) => (whole.get(..place).unwrap_or_default(), whole.get(place + 1..)),
            None => (whole, None),
        };
        rest = more;
        Some(part)
    })
}

/// The text before and after the first of these bytes.
pub(super) fn split(text: &str, at: u8) -> (&str, Option<&str>) {
    match memchr::memchr(at, text.as_bytes()) {
        Some(place) => (text.get(..place).unwrap_or_default(), text.get(place + 1..)),
        None => (text, None),
    }
}
