//! The embedded store: one SQLite file beside the configuration.
//!
//! Promise: a change that was confirmed survives a power cut (WAL, `synchronous = FULL`) and is seen by the next
//! request, also when another process made it. The file is readable by its owner alone. People stand in it as keyed
//! digests; the realm's name stands in clear. A file written under another store key is refused when it is opened:
//! under the wrong key everybody would look like somebody without a record, whose epoch is 0.
//!
//! One connection writes, another reads, each on its own thread, so that a slow change delays no look-up.

use std::path::{Path, PathBuf};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use rusqlite::types::Value as Cell;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, TransactionBehavior, params};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::worker::{Abandoned, Worker};
use super::{Change, Choice, ConsentStore, Entry, Pending, PersonTag, Record, StoreError};
use crate::clock::UnixMillis;
use crate::person::{AppUserId, Salt};

/// The layout this program reads and writes, kept in `PRAGMA user_version`.
const LAYOUT: i32 = 2;
/// How long a writer waits for another process that is writing.
const BUSY: Duration = Duration::from_secs(2);
/// The most records that one listing hands out.
const PAGE: u32 = 10_000;

const CREATE: &str = "
    CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID, STRICT;
    CREATE TABLE consent (
        realm TEXT NOT NULL,
        person BLOB NOT NULL,
        choice TEXT,
        decided INTEGER,
        epoch INTEGER NOT NULL DEFAULT 0,
        invalidated INTEGER,
        salt BLOB,
        PRIMARY KEY (realm, person)
    ) WITHOUT ROWID, STRICT;
";
/// From the first layout to the second: people keep the ids they have, which are made without a salt.
const ADD_SALT: &str = "ALTER TABLE consent ADD COLUMN salt BLOB";
const GET: &str = "SELECT choice, decided, epoch, invalidated, salt FROM consent WHERE realm = ?1 AND person = ?2";
const LIST: &str = "SELECT choice, decided, epoch, invalidated, salt, person FROM consent
    WHERE realm = ?1 AND (?2 IS NULL OR person > ?2) ORDER BY person LIMIT ?3";

/// Why the store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be created, or its mode cannot be set.
    #[error("cannot create {path} for its owner alone: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file belongs to another key.
    #[error("{0} was written under another store key; nobody in it could be found again")]
    OtherKey(PathBuf),
    /// A later version of this program wrote it.
    #[error("{path} has layout {found}, this program knows layout {LAYOUT}")]
    Layout {
        /// The file.
        path: PathBuf,
        /// The layout it has.
        found: i32,
    },
    /// SQLite refused.
    #[error("cannot open {path}: {source}")]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        #[source]
        source: rusqlite::Error,
    },
    /// No thread could be started.
    #[error("cannot start a thread for the consent store: {0}")]
    Thread(#[source] std::io::Error),
}

/// The embedded store.
pub struct SqliteStore {
    reader: Worker,
    writer: Worker,
    key: Zeroizing<[u8; 32]>,
}

impl SqliteStore {
    /// Opens the file, or makes it. `store_key` is secret; the same file always needs the same key.
    ///
    /// # Errors
    /// When the file cannot be made private, is no store of ours, or belongs to another key.
    pub fn open(path: &Path, store_key: [u8; 32]) -> Result<Self, OpenError> {
        let key = Zeroizing::new(store_key);
        let failed = |source| OpenError::Database { path: path.to_owned(), source };
        make_private(path).map_err(|source| OpenError::File { path: path.to_owned(), source })?;
        let mut writer = connect(path).map_err(failed)?;
        let found = prepare(&mut writer, &key).map_err(failed)?;
        if found.layout != LAYOUT {
            return Err(OpenError::Layout { path: path.to_owned(), found: found.layout });
        }
        if !found.same_key {
            return Err(OpenError::OtherKey(path.to_owned()));
        }
        let reader = connect(path).map_err(failed)?;
        reader.pragma_update(None, "query_only", true).map_err(failed)?;
        Ok(Self {
            reader: Worker::start("store-read", reader).map_err(OpenError::Thread)?,
            writer: Worker::start("store-write", writer).map_err(OpenError::Thread)?,
            key,
        })
    }

    /// How this store knows a person.
    #[must_use]
    pub fn tag(&self, realm: &str, user: &AppUserId) -> PersonTag {
        PersonTag(digest(&self.key, "bauta/store/person/v1", &[realm, user.expose()]))
    }

