use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;

use super::{Asked, Decision, Policy, Surroundings};
use crate::clock::UnixMillis;
use crate::config::consent::Consent;
use crate::config::fault::{Faults, KeyPath};
use crate::consent::{Fate, Invalidations, Revocation, Row, UpstreamLevels, Verdict, level};
use crate::cookies::Cookies;
use crate::level::Level;
use crate::person::{AppUserId, Person, Value};
use crate::store::sqlite::SqliteStore;
use crate::store::{Change, Choice, ConsentStore, Entry, Pending, PersonTag, Record, StoreError};

const NOW: UnixMillis = UnixMillis(1_795_176_000_000);
const LONG: Duration = Duration::from_secs(60);

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

struct Site {
    base: tempfile::TempDir,
    store: Option<Arc<dyn ConsentStore>>,
    invalidations: Arc<Invalidations>,
}

impl Site {
    fn new() -> Self {
        Self { base: tempfile::tempdir().unwrap(), store: None, invalidations: Arc::default() }
    }

    fn with_store() -> Self {
        let mut site = Self::new();
        site.store = Some(Arc::new(SqliteStore::open(&site.base.path().join("s.db"), [1; 32]).unwrap()));
        site
    }

    fn try_policy(&self, toml: &str) -> Result<Policy, Vec<String>> {
        let shape: Consent = toml::from_str(toml).unwrap();
        let mut faults = Faults::default();
        let surroundings = Surroundings {
            base: self.base.path(),
            store: self.store.clone(),
            invalidations: Arc::clone(&self.invalidations),
            do_not_track: false,
        };
        let policy = Policy::build(&shape, surroundings, &KeyPath::root(), &mut faults);
        assert_eq!(policy.is_some(), faults.is_empty());
        assert!(faults.iter().all(|fault| !fault.problem.is_empty() && !fault.fix.is_empty()));
        policy.ok_or_else(|| faults.iter().map(|fault| fault.key.to_string()).collect())
    }

    fn policy(&self, toml: &str) -> Policy {
        self.try_policy(toml).unwrap()
    }

    fn file(&self, name: &str, text: &str) {
        let fresh = self.base.path().join("fresh");
        std::fs::write(&fresh, text).unwrap();
        std::fs::rename(&fresh, self.base.path().join(name)).unwrap();
    }
}

fn person(id: &str, claims: &str, snapshot: bool) -> Person {
    let claims = Value::from(serde_json::from_str::<serde_json::Value>(claims).unwrap());
    Person { user: AppUserId::from_text(id).unwrap(), claims, snapshot }
}

async fn decide(policy: &Policy, person: Option<&Person>, cookies: &str, now: UnixMillis) -> Decision {
    let (cookies, headers) = (Cookies::from_text(cookies), HeaderMap::new());
    let asked = Asked { person, realm: "shop", cookies: &cookies, headers: &headers, query: "", now, deadline: LONG };
    policy.decide(&asked).await
}

fn verdict(policy: &Policy, person: Option<&Person>, cookies: &str) -> Verdict {
    block_on(decide(policy, person, cookies, NOW)).verdict
}

fn levels() -> UpstreamLevels {
    let (consent, at) = (Consent::default(), KeyPath::root());
    let mut faults = Faults::default();
    UpstreamLevels::build(Level::Anonymised, Level::Local, Level::Full, &consent, &at, &mut faults).unwrap()
}

