//! Express, Koa, Fastify, hapi, Hono, Remix and Nuxt.

use std::time::Duration;

use super::{Lifetime, Preset, ROW};
use crate::session::decode::Codec;
use crate::session::digest::Digest;
use crate::session::gate::Expiry;
use crate::session::keys::Recipe;
use crate::session::pick::Pick;
use crate::session::resolve::{KeyKind, Kind, Resolve};
use crate::session::setup::Part;
use crate::session::step::Stage;
use crate::session::time::Unit;
use crate::session::verify::iron;
use crate::session::verify::secretbox::Given;
use crate::session::verify::signed::{Format, Layout, Spelling, Stamp};

/// `value.signature` as npm cookie-signature makes it; express, Remix, hono and others share it.
pub(super) const COOKIE_SIGNATURE: Format = Format {
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

/// A plain iron seal.
const IRON: iron::Profile = iron::Profile { iterations: &[1], suffix: "" };

/// connect-redis, and what is made like it.
const SESS: Stage = Stage::Resolve(Resolve { part: Part::Store, kind: Kind::Value { prefix: "sess:" } });

/// A row of a table with a text key.
pub(super) const fn row(table: &'static str, key: &'static str, columns: &'static [&'static str]) -> Stage {
    let kind = Kind::Row { table, key, bytes: KeyKind::Text, filter: &[], columns };
    Stage::Resolve(Resolve { part: Part::Store, kind })
}

/// The time of the last change is in seconds; `expiry` is a day and a second by default.
const SECURE_SESSION_END: Stage =
    Stage::Ends(Expiry::Since(&["__ts"], Unit::Seconds, Some(Duration::from_secs(86_401))));
const SECURE_SESSION_WITH_KEY: &[Stage] =
    &[Stage::Secretbox(Given::Key), Stage::Decode(Codec::Json), SECURE_SESSION_END];
const SECURE_SESSION_WITH_SECRET: &[Stage] =
    &[Stage::Secretbox(Given::Secret), Stage::Decode(Codec::Json), SECURE_SESSION_END];

/// The rows.
pub(crate) const PRESETS: &[Preset] = &[
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
        name: "express-session-redis",
        aliases: &["connect-redis"],
        cookies: &["connect.sid"],
        pick: Pick::ESCAPED,
        // The end in the JSON is not renewed when connect-redis renews the key, so the key's own end counts.
        stages: &[Stage::Prefix("s:"), Stage::Signed(COOKIE_SIGNATURE), SESS, Stage::Decode(Codec::Json)],
        user: Some(&["passport", "user"]),
        secret: "the secret given to express-session",
        lifetime: Lifetime::Store,
    },
    Preset {
        name: "express-session-sql",
        aliases: &["connect-pg-simple", "express-session-pg"],
        cookies: &["connect.sid"],
        pick: Pick::ESCAPED,
        stages: &[
            Stage::Prefix("s:"),
            Stage::Signed(COOKIE_SIGNATURE),
            row("session", "sid", &["sess", "expire"]),
            Stage::Ends(Expiry::At(&["expire"], Unit::Column)),
            Stage::Member(&["sess"]),
            Stage::Decode(Codec::Json),
        ],
        user: Some(&["passport", "user"]),
        secret: "the secret given to express-session",
        lifetime: Lifetime::Store,
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
        name: "fastify-session",
        cookies: &["sessionId"],
        pick: Pick::ESCAPED,
        stages: &[Stage::Signed(COOKIE_SIGNATURE), SESS, Stage::Decode(Codec::Json)],
        secret: "the secret given to @fastify/session",
        lifetime: Lifetime::Store,
        ..ROW
    },
    Preset {
        name: "iron-session",
        stages: &[Stage::Iron(iron::Profile { suffix: "~2", ..IRON }), Stage::Decode(Codec::Json)],
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
            Stage::Iron(iron::Profile { iterations: &[8192, 1], suffix: "" }),
            Stage::Decode(Codec::Json),
            Stage::Ends(Expiry::Since(&["createdAt"], Unit::Millis, None)),
        ],
        user: Some(&["data", "user", "id"]),
        secret: "the password of the session (Nuxt: NUXT_SESSION_PASSWORD), or all of them by id in passwords",
        lifetime: Lifetime::Inside,
        ..ROW
    },
];