    /// Takes records over from a listing of this store or from the application's own table, all or none: the later
    /// choice stays, and epochs and invalidations never go back. A salt is taken with a later epoch, or by somebody who
    /// was not identified here before; it never replaces a newer one. Answers with how many records there were.
    ///
    /// # Errors
    /// When the database fails, or a record that is there makes no sense.
    pub fn restore<'a>(&'a self, realm: &'a str, entries: Vec<Entry>, deadline: Duration) -> Pending<'a, usize> {
        let realm = realm.to_owned();
        Box::pin(self.writer.run(deadline, Abandoned::CarryOut, move |connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for Entry { person, record } in &entries {
                let mut now = read(&transaction, &realm, *person)?;
                if record.epoch > now.epoch || now.may_take_salt() {
                    now.salt = record.salt.or(now.salt);
                }
                let is_later = |(_, at): &(Choice, UnixMillis)| now.choice.is_none_or(|(_, known)| *at >= known);
                now.choice = record.choice.filter(is_later).or(now.choice);
                now.epoch = now.epoch.max(record.epoch);
                now.invalidated = now.invalidated.max(record.invalidated);
                write(&transaction, &realm, *person, &now)?;
            }
            transaction.commit()?;
            Ok(entries.len())
        }))
    }
}

impl ConsentStore for SqliteStore {
    fn get<'a>(&'a self, realm: &'a str, user: &'a AppUserId, deadline: Duration) -> Pending<'a, Record> {
        let (realm, person) = (realm.to_owned(), self.tag(realm, user));
        let task = move |connection: &mut Connection| read(connection, &realm, person);
        Box::pin(self.reader.run(deadline, Abandoned::Skip, task))
    }

    fn change<'a>(
        &'a self,
        realm: &'a str,
        user: &'a AppUserId,
        change: Change,
        at: UnixMillis,
        deadline: Duration,
    ) -> Pending<'a, Record> {
        let (realm, person) = (realm.to_owned(), self.tag(realm, user));
        Box::pin(
            self.writer
                .run(deadline, Abandoned::CarryOut, move |connection| apply(connection, &realm, person, change, at)),
        )
    }

    fn list<'a>(
        &'a self,
        realm: &'a str,
        after: Option<PersonTag>,
        limit: u32,
        deadline: Duration,
    ) -> Pending<'a, Vec<Entry>> {
        let realm = realm.to_owned();
        Box::pin(self.reader.run(deadline, Abandoned::Skip, move |connection| {
            let mut statement = connection.prepare(LIST)?;
            let after = after.map(|person| person.0);
            let mut rows = statement.query(params![realm, after, limit.min(PAGE)])?;
            let mut entries = Vec::new();
            while let Some(row) = rows.next()? {
                let person = row.get::<_, [u8; 32]>(5).map_err(|_| StoreError::Corrupt("person"))?;
                entries.push(Entry { person: PersonTag(person), record: record(row)? });
            }
            Ok(entries)
        }))
    }
}

fn apply(
    connection: &mut Connection,
    realm: &str,
    person: PersonTag,
    change: Change,
    at: UnixMillis,
) -> Result<Record, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut now = read(&transaction, realm, person)?;
    let salt = || Salt::random().map(Some).map_err(|_| StoreError::Randomness);
    let next = |epoch: u32| epoch.checked_add(1).ok_or(StoreError::EpochExhausted);
    match change {
        Change::Choose(choice) => now.choice = Some((choice, at)),
        Change::ChooseSalted(choice) => {
            if choice.agrees() && now.may_take_salt() {
                now.salt = salt()?;
            }
            now.choice = Some((choice, at));
        }
        Change::Forget => now.choice = None,
        Change::Invalidate => now.invalidated = now.invalidated.max(Some(at)),
        Change::NextEpoch => now.epoch = next(now.epoch)?,
        Change::NewSalt => (now.epoch, now.salt) = (next(now.epoch)?, salt()?),
    }
    write(&transaction, realm, person, &now)?;
    transaction.commit()?;
    if change == Change::NewSalt {
        // The salt before must not stay in the log of writes. While somebody reads it does, until the next one that
        // does not meet a reader, or the end of the process.
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    }
    Ok(now)
}

