//! The one statement that is ever sent to an SQL engine: some columns of one row by one key, all as text.

use super::Query;

/// What differs between engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
}

impl Dialect {
    const fn parameter(self) -> &'static str {
        match self {
            Self::Postgres => "$1",
            Self::Sqlite => "?1",
        }
    }
}

/// The statement of a query.
pub(super) fn statement(query: &Query, dialect: Dialect) -> String {
    let columns: Vec<String> = query.columns.iter().map(|(_, name)| format!("CAST({} AS TEXT)", quoted(name))).collect();
    let table: Vec<String> = query.table.split('.').map(quoted).collect();
    let mut text = format!(
        "SELECT {} FROM {} WHERE {} = {}",
        columns.join(", "),
        table.join("."),
        quoted(&query.key),
        dialect.parameter()
    );
    for (name, value) in &query.filter {
        text.push_str(&format!(" AND {} = '{}'", quoted(name), value.replace('\'', "''")));
    }
    text.push_str(" LIMIT 1");
    text
}

/// A name as the engine has it: in quotes, unless it is all capitals. Such names stand in schemas without quotes, and
/// each engine folds them its own way.
fn quoted(name: &str) -> String {
    if name.bytes().any(|byte| byte.is_ascii_lowercase()) { format!("\"{}\"", name.replace('"', "")) } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{Dialect, statement};
    use crate::session::resolve::{KeyKind, Query};

    #[test]
    fn names_are_quoted_and_the_key_is_a_parameter() {
        let name = |text: &str| text.to_owned();
        let query = Query {
            table: name("app.users_tokens"),
            key: name("token"),
            kind: KeyKind::Bytes,
            filter: vec![(name("context"), name("it's"))],
            columns: vec![(name("user_id"), name("userId")), (name("x"), name("EXPIRY_TIME"))],
        };
        assert_eq!(
            statement(&query, Dialect::Postgres),
            "SELECT CAST(\"userId\" AS TEXT), CAST(EXPIRY_TIME AS TEXT) FROM \"app\".\"users_tokens\" WHERE \"token\" = $1 \
             AND \"context\" = 'it''s' LIMIT 1"
        );
        assert!(statement(&query, Dialect::Sqlite).contains("\"token\" = ?1"));
    }
}
