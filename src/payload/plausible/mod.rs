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
    /// An event that gets a prop `path` unless the client sent one (plausible/analytics
    /// `lib/plausible/goals/system_goals.ex`).
    Path,
    /// Everything else.
    Other,
}

/// The names of the events of [`Kind::Path`].
pub const PATH_EVENTS: [&str; 3] = ["404", "WP Form Completions", "Form: Submission"];

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
    /// The event, an object.
    pub root: Node<'a>,
    /// Its name: text or a number.
    pub name: Option<Node<'a>>,
    /// The page URL.
    pub url: Option<Node<'a>>,
    /// The referrer.
    pub referrer: Option<Node<'a>>,
    /// Revenue: an object or JSON text.
    pub revenue: Option<Node<'a>>,
    /// Key and value of the props container that the vendor reads.
    pub container: Option<(Node<'a>, Node<'a>)>,
    /// That container, looked into.
    pub props: Props<'a>,
    /// What kind of event it is.
    pub kind: Kind,
}

/// The parts and their aliases, in the order of precedence (revenue: the long name first).
const ALIASES: [(Part, &str); 12] = [
    (Part::Name, "n"),
    (Part::Name, "name"),
    (Part::Url, "u"),
    (Part::Url, "url"),
    (Part::Referrer, "r"),
    (Part::Referrer, "referrer"),
    (Part::Props, "m"),
    (Part::Props, "meta"),
    (Part::Props, "p"),
    (Part::Props, "props"),
    (Part::Revenue, "revenue"),
    (Part::Revenue, "$"),
];

/// The longest alias.
const LONGEST: usize = 8;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Name,
    Url,
    Referrer,
    Props,
    Revenue,
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
        // The first occurrence of every alias.
        let mut first: [Option<(Node<'a>, Node<'a>)>; ALIASES.len()] = [None; ALIASES.len()];
        for (key, value) in root.members() {
            if let Some(slot) = alias(key).and_then(|alias| first.get_mut(alias)) {
                slot.get_or_insert((key, value));
            }
        }
        let effective = |part: Part| {
            let same = ALIASES.iter().zip(&first).filter(|((own, _), _)| *own == part);
            same.filter_map(|(_, found)| *found).find(|(_, value)| value.is_truthy())
        };
        let container = effective(Part::Props);
        let name = effective(Part::Name).map(|(_, value)| value);
        Ok(Self {
            root,
            name,
            url: effective(Part::Url).map(|(_, value)| value),
            referrer: effective(Part::Referrer).map(|(_, value)| value),
            revenue: effective(Part::Revenue).map(|(_, value)| value),
            container,
            props: container.map_or(Props::Absent, |(_, value)| look_into(value)),
            kind: name.map_or(Kind::Other, kind),
        })
    }

    /// The event's name as the vendor stores it: text, or the digits of an integer.
    #[must_use]
    pub fn name_text(&self) -> Option<Cow<'a, str>> {
        let name = self.name?;
        match name.shape() {
            Shape::Text => name.text(),
            Shape::Number => Some(Cow::Borrowed(name.raw())),
            _ => None,
        }
    }

    /// Every domain that the vendor could count this event for, without spaces and leading `www.`: the event may leave
    /// only if all of them are allowed.
    ///
    /// # Errors
    /// [`Refused::NoDomain`] if it names none and its URL has no host.
    pub fn domains(&self) -> Result<Vec<String>, Refused> {
        domains::of(self.root)
    }

    /// Every props container, effective or not, with its key.
    pub(super) fn containers(&self) -> impl Iterator<Item = (Node<'a>, Node<'a>)> + use<'a> {
        let is_container =
            |key| alias(key).and_then(|at| ALIASES.get(at)).is_some_and(|(part, _)| *part == Part::Props);
        self.root.members().filter(move |(key, _)| is_container(*key))
    }
}

/// Which alias a key is.
fn alias(key: Node<'_>) -> Option<usize> {
    if !key.token().escaped && key.span().len() > LONGEST {
        return None;
    }
    let text = key.text()?;
    ALIASES.iter().position(|(_, alias)| *alias == text)
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

fn kind(name: Node<'_>) -> Kind {
    match name.shape() {
        Shape::Text if name.is("engagement") => Kind::Engagement,
        Shape::Text if PATH_EVENTS.iter().any(|path| name.is(path)) => Kind::Path,
        Shape::Number if PATH_EVENTS.contains(&name.raw()) => Kind::Path,
        _ => Kind::Other,
    }
}
