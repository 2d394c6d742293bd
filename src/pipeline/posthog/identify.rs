//! Identity in PostHog's events: what the decision means for each event, and where it is written.

use std::borrow::Cow;

use http::header::USER_AGENT;

use super::super::{Context, Trace};
use super::Wire;
use super::joins::{Joins, Said};
use super::people::{Named, SentId};
use crate::arrived::Arrived;
use crate::config::upstream::{ConstantRule, FlagsWithoutConsent, IdentityMode, ReplayRule};
use crate::identity::attribution::Attributed;
use crate::identity::{Pseudonym, Pseudonymiser};
use crate::level::Level;
use crate::outcome::Outcome;
use crate::payload::batch::Batch;
use crate::payload::document::Node;
use crate::payload::edit::{Edits, Fill, Priority, quoted};
use crate::payload::posthog::endpoint::Endpoint;
use crate::payload::posthog::flags::{self, Asker};
use crate::payload::posthog::ids::{self, Identity, Profile, Properties, Renamer};
use crate::payload::posthog::{elements, logs, shape};
use crate::payload::scan::Shape;
use crate::person::Person;

/// What the identity stage leaves behind for the stages after it.
#[derive(Default)]
pub(in super::super) struct Treated {
    /// Ids that must not stand anywhere else in the body.
    pub(in super::super) ids: Vec<String>,
    /// What the request says about a browser's earlier id and an account.
    pub(in super::super) said: Vec<Said>,
}

/// What the request itself says of a browser; empty for a server's.
#[derive(Debug, Clone, Copy, Default)]
pub(in super::super) struct Seen<'a> {
    agent: &'a str,
    host: &'a str,
}

impl<'a> Seen<'a> {
    /// Of a request. The page's host is the one the request was sent to: bauta stands on the site.
    pub(in super::super) fn of(arrived: &'a Arrived, wire: &Wire) -> Self {
        if wire.trusted {
            return Self::default();
        }
        let agent = arrived.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        // Written after the scrub stage has its text, so nothing but a name and a port.
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
        let host = Some(arrived.authority.as_str()).filter(|host| host.len() <= 255 && host.bytes().all(is_name));
        Self { agent, host: host.unwrap_or_default() }
    }
}

/// Makes names for groups and strangers under the upstream's key.
struct Keyed<'k>(Option<&'k Pseudonymiser>);

impl Renamer for Keyed<'_> {
    fn group(&self, kind: &str, key: &str) -> String {
        self.0.map(|maker| maker.group(kind, key)).unwrap_or_default()
    }
    fn stranger(&self, id: &str) -> String {
        self.0.map(|maker| maker.stranger(id)).unwrap_or_default()
    }
    fn is_claim(&self, id: &str) -> bool {
        self.0.is_some_and(|maker| maker.is_one(id))
    }
}

/// What one event's identity becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Becomes {
    /// It ends here.
    Ends(Outcome),
    /// A person, by the pseudonym.
    Person(String),
    /// A property with the pseudonym, ids as sent.
    Property(String),
    /// The client's random id stays.
    Device,
    /// Nobody.
    Cookieless,
    /// A constant that keeps its name, or a group's own event.
    AsSent,
    /// A constant with another name, which is nobody's either.
    Mapped(String),
}

/// What the decision means for an event of this upstream.
fn becomes(context: &Context<'_>, attributed: &Attributed) -> Becomes {
    let upstream = context.upstream;
    match (attributed.level(), attributed.pseudonym()) {
        (Level::Full, Some(pseudonym)) if upstream.mode == IdentityMode::Property => {
            Becomes::Property(pseudonym.to_string())
        }
        (Level::Full, Some(pseudonym)) => Becomes::Person(pseudonym.to_string()),
        (Level::Off, _) => Becomes::Ends(Outcome::Off),
        (Level::Local, _) => Becomes::Ends(Outcome::Local),
        _ if attributed.is_device() => Becomes::Device,
        _ if upstream.cookieless => Becomes::Cookieless,
        // Events without ids cannot leave for a project that does not take them.
        _ => Becomes::Ends(Outcome::Local),
    }
}

