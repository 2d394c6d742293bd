//! Which preset reads a pasted cookie, found offline with the given secrets.
//!
//! Promise: a preset counts as found when its key fits - or, without a key, never: nothing is guessed from a value's
//! looks. For formats whose session is in a store, the signature of the id is the proof. Nothing is asked over the
//! network. Input: the cookies as a browser sent them and the secrets by file. Output: every preset that fits, with
//! the path of the account id, best first, and the configuration.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::candidate::{Candidate, Content};
use super::preset::{self, Preset};
use super::resolve::{Ask, Connector, Pending, Source, Trouble};
use super::{Reader, Refusal, extract};
use crate::clock::UnixMillis;
use crate::config::fault::{Faults, KeyPath};
use crate::config::session::{Cipher, Endpoint, Jwks, Session, Store};
use crate::cookies::Cookies;
use crate::person::Value;
use crate::secret::{Secret, SecretRef};

/// The most cookie names that are tried.
const NAMES: usize = 32;
/// How deep the account id is looked for.
const DEEP: usize = 4;
/// How long one try may take; only expensive derivations take any time.
const PATIENCE: Duration = Duration::from_secs(5);

/// What there is to try with.
#[derive(Debug, Clone, Default)]
pub struct Clues {
    /// Files with secrets.
    pub secrets: Vec<PathBuf>,
    /// PEM files with public keys.
    pub public_keys: Vec<PathBuf>,
    /// A key set.
    pub jwks: Option<PathBuf>,
    /// The application's `salt`.
    pub salt: Option<String>,
    /// The application's `signing_salt`.
    pub signing_salt: Option<String>,
    /// The application's `encryption_salt`.
    pub encryption_salt: Option<String>,
}

/// A preset that fits.
#[derive(Debug, Clone)]
pub struct Detected {
    /// The preset.
    pub preset: &'static str,
    /// The `[site.session]` that reads the cookie.
    pub session: Session,
    /// Where an account id may stand, best first; empty when nobody is logged in.
    pub paths: Vec<Vec<String>>,
    /// The keys that must still be filled in: the store of a session that the cookie only names.
    pub missing: Vec<&'static str>,
    /// Set when the cookie was recognised and is no good any more.
    pub refusal: Option<Refusal>,
}

/// Tries every preset.
pub async fn detect(cookies: &Cookies<'_>, clues: &Clues, base: &Path, now: UnixMillis) -> Vec<Detected> {
    let mut found = Vec::new();
    for preset in preset::all() {
        for name in names(preset, cookies) {
            for session in shapes(preset, &name, clues) {
                if let Some(detected) = attempt(preset, session, cookies, base, now).await {
                    found.push(detected);
                }
            }
        }
    }
    // What is good goes before what is over; then the framework whose own name the cookie has, since others sign in the same
    // way and would take the session's id for the account's; then what names somebody, and a session in a store last.
    found.sort_by_key(|detected| {
        let is_strange = !is_named_by(detected);
        (detected.refusal.is_some(), is_strange, detected.paths.is_empty(), !detected.missing.is_empty())
    });
    found
}

/// True when the cookie has the name that the preset's framework gives it.
fn is_named_by(detected: &Detected) -> bool {
    let own = preset::named(detected.preset).map(|preset| preset.cookies).unwrap_or_default();
    detected.session.cookie.as_ref().is_none_or(|name| own.contains(&name.as_str()))
}

/// The names under which the preset might have its cookie: its own as far as they were sent, else all.
fn names(preset: &Preset, cookies: &Cookies<'_>) -> Vec<String> {
    let mut sent: Vec<String> = Vec::new();
    for (name, _) in cookies.iter() {
        let Ok(name) = std::str::from_utf8(name) else { continue };
        let bare = preset.pick.chunks.and_then(|separator| {
            let (bare, number) = name.rsplit_once(separator)?;
            number.bytes().all(|byte| byte.is_ascii_digit()).then_some(bare)
        });
        for name in [Some(name), bare].into_iter().flatten().filter(|name| !name.is_empty()) {
            if !sent.iter().any(|known| known == name) {
                sent.push(name.to_owned());
            }
        }
    }
    let own: Vec<String> = sent.iter().filter(|name| preset.cookies.contains(&name.as_str())).cloned().collect();
    let mut names = if own.is_empty() { sent } else { own };
    names.truncate(NAMES);
    names
}

