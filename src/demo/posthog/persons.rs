//! Which ids the vendor shows as one person: merges by `$identify`, `$create_alias` and `$merge_dangerously`.
//!
//! A merge is refused when either id stands for nobody, and, but for `$merge_dangerously`, when the other side is
//! identified already: such persons stay apart for ever. Source: PostHog's documentation of identify and alias.

use std::collections::HashMap;

use super::event::is_illegal;
use super::record::StoredEvent;

/// Ids that are remembered.
const MOST: usize = 200_000;

#[derive(Debug, Clone, Copy)]
struct Person {
    root: usize,
    identified: bool,
}

/// The persons of all projects.
#[derive(Debug, Default)]
pub(super) struct Persons {
    ids: HashMap<(String, String), usize>,
    people: Vec<Person>,
}

impl Persons {
    fn of(&mut self, token: &str, id: &str) -> Option<usize> {
        let key = (token.to_owned(), id.to_owned());
        if let Some(at) = self.ids.get(&key) {
            return Some(self.root(*at));
        }
        if self.people.len() >= MOST {
            return None;
        }
        let at = self.people.len();
        self.people.push(Person { root: at, identified: false });
        self.ids.insert(key, at);
        Some(at)
    }

    fn root(&self, mut at: usize) -> usize {
        while let Some(person) = self.people.get(at) {
            if person.root == at {
                break;
            }
            at = person.root;
        }
        at
    }

    /// What an event does to the persons.
    pub(super) fn apply(&mut self, event: &StoredEvent) {
        let text = |key: &str| event.properties.get(key).and_then(serde_json::Value::as_str);
        let (other, by_force) = match event.name.as_str() {
            "$identify" => (text("$anon_distinct_id"), false),
            "$create_alias" => (text("alias"), false),
            "$merge_dangerously" => (text("alias"), true),
            _ => return,
        };
        let Some(kept) = self.of(&event.token, &event.distinct_id) else { return };
        if let Some(other) = other
            && !is_illegal(other, false)
            && !is_illegal(&event.distinct_id, false)
            && let Some(merged) = self.of(&event.token, other)
            && merged != kept
        {
            let refused = self.people.get(merged).is_some_and(|person| person.identified) && !by_force;
            if let Some(person) = self.people.get_mut(merged).filter(|_| !refused) {
                person.root = kept;
            }
        }
        if let Some(person) = self.people.get_mut(kept) {
            person.identified = true;
        }
    }

    /// Whether two ids are one person.
    pub(super) fn same(&self, token: &str, one: &str, other: &str) -> bool {
        let find = |id: &str| self.ids.get(&(token.to_owned(), id.to_owned())).map(|at| self.root(*at));
        one == other || matches!((find(one), find(other)), (Some(one), Some(other)) if one == other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, Value};

    fn event(name: &str, id: &str, key: &str, other: &str) -> StoredEvent {
        StoredEvent {
            name: name.to_owned(),
            distinct_id: id.to_owned(),
            uuid: None,
            token: "t".to_owned(),
            timestamp: None,
            sent_at: None,
            properties: Map::from_iter([(key.to_owned(), Value::from(other))]),
            raw: Value::Null,
            profile: true,
            request: 1,
        }
    }

    #[test]
    fn an_anonymous_id_becomes_its_user_once() {
        let mut persons = Persons::default();
        persons.apply(&event("$identify", "ada", "$anon_distinct_id", "anon"));
        assert!(persons.same("t", "ada", "anon") && !persons.same("u", "ada", "anon"));
        persons.apply(&event("$identify", "bob", "$anon_distinct_id", "anon"));
        assert!(!persons.same("t", "bob", "anon") && !persons.same("t", "bob", "ada"));
        persons.apply(&event("$merge_dangerously", "bob", "alias", "ada"));
        assert!(persons.same("t", "bob", "anon"));
    }

    #[test]
    fn nobody_is_merged_with_a_word_for_nobody() {
        let mut persons = Persons::default();
        persons.apply(&event("$create_alias", "ada", "alias", "undefined"));
        persons.apply(&event("$create_alias", "bob", "alias", "undefined"));
        assert!(!persons.same("t", "ada", "bob"));
    }
}