fn becomes_for(context: &Context<'_>, named: &Named) -> Becomes {
    match &named.sent {
        SentId::Account => becomes(context, &named.attributed),
        SentId::Pseudonym(pseudonym) if context.upstream.mode == IdentityMode::Property => {
            Becomes::Property(pseudonym.clone())
        }
        SentId::Pseudonym(pseudonym) => Becomes::Person(pseudonym.clone()),
        SentId::Constant(ConstantRule::Refuse) => Becomes::Ends(Outcome::IdentityOnly),
        // A random id it is not, so it leaves under its keyed name.
        SentId::Constant(ConstantRule::Anonymous) => Becomes::Device,
        SentId::Constant(ConstantRule::Keep) => Becomes::AsSent,
        SentId::Mapped(name) => Becomes::Mapped(name.clone()),
        SentId::Group => match becomes(context, &named.attributed) {
            Becomes::Ends(_) | Becomes::Cookieless if !context.upstream.groups => Becomes::Ends(Outcome::IdentityOnly),
            _ => Becomes::AsSent,
        },
    }
}

/// Decides and writes for the whole request. `people` are those of a server's batch; none for a browser's.
pub(in super::super) fn edit<S>(
    context: &Context<'_>,
    wire: &Wire,
    seen: &Seen<'_>,
    (attributed, people, person): (&Attributed, Option<&[Named]>, Option<&Person>),
    traits: &[(&str, Option<&str>)],
    batch: &mut Batch<S>,
    trace: &Trace,
) -> Treated {
    let mut treated = Treated::default();
    let endpoint = wire.endpoint;
    let renamer = Keyed(context.upstream.pseudonymiser.as_ref());
    let kept: Vec<usize> = batch.kept().map(|(event, ..)| event).collect();
    let mut joins = Joins::new(context, person.filter(|_| people.is_none()), trace);
    for index in kept {
        let becomes = match people {
            Some(people) => people.get(index).map_or(Becomes::Ends(Outcome::Off), |named| becomes_for(context, named)),
            None => becomes(context, attributed),
        };
        let account = people.and_then(|people| people.get(index)?.account.as_ref());
        note(account.map(|account| account.expose()), &mut treated.ids);
        let Some(event) = batch.events().get(index).copied() else { continue };
        if endpoint == Endpoint::Flags {
            flag(context, wire, attributed, &becomes, index, batch, &mut treated);
            continue;
        }
        let is_own = joins.meet(batch.node(event));
        let becomes = narrowed(context, endpoint, batch.node(event), becomes, trace.records);
        let becomes = countable(wire, batch.node(event), becomes);
        let becomes = claimed(context, person, trace, batch.node(event), becomes);
        if let Becomes::Ends(outcome) = becomes {
            batch.end(index, outcome);
            continue;
        }
        let level = match becomes {
            Becomes::Person(_) | Becomes::Property(_) => Level::Full,
            _ => Level::Anonymised,
        };
        batch.lower(index, level);
        let (document, edits) = batch.parts_mut();
        let node = document.node(event.token);
        collect(node, &becomes, &mut treated.ids);
        if !trace.records {
            without_heat_map(node, edits);
        }
        if matches!(becomes, Becomes::Cookieless | Becomes::Device) {
            elements::anonymise(node, edits);
        }
        let own = Properties { name: &context.upstream.names.property, traits };
        let profile = match context.upstream.mode {
            IdentityMode::Rewrite | IdentityMode::Property => Profile::AsSent,
            IdentityMode::Personless => Profile::Never,
            IdentityMode::Profile => Profile::Always,
        };
        let identity = match &becomes {
            Becomes::Person(pseudonym) => Identity::Person { pseudonym, profile, merges: is_own },
            Becomes::Property(pseudonym) => Identity::Property { pseudonym },
            Becomes::Mapped(name) => Identity::Person { pseudonym: name, profile: Profile::Never, merges: false },
            Becomes::Device => Identity::Device,
            Becomes::Cookieless => Identity::Cookieless { agent: seen.agent, host: seen.host },
            Becomes::AsSent => {
                groups_only(node, &renamer, edits);
                continue;
            }
            Becomes::Ends(_) => continue,
        };
        match endpoint {
            Endpoint::Logs | Endpoint::Optional(_) if shape::distinct_id(node).is_none() => {
                logs::write(node, &identity, &renamer, edits);
            }
            _ => ids::write(node, &identity, &own, &renamer, edits),
        }
        conventions(context, endpoint, node, edits);
        let account = attributed.pseudonym().map(Pseudonym::as_str);
        if is_own && matches!(&becomes, Becomes::Person(name) if Some(name.as_str()) == account) {
            joins.wish(index, event, batch.node(event));
        }
    }
    treated.said = joins.say(wire, attributed.pseudonym().map(Pseudonym::as_str), batch);
    treated
}

