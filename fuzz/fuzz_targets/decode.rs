//! Bodies: whatever a client wraps them in comes out within the cap or is refused, and what comes out is what the stages
//! may rely on - UTF-8 for PostHog, one JSON object for Plausible.
//!
//! The first byte chooses the reader, the second the hints of a request, the third whether the rest is wrapped before it
//! is read, so that the fuzzer reaches what lies behind a checksum.
#![no_main]

use bauta::payload::body::Parser;
use bauta::payload::codec::{self, Undecodable};
use bauta::payload::posthog::decode::{Sent, decode};
use bauta::payload::posthog::endpoint::Endpoint;
use bauta::payload::posthog::query::Query;
use bauta::payload::scan::Shape;
use bauta::payload::{form, multipart};
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;

/// Small, so that a bomb of a few kilobytes is beyond it.
const CAP: usize = 64 * 1024;
const PATHS: [&str; 8] =
    ["/e/", "/batch/", "/capture/", "/s/", "/flags/", "/decide/", "/i/v1/analytics/events", "/i/v1/logs"];
const QUERIES: [&str; 8] = [
    "",
    "compression=gzip-js&ver=1.250.0",
    "compression=lz64",
    "compression=base64&beacon=1",
    "data=eyJhIjoxfQ%3D%3D",
    "compression=gzip&data=H4sIAAAAAAAA%2F6tWSlSyMqwFAEL%2FZ0kHAAAA",
    "ip=1&_=1795190145243",
    "compression=zzz",
];
const TYPES: [Option<&str>; 8] = [
    None,
    Some("application/json"),
    Some("text/plain; charset=utf-8"),
    Some("application/x-www-form-urlencoded"),
    Some("multipart/form-data; boundary=b"),
    Some("application/vnd.api+json"),
    Some("application/octet-stream"),
    Some("multipart/mixed; boundary=\"b c\""),
];
const ENCODINGS: [Option<&str>; 8] =
    [None, Some("gzip"), Some("deflate"), Some("br"), Some("zstd"), Some("identity"), Some("lz64"), Some("x-gzip")];

fuzz_target!(|data: &[u8]| {
    let Some(([reader, hints, wrap], content)) = data.split_first_chunk::<3>() else { return };
    let content = match wrap % 4 {
        1 => codec::gzip(&[content]),
        2 => format!("data={}", percent_encoded(content)).into_bytes(),
        _ => content.to_vec(),
    };
    let pick = |by: u8| usize::from(by % 8);
    match reader % 4 {
        0 => posthog(pick(*reader >> 2), pick(*hints), pick(*hints >> 3), pick(*wrap >> 2), content),
        1 => plausible(pick(*hints), content),
        2 => codecs(pick(*hints), &content),
        _ => forms(&content),
    }
});

fn posthog(path: usize, query: usize, kind: usize, encoding: usize, content: Vec<u8>) {
    let Some(endpoint) = Endpoint::of(PATHS[path]) else { panic!("{} is no endpoint", PATHS[path]) };
    let query = Query::of(Some(QUERIES[query]));
    let sent = Sent {
        query: &query,
        content_type: TYPES[kind],
        content_encoding: ENCODINGS[encoding],
        body: Bytes::from(content),
    };
    if let Ok(decoded) = decode(endpoint, sent) {
        assert!(decoded.text.len() <= endpoint.decoded_limit(), "more than the endpoint takes");
    }
}

fn plausible(kind: usize, content: Vec<u8>) {
    let received = content.len();
    if let Ok(body) = Parser::of(TYPES[kind].map(str::as_bytes)).read(Bytes::from(content)) {
        assert_eq!(body.document.root().shape(), Shape::Object);
        // A control character of a form becomes six; brackets make an object each.
        assert!(body.document.text().len() <= 16 + received * 8, "a body of {received} bytes grew");
        assert!(is_object(body.document.text()), "no JSON");
    }
}

fn codecs(which: usize, content: &[u8]) {
    let undone = match which {
        0 => codec::gunzip(content, CAP),
        1 => codec::inflate(content, CAP),
        2 => codec::unbrotli(content, CAP),
        3 => codec::unzstd(content, CAP),
        4 => {
            std::str::from_utf8(content).map_or(Err(Undecodable::Broken), |text| codec::unlz(text, CAP).map(Into::into))
        }
        5 => codec::unbase64(content),
        _ => {
            assert_eq!(codec::gunzip(&codec::gzip(&[content]), content.len()).as_deref(), Ok(content));
            return;
        }
    };
    if let Ok(undone) = undone {
        assert!(undone.len() <= CAP.max(content.len()), "beyond the cap");
    }
}

fn forms(content: &[u8]) {
    for json in [form::read(content), multipart::read(content, "b")].into_iter().flatten() {
        assert!(is_object(&json), "no JSON");
    }
}

fn is_object(text: &str) -> bool {
    text.trim_start().starts_with('{') && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

fn percent_encoded(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("%{byte:02x}")).collect()
}
