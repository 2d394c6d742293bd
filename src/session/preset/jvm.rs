//! Clojure and Java.

use super::{Lifetime, Preset, ROW};
use crate::session::decode::Codec;
use crate::session::gate::Expiry;
use crate::session::pick::Pick;
use crate::session::resolve::{KeyKind, Kind, Resolve};
use crate::session::setup::Part;
use crate::session::step::Stage;
use crate::session::time::Unit;

/// The rows.
pub(crate) const PRESETS: &[Preset] = &[
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
    Preset {
        name: "spring-redis",
        aliases: &["spring-session-redis"],
        cookies: &["SESSION"],
        stages: &[
            Stage::Decode(Codec::Base64),
            // The other fields are Java objects; this one is a text, and only there with the indexed repository.
            Stage::Resolve(Resolve {
                part: Part::Store,
                kind: Kind::Hash {
                    prefix: "spring:session:sessions:",
                    field: "sessionAttr:org.springframework.session.FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME",
                    always: "creationTime",
                },
            }),
            Stage::Decode(Codec::JavaText),
        ],
        user: Some(&[]),
        secret: super::NO_SECRET,
        lifetime: Lifetime::Store,
        ..ROW
    },
    Preset {
        name: "spring-jdbc",
        aliases: &["spring-session-jdbc"],
        cookies: &["SESSION"],
        stages: &[
            Stage::Decode(Codec::Base64),
            Stage::Resolve(Resolve {
                part: Part::Store,
                kind: Kind::Row {
                    table: "SPRING_SESSION",
                    key: "SESSION_ID",
                    bytes: KeyKind::Text,
                    filter: &[],
                    columns: &["PRINCIPAL_NAME", "EXPIRY_TIME"],
                },
            }),
            Stage::Ends(Expiry::At(&["EXPIRY_TIME"], Unit::Column)),
        ],
        user: Some(&["PRINCIPAL_NAME"]),
        secret: super::NO_SECRET,
        lifetime: Lifetime::Store,
        ..ROW
    },
];