/// The configurations to try. None when the preset needs something that is not there.
fn shapes(preset: &Preset, name: &str, clues: &Clues) -> Vec<Session> {
    let needs = preset.needs();
    let files = |paths: &[PathBuf]| paths.iter().map(SecretRef::file).collect::<Vec<_>>();
    let mut shape = Session { preset: preset.name.to_owned(), ..Session::default() };
    if !preset.cookies.contains(&name) || preset.cookies.len() > 1 {
        shape.cookie = Some(name.to_owned());
    }
    if preset.user.is_none() {
        shape.user = Some(Vec::new());
    }
    for need in needs {
        let there = match need {
            "secrets" => {
                shape.secrets = files(&clues.secrets);
                !clues.secrets.is_empty()
            }
            "public_keys" => {
                shape.public_keys.clone_from(&clues.public_keys);
                !clues.public_keys.is_empty()
            }
            "salt" => {
                shape.salt.clone_from(&clues.salt);
                clues.salt.is_some()
            }
            "signing_salt" => {
                shape.signing_salt.clone_from(&clues.signing_salt);
                clues.signing_salt.is_some()
            }
            "encryption_salt" => {
                shape.encryption_salt.clone_from(&clues.encryption_salt);
                clues.encryption_salt.is_some()
            }
            // Filled in below, once for each kind of store.
            "store" | "cookie" | "user" | "proof" | "algorithms" => true,
            // An endpoint proves nothing offline, and the project of an audience is not in the cookie alone.
            _ => false,
        };
        if !there {
            return Vec::new();
        }
    }
    variants(preset, shape, clues)
}

/// One configuration for each kind of key or cipher that may be meant.
fn variants(preset: &Preset, shape: Session, clues: &Clues) -> Vec<Session> {
    let needs = preset.needs();
    if needs.contains(&"proof") {
        let with = |algorithms: &[&str], shape: Session| Session {
            algorithms: algorithms.iter().map(|name| (*name).to_owned()).collect(),
            ..shape
        };
        let mut shapes = Vec::new();
        for algorithm in ["HS256", "HS384", "HS512"] {
            if !clues.secrets.is_empty() {
                let secrets = clues.secrets.iter().map(SecretRef::file).collect();
                shapes.push(with(&[algorithm], Session { secrets, ..shape.clone() }));
            }
        }
        for algorithm in ["RS256", "ES256", "EdDSA", "RS384", "RS512", "PS256", "PS384", "PS512", "ES384"] {
            let jwks = clues.jwks.clone().map(|file| Jwks { file: Some(file), ..Jwks::default() });
            if jwks.is_some() || !clues.public_keys.is_empty() {
                let public_keys = clues.public_keys.clone();
                shapes.push(with(&[algorithm], Session { jwks, public_keys, ..shape.clone() }));
            }
        }
        return shapes;
    }
    if needs.contains(&"store") {
        let store = |url: &str| Some(Store { url: url.to_owned(), ..Store::default() });
        return ["redis://offline", "postgres://offline"]
            .map(|url| Session { store: store(url), ..shape.clone() })
            .into();
    }
    if preset.name.starts_with("laravel") {
        let ciphers = [None, Some(Cipher::Aes128Cbc), Some(Cipher::Aes256Gcm), Some(Cipher::Aes128Gcm)];
        return ciphers.into_iter().map(|cipher| Session { cipher, ..shape.clone() }).collect();
    }
    vec![shape]
}

