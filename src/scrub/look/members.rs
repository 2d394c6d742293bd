//! The members of an object: what their keys mean beside one another and below the key of the object.

use super::{Look, Spot, guess};
use crate::payload::scan::{Shape, Token};
use crate::scrub::keys::{self, Key, flag};
use crate::scrub::kind::{Kind, is_mark};

/// An object on its tape.
#[derive(Clone, Copy)]
pub(super) struct Members<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a [Token],
    /// Its token, and where that stands.
    pub(super) object: Token,
    pub(super) index: u32,
}

impl<'a> Members<'a> {
    /// The raw keys with the tokens of their values.
    fn pairs(self) -> impl Iterator<Item = (&'a str, &'a Token)> {
        let mut at = self.index + 1;
        std::iter::from_fn(move || {
            let [name, value] = self.tokens.get(at as usize..).filter(|_| at < self.object.next)?.first_chunk()?;
            at = value.next;
            Some((self.text.get(name.span.range()).unwrap_or_default(), value))
        })
    }
}

/// What an object says as a whole, as far as somebody asked: it may have a hundred thousand members.
#[derive(Default)]
pub(super) struct Whole {
    /// A key is part of a person's name beyond doubt.
    full_name: Option<bool>,
    /// A person is described.
    person: Option<bool>,
    /// What a name or label announces for the value beside it, and where the name stands.
    beside: Option<Option<(Key, u32)>>,
}

impl Look<'_> {
    /// What a member's key means in its object.
    pub(super) fn meant(
        &mut self,
        members: Members<'_>,
        whole: &mut Whole,
        own: Key,
        value: &Token,
        spot: Spot,
    ) -> Key {
        // `{"nome": .., "cognome": ..}`
        let full = own.kind == Some(Kind::Name)
            && own.has(flag::WEAK)
            && *whole.full_name.get_or_insert_with(|| self.object_holds_full_name(members));
        let own = if full { own.without(flag::WEAK) } else { own };
        let key = inherit(spot.key, own, spot.round > 0).in_address(spot.key.flags);
        let open = key.has(flag::UNKNOWN) && key.kind.is_none() && may_be_guessed(members.text, value)
            || key.kind == Some(Kind::Name) && key.has(flag::WEAK);
        let near = open
            && *whole.person.get_or_insert_with(|| spot.key.has(flag::PERSON) || self.object_describes_person(members));
        let key = if near { key.with(flag::GUESSED) } else { key };
        if !own.has(flag::FILLER) || key.kind.is_some() {
            return key;
        }
        match *whole.beside.get_or_insert_with(|| self.named_beside(members)) {
            // What names another value is no value itself, and no id is a name.
            Some((announced, place))
                if place != value.span.start && !(own.has(flag::IDENT) && is_no_number(announced)) =>
            {
                announced
            }
            _ => key,
        }
    }

    /// True if a member's key is part of a person's name beyond doubt.
    fn object_holds_full_name(&mut self, members: Members<'_>) -> bool {
        members.pairs().take(64).any(|(name, _)| {
            let key = self.key_of(name);
            key.kind == Some(Kind::Name) && !key.has(flag::WEAK)
        })
    }

    /// True if a member's key announces data of a person.
    fn object_describes_person(&mut self, members: Members<'_>) -> bool {
        members.pairs().take(64).any(|(name, _)| guess::is_personal(self.key_of(name)))
    }

    /// `{"name": "email", "value": ...}`: the key of a value that stands beside it, as forms and elements of pages are
    /// written down.
    fn named_beside(&mut self, members: Members<'_>) -> Option<(Key, u32)> {
        let mut found = None;
        for (key, value) in members.pairs() {
            if names_another(key) && value.shape == Shape::Text && !value.escaped && value.span.len() <= 48 {
                let word = members.text.get(value.span.range()).unwrap_or_default();
                // Attributes are what a programmer wrote; labels may be anything.
                let own = if key.starts_with("attr__") { self.memo.key(word) } else { named(word) };
                if own.kind.is_some() {
                    // `{"type": "password", "text": "Forgot it?"}`: a type says little.
                    let own = if key == "type" { own.with(flag::WEAK) } else { own };
                    found = Some((own, value.span.start));
                }
            }
        }
        found
    }
}

/// True for the key of a value that says what another value is.
fn names_another(key: &str) -> bool {
    matches!(
        key,
        "name"
            | "key"
            | "field"
            | "attr__name"
            | "attr__id"
            | "attr__autocomplete"
            | "attr__placeholder"
            | "attr__type"
            | "label"
            | "property"
            | "question"
            | "type"
            | "system"
            | "prop"
            | "fieldName"
            | "fieldId"
            | "field_id"
            | "fieldLabel"
            | "field_label"
            | "input_name"
            | "inputName"
            | "question_text"
            | "field_name"
            | "attribute"
    )
}

/// True if the look of a value could tell that it is personal.
fn may_be_guessed(text: &str, value: &Token) -> bool {
    value.shape == Shape::Text
        && (value.escaped || text.get(value.span.range()).is_some_and(|raw| guess::guess(raw).is_some()))
}

/// What a label or question announces: the last words of a phrase, or a word like a key. A mark announces nothing.
fn named(text: &str) -> Key {
    match text.trim_end_matches(['?', ':', '*', ' ']) {
        _ if is_mark(text) => Key::SILENT,
        phrase if phrase.contains(' ') => keys::read_label(phrase).unwrap_or(Key::SILENT),
        word => keys::read(word),
    }
}

/// True where no number is announced: `{"type": "session", "id": ..}` is an id.
const fn is_no_number(key: Key) -> bool {
    is_called(key)
        || matches!(key.kind, Some(Kind::Password | Kind::Token | Kind::SessionId | Kind::ApiKey | Kind::Jwt))
}

/// True where a person is called by what stands there.
const fn is_called(key: Key) -> bool {
    matches!(key.kind, Some(Kind::Name | Kind::Username | Kind::Address))
}

/// What a member's key means below the key of its object. `packed`: the object was encoded as the value of that key, so
/// that a short name of a member (`{"v": ...}`) says nothing against it.
fn inherit(outer: Key, own: Key, packed: bool) -> Key {
    // The rule for an object holds for what is in it.
    let rule = if own.rule == 0 { outer.rule } else { own.rule };
    match (outer.kind, own.kind) {
        // `{"phone": {"number": ..}}`; a name's parts are named by themselves.
        (Some(_), None) if own.has(flag::IDENT) && is_called(outer) => {
            Key { kind: outer.kind, flags: own.flags | flag::WEAK, rule }
        }
        // `{"name": {"family": .., "given": ..}}`
        (Some(Kind::Name), None) if own.has(flag::PERSON) => Key { kind: outer.kind, flags: flag::PERSON, rule },
        (Some(kind), None) if own.has(flag::FILLER) => {
            Key { kind: Some(kind), flags: own.flags | outer.flags & flag::WEAK, rule }
        }
        (Some(kind), None) if packed && own.flags & !(flag::UNKNOWN | flag::SHORT_VERSIONS) == 0 => {
            Key { kind: Some(kind), flags: outer.flags & flag::WEAK, rule }
        }
        // `{"address": {"line1": .., "number": ..}}`
        (None, Some(Kind::Name)) if outer.has(flag::PERSON) => {
            Key { kind: own.kind, flags: own.flags & !flag::WEAK, rule }
        }
        _ => Key { rule, ..own },
    }
}
