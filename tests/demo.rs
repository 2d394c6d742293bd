//! `bauta demo`, driven over HTTP as a browser would: who logs in, what the switch says, and what the vendor gets.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that panics fails, which is what it is for"
)]

mod support;

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::{Value, json};
use support::http::{Answer, request, send};

/// A running demo, or the stand-in vendor alone.
struct Demo {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
    address: SocketAddr,
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bauta"));
    command.arg("demo").args(arguments).env_remove("DO_NOT_TRACK").stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Demo {
    fn start() -> Self {
        Self::with(&mut command(&["--address", "127.0.0.1:0"]))
    }

    /// Reads the output until it names an address.
    fn with(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "the demo ended without naming an address");
            assert!(!line.contains('\u{1b}'), "colours are for terminals only");
            if let Some((_, url)) = line.split_once("http://") {
                break url.trim().trim_end_matches('/').parse().unwrap();
            }
        };
        Self { child, output, address }
    }

    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let host = [("Host", self.address.to_string())];
        let own = host.into_iter().map(|(name, value)| (name.to_owned(), value));
        let given = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let headers: Vec<(String, String)> = own.chain(given).collect();
        send(self.address, &request(method, path, &headers, body.as_bytes()))
    }

    /// Submits a form; gives the new `Cookie` header.
    fn form(&self, path: &str, cookie: &str, body: &str) -> String {
        let answer = self.send("POST", path, &[("Cookie", cookie)], body);
        assert_eq!(answer.status, 303);
        let cookie = answer.header("set-cookie").unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
        cookie.split(';').next().unwrap().to_owned()
    }

    fn log_in(&self, account: &str, sharing: &str) -> String {
        let cookie = self.form("/demo/login", "", &format!("account={account}"));
        self.form("/demo/sharing", &cookie, &format!("share={sharing}"))
    }

    /// Sends an event as the page's script would; gives what the page's window shows of it.
    fn track(&self, cookie: &str, more: &[(&str, &str)], event: &Value) -> Value {
        let origin = format!("http://{}", self.address);
        let referer = format!("{origin}/orders/2041?email=ada.lanternfield@example.org");
        let own = [("Content-Type", "text/plain"), ("Origin", &*origin), ("Referer", &*referer), ("Cookie", cookie)];
        let answer = self.send("POST", "/b/api/event", &[&own, more].concat(), &event.to_string());
        assert_eq!((answer.status, answer.text()), (202, "ok"));
        let shown = self.json("/demo/state?after=0");
        shown.as_array().unwrap().last().unwrap().clone()
    }

    fn json(&self, path: &str) -> Value {
        serde_json::from_str(self.send("GET", path, &[], "").text()).unwrap()
    }

    fn signal(&mut self, name: &str) -> ExitStatus {
        let status = Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
        self.child.wait().unwrap()
    }
}

impl Drop for Demo {
    /// In order, so that nothing is left in the temporary folder.
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            self.signal("TERM");
        }
    }
}

fn order() -> Value {
    json!({ "n": "pageview", "v": 34, "d": "masks.example", "r": null,
        "u": "http://127.0.0.1:8780/orders/2041?email=ada.lanternfield@example.org&utm_source=mail" })
}

fn received(shown: &Value) -> Value {
    serde_json::from_str(shown["received"]["body"].as_str().unwrap()).unwrap()
}

fn pseudonym(shown: &Value) -> Option<String> {
    received(shown)["p"]["userId"].as_str().map(str::to_owned)
}

fn names(side: &Value) -> Vec<&str> {
    side["headers"].as_array().unwrap().iter().map(|header| header[0].as_str().unwrap()).collect()
}

#[test]
fn only_a_person_who_is_logged_in_and_shares_gets_a_pseudonym() {
    let demo = Demo::start();
    let shares = demo.log_in("ada", "yes");
    let refuses = demo.log_in("ada", "no");
    let fresh = demo.form("/demo/login", "", "account=ada");
    let gone = demo.form("/demo/logout", &shares, "");

    let id = pseudonym(&demo.track(&shares, &[], &order())).expect("a pseudonym");
    assert!(id.starts_with("ua_") && id.len() > 20, "{id}");
    for (cookie, why) in
        [(&refuses, "refused"), (&fresh, "never asked"), (&gone, "logged out"), (&String::new(), "no cookie")]
    {
        assert_eq!(pseudonym(&demo.track(cookie, &[], &order())), None, "{why}");
    }
    assert_eq!(pseudonym(&demo.track(&shares, &[("Sec-GPC", "1")], &order())), None);
    assert_eq!(pseudonym(&demo.track(&shares, &[], &order())), Some(id.clone()), "the same person");
    let grace = demo.log_in("grace", "yes");
    let other = pseudonym(&demo.track(&grace, &[], &order())).expect("a pseudonym");
    assert_ne!(other, id);
}

