//! Laravel, PHP itself, Symfony.

use std::time::Duration;

use super::{Lifetime, NO_SECRET, Preset, ROW};
use crate::config::session::Serializer;
use crate::session::decode::{Choice, Codec};
use crate::session::gate::Expiry;
use crate::session::pick::Pick;
use crate::session::resolve::{KeyKind, Kind, Resolve};
use crate::session::setup::Part;
use crate::session::step::Stage;
use crate::session::time::Unit;

/// `login_` + guard + `_` + SHA-1 of the name of `SessionGuard` (laravel/framework
/// `src/Illuminate/Auth/SessionGuard.php`): the same in every application with the default guard.
const LARAVEL_USER: &str = "login_web_59ba36addc2b2f9401580f014c7f58ea4e30989d";
const APP_KEY: &str = "APP_KEY and APP_PREVIOUS_KEYS";

/// `SESSION_LIFETIME` by default.
const TWO_HOURS: Duration = Duration::from_secs(7200);

/// phpredis; the value is written by `session.serialize_handler`.
const PHPREDIS: Stage =
    Stage::Resolve(Resolve { part: Part::Store, kind: Kind::Value { prefix: "PHPREDIS_SESSION:" } });
const HANDLER: Stage = Stage::Serialized(Choice {
    default: Codec::PhpSession,
    allowed: &[Serializer::Php, Serializer::PhpSerialize, Serializer::PhpBinary],
});

/// The rows.
pub(crate) const PRESETS: &[Preset] = &[
    Preset {
        name: "laravel-cookie",
        aliases: &["laravel-encrypted-cookie"],
        pick: Pick::ESCAPED,
        stages: &[Stage::Laravel],
        user: Some(&[]),
        secret: APP_KEY,
        ..ROW
    },
    Preset {
        name: "laravel-cookie-driver",
        cookies: &["laravel_session"],
        pick: Pick::ESCAPED,
        stages: &[Stage::Laravel, Stage::LaravelNamed, Stage::Decode(Codec::Php)],
        user: Some(&[LARAVEL_USER]),
        secret: APP_KEY,
        lifetime: Lifetime::Inside,
        ..ROW
    },
    Preset {
        name: "laravel-redis",
        aliases: &["laravel"],
        cookies: &["laravel_session"],
        pick: Pick::ESCAPED,
        stages: &[
            Stage::Laravel,
            // The prefixes of the database and of the cache, both made of the application's name.
            Stage::Resolve(Resolve {
                part: Part::Store,
                kind: Kind::Value { prefix: "laravel_database_laravel_cache:" },
            }),
            Stage::Decode(Codec::PhpTwice),
        ],
        user: Some(&[LARAVEL_USER]),
        secret: APP_KEY,
        lifetime: Lifetime::Store,
    },
    Preset {
        name: "laravel-db",
        cookies: &["laravel_session"],
        pick: Pick::ESCAPED,
        stages: &[
            Stage::Laravel,
            Stage::Resolve(Resolve {
                part: Part::Store,
                kind: Kind::Row {
                    table: "sessions",
                    key: "id",
                    bytes: KeyKind::Text,
                    filter: &[],
                    columns: &["payload", "last_activity"],
                },
            }),
            Stage::Ends(Expiry::Since(&["last_activity"], Unit::Column, Some(TWO_HOURS))),
            Stage::Member(&["payload"]),
            Stage::Decode(Codec::Base64),
            Stage::Decode(Codec::Php),
        ],
        user: Some(&[LARAVEL_USER]),
        secret: APP_KEY,
        lifetime: Lifetime::Store,
        ..ROW
    },
    Preset {
        name: "php",
        aliases: &["php-native", "phpredis"],
        cookies: &["PHPSESSID"],
        stages: &[PHPREDIS, HANDLER],
        secret: NO_SECRET,
        lifetime: Lifetime::Store,
        ..ROW
    },
    Preset {
        name: "symfony",
        aliases: &["symfony-session"],
        cookies: &["PHPSESSID"],
        stages: &[PHPREDIS, HANDLER],
        secret: NO_SECRET,
        lifetime: Lifetime::Store,
        ..ROW
    },
];
