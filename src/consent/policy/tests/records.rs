//! What the embedded store says, and what a policy makes of one that does not.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;

use super::{Asked, LONG, NOW, Site, block_on, decide, levels, person, verdict};
use crate::clock::UnixMillis;
use crate::consent::{Revocation, Verdict, level};
use crate::cookies::Cookies;
use crate::level::Level;
use crate::person::AppUserId;
use crate::store::{Change, Choice, ConsentStore, Entry, Pending, PersonTag, Record, StoreError};

/// A store that never answers, or always fails.
pub(super) struct Broken {
    pub(super) hangs: bool,
}

impl ConsentStore for Broken {
    fn get<'a>(&'a self, _: &'a str, _: &'a AppUserId, _: Duration) -> Pending<'a, Record> {
        let hangs = self.hangs;
        Box::pin(async move { if hangs { std::future::pending().await } else { Err(StoreError::Closed) } })
    }

    fn change<'a>(
        &'a self,
        _: &'a str,
        _: &'a AppUserId,
        _: Change,
        _: UnixMillis,
        _: Duration,
    ) -> Pending<'a, Record> {
        Box::pin(async { Err(StoreError::Closed) })
    }

    fn list<'a>(&'a self, _: &'a str, _: Option<PersonTag>, _: u32, _: Duration) -> Pending<'a, Vec<Entry>> {
        Box::pin(async { Err(StoreError::Closed) })
    }
}

