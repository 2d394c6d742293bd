//! The tables of the frameworks, and the rows of a line.

use std::path::Path;

use super::rows;
use crate::data::Line;
use crate::stores::column;
use crate::tables::{name_of, table};

/// The table that the rows of a line stand in.
fn table_of(line: &Line) -> &str {
    let named = rows(line, "sql").find_map(|row| row["table"].as_str());
    named.unwrap_or_else(|| name_of(table(&line.framework)))
}

/// The statements that put a line's rows into the framework's table, or into one like it that is called otherwise. `bytes`
/// and `time` spell bytes and a time in seconds in the dialect.
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
