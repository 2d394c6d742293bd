//! Key sets that are published at an address: fetched when needed, rarely, and never forgotten for a failure.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bauta::clock::UnixMillis;
use bauta::config::fault::{Faults, KeyPath};
use bauta::config::session::Session;
use bauta::session::{Reader, Refusal};

use crate::data::{Line, lines};
use crate::{read, runtime};

/// An issuer.
struct Issuer {
    url: String,
    asked: Arc<AtomicUsize>,
    works: Arc<AtomicBool>,
}

fn issuer(set: String) -> Issuer {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://127.0.0.1:{}/jwks.json", listener.local_addr().expect("a port").port());
    let (asked, works) = (Arc::<AtomicUsize>::default(), Arc::new(AtomicBool::new(true)));
    let (counter, healthy) = (Arc::clone(&asked), Arc::clone(&works));
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            counter.fetch_add(1, Ordering::SeqCst);
            let head = BufReader::new(&stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
            assert!(head.count() > 0, "a request");
            let body = if healthy.load(Ordering::SeqCst) { set.as_str() } else { "no" };
            let status = if healthy.load(Ordering::SeqCst) { 200 } else { 500 };
            let answer =
                format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(answer.as_bytes()).expect("it listens");
        }
    });
    Issuer { url, asked, works }
}

/// A line whose token a published set verifies.
fn line() -> Line {
    let wanted = |line: &Line| line.framework == "jwt-es256-jwks" && line.expect["user_id"].is_string();
    lines().into_iter().find(wanted).expect("a good token with a key set")
}

fn reader(url: &str, line: &Line) -> Reader {
    let cookie = line.config["cookie"].as_str().expect("a cookie");
    let path = line.config["user_path"].to_string();
    let text = format!(
        "preset = \"jwt\"\ncookie = \"{cookie}\"\nalgorithms = [\"ES256\"]\nuser = {path}\njwks = {{ url = \"{url}\" }}"
    );
    let session: Session = toml::from_str(&text).expect("a session");
    let mut faults = Faults::default();
    let reader = Reader::build(&session, std::path::Path::new("."), &KeyPath::root(), &mut faults);
    reader.unwrap_or_else(|| panic!("{:?}", faults.iter().map(|fault| &fault.problem).collect::<Vec<_>>()))
}

#[test]
fn the_last_good_keys_outlive_the_issuer_and_unknown_key_ids_buy_no_fetches() {
    let line = line();
    let issuer = issuer(line.config["jwks"].to_string());
    let runtime = runtime();
    let reader = reader(&issuer.url, &line);
    let user = line.expect["user_id"].as_str().map(str::to_owned);
    let ask = |header: &str, now: UnixMillis| read(&runtime, &reader, header, now);
    assert_eq!(ask(&line.header, line.now).ok(), user);
    assert_eq!(issuer.asked.load(Ordering::SeqCst), 1);
    issuer.works.store(false, Ordering::SeqCst);
    // {"alg":"ES256","kid":"nobody's"}
    let (name, token) = line.header.split_once('=').expect("a cookie");
    let rest = token.split_once('.').expect("a token").1;
    let strange = format!("{name}=eyJhbGciOiJFUzI1NiIsImtpZCI6Im5vYm9keSdzIn0.{rest}");
    for _ in 0..20 {
        assert_eq!(ask(&strange, line.now), Err(Refusal::BadSignature));
    }
    assert_eq!(ask(&line.header, line.now).ok(), user);
    assert_eq!(issuer.asked.load(Ordering::SeqCst), 1, "one fetch a minute at most");
}

#[test]
fn without_any_key_the_session_is_unavailable_and_never_a_person() {
    let line = line();
    let issuer = issuer(line.config["jwks"].to_string());
    issuer.works.store(false, Ordering::SeqCst);
    let runtime = runtime();
    let reader = reader(&issuer.url, &line);
    for _ in 0..5 {
        assert_eq!(read(&runtime, &reader, &line.header, line.now), Err(Refusal::Unavailable));
    }
    assert_eq!(issuer.asked.load(Ordering::SeqCst), 1);
    assert_eq!(reader.lookup_failures().find(|(_, count)| *count > 0), Some(("refused", 1)));
}

#[test]
fn a_published_shared_secret_is_no_key() {
    let line = line();
    let issuer =
        issuer(r#"{"keys":[{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","alg":"HS256"}]}"#.into());
    let runtime = runtime();
    let reader = reader(&issuer.url, &line);
    assert_eq!(read(&runtime, &reader, &line.header, line.now), Err(Refusal::Unavailable));
}
