//! The one question, as each kind of store takes it.

use std::path::Path;

use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderValue, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::backend::{Access, Http, KeyKind, Query, Redis, Request, Sql, Trouble, is_name};
use crate::config::fault::{Faults, KeyPath};
use crate::config::upstream::Lookup;
use crate::person::{AppUserId, Value};
use crate::secret::{Secret, SecretRef};

/// Everything but the unreserved characters (RFC 3986 section 2.3): an id cannot end its place in the address.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');
/// The largest answer.
const MAX_BYTES: usize = 64 * 1024;
/// Where the id stands in a key or an address.
const PLACE: &str = "{id}";

/// A definite answer.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// The account.
    Account(AppUserId),
    /// There is none.
    Nothing,
    /// There are several.
    Several,
}

/// Whom the question goes to.
pub(super) enum Engine {
    Sql { sql: Sql, query: Query },
    Redis { redis: Redis, before: String, after: String, field: Option<[String; 1]> },
    Http { http: Http, before: String, after: String, headers: Vec<(HeaderName, HeaderValue)>, path: Vec<String> },
}

/// What is read of the configuration, and where its faults go.
struct Setup<'a> {
    shape: &'a Lookup,
    base: &'a Path,
    at: &'a KeyPath,
    faults: &'a mut Faults,
}

impl Engine {
    pub(super) fn build(shape: &Lookup, base: &Path, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let mut setup = Setup { shape, base, at, faults };
        match shape.url.split(':').next().unwrap_or_default() {
            scheme if Redis::SCHEMES.contains(&scheme) => setup.redis(),
            scheme if Sql::SCHEMES.contains(&scheme) => setup.sql(),
            "http" | "https" => setup.http(),
            _ => {
                let problem = "expected the address of a database, a Redis, or an HTTP end point";
                setup.fault("url", problem, "write for example \"postgres://reader@db.example/app\"");
                None
            }
        }
    }

    pub(super) async fn ask(&self, id: &str) -> Result<Answer, Trouble> {
        match self {
            Self::Sql { sql, query } => {
                let rows = sql.rows(query, id.as_bytes(), 2, MAX_BYTES).await?;
                let cells: Vec<&Vec<u8>> = rows.iter().filter_map(|row| row.first()?.as_ref()).collect();
                match cells.as_slice() {
                    [] => Ok(Answer::Nothing),
                    [first, others @ ..] if others.iter().all(|other| other == first) => account(first),
                    _ => Ok(Answer::Several),
                }
            }
            Self::Redis { redis, before, after, field } => {
                let key = [before, id, after].concat();
                let value = match field {
                    Some(field) => redis.fields(key.as_bytes(), field, MAX_BYTES).await?.into_iter().next().flatten(),
                    None => redis.get(key.as_bytes(), MAX_BYTES).await?,
                };
                value.map_or(Ok(Answer::Nothing), |value| account(&value))
            }
            Self::Http { http, before, after, headers, path } => {
                let id = utf8_percent_encode(id, ESCAPED).to_string();
                let target: Uri = [before, id.as_str(), after]
                    .concat()
                    .parse()
                    .map_err(|_| Trouble::Refused("no address holds this id".into()))?;
                let request = Request { target: Some(target), headers: headers.clone(), ..Request::default() };
                let reply = http.ask(&request, MAX_BYTES).await?;
                match reply.status {
                    200 => document(&reply.body, path),
                    404 | 410 => Ok(Answer::Nothing),
                    status => Err(Trouble::Refused(format!("status {status}"))),
                }
            }
        }
    }
}

/// An account id as a cell or a key holds it.
fn account(bytes: &[u8]) -> Result<Answer, Trouble> {
    let text = std::str::from_utf8(bytes).map_err(|_| Trouble::Nonsense("the account id is no text".into()))?;
    Ok(AppUserId::from_text(text).map_or(Answer::Nothing, Answer::Account))
}

/// An account id in JSON; `null` and nothing are no account.
fn document(body: &[u8], path: &[String]) -> Result<Answer, Trouble> {
    let document: serde_json::Value =
        serde_json::from_slice(body).map_err(|_| Trouble::Nonsense("the answer is no JSON".into()))?;
    match Value::from(document).at(path) {
        None | Some(Value::Null) => Ok(Answer::Nothing),
        Some(value) => match AppUserId::canonical(value) {
            Some(account) => Ok(Answer::Account(account)),
            None => Err(Trouble::Nonsense("there is no account id at the path".into())),
        },
    }
}

