//! The last stage: from a decoded session to the account id.

use std::borrow::Cow;

use super::decode::{json, php};
use super::refusal::Refusal;
use crate::person::{AppUserId, Value};

/// The longest account id. E-mail addresses have 254 characters, OpenID Connect subjects 255.
const LONGEST: usize = 512;

/// Follows the path and makes the canonical id.
///
/// # Errors
/// `Anonymous` when nothing stands there: no member, null, false or empty text. `Malformed` when what stands there
/// is no id: true, a list, a map, something opaque, or text longer than [`LONGEST`].
pub(crate) fn user(session: &Value, path: &[String]) -> Result<AppUserId, Refusal> {
    let value = find(session, path)?;
    let value = value.as_ref();
    match value {
        Value::Null | Value::Bool(false) => return Err(Refusal::Anonymous),
        Value::Bool(true) | Value::List(_) | Value::Map(_) | Value::Opaque => return Err(Refusal::Malformed),
        Value::Number(_) | Value::Text(_) | Value::Keyword(_) | Value::Bytes(_) => {}
    }
    let text = value.scalar().ok_or(Refusal::Malformed)?;
    if text.trim().is_empty() {
        return Err(Refusal::Anonymous);
    }
    if text.len() > LONGEST {
        return Err(Refusal::Malformed);
    }
    AppUserId::canonical(value).ok_or(Refusal::Malformed)
}

/// Follows the path. The step `$php` reads the text that stands there as PHP's `serialize`, `$json` as JSON: frameworks
/// put sessions into sessions. A member of that very name goes first.
fn find<'a>(session: &'a Value, path: &[String]) -> Result<Cow<'a, Value>, Refusal> {
    let mut found = Cow::Borrowed(session);
    for step in path {
        let read: fn(&[u8]) -> Option<Value> = match step.as_str() {
            "$php" if found.child(step).is_none() => php::read,
            "$json" if found.child(step).is_none() => json::read,
            _ => {
                found = match found {
                    Cow::Borrowed(value) => Cow::Borrowed(value.child(step).ok_or(Refusal::Anonymous)?),
                    Cow::Owned(value) => Cow::Owned(value.child(step).ok_or(Refusal::Anonymous)?.clone()),
                };
                continue;
            }
        };
        let text = match found.as_ref() {
            Value::Text(text) => text.as_bytes(),
            Value::Bytes(bytes) => bytes.as_slice(),
            Value::Null => return Err(Refusal::Anonymous),
            _ => return Err(Refusal::Malformed),
        };
        found = Cow::Owned(read(text).ok_or(Refusal::Malformed)?);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, user};
    use crate::person::Value;
    use crate::session::refusal::Refusal;

    fn id(value: Value) -> Result<String, Refusal> {
        user(&value, &[]).map(|id| id.expose().to_owned())
    }

    #[test]
    fn scalars_are_ids() {
        assert_eq!(id(Value::Number("42".into())).unwrap(), "42");
        assert_eq!(id(Value::Text("42".into())).unwrap(), "42");
        assert_eq!(id(Value::Number("42.0".into())).unwrap(), "42");
        assert_eq!(id(Value::Keyword("ana".into())).unwrap(), "ana");
        assert_eq!(id(Value::Bytes(b"ana".to_vec())).unwrap(), "ana");
        let upper = "A5A6D494-B1E7-4C0B-B506-FC99D26D1249";
        assert_eq!(id(Value::Text(upper.into())).unwrap(), upper.to_lowercase());
        assert_eq!(id(Value::Text("User-A".into())).unwrap(), "User-A");
    }

    #[test]
    fn a_session_inside_a_session_is_read() {
        let text = Value::Text(r#"a:1:{s:1:"u";s:8:"{"id":7}";}"#.into());
        let session = Value::Map(vec![(Value::Text("token".into()), text)]);
        let path = |steps: &[&str]| steps.iter().map(|step| (*step).to_owned()).collect::<Vec<_>>();
        let found = user(&session, &path(&["token", "$php", "u", "$json", "id"]));
        assert_eq!(found.map(|id| id.expose().to_owned()), Ok("7".into()));
        assert_eq!(user(&session, &path(&["token", "$json"])).err(), Some(Refusal::Malformed));
        assert_eq!(user(&session, &path(&["other", "$php"])).err(), Some(Refusal::Anonymous));
    }

    #[test]
    fn nothing_there_means_nobody_is_logged_in() {
        for nothing in [Value::Null, Value::Bool(false), Value::Text(String::new()), Value::Text(" ".into())] {
            assert_eq!(id(nothing), Err(Refusal::Anonymous));
        }
        assert_eq!(user(&Value::Map(Vec::new()), &["uid".into()]).err(), Some(Refusal::Anonymous));
    }

    #[test]
    fn what_is_no_id_is_malformed() {
        let long = Value::Text("x".repeat(LONGEST + 1));
        for wrong in
            [Value::Bool(true), Value::List(vec![]), Value::Map(vec![]), Value::Opaque, Value::Bytes(vec![255]), long]
        {
            assert_eq!(id(wrong), Err(Refusal::Malformed));
        }
    }
}
