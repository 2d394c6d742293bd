//! Real stores, started by the test from the system's programs, unprivileged, on free ports or sockets of their own,
//! and stopped with it. They run where `BAUTA_TEST_SERVICES` is set, as `make test` does; then they must be there.

pub(crate) mod endpoint;
pub(crate) mod mariadb;
pub(crate) mod postgres;
pub(crate) mod redis;
pub(crate) mod sql;

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use self::endpoint::Endpoint;
use self::postgres::Postgres;
use self::redis::Redis;
use crate::data::{Line, Place};
use crate::translate::Addresses;

/// What the lines with a store are asked of.
pub(crate) struct Services {
    redis: Redis,
    postgres: Postgres,
    endpoint: Endpoint,
}

impl Services {
    /// Starts them.
    pub(crate) fn start(runtime: &tokio::runtime::Runtime) -> Self {
        Self { redis: Redis::start(), postgres: Postgres::start(runtime), endpoint: Endpoint::start() }
    }

    /// Puts the rows of a line where its framework keeps them, and says where that is. `first` is when the lives of
    /// stored values began.
    pub(crate) fn fill(
        &mut self,
        runtime: &tokio::runtime::Runtime,
        line: &Line,
        place: Place,
        first: i64,
    ) -> Addresses {
        let mut addresses = Addresses::default();
        if matches!(place, Place::Redis | Place::SqlThenRedis) {
            self.redis.fill(line, first);
            addresses.redis = Some((self.redis.url(), Redis::PASSWORD));
        }
        if matches!(place, Place::Sql | Place::SqlThenRedis) {
            addresses.sql = Some((self.postgres.fill(runtime, line), Postgres::PASSWORD));
        }
        if place == Place::Endpoint {
            addresses.endpoint = Some(self.endpoint.fill(line));
        }
        addresses
    }
}

/// True when the stores of this machine are to be used.
pub(crate) fn are_wanted() -> bool {
    std::env::var_os("BAUTA_TEST_SERVICES").is_some()
}

/// The user that databases run as when the test runs as root.
pub(crate) const NOBODY: u32 = 65_534;

/// A process that ends with the test.
pub(crate) struct Service {
    child: Child,
    pub(crate) folder: tempfile::TempDir,
}

impl Service {
    /// Starts a command.
    pub(crate) fn start(mut command: Command, folder: tempfile::TempDir) -> Self {
        let child = command.spawn().unwrap_or_else(|error| panic!("{:?}: {error}", command.get_program()));
        Self { child, folder }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program of this machine. Servers are often not on the path.
pub(crate) fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.push("/usr/sbin".into());
    for version in std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten() {
        folders.push(version.path().join("bin"));
    }
    let found = folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("{name} is not installed: run scripts/setup-test.sh, or unset BAUTA_TEST_SERVICES"))
}

/// A command that runs in a folder, as nobody when the test is root: databases refuse to be root.
pub(crate) fn unprivileged(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// A folder that an unprivileged command may write into.
pub(crate) fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    if is_root() {
        chown(folder.path(), Some(NOBODY), Some(NOBODY)).expect("a folder of nobody's");
    }
    folder
}

/// Waits until something answers, for at most half a minute.
pub(crate) fn wait<T>(what: &str, mut ready: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = ready() {
            return found;
        }
        assert!(Instant::now() < until, "{what} did not start");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// True when the test runs as root.
pub(crate) fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|found| std::os::unix::fs::MetadataExt::uid(&found) == 0)
}

/// A free port.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("a port").port()
}

/// The rows of a line for one kind of store.
pub(crate) fn rows<'a>(line: &'a Line, kind: &'a str) -> impl Iterator<Item = &'a Json> {
    line.config["store"].as_array().into_iter().flatten().filter(move |row| row["kind"] == kind)
}