/// What the kind of event and the endpoint allow of it.
fn narrowed(context: &Context<'_>, endpoint: Endpoint, event: Node<'_>, becomes: Becomes, records: bool) -> Becomes {
    if matches!(becomes, Becomes::Ends(_)) {
        return becomes;
    }
    let name = shape::name(event);
    let is_recording = name.as_deref() == Some("$snapshot");
    if endpoint == Endpoint::Replay && !is_recording {
        // The vendor reads recordings only here; anything else would be an event that nobody looked at.
        return Becomes::Ends(Outcome::Malformed);
    }
    let agreed = matches!(becomes, Becomes::Person(_) | Becomes::Property(_) | Becomes::Device);
    if name.as_deref() == Some("$$heatmap") && !(agreed && records) {
        return Becomes::Ends(Outcome::HeatMap);
    }
    if is_recording {
        return match context.upstream.replay {
            ReplayRule::Scrub | ReplayRule::Pass if agreed && records => becomes,
            _ => Becomes::Ends(Outcome::Recording),
        };
    }
    let is_event = !matches!(endpoint, Endpoint::Logs | Endpoint::Optional(_));
    if becomes == Becomes::Cookieless && is_event && ids::is_only_identity(event) {
        return Becomes::Ends(Outcome::IdentityOnly);
    }
    becomes
}

/// A server's event without browser and host cannot be counted as nobody's: the vendor would answer success and drop it.
fn countable(wire: &Wire, event: Node<'_>, becomes: Becomes) -> Becomes {
    let has = |name: &str| {
        shape::properties(event)
            .is_some_and(|properties| properties.get_all(name).any(|value| value.shape() == Shape::Text))
    };
    match becomes {
        Becomes::Cookieless if wire.trusted && !(has("$raw_user_agent") && has("$host")) => {
            Becomes::Ends(Outcome::Local)
        }
        other => other,
    }
}

/// For events that are about another claim than the account: the keyed name of that. A person without it keeps the
/// account's.
fn claimed(
    context: &Context<'_>,
    person: Option<&Person>,
    trace: &Trace,
    event: Node<'_>,
    becomes: Becomes,
) -> Becomes {
    let Becomes::Person(_) = becomes else { return becomes };
    let named = || {
        let name = shape::name(event)?;
        let rule = context.upstream.event_ids.iter().find(|rule| rule.is_for(&name))?;
        let value = person?.claims.at(&rule.path)?.scalar()?;
        let decision = trace.consent.as_ref()?;
        let (epoch, salt) = (decision.epoch.ok()?, decision.salt.as_ref());
        Some(context.upstream.pseudonymiser.as_ref()?.claim(&rule.path, value, epoch, salt))
    };
    named().map_or(becomes, Becomes::Person)
}

fn flag<S>(
    context: &Context<'_>,
    wire: &Wire,
    attributed: &Attributed,
    becomes: &Becomes,
    index: usize,
    batch: &mut Batch<S>,
    treated: &mut Treated,
) {
    let renamer = Keyed(context.upstream.pseudonymiser.as_ref());
    let rule = context.upstream.flags_without_consent;
    let is_off = attributed.level() == Level::Off && !wire.trusted;
    let (document, edits) = batch.parts_mut();
    let root = document.root();
    let unlinkable;
    let (asker, level) = match becomes {
        Becomes::Person(pseudonym) => (Asker::Person(pseudonym), Level::Full),
        Becomes::Mapped(name) => (Asker::Person(name), Level::Anonymised),
        Becomes::Property(_) => (Asker::AsSent, Level::Full),
        Becomes::Device => (Asker::Device, Level::Anonymised),
        Becomes::AsSent => (Asker::AsSent, Level::Anonymised),
        Becomes::Ends(_) | Becomes::Cookieless => match rule {
            FlagsWithoutConsent::Unlinkable if !is_off => {
                let sent = flags::sent_id(root).unwrap_or_default();
                unlinkable =
                    context.upstream.pseudonymiser.as_ref().map(|maker| maker.for_flags(&sent)).unwrap_or_default();
                (Asker::Unlinkable(&unlinkable), Level::Anonymised)
            }
            FlagsWithoutConsent::AsSent if !is_off => (Asker::AsSent, Level::Anonymised),
            _ => {
                batch.end(index, Outcome::Off);
                return;
            }
        },
    };
    flags::write(root, &asker, &renamer, edits);
    let sent = flags::sent_id(root);
    if matches!(asker, Asker::Unlinkable(_) | Asker::Person(_)) {
        note(sent.as_deref().filter(|id| !ids::is_client_id(id)), &mut treated.ids);
    }
    batch.lower(index, level);
}