#[test]
fn neither_cookie_nor_address_nor_account_reaches_the_vendor() {
    let demo = Demo::start();
    let shares = demo.log_in("ada", "yes");
    let mut event = order();
    event["p"] = json!({ "userId": "somebody-else", "note": "from Ada Lanternfield", "mask": "bauta" });
    let shown = demo.track(&shares, &[("X-Forwarded-For", "203.0.113.9")], &event);
    let text = shown["received"].to_string();
    for secret in
        ["ada.lanternfield", "Ada Lanternfield", "acct_5e1f09ad27", "somebody-else", "masks_session", "203.0.113.9"]
    {
        assert!(!text.contains(secret), "{secret} arrived: {text}");
    }
    let arrived = names(&shown["received"]);
    for header in ["cookie", "referer", "origin"] {
        assert!(names(&shown["sent"]).contains(&header) && !arrived.contains(&header), "{header}");
    }
    assert_eq!(arrived.iter().filter(|name| **name == "x-forwarded-for").count(), 1);
    let body = received(&shown);
    assert_eq!((&body["p"]["mask"], &body["p"]["plan"]), (&json!("bauta"), &json!("patron")));
    assert!(body["u"].as_str().unwrap().ends_with("&utm_source=mail"));
}

#[test]
fn a_replay_shows_what_each_answer_of_the_person_leads_to() {
    let demo = Demo::start();
    let shown = demo.track("", &[], &order());
    let rows = demo.json(&format!("/demo/preview?event={}", shown["id"]));
    let fate = |row: &Value| match row["received"].is_null() {
        true => "nothing",
        false if pseudonym(row).is_some() => "identified",
        false => "anonymous",
    };
    let fates: Vec<(&str, &str)> =
        rows.as_array().unwrap().iter().map(|row| (row["key"].as_str().unwrap(), fate(row))).collect();
    let expected = [
        ("granted", "identified"),
        ("refused", "anonymous"),
        ("gpc", "anonymous"),
        ("nobody", "anonymous"),
        ("local", "nothing"),
        ("off", "nothing"),
    ];
    assert_eq!(fates, expected);
    assert!(rows.as_array().unwrap().iter().all(|row| row["status"] == 202));
    assert_eq!(demo.json("/demo/state?after=0").as_array().unwrap().len(), 1, "a replay is no event of the page");
}

#[test]
fn the_page_asks_only_its_own_origin_and_the_script_comes_through_bauta() {
    let demo = Demo::start();
    let page = demo.send("GET", "/", &[], "");
    assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'; script-src 'self'"));
    assert!(page.text().contains(r#"src="/b/js/pa-Masks0demo.js""#));
    let script = demo.send("GET", "/b/js/pa-Masks0demo.js", &[], "");
    assert_eq!(script.status, 200);
    assert!(script.text().contains(r#""domain":"masks.example""#));
    assert_eq!(demo.send("GET", "/b/js/pa-other.js", &[], "").status, 404);
    for path in ["/demo/page.css", "/demo/page.js", "/demo/difference.js", "/demo/mask.svg", "/orders/2041?email=x"] {
        assert_eq!(demo.send("GET", path, &[], "").status, 200, "{path}");
    }
}

#[test]
fn do_not_track_keeps_everything_here_and_is_said() {
    let mut command = command(&["--address", "127.0.0.1:0"]);
    let mut demo = Demo::with(command.env("DO_NOT_TRACK", "1"));
    let shares = demo.log_in("ada", "yes");
    assert!(demo.track(&shares, &[], &order())["received"].is_null());
    demo.signal("TERM");
    let mut rest = String::new();
    demo.output.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("DO_NOT_TRACK is set"), "{rest}");
}

#[test]
fn both_signals_end_it_in_order_and_free_its_port() {
    for name in ["TERM", "INT"] {
        let mut demo = Demo::start();
        demo.send("GET", "/", &[], "");
        let status = demo.signal(name);
        assert!(status.success(), "{name}: {status}");
        TcpListener::bind(demo.address).expect("the port is free again");
    }
}

#[test]
fn a_taken_address_is_named_with_the_option_to_change_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = command(&["--address", &address]).output().unwrap();
    assert_eq!(ended.status.code(), Some(70));
    let message = String::from_utf8(ended.stderr).unwrap();
    assert!(message.contains(&address) && message.contains("--address"), "{message}");
}

#[test]
fn without_an_address_the_next_free_port_is_taken() {
    // Somebody else may hold the port already; then this is tested all the same.
    let _taken = TcpListener::bind("127.0.0.1:8780");
    let demo = Demo::with(&mut command(&[]));
    assert!((8781..8790).contains(&demo.address.port()), "{}", demo.address);
}

#[test]
fn the_vendor_alone_names_its_address_and_shows_what_it_stored() {
    let mut arguments = vec!["--vendor-only", "--address", "127.0.0.1:0", "--strict"];
    arguments.extend(["--site", "shop.example", "--script", "Abc=shop.example"]);
    let mut vendor = Demo::with(&mut command(&arguments));
    let event = r#"{"n":"Signup","u":"https://shop.example/x","d":"shop.example,other.example","p":{"plan":"free"}}"#;
    let answer = vendor.send("POST", "/api/event", &[("Content-Type", "text/plain")], event);
    assert_eq!((answer.status, answer.header("x-plausible-dropped")), (202, Some("1")));
    let events = vendor.json("/_events?count=1&wait=20000");
    assert_eq!((&events[0]["site"], &events[0]["props"]), (&json!("shop.example"), &json!({ "plan": "free" })));
    assert_eq!(vendor.send("GET", "/js/pa-Abc.js", &[], "").status, 200);
    assert_eq!(vendor.send("DELETE", "/_events", &[], "").status, 204);
    assert_eq!(vendor.json("/_events"), json!([]));
    assert!(vendor.signal("TERM").success());
}
