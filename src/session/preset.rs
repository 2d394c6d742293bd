//! The presets: one row for each way in which a framework keeps its session.
//!
//! A row is data: where the cookie is, the stages in order, where the account id usually stands. Facts about formats
//! are noted beside the stage that implements them.

use std::time::Duration;

use super::decode::{Choice, Codec};
use super::digest::Digest;
use super::gate::Expiry;
use super::keys::{Pbkdf2, Recipe, Salt, SaltKey};
use super::pick::Pick;
use super::step::Stage;
use super::time::Unit;
use super::verify::algorithm::Algorithm;
use super::verify::claims::Defaults;
use super::verify::jwe::{HkdfSalt, Info, Method};
use super::verify::paseto::Purpose;
use super::verify::secretbox::Given;
use super::verify::signed::{Format, Layout, Spelling, Stamp};
use super::verify::{iron, jwe, jwt, plug, rails};
use crate::config::session::Serializer;

/// One row.
#[derive(Debug)]
pub(crate) struct Preset {
    /// The word in `preset = "..."`.
    pub(crate) name: &'static str,
    /// Other words for the same row.
    pub(crate) aliases: &'static [&'static str],
    /// The framework's own cookie names; empty when every application chooses one.
    pub(crate) cookies: &'static [&'static str],
    /// How the value is put into cookies.
    pub(crate) pick: Pick,
    /// What is done with it, in order.
    pub(crate) stages: &'static [Stage],
    /// Where the account id stands by default; `None` when every application chooses.
    pub(crate) user: Option<&'static [&'static str]>,
    /// What the preset needs, in the words of the framework.
    pub(crate) secret: &'static str,
    /// What a value says about its end.
    pub(crate) lifetime: Lifetime,
}

/// What a session value says about its own end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// The value carries its end or its time of issue.
    Inside,
    /// The value carries no time: a copy of it is good until the key changes.
    Never,
}

/// A fact sheet of a preset, for `init`, `check` and the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PresetFacts {
    /// The word in `preset = "..."`.
    pub name: &'static str,
    /// Other words for the same preset.
    pub aliases: &'static [&'static str],
    /// The default cookie names; empty when `cookie` is required.
    pub cookies: &'static [&'static str],
    /// The default `user` path; `None` when it is required.
    pub user: Option<&'static [&'static str]>,
    /// Which secret it needs, in the words of the framework.
    pub secret: &'static str,
    /// What a value says about its own end.
    pub lifetime: Lifetime,
}

const DAY: Duration = Duration::from_secs(86_400);

/// `value.signature` as npm cookie-signature makes it; express, Remix, hono and others share it.
const COOKIE_SIGNATURE: Format = Format {
    layout: Layout::Tail("."),
    digests: &[Digest::Sha256],
    spelling: Spelling::Base64,
    recipe: Recipe::Plain,
    stamp: Stamp::None,
};

/// The companion cookie `name.sig` of npm cookies and keygrip.
const KEYGRIP: Format = Format {
    layout: Layout::Companion,
    digests: &[Digest::Sha1],
    spelling: Spelling::Base64Url,
    recipe: Recipe::Plain,
    stamp: Stamp::None,
};

/// `SFMyNTY.payload.signature` of Plug, under one of the application's salts.
const fn plug_signed(salt: SaltKey) -> Stage {
    Stage::Signed(Format {
        layout: Layout::Tail("."),
        digests: &[Digest::Sha256],
        spelling: Spelling::Base64Url,
        recipe: Recipe::Pbkdf2(Salt::Own(salt), plug::KEY_GENERATOR),
        stamp: Stamp::None,
    })
}

/// `payload--hexadecimal signature` of Rails, under one of its fixed salts; the key has 64 bytes.
const fn rails_signed(salt: &'static str, digests: &'static [Digest]) -> Stage {
    Stage::Signed(Format {
        layout: Layout::Tail("--"),
        digests,
        spelling: Spelling::Hex,
        recipe: Recipe::Pbkdf2(Salt::Fixed(salt), Pbkdf2 { length: 64, ..rails::KEY_GENERATOR }),
        stamp: Stamp::None,
    })
}

/// Rails: JSON or Marshal, told apart by the first bytes unless the operator says which.
const RUBY: Stage = Stage::Serialized(Choice {
    default: Codec::Ruby,
    allowed: &[Serializer::Json, Serializer::Marshal, Serializer::Zipjson],
});

