//! Key sets and certificates, as issuers publish them: a set is read or refused, and a token that none of its keys signed is
//! nobody's whatever the set says.
//!
//! The first byte chooses how the rest is given: as a JSON Web Key Set, as Firebase's map of certificates, as PEM, as DER
//! in a PEM block.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bauta::clock::UnixMillis;
use bauta::config::fault::{Faults, KeyPath};
use bauta::config::session::{Jwks, Session};
use bauta::cookies::Cookies;
use bauta::session::Reader;
use libfuzzer_sys::fuzz_target;

/// Tokens for account 7 without a good signature: one for each algorithm, one with a key of its own in the head.
const TOKENS: [&str; 5] = [
    "s=eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiI3IiwiZXhwIjo0MTAyNDQ0ODAwfQ.AAAA",
    "s=eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiI3IiwiZXhwIjo0MTAyNDQ0ODAwfQ.AAAA",
    "s=eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiI3IiwiZXhwIjo0MTAyNDQ0ODAwfQ.AAAA",
    "s=eyJhbGciOiJub25lIn0.eyJzdWIiOiI3IiwiZXhwIjo0MTAyNDQ0ODAwfQ.",
    "s=eyJhbGciOiJFUzI1NiIsImp3ayI6e319.eyJzdWIiOiI3IiwiZXhwIjo0MTAyNDQ0ODAwfQ.AAAA",
];

static THREADS: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime"));
static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));

fuzz_target!(|data: &[u8]| {
    let Some((choice, content)) = data.split_first() else { return };
    let (is_set, text) = match choice % 4 {
        0 => (true, content.to_vec()),
        1 => (true, serde_json::json!({"a": String::from_utf8_lossy(content)}).to_string().into_bytes()),
        2 => (false, content.to_vec()),
        _ => {
            let label = if choice & 4 == 0 { "CERTIFICATE" } else { "PUBLIC KEY" };
            (false, format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(content)).into())
        }
    };
    std::fs::write(FOLDER.path().join("keys"), text).expect("a file");
    let mut shape = Session {
        preset: "jwt".to_owned(),
        cookie: Some("s".to_owned()),
        algorithms: ["RS256", "ES256", "EdDSA"].map(str::to_owned).into(),
        ..Session::default()
    };
    match is_set {
        true => shape.jwks = Some(Jwks { file: Some(PathBuf::from("keys")), ..Jwks::default() }),
        false => shape.public_keys = vec![PathBuf::from("keys")],
    }
    let mut faults = Faults::default();
    let reader = Reader::build(&shape, FOLDER.path(), &KeyPath::root(), &mut faults);
    let Some(reader) = reader else {
        assert!(faults.iter().count() > 0, "refused without a word");
        return;
    };
    for token in TOKENS {
        let cookies = Cookies::from_text(token);
        let read = reader.read(&cookies, UnixMillis(1_800_000_000_000), Duration::from_secs(3600));
        assert!(THREADS.block_on(read).is_err(), "a person without a signature");
    }
});
