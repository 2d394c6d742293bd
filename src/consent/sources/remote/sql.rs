//! `kind = "sql"`: the row of a person, with the epoch and the salt of their pseudonym if the table has them.

use super::{Backend, Building, Channel, Pending, Way};
use crate::backend::{KeyKind, Query, Row, Sql, Trouble, is_name};
use crate::config::consent as config;
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Facts};
use crate::consent::policy::Surroundings;
use crate::consent::sources::backend::{MAX_BYTES, of_rows};
use crate::person::{AppUserId, Salt, Value};

struct Table {
    sql: Sql,
    query: Query,
    shape: config::Sql,
    epoch: Option<usize>,
    salt: Option<usize>,
}

/// Builds the source.
pub(in crate::consent::sources) fn build(
    shape: &config::Sql,
    surroundings: &Surroundings<'_>,
    at: &KeyPath,
    faults: &mut Faults,
) -> Option<impl super::Source + use<>> {
    let mut building = Building::new(surroundings, at, faults);
    let way = Way {
        url: &shape.url,
        example: "postgres://reader@db.example/app",
        password: shape.password.as_ref(),
        ca_file: shape.ca_file.as_deref(),
    };
    let sql = building.open(&way, Sql::open);
    if !is_name(&shape.table, true) {
        building.fault("table", "expected a table's name: letters, digits, _, a schema with a dot", "name a view");
    }
    let named = [
        ("column", &shape.column),
        ("level_column", &shape.level_column),
        ("granted_at", &shape.granted_at),
        ("revoked_at", &shape.revoked_at),
        ("epoch_column", &shape.epoch_column),
        ("salt_column", &shape.salt_column),
    ];
    for (option, name) in named.iter().filter_map(|(option, name)| Some((*option, name.as_ref()?))) {
        if !is_name(name, false) {
            building.fault(option, "expected a column's name: letters, digits and _", "name a column of a view");
        }
    }
    if !is_name(&shape.key, false) {
        building.fault("key", "expected a column's name: letters, digits and _", "write key = \"id\"");
    }
    if shape.column.is_none() && shape.granted_at.is_none() {
        building.fault("column", "missing: which column holds the choice", "add column or granted_at");
    }
    let is_postgres = shape.url.starts_with("postgres");
    if shape.channel.as_ref().is_some_and(|name| !is_postgres || !is_name(name, false)) {
        building.fault("channel", "expected the name of a channel of PostgreSQL", "remove it with another engine");
    }
    let columns: Vec<String> = named.iter().filter_map(|(_, name)| name.as_deref().map(str::to_owned)).collect();
    let place = |name: &Option<String>| name.as_ref().and_then(|name| columns.iter().position(|one| one == name));
    let table = sql.map(|sql| Table {
        sql,
        query: Query {
            table: shape.table.clone(),
            key: shape.key.clone(),
            kind: KeyKind::Text,
            filter: Vec::new(),
            columns: columns.iter().map(|name| (name.clone(), name.clone())).collect(),
        },
        shape: shape.clone(),
        epoch: place(&shape.epoch_column),
        salt: place(&shape.salt_column),
    });
    building.finish(shape.ttl, table)
}

impl Backend for Table {
    fn word(&self) -> &'static str {
        "sql"
    }

    fn keeps_epochs(&self) -> bool {
        self.epoch.is_some() || self.salt.is_some()
    }

    fn ask<'a>(&'a self, user: &'a AppUserId) -> Pending<'a, Result<Answer, Trouble>> {
        Box::pin(async move {
            let rows = self.sql.rows(&self.query, user.expose().as_bytes(), 2, MAX_BYTES).await?;
            Ok(self.read(&rows))
        })
    }

    fn channel(&self) -> Option<Pending<'_, Result<Channel, Trouble>>> {
        let channel = self.shape.channel.as_deref()?;
        Some(Box::pin(async move { Ok(Channel::Postgres(Box::new(self.sql.listen(channel).await?))) }))
    }
}

impl Table {
    fn read(&self, rows: &[Row]) -> Answer {
        let names = || self.query.columns.iter().map(|(name, _)| Value::Text(name.clone()));
        let map = |row: &Row| Value::Map(names().zip(row.iter().map(|cell| value(cell.as_deref()))).collect());
        let values: Vec<Value> = rows.iter().map(map).collect();
        let answer = of_rows(&self.shape, Ok(&values));
        if !self.keeps_epochs() {
            return answer;
        }
        let mut facts = rows.iter().map(|row| self.facts(row));
        let first = facts.next().flatten();
        Answer { record: first.filter(|first| facts.all(|other| other == Some(*first))), ..answer }
    }

    /// The epoch and the salt; `None` when one of them is wanted and cannot be read.
    fn facts(&self, row: &Row) -> Option<Facts> {
        let cell = |place: usize| row.get(place).and_then(Option::as_deref);
        let epoch = match self.epoch {
            Some(place) => std::str::from_utf8(cell(place)?).ok()?.parse().ok()?,
            None => 0,
        };
        let salt = match self.salt {
            Some(place) => Some(Salt::from_cell(cell(place)?)?),
            None => None,
        };
        Some(Facts { epoch, salt, ..Facts::default() })
    }
}

/// A cell, which every engine gives as text: what looks like a number or a boolean is one.
fn value(cell: Option<&[u8]>) -> Value {
    let Some(bytes) = cell else { return Value::Null };
    match std::str::from_utf8(bytes) {
        Ok("true") => Value::Bool(true),
        Ok("false") => Value::Bool(false),
        Ok(text) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Value::Number(text.to_owned())
        }
        // BIT(1) of MySQL.
        Ok("\u{1}") => Value::Bool(true),
        Ok("\u{0}") => Value::Bool(false),
        Ok(text) => Value::Text(text.to_owned()),
        Err(_) => Value::Opaque,
    }
}
