//! Who did what in a request of the application's own server: each event names its account, or somebody whose account is
//! looked up, and each account is asked for its consent. Bounded: a batch is about at most [`MOST`] people, who are asked
//! about within [`LOOKUPS`] look-ups' time in all; the events of further ones get no identity.
//!
//! An id whose account is not found, or cannot be looked up, stands for itself: it is hashed as it was sent.

use std::collections::HashMap;

use http::HeaderMap;
use tokio::time::Instant;

use super::super::{Context, Record};
use crate::accounts::Found;
use crate::config::upstream::ConstantRule;
use crate::consent::{self, Asked};
use crate::cookies::Cookies;
use crate::identity::attribution::{Attributed, Known};
use crate::origin::Standing;
use crate::payload::batch::Batch;
use crate::payload::posthog::{flags, shape};
use crate::person::{AppUserId, Person, Value};

/// The most people of one batch.
const MOST: usize = 1000;
/// How many times the deadline of one look-up all of a batch's people may take: stores that answer need a fraction of it
/// each, and one that does not must not hold the request a thousand times.
const LOOKUPS: u32 = 20;

/// One event's person.
#[derive(Clone)]
pub(in super::super) struct Named {
    /// What was decided about the account.
    pub(in super::super) attributed: Attributed,
    /// What the sent id is.
    pub(in super::super) sent: SentId,
    /// The account that was found for it: the person's own data, as the id itself.
    pub(in super::super) account: Option<AppUserId>,
}

/// Everybody whom a batch is about.
pub(in super::super) struct People {
    /// Who each event is about, in the order of the events.
    pub(in super::super) named: Vec<Named>,
    /// What is to be recorded of each account's decision.
    pub(in super::super) records: Vec<Record>,
    /// What became of each look-up of an account, in one word.
    pub(in super::super) looked_up: Vec<&'static str>,
}

/// What kind of id a server sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum SentId {
    /// An account.
    Account,
    /// A pseudonym that was made with our key.
    Pseudonym(String),
    /// A constant of the application's, with the rule for it.
    Constant(ConstantRule),
    /// A constant of the application's that leaves under this name.
    Mapped(String),
    /// A group's, as the vendor's client writes it: `$<type>_<key>`.
    Group,
}

/// Decides about each event of a batch.
pub(in super::super) async fn people<S>(context: &Context<'_>, batch: &Batch<S>) -> People {
    let ids: Vec<Option<String>> = batch
        .events()
        .iter()
        .map(|event| {
            let node = batch.node(*event);
            shape::distinct_id(node).or_else(|| flags::sent_id(node)).map(std::borrow::Cow::into_owned)
        })
        .collect();
    let groups: Vec<bool> = batch.events().iter().map(|event| is_group(batch.node(*event))).collect();
    let mut known: HashMap<&str, Named> = HashMap::new();
    let mut named = Vec::with_capacity(ids.len());
    let (mut records, mut looked_up) = (Vec::new(), Vec::new());
    let until = Instant::now() + context.runtime.lookup.saturating_mul(LOOKUPS);
    for (id, is_group) in ids.iter().zip(groups) {
        let id = id.as_deref().unwrap_or_default();
        if !known.contains_key(id) {
            let (one, record) = match () {
                () if known.len() >= MOST => (unasked("too_many"), None),
                () if Instant::now() >= until => (unasked("late"), None),
                () => {
                    let found = look_up(context, id, until).await;
                    looked_up.extend(found.as_ref().map(Found::word));
                    decide(context, id, found).await
                }
            };
            records.extend(record);
            known.insert(id, one);
        }
        let found = known.get(id).cloned();
        named.extend(found.map(|named| if is_group { Named { sent: SentId::Group, ..named } } else { named }));
    }
    People { named, records, looked_up }
}

/// The account of an id that may be an e-mail address or a handle; nothing for one that is not looked up.
async fn look_up(context: &Context<'_>, id: &str, until: Instant) -> Option<Found> {
    let accounts = context.upstream.accounts.as_ref().filter(|accounts| accounts.is_for(id))?;
    let is_name = context.upstream.constants.contains_key(id)
        || context.upstream.mapped.contains_key(id)
        || context.upstream.pseudonymiser.as_ref().is_some_and(|maker| maker.is_one(id));
    if is_name {
        return None;
    }
    let until = until.min(Instant::now() + context.runtime.lookup);
    Some(accounts.find(id, until).await)
}

async fn decide(context: &Context<'_>, id: &str, found: Option<Found>) -> (Named, Option<Record>) {
    let named = |why, sent| Named { attributed: Attributed::without(why), sent, account: None };
    if let Some(rule) = context.upstream.constants.get(id) {
        return (named("constant", SentId::Constant(*rule)), None);
    }
    if let Some(name) = context.upstream.mapped.get(id) {
        return (named("constant", SentId::Mapped(name.clone())), None);
    }
    if context.upstream.pseudonymiser.as_ref().is_some_and(|maker| maker.is_one(id)) {
        return (named("pseudonym", SentId::Pseudonym(id.to_owned())), None);
    }
    let account = match found {
        Some(Found::Account(account)) => Some(account),
        _ => None,
    };
    let user = account.clone().or_else(|| AppUserId::from_text(id));
    let person = user.map(|user| Person { user, claims: Value::Null, snapshot: false });
    let cookies = Cookies::parse(std::iter::empty());
    let headers = HeaderMap::new();
    let asked = Asked {
        person: person.as_ref(),
        realm: &context.site.realm,
        cookies: &cookies,
        headers: &headers,
        query: "",
        now: context.now,
        deadline: context.runtime.lookup,
    };
    let decision = context.site.consent.decide(&asked).await;
    let attributed = Attributed::decide(&Known {
        salt: decision.salt.as_ref(),
        user: person.as_ref().map(|person| &person.user).ok_or("malformed"),
        level: (consent::level(&decision, &context.upstream.levels), decision.verdict.word()),
        standing: Standing::Own,
        epoch: decision.epoch.ok(),
        pseudonymiser: context.upstream.pseudonymiser.as_ref(),
        visitor: None,
    });
    let record = Record::of(&decision, &attributed);
    (Named { attributed, sent: SentId::Account, account }, Some(record))
}

/// An account that nobody asked about.
const fn unasked(why: &'static str) -> Named {
    Named { attributed: Attributed::without(why), sent: SentId::Account, account: None }
}

/// `$groupidentify` of posthog-node: the event is about a group, and its id is `$<type>_<key>`.
fn is_group(event: crate::payload::document::Node<'_>) -> bool {
    if shape::name(event).as_deref() != Some("$groupidentify") {
        return false;
    }
    let Some(properties) = shape::properties(event) else { return false };
    let text = |name: &str| properties.get_all(name).next().and_then(shape::as_id);
    match (text("$group_type"), text("$group_key"), shape::distinct_id(event)) {
        (Some(kind), Some(key), Some(id)) => *id == format!("${kind}_{key}"),
        _ => false,
    }
}
