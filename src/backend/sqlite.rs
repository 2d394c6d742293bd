//! SQLite: the application's own file, opened for reading only.
//!
//! Questions are answered on the runtime's threads for blocking work, one at a time; the file is opened when it is
//! first asked, and again after an error, since the application may have replaced it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, ToSql};

use super::sql::{Dialect, statement};
use super::{Access, KeyKind, Query, Row, Trouble};

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
    pub(super) fn open(access: &Access<'_>) -> Result<Self, String> {
        let path = access.url.strip_prefix("sqlite:").unwrap_or_default();
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() {
            return Err("expected sqlite: and a file name".into());
        }
        Ok(Self(Arc::new(File { path: access.base.join(path), connection: Mutex::default() })))
    }

    /// [`super::Sql::rows`]
    pub(super) async fn rows(&self, query: &Query, key: &[u8], most: usize, limit: usize) -> Result<Vec<Row>, Trouble> {
        let (file, query, key) = (Arc::clone(&self.0), query.clone(), key.to_vec());
        let work = move || file.rows(&query, &key, most, limit);
        tokio::task::spawn_blocking(work).await.map_err(Trouble::down)?
    }
}

impl File {
    fn rows(&self, query: &Query, key: &[u8], most: usize, limit: usize) -> Result<Vec<Row>, Trouble> {
        let mut kept = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = match kept.take() {
            Some(connection) => connection,
            None => self.connect().map_err(|error| trouble(&error))?,
        };
        let rows = ask(&connection, query, key, most, limit).map_err(|error| trouble(&error))?;
        *kept = Some(connection);
        rows.ok_or(Trouble::TooLarge)
    }

    fn connect(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(BUSY)?;
        Ok(connection)
    }
}

/// The rows; `None` when they are larger than the limit.
fn ask(
    connection: &Connection,
    query: &Query,
    key: &[u8],
    most: usize,
    limit: usize,
) -> rusqlite::Result<Option<Vec<Row>>> {
    let mut statement = connection.prepare(&statement(query, most, Dialect::Sqlite))?;
    let text = std::str::from_utf8(key).ok().filter(|_| query.kind == KeyKind::Text);
    let key: &dyn ToSql = text.as_ref().map_or(&key, |text| text);
    let mut found = statement.query([key])?;
    let (mut rows, mut size) = (Vec::new(), 0);
    while let Some(row) = found.next()? {
        let mut cells = Vec::with_capacity(query.columns.len());
        for index in 0..query.columns.len() {
            let cell = match row.get_ref(index)? {
                ValueRef::Null => None,
                ValueRef::Text(text) | ValueRef::Blob(text) => {
                    size += text.len();
                    if size > limit {
                        return Ok(None);
                    }
                    Some(text.to_vec())
                }
                ValueRef::Integer(number) => Some(number.to_string().into_bytes()),
                ValueRef::Real(number) => Some(number.to_string().into_bytes()),
            };
            cells.push(cell);
        }
        rows.push(cells);
    }
    Ok(Some(rows))
}

/// What SQLite says, without the statement.
fn trouble(error: &rusqlite::Error) -> Trouble {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::CannotOpen) => Trouble::Down("the file cannot be opened".into()),
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => Trouble::Late,
        Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => {
            Trouble::Nonsense("the file is no database".into())
        }
        Some(code) => Trouble::Refused(format!("{code:?}")),
        None => Trouble::Refused("it cannot be read".into()),
    }
}
