//! Our properties in an event, and the vendor's budget for properties.
//!
//! The vendor reads one container and stores 30 properties of it; more vanish without an error, and with them perhaps
//! ours. [`identify`] makes one container the only one, sets ours in it wherever they stand (a client cannot claim
//! them, nor hide them behind a duplicate) and drops properties of the page by rule when there are too many.
//! [`anonymise`] takes ours out. Both edit an object in place, also one that was sent as JSON text in a string.

use std::borrow::Cow;
use std::collections::HashMap;

use super::{Kind, Props, Slots};
use crate::payload::document::Node;
use crate::payload::edit::{Edits, Fill, Priority, push_quoted};
use crate::payload::scan::Shape;

/// How many properties the vendor stores (plausible/analytics `lib/plausible/ingestion/request.ex`, `@max_props`).
pub const MOST: usize = 30;
/// The longest key in bytes; a longer one makes the vendor refuse the whole event (`lib/plausible/props.ex`).
pub const LONGEST_KEY: usize = 300;
/// The longest value in bytes, likewise.
pub const LONGEST_VALUE: usize = 2000;

/// Names of properties that carry an account id in other people's sites, lower-case and without separators.
const USER_ID_NAMES: [&str; 14] = [
    "userid",
    "uid",
    "useruid",
    "useruuid",
    "userguid",
    "userkey",
    "userpk",
    "accountid",
    "customerid",
    "memberid",
    "personid",
    "profileid",
    "distinctid",
    "loginid",
];

/// The properties that are ours to set, and those of the page to keep first.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// The property that carries the pseudonym.
    pub property: String,
    /// The properties that carry traits.
    pub traits: Vec<String>,
    /// Properties of the page, most important first.
    pub keep: Vec<String>,
}

/// Sets the pseudonym and the traits (name, value) in an event, and returns how many properties of the page had to go.
///
/// A configured trait without a value here is removed, so that the client cannot claim it. A value that is blank or
/// longer than the vendor takes counts as no value.
pub fn identify(
    slots: &Slots<'_>,
    names: &Names,
    pseudonym: &str,
    traits: &[(&str, &str)],
    edits: &mut Edits,
) -> usize {
    let own = Own { property: (&names.property, pseudonym), traits };
    collapse(slots, edits);
    let Some(object) = slots.props().object() else {
        match slots.container() {
            Some((_, value)) => {
                let props = own.fragment("{", "}", |_| true);
                edits.replace(value, Fill::Raw(Cow::Owned(props)), Priority::Identity);
            }
            None => edits.insert_member(slots.root(), own.fragment("\"p\":{", "}", |_| true)),
        }
        return 0;
    };
    repair(slots.props(), edits);
    let mut present = 0_u32;
    let mut members = 0_usize;
    for (key, value) in object.members() {
        if let Some((at, text)) = own.value_for(key) {
            present |= 1 << at;
            edits.keep_member(object, key, Priority::Identity);
            edits.replace(value, Fill::Quoted(Cow::Owned(text.to_owned())), Priority::Identity);
        } else if names.are_ours(key) {
            edits.remove_member(object, key, Priority::Identity);
        } else {
            members = members.saturating_add(1);
        }
    }
    let missing = own.fragment("", "", |at| present & (1 << at) == 0);
    if !missing.is_empty() {
        edits.insert_member(object, missing);
    }
    // Only when it could matter are the properties counted as the vendor counts them: ours, and perhaps `path`.
    if members.saturating_add(traits.len()).saturating_add(2) <= MOST {
        return 0;
    }
    drop_surplus(object, slots.kind(), names, &own, edits)
}

/// Takes our properties, and every one named like an account id, out of an event.
pub fn anonymise(slots: &Slots<'_>, names: &Names, edits: &mut Edits) {
    collapse(slots, edits);
    let Some(object) = slots.props().object() else {
        // Nothing the vendor can read: it carries no property, so it need not leave.
        if let Some((key, _)) = slots.container() {
            edits.remove_member(slots.root(), key, Priority::Identity);
        }
        return;
    };
    repair(slots.props(), edits);
    for (key, _) in object.members() {
        if names.are_ours(key) || key.text().is_some_and(|name| is_user_id_name(&name)) {
            edits.remove_member(object, key, Priority::Identity);
        }
    }
}

/// True for a name like `userId`, `user_id`, `USER-ID`, `uid`, `$user_id`.
#[must_use]
pub fn is_user_id_name(name: &str) -> bool {
    // The longest name with a separator after each letter.
    if name.len() > 24 {
        return false;
    }
    let letters =
        || name.chars().filter(|c| !matches!(c, '_' | '-' | '.' | ' ' | '$' | ':')).map(|c| c.to_ascii_lowercase());
    USER_ID_NAMES.iter().any(|own| letters().eq(own.chars()))
}

// ---------------------------------------------------------------------------------------------------------------------

/// Removes every container but the effective one: none can hide ours, none can smuggle a forged one.
fn collapse(slots: &Slots<'_>, edits: &mut Edits) {
    for (key, _) in slots.other_containers() {
        edits.remove_member(slots.root(), key, Priority::Identity);
    }
}

/// Lone surrogates in the text of a JSON string: as it stands the vendor would read no props at all.
fn repair(props: &Props<'_>, edits: &mut Edits) {
    if let Props::Json(nested) = props {
        for span in nested.document().lone_surrogates() {
            edits.add_as(nested.raw(*span), Fill::Raw(Cow::Borrowed("\\ufffd")), 1, Priority::Repair);
        }
    }
}

