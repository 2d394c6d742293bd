//! A stand-in for an endpoint of the application.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::rows;
use crate::data::Line;

/// What the stand-in answers: by cookie, the path, the status, the headers, the body.
type Answers = Arc<Mutex<Vec<(String, String, u16, Vec<(String, String)>, String)>>>;

/// The stand-in.
pub(crate) struct Endpoint {
    answers: Answers,
    port: u16,
}

impl Endpoint {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("a port").port();
        let answers = Answers::default();
        let shared = Arc::clone(&answers);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let answers = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &answers));
            }
        });
        Self { answers, port }
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Takes the answers of a line; the address to ask.
    pub(crate) fn fill(&self, line: &Line) -> String {
        format!("http://127.0.0.1:{}{}", self.port, fill(&self.answers, line))
    }
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

fn fill(answers: &Answers, line: &Line) -> String {
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
