//! Real servers, started from the system's programs, unprivileged, on free ports, and stopped with the test.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The user that databases run as when the test runs as root: they refuse to be root.
const NOBODY: u32 = 65_534;

/// A process in a folder of its own.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
    folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|found| found.uid() == 0)
}

fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.push("/usr/sbin".into());
    for version in std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten() {
        folders.push(version.path().join("bin"));
    }
    let found = folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("{name} is not installed: run scripts/setup-test.sh, or unset BAUTA_TEST_SERVICES"))
}

fn command(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(program(name));
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    if is_root() {
        chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    folder
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until something answers, for at most half a minute.
fn wait<T>(what: &str, mut ready: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = ready() {
            return found;
        }
        assert!(Instant::now() < until, "{what} did not start");
        std::thread::yield_now();
    }
}

/// Starts PostgreSQL with user `bauta` and no password, on loopback.
pub(crate) fn postgres() -> Server {
    let folder = folder();
    let data = folder.path().join("data");
    let mut made = command("initdb", folder.path());
    made.args(["-U", "bauta", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]).arg("-D").arg(&data);
    assert!(made.status().unwrap().success(), "initdb failed");
    let port = free_port();
    let mut server = command("postgres", folder.path());
    server.arg("-D").arg(&data).args(["-p", &port.to_string(), "-h", "127.0.0.1", "-F", "-k", ""]);
    let server = Server { child: server.spawn().unwrap(), port, folder };
    wait("postgres", || server.try_psql("SELECT 1").then_some(()));
    server
}

impl Server {
    fn try_psql(&self, statements: &str) -> bool {
        let mut psql = command("psql", self.folder.path());
        psql.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "bauta", "-d", "postgres", "-q"]);
        psql.args(["-v", "ON_ERROR_STOP=1", "-c", statements]).status().unwrap().success()
    }

    /// Runs statements in PostgreSQL.
    pub(crate) fn psql(&self, statements: &str) {
        assert!(self.try_psql(statements), "PostgreSQL refuses {statements:.200}");
    }

    fn try_mariadb(&self, statements: &str) -> bool {
        let mut client = command("mariadb", self.folder.path());
        client.arg("--no-defaults").arg(format!("--socket={}", self.folder.path().join("sock").display()));
        client.args(["-u", "root", "-e", statements]).status().unwrap().success()
    }

    /// Runs statements in MariaDB.
    pub(crate) fn mariadb(&self, statements: &str) {
        assert!(self.try_mariadb(statements), "MariaDB refuses {statements:.200}");
    }

    /// Sends commands to Redis and reads an answer of one line for each.
    pub(crate) fn redis(&self, commands: &[Vec<String>]) {
        let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", self.port)).unwrap());
        for words in commands {
            let mut bytes = format!("*{}\r\n", words.len());
            for word in words {
                bytes.push_str(&format!("${}\r\n{word}\r\n", word.len()));
            }
            stream.get_mut().write_all(bytes.as_bytes()).unwrap();
        }
        for _ in commands {
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            assert!(line.starts_with(['+', ':']), "{line}");
        }
    }
}

/// Starts MariaDB with a user `reader` and no password, on loopback.
pub(crate) fn mariadb() -> Server {
    let folder = folder();
    let data = folder.path().join("data");
    let mut made = command("mariadb-install-db", folder.path());
    made.arg("--no-defaults").arg(format!("--datadir={}", data.display()));
    made.args(["--auth-root-authentication-method=normal", "--skip-test-db"]);
    assert!(made.status().unwrap().success(), "mariadb-install-db failed");
    let port = free_port();
    let mut server = command("mariadbd", folder.path());
    server.arg("--no-defaults").arg(format!("--datadir={}", data.display()));
    server.arg(format!("--socket={}", folder.path().join("sock").display()));
    server.arg(format!("--port={port}")).args(["--bind-address=127.0.0.1", "--skip-log-bin"]);
    let server = Server { child: server.spawn().unwrap(), port, folder };
    wait("mariadbd", || server.try_mariadb("SELECT 1").then_some(()));
    server.mariadb("CREATE USER reader@'127.0.0.1'; GRANT SELECT ON *.* TO reader@'127.0.0.1'; CREATE DATABASE app");
    server
}

/// Starts Redis, on loopback.
pub(crate) fn redis() -> Server {
    let folder = folder();
    let port = free_port();
    let mut server = command("redis-server", folder.path());
    server.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
    let server = Server { child: server.spawn().unwrap(), port, folder };
    wait("redis-server", || TcpStream::connect(("127.0.0.1", port)).ok());
    server
}
