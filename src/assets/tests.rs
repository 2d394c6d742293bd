use std::io::Read as _;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, SERVER, SET_COOKIE,
};

use super::*;
use crate::clock::UnixMillis;

#[derive(Default)]
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.0.load(Ordering::Relaxed))
    }
}

struct House {
    assets: Arc<Assets>,
    hand: Arc<Hand>,
    asked: Arc<AtomicUsize>,
}

fn house() -> House {
    let hand = Arc::new(Hand::default());
    let assets = Arc::new(Assets::new(Arc::clone(&hand) as Arc<dyn Clock>));
    House { assets, hand, asked: Arc::default() }
}

fn fields(pairs: &[(http::HeaderName, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
}

fn script(text: &str) -> Fetched {
    let headers = fields(&[
        (CONTENT_TYPE, "application/javascript; charset=utf-8"),
        (CACHE_CONTROL, "public, max-age=600"),
        (ETAG, "\"vendor-1\""),
        (SERVER, "vendor"),
        (SET_COOKIE, "a=b"),
    ]);
    Fetched { status: StatusCode::OK, headers, body: Bytes::copy_from_slice(text.as_bytes()) }
}

impl House {
    async fn get(&self, key: &str, visitor: &HeaderMap, outcome: Result<Fetched, &'static str>) -> (Reply, Served) {
        let asked = Arc::clone(&self.asked);
        let fetch = move |_| async move {
            asked.fetch_add(1, Ordering::Relaxed);
            outcome
        };
        self.assets.get(key, visitor, fetch).await
    }

    fn later(&self, seconds: i64) {
        self.hand.0.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

fn nothing() -> HeaderMap {
    HeaderMap::new()
}

#[tokio::test]
async fn a_file_is_fetched_once_while_it_is_fresh_and_only_our_own_fields_pass() {
    let house = house();
    let (reply, served) = house.get("/js/script.js", &nothing(), Ok(script("one"))).await;
    assert_eq!((reply.status, served, &reply.body[..]), (StatusCode::OK, Served::Fetched, &b"one"[..]));
    let names: std::collections::BTreeSet<_> = reply.headers.keys().map(http::HeaderName::as_str).collect();
    let own =
        ["cache-control", "content-type", "cross-origin-resource-policy", "etag", "vary", "x-content-type-options"];
    assert_eq!(names, own.into_iter().collect());
    house.later(599);
    let (_, served) = house.get("/js/script.js", &nothing(), Ok(script("two"))).await;
    assert_eq!((served, house.asked()), (Served::Hit, 1));
    house.later(2);
    let (reply, served) = house.get("/js/script.js", &nothing(), Ok(script("two"))).await;
    assert_eq!((served, house.asked(), &reply.body[..]), (Served::Fetched, 2, &b"two"[..]));
}

#[tokio::test]
async fn many_who_ask_at_once_make_one_fetch() {
    let house = house();
    let gate = Arc::new(tokio::sync::Notify::new());
    let one = |gate: Arc<tokio::sync::Notify>| {
        let (assets, asked) = (Arc::clone(&house.assets), Arc::clone(&house.asked));
        async move {
            let fetch = move |_| async move {
                asked.fetch_add(1, Ordering::Relaxed);
                gate.notified().await;
                Ok(script("one"))
            };
            assets.get("/js/script.js", &HeaderMap::new(), fetch).await.0.status
        }
    };
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        tasks.spawn(one(Arc::clone(&gate)));
    }
    while house.asked() == 0 {
        tokio::task::yield_now().await;
    }
    gate.notify_one();
    let statuses = tasks.join_all().await;
    assert!(statuses.iter().all(|status| *status == StatusCode::OK));
    assert_eq!((statuses.len(), house.asked()), (50, 1));
}

#[tokio::test]
async fn an_older_copy_serves_when_the_vendor_fails_for_a_week_and_not_longer() {
    let house = house();
    house.get("/js/script.js", &nothing(), Ok(script("one"))).await;
    house.later(700);
    for outcome in [Err("timeout"), Ok(Fetched { status: StatusCode::BAD_GATEWAY, ..script("x") }), Ok(script(" "))] {
        let (reply, served) = house.get("/js/script.js", &nothing(), outcome).await;
        assert_eq!((served, &reply.body[..]), (Served::Stale, &b"one"[..]));
        let asked = house.asked();
        house.get("/js/script.js", &nothing(), Ok(script("two"))).await;
        assert_eq!(house.asked(), asked, "the vendor is left alone for a moment");
        house.later(11);
    }
    house.later(8 * 86_400);
    let (reply, served) = house.get("/js/script.js", &nothing(), Err("timeout")).await;
    assert_eq!((reply.status, served), (StatusCode::BAD_GATEWAY, Served::Failed));
}

#[tokio::test(start_paused = true)]
async fn a_page_waits_a_second_at_most_and_the_next_one_gets_what_came() {
    let house = house();
    let slow = |_| async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        Ok(script("late"))
    };
    let before = tokio::time::Instant::now();
    let (reply, served) = house.assets.get("/js/script.js", &nothing(), slow).await;
    assert_eq!((reply.status, served, before.elapsed()), (StatusCode::BAD_GATEWAY, Served::Failed, PATIENCE));
    tokio::time::advance(Duration::from_secs(5)).await;
    tokio::task::yield_now().await;
    let (reply, _) = house.get("/js/script.js", &nothing(), Err("unused")).await;
    assert_eq!(&reply.body[..], b"late");
}

#[tokio::test]
async fn what_is_no_whole_script_is_never_given() {
    let headers = |kind| fields(&[(CONTENT_TYPE, kind)]);
    let mut encoded = script("x");
    encoded.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
    let wrong = [
        Fetched { headers: headers("text/html"), ..script("<html>") },
        Fetched { headers: nothing(), ..script("x") },
        Fetched { status: StatusCode::PARTIAL_CONTENT, ..script("x") },
        Fetched { status: StatusCode::FOUND, ..script("x") },
        script(""),
        encoded,
    ];
    for outcome in wrong {
        let house = house();
        let (reply, served) = house.get("/js/script.js", &nothing(), Ok(outcome)).await;
        assert_eq!((reply.status, served), (StatusCode::BAD_GATEWAY, Served::Failed));
    }
    let house = house();
    let gone = Fetched { status: StatusCode::NOT_FOUND, ..script("x") };
    assert_eq!(house.get("/js/script.js", &nothing(), Ok(gone.clone())).await.1, Served::Absent);
    assert_eq!(house.get("/js/script.js", &nothing(), Ok(gone)).await.1, Served::Absent);
    assert_eq!(house.asked(), 1);
}

#[tokio::test]
async fn tags_and_encodings_belong_together() {
    let house = house();
    let text = "function a() {}\n".repeat(500);
    let zip = fields(&[(ACCEPT_ENCODING, "br, gzip;q=0.8")]);
    let (packed, _) = house.get("/js/script.js", &zip, Ok(script(&text))).await;
    assert_eq!(packed.headers.get(CONTENT_ENCODING).unwrap(), "gzip");
    let mut undone = String::new();
    flate2::read::GzDecoder::new(&packed.body[..]).read_to_string(&mut undone).unwrap();
    assert_eq!(undone, text);
    for refused in ["", "gzip;q=0", "br"] {
        let (plain, _) = house.get("/js/script.js", &fields(&[(ACCEPT_ENCODING, refused)]), Err("")).await;
        assert_eq!((plain.headers.get(CONTENT_ENCODING), &plain.body[..]), (None, text.as_bytes()), "{refused}");
        assert_ne!(plain.headers.get(ETAG), packed.headers.get(ETAG));
    }
    let tag = packed.headers.get(ETAG).unwrap().to_str().unwrap();
    let again = fields(&[(ACCEPT_ENCODING, "gzip"), (IF_NONE_MATCH, &format!("\"x\", W/{tag}"))]);
    let (reply, _) = house.get("/js/script.js", &again, Err("")).await;
    assert_eq!((reply.status, reply.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let other = fields(&[(IF_NONE_MATCH, tag)]);
    assert_eq!(house.get("/js/script.js", &other, Err("")).await.0.status, StatusCode::OK);
}

#[tokio::test]
async fn a_due_copy_is_confirmed_by_the_vendors_own_tag() {
    let house = house();
    house.get("/js/script.js", &nothing(), Ok(script("one"))).await;
    house.later(700);
    let confirm = |tag: Option<HeaderValue>| async move {
        assert_eq!(tag.unwrap(), "\"vendor-1\"");
        Ok(Fetched { status: StatusCode::NOT_MODIFIED, headers: HeaderMap::new(), body: Bytes::new() })
    };
    let (reply, served) = house.assets.get("/js/script.js", &nothing(), confirm).await;
    assert_eq!((served, &reply.body[..]), (Served::Fetched, &b"one"[..]));
    assert_eq!(house.get("/js/script.js", &nothing(), Err("")).await.1, Served::Hit);
}

#[tokio::test]
async fn a_flood_of_names_stays_within_bounds_and_keeps_the_real_file() {
    let house = house();
    house.get("/js/script.js", &nothing(), Ok(script("real"))).await;
    for number in 0..1000 {
        let gone = Fetched { status: StatusCode::NOT_FOUND, ..script("x") };
        house.get(&format!("/js/pa-{number}.js"), &nothing(), Ok(gone)).await;
    }
    assert!(house.assets.lock().len() <= 256);
    assert_eq!(house.get("/js/script.js", &nothing(), Err("")).await.1, Served::Hit);
    let large = "a".repeat(3 * 1024 * 1024);
    for number in 0..40 {
        house.get(&format!("/js/{number}.js"), &nothing(), Ok(script(&large))).await;
    }
    assert!(house.assets.lock().bytes() <= 32 * 1024 * 1024);
}

#[test]
fn of_a_query_only_a_plain_version_reaches_the_vendor() {
    let target = |query| target("/static/array.js", query).unwrap().to_string();
    assert_eq!(target(None), "/static/array.js");
    assert_eq!(target(Some("v=1.2.3")), "/static/array.js?v=1.2.3");
    assert_eq!(target(Some("email=a@b.example&v=1.2.3&x=1")), "/static/array.js?v=1.2.3");
    for other in ["v=a@b.example", "v=", "x=1", "v=%41", &format!("v={}", "1".repeat(33))] {
        assert_eq!(target(Some(other)), "/static/array.js", "{other}");
    }
}
