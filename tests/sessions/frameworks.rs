//! End to end with the real frameworks: log in by HTTP, send an event with that cookie through a running bauta and see
//! the right pseudonym; log out and see none. Only where `BAUTA_TEST_SERVICES` is set; `scripts/setup-test.sh`
//! installs the frameworks.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::flow::{Flow, pseudonym};
use crate::say;
use crate::services::mariadb::Mariadb;
use crate::services::postgres::Postgres;
use crate::services::redis::Redis;
use crate::services::{Service, are_wanted, free_port, program, wait};

/// A running application.
struct App {
    _service: Service,
    port: u16,
}

/// A browser's cookies.
#[derive(Default)]
struct Jar(BTreeMap<String, String>);

impl Jar {
    fn header(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Visits a page of the application; its text.
    fn visit(&mut self, app: &App, path: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", app.port)).expect("the application listens");
        let cookie = if self.0.is_empty() { String::new() } else { format!("Cookie: {}\r\n", self.header()) };
        // HTTP/1.0: the answer ends with the connection and comes in no chunks.
        let head = format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{}\r\n{cookie}\r\n", app.port);
        stream.write_all(head.as_bytes()).expect("it listens");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer of text");
        let (head, text) = answer.split_once("\r\n\r\n").expect("a head");
        assert!(head.lines().next().is_some_and(|line| line.contains(" 200")), "{path}: {answer}");
        let fields = head.lines().filter_map(|line| line.split_once(':'));
        for (_, set) in fields.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")) {
            let set = set.trim();
            let (pair, attributes) = set.split_once(';').unwrap_or((set, ""));
            let (name, value) = pair.split_once('=').expect("a pair");
            let attributes = attributes.to_ascii_lowercase();
            let is_over = attributes.contains("max-age=0") || attributes.contains("1970") || value.is_empty();
            match is_over {
                true => drop(self.0.remove(name)),
                false => drop(self.0.insert(name.to_owned(), value.to_owned())),
            }
        }
        text.to_owned()
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frameworks")
}

/// Starts an application; `command` gets its port.
fn start(name: &str, command: impl FnOnce(u16) -> Command) -> App {
    let port = free_port();
    let mut command = command(port);
    command.current_dir(folder()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let service = Service::start(command, tempfile::tempdir().expect("a folder"));
    wait(name, || TcpStream::connect(("127.0.0.1", port)).ok());
    App { _service: service, port }
}

/// How long a session lives that was copied before the logout.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Copy {
    /// It ends with the logout: the application's store forgot it.
    Ends,
    /// It stays good: nothing but the browser's cookie changed.
    Stays,
}

/// Two people log in, one logs out.
fn follow(name: &str, app: &App, session: &str, copy: Copy) {
    let flow = Flow::start(session, &["41", "42"]);
    let (mut one, mut two) = (Jar::default(), Jar::default());
    one.visit(app, "/me");
    assert_eq!(flow.event(Some(one.header().as_str()).filter(|header| !header.is_empty())).1, None, "{name}");
    for (jar, user) in [(&mut one, "41"), (&mut two, "42")] {
        jar.visit(app, &format!("/login?user={user}"));
        assert_eq!(jar.visit(app, "/me"), user, "{name} itself");
        assert_eq!(flow.user(&jar.header()), Some(pseudonym(user)), "{name}: {}", flow.bauta.metrics());
    }
    let before = one.header();
    one.visit(app, "/logout");
    assert_eq!(one.visit(app, "/me"), "", "{name} itself");
    assert_eq!(
        flow.event(Some(one.header().as_str()).filter(|header| !header.is_empty())).1,
        None,
        "{name} after the logout"
    );
    let copied = flow.user(&before);
    assert_eq!(copied, (copy == Copy::Stays).then(|| pseudonym("41")), "{name}: a copy of the cookie");
    assert_eq!(flow.user(&two.header()), Some(pseudonym("42")), "{name}: the other person");
    say(&format!("sessions with the real {name}: log in, event, log out: ok"));
}

fn secret(folder: &Path, contents: &[u8]) -> String {
    let path = folder.join("secret");
    std::fs::write(&path, contents).expect("a file");
    path.display().to_string()
}

/// False, and says so, where the frameworks are not to be used.
fn wanted(name: &str) -> bool {
    if !are_wanted() {
        say(&format!("sessions with the real {name}: only with BAUTA_TEST_SERVICES, as in make test"));
    }
    are_wanted()
}

const SECRET: &str = "a secret of the test application, long enough for all";

fn python(script: &str) -> Command {
    let python = folder().join(".venv/bin/python");
    assert!(python.is_file(), "the Python frameworks are not installed: run scripts/setup-test.sh");
    let mut command = Command::new(python);
    command.arg(script);
    command
}

#[test]
fn django_signed_and_in_a_database() {
    if !wanted("Django") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = secret(folder.path(), SECRET.as_bytes());
    for (engine, preset, copy) in [("signed_cookies", "django-signed", Copy::Stays), ("db", "django-db", Copy::Ends)] {
        let app = start("Django", |port| {
            let mut command = python("django_app.py");
            command.args([&port.to_string(), engine]).arg(folder.path()).arg(SECRET);
            command
        });
        let store = format!("store = {{ url = \"sqlite:{}/django.db\", cache = \"0s\" }}", folder.path().display());
        let store = if engine == "db" { store } else { String::new() };
        follow(
            &format!("Django, {engine}"),
            &app,
            &format!("preset = \"{preset}\"\nsecrets = [{{ file = \"{file}\" }}]\n{store}"),
            copy,
        );
    }
}

#[test]
fn flask_login() {
    if !wanted("Flask-Login") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = secret(folder.path(), SECRET.as_bytes());
    let app = start("Flask", |port| {
        let mut command = python("flask_app.py");
        command.args([&port.to_string(), SECRET]);
        command
    });
    let session = format!("preset = \"flask\"\nuser = [\"_user_id\"]\nsecrets = [{{ file = \"{file}\" }}]");
    follow("Flask-Login", &app, &session, Copy::Stays);
}

fn node(script: &str) -> Command {
    assert!(folder().join("node_modules").is_dir(), "the node frameworks are not installed: run scripts/setup-test.sh");
    let mut command = Command::new(std::env::var_os("NODE").map_or_else(|| program("node"), PathBuf::from));
    command.arg(script);
    command
}

#[test]
fn express_session_in_redis_and_in_postgresql() {
    if !wanted("express-session") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let file = secret(folder.path(), SECRET.as_bytes());
    let redis = Redis::start();
    let mut postgres = Postgres::start(&runtime);
    let database = postgres.create(&runtime, "express-session+connect-pg-simple");
    let passwords = folder.path().join("passwords");
    std::fs::create_dir(&passwords).expect("a folder");
    let password = |name: &str, text: &str| {
        let path = passwords.join(name);
        std::fs::write(&path, text).expect("a file");
        path.display().to_string()
    };
    let stores = [
        (
            "redis",
            serde_json::json!({"socket": {"path": redis.socket()}, "password": Redis::PASSWORD, "database": 3}),
            redis.url(),
            password("redis", Redis::PASSWORD),
        ),
        (
            "sql",
            serde_json::json!({"host": "127.0.0.1", "port": postgres.port(), "user": "bauta",
                "password": Postgres::PASSWORD, "database": database}),
            format!("postgres://bauta@127.0.0.1:{}/{database}", postgres.port()),
            password("postgres", Postgres::PASSWORD),
        ),
    ];
    for (kind, place, url, password) in stores {
        let app = start("express", |port| {
            let mut command = node("express_app.js");
            command.args([&port.to_string(), kind, &place.to_string(), SECRET]);
            command
        });
        let session = format!(
            "preset = \"express-session-{kind}\"\nuser = [\"passport\", \"user\"]\nsecrets = [{{ file = \"{file}\" }}]\n\
             store = {{ url = \"{url}\", password = {{ file = \"{password}\" }}, cache = \"0s\" }}"
        );
        follow(&format!("express-session, {kind}"), &app, &session, Copy::Ends);
    }
}

#[test]
fn iron_session() {
    if !wanted("iron-session") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = secret(folder.path(), SECRET.as_bytes());
    let app = start("iron-session", |port| {
        let mut command = node("iron_app.mjs");
        command.args([&port.to_string(), SECRET]);
        command
    });
    let session = format!(
        "preset = \"iron-session\"\ncookie = \"app\"\nuser = [\"user\", \"id\"]\nsecrets = [{{ file = \"{file}\" }}]"
    );
    follow("iron-session", &app, &session, Copy::Stays);
}

#[test]
fn ring() {
    if !wanted("Ring") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = secret(folder.path(), b"0123456789abcdef");
    let libraries = Path::new("/usr/share/java");
    let is_library = |name: &str| {
        let wanted = [
            "clojure",
            "ring-",
            "jetty9-",
            "servlet-api",
            "commons-",
            "crypto-",
            "clj-",
            "tools.",
            "core.specs",
            "spec.alpha",
        ];
        name.ends_with(".jar") && wanted.iter().any(|start| name.starts_with(start))
    };
    let mut jars: Vec<String> = std::fs::read_dir(libraries)
        .expect("the libraries of the system")
        .flatten()
        .filter(|entry| entry.file_name().to_str().is_some_and(is_library))
        .map(|entry| entry.path().display().to_string())
        .collect();
    jars.sort();
    let app = start("Ring", |port| {
        let mut command = Command::new(program("java"));
        command.args(["-cp", &jars.join(":"), "clojure.main", "ring_app.clj", &port.to_string(), &file]);
        command
    });
    let session = format!("preset = \"ring\"\nsecrets = [{{ file = \"{file}\" }}]");
    follow("Ring", &app, &session, Copy::Stays);
}

#[test]
fn rack() {
    if !wanted("Rack") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = secret(folder.path(), SECRET.as_bytes());
    let app = start("Rack", |port| {
        let mut command = Command::new(program("ruby"));
        command.args(["rack_app.rb", &port.to_string(), SECRET]);
        command
    });
    let session = format!("preset = \"rack\"\nuser = [\"user_id\"]\nsecrets = [{{ file = \"{file}\" }}]");
    follow("Rack", &app, &session, Copy::Stays);
}

#[test]
fn php_native_sessions_in_redis() {
    if !wanted("PHP") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let redis = Redis::start();
    let password = secret(folder.path(), Redis::PASSWORD.as_bytes());
    let path = format!("unix://{}?auth={}&database=3", redis.socket(), Redis::PASSWORD.replace(' ', "%20"));
    let app = start("PHP", |port| {
        let mut command = Command::new(program("php"));
        command.args(["-d", "session.save_handler=redis", "-d", &format!("session.save_path=\"{path}\"")]);
        command.args(["-S", &format!("127.0.0.1:{port}"), "php_app.php"]);
        command
    });
    let session = format!(
        "preset = \"php\"\nuser = [\"user_id\"]\n\
         store = {{ url = \"{}\", password = {{ file = \"{password}\" }}, cache = \"0s\" }}",
        redis.url()
    );
    follow("PHP", &app, &session, Copy::Ends);
}

#[test]
fn a_row_of_mariadb() {
    if !wanted("MariaDB") {
        return;
    }
    let mut mariadb = Mariadb::start();
    let folder = tempfile::tempdir().expect("a folder");
    let password = secret(folder.path(), Mariadb::PASSWORD.as_bytes());
    let url = mariadb.create("hashed-token-db");
    // SHA-256 of the cookie's text, as the guide that the preset is named after has it.
    let id = bauta_hash("a token of the test");
    let far = 4_102_444_800_i64;
    mariadb.run(&format!(
        "USE {}; INSERT INTO session (id, user_id, expires_at) VALUES ('{id}', '41', {far})",
        Mariadb::database("hashed-token-db")
    ));
    let session = format!(
        "preset = \"hashed-token\"\nstore = {{ url = \"{url}\", password = {{ file = \"{password}\" }}, cache = \"0s\" }}"
    );
    let flow = Flow::start(&session, &["41"]);
    assert_eq!(flow.user("session=a token of the test"), Some(pseudonym("41")));
    assert_eq!(flow.user(&format!("session={id}")), None, "what stands in the table is no token");
    mariadb.run(&format!("DELETE FROM {}.session", Mariadb::database("hashed-token-db")));
    assert_eq!(flow.user("session=a token of the test"), None);
    say("sessions with the real MariaDB: a row, an event, no row: ok");
}

fn bauta_hash(text: &str) -> String {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
