//! The tables of the frameworks, and the rows of a line.

use std::path::Path;

use super::rows;
use crate::data::Line;
use crate::stores::column;

/// The tables as the frameworks make them, by framework; the first words are PostgreSQL's.
pub(crate) const TABLES: &[(&str, &str)] = &[
    ("django-db", DJANGO),
    ("django-cached_db", DJANGO),
    (
        "express-session+connect-pg-simple",
        "CREATE TABLE session (sid varchar PRIMARY KEY, sess json NOT NULL, expire timestamp(6) NOT NULL)",
    ),
    (
        "better-auth",
        "CREATE TABLE session (id text PRIMARY KEY, token text UNIQUE, \"userId\" text, \"expiresAt\" timestamp)",
    ),
    ("rails-activerecord-store", "CREATE TABLE sessions (session_id varchar UNIQUE, data text, updated_at timestamp)"),
    (
        "laravel-db",
        "CREATE TABLE sessions (id varchar PRIMARY KEY, user_id text, payload text NOT NULL, last_activity integer)",
    ),
    (
        "phoenix-gen-auth",
        "CREATE TABLE users_tokens (token bytea, context varchar, user_id text, inserted_at timestamp)",
    ),
    (
        "spring-session-jdbc",
        "CREATE TABLE SPRING_SESSION (SESSION_ID char(36), PRINCIPAL_NAME varchar(100), EXPIRY_TIME bigint)",
    ),
    ("hashed-token-db", "CREATE TABLE session (id text PRIMARY KEY, user_id text, expires_at bigint)"),
];
pub(crate) const DJANGO: &str =
    "CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data text, expire_date timestamptz)";

pub(crate) fn table(framework: &str) -> &'static str {
    TABLES.iter().find(|(name, _)| *name == framework).map(|(_, table)| *table).expect("a table for the framework")
}

/// True for the name of a table that a framework makes.
pub(crate) fn is_framework_table(name: &str) -> bool {
    TABLES.iter().any(|(_, table)| name_of(table) == name)
}

/// The table's name in the words that make it.
fn name_of(table: &str) -> &str {
    table.split_whitespace().nth(2).expect("a table's name")
}

/// The table that the rows of a line stand in.
fn table_of(line: &Line) -> &str {
    let named = rows(line, "sql").filter_map(|row| row["table"].as_str()).last();
    named.unwrap_or_else(|| name_of(table(&line.framework)))
}

/// The statements that put a line's rows into the framework's table, or into one like it that is called otherwise. `bytes` and `time` spell bytes and a
/// time in seconds in the dialect.
pub(crate) fn inserts(line: &Line, bytes: impl Fn(&[u8]) -> String, time: impl Fn(&str) -> String) -> String {
    let table = table_of(line);
    let usual = name_of(self::table(&line.framework));
    let mut text = String::new();
    if table != usual {
        text.push_str(&format!("CREATE TABLE IF NOT EXISTS {table} AS SELECT * FROM {usual} WHERE 1 = 0;"));
    }
    text.push_str(&format!("DELETE FROM {table};"));
    for row in rows(line, "sql") {
        let columns = row["row"].as_object().expect("a row");
        let cells: Vec<(String, String)> = columns
            .iter()
            .filter_map(|(name, value)| {
                let (column, cell) = column(name, value)?;
                let plain = || format!("'{}'", String::from_utf8(cell.clone()).expect("text").replace('\'', "''"));
                Some((column, if name == "token_hex" { bytes(&cell) } else { plain() }))
            })
            .map(|(name, cell)| match name.as_str() {
                "expire" => (name, time(&cell)),
                _ => (name, cell),
            })
            .collect();
        let quoted = |name: &str| {
            if name.bytes().any(|byte| byte.is_ascii_lowercase()) { format!("\"{name}\"") } else { name.to_owned() }
        };
        let names: Vec<String> = cells.iter().map(|(name, _)| quoted(name)).collect();
        let values: Vec<&str> = cells.iter().map(|(_, cell)| cell.as_str()).collect();
        text.push_str(&format!("INSERT INTO {table} ({}) VALUES ({});", names.join(", "), values.join(", ")));
    }
    text
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Puts a line's rows into a new SQLite file.
pub(crate) fn sqlite_file(line: &Line, path: &Path) {
    let _ = std::fs::remove_file(path);
    let database = rusqlite::Connection::open(path).expect("a file");
    database.execute_batch(table(&line.framework)).expect("a table");
    // SQLite has no type for times: connect-sqlite3 and its kind keep the number.
    let rows = inserts(line, |bytes| format!("X'{}'", hex(bytes)), str::to_owned);
    database.execute_batch(&rows).expect("rows");
}
