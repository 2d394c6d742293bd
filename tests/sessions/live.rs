//! The lines with a store against real engines: Redis, PostgreSQL, SQLite and an HTTP endpoint, started by the test
//! where they are installed. Without them the test says so; the lines then run against the store inside the process.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bauta::cookies::Cookies;
use bauta::session::resolve::Engines;
use serde_json::Value as Json;

use crate::data::{Line, Place, lines, preset_of};
use crate::stores::{base64, column, first_times, is_gone};
use crate::translate::{Addresses, Translator};
use crate::{DEADLINE, runtime, say};

/// The user that PostgreSQL runs as when the test runs as root, which PostgreSQL refuses.
const NOBODY: u32 = 65_534;

/// A process that ends with the test.
struct Service {
    child: Child,
    folder: tempfile::TempDir,
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    for version in std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten() {
        folders.push(version.path().join("bin"));
    }
    folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Waits until something answers, for at most ten seconds.
fn wait<T>(what: &str, mut ready: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(found) = ready() {
            return found;
        }
        assert!(Instant::now() < until, "{what} did not start");
        std::thread::sleep(Duration::from_millis(20));
    }
}

// ---------------------------------------------------------------- Redis

struct Redis {
    service: Service,
    connection: BufReader<std::os::unix::net::UnixStream>,
}

impl Redis {
    const PASSWORD: &'static str = "a password of the test";

    fn start() -> Option<Self> {
        let server = program("redis-server").or_else(|| program("valkey-server"))?;
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("redis.sock");
        let mut command = Command::new(server);
        command.args(["--port", "0", "--save", "", "--appendonly", "no", "--requirepass", Self::PASSWORD]);
        command.arg("--unixsocket").arg(&socket).arg("--dir").arg(folder.path());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("redis-server starts");
        let service = Service { child, folder };
        let stream = wait("redis-server", || std::os::unix::net::UnixStream::connect(&socket).ok());
        let mut redis = Self { service, connection: BufReader::new(stream) };
        redis.command(&[b"AUTH", Self::PASSWORD.as_bytes()]);
        redis.command(&[b"SELECT", b"3"]);
        Some(redis)
    }

    fn url(&self) -> String {
        format!("redis+unix://{}?db=3", self.service.folder.path().join("redis.sock").display())
    }

    fn command(&mut self, words: &[&[u8]]) {
        let mut command = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            command.extend([format!("${}\r\n", word.len()).as_bytes(), word, b"\r\n"].concat());
        }
        self.connection.get_mut().write_all(&command).expect("Redis listens");
        let mut answer = String::new();
        self.connection.read_line(&mut answer).expect("Redis answers");
        assert!(answer.starts_with(['+', ':']), "{answer}");
    }

    fn fill(&mut self, line: &Line, first: i64) {
        self.command(&[b"FLUSHALL"]);
        for row in rows(line, "redis").filter(|row| !is_gone(row, line.now.0, first)) {
            let key = row["key"].as_str().expect("a key").as_bytes();
            if row["type"] == "hash" {
                for (field, value) in row["fields_b64"].as_object().expect("fields") {
                    self.command(&[b"HSET", key, field.as_bytes(), &base64(value)]);
                }
            } else {
                self.command(&[b"SET", key, &base64(&row["value_b64"])]);
            }
        }
    }
}

fn rows<'a>(line: &'a Line, kind: &'a str) -> impl Iterator<Item = &'a Json> {
    line.config["store"].as_array().into_iter().flatten().filter(move |row| row["kind"] == kind)
}

// ---------------------------------------------------------------- SQL