#[test]
fn a_store_is_asked_for_the_person_of_the_request() {
    let site = Site::with_store();
    let policy = site.policy(r#"sources = [{ kind = "store" }]"#);
    let store = site.store.clone().unwrap();
    let (alice, bob) = (person("alice", "{}", false), person("bob", "{}", false));
    block_on(async {
        let change = Change::Choose(Choice::Granted);
        store.change("shop", &alice.user, change, NOW, LONG).await.unwrap();
        store.change("other", &bob.user, change, NOW, LONG).await.unwrap();
        store.change("shop", &alice.user, Change::NextEpoch, NOW, LONG).await.unwrap();
    });
    let of_alice = block_on(decide(&policy, Some(&alice), "", NOW));
    assert_eq!((of_alice.verdict, of_alice.epoch, of_alice.source), (Verdict::Granted, Ok(1), "store"));
    let of_bob = block_on(decide(&policy, Some(&bob), "", NOW));
    assert_eq!((of_bob.verdict, of_bob.epoch, of_bob.reason), (Verdict::Unknown, Ok(0), "absent"));
    assert_eq!(block_on(decide(&policy, None, "", NOW)).reason, "no_account");
}

#[test]
fn a_store_that_is_slow_broken_or_missing_identifies_nobody() {
    let alice = person("alice", r#"{"ok":true}"#, false);
    let broken = |hangs| Some(Arc::new(Broken { hangs }) as Arc<dyn ConsentStore>);
    for (store, reason) in [(broken(true), "timeout"), (broken(false), "backend_error"), (None, "backend_error")] {
        let site = Site { store, ..Site::new() };
        let policy = site.policy(r#"sources = [{ kind = "store" }, { kind = "session", path = ["ok"] }]"#);
        let (cookies, headers) = (Cookies::default(), HeaderMap::new());
        let asked = Asked {
            person: Some(&alice),
            realm: "shop",
            cookies: &cookies,
            headers: &headers,
            query: "",
            now: NOW,
            deadline: Duration::from_millis(1),
        };
        let decision = block_on(policy.decide(&asked));
        assert_eq!((decision.verdict, decision.reason), (Verdict::Unknown, reason));
        assert!(decision.epoch.is_err());
        assert!(level(&decision, &levels()) < Level::Full);
    }
}

#[test]
fn whoever_answered_in_time_is_heard_although_another_was_late() {
    let site = Site { store: Some(Arc::new(Broken { hangs: true })), ..Site::new() };
    let policy = site.policy(r#"sources = [{ kind = "store" }, { kind = "session", path = ["ok"] }]"#);
    let bob = person("bob", r#"{"ok":false}"#, false);
    let (cookies, headers) = (Cookies::default(), HeaderMap::new());
    let deadline = Duration::from_millis(1);
    let asked = Asked {
        person: Some(&bob),
        realm: "shop",
        cookies: &cookies,
        headers: &headers,
        query: "",
        now: NOW,
        deadline,
    };
    assert_eq!(block_on(policy.decide(&asked)).verdict, Verdict::Denied);
}

#[test]
fn a_revocation_is_heard_by_the_next_event_and_survives_a_restart() {
    let mut site = Site::with_store();
    let toml = r#"sources = [{ kind = "store" }, { kind = "session", path = ["ok"] }]"#;
    let policy = site.policy(toml);
    let alice = person("alice", r#"{"ok":true}"#, true);
    assert_eq!(verdict(&policy, Some(&alice), ""), Verdict::Granted);
    let revocation = Revocation::new(Arc::clone(&site.invalidations), site.store.clone());
    block_on(revocation.invalidate("shop", &alice.user, NOW, LONG)).unwrap();
    assert_eq!(verdict(&policy, Some(&alice), ""), Verdict::Unknown);

    site.invalidations = Arc::default();
    let restarted = site.policy(toml);
    assert_eq!(verdict(&restarted, Some(&alice), ""), Verdict::Unknown);
    let issued_later = person("alice", r#"{"ok":true,"iat":1795176001}"#, true);
    assert_eq!(verdict(&restarted, Some(&issued_later), ""), Verdict::Granted);
    let server_side = person("alice", r#"{"ok":true}"#, false);
    assert_eq!(verdict(&restarted, Some(&server_side), ""), Verdict::Granted);
}

#[test]
fn without_a_store_a_revocation_holds_in_this_process() {
    let site = Site::new();
    let policy = site.policy(r#"sources = [{ kind = "session", path = ["ok"] }]"#);
    let (alice, bob) = (person("alice", r#"{"ok":true}"#, true), person("bob", r#"{"ok":true}"#, true));
    let revocation = Revocation::new(Arc::clone(&site.invalidations), None);
    block_on(revocation.invalidate("shop", &alice.user, NOW, LONG)).unwrap();
    assert_eq!(verdict(&policy, Some(&alice), ""), Verdict::Unknown);
    assert_eq!(verdict(&policy, Some(&bob), ""), Verdict::Granted);
    let broken = Revocation::new(Arc::clone(&site.invalidations), Some(Arc::new(Broken { hangs: false })));
    block_on(broken.invalidate("shop", &bob.user, NOW, LONG)).unwrap_err();
    assert_eq!(verdict(&policy, Some(&bob), ""), Verdict::Unknown, "it holds although the store did not take it");
}

#[test]
fn a_store_that_was_not_configured_only_speaks_up_against_somebody() {
    let site = Site::with_store();
    let policy = site.policy(r#"sources = [{ kind = "session", path = ["ok"] }]"#);
    let store = site.store.clone().unwrap();
    let silent = person("alice", "{}", true);
    let claims = person("alice", r#"{"ok":true}"#, true);
    let choose = |choice| block_on(store.change("shop", &claims.user, Change::Choose(choice), NOW, LONG)).unwrap();
    choose(Choice::Granted);
    assert_eq!(verdict(&policy, Some(&silent), ""), Verdict::Unknown);
    assert_eq!(verdict(&policy, Some(&claims), ""), Verdict::Granted);
    choose(Choice::Denied);
    assert_eq!(verdict(&policy, Some(&claims), ""), Verdict::Denied);
}

#[test]
fn an_unreadable_store_of_another_site_hides_refusals() {
    let mut site = Site::new();
    site.store = Some(Arc::new(Broken { hangs: false }));
    let policy = site.policy("sources = [{ kind = \"session\", path = [\"a\"] }]");
    assert_eq!(verdict(&policy, Some(&person("u1", r#"{"a":true}"#, false)), ""), Verdict::Unknown);
}

#[test]
fn a_salt_in_the_store_belongs_to_the_pseudonym_from_the_first_grant_on() {
    let site = Site::with_store();
    let policy = site.policy(r#"sources = [{ kind = "store", salted = true }]"#);
    assert!(policy.salts());
    let (store, alice) = (site.store.clone().unwrap(), person("alice", "{}", false));
    let salt = |change| {
        block_on(store.change("shop", &alice.user, change, NOW, LONG)).unwrap();
        block_on(decide(&policy, Some(&alice), "", NOW)).salt
    };
    assert_eq!(salt(Change::ChooseSalted(Choice::Denied)), None, "nobody is named");
    let first = salt(Change::ChooseSalted(Choice::Granted)).expect("a salt");
    assert_eq!(salt(Change::ChooseSalted(Choice::Denied)), Some(first));
    assert_eq!(
        salt(Change::Forget),
        Some(first),
        "whoever comes back must not get the ids of the time before the salt"
    );
    assert_eq!(salt(Change::ChooseSalted(Choice::Granted)), Some(first));
    assert!(salt(Change::NewSalt).is_some_and(|second| second != first));
}