/// A plain iron seal.
const IRON: iron::Profile = iron::Profile { iterations: &[1], versioned: false };

/// The Auth.js family: 30 seconds would be too much, none too little; the library takes 15.
const AUTHJS_CLAIMS: Defaults = Defaults { leeway: Duration::from_secs(15), ..Defaults::JWT };

/// A table row with what most rows have in common.
const ROW: Preset = Preset {
    name: "",
    aliases: &[],
    cookies: &[],
    pick: Pick::PLAIN,
    stages: &[],
    user: None,
    secret: "",
    lifetime: Lifetime::Never,
};

/// Every preset, by family.
pub(crate) const PRESETS: &[Preset] = &[
    // ------------------------------------------------------------ Clojure
    Preset {
        name: "ring",
        aliases: &["biff", "ring-cookie-store"],
        cookies: &["ring-session"],
        pick: Pick::ESCAPED,
        stages: &[Stage::RingStore, Stage::Decode(Codec::Edn)],
        user: Some(&["uid"]),
        secret: "the 16-byte key of the cookie store (Biff: COOKIE_SECRET)",
        ..ROW
    },
    // ------------------------------------------------------------ tokens
    Preset {
        name: "jwt",
        stages: &[Stage::Jwt(jwt::Profile::PLAIN)],
        user: Some(&["sub"]),
        secret: "the issuer's public keys or key set, or the HMAC secret",
        lifetime: Lifetime::Inside,
        ..ROW
    },
    Preset {
        name: "clerk",
        cookies: &["__session"],
        stages: &[Stage::Jwt(jwt::Profile { algorithms: &[Algorithm::Rs256], ..jwt::Profile::PLAIN })],
        user: Some(&["sub"]),
        secret: "Clerk's key set (/.well-known/jwks.json)",
        lifetime: Lifetime::Inside,
        ..ROW
    },
    Preset {
        name: "firebase",
        aliases: &["firebase-session-cookie"],
        cookies: &["session"],
        stages: &[Stage::Jwt(jwt::Profile {
            algorithms: &[Algorithm::Rs256],
            claims: Defaults { issuer_of_audience: Some("https://session.firebase.google.com/"), ..Defaults::JWT },
        })],
        user: Some(&["sub"]),
        secret: "Google's certificates for session cookies (identitytoolkit/v3/relyingparty/publicKeys)",
        lifetime: Lifetime::Inside,
        ..ROW
    },
    Preset {
        name: "supabase",
        aliases: &["supabase-ssr"],
        pick: Pick { escaped: true, chunks: Some("."), companion: None },
        stages: &[
            Stage::Decode(Codec::Supabase),
            // Only the token is signed; the user object beside it is whatever the browser sent.
            Stage::Member(&["access_token"]),
            Stage::Jwt(jwt::Profile {
                algorithms: &[],
                claims: Defaults { audience: Some("authenticated"), nobody: Some("is_anonymous"), ..Defaults::JWT },
            }),
        ],
        user: Some(&["sub"]),
        secret: "the project's key set (/auth/v1/.well-known/jwks.json), or its legacy JWT secret",
        lifetime: Lifetime::Inside,
        ..ROW
    },
    Preset {
        name: "paseto-local",
        aliases: &["paseto-v4-local"],
        stages: &[Stage::Paseto(Purpose::Local)],
        user: Some(&["sub"]),
        secret: "the 32-byte key of v4.local",
        lifetime: Lifetime::Inside,
        ..ROW
    },
    Preset {
        name: "paseto-public",
        aliases: &["paseto-v4-public"],
        stages: &[Stage::Paseto(Purpose::Public)],
        user: Some(&["sub"]),
        secret: "the Ed25519 public key of v4.public",
        lifetime: Lifetime::Inside,
        ..ROW
    },
    // ------------------------------------------------------------ Python
    Preset {
        name: "django-signed",
        aliases: &["django-signed-cookies", "django-signed_cookies"],
        cookies: &["sessionid"],
        stages: &[
            Stage::Signed(Format {
                layout: Layout::Tail(":"),
                digests: &[Digest::Sha256],
                spelling: Spelling::Base64Url,
                recipe: Recipe::Concat(
                    Digest::Sha256,
                    Salt::Default("django.contrib.sessions.backends.signed_cookies"),
                ),
                stamp: Stamp::Base62(":", DAY.saturating_mul(14)),
            }),
            Stage::Decode(Codec::DottedZlib),
            Stage::Decode(Codec::Json),
        ],
        user: Some(&["_auth_user_id"]),
        secret: "SECRET_KEY and SECRET_KEY_FALLBACKS of the settings",
        lifetime: Lifetime::Inside,
        ..ROW
    },
    Preset {
        name: "flask",
        aliases: &["flask-login"],
        cookies: &["session"],
        stages: &[
            Stage::Signed(Format {
                layout: Layout::Tail("."),
                digests: &[Digest::Sha1],
                spelling: Spelling::Base64Url,
                recipe: Recipe::MacOfSalt(Digest::Sha1, Salt::Default("cookie-session")),
                stamp: Stamp::BigEndian(".", DAY.saturating_mul(31)),
            }),
            Stage::Decode(Codec::DottedZlib),
            Stage::Decode(Codec::TaggedJson),
        ],
        user: Some(&["_user_id"]),
        secret: "SECRET_KEY and SECRET_KEY_FALLBACKS of the application",
        lifetime: Lifetime::Inside,
        ..ROW
    },
    Preset {
        name: "starlette",
        aliases: &["fastapi"],
        cookies: &["session"],
        stages: &[
            Stage::Signed(Format {
                layout: Layout::Tail("."),
                digests: &[Digest::Sha1],
                spelling: Spelling::Base64Url,
                recipe: Recipe::Concat(Digest::Sha1, Salt::Default("itsdangerous.Signer")),
                stamp: Stamp::BigEndian(".", DAY.saturating_mul(14)),
            }),
            Stage::Decode(Codec::Base64),
            Stage::Decode(Codec::Json),
        ],
        secret: "the secret_key given to SessionMiddleware",
        lifetime: Lifetime::Inside,
        ..ROW
    },
    Preset {
        name: "fastapi-users",
        aliases: &["fastapi-users-jwt"],
        cookies: &["fastapiusersauth"],
        stages: &[Stage::Jwt(jwt::Profile {
            algorithms: &[Algorithm::Hs256],
            // A password-reset token has the same secret and subject.
            claims: Defaults { audience: Some("fastapi-users:auth"), ..Defaults::JWT },
        })],
        user: Some(&["sub"]),
        secret: "the secret given to JWTStrategy",
        lifetime: Lifetime::Inside,
        ..ROW
    },
    // ------------------------------------------------------------ JavaScript
    Preset {
        name: "express",
        aliases: &["express-signed", "cookie-parser"],
        pick: Pick::ESCAPED,
        stages: &[Stage::Prefix("s:"), Stage::Signed(COOKIE_SIGNATURE), Stage::Decode(Codec::JsonCookie)],
        user: Some(&[]),
        secret: "the secret given to cookie-parser",
        ..ROW
    },
    Preset {
        name: "hono",
        aliases: &["hono-signed-cookie"],
        pick: Pick::ESCAPED,
        stages: &[Stage::Signed(COOKIE_SIGNATURE)],
        user: Some(&[]),
        secret: "the secret given to setSignedCookie",
        ..ROW
    },
    Preset {
        name: "remix",
        aliases: &["react-router"],
        cookies: &["__session"],
        pick: Pick::ESCAPED,
        stages: &[Stage::Signed(COOKIE_SIGNATURE), Stage::Decode(Codec::Base64), Stage::Decode(Codec::Json)],
        user: Some(&["userId"]),
        secret: "the secrets given to createCookieSessionStorage",
        ..ROW
    },
    Preset {
        name: "cookie-session",
        cookies: &["session"],
        pick: Pick { companion: Some(".sig"), ..Pick::PLAIN },
        stages: &[Stage::Signed(KEYGRIP), Stage::Decode(Codec::Base64), Stage::Decode(Codec::Json)],
        secret: "the keys given to cookie-session",
        ..ROW
    },
    Preset {
        name: "koa-session",
        aliases: &["koa"],
        cookies: &["koa.sess"],
        pick: Pick { companion: Some(".sig"), ..Pick::PLAIN },
        stages: &[
            Stage::Signed(KEYGRIP),
            Stage::Decode(Codec::Base64),
            Stage::Decode(Codec::Json),
            Stage::Ends(Expiry::At(&["_expire"], Unit::Millis)),
        ],
        secret: "app.keys",
        lifetime: Lifetime::Inside,
        ..ROW
    },
    Preset {
        name: "fastify-secure-session",
        cookies: &["session"],
        pick: Pick::ESCAPED,
        stages: SECURE_SESSION_WITH_KEY,
        secret: "the 32-byte key given to the plugin",
        lifetime: Lifetime::Inside,
        ..ROW
    },
    Preset {
        name: "fastify-secure-session-secret",
        cookies: &["session"],
        pick: Pick::ESCAPED,
        stages: SECURE_SESSION_WITH_SECRET,
        secret: "the secret given to the plugin; its salt, if any, goes into salt",
        lifetime: Lifetime::Inside,
        ..ROW
    },
    Preset {
        name: "iron-session",
        stages: &[Stage::Iron(iron::Profile { versioned: true, ..IRON }), Stage::Decode(Codec::Json)],
        secret: "the password, or all of them by id in passwords",
        lifetime: Lifetime::Inside,
        ..ROW
    },
    Preset {
        name: "hapi-cookie",
        aliases: &["hapi"],
        cookies: &["sid"],
        stages: &[Stage::Iron(IRON), Stage::Decode(Codec::Json)],
        user: Some(&["id"]),
        secret: "the password of the cookie, or all of them by id in passwords",
        lifetime: Lifetime::Inside,
        ..ROW
    },
    Preset {
        name: "h3",
        aliases: &["nuxt", "nuxt-auth-utils"],
        cookies: &["nuxt-session", "h3"],
        // h3 2 seals with 8192 rounds and still opens the seals of h3 1.
        stages: &[
            Stage::Iron(iron::Profile { iterations: &[8192, 1], versioned: false }),
            Stage::Decode(Codec::Json),
            Stage::Ends(Expiry::Since(&["createdAt"], Unit::Millis, None)),
        ],
        user: Some(&["data", "user", "id"]),
        secret: "the password of the session (Nuxt: NUXT_SESSION_PASSWORD), or all of them by id in passwords",
        lifetime: Lifetime::Inside,
        ..ROW
    },
    Preset {
        name: "next-auth",
        aliases: &["next-auth-v4"],
        cookies: &["__Secure-next-auth.session-token", "next-auth.session-token"],
        pick: Pick { chunks: Some("."), ..Pick::PLAIN },
        stages: &[Stage::Jwe(jwe::Profile {
            method: Method::A256Gcm,
            salt: HkdfSalt::Fixed(""),
            info: Info::Fixed("NextAuth.js Generated Encryption Key"),
            claims: AUTHJS_CLAIMS,
        })],
        user: Some(&["sub"]),
        secret: "NEXTAUTH_SECRET",
        lifetime: Lifetime::Inside,
        ..ROW
    },
    Preset {
        name: "authjs",
        aliases: &["authjs-v5", "auth.js"],
        cookies: &["__Secure-authjs.session-token", "authjs.session-token"],
        pick: Pick { chunks: Some("."), ..Pick::PLAIN },
        stages: &[Stage::Jwe(jwe::Profile {
            method: Method::A256CbcHs512,
            salt: HkdfSalt::CookieName,
            info: Info::WithSalt("Auth.js Generated Encryption Key"),
            claims: AUTHJS_CLAIMS,
        })],
        user: Some(&["sub"]),
        secret: "AUTH_SECRET",
        lifetime: Lifetime::Inside,
        ..ROW
    },
    Preset {
        name: "auth0-nextjs",
        aliases: &["auth0", "auth0-nextjs-v4"],
        cookies: &["__session"],
        pick: Pick { chunks: Some("__"), ..Pick::PLAIN },
        stages: &[Stage::Jwe(jwe::Profile {
            method: Method::A256Gcm,
            salt: HkdfSalt::Fixed(""),
            info: Info::Fixed("JWE CEK"),
            claims: AUTHJS_CLAIMS,
        })],
        user: Some(&["user", "sub"]),
        secret: "AUTH0_SECRET",
        lifetime: Lifetime::Inside,
        ..ROW
    },
    Preset {
        name: "better-auth-cache",
        aliases: &["better-auth-cookie-cache", "better-auth-cookie-cache-compact"],
        cookies: BETTER_AUTH_DATA,
        pick: Pick { escaped: true, chunks: Some("."), companion: None },
        stages: &[Stage::BetterAuth],
        user: Some(&["user", "id"]),
        secret: "BETTER_AUTH_SECRET",
        lifetime: Lifetime::Inside,
    },
    Preset {
        name: "better-auth-cache-jwt",
        aliases: &["better-auth-cookie-cache-jwt"],
        cookies: BETTER_AUTH_DATA,
        pick: Pick { escaped: true, chunks: Some("."), companion: None },
        stages: &[Stage::Jwt(jwt::Profile { algorithms: &[Algorithm::Hs256], ..jwt::Profile::PLAIN })],
        user: Some(&["user", "id"]),
        secret: "BETTER_AUTH_SECRET",
        lifetime: Lifetime::Inside,
    },
    Preset {
        name: "better-auth-cache-jwe",
        aliases: &["better-auth-cookie-cache-jwe"],
        cookies: BETTER_AUTH_DATA,
        pick: Pick { escaped: true, chunks: Some("."), companion: None },
        stages: &[Stage::Jwe(jwe::Profile {
            method: Method::A256CbcHs512,
            salt: HkdfSalt::Fixed("better-auth-session"),
            info: Info::Fixed("BetterAuth.js Generated Encryption Key"),
            claims: AUTHJS_CLAIMS,
        })],
        user: Some(&["user", "id"]),
        secret: "BETTER_AUTH_SECRET",
        lifetime: Lifetime::Inside,
    },
    // ------------------------------------------------------------ PHP
    Preset {
        name: "laravel-cookie",
        aliases: &["laravel-encrypted-cookie"],
        pick: Pick::ESCAPED,
        stages: &[Stage::Laravel],
        user: Some(&[]),
        secret: "APP_KEY and APP_PREVIOUS_KEYS",
        ..ROW
    },
    Preset {
        name: "laravel-cookie-driver",
        cookies: &["laravel_session"],
        pick: Pick::ESCAPED,
        stages: &[Stage::Laravel, Stage::LaravelNamed, Stage::Decode(Codec::Php)],
        user: Some(&[LARAVEL_USER]),
        secret: "APP_KEY and APP_PREVIOUS_KEYS",
        lifetime: Lifetime::Inside,
        ..ROW
    },
    // ------------------------------------------------------------ Ruby
    Preset {
        name: "rails",
        aliases: &["rails-encrypted", "rails-encrypted-gcm"],
        pick: Pick::ESCAPED,
        stages: &[Stage::RailsCipher(rails::Mode::Gcm), Stage::RailsEnvelope, RUBY],
        user: Some(WARDEN_USER),
        secret: "secret_key_base",
        ..ROW
    },
    Preset {
        name: "rails-cbc",
        aliases: &["rails-encrypted-cbc"],
        pick: Pick::ESCAPED,
        stages: &[
            rails_signed("signed encrypted cookie", &[Digest::Sha1]),
            Stage::Decode(Codec::Base64),
            Stage::RailsCipher(rails::Mode::Cbc),
            Stage::RailsEnvelope,
            RUBY,
        ],
        user: Some(WARDEN_USER),
        secret: "secret_key_base",
        ..ROW
    },
    Preset {
        name: "rails-signed",
        pick: Pick::ESCAPED,
        stages: &[
            rails_signed("signed cookie", &[Digest::Sha1, Digest::Sha256]),
            Stage::Decode(Codec::Base64),
            Stage::RailsEnvelope,
            RUBY,
        ],
        user: Some(&[]),
        secret: "secret_key_base",
        ..ROW
    },
    Preset {
        name: "rack",
        aliases: &["rack-cookie", "sinatra"],
        cookies: &["rack.session"],
        pick: Pick::ESCAPED,
        stages: &[
            Stage::Signed(Format {
                layout: Layout::Tail("--"),
                digests: &[Digest::Sha1],
                spelling: Spelling::Hex,
                recipe: Recipe::Plain,
                stamp: Stamp::None,
            }),
            Stage::Decode(Codec::Base64Lines),
            RUBY,
        ],
        secret: "the secret and old_secret of Rack::Session::Cookie",
        ..ROW
    },
    // ------------------------------------------------------------ Elixir
    Preset {
        name: "phoenix",
        aliases: &["phoenix-signed", "plug", "phoenix-plug-signed"],
        stages: &[
            plug_signed(SaltKey::Signing),
            Stage::Prefix("SFMyNTY."),
            Stage::Decode(Codec::Base64Url),
            Stage::Decode(Codec::Etf),
        ],
        secret: "secret_key_base",
        ..ROW
    },
    Preset {
        name: "phoenix-encrypted",
        aliases: &["plug-encrypted", "phoenix-plug-encrypted"],
        stages: &[Stage::Plug(plug::Kind::Session), Stage::Decode(Codec::Etf)],
        secret: "secret_key_base",
        ..ROW
    },
    Preset {
        name: "phoenix-token",
        stages: &[
            plug_signed(SaltKey::Salt),
            Stage::Prefix("SFMyNTY."),
            Stage::Decode(Codec::Base64Url),
            Stage::Decode(Codec::Etf),
            Stage::PhoenixToken,
        ],
        user: Some(&[]),
        secret: "secret_key_base",
        lifetime: Lifetime::Inside,
        ..ROW
    },
    Preset {
        name: "phoenix-token-encrypted",
        stages: &[Stage::Plug(plug::Kind::Token), Stage::Decode(Codec::Etf), Stage::PhoenixToken],
        user: Some(&[]),
        secret: "secret_key_base",
        lifetime: Lifetime::Inside,
        ..ROW
    },
    // ------------------------------------------------------------ proxies
    Preset {
        name: "oauth2-proxy",
        cookies: &["_oauth2_proxy"],
        pick: Pick { chunks: Some("_"), ..Pick::PLAIN },
        stages: &[Stage::OAuth2Proxy, Stage::Decode(Codec::Lz4), Stage::Decode(Codec::MsgPack)],
        user: Some(&["u"]),
        secret: "cookie_secret",
        lifetime: Lifetime::Inside,
        ..ROW
    },
];

