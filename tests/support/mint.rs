//! Session cookies as an application would make them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

/// The secret of the test application.
pub const SECRET: &str = "a-secret-of-the-test-application-0001";

/// A JWT signed with HS256 under [`SECRET`].
pub fn jwt(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&serde_json::json!({"alg": "HS256", "typ": "JWT"})), part(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// The cookie value of a person who answered the question of consent.
pub fn session(user: &str, agreed: bool) -> String {
    jwt(&serde_json::json!({"sub": user, "exp": 4_102_444_800_u64, "analytics": agreed}))
}
