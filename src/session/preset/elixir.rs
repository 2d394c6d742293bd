//! Phoenix and Plug.

use std::time::Duration;

use super::{Lifetime, Preset, ROW};
use crate::session::decode::Codec;
use crate::session::digest::Digest;
use crate::session::gate::Expiry;
use crate::session::keys::{Recipe, Salt, SaltKey};
use crate::session::resolve::{KeyKind, Kind, Resolve};
use crate::session::setup::Part;
use crate::session::step::Stage;
use crate::session::time::Unit;
use crate::session::verify::plug;
use crate::session::verify::signed::{Format, Layout, Spelling, Stamp};

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

/// `@session_validity_in_days` of `mix phx.gen.auth`.
const SIXTY_DAYS: Duration = Duration::from_secs(60 * 86_400);

/// The rows.
pub(crate) const PRESETS: &[Preset] = &[
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
        name: "phoenix-gen-auth",
        aliases: &["phx-gen-auth"],
        stages: &[
            plug_signed(SaltKey::Signing),
            Stage::Prefix("SFMyNTY."),
            Stage::Decode(Codec::Base64Url),
            Stage::Decode(Codec::Etf),
            Stage::Member(&["user_token"]),
            Stage::Resolve(Resolve {
                part: Part::Store,
                kind: Kind::Row {
                    table: "users_tokens",
                    key: "token",
                    bytes: KeyKind::Bytes,
                    filter: &[("context", "session")],
                    columns: &["user_id", "inserted_at"],
                },
            }),
            Stage::Ends(Expiry::Since(&["inserted_at"], Unit::Column, Some(SIXTY_DAYS))),
        ],
        user: Some(&["user_id"]),
        secret: "secret_key_base",
        lifetime: Lifetime::Store,
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
];
