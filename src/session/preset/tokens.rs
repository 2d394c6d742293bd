//! Tokens: JSON Web Tokens of any issuer, the hosted identity providers, PASETO.

use super::{Lifetime, Preset, ROW};
use crate::session::decode::Codec;
use crate::session::pick::Pick;
use crate::session::step::Stage;
use crate::session::verify::algorithm::Algorithm;
use crate::session::verify::claims::Defaults;
use crate::session::verify::jwt;
use crate::session::verify::paseto::Purpose;

/// The rows.
pub(crate) const PRESETS: &[Preset] = &[
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
];
