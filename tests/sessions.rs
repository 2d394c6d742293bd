//! Every session format against values that the real frameworks made.
//!
//! Each line of `vectors/sessions.jsonl` is translated into the `[site.session]` that an operator would write, with
//! its secrets in files, goes through the configuration's own types, and is read at the line's time. The same test
//! runs over other data of the same make: set `BAUTA_TEST_DATA`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test says what is wrong by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bauta::clock::UnixMillis;
use bauta::config::fault::{Faults, KeyPath};
use bauta::config::file::File;
use bauta::cookies::Cookies;
use bauta::session::resolve::Memory;
use bauta::session::{Reader, Refusal};
use serde_json::Value as Json;

/// The preset that reads each framework of the data.
const PRESETS: &[(&str, &str)] = &[
    ("django-signed_cookies", "django-signed"),
    ("flask", "flask"),
    ("jwt-hs256", "jwt"),
    ("jwt-rs256-jwks", "jwt"),
    ("jwt-es256-jwks", "jwt"),
    ("jwt-eddsa-jwks", "jwt"),
    ("remix", "remix"),
    ("react-router", "react-router"),
    ("hono-signed-cookie", "hono"),
    ("ring-cookie-store", "ring"),
    ("starlette", "starlette"),
    ("fastapi-users-jwt", "fastapi-users"),
    ("paseto-v4-local", "paseto-local"),
    ("paseto-v4-public", "paseto-public"),
    ("clerk", "clerk"),
    ("firebase-session-cookie", "firebase"),
    ("cookie-session", "cookie-session"),
    ("koa-session", "koa-session"),
    ("fastify-secure-session", "fastify-secure-session"),
    ("iron-session", "iron-session"),
    ("hapi-cookie", "hapi-cookie"),
    ("h3-usesession(nuxt)", "nuxt"),
    ("next-auth-v4", "next-auth"),
    ("authjs-v5", "authjs"),
    ("auth0-nextjs-v4", "auth0-nextjs"),
    ("supabase-ssr", "supabase"),
    ("better-auth-cookie-cache-compact", "better-auth-cache"),
    ("better-auth-cookie-cache-jwt", "better-auth-cache-jwt"),
    ("better-auth-cookie-cache-jwe", "better-auth-cache-jwe"),
    ("rails-encrypted-gcm", "rails"),
    ("rails-encrypted-cbc", "rails-cbc"),
    ("rails-encrypted-gcm-marshal", "rails"),
    ("rails-signed", "rails-signed"),
    ("rack-cookie-marshal", "rack"),
    ("rack-cookie-json", "rack"),
    ("rack-cookie-zipjson", "rack"),
    ("laravel-cookie-driver", "laravel-cookie-driver"),
    ("laravel-encrypted-cookie", "laravel-cookie"),
    ("laravel-encrypted-cookie-gcm", "laravel-cookie"),
    ("laravel-encrypted-cookie-128", "laravel-cookie"),
    ("phoenix-plug-signed", "phoenix"),
    ("phoenix-plug-encrypted", "phoenix-encrypted"),
    ("phoenix-token", "phoenix-token"),
    ("phoenix-token-encrypted", "phoenix-token-encrypted"),
    ("phoenix-plug-encrypted-a128gcm", "phoenix-encrypted"),
    ("phoenix-token-encrypted-a128gcm", "phoenix-token-encrypted"),
    ("oauth2-proxy", "oauth2-proxy"),
];

/// Frameworks of the data that no preset reads yet.
const NOT_YET: &[&str] = &[];

