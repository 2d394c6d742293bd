//! Django, Flask, Starlette and FastAPI.

use std::time::Duration;

use super::{Lifetime, NO_SECRET, Preset, ROW};
use crate::config::session::Serializer;
use crate::session::decode::{Choice, Codec};
use crate::session::digest::Digest;
use crate::session::gate::Expiry;
use crate::session::keys::{Recipe, Salt};
use crate::session::resolve::{KeyKind, Kind, Resolve};
use crate::session::setup::Part;
use crate::session::step::Stage;
use crate::session::time::Unit;
use crate::session::verify::algorithm::Algorithm;
use crate::session::verify::claims::Defaults;
use crate::session::verify::jwt;
use crate::session::verify::signed::{Format, Layout, Spelling, Stamp};

const DAY: Duration = Duration::from_secs(86_400);

/// `django.core.signing.dumps` under a salt.
const fn django_signed(salt: Salt, max_age: Duration) -> Stage {
    Stage::Signed(Format {
        layout: Layout::Tail(":"),
        digests: &[Digest::Sha256],
        spelling: Spelling::Base64Url,
        recipe: Recipe::Concat(Digest::Sha256, salt),
        stamp: Stamp::Base62(":", max_age),
    })
}

/// A row of `django_session`, whose data is signed without an age; the row has its own end.
const fn django_row() -> Stage {
    Stage::Resolve(Resolve {
        part: Part::Store,
        kind: Kind::Row {
            table: "django_session",
            key: "session_key",
            bytes: KeyKind::Text,
            filter: &[],
            columns: &["session_data", "expire_date"],
        },
    })
}

const DJANGO_ROW_END: Stage = Stage::Ends(Expiry::At(&["expire_date"], Unit::Column));
const DJANGO_ROW_DATA: Stage = Stage::Member(&["session_data"]);
const DJANGO_ROW_SIGNED: Stage = django_signed(Salt::Fixed("django.contrib.sessions.SessionStore"), Duration::MAX);

/// A value of Django's cache; the prefix is `KEY_PREFIX:VERSION:` and the name of the backend.
const fn cached(prefix: &'static str) -> Stage {
    Stage::Resolve(Resolve { part: Part::Store, kind: Kind::Value { prefix } })
}

const DJANGO_VALUE: Stage = Stage::Serialized(Choice {
    default: Codec::DjangoCache,
    allowed: &[Serializer::Pickle, Serializer::Json, Serializer::Msgpack],
});

const DJANGO_SECRET: &str = "SECRET_KEY and SECRET_KEY_FALLBACKS of the settings";

/// The rows.
pub(crate) const PRESETS: &[Preset] = &[
    Preset {
        name: "django-signed",
        aliases: &["django-signed-cookies", "django-signed_cookies"],
        cookies: &["sessionid"],
        stages: &[
            django_signed(Salt::Default("django.contrib.sessions.backends.signed_cookies"), DAY.saturating_mul(14)),
            Stage::Decode(Codec::DottedZlib),
            Stage::Decode(Codec::Json),
        ],
        user: Some(&["_auth_user_id"]),
        secret: DJANGO_SECRET,
        lifetime: Lifetime::Inside,
        ..ROW
    },
    Preset {
        name: "django-db",
        cookies: &["sessionid"],
        stages: &[
            django_row(),
            DJANGO_ROW_END,
            DJANGO_ROW_DATA,
            DJANGO_ROW_SIGNED,
            Stage::Decode(Codec::DottedZlib),
            Stage::Decode(Codec::Json),
        ],
        user: Some(&["_auth_user_id"]),
        secret: DJANGO_SECRET,
        lifetime: Lifetime::Store,
        ..ROW
    },
    Preset {
        name: "django-cache",
        aliases: &["django-redis", "django-cache-redis"],
        cookies: &["sessionid"],
        stages: &[cached(":1:django.contrib.sessions.cache"), DJANGO_VALUE],
        user: Some(&["_auth_user_id"]),
        secret: NO_SECRET,
        lifetime: Lifetime::Store,
        ..ROW
    },
    Preset {
        name: "django-cached-db",
        aliases: &["django-cached_db"],
        cookies: &["sessionid"],
        // Django asks the cache first, for speed. The row is signed and the cached value is not, so here the row goes
        // first, and the cache counts when there is no row or no database.
        stages: &[Stage::Either(
            &[
                django_row(),
                DJANGO_ROW_END,
                DJANGO_ROW_DATA,
                DJANGO_ROW_SIGNED,
                Stage::Decode(Codec::DottedZlib),
                Stage::Decode(Codec::Json),
            ],
            &[
                Stage::Resolve(Resolve {
                    part: Part::Fallback,
                    kind: Kind::Value { prefix: ":1:django.contrib.sessions.cached_db" },
                }),
                DJANGO_VALUE,
            ],
        )],
        user: Some(&["_auth_user_id"]),
        secret: DJANGO_SECRET,
        lifetime: Lifetime::Store,
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
        name: "flask-session",
        aliases: &["flask-session-redis"],
        cookies: &["session"],
        stages: &[
            cached("session:"),
            Stage::Serialized(Choice {
                default: Codec::MsgPack,
                allowed: &[Serializer::Msgpack, Serializer::Json, Serializer::Pickle],
            }),
        ],
        secret: NO_SECRET,
        lifetime: Lifetime::Store,
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
    Preset {
        name: "fastapi-users-redis",
        cookies: &["fastapiusersauth"],
        stages: &[cached("fastapi_users_token:")],
        user: Some(&[]),
        secret: NO_SECRET,
        lifetime: Lifetime::Store,
        ..ROW
    },
];
