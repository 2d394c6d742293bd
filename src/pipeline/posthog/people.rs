//! Who did what in a request of the application's own server: each event names its account, and each account is asked
//! for its consent. Bounded: a batch is about at most [`MOST`] people, who are asked about within [`LOOKUPS`] look-ups'
//! time in all; the events of further ones get no identity.

use std::collections::HashMap;

use http::HeaderMap;
use tokio::time::Instant;

use super::super::{Context, Record};
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
#[derive(Debug, Clone)]
pub(in super::super) struct Named {
    /// What was decided about the account.
    pub(in super::super) attributed: Attributed,
    /// What the sent id is.
    pub(in super::super) sent: SentId,
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
    /// A group's, as the vendor's client writes it: `$<type>_<key>`.
    Group,
}

/// Decides about each event of a batch, in their order; and what is to be recorded of each account's decision.
pub(in super::super) async fn people<S>(context: &Context<'_>, batch: &Batch<S>) -> (Vec<Named>, Vec<Record>) {
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
    let mut records = Vec::new();
    let until = Instant::now() + context.runtime.lookup.saturating_mul(LOOKUPS);
    for (id, is_group) in ids.iter().zip(groups) {
        let id = id.as_deref().unwrap_or_default();
        if !known.contains_key(id) {
            let (one, record) = match () {
                () if known.len() >= MOST => (unasked("too_many"), None),
                () if Instant::now() >= until => (unasked("late"), None),
                () => decide(context, id).await,
            };
            records.extend(record);
            known.insert(id, one);
        }
        let found = known.get(id).cloned();
        named.extend(found.map(|named| if is_group { Named { sent: SentId::Group, ..named } } else { named }));
    }
    (named, records)
}

async fn decide(context: &Context<'_>, id: &str) -> (Named, Option<Record>) {
    if let Some(rule) = context.upstream.constants.get(id) {
        return (Named { attributed: Attributed::without("constant"), sent: SentId::Constant(*rule) }, None);
    }
    if context.upstream.pseudonymiser.as_ref().is_some_and(|maker| maker.is_one(id)) {
        return (Named { attributed: Attributed::without("pseudonym"), sent: SentId::Pseudonym(id.to_owned()) }, None);
    }
    let person = AppUserId::from_text(id).map(|user| Person { user, claims: Value::Null, snapshot: false });
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
    (Named { attributed, sent: SentId::Account }, Some(record))
}

/// An account that nobody asked about.
const fn unasked(why: &'static str) -> Named {
    Named { attributed: Attributed::without(why), sent: SentId::Account }
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