impl Names {
    /// True for the names that only we may set.
    fn are_ours(&self, key: Node<'_>) -> bool {
        key.is(&self.property) || self.traits.iter().any(|own| key.is(own))
    }
}

/// What we set in one event.
struct Own<'o> {
    property: (&'o str, &'o str),
    traits: &'o [(&'o str, &'o str)],
}

impl<'o> Own<'o> {
    /// Name and value of each, without those that the vendor would filter out or refuse; the index is that of all.
    fn pairs(&self) -> impl Iterator<Item = (usize, (&'o str, &'o str))> {
        let all = std::iter::once(self.property).chain(self.traits.iter().copied()).take(MOST).enumerate();
        all.filter(|(_, pair)| fits(*pair))
    }

    /// Index and value of the one that this key names.
    #[inline]
    fn value_for(&self, key: Node<'_>) -> Option<(usize, &'o str)> {
        if !key.is(self.property.0) && !self.traits.iter().any(|(own, _)| key.is(own)) {
            return None;
        }
        self.pairs().find(|(_, (own, _))| key.is(own)).map(|(at, (_, value))| (at, value))
    }

    /// Those with a wanted index as members with commas, between two pieces; empty if there is nothing at all.
    fn fragment(&self, before: &str, after: &str, wanted: impl Fn(usize) -> bool) -> String {
        let mut out = String::with_capacity(64);
        out.push_str(before);
        for (_, (name, value)) in self.pairs().filter(|(at, _)| wanted(*at)) {
            if out.len() > before.len() {
                out.push(',');
            }
            push_quoted(name, &mut out);
            out.push(':');
            push_quoted(value, &mut out);
        }
        out.push_str(after);
        out
    }
}

/// True for what the vendor stores: not blank, not too long.
fn fits((name, value): (&str, &str)) -> bool {
    let blank = |text: &str| text.chars().all(char::is_whitespace);
    !blank(name) && !blank(value) && name.len() <= LONGEST_KEY && value.len() <= LONGEST_VALUE
}

/// A property of the page that the vendor would count.
struct Counted {
    order: usize,
    /// So long that the vendor would refuse the event, unless it fell out of the first 30.
    oversized: bool,
    /// Every occurrence has a value; with duplicates, which of them counts is not ours to know.
    always: bool,
}

/// Drops properties of the page until the vendor's budget holds ours as well, and returns how many.
///
/// Those that the vendor would refuse go first, then the last of the document; the names to keep come before all others.
fn drop_surplus(object: Node<'_>, kind: Kind, names: &Names, own: &Own<'_>, edits: &mut Edits) -> usize {
    let mut counted: HashMap<Cow<'_, str>, Counted> = HashMap::new();
    let mut valueless: Vec<Cow<'_, str>> = Vec::new();
    for (order, (key, value)) in object.members().enumerate() {
        if names.are_ours(key) || own.value_for(key).is_some() {
            continue;
        }
        let Some(name) = key.text() else { continue };
        let Some(length) = stored_length(value).filter(|_| !name.trim().is_empty()) else {
            valueless.push(name);
            continue;
        };
        let oversized = name.len() > LONGEST_KEY || length > LONGEST_VALUE;
        let entry = counted.entry(name).or_insert(Counted { order, oversized: false, always: true });
        entry.oversized |= oversized;
    }
    for name in valueless {
        if let Some(entry) = counted.get_mut(&name) {
            entry.always = false;
        }
    }
    let kept_path = counted.get("path").is_some_and(|path| path.always && !path.oversized);
    let sends_path = kept_path || own.pairs().any(|(_, (name, _))| name == "path");
    let reserved = own.pairs().count().saturating_add(usize::from(kind == Kind::Path && !sends_path));
    let room = MOST.saturating_sub(reserved);
    let surplus = counted.len().saturating_sub(room);
    if surplus == 0 {
        return 0;
    }
    let preference = |name: &str| {
        let kept = names.keep.iter().position(|keep| keep == name);
        // The vendor would add `path` again.
        if kind == Kind::Path && name == "path" { 0 } else { kept.map_or(usize::MAX, |at| at.saturating_add(1)) }
    };
    let mut ranked: Vec<(bool, usize, usize, Cow<'_, str>)> = counted
        .into_iter()
        .map(|(name, counted)| (counted.oversized, preference(&name), counted.order, name))
        .collect();
    ranked.sort_unstable();
    let dropped: std::collections::HashSet<Cow<'_, str>> =
        ranked.into_iter().skip(room).map(|(_, _, _, name)| name).collect();
    for (key, _) in object.members() {
        if key.text().is_some_and(|name| dropped.contains(&name)) {
            edits.remove_member(object, key, Priority::Identity);
        }
    }
    surplus
}

/// The length of a value as the vendor stores it, or nothing for one that it filters out: `null`, containers and
/// text without anything but white space.
fn stored_length(value: Node<'_>) -> Option<usize> {
    match value.shape() {
        Shape::Text => value.text().filter(|text| !text.trim().is_empty()).map(|text| text.len()),
        Shape::Number | Shape::True | Shape::False => Some(value.span().len()),
        Shape::Null | Shape::Object | Shape::Array | Shape::Key => None,
    }
}
