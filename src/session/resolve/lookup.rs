//! The stage that looks a session up in a store, by what the cookie says.

use tokio::time::Instant;

use super::{Answer, Ask, Guarded, KeyKind, Query, Trouble};
use crate::backend::{Redis, Sql, is_name};
use crate::config::session::Store;
use crate::person::Value;
use crate::session::candidate::Candidate;
use crate::session::context::Context;
use crate::session::decode::cursor::text_or_bytes;
use crate::session::refusal::Refusal;
use crate::session::setup::{Part, Setup};

/// The longest key. Ids of frameworks have up to 64 characters.
const LONGEST_KEY: usize = 512;

/// How a framework keeps its sessions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resolve {
    /// Where its settings stand.
    pub(crate) part: Part,
    /// In what kind of store.
    pub(crate) kind: Kind,
}

/// The kinds of stores.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// Redis, a value under `prefix + id`.
    Value {
        /// The framework's prefix.
        prefix: &'static str,
    },
    /// Redis, fields of a hash under `prefix + id`.
    Hash {
        /// The framework's prefix.
        prefix: &'static str,
        /// The field that holds the account.
        field: &'static str,
        /// A field that every session has: without it there is no session.
        always: &'static str,
    },
    /// A row of a table.
    Row {
        /// The framework's table.
        table: &'static str,
        /// The column of the id.
        key: &'static str,
        /// The type of that column.
        bytes: KeyKind,
        /// Columns with a fixed value.
        filter: &'static [(&'static str, &'static str)],
        /// The columns to read.
        columns: &'static [&'static str],
    },
}

/// The look-up of one site.
pub(crate) struct Lookup {
    source: Option<Guarded>,
    question: Question,
    part: Part,
}

enum Question {
    Value { prefix: String },
    Hash { prefix: String, fields: Vec<String> },
    Row { query: Query },
}

impl Resolve {
    /// Makes the look-up from the configuration.
    pub(crate) fn build(self, setup: &mut Setup<'_>) -> Lookup {
        let store = setup.store(self.part, self.kind.schemes());
        let settings = store.as_ref().map_or_else(Store::default, |(store, _)| store.clone());
        let question = self.kind.question(self.part, &settings, setup);
        Lookup { source: store.map(|(_, source)| source), question, part: self.part }
    }
}

impl Kind {
    const fn schemes(self) -> &'static [&'static str] {
        match self {
            Self::Value { .. } | Self::Hash { .. } => Redis::SCHEMES,
            Self::Row { .. } => Sql::SCHEMES,
        }
    }

    fn question(self, part: Part, settings: &Store, setup: &mut Setup<'_>) -> Question {
        let prefix = |default: &str| settings.prefix.clone().unwrap_or_else(|| default.to_owned());
        let unused = match self {
            Self::Value { .. } => [settings.table.is_some(), settings.field.is_some(), !settings.columns.is_empty()],
            Self::Hash { .. } => [settings.table.is_some(), false, !settings.columns.is_empty()],
            Self::Row { .. } => [settings.prefix.is_some(), settings.field.is_some(), false],
        };
        let names =
            if matches!(self, Self::Row { .. }) { ["prefix", "field", ""] } else { ["table", "field", "columns"] };
        for (name, _) in names.iter().zip(unused).filter(|(_, unused)| *unused) {
            let problem = format!("this kind of store has no use for {name}");
            setup.fault_at(setup.at(part.key()).key(name), problem, "remove the line");
        }
        match self {
            Self::Value { prefix: default } => Question::Value { prefix: prefix(default) },
            Self::Hash { prefix: default, field, always } => {
                let field = settings.field.clone().unwrap_or_else(|| field.to_owned());
                Question::Hash { prefix: prefix(default), fields: vec![field, always.to_owned()] }
            }
            Self::Row { table, key, bytes, filter, columns } => {
                let table = settings.table.clone().unwrap_or_else(|| table.to_owned());
                let renamed = |name: &str| settings.columns.get(name).cloned().unwrap_or_else(|| name.to_owned());
                let query = Query {
                    key: renamed(key),
                    kind: bytes,
                    filter: filter.iter().map(|(name, value)| (renamed(name), (*value).to_owned())).collect(),
                    columns: columns.iter().map(|name| ((*name).to_owned(), renamed(name))).collect(),
                    table,
                };
                check_names(&query, part, setup);
                for name in settings.columns.keys() {
                    let known =
                        columns.contains(&name.as_str()) || name == key || filter.iter().any(|(f, _)| f == name);
                    if !known {
                        let problem = format!("preset {} reads no column {name}", setup.preset.name);
                        let fix = format!("the columns that can be renamed are {key}, {}", columns.join(", "));
                        setup.fault_at(setup.at(part.key()).key("columns").key(name), problem, fix);
                    }
                }
                Question::Row { query }
            }
        }
    }
}