/// Frameworks whose cookie holds only an id: the preset, and where the session is.
const STORED: &[(&str, &str, Place)] = &[
    ("django-db", "django-db", Place::Sql),
    ("django-cache-redis", "django-cache", Place::Redis),
    ("django-cached_db", "django-cached-db", Place::SqlThenRedis),
    ("django-redis-pickle", "django-redis", Place::Redis),
    ("django-redis-json-zlib", "django-redis", Place::Redis),
    ("flask-session-redis", "flask-session", Place::Redis),
    ("fastapi-users-redis", "fastapi-users-redis", Place::Redis),
    ("express-session+connect-redis", "express-session-redis", Place::Redis),
    ("express-session+connect-pg-simple", "express-session-sql", Place::Sql),
    ("fastify-session", "fastify-session", Place::Redis),
    ("better-auth", "better-auth", Place::Sql),
    ("rails-redis-store", "rails-redis", Place::Redis),
    ("rails-activerecord-store", "rails-activerecord", Place::Sql),
    ("laravel-redis", "laravel-redis", Place::Redis),
    ("laravel-db", "laravel-db", Place::Sql),
    ("php-native-redis", "php", Place::Redis),
    ("php-native-redis-php_serialize", "php", Place::Redis),
    ("php-native-redis-php_binary", "php", Place::Redis),
    ("symfony-session", "symfony", Place::Redis),
    ("phoenix-gen-auth", "phoenix-gen-auth", Place::Sql),
    ("spring-session-redis", "spring-redis", Place::Redis),
    ("spring-session-jdbc", "spring-jdbc", Place::Sql),
    ("hashed-token-db", "hashed-token", Place::Sql),
    ("ory-kratos-whoami", "kratos", Place::Endpoint),
    ("forward-auth-header", "forward-auth", Place::Endpoint),
    ("oidc-userinfo-json", "introspect", Place::Endpoint),
];

/// Where a framework keeps its sessions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Cookie,
    Redis,
    Sql,
    SqlThenRedis,
    Endpoint,
}

const DEADLINE: Duration = Duration::from_secs(5);

struct Line {
    id: String,
    framework: String,
    config: Json,
    header: String,
    now: UnixMillis,
    expect: Json,
}

fn lines() -> Vec<Line> {
    let folder = std::env::var_os("BAUTA_TEST_DATA").map_or_else(|| PathBuf::from("tests/data"), PathBuf::from);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join("vectors/sessions.jsonl");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let line = |text: &str| {
        let line: Json = serde_json::from_str(text).expect("a JSON object per line");
        let word = |name: &str| line[name].as_str().unwrap_or_else(|| panic!("{name} in {text:.80}")).to_owned();
        Line {
            id: word("id"),
            framework: word("framework"),
            config: line["preset_config"].clone(),
            header: word("cookie_header"),
            now: UnixMillis::from_seconds(line["now_unix"].as_i64().expect("now_unix")),
            expect: line["expect"].clone(),
        }
    };
    let lines: Vec<Line> = text.lines().filter(|text| !text.trim().is_empty()).map(line).collect();
    assert!(!lines.is_empty(), "no lines in {}", path.display());
    lines
}

/// Turns the data's description of a configuration into the file that an operator would write.
struct Translator {
    folder: tempfile::TempDir,
    files: usize,
}

