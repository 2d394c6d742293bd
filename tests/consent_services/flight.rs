//! A thousand events in flight at once while a hundred people withdraw their consent.
//!
//! Every browser has one event under way all the time: the upstream holds each answer for a while, and whoever is
//! answered sends the next. What came in at the upstream, and whether it named anybody, is kept.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::support::data;
use crate::{JWT, PEOPLE, bauta_with, event_at};

/// Events in flight at once, at least.
const FLIGHT: usize = 1_000;
/// Browsers; some of them are always between an answer and the next event.
const BROWSERS: usize = 1_250;
/// How long the upstream holds an answer: so long that a slow machine keeps them all in flight.
const HOLD: Duration = Duration::from_secs(3);
/// Between two looks at the metrics, which cost the machine time that the events need.
const LOOK: Duration = Duration::from_millis(50);
/// The paths of the upstreams: bauta opens 512 connections to each at most.
const PATHS: [&str; 3] = ["/", "/two/", "/three/"];
/// The longest request and answer.
const MOST: usize = 16 * 1024;

/// What arrived at the upstream: whether it carried a pseudonym, by the event's number.
type Arrived = Arc<Mutex<HashMap<u64, bool>>>;

/// Reads up to the end of one message: its head, and the body that the head announces. `None`: the other side closed.
async fn message(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        assert!(bytes.len() < MOST, "one message only");
        match stream.read(&mut part).await {
            Ok(length) if length > 0 => bytes.extend_from_slice(&part[..length]),
            _ => return None,
        }
    }
}

/// An upstream that notes every event and holds its answer.
async fn hold(listener: TcpListener, arrived: Arrived) {
    let mut open = JoinSet::new();
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let arrived = Arc::clone(&arrived);
        open.spawn(async move {
            while let Some(request) = message(&mut stream).await {
                let body = request.split_once("\r\n\r\n").unwrap().1;
                let event: serde_json::Value = serde_json::from_str(body).unwrap();
                let number = event["u"].as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
                let named = body.contains("userId");
                assert!(arrived.lock().unwrap().insert(number, named).is_none(), "event {number} came twice");
                tokio::time::sleep(HOLD).await;
                let answer = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok";
                if stream.write_all(answer).await.is_err() {
                    return;
                }
            }
        });
        while open.try_join_next().is_some_and(|done| done.map(|()| true).unwrap()) {}
    }
}

/// Sends events of all people, one of each browser at a time. When [`FLIGHT`] are in flight, `revoke` withdraws
/// everybody's consent and returns when that is recorded; the events go on until as many were sent from `within` on.
/// None of those may carry a pseudonym.
pub(crate) fn revoke_in_flight(name: &str, source: &str, within: Duration, revoke: impl FnOnce() + Send) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let arrived = Arrived::default();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    runtime.spawn(hold(listener, Arc::clone(&arrived)));
    let upstreams = PATHS.map(|path| (path, url.as_str()));
    let bauta = bauta_with(&upstreams, JWT, &format!("{source},"));

    let (next, ended) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let sent: Arc<Mutex<Vec<(u64, Instant)>>> = Arc::default();
    let mut browsers = JoinSet::new();
    for browser in 0..BROWSERS {
        let (next, ended, sent) = (Arc::clone(&next), Arc::clone(&ended), Arc::clone(&sent));
        let address = bauta.address;
        let browse = async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            while !ended.load(Ordering::Relaxed) {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let at = Instant::now();
                let event = event_at(PATHS[browser % PATHS.len()], browser % PEOPLE, number);
                stream.write_all(&event).await.unwrap();
                let answer = message(&mut stream).await.expect("an answer");
                assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
                sent.lock().unwrap().push((number, at));
            }
        };
        browsers.spawn_on(browse, runtime.handle());
    }
    let in_flight = || bauta.metric(&["bauta_requests_in_flight"]);
    let until = Instant::now() + Duration::from_secs(60);
    let mut flying = 0;
    while flying < FLIGHT as u64 || arrived.lock().unwrap().len() < 2 * FLIGHT {
        runtime.block_on(async { tokio::time::sleep(LOOK).await });
        flying = in_flight();
        assert!(Instant::now() < until, "{flying} events in flight");
    }
    let before = arrived.lock().unwrap().values().filter(|named| **named).count();
    assert!(before >= FLIGHT, "everybody agreed at first, and {before} events say so");

    revoke();
    let revoked = Instant::now();
    let since = revoked + within;
    let late = || sent.lock().unwrap().iter().filter(|(_, at)| *at >= since).count();
    while late() < FLIGHT {
        runtime.block_on(async { tokio::time::sleep(LOOK).await });
        assert!(revoked.elapsed() < Duration::from_secs(90), "{} events since", late());
    }
    ended.store(true, Ordering::Relaxed);
    runtime.block_on(async { while browsers.join_next().await.transpose().unwrap().is_some() {} });

    let arrived = arrived.lock().unwrap();
    let sent = sent.lock().unwrap();
    let late = sent.iter().filter(|(_, at)| *at >= since);
    let late: Vec<bool> = late.filter_map(|(number, _)| arrived.get(number).copied()).collect();
    let identified = late.iter().filter(|named| **named).count();
    let last = sent.iter().filter(|(number, _)| arrived.get(number) == Some(&true)).map(|(_, at)| *at).max();
    let last = last.map_or(0, |at| at.saturating_duration_since(revoked).as_millis());
    data::say(&format!(
        "consent {name}: {PEOPLE} people revoked with {flying} events in flight; {} events from {within:?} on, {identified} \
         identified; the last that was identified was sent {last} ms after the revocation",
        late.len()
    ));
    assert!(late.len() >= FLIGHT, "{} events", late.len());
    assert_eq!(identified, 0);
}
