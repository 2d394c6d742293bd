//! The lines of the data, and which preset reads which framework.

use std::fs;
use std::path::{Path, PathBuf};

use bauta::clock::UnixMillis;
use bauta::session::Refusal;
use serde_json::Value as Json;

/// The preset that reads each framework of the data.
pub(crate) const PRESETS: &[(&str, &str)] = &[
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

/// Frameworks whose cookie holds only an id: the preset, and where the session is.
pub(crate) const STORED: &[(&str, &str, Place)] = &[
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
pub(crate) enum Place {
    Cookie,
    Redis,
    Sql,
    SqlThenRedis,
    Endpoint,
}

pub(crate) fn preset_of(framework: &str) -> Option<(&'static str, Place)> {
    let plain = PRESETS.iter().find(|(name, _)| *name == framework).map(|(_, preset)| (*preset, Place::Cookie));
    plain.or_else(|| STORED.iter().find(|(name, ..)| *name == framework).map(|(_, preset, place)| (*preset, *place)))
}

/// One line.
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) framework: String,
    pub(crate) config: Json,
    pub(crate) header: String,
    pub(crate) now: UnixMillis,
    pub(crate) expect: Json,
}

impl Line {
    /// True when this is what the data expects.
    pub(crate) fn is_expected(&self, found: &Result<String, Refusal>) -> bool {
        match (found, self.expect["user_id"].as_str()) {
            (Ok(user), Some(expected)) => user == expected,
            (Err(refusal), None) => {
                let accepted = self.expect["accept"].as_array().cloned().unwrap_or_default();
                accepted.iter().chain([&self.expect["error"]]).any(|word| word.as_str() == Some(refusal.word()))
            }
            _ => false,
        }
    }
}

pub(crate) fn lines() -> Vec<Line> {
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
