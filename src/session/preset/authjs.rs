//! Auth.js and its relatives: NextAuth, Auth0 for Next.js, better-auth, and the hashed tokens of the Lucia guide.

use std::time::Duration;

use super::javascript::{COOKIE_SIGNATURE, row};
use super::{Lifetime, NO_SECRET, Preset, ROW};
use crate::config::session::KeyTransform;
use crate::session::decode::KeyChoice;
use crate::session::gate::Expiry;
use crate::session::pick::Pick;
use crate::session::step::Stage;
use crate::session::time::Unit;
use crate::session::verify::algorithm::Algorithm;
use crate::session::verify::claims::Defaults;
use crate::session::verify::jwe::{HkdfSalt, Info, Method};
use crate::session::verify::{jwe, jwt};

/// `clockTolerance` of the Auth.js family.
const AUTHJS_CLAIMS: Defaults = Defaults { leeway: Duration::from_secs(15), ..Defaults::JWT };

const BETTER_AUTH_DATA: &[&str] = &["__Secure-better-auth.session_data", "better-auth.session_data"];

/// The rows.
pub(crate) const PRESETS: &[Preset] = &[
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
    },
    Preset {
        name: "authjs-database",
        aliases: &["next-auth-database"],
        cookies: &[
            "__Secure-authjs.session-token",
            "authjs.session-token",
            "__Secure-next-auth.session-token",
            "next-auth.session-token",
        ],
        stages: &[
            row("sessions", "sessionToken", &["userId", "expires"]),
            Stage::Ends(Expiry::At(&["expires"], Unit::Column)),
        ],
        user: Some(&["userId"]),
        secret: NO_SECRET,
        lifetime: Lifetime::Store,
        ..ROW
    },
    Preset {
        name: "better-auth",
        cookies: &["__Secure-better-auth.session_token", "better-auth.session_token"],
        pick: Pick::ESCAPED,
        stages: &[
            Stage::Signed(COOKIE_SIGNATURE),
            row("session", "token", &["userId", "expiresAt"]),
            Stage::Ends(Expiry::At(&["expiresAt"], Unit::Column)),
        ],
        user: Some(&["userId"]),
        secret: "BETTER_AUTH_SECRET",
        lifetime: Lifetime::Store,
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
    Preset {
        name: "hashed-token",
        aliases: &["lucia", "hashed-token-db"],
        cookies: &["session"],
        // The table holds a hash of the token, so that who reads the table cannot log in.
        stages: &[
            Stage::Key(KeyChoice(KeyTransform::Sha256Hex)),
            row("session", "id", &["user_id", "expires_at"]),
            Stage::Ends(Expiry::At(&["expires_at"], Unit::Column)),
        ],
        user: Some(&["user_id"]),
        secret: NO_SECRET,
        lifetime: Lifetime::Store,
        ..ROW
    },
];
