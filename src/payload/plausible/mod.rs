//! One Plausible event: where its parts stand, and which of several spellings the vendor reads.
//!
//! Every part has aliases with a precedence, and the vendor takes the first alias that is *truthy*: `null` and `false`
//! fall through, `""`, `0` and `{}` do not (plausible/analytics `lib/plausible/ingestion/request.ex`, Elixir's `||`).
//! Of duplicate keys its decoder (Jason 1.4) takes the first. [`Slots`] follows both rules to find the effective part;
//! whoever must be sure looks at every occurrence: [`Slots::domains`] lists all that could count, and
//! [`props`] leaves one props container only.

mod domains;
pub mod props;
mod refused;

use std::borrow::Cow;

pub use refused::Refused;

use super::document::{Nested, Node};
use super::scan::{Limits, Shape};

/// What the vendor does with an event beyond storing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `engagement`: scroll depth and time of a page that was left.
    Engagement,
    /// `404`, `WP Form Completions` and `Form: Submission`, which get a prop `path` unless the client sent one
    /// (plausible/analytics `lib/plausible/goals/system_goals.ex`).
    Path,
    /// Everything else.
    Other,
}

/// The props container that the vendor reads.
#[derive(Debug)]
pub enum Props<'a> {
    /// An object.
    Object(Node<'a>),
    /// A string that holds the JSON text of an object.
    Json(Box<Nested>),
    /// Truthy, but neither: the vendor stores no props and looks at no other alias.
    Unreadable,
    /// No truthy alias.
    Absent,
}

impl Props<'_> {
    /// The object with the props, in the event itself or in the text of its string.
    #[must_use]
    pub fn object(&self) -> Option<Node<'_>> {
        match self {
            Self::Object(object) => Some(*object),
            Self::Json(nested) => Some(nested.document().root()),
            Self::Unreadable | Self::Absent => None,
        }
    }
}

/// Where the parts of one event stand.
#[derive(Debug)]
pub struct Slots<'a> {
    root: Node<'a>,
    /// The token of the key of the first occurrence of every alias, by its number.
    first: [u32; ALIASES],
    /// Some alias occurs more than once.
    repeated: bool,
    /// How many members are props containers by their key.
    containers: usize,
    container: Option<(Node<'a>, Node<'a>)>,
    props: Props<'a>,
}