const BETTER_AUTH_DATA: &[&str] = &["__Secure-better-auth.session_data", "better-auth.session_data"];

/// Warden, and Devise on top of it: `[[id], "beginning of the password's hash"]`.
const WARDEN_USER: &[&str] = &["warden.user.user.key", "0", "0"];

/// `login_` + guard + `_` + SHA-1 of the name of `SessionGuard` (laravel/framework
/// `src/Illuminate/Auth/SessionGuard.php`): the same in every application with the default guard.
const LARAVEL_USER: &str = "login_web_59ba36addc2b2f9401580f014c7f58ea4e30989d";

/// The time of the last change is in seconds; `expiry` is a day and a second by default.
const SECURE_SESSION_END: Stage =
    Stage::Ends(Expiry::Since(&["__ts"], Unit::Seconds, Some(Duration::from_secs(86_401))));
const SECURE_SESSION_WITH_KEY: &[Stage] =
    &[Stage::Secretbox(Given::Key), Stage::Decode(Codec::Json), SECURE_SESSION_END];
const SECURE_SESSION_WITH_SECRET: &[Stage] =
    &[Stage::Secretbox(Given::Secret), Stage::Decode(Codec::Json), SECURE_SESSION_END];

/// The preset of a name or an alias.
pub(crate) fn named(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name || preset.aliases.contains(&name))
}

