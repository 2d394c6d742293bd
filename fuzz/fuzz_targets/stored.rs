//! Stored sessions: what the application wrote, with whatever its users typed in it. Each object format is read as
//! inert data, so any bytes at all are a session, nobody's, or malformed - and never a panic or a deep recursion.
#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bauta::clock::UnixMillis;
use bauta::config::fault::{Faults, KeyPath};
use bauta::config::session::{KeyTransform, Serializer, Session, Store};
use bauta::config::units::Period;
use bauta::cookies::Cookies;
use bauta::secret::SecretRef;
use bauta::session::Reader;
use bauta::session::resolve::Memory;
use hmac::{Hmac, KeyInit, Mac};
use libfuzzer_sys::fuzz_target;
use sha2::Sha256;

/// A preset and how its values are written.
const FORMATS: [(&str, Option<Serializer>); 11] = [
    ("php", Some(Serializer::Php)),
    ("php", Some(Serializer::PhpSerialize)),
    ("php", Some(Serializer::PhpBinary)),
    ("flask-session", Some(Serializer::Msgpack)),
    ("flask-session", Some(Serializer::Pickle)),
    ("flask-session", Some(Serializer::Json)),
    ("django-cache", None),
    ("rails-redis", None),
    ("rails-redis", Some(Serializer::Marshal)),
    ("spring-redis", None),
    ("phoenix", None),
];

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
const FIELD: &str =
    "sessionAttr:org.springframework.session.FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME";

struct Case {
    memory: Memory,
    reader: Reader,
    key: Vec<u8>,
}

static RUNTIME: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime"));

static CASES: LazyLock<Vec<Case>> =
    LazyLock::new(|| FORMATS.map(|(preset, serializer)| case(preset, serializer)).into());

fn case(preset: &str, serializer: Option<Serializer>) -> Case {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("secret"), SECRET).expect("a file");
    let is_signed = preset == "phoenix";
    let is_text = preset == "spring-redis";
    let shape = Session {
        preset: preset.to_owned(),
        cookie: Some("s".to_owned()),
        secrets: if is_signed { vec![SecretRef::file("secret")] } else { Vec::new() },
        signing_salt: is_signed.then(|| "salt".to_owned()),
        serializer,
        key_transform: (preset == "rails-redis").then_some(KeyTransform::None),
        user: Some(if is_text { Vec::new() } else { vec!["a".into(), "$php".into(), "b".into()] }),
        store: (!is_signed).then(|| Store {
            url: "redis://memory".into(),
            prefix: Some(String::new()),
            // Every content is read, not the one before.
            cache: Some(Period(Duration::ZERO)),
            ..Store::default()
        }),
        ..Session::default()
    };
    let memory = Memory::default();
    let mut faults = Faults::default();
    let reader = Reader::build_with(&memory, &shape, folder.path(), &KeyPath::root(), &mut faults);
    let reader = reader.unwrap_or_else(|| panic!("{preset}: {faults:?}"));
    let mut key = vec![0; 32];
    pbkdf2::pbkdf2_hmac::<Sha256>(SECRET, b"salt", 1000, &mut key);
    Case { memory, reader, key }
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, content)) = data.split_first() else { return };
    let choice = usize::from(*choice) % FORMATS.len();
    let Some(Case { memory, reader, key }) = CASES.get(choice) else { return };
    let cookie = match FORMATS[choice].0 {
        "phoenix" => {
            let signed = format!("SFMyNTY.{}", URL_SAFE_NO_PAD.encode(content));
            let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
            mac.update(signed.as_bytes());
            format!("s={signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
        }
        "spring-redis" => {
            let fields = vec![(FIELD.to_owned(), content.to_vec()), ("creationTime".to_owned(), vec![1])];
            memory.put_hash("id", fields);
            "s=aWQ".to_owned()
        }
        _ => {
            memory.put("id", content);
            "s=id".to_owned()
        }
    };
    let cookies = Cookies::from_text(&cookie);
    drop(RUNTIME.block_on(reader.read(&cookies, UnixMillis(1_800_000_000_000), Duration::from_secs(3600))));
});