impl Setup<'_> {
    fn fault(&mut self, key: &str, problem: impl Into<String>, fix: &str) {
        self.faults.push(self.at.key(key), problem.into(), fix);
    }

    fn secret(&mut self, key: &str, place: Option<&SecretRef>) -> Option<Secret> {
        match place?.load(self.base) {
            Ok(secret) => Some(secret),
            Err(error) => {
                self.fault(key, error.to_string(), "give a file, env or credential that holds it");
                None
            }
        }
    }

    /// Opens the store at the address; a fault when it cannot be one.
    fn open<T>(&mut self, url: &str, open: impl FnOnce(&Access<'_>) -> Result<T, String>) -> Option<T> {
        let password = self.secret("password", self.shape.password.as_ref());
        let ca_file = self.shape.ca_file.as_ref().map(|file| self.base.join(file));
        let access = Access { url, password: password.as_ref(), ca_file: ca_file.as_deref(), base: self.base };
        match open(&access) {
            Ok(opened) => Some(opened),
            Err(problem) => {
                self.fault("url", problem, "correct the address");
                None
            }
        }
    }

    /// A fault for each key that another kind of store has.
    fn only(&mut self, known: &[&str]) {
        let shape = self.shape;
        let given = [
            ("password", shape.password.is_some()),
            ("token", shape.token.is_some()),
            ("table", shape.table.is_some()),
            ("by", shape.by.is_some()),
            ("key", shape.key.is_some()),
            ("field", shape.field.is_some()),
            ("path", !shape.path.is_empty()),
        ];
        for (key, _) in given.into_iter().filter(|(key, is_given)| *is_given && !known.contains(key)) {
            self.fault(key, "means nothing to the kind of store that url names", "remove the line");
        }
    }

    fn sql(&mut self) -> Option<Engine> {
        self.only(&["password", "table", "by"]);
        let shape = self.shape;
        for (key, name, dots, fix) in [
            ("table", shape.table.as_deref(), true, "name a table or view: table = \"users\""),
            ("by", shape.by.as_deref(), false, "name the column of what servers send: by = \"email\""),
            ("account", Some(shape.account.as_str()), false, "name the column of the account id: account = \"id\""),
        ] {
            match name {
                None => self.fault(key, "missing: where the account of an id stands", fix),
                Some(name) if !is_name(name, dots) => {
                    self.fault(key, "expected a plain name: letters, digits and _", fix);
                }
                Some(_) => {}
            }
        }
        let sql = self.open(&shape.url, Sql::open)?;
        let query = Query {
            table: shape.table.clone()?,
            key: shape.by.clone()?,
            kind: KeyKind::Text,
            filter: Vec::new(),
            columns: vec![(shape.account.clone(), shape.account.clone())],
        };
        Some(Engine::Sql { sql, query })
    }

    fn redis(&mut self) -> Option<Engine> {
        self.only(&["password", "key", "field"]);
        let place = self.shape.key.as_deref().and_then(|key| key.split_once(PLACE));
        if place.is_none() {
            self.fault("key", "expected a key with {id}, where the id stands", "write key = \"account-of:{id}\"");
        }
        let redis = self.open(&self.shape.url, Redis::open)?;
        let (before, after) = place?;
        let field = self.shape.field.clone().map(|field| [field]);
        Some(Engine::Redis { redis, before: before.to_owned(), after: after.to_owned(), field })
    }

    fn http(&mut self) -> Option<Engine> {
        self.only(&["token", "path"]);
        let shape = self.shape;
        let token = self.secret("token", shape.token.as_ref());
        let value = token.map(|token| HeaderValue::from_bytes(&[b"Bearer ", token.trimmed()].concat()));
        if let Some(Err(_)) = value {
            self.fault("token", "the token cannot stand in a header", "use letters and digits");
        }
        let headers = value.and_then(Result::ok).map(|mut value| {
            value.set_sensitive(true);
            (AUTHORIZATION, value)
        });
        let path = shape.url.split_once("://").and_then(|(_, rest)| Some(rest.split_once('/')?.1));
        let place = path.and_then(|path| path.split_once(PLACE));
        if place.is_none() {
            let problem = "expected an address with {id} in its path or query, where the id stands";
            self.fault("url", problem, "write for example \"http://127.0.0.1:3000/accounts?email={id}\"");
        }
        let http = self.open(&shape.url.replace(PLACE, "0"), Http::open)?;
        let (before, after) = place?;
        Some(Engine::Http {
            http,
            before: format!("/{before}"),
            after: after.to_owned(),
            headers: headers.into_iter().collect(),
            path: shape.path.clone(),
        })
    }
}