/// The name that was probably meant.
pub(crate) fn nearest(name: &str) -> Option<&'static str> {
    let words = PRESETS.iter().flat_map(|preset| std::iter::once(&preset.name).chain(preset.aliases));
    let (distance, word) = words.map(|word| (distance(name, word), *word)).min()?;
    if distance <= 1 + name.len() / 4 { Some(word) } else { None }
}

/// The facts of every preset, in the order of the table.
pub(crate) fn facts() -> Vec<PresetFacts> {
    let facts = |preset: &Preset| PresetFacts {
        name: preset.name,
        aliases: preset.aliases,
        cookies: preset.cookies,
        user: preset.user,
        secret: preset.secret,
        lifetime: preset.lifetime,
    };
    PRESETS.iter().map(facts).collect()
}

/// How many characters must be inserted, deleted or replaced to make one word of the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (line, left) in one.chars().enumerate() {
        let mut diagonal = line;
        let mut before = line + 1;
        for (cell, right) in row.iter_mut().skip(1).zip(other.chars()) {
            let cost = if left == right { diagonal } else { 1 + diagonal.min(*cell).min(before) };
            diagonal = std::mem::replace(cell, cost);
            before = cost;
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{PRESETS, distance, named, nearest};

    #[test]
    fn no_word_names_two_presets() {
        let words: Vec<_> = PRESETS.iter().flat_map(|row| std::iter::once(&row.name).chain(row.aliases)).collect();
        assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len());
    }

    #[test]
    fn a_slip_of_the_pen_finds_the_preset_that_was_meant() {
        assert_eq!(nearest("djngo-signed"), Some("django-signed"));
        assert_eq!(nearest("JWT"), None);
        assert_eq!(nearest("flaks"), Some("flask"));
        assert_eq!(nearest("entirely-unknown"), None);
        assert_eq!(named("biff").map(|row| row.name), Some("ring"));
    }

    #[test]
    fn distances_count_single_characters() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
    }
}