/// Reads the cookie with one configuration; `None` when no key fits.
async fn attempt(
    preset: &'static Preset,
    mut session: Session,
    cookies: &Cookies<'_>,
    base: &Path,
    now: UnixMillis,
) -> Option<Detected> {
    let reader = build(&session, base)?;
    let context = reader.context(None, cookies, now, PATIENCE);
    let mut best: Option<(Option<Refusal>, Vec<Vec<String>>)> = None;
    for mut candidate in preset.pick.candidates(&reader.names, cookies).into_iter().flatten() {
        let result = reader.evaluate(&mut candidate, &context).await;
        // Only a key that fitted proves anything.
        if candidate.trace.key.is_none() {
            continue;
        }
        let paths = if result.is_ok() { paths(&candidate, &reader.user) } else { Vec::new() };
        let refusal = result.err();
        if best.as_ref().is_none_or(|(before, _)| before.is_some() && refusal.is_none()) {
            best = Some((refusal, paths));
        }
    }
    let (refusal, paths) = best?;
    let stored = session.store.take().is_some();
    let missing = if stored { vec!["store"] } else { Vec::new() };
    // A store that cannot be asked is no reason against the preset.
    let refusal = refusal.filter(|refusal| !(stored && *refusal == Refusal::Unavailable));
    session.user = match paths.first() {
        Some(path) if preset.user.is_some_and(|own| own == path.as_slice()) => None,
        Some(path) => Some(path.clone()),
        None => None,
    };
    Some(Detected { preset: preset.name, session, paths, missing, refusal })
}

fn build(session: &Session, base: &Path) -> Option<Reader> {
    let mut faults = Faults::default();
    Reader::build_with(&Offline, session, base, &KeyPath::root(), &mut faults)
}

/// The paths at which an account id may stand: the preset's own first, then what is named like one.
fn paths(candidate: &Candidate<'_>, own: &[String]) -> Vec<Vec<String>> {
    let Content::Value(session) = &candidate.content else { return vec![Vec::new()] };
    let mut found = Vec::new();
    if !matches!(session, Value::Map(_) | Value::List(_)) || !own.is_empty() {
        found.extend(extract::user(session, own).is_ok().then(|| own.to_vec()));
    }
    let mut named = Vec::new();
    walk(session, &mut Vec::new(), &mut named);
    named.sort_by_key(|(rank, path): &(usize, Vec<String>)| (*rank, path.len()));
    found.extend(named.into_iter().map(|(_, path)| path));
    found.dedup();
    found.truncate(8);
    found
}

/// Names of members that hold account ids, the surest first.
const USUAL: &[&str] =
    &["user_id", "userId", "uid", "_user_id", "userid", "account_id", "accountId", "sub", "user", "identity", "id"];

fn walk(value: &Value, path: &mut Vec<String>, found: &mut Vec<(usize, Vec<String>)>) {
    let Value::Map(members) = value else { return };
    if path.len() >= DEEP {
        return;
    }
    for (key, value) in members {
        let Some(name) = key.scalar() else { continue };
        path.push(name.to_owned());
        let rank = USUAL.iter().position(|usual| name.rsplit('/').next() == Some(usual));
        if let Some(rank) = rank.filter(|_| extract::user(value, &[]).is_ok()) {
            // `id` alone is mostly the session's own; inside a user it is the user's.
            let inside_user = path.iter().rev().nth(1).is_some_and(|parent| parent.contains("user"));
            let rank = if name == "id" && inside_user { 1 } else { rank };
            found.push((rank, path.clone()));
        }
        walk(value, path, found);
        path.pop();
    }
}

/// Stores that cannot be asked.
struct Offline;

impl Source for Offline {
    fn ask<'a>(&'a self, _ask: Ask<'a>) -> Pending<'a> {
        Box::pin(std::future::ready(Err(Trouble::Down("nothing is asked here".into()))))
    }
}

impl Connector for Offline {
    fn store(&self, _store: &Store, _base: &Path, _password: Option<&Secret>) -> Result<Arc<dyn Source>, String> {
        Ok(Arc::new(Self))
    }

    fn endpoint(&self, _endpoint: &Endpoint) -> Result<Arc<dyn Source>, String> {
        Ok(Arc::new(Self))
    }
}