/// A part of an event: the numbers of its aliases, in the order of precedence.
#[derive(Debug, Clone, Copy)]
struct Part(&'static [usize]);

const NAME: Part = Part(&[0, 1]);
const URL: Part = Part(&[2, 3]);
const REFERRER: Part = Part(&[4, 5]);
const DOMAIN: Part = Part(&[6, 7]);
const PROPS: Part = Part(&[8, 9, 10, 11]);
const REVENUE: Part = Part(&[12, 13]);

/// How many aliases there are.
const ALIASES: usize = 14;

/// The number of the alias that a key is.
fn alias(key: Node<'_>) -> Option<usize> {
    const fn word(mut name: &[u8]) -> u64 {
        let mut word = 0;
        while let Some((last, before)) = name.split_last() {
            word = word << 8 | *last as u64;
            name = before;
        }
        word
    }
    const WORDS: [u64; ALIASES] = [
        word(b"n"),
        word(b"name"),
        word(b"u"),
        word(b"url"),
        word(b"r"),
        word(b"referrer"),
        word(b"d"),
        word(b"domain"),
        word(b"m"),
        word(b"meta"),
        word(b"p"),
        word(b"props"),
        word(b"revenue"),
        word(b"$"),
    ];
    // One comparison of words instead of many of strings: every key of every event comes through here.
    let word = key.word()?;
    WORDS.iter().position(|alias| *alias == word)
}

impl<'a> Slots<'a> {
    /// Finds the parts of an event.
    ///
    /// # Errors
    /// [`Refused::NotAnObject`].
    pub fn read(root: Node<'a>) -> Result<Self, Refused> {
        if root.shape() != Shape::Object {
            return Err(Refused::NotAnObject);
        }
        // No key stands at the root's own index.
        let mut first = [root.index(); ALIASES];
        let mut containers = 0_usize;
        let mut repeated = false;
        for (key, _) in root.members() {
            let Some(alias) = alias(key) else { continue };
            containers = containers.saturating_add(usize::from(PROPS.0.contains(&alias)));
            match first.get_mut(alias) {
                Some(slot) if *slot == root.index() => *slot = key.index(),
                _ => repeated = true,
            }
        }
        let mut slots = Self { root, first, repeated, containers, container: None, props: Props::Absent };
        if containers > 0
            && let Some((key, value)) = slots.effective(PROPS)
        {
            slots.container = Some((key, value));
            slots.props = look_into(value);
        }
        Ok(slots)
    }

    /// The event, an object.
    #[must_use]
    pub const fn root(&self) -> Node<'a> {
        self.root
    }

    /// The event's name: text or an integer if the vendor accepts it.
    #[must_use]
    pub fn name(&self) -> Option<Node<'a>> {
        self.effective(NAME).map(|(_, value)| value)
    }

    /// The page URL.
    #[must_use]
    pub fn url(&self) -> Option<Node<'a>> {
        self.effective(URL).map(|(_, value)| value)
    }

    /// The referrer.
    #[must_use]
    pub fn referrer(&self) -> Option<Node<'a>> {
        self.effective(REFERRER).map(|(_, value)| value)
    }

    /// Revenue: an object or JSON text.
    #[must_use]
    pub fn revenue(&self) -> Option<Node<'a>> {
        self.effective(REVENUE).map(|(_, value)| value)
    }

    /// Key and value of the props container that the vendor reads.
    #[must_use]
    pub const fn container(&self) -> Option<(Node<'a>, Node<'a>)> {
        self.container
    }

    /// That container, looked into.
    #[must_use]
    pub const fn props(&self) -> &Props<'a> {
        &self.props
    }

    /// The event's name as the vendor stores it: text, or the digits of an integer.
    #[must_use]
    pub fn name_text(&self) -> Option<Cow<'a, str>> {
        let name = self.name()?;
        match name.shape() {
            Shape::Text => name.text(),
            Shape::Number => Some(Cow::Borrowed(name.raw())),
            _ => None,
        }
    }

    /// What kind of event it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.name_text().as_deref() {
            Some("engagement") => Kind::Engagement,
            Some("404" | "WP Form Completions" | "Form: Submission") => Kind::Path,
            _ => Kind::Other,
        }
    }

    /// Every domain that the vendor could count this event for, without spaces and leading `www.`: the event may leave
    /// only if all of them are allowed.
    ///
    /// # Errors
    /// [`Refused::NoDomain`] if it names none and its URL has no host.
    pub fn domains(&self) -> Result<Vec<String>, Refused> {
        domains::of(self)
    }

    /// Every props container that is not the effective one, with its key.
    fn other_containers(&self) -> impl Iterator<Item = (Node<'a>, Node<'a>)> + use<'a> {
        let effective = self.container.map(|(key, _)| key.index());
        let others = self.containers > usize::from(effective.is_some());
        let members = others.then(|| self.root.members()).into_iter().flatten();
        members.filter(move |(key, _)| {
            Some(key.index()) != effective && alias(*key).is_some_and(|alias| PROPS.0.contains(&alias))
        })
    }

    /// Every value under an alias.
    fn occurrences(&self, number: usize) -> impl Iterator<Item = Node<'a>> + use<'a> {
        let members = self.repeated.then(|| self.root.members()).into_iter().flatten();
        let all = members.filter(move |(key, _)| alias(*key) == Some(number));
        let only = if self.repeated { None } else { self.member(number) };
        only.into_iter().chain(all).map(|(_, value)| value)
    }

    /// The first truthy one of the aliases of a part, by its first occurrence.
    fn effective(&self, part: Part) -> Option<(Node<'a>, Node<'a>)> {
        part.0.iter().filter_map(|alias| self.member(*alias)).find(|(_, value)| value.is_truthy())
    }

    fn member(&self, alias: usize) -> Option<(Node<'a>, Node<'a>)> {
        let key = self.first.get(alias).copied().filter(|key| *key != self.root.index())?;
        Some((self.root.document().node(key), self.root.document().node(key.wrapping_add(1))))
    }
}

fn look_into(value: Node<'_>) -> Props<'_> {
    match value.shape() {
        Shape::Object => Props::Object(value),
        Shape::Text => match value.nested(&Limits::default()) {
            Some(Ok(nested)) if nested.document().root().shape() == Shape::Object => Props::Json(Box::new(nested)),
            _ => Props::Unreadable,
        },
        _ => Props::Unreadable,
    }
}
