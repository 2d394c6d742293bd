//! Rails and Rack.

use super::{Lifetime, NO_SECRET, Preset, ROW};
use crate::config::session::{KeyTransform, Serializer};
use crate::session::decode::{Choice, Codec, KeyChoice};
use crate::session::digest::Digest;
use crate::session::keys::{Pbkdf2, Recipe, Salt};
use crate::session::pick::Pick;
use crate::session::resolve::{KeyKind, Kind, Resolve};
use crate::session::setup::Part;
use crate::session::step::Stage;
use crate::session::verify::rails;
use crate::session::verify::signed::{Format, Layout, Spelling, Stamp};

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

/// JSON or Marshal, told apart by the first bytes unless the operator says which.
const RUBY: Stage = Stage::Serialized(Choice {
    default: Codec::Ruby,
    allowed: &[Serializer::Json, Serializer::Marshal, Serializer::Zipjson],
});

/// Warden, and Devise on top of it: `[[id], "beginning of the password's hash"]`.
const WARDEN_USER: &[&str] = &["warden.user.user.key", "0", "0"];

/// The rows.
pub(crate) const PRESETS: &[Preset] = &[
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
    Preset {
        name: "rails-redis",
        aliases: &["rails-redis-store", "rack-redis"],
        stages: &[
            // The store knows a hash of the public id: who reads the store cannot log in.
            Stage::Key(KeyChoice(KeyTransform::RackPrivateId)),
            Stage::Resolve(Resolve { part: Part::Store, kind: Kind::Value { prefix: "" } }),
            RUBY,
        ],
        secret: NO_SECRET,
        lifetime: Lifetime::Store,
        ..ROW
    },
    Preset {
        name: "rails-activerecord",
        aliases: &["rails-activerecord-store"],
        stages: &[
            Stage::Key(KeyChoice(KeyTransform::RackPrivateId)),
            Stage::Resolve(Resolve {
                part: Part::Store,
                kind: Kind::Row {
                    table: "sessions",
                    key: "session_id",
                    bytes: KeyKind::Text,
                    filter: &[],
                    columns: &["data"],
                },
            }),
            Stage::Member(&["data"]),
            Stage::Decode(Codec::Base64Lines),
            RUBY,
        ],
        user: Some(WARDEN_USER),
        secret: NO_SECRET,
        lifetime: Lifetime::Store,
        ..ROW
    },
];
