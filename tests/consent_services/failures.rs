//! Back ends that are down, slow or talk nonsense: never a grant, and the deadline is kept.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bauta::clock::UnixMillis;
use bauta::config::consent::Consent;
use bauta::config::fault::{Faults, KeyPath};
use bauta::consent::{Asked, Decision, Invalidations, Policy, Surroundings, Verdict};
use bauta::cookies::Cookies;
use bauta::person::{AppUserId, Person, Value};
use http::HeaderMap;

use crate::support::data;
use crate::{are_wanted, servers};

/// What a policy over these sources says about somebody whose session says yes.
fn decide(sources: &str, user: &str, deadline: Duration) -> (Decision, Duration) {
    let shape: Consent = toml::from_str(&format!("sources = [{sources}]")).unwrap();
    let mut faults = Faults::default();
    let folder = tempfile::tempdir().unwrap();
    let surroundings = Surroundings {
        base: folder.path(),
        store: None,
        invalidations: Arc::new(Invalidations::default()),
        do_not_track: false,
    };
    let policy = Policy::build(&shape, surroundings, &KeyPath::root(), &mut faults);
    let policy = policy.unwrap_or_else(|| panic!("{:?}", faults.iter().collect::<Vec<_>>()));
    let person = Person {
        user: AppUserId::from_text(user).unwrap(),
        claims: Value::from(serde_json::json!({"analytics": true})),
        snapshot: true,
    };
    let (cookies, headers) = (Cookies::from_text(""), HeaderMap::new());
    let now = UnixMillis(1_795_176_000_000);
    let asked =
        Asked { person: Some(&person), realm: "shop", cookies: &cookies, headers: &headers, query: "", now, deadline };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let began = Instant::now();
        (policy.decide(&asked).await, began.elapsed())
    })
}

const SESSION: &str = "{ kind = \"session\", path = [\"analytics\"] }";

/// An end point that sends the same bytes to everybody; without bytes it says nothing at all.
fn end_point(answer: Option<&'static str>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let mut silent = Vec::new();
        for stream in listener.incoming().map_while(Result::ok) {
            let mut stream = stream;
            match answer {
                Some(answer) => {
                    let _ = stream.read(&mut [0; 4096]);
                    let _ = stream.write_all(answer.as_bytes());
                }
                None => silent.push(stream),
            }
        }
    });
    port
}

fn http(port: u16) -> String {
    format!(
        "{{ kind = \"http\", url = \"http://127.0.0.1:{port}/consent/{{user}}\", path = [\"analytics\"] }}, {SESSION}"
    )
}

#[test]
fn an_end_point_that_fails_never_grants_and_keeps_the_deadline() {
    let yes = "{\"analytics\":true}";
    let with = |head: &str, body: &str| -> &'static str {
        let text = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        Box::leak(text.into_boxed_str())
    };
    let (granted, _) = decide(&http(end_point(Some(with("200 OK", yes)))), "u1", Duration::from_secs(5));
    assert_eq!((granted.verdict, granted.source), (Verdict::Granted, "http"));
    let (denied, _) =
        decide(&http(end_point(Some(with("200 OK", "{\"analytics\":false}")))), "u1", Duration::from_secs(5));
    assert_eq!(denied.verdict, Verdict::Denied);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let failing = [
        ("500 with a yes", end_point(Some(with("500 Oops", yes)))),
        ("503 with a yes", end_point(Some(with("503 Busy", yes)))),
        ("a redirect", end_point(Some(with("302 Found\r\nLocation: /yes", yes)))),
        ("no HTTP", end_point(Some("yes\r\n\r\n"))),
        ("a silent one", end_point(None)),
        ("a closed port", closed),
    ];
    for (name, port) in failing {
        let deadline = Duration::from_millis(300);
        let (decision, took) = decide(&http(port), "u1", deadline);
        assert_eq!(decision.verdict, Verdict::Unknown, "{name}");
        assert!(took < deadline * 10, "{name} took {took:?}");
    }
    for body in ["{\"analytics\":\"yes\"}", "{\"analytics\":null}", "{}", "[true]", "true", "{\"analytics\":true"] {
        let required = http(end_point(Some(with("200 OK", body)))).replacen(" }", ", required = true }", 1);
        let (decision, _) = decide(&required, "u1", Duration::from_secs(5));
        assert_ne!(decision.verdict, Verdict::Granted, "{body}");
    }
    data::say("consent http: 5xx with a yes, redirects, nonsense, silence and a closed port never grant");
}

#[test]
fn rows_and_keys_that_make_no_sense_never_grant() {
    if !are_wanted() {
        return;
    }
    let (postgres, redis) = (servers::postgres(), servers::redis());
    postgres.psql(
        "CREATE TABLE person (id text, analytics text); INSERT INTO person VALUES ('yes', 'true'), ('no', 'false'), \
         ('null', NULL), ('word', 'perhaps'), ('number', '2'), ('two', 'true'), ('two', 'false'), ('both', 't'), ('both', 't')",
    );
    let sql = |column: &str, table: &str| {
        format!(
            "{{ kind = \"sql\", url = \"postgres://bauta@127.0.0.1:{}/postgres\", table = \"{table}\", \
             column = \"{column}\", required = true }}",
            postgres.port
        )
    };
    let verdict = |sources: &str, user: &str| decide(sources, user, Duration::from_secs(5)).0.verdict;
    let person = sql("analytics", "person");
    let granting = ["yes", "both"];
    for user in ["yes", "both", "no", "null", "word", "number", "two", "nobody"] {
        let granted = verdict(&person, user) == Verdict::Granted;
        assert_eq!(granted, granting.contains(&user), "{user}");
    }
    assert_eq!(verdict(&person, "two"), Verdict::Denied);
    for broken in [sql("missing", "person"), sql("analytics", "missing")] {
        assert_eq!(
            verdict(&format!("{}, {SESSION}", broken.replace(", required = true", "")), "yes"),
            Verdict::Unknown
        );
    }
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    redis.redis(&[
        words(&["SET", "c:yes", "1"]),
        words(&["SET", "c:level", "anonymised"]),
        words(&["SET", "c:json", "{\"analytics\":true,\"level\":\"local\"}"]),
        words(&["SET", "c:no", "0"]),
        words(&["SET", "c:off", "off"]),
        words(&["SET", "c:junk", "yes please"]),
        words(&["SADD", "c:set", "1"]),
        words(&["HSET", "c:hash", "analytics", "1"]),
    ]);
    let keys = |more: &str| {
        format!("{{ kind = \"redis\", url = \"redis://127.0.0.1:{}/0\", key = \"c:{{user}}\"{more} }}", redis.port)
    };
    for user in ["yes", "level", "json", "no", "off", "junk", "set", "hash", "nobody"] {
        let granted = verdict(&keys(", required = true"), user) == Verdict::Granted;
        assert_eq!(granted, ["yes", "level", "json"].contains(&user), "{user}");
    }
    assert_eq!(verdict(&format!("{}, {SESSION}", keys("")), "set"), Verdict::Unknown, "a key of another type");
    assert_eq!(verdict(&keys(", field = \"analytics\""), "hash"), Verdict::Granted);
    data::say("consent rows and keys: NULL, other types, two that disagree, missing tables: 0 grants");
}
