//! Building readers, and what a reader makes of a whole request.

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::digest::Digest;
use super::{Reader, Refusal};
use crate::clock::UnixMillis;
use crate::config::fault::{Faults, KeyPath};
use crate::cookies::Cookies;

/// A folder with a few secrets, as configurations refer to them.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, contents) in [
            ("a.key", &b"first secret\n"[..]),
            ("b.key", b"second secret"),
            ("short.key", b"sesame"),
            ("ring.key", b"0123456789abcdef"),
            ("public.pem", b"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAy6kSWN2KpGqRkGixDHWXugRwvVwr4zGjsEGnSmv1yxw=\n-----END PUBLIC KEY-----\n"),
            ("empty.key", b"\n"),
        ] {
            std::fs::write(folder.path().join(name), contents).unwrap();
        }
        Self(folder)
    }

    fn build(&self, text: &str) -> Result<Reader, Vec<(String, String, String)>> {
        build(text, self.0.path())
    }

    fn reader(&self, text: &str) -> Reader {
        self.build(text).unwrap_or_else(|faults| panic!("{faults:?}"))
    }

    /// The keys at which something is wrong.
    fn faults(&self, text: &str) -> Vec<String> {
        self.build(text).err().unwrap().into_iter().map(|(key, _, _)| key).collect()
    }
}

fn build(text: &str, base: &Path) -> Result<Reader, Vec<(String, String, String)>> {
    let mut faults = Faults::default();
    let at = KeyPath::root().key("session");
    Reader::build(&toml::from_str(text).unwrap(), base, &at, &mut faults)
        .ok_or_else(|| faults.iter().map(|f| (f.key.to_string(), f.problem.clone(), f.fix.clone())).collect())
}

fn read(reader: &Reader, header: &str) -> Result<String, Refusal> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let cookies = Cookies::from_text(header);
    let found = reader.read(&cookies, UnixMillis::from_seconds(1_000), Duration::from_secs(1));
    runtime.block_on(found).map(|person| person.user.expose().to_owned())
}

fn express(secret: &str, value: &str) -> String {
    let signature = STANDARD_NO_PAD.encode(Digest::Sha256.mac(secret.as_bytes(), &[value.as_bytes()]).as_slice());
    format!("s%3A{value}.{}", signature.replace('+', "%2B").replace('/', "%2F"))
}

fn jwt(header: &str, claims: &str, secret: &str) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = Digest::Sha256.mac(secret.as_bytes(), &[signed.as_bytes()]);
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_slice()))
}

// ---------------------------------------------------------------- configuration

#[test]
fn an_unknown_preset_suggests_the_one_that_was_meant() {
    let faults = Folder::new().build("preset = 'django-singed'").err().unwrap();
    let [(key, problem, fix)] = faults.as_slice() else { panic!("one fault") };
    assert_eq!(key, "session.preset");
    assert!(problem.contains("django-singed") && fix.contains("\"django-signed\""), "{problem}; {fix}");
}

#[test]
fn every_fault_is_reported_at_once() {
    let text = "preset = 'express'\nissuer = 'x'\nsecrets = [{ file = 'missing.key' }, { file = 'empty.key' }]";
    let expected = ["session.cookie", "session.secrets[0]", "session.secrets[1]", "session.issuer"];
    assert_eq!(Folder::new().faults(text), expected);
}

#[test]
fn a_missing_secret_is_named_in_the_framework_s_words() {
    let faults = Folder::new().build("preset = 'flask'").err().unwrap();
    assert!(
        matches!(faults.as_slice(), [(key, problem, _)] if key == "session.secrets" && problem.contains("SECRET_KEY"))
    );
}

#[test]
fn a_key_of_the_wrong_length_says_which_is_right() {
    let faults = Folder::new().build("preset = 'ring'\nsecrets = [{ file = 'short.key' }]").err().unwrap();
    let [(key, problem, _)] = faults.as_slice() else { panic!("one fault") };
    assert_eq!(key, "session.secrets[0]");
    assert!(problem.contains("16 bytes") && problem.contains("found 6") && !problem.contains("sesame"));
}

#[test]
fn a_token_needs_its_algorithms_and_their_keys() {
    let folder = Folder::new();
    assert_eq!(folder.faults("preset = 'jwt'\ncookie = 't'"), ["session.algorithms"]);
    let public = "preset = 'jwt'\ncookie = 't'\npublic_keys = ['public.pem']\nalgorithms = ";
    assert!(folder.build(&format!("{public}['EdDSA']")).is_ok());
    assert_eq!(folder.faults(&format!("{public}['RS256', 'EdDSA']")), ["session.algorithms"]);
    assert_eq!(folder.faults(&format!("{public}['none', 'EdDSA']")), ["session.algorithms[0]"]);
    assert_eq!(folder.faults(&format!("{public}['HS256']")), ["session.secrets", "session.public_keys"]);
    let secret = "preset = 'jwt'\ncookie = 't'\nalgorithms = ['HS256']\nsecrets = [{ file = 'public.pem' }]";
    assert_eq!(folder.faults(secret), ["session.secrets[0]"], "a public key is no HMAC secret");
    let pem = "preset = 'jwt'\ncookie = 't'\nalgorithms = ['ES256']\npublic_keys = ['a.key']";
    assert_eq!(folder.faults(pem), ["session.public_keys[0]"]);
    let set = "preset = 'jwt'\ncookie = 't'\nalgorithms = ['ES256']\njwks = { file = 'a.key' }";
    assert_eq!(folder.faults(set), ["session.jwks.file"]);
}

#[test]
fn a_name_that_no_browser_sends_is_a_fault() {
    let text = "preset = 'flask'\ncookie = 'a b'\nsecrets = [{ file = 'a.key' }]";
    assert_eq!(Folder::new().faults(text), ["session.cookie"]);
}