impl Translator {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder for secrets"), files: 0 }
    }

    fn file(&mut self, contents: &[u8]) -> String {
        self.files += 1;
        let name = format!("{}.secret", self.files);
        fs::write(self.folder.path().join(&name), contents).expect("a file for a secret");
        name
    }

    fn secrets<'a>(&mut self, secrets: impl IntoIterator<Item = &'a [u8]>) -> toml::Value {
        secrets.into_iter().map(|secret| table("file", self.file(secret))).collect::<Vec<_>>().into()
    }

    fn session(&mut self, preset: &str, place: Place, config: &Json) -> toml::Table {
        let mut session = toml::Table::new();
        // The same plugin with a secret instead of a key is a preset of its own.
        let preset = if config.get("password").is_some() { format!("{preset}-secret") } else { preset.to_owned() };
        session.insert("preset".into(), preset.clone().into());
        stores(place, config, &mut session);
        for (key, value) in config.as_object().expect("preset_config is an object") {
            let (key, value) = match key.as_str() {
                "cookie" => ("cookie", text(value)),
                "secrets" => ("secrets", self.secrets(words(value).iter().map(String::as_bytes))),
                "password" => ("secrets", self.secrets([value.as_str().expect("a password").as_bytes()])),
                // The key that the library derived from the password, for readers that cannot derive it.
                "secrets_hex" if config.get("password").is_some() => continue,
                "secrets_hex" => {
                    let keys: Vec<Vec<u8>> = words(value).iter().map(|hex| bytes(hex)).collect();
                    ("secrets", self.secrets(keys.iter().map(Vec::as_slice)))
                }
                "public_keys_pem" => {
                    let files: Vec<String> = words(value).iter().map(|pem| self.file(pem.as_bytes())).collect();
                    ("public_keys", files.into())
                }
                "jwks" => {
                    let file = self.file(value.to_string().as_bytes());
                    ("jwks", table("file", file))
                }
                "alg" => ("algorithms", words(value).into()),
                "aud" => ("audience", words(value).into()),
                "iss" => ("issuer", text(value)),
                "azp" => ("authorized_parties", words(value).into()),
                "passwords" => {
                    let passwords = value.as_object().expect("passwords by id").clone();
                    let places = passwords.iter().map(|(id, password)| {
                        let file = self.file(password.as_str().expect("a password").as_bytes());
                        (id.clone(), table("file", file))
                    });
                    ("passwords", toml::Value::Table(places.collect()))
                }
                "signing_salt" => ("signing_salt", text(value)),
                "encryption_salt" => ("encryption_salt", text(value)),
                "salt" => ("salt", text(value)),
                "implicit_assertion" => ("implicit_assertion", text(value)),
                // The table's base64 is part of the preset.
                "serializer" => ("serializer", value.as_str().expect("a word").trim_end_matches("-base64").into()),
                "cipher" => ("cipher", value.as_str().expect("a cipher").to_lowercase().into()),
                "mac" => ("digest", value.as_str().expect("a hash").to_lowercase().into()),
                "kdf_digest" => ("kdf", table("digests", vec![value.as_str().expect("a hash").to_lowercase()])),
                "pbkdf2_iterations" => {
                    let counts = value.as_array().expect("counts").iter().map(|count| count.as_i64().expect("a count"));
                    ("kdf", table("iterations", counts.collect::<Vec<_>>()))
                }
                "kdf" => {
                    let mut kdf = toml::Table::new();
                    kdf.insert("digests".into(), vec![value["digest"].as_str().expect("a hash").to_lowercase()].into());
                    kdf.insert("iterations".into(), vec![value["iterations"].as_i64().expect("a count")].into());
                    kdf.insert("length".into(), value["length"].as_i64().expect("a length").into());
                    ("kdf", kdf.into())
                }
                // How long the browser keeps the cookie: nothing in the value.
                "max_age" if preset == "hapi-cookie" => continue,
                "deny_claims" => {
                    let claims =
                        value.as_object().expect("claims").iter().map(|(name, value)| (name.clone(), scalar(value)));
                    ("deny_claims", toml::Value::Table(claims.collect()))
                }
                "store_lifetime" => ("max_age", format!("{value}s").into()),
                "store_codec" => ("serializer", text(value)),
                "key_transform" => ("key_transform", text(value)),
                // Put into the store or the endpoint above.
                "store" | "store_prefix" | "user_header" => continue,
                // What the preset looks at.
                "active_path" => {
                    assert_eq!(path(value), ["active"]);
                    continue;
                }
                "expires_path" => {
                    assert_eq!(path(value), ["expires_at"]);
                    continue;
                }
                // The member of the cookie that holds the token, and the field of the hash: not where the id stands.
                "user_path" if preset == "phoenix-gen-auth" => {
                    assert_eq!(path(value), ["user_token"]);
                    continue;
                }
                "user_path" if preset == "spring-redis" => continue,
                "max_age" => ("max_age", format!("{value}s").into()),
                "user_path" => ("user", path(value).into()),
                other => panic!("the data has a setting that the test does not know: {other}"),
            };
            assert!(session.insert(key.to_owned(), value).is_none(), "{key} twice");
        }
        session
    }

    /// The finished configuration file, read back by the configuration's own types.
    fn reader(&mut self, preset: &str, place: Place, stores: &Memory, config: &Json) -> Result<Reader, String> {
        let mut site = toml::Table::new();
        site.insert("name".into(), "app".into());
        site.insert("session".into(), self.session(preset, place, config).into());
        let mut file = toml::Table::new();
        file.insert("version".into(), 1.into());
        file.insert("site".into(), vec![toml::Value::Table(site)].into());
        let text = toml::to_string(&file).expect("a TOML file");
        let file: File = toml::from_str(&text).map_err(|error| format!("{error}\n{text}"))?;
        let session = file.site[0].session.as_ref().expect("[site.session]");
        let mut faults = Faults::default();
        let at = KeyPath::root().key("site").index(0).key("session");
        Reader::build_with(stores, session, self.folder.path(), &at, &mut faults).ok_or_else(|| {
            let faults: Vec<String> = faults.iter().map(|f| format!("{}: {}; {}", f.key, f.problem, f.fix)).collect();
            format!("{}\n{text}", faults.join("\n"))
        })
    }
}

