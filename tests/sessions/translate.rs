//! From the data's description of a configuration to the file that an operator would write.

use std::fs;

use bauta::config::fault::{Faults, KeyPath};
use bauta::config::file::File;
use bauta::session::Reader;
use bauta::session::resolve::{Connector, Memory};
use serde_json::Value as Json;

use crate::data::Place;
use crate::tables::is_framework_table;

/// Where the stores are; without an address they are the ones inside the process. Each store with its password.
#[derive(Default)]
pub(crate) struct Addresses {
    pub(crate) redis: Option<(String, &'static str)>,
    pub(crate) sql: Option<(String, &'static str)>,
    pub(crate) endpoint: Option<String>,
}

/// Turns the data's description of a configuration into the file that an operator would write.
pub(crate) struct Translator {
    folder: tempfile::TempDir,
    files: usize,
}

impl Translator {
    pub(crate) fn new() -> Self {
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

    fn session(&mut self, addresses: &Addresses, preset: &str, place: Place, config: &Json) -> toml::Table {
        let mut session = toml::Table::new();
        // The same plugin with a secret instead of a key is a preset of its own.
        let preset = if config.get("password").is_some() { format!("{preset}-secret") } else { preset.to_owned() };
        session.insert("preset".into(), preset.clone().into());
        stores(self, addresses, place, config, &mut session);
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

    /// A reader whose store is the one inside the process.
    pub(crate) fn reader(
        &mut self,
        preset: &str,
        place: Place,
        stores: &Memory,
        config: &Json,
    ) -> Result<Reader, String> {
        self.reader_at(stores, &Addresses::default(), preset, place, config)
    }

    /// The finished configuration file, read back by the configuration's own types.
    pub(crate) fn reader_at(
        &mut self,
        stores: &dyn Connector,
        addresses: &Addresses,
        preset: &str,
        place: Place,
        config: &Json,
    ) -> Result<Reader, String> {
        let mut site = toml::Table::new();
        site.insert("name".into(), "app".into());
        site.insert("session".into(), self.session(addresses, preset, place, config).into());
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
fn stores(translator: &mut Translator, addresses: &Addresses, place: Place, config: &Json, session: &mut toml::Table) {
    let mut store = |address: &Option<(String, &str)>, usual: &str| {
        let mut store = toml::Table::new();
        store.insert("url".into(), address.as_ref().map_or(usual, |(url, _)| url.as_str()).into());
        if let Some((_, password)) = address.as_ref().filter(|(_, password)| !password.is_empty()) {
            store.insert("password".into(), table("file", translator.file(password.as_bytes())));
        }
        store
    };
    let mut redis = store(&addresses.redis, "redis://127.0.0.1:6379/0");
    let mut sql = store(&addresses.sql, "postgres://bauta@127.0.0.1/app");
    if let Some(prefix) = config["store_prefix"].as_str() {
        // Of Django it is one part of the prefix: KEY_PREFIX, VERSION, the back end's own.
        let own = match (session["preset"].as_str(), place) {
            (Some("django-cached-db"), _) => ":1:django.contrib.sessions.cached_db",
            (Some(preset), Place::Redis) if preset.starts_with("django-") => ":1:django.contrib.sessions.cache",
            _ => "",
        };
        redis.insert("prefix".into(), format!("{prefix}{own}").into());
    }
    let mut tables = config["store"].as_array().into_iter().flatten().filter_map(|row| row["table"].as_str());
    if let Some(table) = tables.next_back().filter(|table| !is_framework_table(table)) {
        sql.insert("table".into(), table.into());
    }
    if let Some([field]) = config["user_path"].as_array().map(Vec::as_slice)
        && session["preset"].as_str() == Some("spring-redis")
    {
        redis.insert("field".into(), text(field));
    }
    match place {
        Place::Cookie => {}
        Place::Redis => drop(session.insert("store".into(), redis.into())),
        Place::Sql => drop(session.insert("store".into(), sql.into())),
        Place::SqlThenRedis => {
            session.insert("store".into(), sql.into());
            session.insert("fallback".into(), redis.into());
        }
        Place::Endpoint => {
            let mut endpoint = toml::Table::new();
            let url = addresses.endpoint.as_deref().unwrap_or("http://127.0.0.1:9/me");
            endpoint.insert("url".into(), url.into());
            if let Some(header) = config.get("user_header") {
                endpoint.insert("header".into(), text(header));
            }
            session.insert("endpoint".into(), endpoint.into());
        }
    }
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

pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal")).collect()
}
