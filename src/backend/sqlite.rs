//! SQLite: the application's own file, opened for reading only.
//!
//! Questions are answered on the runtime's threads for blocking work, one at a time; the file is opened when it is
//! first asked, and again after an error, since the application may have replaced it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::sql::{Dialect, statement};
use super::{Answer, Ask, KeyKind, Pending, Query, Source, Unreachable};
use crate::config::session::Store;

/// How long a question waits while the application writes.
const BUSY: Duration = Duration::from_millis(40);

/// One file.
pub(super) struct Sqlite(Arc<File>);

struct File {
    path: PathBuf,
    connection: Mutex<Option<Connection>>,
}

impl Sqlite {
    /// Reads the address; opens the file later.
    pub(super) fn open(store: &Store, base: &Path) -> Result<Self, String> {
        let path = store.url.strip_prefix("sqlite:").unwrap_or_default();
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() {
            return Err("expected sqlite: and a file name".into());
        }
        Ok(Self(Arc::new(File { path: base.join(path), connection: Mutex::default() })))
    }
}

impl Source for Sqlite {
    fn ask<'a>(&'a self, ask: Ask<'a>) -> Pending<'a> {
        Box::pin(async move {
            let Ask::Row { query, key } = ask else { return Err(Unreachable("it is a database".into())) };
            let (file, query, key) = (Arc::clone(&self.0), query.clone(), key.to_vec());
            match tokio::task::spawn_blocking(move || file.row(&query, &key)).await {
                Ok(answer) => answer,
                Err(error) => Err(Unreachable(error.to_string())),
            }
        })
    }
}

impl File {
    fn row(&self, query: &Query, key: &[u8]) -> Result<Answer, Unreachable> {
        let mut kept = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = match kept.take() {
            Some(connection) => connection,
            None => self.connect().map_err(|error| Unreachable(words(&error)))?,
        };
        let answer = ask(&connection, query, key).map_err(|error| Unreachable(words(&error)))?;
        *kept = Some(connection);
        Ok(answer)
    }

    fn connect(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(BUSY)?;
        Ok(connection)
    }
}

fn ask(connection: &Connection, query: &Query, key: &[u8]) -> rusqlite::Result<Answer> {
    let mut statement = connection.prepare_cached(&statement(query, Dialect::Sqlite))?;
    let text = std::str::from_utf8(key).ok().filter(|_| query.kind == KeyKind::Text);
    let mut rows = match text {
        Some(text) => statement.query([text])?,
        None => statement.query([key])?,
    };
    let Some(row) = rows.next()? else { return Ok(Answer::Nothing) };
    let mut cells = Vec::with_capacity(query.columns.len());
    for index in 0..query.columns.len() {
        cells.push(match row.get_ref(index)? {
            ValueRef::Null => None,
            ValueRef::Text(text) | ValueRef::Blob(text) => Some(text.to_vec()),
            ValueRef::Integer(number) => Some(number.to_string().into_bytes()),
            ValueRef::Real(number) => Some(number.to_string().into_bytes()),
        });
    }
    Ok(Answer::Fields(cells))
}

/// What SQLite says, without the statement.
fn words(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(code, Some(words)) => format!("{words} ({})", code.extended_code),
        other => other.sqlite_error_code().map_or_else(|| "it cannot be read".to_owned(), |code| format!("{code:?}")),
    }
}
