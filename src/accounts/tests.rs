use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::{Accounts, Found};
use crate::config::fault::{Faults, KeyPath};
use crate::config::units::Period;
use crate::config::upstream::{LookedUp, Lookup};

const PATIENCE: Duration = Duration::from_secs(5);

fn build(shape: &Lookup) -> Result<Accounts, String> {
    let mut faults = Faults::default();
    let built = Accounts::build(shape, Path::new("."), &KeyPath::root().key("lookup"), &mut faults);
    built.ok_or_else(|| faults.iter().map(|fault| format!("{}: {}\n", fault.key, fault.problem)).collect())
}

/// An end point that gives one answer to everybody and counts the questions.
fn end_point(
    status: &'static str,
    body: &'static str,
) -> (String, Arc<AtomicUsize>, Arc<std::sync::Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/accounts/{{id}}?by=email", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let lines = Arc::new(std::sync::Mutex::new(Vec::new()));
    let (count, kept) = (Arc::clone(&asked), Arc::clone(&lines));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            kept.lock().unwrap().push(line.trim().to_owned());
            count.fetch_add(1, Ordering::Relaxed);
            while line.trim() != "" {
                line.clear();
                reader.read_line(&mut line).unwrap();
            }
            let length = body.len();
            write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}").unwrap();
        }
    });
    (url, asked, lines)
}

async fn find(accounts: &Accounts, id: &str) -> String {
    match accounts.find(id, Instant::now() + PATIENCE).await {
        Found::Account(account) => account.expose().to_owned(),
        Found::Nobody(why) => format!("({why})"),
    }
}

#[tokio::test]
async fn an_answer_is_remembered_and_an_id_stays_in_its_place() {
    let (url, asked, lines) = end_point("200 OK", r#"{"user":{"id":42}}"#);
    let path = vec!["user".to_owned(), "id".to_owned()];
    let accounts = build(&Lookup { url, path, lowercase: true, ..Lookup::default() }).unwrap();
    for _ in 0..3 {
        assert_eq!(find(&accounts, "Maria/../x?a=b@Mail.example").await, "42");
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    assert_eq!(lines.lock().unwrap()[0], "GET /accounts/maria%2F%2E%2E%2Fx%3Fa%3Db%40mail%2Eexample?by=email HTTP/1.1");
}

#[tokio::test]
async fn what_is_no_account_is_told_from_a_failure_and_only_the_first_is_remembered() {
    for (status, body, word, again) in [
        ("404 Not Found", "", "(not_found)", 1),
        ("200 OK", "{}", "(not_found)", 1),
        ("200 OK", r#"{"id":null}"#, "(not_found)", 1),
        ("200 OK", r#"{"id":{"a":1}}"#, "(nonsense)", 2),
        ("200 OK", "<html>", "(nonsense)", 2),
        ("302 Found", "", "(refused)", 2),
        ("500 Oh", r#"{"id":42}"#, "(refused)", 2),
    ] {
        let (url, asked, _) = end_point(status, body);
        let accounts = build(&Lookup { url, path: vec!["id".to_owned()], ..Lookup::default() }).unwrap();
        assert_eq!(find(&accounts, "a@b.example").await, word, "{status} {body}");
        assert_eq!(find(&accounts, "a@b.example").await, word, "{status} {body}");
        assert_eq!(asked.load(Ordering::Relaxed), again, "{status} {body}");
    }
}

#[tokio::test]
async fn a_store_that_cannot_be_reached_is_left_alone_for_a_moment() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/{{id}}", listener.local_addr().unwrap());
    listener.set_nonblocking(true).unwrap();
    let accounts = build(&Lookup { url, ..Lookup::default() }).unwrap();
    for id in ["a@b.example", "c@d.example"] {
        let found = accounts.find(id, Instant::now() + Duration::from_millis(20)).await;
        assert_eq!(found.word(), "late");
    }
    assert!(listener.accept().is_ok() && listener.accept().is_err(), "asked once");
}

#[tokio::test]
async fn a_table_tells_one_account_from_several_and_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("app.db");
    let rows = "CREATE TABLE users (id INTEGER, email TEXT); INSERT INTO users VALUES (7, 'one@b.example'), \
                (8, 'two@b.example'), (9, 'two@b.example'), (NULL, 'none@b.example'), (7, 'same@b.example'), (7, 'same@b.example')";
    rusqlite::Connection::open(&file).unwrap().execute_batch(rows).unwrap();
    let url = format!("sqlite:{}", file.display());
    let shape = Lookup { url, table: Some("users".into()), by: Some("email".into()), ..Lookup::default() };
    let accounts = build(&shape).unwrap();
    for (id, found) in [
        ("one@b.example", "7"),
        ("same@b.example", "7"),
        ("two@b.example", "(ambiguous)"),
        ("none@b.example", "(not_found)"),
        ("One@b.example", "(not_found)"),
        ("' OR 1=1 --@", "(not_found)"),
    ] {
        assert_eq!(find(&accounts, id).await, found, "{id}");
    }
}

#[test]
fn only_ids_of_the_configured_kind_are_looked_up() {
    let shape = |ids| Lookup { url: "redis://127.0.0.1".into(), key: Some("k:{id}".into()), ids, ..Lookup::default() };
    let is_for = |ids, id: &str| build(&shape(ids)).unwrap().is_for(id);
    assert!(is_for(LookedUp::Emails, "a@b.example") && !is_for(LookedUp::Emails, "maria"));
    assert!(is_for(LookedUp::All, "maria") && !is_for(LookedUp::All, "$org_acme") && !is_for(LookedUp::All, " "));
    assert!(!is_for(LookedUp::All, &"x".repeat(600)));
}

#[test]
fn what_is_missing_or_out_of_place_is_a_fault_of_its_key() {
    let text = |text: &str| Some(text.to_owned());
    for (shape, wanted) in [
        (Lookup { url: "ftp://x".into(), ..Lookup::default() }, vec!["lookup.url"]),
        (
            Lookup { url: "postgres://reader@db.example/app".into(), ..Lookup::default() },
            vec!["lookup.table", "lookup.by"],
        ),
        (
            Lookup {
                url: "sqlite:app.db".into(),
                table: text("users; drop"),
                by: text("email"),
                key: text("{id}"),
                cache: Period(Duration::from_secs(900)),
                ..Lookup::default()
            },
            vec!["lookup.cache", "lookup.key", "lookup.table"],
        ),
        (Lookup { url: "redis://127.0.0.1".into(), key: text("account"), ..Lookup::default() }, vec!["lookup.key"]),
        (Lookup { url: "https://app.example/accounts".into(), ..Lookup::default() }, vec!["lookup.url"]),
        (Lookup { url: "https://{id}/accounts".into(), ..Lookup::default() }, vec!["lookup.url"]),
    ] {
        let faults = build(&shape).err().unwrap();
        let mut keys: Vec<&str> = faults.lines().filter_map(|line| line.split_once(": ").map(|(key, _)| key)).collect();
        keys.dedup();
        assert_eq!(keys, wanted, "{faults}");
    }
}
