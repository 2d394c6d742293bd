//! What goes wrong costs identity and nothing else: the page sees the same answer, the vendor gets the event.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use serde_json::json;

use crate::flow::{Flow, pseudonym};
use crate::say;
use crate::support::http::Answer;
use crate::support::mint;

/// An answer without what differs from second to second.
fn face(answer: &Answer) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let headers = answer.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("date")).cloned();
    (answer.status, headers.collect(), answer.body.clone())
}

#[test]
fn the_page_cannot_tell_failures_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("secret");
    std::fs::write(&secret, mint::SECRET).expect("a file");
    let session = format!(
        "preset = \"jwt\"\nalgorithms = [\"HS256\"]\ncookie = \"session\"\nissuer = \"app\"\nsecrets = [{{ file = {secret:?} }}]"
    );
    let flow = Flow::start(&session, &["7"]);
    let claims = |exp: u64, issuer: &str, user: &str| mint::jwt(&json!({"sub": user, "exp": exp, "iss": issuer}));
    let far = 4_102_444_800;
    let good = claims(far, "app", "7");
    let (head, _) = good.rsplit_once('.').expect("a token");
    let kinds = [
        ("absent", None),
        ("empty", Some("session=".to_owned())),
        ("malformed", Some("session=AAAA".to_owned())),
        ("too large", Some(format!("session={}", "A".repeat(9000)))),
        ("bad signature", Some(format!("session={head}.AAAA"))),
        ("wrong algorithm", Some("session=eyJhbGciOiJub25lIn0.e30.".to_owned())),
        ("claim mismatch", Some(format!("session={}", claims(far, "other", "7")))),
        ("expired", Some(format!("session={}", claims(1, "app", "7")))),
        ("anonymous", Some(format!("session={}", mint::jwt(&json!({"exp": far, "iss": "app"}))))),
        ("ambiguous", Some(format!("session={good}; session={}", claims(far, "app", "8")))),
    ];
    let (answer, user) = flow.event(Some(&format!("session={good}")));
    assert_eq!(user, Some(pseudonym("7")));
    let expected = face(&answer);
    for (kind, cookie) in &kinds {
        let (answer, user) = flow.event(cookie.as_deref());
        assert_eq!(user, None, "{kind}");
        assert_eq!(face(&answer), expected, "{kind}");
    }
    say(&format!("sessions: {} kinds of failure, one face", kinds.len()));
}

/// What a peer does with a connection.
#[derive(Debug, Clone, Copy)]
enum Peer {
    /// Is not there.
    Down,
    /// Says nothing.
    Slow,
    /// Says something else.
    Garbage,
    /// Says more than anybody would.
    Large,
}

/// A peer on a port of its own; of MySQL the server speaks first. `large` is how an answer of two megabytes begins in its protocol.
fn peer(kind: Peer, speaks_first: bool, large: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("a port").port();
    if matches!(kind, Peer::Down) {
        return port;
    }
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut bytes = [0; 4096];
                if speaks_first || stream.read(&mut bytes).is_ok() {
                    // Writing fails when the other side has heard enough.
                    let _ = match kind {
                        Peer::Garbage => {
                            stream.write_all(b"\x00\xffE-what?\r\n\r\n\x01\x02\x03\x04 nothing of the kind\r\n\r\n")
                        }
                        Peer::Large => stream.write_all(large).and_then(|()| stream.write_all(&vec![b'x'; 2_000_000])),
                        Peer::Slow | Peer::Down => Ok(()),
                    };
                }
                // Keeps the connection until the other side closes it.
                while stream.read(&mut bytes).is_ok_and(|count| count > 0) {}
            });
        }
    });
    port
}

#[test]
fn a_store_in_trouble_costs_identity_only() {
    let redis: (&str, &[u8]) =
        ("preset = \"php\"\nuser = [\"id\"]\nstore = { url = \"redis://127.0.0.1:PORT\" }", b"$2000000\r\n");
    let postgres: (&str, &[u8]) =
        ("preset = \"hashed-token\"\nstore = { url = \"postgres://reader@127.0.0.1:PORT/app\" }", b"R\x00\x1e\x84\x80");
    let mysql: (&str, &[u8]) =
        ("preset = \"hashed-token\"\nstore = { url = \"mysql://reader@127.0.0.1:PORT/app\" }", b"\xff\xff\xff\x00");
    let endpoint: (&str, &[u8]) = (
        "preset = \"introspect\"\ncookie = \"session\"\nuser = [\"id\"]\nendpoint = { url = \"http://127.0.0.1:PORT/me\" }",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2000000\r\n\r\n",
    );
    let mut counted = 0;
    for (session, large) in [redis, postgres, mysql, endpoint] {
        for kind in [Peer::Down, Peer::Slow, Peer::Garbage, Peer::Large] {
            let port = peer(kind, session.contains("mysql"), large);
            let flow = Flow::start(&session.replace("PORT", &port.to_string()), &["7"]);
            let (answer, user) = flow.event(Some("PHPSESSID=abcdefghij; session=abcdefghij"));
            assert_eq!((answer.status, user), (202, None), "{kind:?} of {session}");
            // The answer does not wait for the books: asked until the failure stands there.
            let failures =
                (0..2000).map(|_| flow.bauta.metric(&["bauta_session_lookup_failures_total"])).find(|count| *count > 0);
            let failures = failures.unwrap_or_default();
            assert_eq!(failures, 1, "{kind:?} of {session}:\n{}", flow.bauta.metrics());
            let cause =
                |word: &str| flow.bauta.metric(&["bauta_session_lookup_failures_total", &format!("cause=\"{word}\"")]);
            match kind {
                Peer::Down => assert_eq!(cause("down"), 1, "{session}"),
                Peer::Slow => assert_eq!(cause("late"), 1, "{session}"),
                Peer::Large if session.contains("redis") || session.contains("http") => {
                    assert_eq!(cause("too_large"), 1, "{session}");
                }
                // What libraries call garbage differs.
                Peer::Garbage | Peer::Large => assert_eq!(cause("late"), 0, "{session}"),
            }
            assert_eq!(flow.bauta.metric(&["bauta_identity", "unavailable"]), 1, "{session}");
            counted += 1;
        }
    }
    say(&format!("sessions: {counted} kinds of trouble with stores, each event went out without identity"));
}
