//! The batch and its ledger: every event ends once, whatever happens to the request.

use std::sync::{Arc, Mutex};

use bauta::level::Level;
use bauta::outcome::Outcome;
use bauta::payload::batch::{Accounting, Batch, Event, Fate, Grant, Last, Ledger, Outgoing, Raw};
use bauta::payload::document::Document;
use bauta::payload::scan::Limits;
use bytes::Bytes;

/// Counts what it is told.
#[derive(Default)]
struct Books {
    received: Mutex<usize>,
    ended: Mutex<Vec<Outcome>>,
}

impl Books {
    fn ended(&self) -> Vec<Outcome> {
        let ended = self.ended.lock().expect("books").clone();
        assert_eq!(ended.len(), *self.received.lock().expect("books"), "received = sum of outcomes");
        ended
    }
}

impl Accounting for Books {
    fn received(&self, events: usize) {
        *self.received.lock().expect("books") += events;
    }

    fn ended(&self, outcome: Outcome) {
        self.ended.lock().expect("books").push(outcome);
    }
}

struct Permitted;
impl Grant<Raw> for Permitted {}
impl Last for Permitted {}

/// A batch of the elements of an array, or of the one event of any other text.
fn batch(text: &str, books: &Arc<Books>) -> Batch<Raw> {
    let document = Document::read_text(text.to_owned(), &Limits::default()).expect("JSON");
    let mut events: Vec<Event> =
        document.root().elements().map(|node| Event { token: node.index(), list: Some(0) }).collect();
    if events.is_empty() {
        events.push(Event::ONLY);
    }
    let ledger = Ledger::open(events.len(), books.clone());
    Batch::new(document, events, ledger)
}

fn edited(text: &'static str) -> Outgoing {
    Outgoing::Edited(Bytes::from_static(text.as_bytes()))
}

fn show(outgoing: Outgoing) -> String {
    match outgoing {
        Outgoing::Unchanged(bytes) => format!("unchanged {}", String::from_utf8(bytes.to_vec()).expect("UTF-8")),
        Outgoing::Edited(bytes) => format!("edited {}", String::from_utf8(bytes.to_vec()).expect("UTF-8")),
        Outgoing::Nothing => "nothing".to_owned(),
    }
}

#[test]
fn an_untouched_batch_leaves_as_it_came_and_is_settled_by_the_answer() {
    let books = Arc::new(Books::default());
    let batch = batch(" {\"n\": 1.0}", &books).grant(Permitted);
    assert_eq!(show(batch.encode()), "unchanged  {\"n\": 1.0}");
    batch.settle(|event, level| {
        assert_eq!((event, level), (0, Level::Full));
        Outcome::Attributed
    });
    assert_eq!(books.ended(), [Outcome::Attributed]);
}

#[test]
fn an_ended_event_leaves_the_list_and_the_others_go_on() {
    let books = Arc::new(Books::default());
    let mut batch = batch("[{\"a\":1},{\"a\":2},{\"a\":3}]", &books);
    batch.end(0, Outcome::Limited);
    batch.end(0, Outcome::Off);
    batch.end(2, Outcome::ForeignSite);
    batch.lower(1, Level::Anonymised);
    batch.lower(1, Level::Full);
    batch.lower(2, Level::Off);
    let kept: Vec<_> =
        batch.kept().map(|(index, event, level)| (index, batch.node(event).raw().to_owned(), level)).collect();
    assert_eq!(kept, [(1, "{\"a\":2}".to_owned(), Level::Anonymised)]);
    let batch = batch.grant(Permitted);
    assert_eq!(show(batch.encode()), show(edited("[{\"a\":2}]")));
    batch.settle(|_, level| if level == Level::Full { Outcome::Attributed } else { Outcome::Anonymous });
    assert_eq!(books.ended(), [Outcome::Limited, Outcome::Anonymous, Outcome::ForeignSite]);
}

#[test]
fn when_every_event_has_ended_nothing_is_to_be_sent() {
    let books = Arc::new(Books::default());
    let mut batch = batch("[1,2]", &books);
    batch.end(0, Outcome::Off);
    batch.end(1, Outcome::Local);
    assert_eq!(batch.fates(), [Fate::End(Outcome::Off), Fate::End(Outcome::Local)]);
    let batch = batch.grant(Permitted);
    assert_eq!(show(batch.encode()), "nothing");
    batch.settle(|_, _| Outcome::Attributed);
    assert_eq!(books.ended(), [Outcome::Off, Outcome::Local]);
}

#[test]
fn what_was_never_settled_counts_as_abandoned() {
    let books = Arc::new(Books::default());
    let mut first = batch("[1,2,3]", &books);
    first.end(1, Outcome::Malformed);
    drop(first.grant(Permitted));
    assert_eq!(books.ended(), [Outcome::Abandoned, Outcome::Malformed, Outcome::Abandoned]);

    let books = Arc::new(Books::default());
    let inner = books.clone();
    let panicked = std::thread::spawn(move || {
        let _batch = batch("[1]", &inner);
        panic!("a bug that is contained");
    });
    assert!(panicked.join().is_err());
    assert_eq!(books.ended(), [Outcome::Abandoned]);
}

#[test]
fn a_request_that_is_refused_ends_its_events_at_once() {
    let books = Arc::new(Books::default());
    Ledger::open(1, books.clone()).end_all(Outcome::TooLarge);
    batch("[1,2]", &books).end_all(Outcome::Overloaded);
    assert_eq!(books.ended(), [Outcome::TooLarge, Outcome::Overloaded, Outcome::Overloaded]);
}

#[test]
fn events_the_ledger_did_not_know_of_are_counted_too() {
    let books = Arc::new(Books::default());
    let document = Document::read_text("[1,2]".to_owned(), &Limits::default()).expect("JSON");
    let events = document.root().elements().map(|node| Event { token: node.index(), list: Some(0) }).collect();
    Batch::new(document, events, Ledger::open(1, books.clone())).end_all(Outcome::Off);
    assert_eq!(books.ended(), [Outcome::Off, Outcome::Off]);
}

#[test]
fn lone_surrogates_are_repaired_without_being_asked() {
    let books = Arc::new(Books::default());
    let batch = batch(r#"{"n":"cut \ud83d"}"#, &books).grant(Permitted);
    assert_eq!(show(batch.encode()), r#"edited {"n":"cut \ufffd"}"#);
}

#[test]
fn nothing_of_the_content_is_in_debug_output() {
    let books = Arc::new(Books::default());
    let batch = batch(r#"{"email":"jane@example.org"}"#, &books);
    let debug = format!("{batch:?} {:?}", batch.document().root());
    assert!(!debug.contains("jane"), "{debug}");
}
