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
    /// How many members are props containers by their key.
    containers: usize,
}

/// The aliases in the order of precedence, part by part (revenue: the long name first).
const NAME: [usize; 2] = [0, 1];
const URL: [usize; 2] = [2, 3];
const REFERRER: [usize; 2] = [4, 5];
const PROPS: [usize; 4] = [6, 7, 8, 9];
const REVENUE: [usize; 2] = [10, 11];

/// Which alias a key is.
fn alias(key: Node<'_>) -> Option<usize> {
    // Patterns of bytes, which compile to a switch over length and letters: every key of every event comes through here.
    Some(match key.text()?.as_bytes() {
        [b'n'] => 0,
        [b'n', b'a', b'm', b'e'] => 1,
        [b'u'] => 2,
        [b'u', b'r', b'l'] => 3,
        [b'r'] => 4,
        [b'r', b'e', b'f', b'e', b'r', b'r', b'e', b'r'] => 5,
        [b'm'] => 6,
        [b'm', b'e', b't', b'a'] => 7,
        [b'p'] => 8,
        [b'p', b'r', b'o', b'p', b's'] => 9,
        [b'r', b'e', b'v', b'e', b'n', b'u', b'e'] => 10,
        [b'$'] => 11,
        _ => return None,
    })
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
        // The key of the first occurrence of every alias; no key stands at the root's index.
        let mut first = [root.index(); 12];
        let mut containers = 0_usize;
        for (key, _) in root.members() {
            let Some(alias) = alias(key) else { continue };
            containers = containers.saturating_add(usize::from(PROPS.contains(&alias)));
            if let Some(slot) = first.get_mut(alias).filter(|slot| **slot == root.index()) {
                *slot = key.index();
            }
        }
        let effective = |part: &[usize]| {
            let keys = part.iter().filter_map(|alias| first.get(*alias)).filter(|key| **key != root.index());
            keys.map(|key| (root.document().node(*key), root.document().node(key.wrapping_add(1))))
                .find(|(_, value)| value.is_truthy())
        };
        let container = effective(&PROPS);
        let name = effective(&NAME).map(|(_, value)| value);
        Ok(Self {
            root,
            name,
            url: effective(&URL).map(|(_, value)| value),
            referrer: effective(&REFERRER).map(|(_, value)| value),
            revenue: effective(&REVENUE).map(|(_, value)| value),
            container,
            props: container.map_or(Props::Absent, |(_, value)| look_into(value)),
            kind: name.map_or(Kind::Other, kind),
            containers,
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

    /// Every props container that is not the effective one, with its key.
    pub(super) fn other_containers(&self) -> impl Iterator<Item = (Node<'a>, Node<'a>)> + use<'a> {
        let effective = self.container.map(|(key, _)| key.index());
        let others = self.containers > usize::from(effective.is_some());
        let members = others.then(|| self.root.members()).into_iter().flatten();
        members.filter(move |(key, _)| {
            Some(key.index()) != effective && alias(*key).is_some_and(|alias| PROPS.contains(&alias))
        })
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

fn kind(name: Node<'_>) -> Kind {
    let text = match name.shape() {
        Shape::Text => name.text().unwrap_or_default(),
        Shape::Number => Cow::Borrowed(name.raw()),
        _ => return Kind::Other,
    };
    match &*text {
        "engagement" if name.shape() == Shape::Text => Kind::Engagement,
        "404" | "WP Form Completions" | "Form: Submission" => Kind::Path,
        _ => Kind::Other,
    }
}
