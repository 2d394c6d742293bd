//! Proxies in front of the application, hosted identity, and any endpoint that knows its own cookie.

use super::{Lifetime, NO_SECRET, Preset, ROW};
use crate::session::decode::Codec;
use crate::session::gate::Expiry;
use crate::session::pick::Pick;
use crate::session::resolve::Told;
use crate::session::step::Stage;
use crate::session::time::Unit;

/// The rows.
pub(crate) const PRESETS: &[Preset] = &[
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
    Preset {
        name: "kratos",
        aliases: &["ory-kratos", "ory-kratos-whoami"],
        cookies: &["ory_kratos_session"],
        stages: &[
            Stage::Introspect(Told::Body),
            Stage::Decode(Codec::Json),
            Stage::Active(&["active"]),
            Stage::Ends(Expiry::At(&["expires_at"], Unit::Iso)),
        ],
        user: Some(&["identity", "id"]),
        secret: NO_SECRET,
        lifetime: Lifetime::Store,
        ..ROW
    },
    Preset {
        name: "forward-auth",
        aliases: &["authelia", "authentik", "forward-auth-header"],
        stages: &[Stage::Introspect(Told::Header)],
        user: Some(&[]),
        secret: NO_SECRET,
        lifetime: Lifetime::Store,
        ..ROW
    },
    Preset {
        name: "introspect",
        aliases: &["userinfo", "oidc-userinfo-json"],
        stages: &[Stage::Introspect(Told::Body), Stage::Decode(Codec::Json)],
        secret: NO_SECRET,
        lifetime: Lifetime::Store,
        ..ROW
    },
];
