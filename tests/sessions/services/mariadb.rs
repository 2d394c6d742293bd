//! MariaDB.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use super::sql::{hex, inserts};
use super::{Service, folder, free_port, program, unprivileged, wait};
use crate::data::Line;
use crate::tables::table;

/// A server of its own, with a database for each framework and a user that can only read.
pub(crate) struct Mariadb {
    service: Service,
    port: u16,
    databases: BTreeSet<String>,
}

impl Mariadb {
    pub(crate) const PASSWORD: &'static str = "a third password";

    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts it with further arguments, such as a certificate.
    pub(crate) fn start_with(arguments: &[String]) -> Self {
        let folder = folder();
        let data = folder.path().join("data");
        let mut made = unprivileged(&program("mariadb-install-db"), folder.path());
        made.arg("--no-defaults").arg(format!("--datadir={}", data.display()));
        made.args(["--auth-root-authentication-method=normal", "--skip-test-db"]);
        assert!(made.status().expect("mariadb-install-db starts").success(), "mariadb-install-db failed");
        let port = free_port();
        let mut command = unprivileged(&program("mariadbd"), folder.path());
        command.arg("--no-defaults").arg(format!("--datadir={}", data.display()));
        command.arg(format!("--socket={}", folder.path().join("sock").display()));
        command.arg(format!("--port={port}")).args(["--bind-address=127.0.0.1", "--skip-log-bin"]);
        command.args(arguments);
        let service = Service::start(command, folder);
        let mariadb = Self { service, port, databases: BTreeSet::new() };
        wait("mariadbd", || mariadb.try_run("SELECT 1").then_some(()));
        let password = Self::PASSWORD;
        mariadb.run(&format!(
            "CREATE USER reader@'127.0.0.1' IDENTIFIED BY '{password}'; GRANT SELECT ON *.* TO reader@'127.0.0.1'"
        ));
        mariadb
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    fn try_run(&self, statements: &str) -> bool {
        let mut client = Command::new(program("mariadb"));
        client.arg("--no-defaults").arg(format!("--socket={}", self.service.folder.path().join("sock").display()));
        // Quotes as in the standard, times in UTC, and no refusal of a time with an offset.
        let mode = "SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES', time_zone = '+00:00';";
        client.args(["-u", "root", "--default-character-set=utf8mb4", "-e", &format!("{mode}{statements}")]);
        client.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        client.status().expect("the client starts").success()
    }

    /// Runs statements as its administrator.
    pub(crate) fn run(&self, statements: &str) {
        assert!(self.try_run(statements), "MariaDB refuses {statements:.300}");
    }

    /// The name of a framework's database.
    pub(crate) fn database(framework: &str) -> String {
        format!("db_{}", framework.replace(|c: char| !c.is_ascii_alphanumeric(), "_"))
    }

    /// Makes the database with the table of a framework, unless it is there; its address.
    pub(crate) fn create(&mut self, framework: &str) -> String {
        let database = Self::database(framework);
        if self.databases.insert(database.clone()) {
            let words = [("bytea", "varbinary(255)"), ("timestamptz", "datetime(6)"), ("timestamp(6)", "datetime(6)")];
            let mut table =
                table(framework).replace(" timestamp,", " datetime(6),").replace(" timestamp)", " datetime(6))");
            for (word, here) in words {
                table = table.replace(word, here);
            }
            for place in ["text PRIMARY KEY", "text UNIQUE", "varchar PRIMARY KEY", "varchar UNIQUE", "varchar,"] {
                let (_, rest) = place.split_at(if place.starts_with("text") { 4 } else { 7 });
                table = table.replace(place, &format!("varchar(255){rest}"));
            }
            self.run(&format!("CREATE DATABASE {database} CHARACTER SET utf8mb4; USE {database}; {table}"));
        }
        format!("mariadb://reader@127.0.0.1:{}/{database}", self.port)
    }

    /// Replaces the rows of the line's framework by those of the line; the address of its database.
    pub(crate) fn fill(&mut self, line: &Line) -> String {
        let url = self.create(&line.framework);
        let rows = inserts(line, |bytes| format!("X'{}'", hex(bytes)), |time| format!("FROM_UNIXTIME({time})"));
        self.run(&format!("USE {}; {rows}", Self::database(&line.framework)));
        url
    }
}
