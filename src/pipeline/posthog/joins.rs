//! Anonymous history and the account: which random id of a browser may become whose, and the one event that says so.
//!
//! A page's own `$identify` keeps its earlier id only when the person agreed to the purpose `merge` and no other account
//! was ever seen with that id. In the mode `profile` a pair for which the page has said nothing is said by us, once, in
//! the request in which it is first seen; the page is told nothing of it, and it is none of the events received.

use super::super::{Context, Trace};
use super::Wire;
use crate::config::upstream::IdentityMode;
use crate::consent::Purpose;
use crate::identity::pairs::{Own, Saying};
use crate::payload::batch::{Batch, Event, Fate};
use crate::payload::document::Node;
use crate::payload::posthog::endpoint::Endpoint;
use crate::payload::posthog::joining::{self, Joining};
use crate::payload::posthog::shape;
use crate::person::Person;

/// The most pairs of one request: a browser has one id.
const MOST: usize = 4;
/// More than the added event takes.
const ROOM: usize = 1024;

/// What is said about a pair by a request, once the vendor has it.
pub(in super::super) struct Said {
    saying: Saying,
    by: By,
}

/// Who says it.
enum By {
    /// The page, with the event of this place.
    Page(usize),
    /// We, with an event of this uuid.
    Us(String),
}

/// A pair for which nothing was said yet.
struct Wish {
    anonymous: String,
    own: Own,
    index: usize,
    beside: Event,
    by_page: bool,
}

/// The pairs of one request.
pub(super) struct Joins<'r> {
    context: &'r Context<'r>,
    person: Option<&'r Person>,
    merges: bool,
    /// The id that was seen last, and whether it is the account's alone.
    last: Option<(String, Option<Own>)>,
    wishes: Vec<Wish>,
}

impl<'r> Joins<'r> {
    /// Of a request of a browser. `person` is whose session it is; nobody for a page of somebody else's.
    pub(super) fn new(context: &'r Context<'r>, person: Option<&'r Person>, trace: &Trace) -> Self {
        let is_possible = context.site.consent.allowance(Purpose::Merge) != "never" && !trace.foreign;
        let person = person.filter(|_| is_possible);
        Self { context, person, merges: trace.merges, last: None, wishes: Vec::new() }
    }

    /// Notes with whom an event's random id was seen, and tells whether its history may become this person's.
    pub(super) fn meet(&mut self, event: Node<'_>) -> bool {
        let Some(person) = self.person else { return false };
        let Some(id) = joining::anonymous(event) else { return false };
        if self.last.as_ref().is_none_or(|(last, _)| *last != id) {
            let own = self.context.upstream.pairs.meet(&id, &person.user, self.context.now);
            self.last = Some((id.into_owned(), own));
        }
        self.merges && self.last.as_ref().is_some_and(|(_, own)| own.is_some())
    }

    /// Takes note of an event that leaves under the account's pseudonym and that [`Joins::meet`] allowed.
    pub(super) fn wish(&mut self, index: usize, beside: Event, event: Node<'_>) {
        // Properties of a person alone, as the oldest clients send them, travel by themselves.
        let Some(name) = shape::name(event) else { return };
        let by_page = name == joining::NAME;
        let Some((anonymous, Some(own))) = &self.last else { return };
        let has_room = self.wishes.len() < MOST;
        match self.wishes.iter_mut().find(|wish| wish.anonymous == *anonymous) {
            // What the page says itself needs no word of ours.
            Some(wish) if by_page && !wish.by_page => (wish.by_page, wish.index) = (true, index),
            Some(_) => {}
            None if has_room => {
                self.wishes.push(Wish { anonymous: anonymous.clone(), own: own.clone(), index, beside, by_page });
            }
            None => {}
        }
    }

    /// Adds what is to be said to the request.
    pub(super) fn say<S>(self, wire: &Wire, pseudonym: Option<&str>, batch: &mut Batch<S>) -> Vec<Said> {
        let is_events = matches!(wire.endpoint, Endpoint::Events | Endpoint::Batch | Endpoint::V1);
        let wanted = self.context.upstream.mode == IdentityMode::Profile && is_events;
        let (Some(person), Some(maker)) = (pseudonym.filter(|_| wanted), &self.context.upstream.pseudonymiser) else {
            return Vec::new();
        };
        // A request that is nearly too large is not made too large.
        let has_room = batch.document().text().len().saturating_add(ROOM) <= wire.endpoint.limit();
        let mut said = Vec::new();
        for Wish { anonymous, own, index, beside, by_page } in self.wishes {
            if !by_page && (!has_room || (beside.list.is_none() && !said.is_empty())) {
                continue;
            }
            let Some(saying) = own.say() else { continue };
            let by = if by_page {
                By::Page(index)
            } else {
                // The same for the same pair, so that a copy that is sent again is the same event for the vendor.
                let uuid = maker.uuid(format!("$identify\0{person}\0{anonymous}").as_bytes());
                let joining = Joining { person, anonymous: &anonymous, uuid: &uuid };
                let (document, edits) = batch.parts_mut();
                joining::add(document, beside, &joining, wire.endpoint == Endpoint::V1, edits);
                By::Us(uuid)
            };
            said.push(Said { saying, by });
        }
        said
    }
}

/// What of it leaves: a page's own event may have ended on the way.
pub(super) fn leaving(said: Vec<Said>, fates: &[Fate]) -> Vec<Said> {
    let leaves = |said: &Said| match said.by {
        By::Page(index) => matches!(fates.get(index), Some(Fate::Keep(_))),
        By::Us(_) => true,
    };
    said.into_iter().filter(leaves).collect()
}

/// The uuids of the events that we added.
pub(super) fn made(said: &[Said]) -> Vec<String> {
    let uuid = |said: &Said| match &said.by {
        By::Us(uuid) => Some(uuid.clone()),
        By::Page(_) => None,
    };
    said.iter().filter_map(uuid).collect()
}

/// The vendor has the request.
pub(super) fn arrived(said: Vec<Said>) {
    said.into_iter().for_each(|said| said.saying.arrived());
}