#[test]
fn every_preset_has_its_facts() {
    let facts = Reader::preset_facts();
    assert!(facts.iter().any(|fact| fact.name == "ring" && fact.aliases.contains(&"biff")));
    assert!(facts.iter().all(|fact| !fact.secret.is_empty()));
}

// ---------------------------------------------------------------- requests

const EXPRESS: &str = "preset = 'express'\ncookie = 'uid'\nsecrets = [{ file = 'a.key' }, { file = 'b.key' }]";

#[test]
fn a_cookie_signed_with_any_of_the_keys_is_read() {
    let reader = Folder::new().reader(EXPRESS);
    for secret in ["first secret", "second secret"] {
        assert_eq!(read(&reader, &format!("uid={}", express(secret, "42"))), Ok("42".into()));
    }
    assert_eq!(read(&reader, &format!("uid={}", express("third", "42"))), Err(Refusal::BadSignature));
    assert_eq!(read(&reader, "uid=42"), Err(Refusal::Malformed));
    assert_eq!(read(&reader, "other=1"), Err(Refusal::Absent));
}

#[test]
fn json_in_a_signed_cookie_is_read_by_path() {
    let text = format!("{EXPRESS}\nuser = ['user', 'id']");
    let reader = Folder::new().reader(&text);
    let value = r#"j:{"user":{"id":9007199254740993}}"#;
    assert_eq!(read(&reader, &format!("uid={}", express("first secret", value))), Ok("9007199254740993".into()));
}

#[test]
fn two_people_are_nobody_and_junk_beside_one_does_not_hide_them() {
    let reader = Folder::new().reader(EXPRESS);
    let (one, other) = (express("first secret", "1"), express("second secret", "2"));
    let again = express("second secret", "1");
    assert_eq!(read(&reader, &format!("uid={one}; uid={other}")), Err(Refusal::Ambiguous));
    assert_eq!(read(&reader, &format!("uid={one}; uid={again}")), Ok("1".into()));
    assert_eq!(read(&reader, &format!("uid=junk; uid=s%3Ax.y; uid={other}")), Ok("2".into()));
    assert_eq!(read(&reader, &format!("uid=1; uid=2; uid=3; uid=4; uid={other}")), Err(Refusal::Ambiguous));
}

#[test]
fn the_reason_comes_from_the_value_that_got_furthest() {
    let reader = Folder::new().reader(EXPRESS);
    let nobody = express("first secret", "j:null");
    assert_eq!(read(&reader, &format!("uid=junk; uid={nobody}; uid={}", express("x", "1"))), Err(Refusal::Anonymous));
}

#[test]
fn tokens_choose_neither_their_algorithm_nor_their_key() {
    let text = "preset = 'jwt'\ncookie = 't'\nalgorithms = ['HS256']\nsecrets = [{ file = 'a.key' }]\naudience = 'web'";
    let reader = Folder::new().reader(text);
    let claims = r#"{"sub":"7","exp":2000,"aud":["x","web"]}"#;
    let try_header = |header: &str| read(&reader, &format!("t={}", jwt(header, claims, "first secret")));
    assert_eq!(try_header(r#"{"alg":"HS256","jku":"https://evil.example","kid":"x"}"#), Ok("7".into()));
    assert_eq!(try_header(r#"{"alg":"none"}"#), Err(Refusal::AlgNotAllowed));
    assert_eq!(try_header(r#"{"alg":"hs256"}"#), Err(Refusal::AlgNotAllowed));
    assert_eq!(try_header(r#"{"alg":"HS256","crit":["b64"],"b64":false}"#), Err(Refusal::Malformed));
    assert_eq!(try_header(r#"{"alg":"HS256","kid":7}"#), Err(Refusal::Malformed));
    let try_claims = |claims: &str| read(&reader, &format!("t={}", jwt(r#"{"alg":"HS256"}"#, claims, "first secret")));
    assert_eq!(try_claims(r#"{"sub":"7","exp":996,"aud":"web"}"#), Ok("7".into()), "within the leeway");
    assert_eq!(try_claims(r#"{"sub":"7","exp":995,"aud":"web"}"#), Err(Refusal::Expired));
    assert_eq!(try_claims(r#"{"sub":"7","exp":"2000","aud":"web"}"#), Err(Refusal::ClaimMismatch));
    assert_eq!(try_claims(r#"{"sub":"7","aud":"web"}"#), Err(Refusal::ClaimMismatch));
    assert_eq!(try_claims(r#"{"sub":"7","exp":2000,"aud":"app"}"#), Err(Refusal::ClaimMismatch));
    assert_eq!(try_claims(r#"{"sub":"7","exp":2000,"aud":"web","nbf":1006}"#), Err(Refusal::NotYetValid));
    assert_eq!(try_claims(r#"["sub"]"#), Err(Refusal::Malformed));
}

#[test]
fn a_report_tells_the_way_and_no_contents() {
    let reader = Folder::new().reader(EXPRESS);
    let header = format!("uid={}; uid=s%3Asecret-of-mine.x", express("second secret", "42"));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let cookies = Cookies::from_text(&header);
    let report = runtime.block_on(reader.explain(&cookies, UnixMillis(0), Duration::from_secs(1)));
    assert_eq!(report.outcome, Ok("42".into()));
    let [good, bad] = report.candidates.as_slice() else { panic!("two candidates") };
    assert_eq!((good.key.as_deref(), good.user_at.as_deref()), (Some("2"), Some("the whole value")));
    assert_eq!((bad.stopped_at, bad.refusal), (Some("signature"), Some(Refusal::Malformed)));
    assert!(!format!("{report:?}").contains("secret-of-mine"));
}