/// Ids that the event carries and that must not stand anywhere else in it.
fn collect(event: Node<'_>, becomes: &Becomes, ids: &mut Vec<String>) {
    let found = match becomes {
        Becomes::Cookieless => ids::linkable(event),
        // Session and window stay for people, and random ids are nobody's.
        Becomes::Person(_) | Becomes::Device => {
            let mut found = ids::names(event);
            found.retain(|id| !ids::is_client_id(id));
            found
        }
        _ => Vec::new(),
    };
    for id in &found {
        note(Some(id), ids);
    }
}

fn note(id: Option<&str>, ids: &mut Vec<String>) {
    /// More are of no use: each is looked for in every text of the body.
    const MOST: usize = 64;
    if let Some(id) = id.filter(|id| ids.len() < MOST && !ids.iter().any(|own| own == id)) {
        ids.push(id.to_owned());
    }
}

/// Takes away where a visitor's pointer was on which page: data of a heat map's, which rides on other events.
fn without_heat_map(event: Node<'_>, edits: &mut Edits) {
    for object in [Some(event), shape::properties(event)].into_iter().flatten() {
        for (key, _) in object.members().filter(|(key, _)| key.is("$heatmap_data")) {
            edits.remove_member(object, key, Priority::Identity);
        }
    }
}

/// A group's own event: its person is the group, by the group's name.
fn groups_only(event: Node<'_>, renamer: &Keyed<'_>, edits: &mut Edits) {
    let Some(properties) = shape::properties(event) else { return };
    let text = |name: &str| properties.get_all(name).next().and_then(shape::as_id);
    let (Some(kind), Some(key)) = (text("$group_type"), text("$group_key")) else { return };
    let renamed = renamer.group(&kind, &key);
    let mut put = |value: Node<'_>, text: &str| {
        edits.replace(value, Fill::Raw(Cow::Owned(quoted(text))), Priority::Identity);
    };
    for value in properties.get_all("$group_key") {
        put(value, &renamed);
    }
    for object in [event, properties] {
        for (key, value) in object.members() {
            if key.is("distinct_id") || key.is("$distinct_id") {
                put(value, &format!("${kind}_{renamed}"));
            }
        }
    }
}

/// The event's name by the site's conventions, and a uuid for an event that has a time and none: any later copy of it is
/// the same event for the vendor.
fn conventions(context: &Context<'_>, endpoint: Endpoint, event: Node<'_>, edits: &mut Edits) {
    for name in event.get_all("event") {
        if let Some(renamed) = name.text().and_then(|text| context.upstream.conventions.apply(&text)) {
            edits.replace(name, Fill::Raw(Cow::Owned(quoted(&renamed))), Priority::Identity);
        }
    }
    let is_event = matches!(endpoint, Endpoint::Events | Endpoint::Batch | Endpoint::Replay);
    if is_event
        && event.get_all("timestamp").next().is_some()
        && event.get_all("uuid").next().is_none()
        && let Some(maker) = &context.upstream.pseudonymiser
    {
        edits.insert_member(event, format!("\"uuid\":\"{}\"", maker.uuid(event.raw().as_bytes())));
    }
}

/// Who a request is for, seen from the stages after: the request's decision, or the best of its people's.
pub(in super::super) fn treat(attributed: Attributed, people: Option<&[Named]>) -> Attributed {
    match people {
        Some(people) => {
            let each: Vec<Attributed> = people.iter().map(|named| named.attributed.clone()).collect();
            Attributed::of_all(&each)
        }
        None => attributed,
    }
}