/// The store or endpoint of the configuration.
fn stores(place: Place, config: &Json, session: &mut toml::Table) {
    let mut redis = toml::Table::new();
    redis.insert("url".into(), "redis://127.0.0.1:6379/0".into());
    if let Some(prefix) = config["store_prefix"].as_str() {
        redis.insert("prefix".into(), format!("{prefix}:1:django.contrib.sessions.cache").into());
    }
    if let Some([field]) = config["user_path"].as_array().map(Vec::as_slice)
        && session["preset"].as_str() == Some("spring-redis")
    {
        redis.insert("field".into(), text(field));
    }
    let sql = table("url", "postgres://bauta@127.0.0.1/app");
    match place {
        Place::Cookie => {}
        Place::Redis => drop(session.insert("store".into(), redis.into())),
        Place::Sql => drop(session.insert("store".into(), sql)),
        Place::SqlThenRedis => {
            session.insert("store".into(), sql);
            session.insert("fallback".into(), redis.into());
        }
        Place::Endpoint => {
            let mut endpoint = toml::Table::new();
            endpoint.insert("url".into(), "http://127.0.0.1:9/me".into());
            if let Some(header) = config.get("user_header") {
                endpoint.insert("header".into(), text(header));
            }
            session.insert("endpoint".into(), endpoint.into());
        }
    }
}

/// Fills the stores with the rows of a line, without what has expired by its time.
fn fill(memory: &Memory, line: &Line, first: UnixMillis) {
    memory.clear();
    for row in line.config["store"].as_array().into_iter().flatten() {
        let word = |name: &str| row[name].as_str().unwrap_or_else(|| panic!("{name} in the store of {}", line.id));
        match word("kind") {
            "redis" => {
                let life = row["ttl_ms"].as_i64().expect("ttl_ms");
                if life >= 0 && line.now.0 >= first.0 + life {
                    continue;
                }
                match word("type") {
                    "string" => memory.put(word("key"), base64(&row["value_b64"])),
                    "hash" => {
                        let fields = row["fields_b64"].as_object().expect("fields").iter();
                        memory
                            .put_hash(word("key"), fields.map(|(name, value)| (name.clone(), base64(value))).collect());
                    }
                    other => panic!("unknown type {other}"),
                }
            }
            "sql" => {
                let columns =
                    row["row"].as_object().expect("a row").iter().filter_map(|(name, value)| column(name, value));
                memory.put_row(word("table"), columns.collect());
            }
            "http" => {
                let cookie = format!("{}={}", line.config["cookie"].as_str().expect("a cookie"), word("match_cookie"));
                let status = row["status"].as_u64().and_then(|status| u16::try_from(status).ok()).expect("a status");
                let headers = row["headers"].as_object().into_iter().flatten();
                let headers =
                    headers.map(|(name, value)| (name.clone(), value.as_str().expect("text").into())).collect();
                let body = row["body"].as_str().map_or_else(|| row["body"].to_string(), str::to_owned);
                memory.put_response(&cookie, status, headers, body);
            }
            other => panic!("unknown store {other}"),
        }
    }
}