#[test]
fn a_wrong_configuration_lists_all_its_faults() {
    let faults = Site::new().try_policy(
        r#"
        gpc = "maybe"
        dnt = "cap:max"
        default = "granted"
        granted_level = "off"
        sensitive = []
        sensitive_level = "full"
        covers_account = " "
        combine = "first_known"
        sources = [
            { kind = "session", path = [] },
            { kind = "cookie", cookie = "a b", granted_values = ["1"], denied_values = ["1"], max_value_bytes = 5000 },
            { kind = "list", required = true },
            { kind = "list", allow = "missing.txt" },
            { kind = "klaro" },
            { kind = "didomi" },
            { kind = "posthog", token = "phc_x", cookie = "x" },
            { kind = "piwikpro" },
            { kind = "tcf", purposes = [0] },
        ]
        "#,
    );
    let expected = [
        "sources[0].path",
        "sources[1].cookie",
        "sources[1].denied_values",
        "sources[1].max_value_bytes",
        "sources[2]",
        "sources[2].required",
        "sources[3].allow",
        "sources[4].service",
        "sources[5].purpose",
        "sources[6]",
        "sources[7].app_id",
        "sources[8].purposes",
        "gpc",
        "dnt",
        "default",
        "granted_level",
        "sensitive",
        "sensitive_level",
        "covers_account",
    ];
    assert_eq!(faults.err().unwrap(), expected);
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

/// A store that never answers, or always fails.
struct Broken {
    hangs: bool,
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
fn lists_are_read_again_when_they_change() {
    let site = Site::new();
    site.file("agreed.txt", "alice\r\n\n  \nbob\n");
    site.file("refused.txt", "bob\n");
    let policy = site.policy(r#"sources = [{ kind = "list", allow = "agreed.txt", deny = "refused.txt" }]"#);
    let people = ["alice", "bob", "carol", "Alice"].map(|id| person(id, "{}", false));
    let at = |seconds: u64| {
        let now = NOW.after(Duration::from_secs(seconds));
        people.each_ref().map(|person| block_on(decide(&policy, Some(person), "", now)).verdict)
    };
    use Verdict::{Denied, Granted, Unknown};
    assert_eq!(at(0), [Granted, Denied, Unknown, Unknown]);
    site.file("agreed.txt", "carol\n");
    site.file("refused.txt", "\n");
    assert_eq!(at(1), [Unknown, Unknown, Granted, Unknown]);
    std::fs::remove_file(site.base.path().join("refused.txt")).unwrap();
    assert_eq!(at(2), [Unknown; 4], "who refused cannot be seen");
    site.file("refused.txt", "carol\n");
    assert_eq!(at(3), [Unknown, Unknown, Denied, Unknown]);
    site.file("agreed.txt", "alice\n");
    std::fs::write(site.base.path().join("agreed.txt"), b"alice\n\xff\n").unwrap();
    assert_eq!(at(4), [Unknown, Unknown, Denied, Unknown], "a file that is no text is not half a list");
}

#[test]
fn the_fate_table_is_what_the_rules_say() {
    let table = |toml: &str| {
        let fate = Site::new().policy(toml).fate(&levels());
        assert_eq!(fate.map(|Fate { row, .. }| row), Row::ALL);
        assert!(fate.iter().all(|fate| fate.identified == (fate.level == Level::Full && fate.row != Row::NoAccount)));
        fate.map(|fate| fate.level)
    };
    use Level::{Anonymised, Full, Local, Off};
    assert_eq!(table(r#"sources = [{ kind = "store" }]"#), [Full, Anonymised, Local, Local, Anonymised]);
    assert_eq!(table(""), [Local, Local, Local, Local, Anonymised], "without a source nobody consents or refuses");
    let device = r#"sources = [{ kind = "klaro", service = "plausible" }]"#;
    assert_eq!(table(device), [Anonymised, Anonymised, Local, Local, Anonymised]);
    let covered = format!("covers_account = \"we count what members do\"\n{device}");
    assert_eq!(table(&covered), [Full, Anonymised, Local, Local, Anonymised]);
    let capped = "gpc = \"cap:off\"\nsources = [{ kind = \"store\" }]";
    assert_eq!(table(capped), [Full, Anonymised, Local, Local, Off]);
    let ignored = "gpc = \"ignore\"\ndefault = \"denied\"\nsources = [{ kind = \"store\" }]";
    assert_eq!(table(ignored), [Full, Anonymised, Anonymised, Anonymised, Full]);
    let only_refusals = r#"sources = [{ kind = "usprivacy" }]"#;
    assert_eq!(table(only_refusals), [Local, Anonymised, Local, Local, Anonymised]);
}

#[test]
fn an_operator_hears_what_a_valid_policy_does_not_do() {
    let notes = |toml: &str, snapshot: bool| {
        let notes = Site::new().policy(toml).notes(snapshot);
        assert!(notes.iter().all(|note| !note.to_string().is_empty()));
        notes.iter().map(super::Note::word).collect::<Vec<_>>()
    };
    let session = r#"{ kind = "session", path = ["ok"] }"#;
    assert_eq!(notes("", true), ["nobody_can_consent"]);
    assert_eq!(notes(&format!("sources = [{session}]"), true), ["snapshot_only"]);
    assert!(notes(&format!("sources = [{session}]"), false).is_empty());
    assert!(notes(&format!("sources = [{session}, {{ kind = \"store\" }}]"), true).is_empty());
    assert_eq!(notes(r#"sources = [{ kind = "matomo" }]"#, true), ["device_only"]);
    assert_eq!(notes(r#"sources = [{ kind = "osano" }]"#, false), ["nobody_can_consent", "unreadable_source"]);
    let basis = "default = \"granted\"\ni_have_another_legal_basis = \"contract\"\nsources = [{ kind = \"store\" }]";
    assert_eq!(notes(basis, true), ["legal_basis"]);
}

#[test]
fn paths_of_lists_are_relative_to_the_configuration() {
    let site = Site::new();
    site.file("agreed.txt", "alice\n");
    assert!(Path::new("agreed.txt").metadata().is_err());
    let policy = site.policy(r#"sources = [{ kind = "list", allow = "agreed.txt" }]"#);
    assert_eq!(verdict(&policy, Some(&person("alice", "{}", false)), ""), Verdict::Granted);
}

#[test]
fn further_purposes_need_an_agreement_of_their_own() {
    use crate::consent::Purpose::{Link, Merge, Replay};
    let policy = Site::new().policy(
        r#"
        sources = [{ kind = "session", path = ["counted"] }]
        [purposes.replay]
        allow = "asked"
        sources = [{ kind = "session", path = ["watched"] }]
        [purposes.merge]
        allow = "granted"
        "#,
    );
    let allowed = |claims: &str, cookies: &str| {
        let decision = block_on(decide(&policy, Some(&person("u1", claims, false)), cookies, NOW));
        [Replay, Merge, Link].map(|purpose| decision.allows(purpose))
    };
    assert_eq!(allowed(r#"{"counted":true,"watched":true}"#, ""), [true, true, false]);
    assert_eq!(allowed(r#"{"counted":true,"watched":false}"#, ""), [false, true, false]);
    assert_eq!(allowed(r#"{"counted":true}"#, ""), [false, true, false]);
    assert_eq!(allowed(r#"{"counted":"anonymised","watched":true}"#, ""), [false; 3]);
    assert_eq!(allowed(r#"{"counted":false,"watched":true}"#, ""), [false; 3]);
    assert_eq!(allowed(r#"{"counted":true,"watched":true}"#, "__Host-bauta_objection=1"), [false; 3]);
}

#[test]
fn a_legal_basis_covers_no_further_purpose() {
    let policy = Site::new().policy(
        "default = \"granted\"\ni_have_another_legal_basis = \"contract\"\npurposes.replay.allow = \"granted\"\n",
    );
    let decision = block_on(decide(&policy, Some(&person("u1", "{}", false)), "", NOW));
    assert_eq!(decision.verdict, Verdict::Granted);
    assert!(!decision.allows(crate::consent::Purpose::Replay));
}

#[test]
fn purposes_are_checked_when_they_are_read() {
    let faults = Site::new().try_policy("purposes.replay.allow = \"asked\"\n").err().unwrap();
    assert_eq!(faults, ["purposes.replay.sources"]);
    let faults = Site::new().try_policy("purposes.link.sources = [{ kind = \"store\" }]\n").err().unwrap();
    assert_eq!(faults, ["purposes.link.sources"]);
}

#[test]
fn an_objection_made_here_beats_every_source_and_gives_nothing() {
    for combine in ["deny_overrides", "first_known"] {
        let policy = Site::new()
            .policy(&format!("combine = \"{combine}\"\nsources = [{{ kind = \"session\", path = [\"a\"] }}]"));
        let agreed = person("u1", r#"{"a":true}"#, false);
        assert_eq!(verdict(&policy, Some(&agreed), ""), Verdict::Granted);
        for value in ["1", "", "granted", "full", "0"] {
            let cookie = format!("__Host-bauta_objection={value}");
            let decision = block_on(decide(&policy, Some(&agreed), &cookie, NOW));
            assert_eq!((decision.verdict, decision.source, decision.level), (Verdict::Denied, "objection", None));
        }
        let off = "__Host-bauta_objection=1; __Host-bauta_objection=off";
        assert_eq!(block_on(decide(&policy, Some(&agreed), off, NOW)).level, Some(Level::Off));
        assert_eq!(verdict(&policy, None, "__Host-bauta_objection=1"), Verdict::Denied);
    }
}

#[test]
fn an_unreadable_store_of_another_site_hides_refusals() {
    let mut site = Site::new();
    site.store = Some(Arc::new(Broken { hangs: false }));
    let policy = site.policy("sources = [{ kind = \"session\", path = [\"a\"] }]");
    assert_eq!(verdict(&policy, Some(&person("u1", r#"{"a":true}"#, false)), ""), Verdict::Unknown);
}
