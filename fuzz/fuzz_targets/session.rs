//! Session readers. A value without a valid signature is never a person; behind a valid one, any content may stand,
//! since the application signs what users typed: the decoders see it all and must neither panic nor overflow.
#![no_main]

use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bauta::clock::UnixMillis;
use bauta::config::fault::{Faults, KeyPath};
use bauta::config::session::Session;
use bauta::cookies::Cookies;
use bauta::secret::SecretRef;
use bauta::session::Reader;
use cbc::cipher::{BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7};
use hmac::{Hmac, KeyInit, Mac};
use libfuzzer_sys::fuzz_target;
use sha1::Sha1;
use sha2::Sha256;

const SECRET: &[u8; 16] = b"0123456789abcdef";

static RUNTIME: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime"));

/// The formats whose contents are made below, and then every other one that needs nothing but a secret and salts.
static READERS: LazyLock<Vec<(&str, Reader)>> = LazyLock::new(|| {
    let made = ["jwt", "ring", "flask"];
    let facts = Reader::preset_facts();
    let known = ["cookie", "user", "secrets", "salt", "signing_salt", "encryption_salt"];
    let others = facts.iter().filter(|fact| fact.needs.iter().all(|need| known.contains(need)));
    let others = others.map(|fact| fact.name).filter(|name| !made.contains(name));
    let readers: Vec<_> = made.into_iter().chain(others).map(|name| (name, reader(name))).collect();
    assert!(readers.len() > 30, "the presets were not found");
    readers
});

fn reader(preset: &str) -> Reader {
    // Ring wants a key of 16 bytes, most others one of 32, some one of 64.
    let lengths = if preset == "ring" { [1, 2, 4] } else { [2, 1, 4] };
    let built = lengths.into_iter().find_map(|times| build(preset, &SECRET.repeat(times)));
    built.unwrap_or_else(|| panic!("{preset}: no reader"))
}

fn build(preset: &str, secret: &[u8]) -> Option<Reader> {
    let folder = tempfile::tempdir().expect("a folder");
    let facts = Reader::preset_facts();
    let needs = |key: &str| facts.iter().any(|fact| fact.name == preset && fact.needs.contains(&key));
    let salt = |key: &str| needs(key).then(|| "salt".to_owned());
    std::fs::write(folder.path().join("secret"), secret).expect("a file");
    let shape = Session {
        preset: preset.to_owned(),
        cookie: Some("s".to_owned()),
        secrets: vec![SecretRef::file(Path::new("secret"))],
        algorithms: if preset == "jwt" { vec!["HS256".to_owned()] } else { Vec::new() },
        salt: salt("salt"),
        signing_salt: salt("signing_salt"),
        encryption_salt: salt("encryption_salt"),
        user: Some(vec!["sub".to_owned()]),
        ..Session::default()
    };
    Reader::build(&shape, folder.path(), &KeyPath::root(), &mut Faults::default())
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, content)) = data.split_first() else { return };
    let (raw, choice) = (choice & 0x80 != 0, usize::from(choice & 0x7f) % READERS.len());
    let (true, Some((preset, reader))) = (content.len() < 4096, READERS.get(choice)) else { return };
    let cookie = if raw {
        [b"s=", content].concat()
    } else {
        match *preset {
            "jwt" => [b"s=", jwt(content).as_bytes()].concat(),
            "ring" => [b"s=", ring(content).as_bytes()].concat(),
            "flask" => [b"s=", flask(content).as_bytes()].concat(),
            _ => return,
        }
    };
    let cookies = Cookies::parse([cookie.as_slice()]);
    let person = RUNTIME.block_on(reader.read(&cookies, UnixMillis(1_800_000_000_000), Duration::from_secs(3600)));
    assert!(!(raw && person.is_ok()), "{preset}: a person without a signature");
});

fn jwt(payload: &[u8]) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(br#"{"alg":"HS256"}"#), URL_SAFE_NO_PAD.encode(payload));
    let tag = mac::<Hmac<Sha256>>(&SECRET.repeat(2), signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
}

fn ring(edn: &[u8]) -> String {
    let iv = [7; 16];
    let sealed = cbc::Encryptor::<aes::Aes128>::new(SECRET.into(), &iv.into()).encrypt_padded_vec::<Pkcs7>(edn);
    let sealed = [iv.as_slice(), &sealed].concat();
    let value = format!("{}--{}", STANDARD.encode(&sealed), STANDARD.encode(mac::<Hmac<Sha256>>(SECRET, &sealed)));
    value.replace('+', "%2B")
}

fn flask(json: &[u8]) -> String {
    let stamp = 1_800_000_000_u32.to_be_bytes();
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(json), URL_SAFE_NO_PAD.encode(stamp));
    let key = mac::<Hmac<Sha1>>(&SECRET.repeat(2), b"cookie-session");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac::<Hmac<Sha1>>(&key, signed.as_bytes())))
}

fn mac<M: Mac + KeyInit>(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(key).expect("any length");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}