fn read(connection: &Connection, realm: &str, person: PersonTag) -> Result<Record, StoreError> {
    let mut statement = connection.prepare(GET)?;
    let found = statement.query_row(params![realm, person.0], |row| Ok(record(row))).optional()?;
    found.unwrap_or(Ok(Record::default()))
}

fn write(connection: &Connection, realm: &str, person: PersonTag, now: &Record) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO consent (realm, person, choice, decided, epoch, invalidated, salt)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (realm, person)
         DO UPDATE SET choice = ?3, decided = ?4, epoch = ?5, invalidated = ?6, salt = ?7",
        params![
            realm,
            person.0,
            now.choice.map(|(choice, _)| choice.word()),
            now.choice.map(|(_, decided)| decided.0),
            now.epoch,
            now.invalidated.map(|at| at.0),
            now.salt.as_ref().map(Salt::expose)
        ],
    )?;
    Ok(())
}

/// Reads the first five columns. Anything unexpected is an error: it must not look like "no record".
fn record(row: &Row<'_>) -> Result<Record, StoreError> {
    let choice = match (row.get::<_, Cell>(0)?, row.get::<_, Cell>(1)?) {
        (Cell::Null, Cell::Null) => None,
        (Cell::Text(word), Cell::Integer(decided)) => {
            let choice = Choice::from_word(&word).ok_or(StoreError::Corrupt("choice"))?;
            Some((choice, UnixMillis(decided)))
        }
        _ => return Err(StoreError::Corrupt("choice")),
    };
    let epoch = row.get::<_, u32>(2).map_err(|_| StoreError::Corrupt("epoch"))?;
    let invalidated = row.get::<_, Option<i64>>(3).map_err(|_| StoreError::Corrupt("invalidated"))?;
    let salt = match row.get::<_, Cell>(4)? {
        Cell::Null => None,
        Cell::Blob(bytes) => Some(Salt::new(&bytes).ok_or(StoreError::Corrupt("salt"))?),
        _ => return Err(StoreError::Corrupt("salt")),
    };
    Ok(Record { choice, epoch, salt, invalidated: invalidated.map(UnixMillis) })
}

struct Found {
    layout: i32,
    same_key: bool,
}

/// Lays out an empty file, or looks at what is there and brings an earlier layout up to date. One transaction: two processes may do it at once.
fn prepare(connection: &mut Connection, key: &[u8; 32]) -> rusqlite::Result<Found> {
    let check = digest(key, "bauta/store/check/v1", &[]);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut layout = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let tables = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
    if layout == 0 && tables == 0 {
        transaction.execute_batch(CREATE)?;
        transaction.execute("INSERT INTO meta (name, value) VALUES ('key', ?1)", params![check])?;
        transaction.pragma_update(None, "user_version", LAYOUT)?;
        layout = LAYOUT;
    }
    let mut same_key = false;
    if (1..=LAYOUT).contains(&layout) {
        let query = "SELECT value FROM meta WHERE name = 'key'";
        let known = transaction.query_row(query, [], |row| row.get::<_, Vec<u8>>(0)).optional()?;
        same_key = known.is_some_and(|known| known.ct_eq(&check).into());
    }
    if layout == 1 && same_key {
        transaction.execute_batch(ADD_SALT)?;
        transaction.pragma_update(None, "user_version", LAYOUT)?;
    }
    if layout == 1 {
        layout = LAYOUT;
    }
    transaction.commit()?;
    Ok(Found { layout, same_key })
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "secure_delete", true)?;
    Ok(connection)
}

/// Makes the file if it is missing and takes everybody but its owner off its mode; SQLite gives the WAL and the
/// shared-memory file the same mode.
fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let file = std::fs::OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

/// HMAC-SHA-256 over a label and parts, each with its length in front so that no two lists of parts look alike.
fn digest(key: &[u8; 32], label: &str, parts: &[&str]) -> [u8; 32] {
    // A key shorter than the hash's block is padded with zeros (RFC 2104 section 2).
    let mut block = Zeroizing::new([0; 64]);
    block.iter_mut().zip(key).for_each(|(slot, byte)| *slot = *byte);
    let mut mac = <Hmac<Sha256> as KeyInit>::new((&*block).into());
    for part in std::iter::once(&label).chain(parts) {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests;
