//! PostgreSQL.

use std::collections::BTreeMap;

use tokio::runtime::Runtime;
use tokio_postgres::{Client, Error};

use super::sql::{hex, inserts};
use super::{Service, folder, free_port, program, unprivileged, wait};
use crate::data::Line;
use crate::tables::table;

/// A server of its own, with a database for each framework.
pub(crate) struct Postgres {
    service: Service,
    port: u16,
    admin: Client,
    databases: BTreeMap<String, Client>,
}

impl Postgres {
    pub(crate) const PASSWORD: &'static str = "another password";

    pub(crate) fn start(runtime: &Runtime) -> Self {
        Self::start_with(runtime, &[])
    }

    /// Starts it with further settings, such as a certificate.
    pub(crate) fn start_with(runtime: &Runtime, settings: &[String]) -> Self {
        let folder = folder();
        let data = folder.path().join("data");
        let secret = folder.path().join("password");
        std::fs::write(&secret, Self::PASSWORD).expect("a file");
        let mut made = unprivileged(&program("initdb"), folder.path());
        made.args(["-U", "bauta", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "-N", "--pwfile"]);
        assert!(made.arg(&secret).arg("-D").arg(&data).status().expect("initdb starts").success(), "initdb failed");
        let port = free_port();
        let mut command = unprivileged(&program("postgres"), folder.path());
        command.arg("-D").arg(&data).args(["-p", &port.to_string(), "-h", "127.0.0.1", "-F", "-k", ""]);
        command.args(settings.iter().flat_map(|setting| ["-c", setting.as_str()]));
        let service = Service::start(command, folder);
        let admin = wait("postgres", || runtime.block_on(Self::connect(port, "postgres")).ok());
        Self { service, port, admin, databases: BTreeMap::new() }
    }

    async fn connect(port: u16, database: &str) -> Result<Client, Error> {
        let mut config = tokio_postgres::Config::new();
        config.host("127.0.0.1").port(port).user("bauta").password(Self::PASSWORD).dbname(database);
        let (client, connection) = config.connect(tokio_postgres::NoTls).await?;
        drop(tokio::task::spawn(connection));
        Ok(client)
    }

    async fn prepare(&self, database: &str, framework: &str) -> Client {
        self.admin.batch_execute(&format!("CREATE DATABASE {database}")).await.expect("a database");
        let client = Self::connect(self.port, database).await.expect("the database opens");
        client.batch_execute(table(framework)).await.expect("a table");
        client
    }

    /// Runs statements as its administrator, in the database that is always there.
    pub(crate) fn run(&self, runtime: &Runtime, statements: &str) {
        runtime.block_on(self.admin.batch_execute(statements)).expect("PostgreSQL obeys");
    }

    /// Lets nobody in from now on who does not use TLS.
    pub(crate) fn require_tls(&self, runtime: &Runtime) {
        let rules = self.service.folder.path().join("data/pg_hba.conf");
        std::fs::write(rules, "hostssl all all all scram-sha-256\n").expect("a file");
        self.run(runtime, "SELECT pg_reload_conf()");
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Makes the database with the table of a framework, unless it is there; its name.
    pub(crate) fn create(&mut self, runtime: &Runtime, framework: &str) -> String {
        let database = format!("db_{}", framework.replace(|c: char| !c.is_ascii_alphanumeric(), "_"));
        if !self.databases.contains_key(&database) {
            let client = runtime.block_on(self.prepare(&database, framework));
            self.databases.insert(database.clone(), client);
        }
        database
    }

    /// Replaces the rows of the line's framework by those of the line; the address of its database.
    pub(crate) fn fill(&mut self, runtime: &Runtime, line: &Line) -> String {
        let database = self.create(runtime, &line.framework);
        let bytes = |bytes: &[u8]| format!("'\\x{}'", hex(bytes));
        let rows = inserts(line, bytes, |time| format!("to_timestamp({time}) AT TIME ZONE 'UTC'"));
        runtime.block_on(self.databases[&database].batch_execute(&rows)).expect("rows");
        format!("postgres://bauta@127.0.0.1:{}/{database}", self.port)
    }
}
