//! The real binary, started on free ports with a configuration in a folder of its own, stopped when dropped.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

/// A running sidecar.
pub struct Bauta {
    child: Child,
    pub folder: TempDir,
    pub address: SocketAddr,
    pub health: SocketAddr,
    pub admin: SocketAddr,
    log: Arc<Mutex<String>>,
    reader: Option<std::thread::JoinHandle<()>>,
}

/// The pseudonym key of the tests.
pub const KEY: [u8; 32] = *b"\x1d\x8f\x02\xc7\x5e\x99\x4a\xb3\x60\x0f\xee\x21\x7c\xd4\x38\x95\x12\xab\x6d\xf0\x83\x47\xbe\x59\xe6\x0a\x91\xcc\x2f\x74\xd8\x3b";
/// The token of the admin listener.
pub const TOKEN: &str = "test-admin-token-0123456789abcdef";

/// The tables that every configuration of the tests begins with.
pub const HEAD: &str = "version = 1\n[listen]\naddress = \"127.0.0.1:0\"\n[health]\naddress = \"127.0.0.1:0\"\n\
    [admin]\naddress = \"127.0.0.1:0\"\ntoken = { file = \"admin.token\" }\n\
    [log]\nformat = \"json\"\n[keys]\nactive = { id = \"t\", file = \"hmac.key\" }\n";

impl Bauta {
    /// Starts `bauta serve` with `[listen]`, `[health]`, `[admin]` and `[keys]` written for the test and `rest` below
    /// them.
    pub fn start(rest: &str) -> Self {
        Self::with_arguments(rest, &[])
    }

    /// The same with further arguments of `serve`.
    pub fn with_arguments(rest: &str, arguments: &[&str]) -> Self {
        Self::with_environment(rest, arguments, &[])
    }

    /// The same with environment variables. The admin listener is not there in drop mode.
    pub fn with_environment(rest: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::launch(|folder| write(folder, "bauta.toml", format!("{HEAD}{rest}").as_bytes()), arguments, variables)
    }

    /// Starts with the files that `fill` puts into the folder, `bauta.toml` among them.
    pub fn start_in(fill: impl FnOnce(&Path), arguments: &[&str]) -> Self {
        Self::launch(fill, arguments, &[])
    }

    fn launch(fill: impl FnOnce(&Path), arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let drops = arguments.contains(&"--on-bad-config=drop");
        let folder = tempfile::tempdir().unwrap();
        fill(folder.path());
        for (name, bytes) in [
            ("hmac.key", &KEY[..]),
            ("admin.token", TOKEN.as_bytes()),
            ("session.secret", super::mint::SECRET.as_bytes()),
        ] {
            if std::fs::symlink_metadata(folder.path().join(name)).is_err() {
                write(folder.path(), name, bytes);
            }
        }
        let mut child = Command::new(env!("CARGO_BIN_EXE_bauta"))
            .args(["serve", "-c"])
            .arg(folder.path().join("bauta.toml"))
            .args(arguments)
            .env_remove("DO_NOT_TRACK")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let log = Arc::new(Mutex::new(String::new()));
        let mut places = [None; 3];
        for line in lines.by_ref() {
            let line = line.unwrap();
            log.lock().unwrap().push_str(&format!("{line}\n"));
            let Ok(entry) = serde_json::from_str::<serde_json::Value>(&line) else { continue };
            let fields = entry.get("fields").unwrap_or(&entry);
            let place = match fields.get("listener").and_then(serde_json::Value::as_str) {
                Some("events") => 0,
                Some("health") => 1,
                Some("admin") => 2,
                _ => continue,
            };
            places[place] = fields["address"].as_str().and_then(|text| text.parse().ok());
            if drops && places[2].is_none() {
                places[2] = Some("127.0.0.1:1".parse().unwrap());
            }
            if places.iter().all(Option::is_some) {
                break;
            }
        }
        let [Some(address), Some(health), Some(admin)] = places else {
            panic!("bauta did not start:\n{}", log.lock().unwrap())
        };
        let rest_of_log = Arc::clone(&log);
        let reader = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                rest_of_log.lock().unwrap().push_str(&format!("{line}\n"));
            }
        });
        Self { child, folder, address, health, admin, log, reader: Some(reader) }
    }

    /// Everything that was logged so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Ends the process; everything that it logged.
    pub fn finish(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.reader.take().unwrap().join().unwrap();
        self.log()
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The text of `/metrics`.
    pub fn metrics(&self) -> String {
        super::http::send(self.health, b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").text().to_owned()
    }

    /// The text of `/metrics`, if somebody answers: for a process that is just changing its listeners.
    pub fn try_metrics(&self) -> Option<String> {
        use std::io::{Read as _, Write as _};
        let mut stream = std::net::TcpStream::connect(self.health).ok()?;
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).ok()?;
        Some(text)
    }

    /// The sum of all samples whose name and labels contain every one of `parts`.
    pub fn metric(&self, parts: &[&str]) -> u64 {
        let value = |line: &str| line.rsplit(' ').next().and_then(|number| number.parse::<f64>().ok()).unwrap_or(0.0);
        let text = self.metrics();
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        samples.filter(|line| parts.iter().all(|part| line.contains(part))).map(value).sum::<f64>() as u64
    }
}

impl Drop for Bauta {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}
