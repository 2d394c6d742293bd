//! A store inside the process: for tests and the demo, where no engine is installed.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Answer, Ask, Connector, KeyKind, Pending, Query, Source, Trouble};
use crate::config::session::{Endpoint, Store};
use crate::secret::Secret;

/// Keys, hashes, tables and an endpoint, shared by whoever holds a clone.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<Shelves>>);

/// Fields, columns or headers by name.
type Cells = Vec<(String, Vec<u8>)>;

#[derive(Default)]
struct Shelves {
    values: HashMap<Vec<u8>, Vec<u8>>,
    hashes: HashMap<Vec<u8>, Cells>,
    rows: Vec<(String, Cells)>,
    responses: HashMap<Vec<u8>, Response>,
    down: bool,
}

#[derive(Clone)]
struct Response {
    status: u16,
    headers: Cells,
    body: Vec<u8>,
}

impl Memory {
    /// Puts a value under a key.
    pub fn put(&self, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) {
        self.with(|shelves| drop(shelves.values.insert(key.into(), value.into())));
    }

    /// Puts a hash under a key.
    pub fn put_hash(&self, key: impl Into<Vec<u8>>, fields: Cells) {
        self.with(|shelves| drop(shelves.hashes.insert(key.into(), fields)));
    }

    /// Puts a row into a table; a column that is left out is NULL.
    pub fn put_row(&self, table: &str, columns: Cells) {
        self.with(|shelves| shelves.rows.push((table.to_owned(), columns)));
    }

    /// Says how the endpoint answers to a cookie (`name=value`). To any other it answers 401.
    pub fn put_response(&self, cookie: &str, status: u16, headers: Cells, body: impl Into<Vec<u8>>) {
        let response = Response { status, headers, body: body.into() };
        self.with(|shelves| drop(shelves.responses.insert(cookie.as_bytes().to_vec(), response)));
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.with(|shelves| *shelves = Shelves::default());
    }

    /// Stops answering, or starts again.
    pub fn set_down(&self, down: bool) {
        self.with(|shelves| shelves.down = down);
    }

    fn with<T>(&self, work: impl FnOnce(&mut Shelves) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn answer(&self, ask: Ask<'_>, header: Option<&str>) -> Result<Answer, Trouble> {
        self.with(|shelves| {
            if shelves.down {
                return Err(Trouble::Down("it is switched off".into()));
            }
            Ok(match ask {
                Ask::Value { key } => shelves.values.get(key).cloned().map_or(Answer::Nothing, Answer::Value),
                Ask::Fields { key, fields } => {
                    let hash = shelves.hashes.get(key);
                    Answer::Fields(fields.iter().map(|field| hash.and_then(|hash| cell(hash, field))).collect())
                }
                Ask::Row { query, key } => shelves.row(query, key),
                Ask::Endpoint { cookie } => match shelves.responses.get(cookie) {
                    Some(Response { status, headers, body }) => {
                        let header = header.and_then(|name| {
                            headers
                                .iter()
                                .find(|(found, _)| found.eq_ignore_ascii_case(name))
                                .map(|(_, value)| value.clone())
                        });
                        Answer::Response { status: *status, header, body: body.clone() }
                    }
                    None => Answer::Response { status: 401, header: None, body: Vec::new() },
                },
            })
        })
    }
}

impl Shelves {
    fn row(&self, query: &Query, key: &[u8]) -> Answer {
        let wanted = |columns: &[(String, Vec<u8>)]| {
            cell(columns, &query.key).is_some_and(|found| found == key)
                && query
                    .filter
                    .iter()
                    .all(|(name, value)| cell(columns, name).is_some_and(|found| found == value.as_bytes()))
        };
        debug_assert!(matches!(query.kind, KeyKind::Text | KeyKind::Bytes), "both kinds compare as bytes here");
        let row = self.rows.iter().find(|(table, columns)| *table == query.table && wanted(columns));
        row.map_or(Answer::Nothing, |(_, columns)| {
            Answer::Fields(query.columns.iter().map(|(_, name)| cell(columns, name)).collect())
        })
    }
}

fn cell(cells: &[(String, Vec<u8>)], name: &str) -> Option<Vec<u8>> {
    cells.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone())
}

/// The memory as one store or endpoint.
struct Opened {
    memory: Memory,
    header: Option<String>,
}

impl Source for Opened {
    fn ask<'a>(&'a self, ask: Ask<'a>) -> Pending<'a> {
        Box::pin(std::future::ready(self.memory.answer(ask, self.header.as_deref())))
    }
}

impl Connector for Memory {
    fn store(&self, _store: &Store, _base: &Path, _password: Option<&Secret>) -> Result<Arc<dyn Source>, String> {
        Ok(Arc::new(Opened { memory: self.clone(), header: None }))
    }

    fn endpoint(&self, endpoint: &Endpoint) -> Result<Arc<dyn Source>, String> {
        Ok(Arc::new(Opened { memory: self.clone(), header: endpoint.header.clone() }))
    }
}
