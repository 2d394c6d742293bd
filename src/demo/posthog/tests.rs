//! Whole requests at the stand-in's desk.

use std::io::Write;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::*;

const TOKEN: &str = "phc_one";

struct Bench(PostHog);

impl Bench {
    async fn with(rules: Rules) -> Self {
        Self(PostHog::start("127.0.0.1:0".parse().unwrap(), rules).await.unwrap())
    }

    async fn new() -> Self {
        Self::with(Rules { tokens: Some([TOKEN.to_owned()].into()), ..Rules::default() }).await
    }

    async fn send(
        &self,
        method: Method,
        target: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> (u16, String) {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Ok(body.into())).unwrap();
        let answer = self.0.answer(request, "192.0.2.9".parse().unwrap()).await;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn post(&self, target: &str, kind: &str, body: impl Into<Bytes>) -> (u16, String) {
        self.send(Method::POST, target, &[("content-type", kind)], body).await
    }
}

fn event(keys: &str) -> String {
    format!(r#"{{"event":"x","token":"{TOKEN}","distinct_id":"d"{keys}}}"#)
}

fn gzip(text: &str) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap()
}

fn base64(bytes: &[u8]) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes)
}

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn every_body_of_every_client_generation_is_read() {
    let bench = Bench::new().await;
    let text = event("");
    let quoted = |text: &str| text.replace('+', "%2B").replace('=', "%3D");
    let lz = lz_str::compress_to_base64(text.as_str());
    let bodies: Vec<(&str, &str, Vec<u8>, &[&str])> = vec![
        ("/i/v0/e/", "text/plain", gzip(&text), &["gzip"]),
        ("/e/?compression=gzip-js&ver=1", "text/plain", gzip(&text), &["gzip"]),
        ("/e/", "application/json", text.clone().into_bytes(), &[]),
        (
            "/i/v0/e/?compression=base64",
            FORM,
            format!("data={}", quoted(&base64(text.as_bytes()))).into_bytes(),
            &["form", "base64"],
        ),
        ("/e/", FORM, format!("data={}", base64(text.as_bytes())).into_bytes(), &["form", "base64"]),
        ("/e/", FORM, format!("data={}&compression=lz64", quoted(&lz)).into_bytes(), &["form", "lz64"]),
        ("/track/", "text/plain", base64(text.as_bytes()).into_bytes(), &["base64"]),
        ("/capture/", "text/plain", format!("[{text}]").into_bytes(), &[]),
        ("/batch", "application/json", gzip(&format!(r#"{{"api_key":"{TOKEN}","batch":[{text}]}}"#)), &["gzip"]),
    ];
    for (target, kind, body, steps) in bodies {
        bench.0.clear();
        assert_eq!(bench.post(target, kind, body).await, (200, r#"{"status":"Ok"}"#.to_owned()), "{target} {kind}");
        let events = bench.0.events();
        assert_eq!((events.len(), events[0].name.as_str(), events[0].distinct_id.as_str()), (1, "x", "d"));
        assert_eq!(bench.0.requests()[0].steps, steps, "{target} {kind}");
    }
    let (status, _) = bench.send(Method::GET, &format!("/e/?data={}", quoted(&base64(text.as_bytes()))), &[], "").await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn what_the_service_refuses_is_refused() {
    let bench = Bench::new().await;
    for (target, body, wanted) in [
        ("/e/", String::new(), 400),
        ("/e/", event(r#","event":"y""#), 400),
        ("/e/", event("").replace("\"d\"", "\"\""), 400),
        ("/e/", event("").replace("\"x\"", "\"\""), 400),
        ("/e/", format!("[{},{}]", event(""), event("").replace("\"x\"", "\"\"")), 400),
        ("/e/", event("").replace(TOKEN, "phx_key"), 401),
        ("/e/", event("").replace("token", "other"), 401),
        ("/e/?compression=gzip", event(""), 400),
        ("/s/", event(""), 400),
        ("/e/", event(&format!(r#","properties":{{"p":"{}"}}"#, "p".repeat(body::EVENT))), 413),
        ("/nowhere", event(""), 404),
        ("/project/1", event(""), 404),
    ] {
        let (status, words) = bench.post(target, "application/json", body).await;
        assert_eq!(status, wanted, "{target} {words}");
    }
    assert!(bench.0.events().is_empty());
    let half = gzip(&event(""));
    assert_eq!(bench.post("/e/", "text/plain", half[..half.len() - 6].to_vec()).await.0, 400);
}

#[tokio::test]
async fn an_unknown_token_is_taken_and_stored_for_nobody() {
    let bench = Bench::new().await;
    let (status, _) = bench.post("/e/", "text/plain", event("").replace(TOKEN, "phc_two")).await;
    assert_eq!((status, bench.0.events().len()), (200, 0));
    assert_eq!(bench.0.requests()[0].discarded, [("x".to_owned(), Discard::UnknownToken)]);
    let flags = r#"{"token":"phc_two","distinct_id":"d"}"#;
    assert_eq!(bench.post("/flags/?v=2", "text/plain", flags).await.0, 401);
}

#[tokio::test]
async fn a_beacon_gets_no_content_and_replay_goes_to_its_first_id() {
    let bench = Bench::new().await;
    assert_eq!(bench.post("/e/?beacon=1", "text/plain", event("")).await, (204, String::new()));
    let one = |id: &str| json!({"event": "$snapshot", "properties": {"token": TOKEN, "distinct_id": id, "$session_id": "s-1", "$snapshot_data": []}});
    assert_eq!(bench.post("/s/", "text/plain", json!([one("a"), one("b")]).to_string()).await.0, 200);
    let events = bench.0.events();
    assert_eq!(events.iter().skip(1).map(|event| event.distinct_id.as_str()).collect::<Vec<_>>(), ["a", "a"]);
}

#[tokio::test]
async fn quotas_are_told_in_a_success() {
    let quota = ["recordings", "feature_flags"].map(str::to_owned).into();
    let bench = Bench::with(Rules { over_quota: quota, ..Rules::default() }).await;
    let body = json!([{"event": "$snapshot", "properties": {"token": TOKEN, "distinct_id": "a", "$session_id": "s", "$snapshot_data": []}}]);
    let (status, text) = bench.post("/s/", "text/plain", body.to_string()).await;
    assert_eq!((status, text.contains(r#""quota_limited":["recordings"]"#)), (200, true));
    let (_, text) =
        bench.post("/flags/?v=2", "text/plain", format!(r#"{{"token":"{TOKEN}","distinct_id":"d"}}"#)).await;
    assert!(text.contains(r#""quotaLimited":["feature_flags"]"#) && text.contains(r#""flags":{}"#), "{text}");
}

#[tokio::test]
async fn flags_are_the_same_for_one_id_in_every_version() {
    let bench = Bench::new().await;
    let body = format!(r#"{{"token":"{TOKEN}","distinct_id":"d","person_properties":{{"n":NaN}}}}"#);
    for target in
        ["/decide/?v=1", "/decide/?v=2", "/decide/?v=3", "/decide/?v=4", "/flags/?v=1", "/flags/?v=2", "/flags/?v=4"]
    {
        let (status, text) = bench.post(target, "text/plain", body.clone()).await;
        assert_eq!(status, 200);
        let answer: Value = serde_json::from_str(&text).unwrap();
        let key = if target.ends_with("v=4") || target == "/flags/?v=2" { "flags" } else { "featureFlags" };
        assert!(!answer[key].is_null(), "{target}: {text}");
    }
    let calls = bench.0.flag_calls();
    assert!(calls.len() == 7 && calls.iter().all(|call| call.values == calls[0].values && call.distinct_id == "d"));
    let expected: Vec<Value> = Rules::default().flags.iter().take(2).map(|flag| flag.value("d")).collect();
    assert_eq!([&calls[0].values["new-cart"], &calls[0].values["price-test"]], [&expected[0], &expected[1]]);
    let quoted = base64(body.as_bytes()).replace('+', "%2B");
    assert_eq!(bench.post("/decide/?v=3", FORM, format!("data={quoted}")).await.0, 200);
    assert_eq!(
        bench.post("/flags/?v=2", FORM, format!("data={}", base64(&gzip(&body)).replace('+', "%2B"))).await.0,
        400
    );
    assert_eq!(bench.post("/flags/?v=2", "image/png", body).await.0, 400);
}

const V1: [(&str, &str); 6] = [
    ("authorization", "Bearer phc_one"),
    ("posthog-sdk-info", "posthog-node/5.70.0"),
    ("posthog-attempt", "1"),
    ("posthog-request-id", "01a1f9b1-625d-7082-b1dd-ff08ad30bce7"),
    ("posthog-request-timestamp", "2026-11-20T16:01:54.269Z"),
    ("user-agent", "posthog-node/5.70.0"),
];

fn batch(ids: &[&str]) -> String {
    let event = |(number, id): (usize, &&str)| {
        let uuid = format!("01a1f9b1-6131-7e57-8144-abc410e880d{number}");
        json!({"event": "paid", "uuid": uuid, "distinct_id": id, "timestamp": "2026-11-20T16:01:53.969Z", "options": {}, "properties": {}})
    };
    let events: Vec<Value> = ids.iter().enumerate().map(event).collect();
    json!({"created_at": "2026-11-20T16:01:54.269Z", "batch": events}).to_string()
}

#[tokio::test]
async fn the_second_protocol_needs_its_headers_and_answers_for_each_uuid() {
    let bench = Bench::new().await;
    let path = "/i/v1/analytics/events";
    let mut all = V1.to_vec();
    all.push(("content-type", "application/json"));
    let (status, text) = bench.send(Method::POST, path, &all, batch(&["u1", "system"])).await;
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(status, 200);
    assert_eq!(answer["results"]["01a1f9b1-6131-7e57-8144-abc410e880d0"]["result"], "ok");
    assert_eq!(answer["results"]["01a1f9b1-6131-7e57-8144-abc410e880d1"]["result"], "drop");
    assert_eq!(bench.0.events().len(), 1);
    for (missing, _) in V1 {
        let some: Vec<_> = all.iter().filter(|(name, _)| *name != missing).copied().collect();
        let wanted = if missing == "authorization" { 401 } else { 400 };
        assert_eq!(bench.send(Method::POST, path, &some, batch(&["u1"])).await.0, wanted, "{missing}");
    }
    let mut plain = V1.to_vec();
    plain.push(("content-type", "text/plain"));
    assert_eq!(bench.send(Method::POST, path, &plain, batch(&["u1"])).await.0, 415);
    let zstd =
        ruzstd::encoding::compress_to_vec(batch(&["u2"]).as_bytes(), ruzstd::encoding::CompressionLevel::Fastest);
    for (encoding, body) in [("gzip", gzip(&batch(&["u2"]))), ("zstd", zstd)] {
        let mut with = all.clone();
        with.push(("content-encoding", encoding));
        assert_eq!(bench.send(Method::POST, path, &with, body).await.0, 200, "{encoding}");
    }
    let mut lzma = all.clone();
    lzma.push(("content-encoding", "lzma"));
    assert_eq!(bench.send(Method::POST, path, &lzma, batch(&["u1"])).await.0, 415);
}

#[tokio::test]
async fn definitions_need_a_personal_key_and_know_their_tag() {
    let bench = Bench::new().await;
    let path = format!("/flags/definitions?token={TOKEN}&send_cohorts");
    assert_eq!(bench.send(Method::GET, &path, &[("authorization", "Bearer phc_one")], "").await.0, 401);
    let key = ("authorization", "Bearer phx_key");
    let (status, text) = bench.send(Method::GET, &path, &[key], "").await;
    assert_eq!((status, text.contains("new-cart")), (200, true));
    let request = Request::builder().uri(&path).header(key.0, key.1).body(Ok(Bytes::new())).unwrap();
    let answer = bench.0.answer(request, "192.0.2.9".parse().unwrap()).await;
    let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(bench.send(Method::GET, &path, &[key, ("if-none-match", &tag)], "").await.0, 304);
}

#[tokio::test]
async fn assets_come_from_the_package_and_from_their_own_host() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("surveys.js"), "surveys()").unwrap();
    let rules = Rules { dist: Some(folder.path().to_owned()), serves: Serves::Assets, ..Rules::default() };
    let bench = Bench::with(rules).await;
    let get = async |path: &str| bench.send(Method::GET, path, &[], "").await;
    assert_eq!(get("/static/surveys.js?v=1.1").await, (200, "surveys()".to_owned()));
    assert_eq!(get("/static/1.449.2/surveys.js").await, (200, "surveys()".to_owned()));
    for path in [
        "/static/nothing.js",
        "/static/..%2fsurveys.js",
        "/static/a/surveys.js",
        "/static/surveys.css",
        "/array/phx_a/config",
    ] {
        assert_eq!(get(path).await.0, 404, "{path}");
    }
    assert!(get(&format!("/array/{TOKEN}/config.js")).await.1.contains("_POSTHOG_REMOTE_CONFIG"));
    assert_eq!(bench.post("/e/", "text/plain", event("")).await.0, 404);
    let ingest = Bench::with(Rules { serves: Serves::Ingest, ..Rules::default() }).await;
    assert_eq!(ingest.send(Method::GET, "/static/array.js", &[], "").await.0, 404);
}

#[tokio::test]
async fn the_client_is_the_leftmost_address_and_origins_are_mirrored() {
    let bench = Bench::new().await;
    let headers = [("x-forwarded-for", "1.2.3.4:99, 198.51.100.7, 10.0.0.1"), ("origin", "https://shop.example")];
    bench.send(Method::POST, "/e/", &headers, event("")).await;
    assert_eq!(bench.0.requests()[0].client_ip, "198.51.100.7");
    let request =
        Request::builder().uri("/e/").header("origin", "https://shop.example").body(Ok(Bytes::new())).unwrap();
    let answer = bench.0.answer(request, "192.0.2.9".parse().unwrap()).await;
    assert_eq!(answer.headers()["access-control-allow-origin"], "https://shop.example");
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["access-control-allow-credentials"]),
        (400, &http::HeaderValue::from_static("true"))
    );
}

#[tokio::test]
async fn memory_is_bounded_and_a_rehearsal_can_be_taken_out() {
    let bench = Bench::with(Rules { keep: 3, keep_bytes: 1 << 20, ..Rules::default() }).await;
    for _ in 0..5 {
        bench.post("/e/", "text/plain", event("")).await;
    }
    assert_eq!((bench.0.requests().len(), bench.0.events().len(), bench.0.newest()), (3, 3, 5));
    let large = event(&format!(r#","properties":{{"p":"{}"}}"#, "p".repeat(300_000)));
    bench.post("/e/", "text/plain", large).await;
    assert_eq!(bench.0.requests().len(), 1);
    let mark = bench.0.newest();
    bench.post("/e/", "text/plain", event("")).await;
    assert_eq!(bench.0.take_after(mark).len(), 1);
    assert!(bench.0.requests().is_empty() && bench.0.events().is_empty());
}