/// The tables as the frameworks make them, by framework; the first words are PostgreSQL's.
const TABLES: &[(&str, &str)] = &[
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
const DJANGO: &str =
    "CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data text, expire_date timestamptz)";

struct Postgres {
    _service: Service,
    port: u16,
    admin: tokio_postgres::Client,
}

impl Postgres {
    const PASSWORD: &'static str = "another password";

    fn start(runtime: &tokio::runtime::Runtime) -> Option<Self> {
        let (initdb, server) = (program("initdb")?, program("postgres")?);
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let secret = folder.path().join("password");
        std::fs::write(&secret, Self::PASSWORD).expect("a file");
        let root = is_root();
        if root {
            for path in [folder.path(), &secret] {
                chown(path, Some(NOBODY), Some(NOBODY)).expect("a folder of nobody's");
            }
        }
        let run = |program: &Path| {
            let mut command = Command::new(program);
            if root {
                command.uid(NOBODY).gid(NOBODY);
            }
            command.current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        let made =
            run(&initdb).args(["-U", "bauta", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "-N", "--pwfile"]);
        let made = made.arg(&secret).arg("-D").arg(&data).status();
        assert!(made.expect("initdb starts").success(), "initdb failed");
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("a port").port();
        let mut command = run(&server);
        command.arg("-D").arg(&data).args(["-p", &port.to_string(), "-h", "127.0.0.1", "-F", "-k", ""]);
        let service = Service { child: command.spawn().expect("postgres starts"), folder };
        let connect = || runtime.block_on(Self::connect(port, "postgres")).ok();
        let admin = wait("postgres", connect);
        Some(Self { _service: service, port, admin })
    }

    async fn connect(port: u16, database: &str) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
        let mut config = tokio_postgres::Config::new();
        config.host("127.0.0.1").port(port).user("bauta").password(Self::PASSWORD).dbname(database);
        let (client, connection) = config.connect(tokio_postgres::NoTls).await?;
        drop(tokio::task::spawn(connection));
        Ok(client)
    }

    async fn prepare(&self, database: &str, framework: &str) -> tokio_postgres::Client {
        self.admin.batch_execute(&format!("CREATE DATABASE {database}")).await.expect("a database");
        let client = Self::connect(self.port, database).await.expect("the database opens");
        client.batch_execute(table(framework)).await.expect("a table");
        client
    }
}

fn table(framework: &str) -> &'static str {
    TABLES.iter().find(|(name, _)| *name == framework).map(|(_, table)| *table).expect("a table for the framework")
}

/// The statements that put a line's rows into the framework's table. `bytes` spells bytes in the dialect.
fn inserts(line: &Line, bytes: impl Fn(&[u8]) -> String) -> String {
    let table = table(&line.framework).split_whitespace().nth(2).expect("a table's name");
    let mut text = format!("DELETE FROM {table};");
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
                "expire" => (name, format!("to_timestamp({cell}) AT TIME ZONE 'UTC'")),
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

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// True when the test runs as root.
fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|found| std::os::unix::fs::MetadataExt::uid(&found) == 0)
}

// ---------------------------------------------------------------- HTTP

/// What the stand-in answers: by cookie, the path, the status, the headers, the body.
type Answers = Arc<Mutex<Vec<(String, String, u16, Vec<(String, String)>, String)>>>;

fn endpoint(answers: Answers) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("a port").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answers = Arc::clone(&answers);
            std::thread::spawn(move || serve(stream, &answers));
        }
    });
    port
}

/// Answers requests on one connection. The request must be a GET with one cookie and nothing of the visitor's.
fn serve(stream: TcpStream, answers: &Answers) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if line == "\r\n" {
                break;
            }
            head.push(line.trim_end().to_owned());
        }
        let path =
            head[0].strip_prefix("GET ").and_then(|rest| rest.strip_suffix(" HTTP/1.1")).expect("a GET").to_owned();
        let mut fields = head[1..].iter().map(|line| line.split_once(": ").expect("a field"));
        let cookies: Vec<&str> = fields.clone().filter(|(name, _)| *name == "cookie").map(|(_, value)| value).collect();
        assert!(fields.all(|(name, _)| ["host", "cookie", "accept", "user-agent"].contains(&name)), "{head:?}");
        let known = answers.lock().expect("answers");
        let found = known.iter().find(|(cookie, at, ..)| cookies == [cookie.as_str()] && *at == path);
        let (status, headers, body) =
            found.map_or((401, &[][..], ""), |(_, _, status, headers, body)| (*status, headers, body));
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len());
        if reader.get_mut().write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn fill_endpoint(answers: &Answers, line: &Line) -> String {
    let mut known = answers.lock().expect("answers");
    known.clear();
    let mut path = "/nobody".to_owned();
    for row in rows(line, "http") {
        path = row["path"].as_str().expect("a path").to_owned();
        let cookie = format!(
            "{}={}",
            line.config["cookie"].as_str().expect("a cookie"),
            row["match_cookie"].as_str().expect("a cookie")
        );
        let status = row["status"].as_u64().and_then(|status| u16::try_from(status).ok()).expect("a status");
        let headers = row["headers"].as_object().into_iter().flatten();
        let headers = headers.map(|(name, value)| (name.clone(), value.as_str().expect("text").to_owned())).collect();
        let body = row["body"].as_str().map_or_else(|| row["body"].to_string(), str::to_owned);
        known.push((cookie, path.clone(), status, headers, body));
    }
    path
}

