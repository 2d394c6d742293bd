use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use super::{OpenError, SqliteStore};
use crate::clock::UnixMillis;
use crate::level::Level;
use crate::person::AppUserId;
use crate::store::{Change, Choice, ConsentStore, Entry, Record, StoreError};

const KEY: [u8; 32] = [7; 32];
const LONG: Duration = Duration::from_secs(60);

fn user(id: &str) -> AppUserId {
    AppUserId::from_text(id).unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

fn get(store: &SqliteStore, realm: &str, id: &str) -> Result<Record, StoreError> {
    block_on(store.get(realm, &user(id), LONG))
}

fn change(store: &SqliteStore, realm: &str, id: &str, change: Change, at: i64) -> Record {
    block_on(store.change(realm, &user(id), change, UnixMillis(at), LONG)).unwrap()
}

fn raw(path: &Path, sql: &str) {
    rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn somebody_without_a_record_has_no_choice_and_epoch_zero() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("s.db"), KEY).unwrap();
    assert_eq!(get(&store, "shop", "u1").unwrap(), Record::default());
}

#[test]
fn each_change_touches_its_own_part_and_survives_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let store = SqliteStore::open(&path, KEY).unwrap();
    change(&store, "shop", "u1", Change::Choose(Choice::Level(Level::Full)), 10);
    change(&store, "shop", "u1", Change::NextEpoch, 11);
    change(&store, "shop", "u1", Change::Invalidate, 20);
    change(&store, "shop", "u1", Change::Invalidate, 12);
    drop(store);

    let store = SqliteStore::open(&path, KEY).unwrap();
    let expected = Record {
        choice: Some((Choice::Level(Level::Full), UnixMillis(10))),
        epoch: 1,
        salt: None,
        invalidated: Some(UnixMillis(20)),
    };
    assert_eq!(get(&store, "shop", "u1").unwrap(), expected);
    let forgotten = change(&store, "shop", "u1", Change::Forget, 30);
    assert_eq!(forgotten, Record { choice: None, ..expected });
}

#[test]
fn realms_and_users_do_not_run_into_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("s.db"), KEY).unwrap();
    change(&store, "ab", "c", Change::Choose(Choice::Granted), 1);
    for (realm, id) in [("a", "bc"), ("abc", "c"), ("AB", "c"), ("ab", "C"), ("ab", "c ")] {
        assert_eq!(get(&store, realm, id).unwrap(), Record::default());
    }
    assert!(get(&store, "ab", "c").unwrap().choice.is_some());
}

#[test]
fn a_change_made_by_another_process_is_seen_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let (server, command) = (SqliteStore::open(&path, KEY).unwrap(), SqliteStore::open(&path, KEY).unwrap());
    assert_eq!(get(&server, "shop", "u1").unwrap().choice, None);
    for choice in Choice::ALL {
        change(&command, "shop", "u1", Change::Choose(choice), 5);
        assert_eq!(get(&server, "shop", "u1").unwrap().choice, Some((choice, UnixMillis(5))));
    }
}

#[test]
fn the_file_is_for_its_owner_alone_and_holds_no_id() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    std::fs::write(&path, b"").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let store = SqliteStore::open(&path, KEY).unwrap();
    change(&store, "shop", "person-4711@example.test", Change::Choose(Choice::Granted), 1);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let file = entry.unwrap().path();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(11).any(|window| window == b"person-4711"), "{}", file.display());
    }
}

#[test]
fn another_key_is_refused_instead_of_finding_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    drop(SqliteStore::open(&path, KEY).unwrap());
    assert!(matches!(SqliteStore::open(&path, [8; 32]), Err(OpenError::OtherKey(_))));
}

#[test]
fn a_file_that_is_no_store_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (text, other, later) = (folder.path().join("a"), folder.path().join("b"), folder.path().join("c"));
    std::fs::write(&text, b"this is a text file, not a database, and it is long enough to have a header").unwrap();
    assert!(matches!(SqliteStore::open(&text, KEY), Err(OpenError::Database { .. })));
    raw(&other, "CREATE TABLE somebody_elses (x)");
    assert!(matches!(SqliteStore::open(&other, KEY), Err(OpenError::Layout { found: 0, .. })));
    raw(&later, "PRAGMA user_version = 9");
    assert!(matches!(SqliteStore::open(&later, KEY), Err(OpenError::Layout { found: 9, .. })));
    assert!(matches!(SqliteStore::open(&folder.path().join("no/such"), KEY), Err(OpenError::File { .. })));
}

#[test]
fn a_record_that_makes_no_sense_is_an_error_and_never_epoch_zero() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let store = SqliteStore::open(&path, KEY).unwrap();
    for (column, value) in
        [("choice", "'perhaps'"), ("decided", "NULL"), ("epoch", "-1"), ("epoch", "4294967296"), ("salt", "x'0102'")]
    {
        change(&store, "shop", "u1", Change::Choose(Choice::Granted), 1);
        raw(&path, &format!("UPDATE consent SET {column} = {value}"));
        assert!(matches!(get(&store, "shop", "u1"), Err(StoreError::Corrupt(_))), "{column} = {value}");
        raw(&path, "DELETE FROM consent");
    }
}

#[test]
fn the_epoch_never_wraps() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let store = SqliteStore::open(&path, KEY).unwrap();
    change(&store, "shop", "u1", Change::NextEpoch, 1);
    raw(&path, "UPDATE consent SET epoch = 4294967295");
    let more = block_on(store.change("shop", &user("u1"), Change::NextEpoch, UnixMillis(2), LONG));
    assert!(matches!(more, Err(StoreError::EpochExhausted)));
    assert_eq!(get(&store, "shop", "u1").unwrap().epoch, u32::MAX);
}

