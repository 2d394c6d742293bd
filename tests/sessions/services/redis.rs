//! Redis or Valkey.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use super::{Service, program, rows, wait};
use crate::data::Line;
use crate::stores::{base64, is_gone};

/// A server of its own, behind a password, in a database that is not the first.
pub(crate) struct Redis {
    service: Service,
    connection: BufReader<UnixStream>,
}

impl Redis {
    pub(crate) const PASSWORD: &'static str = "a password of the test";

    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts it with further arguments, such as a port for TLS.
    pub(crate) fn start_with(arguments: &[String]) -> Self {
        let server = program("redis-server");
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("redis.sock");
        let mut command = Command::new(server);
        command.args(["--port", "0", "--save", "", "--appendonly", "no", "--requirepass", Self::PASSWORD]);
        command.arg("--unixsocket").arg(&socket).arg("--dir").arg(folder.path());
        command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
        let service = Service::start(command, folder);
        let stream = wait("redis-server", || UnixStream::connect(&socket).ok());
        let mut redis = Self { service, connection: BufReader::new(stream) };
        redis.command(&[b"AUTH", Self::PASSWORD.as_bytes()]);
        redis.command(&[b"SELECT", b"3"]);
        redis
    }

    /// Its address for bauta.
    pub(crate) fn url(&self) -> String {
        format!("redis+unix://{}?db=3", self.socket())
    }

    /// The path of its socket.
    pub(crate) fn socket(&self) -> String {
        self.service.folder.path().join("redis.sock").display().to_string()
    }

    /// Sends a command whose answer is a word or a number.
    pub(crate) fn command(&mut self, words: &[&[u8]]) {
        let mut command = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            command.extend([format!("${}\r\n", word.len()).as_bytes(), word, b"\r\n"].concat());
        }
        self.connection.get_mut().write_all(&command).expect("Redis listens");
        let mut answer = String::new();
        self.connection.read_line(&mut answer).expect("Redis answers");
        assert!(answer.starts_with(['+', ':']), "{answer}");
    }

    /// Forgets everything and takes the rows of a line.
    pub(crate) fn fill(&mut self, line: &Line, first: i64) {
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
