//! Session cookies as an application would make them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt as _, KeyIvInit as _};
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

/// The key of the test application's Ring cookies, for cipher and MAC alike.
pub const RING_KEY: [u8; 16] = *b"ring-key-16bytes";

/// A value of Ring's cookie store: `base64(IV || AES-128-CBC(EDN))--base64(HMAC)`, percent-encoded as Ring writes it. It
/// carries no time.
pub fn ring(user: &str, agreed: bool) -> String {
    let text = format!("{{:user {{:id \"{user}\" :anonymous-analytics {agreed}}}}}");
    let iv = [7_u8; 16];
    let mut sealed = text.as_bytes().to_vec();
    let length = sealed.len();
    sealed.resize(length / 16 * 16 + 16, 0);
    let cipher = cbc::Encryptor::<aes::Aes128>::new(&RING_KEY.into(), &iv.into());
    let sealed = [&iv, cipher.encrypt_padded::<Pkcs7>(&mut sealed, length).unwrap()].concat();
    let mut mac = Hmac::<Sha256>::new_from_slice(&RING_KEY).unwrap();
    mac.update(&sealed);
    let value = format!("{}--{}", STANDARD.encode(&sealed), STANDARD.encode(mac.finalize().into_bytes()));
    value.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}

/// The cookie value of a person who answered the question of consent.
pub fn session(user: &str, agreed: bool) -> String {
    jwt(&serde_json::json!({"sub": user, "exp": 4_102_444_800_u64, "analytics": agreed}))
}