#[test]
fn a_listing_walks_one_realm_in_pages() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("s.db"), KEY).unwrap();
    for number in 0..7 {
        change(&store, "shop", &format!("u{number}"), Change::Choose(Choice::Denied), number);
    }
    change(&store, "other", "u1", Change::Choose(Choice::Granted), 1);
    let mut seen = Vec::new();
    loop {
        let page = block_on(store.list("shop", seen.last().copied(), 3, LONG)).unwrap();
        seen.extend(page.iter().map(|entry| entry.person));
        if page.len() < 3 {
            break;
        }
    }
    assert_eq!(seen.len(), 7);
    assert!(seen.is_sorted());
    assert!(seen.contains(&store.tag("shop", &user("u3"))));
}

#[test]
fn what_is_restored_never_takes_anything_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("s.db"), KEY).unwrap();
    let restore = |choice, at, epoch, invalidated: Option<i64>| {
        let invalidated = invalidated.map(UnixMillis);
        let record = Record { choice: Some((choice, UnixMillis(at))), epoch, salt: None, invalidated };
        let entry = Entry { person: store.tag("shop", &user("u1")), record };
        assert_eq!(block_on(store.restore("shop", vec![entry], LONG)).unwrap(), 1);
        get(&store, "shop", "u1").unwrap()
    };
    let first = restore(Choice::Granted, 10, 2, Some(5));
    assert_eq!(first.choice, Some((Choice::Granted, UnixMillis(10))));
    let refused_later = change(&store, "shop", "u1", Change::Choose(Choice::Denied), 20);
    assert_eq!(restore(Choice::Granted, 10, 1, None), refused_later);
    let newest = restore(Choice::Granted, 30, 3, Some(40));
    assert_eq!((newest.choice, newest.epoch), (Some((Choice::Granted, UnixMillis(30))), 3));
    assert_eq!(newest.invalidated, Some(UnixMillis(40)));
}

/// Whether these bytes stand in the file or beside it.
fn is_on_disk(folder: &Path, bytes: &[u8]) -> bool {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    files.into_iter().any(|file| file.windows(bytes.len()).any(|window| window == bytes))
}

#[test]
fn who_agrees_for_the_first_time_gets_a_salt_and_a_new_one_destroys_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("s.db"), KEY).unwrap();
    let salted = |id: &str, choice| change(&store, "shop", id, Change::ChooseSalted(choice), 1).salt;
    assert_eq!(salted("u1", Choice::Denied), None);
    let first = salted("u1", Choice::Level(Level::Local)).unwrap();
    assert_eq!(salted("u1", Choice::Granted), Some(first));
    assert_ne!(salted("u2", Choice::Granted), Some(first), "everybody has another");
    change(&store, "shop", "u3", Change::Choose(Choice::Granted), 1);
    assert_eq!(salted("u3", Choice::Granted), None, "whoever is identified already keeps their id");
    assert!(is_on_disk(folder.path(), first.expose()));
    let renewed = change(&store, "shop", "u1", Change::NewSalt, 2);
    assert_eq!((renewed.epoch, renewed.choice), (1, Some((Choice::Granted, UnixMillis(1)))));
    assert!(renewed.salt.is_some_and(|second| second != first && is_on_disk(folder.path(), second.expose())));
    assert!(!is_on_disk(folder.path(), first.expose()), "nobody can make the past ids again");
    assert_eq!(change(&store, "shop", "u1", Change::Forget, 3).salt, renewed.salt);
}

#[test]
fn an_older_salt_never_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("s.db"), KEY).unwrap();
    let before = change(&store, "shop", "u1", Change::ChooseSalted(Choice::Granted), 1);
    let now = change(&store, "shop", "u1", Change::NewSalt, 2);
    let restore = |record| {
        let entry = Entry { person: store.tag("shop", &user("u1")), record };
        block_on(store.restore("shop", vec![entry], LONG)).unwrap();
        get(&store, "shop", "u1").unwrap()
    };
    assert_eq!(restore(before), now);
    let elsewhere = Record { epoch: 7, salt: before.salt, ..now };
    assert_eq!(restore(elsewhere), elsewhere, "a later epoch brings its own");
    assert_eq!(restore(Record { epoch: 8, salt: None, ..now }).salt, before.salt, "never none");
    let other = Record { salt: now.salt, ..Record::default() };
    let entry = Entry { person: store.tag("shop", &user("u2")), record: other };
    block_on(store.restore("shop", vec![entry], LONG)).unwrap();
    assert_eq!(get(&store, "shop", "u2").unwrap().salt, now.salt, "who is new here takes theirs along");
}

#[test]
fn a_file_of_the_first_layout_is_brought_up_to_date_and_renames_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    let before = {
        let store = SqliteStore::open(&path, KEY).unwrap();
        change(&store, "shop", "u1", Change::NextEpoch, 1);
        change(&store, "shop", "u1", Change::Choose(Choice::Granted), 2)
    };
    raw(&path, "ALTER TABLE consent DROP COLUMN salt; PRAGMA user_version = 1");
    assert!(matches!(SqliteStore::open(&path, [8; 32]), Err(OpenError::OtherKey(_))), "and by its own key alone");
    for _ in 0..2 {
        let store = SqliteStore::open(&path, KEY).unwrap();
        assert_eq!(get(&store, "shop", "u1").unwrap(), before);
    }
    let store = SqliteStore::open(&path, KEY).unwrap();
    assert!(change(&store, "shop", "u1", Change::NewSalt, 3).salt.is_some());
}
