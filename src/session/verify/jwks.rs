//! Sets of public keys as identity providers publish them.
//!
//! Input: a JSON Web Key Set (RFC 7517 section 5), or a map of key ids to X.509 certificates, as Firebase serves it.
//! Keys of unknown kinds and keys for encryption are passed over, as RFC 7517 asks; a set without any usable key is
//! an error.

use zeroize::Zeroizing;

use super::algorithm::Algorithm;
use super::jwt::{Material, TokenKey};
use super::public_key::PublicKey;
use crate::person::Value;
use crate::session::decode::json;
use crate::session::encoding;

/// The most keys that are taken from a set.
const MOST: usize = 64;

/// Reads a key set.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn read(text: &[u8]) -> Result<Vec<TokenKey>, String> {
    let set = json::read(text).ok_or("expected a JSON Web Key Set")?;
    let keys: Vec<TokenKey> = match (set.child("keys"), &set) {
        (Some(Value::List(keys)), _) => keys.iter().filter_map(key).take(MOST).collect(),
        (None, Value::Map(members)) => members.iter().filter_map(certificate).take(MOST).collect(),
        _ => return Err("expected an object with the member \"keys\"".into()),
    };
    if keys.is_empty() { Err("the set has no usable signature key".into()) } else { Ok(keys) }
}

fn key(jwk: &Value) -> Option<TokenKey> {
    let text = |name: &str| match jwk.child(name) {
        Some(Value::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let bytes = |name: &str| encoding::jose(text(name)?.as_bytes());
    if text("use").is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    let only = match text("alg") {
        Some(name) => Some(Algorithm::named(name)?),
        None => None,
    };
    let material = match text("kty")? {
        "oct" => Material::Secret(Zeroizing::new(bytes("k").filter(|secret| !secret.is_empty())?)),
        kty => Material::Public(PublicKey::from_jwk(kty, text("crv"), bytes)?),
    };
    Some(TokenKey { id: text("kid").map(str::to_owned), only, material })
}

/// One member of `{"key id": "-----BEGIN CERTIFICATE-----..."}`.
fn certificate((id, pem): &(Value, Value)) -> Option<TokenKey> {
    let (Value::Text(id), Value::Text(pem)) = (id, pem) else { return None };
    let key = PublicKey::from_pem(pem.as_bytes()).ok()?.into_iter().next()?;
    Some(TokenKey { id: Some(id.clone()), only: None, material: Material::Public(key) })
}

#[cfg(test)]
mod tests {
    use super::read;

    const KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"6gnvKmeeYNphxMiFVndqqhYCUn7acv7wPAZbEap5zDA""#;

    #[test]
    fn keys_for_encryption_and_of_unknown_kinds_are_passed_over() {
        let set = format!(r#"{{"keys":[{KEY},"use":"enc"}},{{"kty":"ZZZ"}},{KEY},"alg":"X"}},{KEY},"kid":"a"}}]}}"#);
        let keys = read(set.as_bytes()).ok().unwrap();
        assert_eq!(keys.iter().map(|key| key.id.as_deref()).collect::<Vec<_>>(), [Some("a")]);
    }

    #[test]
    fn a_set_without_usable_keys_is_an_error() {
        for text in ["", "[]", "{}", r#"{"keys":[]}"#, r#"{"keys":{}}"#, r#"{"a":"b"}"#] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
    }
}