/// Table and column names become part of the statement, so they must be names.
fn check_names(query: &Query, part: Part, setup: &mut Setup<'_>) {
    let fix = "use letters, digits and underscores; a view may give other names";
    if !is_name(&query.table, true) {
        setup.fault_at(setup.at(part.key()).key("table"), "this is no table name", fix);
    }
    let columns = query.columns.iter().map(|(_, name)| name).chain([&query.key]);
    for name in columns.chain(query.filter.iter().map(|(name, _)| name)).filter(|name| !is_name(name, false)) {
        setup.fault_at(setup.at(part.key()).key("columns"), format!("{name:?} is no column name"), fix);
    }
}

impl Lookup {
    /// Asks the store; leaves the stored value, the field or the row.
    pub(crate) async fn open(&self, candidate: &mut Candidate<'_>, context: &Context<'_>) -> Result<(), Refusal> {
        let source = self.source.as_ref().ok_or(Refusal::Unavailable)?;
        let id = candidate.bytes()?;
        if id.is_empty() || id.len() > LONGEST_KEY {
            return Err(Refusal::Malformed);
        }
        let key = match &self.question {
            Question::Value { prefix } | Question::Hash { prefix, .. } => [prefix.as_bytes(), id].concat(),
            Question::Row { .. } => id.to_vec(),
        };
        let ask = match &self.question {
            Question::Value { .. } => Ask::Value { key: &key },
            Question::Hash { fields, .. } => Ask::Fields { key: &key, fields },
            Question::Row { query } => Ask::Row { query, key: &key },
        };
        let answer = source.ask(ask, context.until).await?;
        candidate.snapshot = false;
        match (answer, &self.question) {
            (Answer::Nothing, _) => Err(Refusal::NotFound),
            (Answer::Value(value), Question::Value { .. }) => {
                candidate.set_bytes(value);
                Ok(())
            }
            (Answer::Fields(values), Question::Hash { .. }) => match values.as_slice() {
                [_, None] => Err(Refusal::NotFound),
                [None, Some(_)] => Err(Refusal::Anonymous),
                [Some(value), Some(_)] => {
                    let value = value.clone();
                    candidate.set_bytes(value);
                    Ok(())
                }
                _ => Err(Refusal::Malformed),
            },
            (Answer::Fields(values), Question::Row { query }) if values.len() == query.columns.len() => {
                let cell = |cell: Option<Vec<u8>>| cell.map_or(Value::Null, |text| text_or_bytes(&text));
                let names = query.columns.iter().map(|(name, _)| Value::Text(name.clone()));
                candidate.set_value(Value::Map(names.zip(values.into_iter().map(cell)).collect()));
                Ok(())
            }
            _ => Err(Refusal::Unavailable),
        }
    }
    /// The key of `[site.session]` that says where it looks.
    pub(crate) const fn key(&self) -> &'static str {
        self.part.key()
    }

    /// Asks for a session that nobody has.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(crate) async fn probe(&self, until: Instant) -> Result<(), Trouble> {
        let source = self.source.as_ref().ok_or_else(|| Trouble::Down("it is not configured".into()))?;
        let key = b"00000000-0000-4000-8000-000000000000";
        let ask = match &self.question {
            Question::Value { prefix } => {
                source.probe(Ask::Value { key: &[prefix.as_bytes(), key].concat() }, until).await
            }
            Question::Hash { prefix, fields } => {
                source.probe(Ask::Fields { key: &[prefix.as_bytes(), key].concat(), fields }, until).await
            }
            Question::Row { query } => source.probe(Ask::Row { query, key }, until).await,
        };
        ask.map(drop)
    }
}
