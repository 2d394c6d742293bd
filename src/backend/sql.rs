//! SQL engines, and the one statement that is ever sent to them: some columns of the rows with one key, all as text.

use super::mysql::Mysql;
use super::postgres::{Notices, Postgres};
use super::sqlite::Sqlite;
use super::{Access, Trouble};

/// The cells of a row as text, in the order of [`Query::columns`]; `None` is NULL.
pub type Row = Vec<Option<Vec<u8>>>;

/// Rows by one key, as every SQL dialect can say it. Names are checked by whoever configures them ([`is_name`]); only
/// the key comes from a visitor, and it is a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The table or view; a schema stands before it with a dot.
    pub table: String,
    /// The column that the key is compared with.
    pub key: String,
    /// What kind of column that is.
    pub kind: KeyKind,
    /// Columns that must have a fixed value.
    pub filter: Vec<(String, String)>,
    /// The columns to read, as text: by what name the one who asks knows them, and what they are called here.
    pub columns: Vec<(String, String)>,
}

/// The type of a key column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// Text, or what is compared as text: numbers, UUIDs.
    Text,
    /// Bytes; the key of the question is the bytes themselves.
    Bytes,
}

/// One database.
pub struct Sql(Engine);

enum Engine {
    Postgres(Postgres),
    Mysql(Mysql),
    Sqlite(Sqlite),
}

impl Sql {
    /// The addresses that it opens.
    pub const SCHEMES: &'static [&'static str] = &["postgres", "postgresql", "mysql", "mariadb", "sqlite"];

    /// Reads the address; connects later.
    ///
    /// # Errors
    /// What is wrong with the address, in one lower-case sentence.
    pub fn open(access: &Access<'_>) -> Result<Self, String> {
        match access.url.split(':').next().unwrap_or_default() {
            "postgres" | "postgresql" => Postgres::open(access).map(Engine::Postgres).map(Self),
            "mysql" | "mariadb" => Mysql::open(access).map(Engine::Mysql).map(Self),
            "sqlite" => Sqlite::open(access).map(Engine::Sqlite).map(Self),
            scheme => Err(format!("{scheme} is no database that bauta can open")),
        }
    }

    /// At most `most` rows with this key, of at most `limit` bytes together.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn rows(&self, query: &Query, key: &[u8], most: usize, limit: usize) -> Result<Vec<Row>, Trouble> {
        // No text column holds what is no text, and an engine would call it an error of ours.
        if query.kind == KeyKind::Text && (std::str::from_utf8(key).is_err() || key.contains(&0)) {
            return Ok(Vec::new());
        }
        match &self.0 {
            Engine::Postgres(engine) => engine.rows(query, key, most, limit).await,
            Engine::Mysql(engine) => engine.rows(query, key, most, limit).await,
            Engine::Sqlite(engine) => engine.rows(query, key, most, limit).await,
        }
    }

    /// Listens to a channel of PostgreSQL, on a connection of its own.
    ///
    /// # Errors
    /// Why it cannot; the other engines have no channels.
    pub async fn listen(&self, channel: &str) -> Result<Notices, Trouble> {
        match &self.0 {
            Engine::Postgres(engine) => engine.listen(channel).await,
            Engine::Mysql(_) | Engine::Sqlite(_) => Err(Trouble::Refused("this engine has no channels".into())),
        }
    }
}

/// True for what may stand as a name in a statement. `dots` allows a schema before a table.
pub fn is_name(name: &str, dots: bool) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || dots && byte == b'.';
    !name.is_empty() && name.len() <= 128 && name.bytes().all(allowed)
}

/// What differs between engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
    /// SQLite.
    Sqlite,
}

/// The statement of a query. PostgreSQL and SQLite take the key as their one parameter; MySQL takes the key twice and
/// then the values of the filter, since there a literal's meaning depends on the server's mode.
pub(super) fn statement(query: &Query, most: usize, dialect: Dialect) -> String {
    let quoted = |name: &str| dialect.quoted(name);
    let columns: Vec<String> = query.columns.iter().map(|(_, name)| dialect.as_text(&quoted(name))).collect();
    let table: Vec<String> = query.table.split('.').map(quoted).collect();
    let key = quoted(&query.key);
    let mut text = format!("SELECT {} FROM {} WHERE {key} = ", columns.join(", "), table.join("."));
    // MySQL and SQLite convert freely between types, and MySQL's text ignores case: the second comparison is exact.
    text.push_str(&match (dialect, query.kind) {
        (Dialect::Postgres, _) => "$1".to_owned(),
        (Dialect::Sqlite, KeyKind::Text) => format!("?1 AND CAST({key} AS TEXT) = ?1"),
        (Dialect::Sqlite, KeyKind::Bytes) => "?1".to_owned(),
        (Dialect::Mysql, KeyKind::Text) => format!("? AND CAST(CONVERT({key} USING utf8mb4) AS BINARY) = ?"),
        (Dialect::Mysql, KeyKind::Bytes) => format!("? AND CAST({key} AS BINARY) = ?"),
    });
    for (name, value) in &query.filter {
        match dialect {
            Dialect::Mysql => text.push_str(&format!(" AND {} = ?", quoted(name))),
            _ => text.push_str(&format!(" AND {} = '{}'", quoted(name), value.replace('\'', "''"))),
        }
    }
    text.push_str(&format!(" LIMIT {most}"));
    text
}

impl Dialect {
    /// A name as the engine has it. PostgreSQL folds names without quotes, so those that are all capitals, as schemas
    /// of Java have them, stand without.
    fn quoted(self, name: &str) -> String {
        match self {
            Self::Mysql => format!("`{}`", name.replace('`', "")),
            _ if name.bytes().any(|byte| byte.is_ascii_lowercase()) => format!("\"{}\"", name.replace('"', "")),
            _ => name.to_owned(),
        }
    }

    /// MySQL's own values say what they are; the others are converted where they are.
    fn as_text(self, column: &str) -> String {
        match self {
            Self::Mysql => column.to_owned(),
            Self::Postgres | Self::Sqlite => format!("CAST({column} AS TEXT)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Dialect, KeyKind, Query, is_name, statement};

    fn query() -> Query {
        let name = |text: &str| text.to_owned();
        Query {
            table: name("app.users_tokens"),
            key: name("token"),
            kind: KeyKind::Bytes,
            filter: vec![(name("context"), name("it's"))],
            columns: vec![(name("user_id"), name("userId")), (name("x"), name("EXPIRY_TIME"))],
        }
    }

    #[test]
    fn names_are_quoted_and_the_key_is_a_parameter() {
        assert_eq!(
            statement(&query(), 1, Dialect::Postgres),
            "SELECT CAST(\"userId\" AS TEXT), CAST(EXPIRY_TIME AS TEXT) FROM \"app\".\"users_tokens\" WHERE \"token\" = $1 \
             AND \"context\" = 'it''s' LIMIT 1"
        );
        assert_eq!(
            statement(&query(), 2, Dialect::Mysql),
            "SELECT `userId`, `EXPIRY_TIME` FROM `app`.`users_tokens` WHERE `token` = ? AND CAST(`token` AS BINARY) = ? \
             AND `context` = ? LIMIT 2"
        );
        assert!(statement(&query(), 1, Dialect::Sqlite).contains("\"token\" = ?1 AND \"context\""));
    }

    #[test]
    fn only_plain_names_are_names() {
        assert!(is_name("app.users", true) && is_name("SPRING_SESSION", false));
        for name in ["", "a.b", "a\"b", "a b", "a;b", "a`b", "ä"] {
            assert!(!is_name(name, false), "{name}");
        }
    }
}
