//! The lines with a table against further engines: SQLite always, MariaDB where `BAUTA_TEST_SERVICES` is set.

use bauta::session::resolve::Engines;

use crate::data::{Line, Place, lines, preset_of};
use crate::services::mariadb::Mariadb;
use crate::services::{self, sql::sqlite_file};
use crate::translate::{Addresses, Translator};
use crate::{read, runtime, say};

/// Reads every line with a table; `fill` puts its rows somewhere and says where, with the password.
fn tables(name: &str, mut fill: impl FnMut(&Line) -> (String, &'static str)) {
    let runtime = runtime();
    let mut translator = Translator::new();
    let (mut total, mut misses) = (0, Vec::new());
    for line in &lines() {
        let Some((preset, Place::Sql)) = preset_of(&line.framework) else { continue };
        let addresses = Addresses { sql: Some(fill(line)), ..Addresses::default() };
        let reader = translator.reader_at(&Engines, &addresses, preset, Place::Sql, &line.config);
        let reader = reader.unwrap_or_else(|faults| panic!("{}: {faults}", line.id));
        let found = read(&runtime, &reader, &line.header, line.now);
        total += 1;
        if !line.is_expected(&found) {
            misses.push(format!("{}: expected {}, found {found:?}", line.id, line.expect));
        }
    }
    say(&format!("sessions {name}: {}/{total}", total - misses.len()));
    assert!(misses.is_empty(), "{} misses:\n{}", misses.len(), misses.join("\n"));
    assert!(total > 0, "no line has a table");
}

#[test]
fn sqlite_answers_like_the_store_inside_the_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("app.db");
    tables("sqlite", |line| {
        sqlite_file(line, &path);
        (format!("sqlite:{}", path.display()), "")
    });
}

#[test]
fn mariadb_answers_like_the_store_inside_the_process() {
    if !services::are_wanted() {
        say("sessions mariadb: only with BAUTA_TEST_SERVICES, as in make test");
        return;
    }
    let mut mariadb = Mariadb::start();
    tables("mariadb", |line| (mariadb.fill(line), Mariadb::PASSWORD));
}