/// A column as a database has it: `expire_unix` is a rendering of the timestamp `expire`, `token_hex` of bytes.
fn column(name: &str, value: &Json) -> Option<(String, Vec<u8>)> {
    let text = match value {
        Json::Null => return None,
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    Some(match name {
        "expire_unix" => ("expire".to_owned(), text.into_bytes()),
        "token_hex" => ("token".to_owned(), bytes(&text)),
        _ => (name.to_owned(), text.into_bytes()),
    })
}

fn base64(value: &Json) -> Vec<u8> {
    STANDARD.decode(value.as_str().expect("base64")).expect("base64")
}

fn scalar(value: &Json) -> toml::Value {
    match value {
        Json::Bool(flag) => (*flag).into(),
        Json::Number(number) => number.as_i64().expect("a whole number").into(),
        Json::String(text) => text.as_str().into(),
        _ => panic!("expected a scalar"),
    }
}

fn table(key: &str, value: impl Into<toml::Value>) -> toml::Value {
    toml::Value::Table([(key.to_owned(), value.into())].into_iter().collect())
}

fn text(value: &Json) -> toml::Value {
    value.as_str().expect("a string").into()
}

fn words(value: &Json) -> Vec<String> {
    match value {
        Json::String(word) => vec![word.clone()],
        Json::Array(list) => list.iter().map(|word| word.as_str().expect("a list of strings").to_owned()).collect(),
        _ => panic!("expected a string or a list of strings"),
    }
}

/// A path of the data may hold numbers; in a configuration file every step is text.
fn path(value: &Json) -> Vec<String> {
    let step = |step: &Json| step.as_str().map_or_else(|| step.to_string(), str::to_owned);
    value.as_array().expect("a path is a list").iter().map(step).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal")).collect()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// Reads a header; the account id or the word of the refusal.
fn read(runtime: &tokio::runtime::Runtime, reader: &Reader, header: &str, now: UnixMillis) -> Result<String, Refusal> {
    let cookies = Cookies::from_text(header);
    runtime.block_on(reader.read(&cookies, now, DEADLINE)).map(|person| person.user.expose().to_owned())
}

fn preset_of(framework: &str) -> Option<(&'static str, Place)> {
    let plain = PRESETS.iter().find(|(name, _)| *name == framework).map(|(_, preset)| (*preset, Place::Cookie));
    plain.or_else(|| STORED.iter().find(|(name, ..)| *name == framework).map(|(_, preset, place)| (*preset, *place)))
}

fn say(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

#[test]
fn every_framework_is_read_as_the_framework_itself_would() {
    let runtime = runtime();
    let mut translator = Translator::new();
    let (mut passed, mut total) = (0, 0);
    let mut later: BTreeMap<String, usize> = BTreeMap::new();
    let mut misses = Vec::new();
    let memory = Memory::default();
    let lines = lines();
    let mut first: BTreeMap<&str, UnixMillis> = BTreeMap::new();
    for line in &lines {
        let known = first.entry(&line.framework).or_insert(line.now);
        *known = (*known).min(line.now);
    }
    for line in &lines {
        let Some((preset, place)) = preset_of(&line.framework) else {
            assert!(NOT_YET.contains(&line.framework.as_str()), "unknown framework {}", line.framework);
            *later.entry(line.framework.clone()).or_default() += 1;
            continue;
        };
        total += 1;
        fill(&memory, line, first[line.framework.as_str()]);
        let reader = translator.reader(preset, place, &memory, &line.config);
        let reader = reader.unwrap_or_else(|faults| panic!("{}: {faults}", line.id));
        let found = read(&runtime, &reader, &line.header, line.now);
        let good = match (&found, line.expect["user_id"].as_str()) {
            (Ok(user), Some(expected)) => user == expected,
            (Err(refusal), None) => {
                let accepted = line.expect["accept"].as_array().cloned().unwrap_or_default();
                accepted.iter().chain([&line.expect["error"]]).any(|word| word.as_str() == Some(refusal.word()))
            }
            _ => false,
        };
        if good {
            passed += 1;
        } else {
            let found = found.map_or_else(|refusal| refusal.word().to_owned(), |user| format!("user {user}"));
            misses.push(format!("{}: expected {}, found {found}", line.id, line.expect));
        }
    }
    say(&format!("sessions: {passed}/{total}"));
    let names: Vec<&str> = later.keys().map(String::as_str).collect();
    say(&format!("sessions not yet covered: {} ({})", later.values().sum::<usize>(), names.join(", ")));
    assert!(misses.is_empty(), "{} misses:\n{}", misses.len(), misses.join("\n"));
    assert!(total > 0, "no line was covered");
}

// ---------------------------------------------------------------- junk

/// A small generator of reproducible noise (xorshift64*).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).expect("31 bits")
    }

    fn below(&mut self, bound: usize) -> usize {
        self.next() % bound.max(1)
    }

    fn byte(&mut self) -> u8 {
        // Characters that occur in cookies, and now and then any other.
        const COMMON: &[u8] = b"ABCXYZabcxyz0189+/-_=.:%*|~$!{}[]\"'()<>@#,&?^` ";
        match self.below(4) {
            0 => u8::try_from(self.below(256)).expect("a byte"),
            _ => COMMON[self.below(COMMON.len())],
        }
    }

    fn mutate(&mut self, value: &mut Vec<u8>) {
        for _ in 0..=self.below(3) {
            let at = self.below(value.len());
            match self.below(8) {
                0 => value.truncate(at),
                1 => drop(value.drain(..at)),
                2 => value.insert(at, self.byte()),
                3 if !value.is_empty() => drop(value.remove(at)),
                4 => value.extend_from_within(at..),
                5 if !value.is_empty() => value[at] ^= 1 << self.below(8),
                6 => value.reverse(),
                _ if !value.is_empty() => value[at] = self.byte(),
                _ => value.push(self.byte()),
            }
        }
    }
}

/// A value without the freedoms of its spelling: escapes, padding, blanks and quotes around it.
fn spelling(value: &[u8]) -> Vec<u8> {
    let whole = Cookies::parse([&[b"x=", value].concat()[..]]).all("x").next().unwrap_or_default().to_vec();
    let decoded = bauta::cookies::percent_decoded(&whole).map_or_else(|| whole.clone(), |decoded| decoded.into_owned());
    decoded.into_iter().filter(|byte| *byte != b'=').collect()
}

/// Presets whose values have parts that no key covers (the JSON around Supabase's token; Laravel's empty `tag`): a change
/// there may leave the value good, but never makes it another person's.
const PARTLY_SIGNED: &[&str] = &["supabase", "laravel-cookie", "laravel-cookie-driver", "laravel-redis", "laravel-db"];

/// How many junk values each preset gets.
const JUNK: usize = 100_000;

#[test]
fn junk_is_nobody_and_breaks_nothing() {
    let runtime = runtime();
    let mut translator = Translator::new();
    let mut noise = Noise(0x9E37_79B9_7F4A_7C15);
    let mut seen = BTreeSet::new();
    for line in lines() {
        let (Some((preset, place)), Some(user)) = (preset_of(&line.framework), line.expect["user_id"].as_str()) else {
            continue;
        };
        if !seen.insert(line.framework.clone()) {
            continue;
        }
        let memory = Memory::default();
        fill(&memory, &line, line.now);
        let reader = translator.reader(preset, place, &memory, &line.config);
        let reader = reader.unwrap_or_else(|faults| panic!("{}: {faults}", line.id));
        let (name, value) = line.header.split_once('=').expect("a cookie");
        let before = spelling(value.as_bytes());
        for _ in 0..JUNK {
            let mut junk = value.as_bytes().to_vec();
            noise.mutate(&mut junk);
            let header = [name.as_bytes(), b"=", &junk].concat();
            let found = runtime.block_on(reader.read(&Cookies::parse([&header[..]]), line.now, DEADLINE));
            if let Ok(person) = found {
                let loose = PARTLY_SIGNED.contains(&preset);
                let same = person.user.expose() == user && (loose || spelling(&junk) == before);
                assert!(same, "{}: {}", line.id, header.escape_ascii());
            }
        }
    }
    say(&format!("sessions: {JUNK} junk values for each of {} formats", seen.len()));
    assert!(!seen.is_empty(), "no preset was tried");
}