/// Puts a line's rows into a new SQLite file.
fn sqlite_file(line: &Line, path: &Path) {
    let _ = std::fs::remove_file(path);
    let database = rusqlite::Connection::open(path).expect("a file");
    database.execute_batch(table(&line.framework)).expect("a table");
    let rows = inserts(line, |bytes| format!("X'{}'", hex(bytes)));
    // SQLite has no type for times: connect-sqlite3 and its kind keep the number.
    let rows = rows.replace("to_timestamp(", "(").replace(" AT TIME ZONE 'UTC'", "");
    database.execute_batch(&rows).expect("rows");
}

#[test]
fn sqlite_answers_like_the_store_inside_the_process() {
    let runtime = runtime();
    let mut translator = Translator::new();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("app.db");
    let (mut total, mut misses) = (0, Vec::new());
    for line in &lines() {
        let Some((preset, Place::Sql)) = preset_of(&line.framework) else { continue };
        sqlite_file(line, &path);
        let addresses = Addresses { sql: Some((format!("sqlite:{}", path.display()), "")), ..Addresses::default() };
        let reader = translator.reader_at(&Engines, &addresses, preset, Place::Sql, &line.config);
        let reader = reader.unwrap_or_else(|faults| panic!("{}: {faults}", line.id));
        let found = crate::read(&runtime, &reader, &line.header, line.now);
        total += 1;
        if !line.is_expected(&found) {
            misses.push(format!("{}: expected {}, found {found:?}", line.id, line.expect));
        }
    }
    say(&format!("sessions sqlite: {}/{total}", total - misses.len()));
    assert!(misses.is_empty(), "{} misses:\n{}", misses.len(), misses.join("\n"));
}

// ---------------------------------------------------------------- the test

#[test]
fn real_engines_answer_like_the_store_inside_the_process() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let mut redis = Redis::start();
    let postgres = Postgres::start(&runtime);
    let mut databases: BTreeMap<String, tokio_postgres::Client> = BTreeMap::new();
    let answers = Answers::default();
    let port = endpoint(Arc::clone(&answers));
    let mut translator = Translator::new();
    let lines = lines();
    let first = first_times(&lines);
    let (mut passed, mut total, mut without) = (0, 0, 0);
    let mut misses = Vec::new();
    for line in &lines {
        let Some((preset, place)) = preset_of(&line.framework) else { continue };
        let (needs_redis, needs_sql) = match place {
            Place::Cookie => continue,
            Place::Redis => (true, false),
            Place::Sql => (false, true),
            Place::SqlThenRedis => (true, true),
            Place::Endpoint => (false, false),
        };
        if needs_redis && redis.is_none() || needs_sql && postgres.is_none() {
            without += 1;
            continue;
        }
        total += 1;
        let mut addresses = Addresses::default();
        if let (true, Some(redis)) = (needs_redis, &mut redis) {
            redis.fill(line, first[line.framework.as_str()].0);
            addresses.redis = Some((redis.url(), Redis::PASSWORD));
        }
        if let (true, Some(postgres)) = (needs_sql, &postgres) {
            let database: String = format!("db_{}", line.framework.replace(|c: char| !c.is_ascii_alphanumeric(), "_"));
            let client = databases
                .entry(database.clone())
                .or_insert_with(|| runtime.block_on(postgres.prepare(&database, &line.framework)));
            let rows = inserts(line, |bytes| format!("'\\x{}'", hex(bytes)));
            runtime.block_on(client.batch_execute(&rows)).expect("rows");
            let url = format!("postgres://bauta@127.0.0.1:{}/{database}", postgres.port);
            addresses.sql = Some((url, Postgres::PASSWORD));
        }
        let path = fill_endpoint(&answers, line);
        addresses.endpoint = Some(format!("http://127.0.0.1:{port}{path}"));
        let reader = translator.reader_at(&Engines, &addresses, preset, place, &line.config);
        let reader = reader.unwrap_or_else(|faults| panic!("{}: {faults}", line.id));
        let cookies = Cookies::from_text(&line.header);
        let found = runtime.block_on(reader.read(&cookies, line.now, DEADLINE));
        let found = found.map(|person| person.user.expose().to_owned());
        if line.is_expected(&found) {
            passed += 1;
        } else {
            misses.push(format!("{}: expected {}, found {found:?}", line.id, line.expect));
        }
    }
    say(&format!("sessions live: {passed}/{total}"));
    if without > 0 {
        let missing = [("redis-server", redis.is_none()), ("postgres", postgres.is_none())];
        let missing: Vec<&str> = missing.into_iter().filter(|(_, missing)| *missing).map(|(name, _)| name).collect();
        say(&format!("sessions live: {without} lines without an engine ({} not installed)", missing.join(", ")));
    }
    assert!(misses.is_empty(), "{} misses:\n{}", misses.len(), misses.join("\n"));
}
