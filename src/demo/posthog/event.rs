//! One event of the first protocol: what is parsed, and what the rules for tokens, names and ids make of it.
//!
//! A key twice on the level of the event is a parse error, also under two of its names (`token`, `$token`,
//! `api_key`). Source: PostHog/posthog `rust/capture` and `rust/common/types`.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// Characters of a distinct id that are kept.
pub(super) const ID_CHARS: usize = 200;
/// Characters of a project token.
const TOKEN_CHARS: usize = 64;

/// An event as it stands in a body.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct RawEvent {
    #[serde(alias = "$token", alias = "api_key", default)]
    pub(super) token: Option<String>,
    #[serde(alias = "$distinct_id", default)]
    pub(super) distinct_id: Option<Value>,
    #[serde(default, deserialize_with = "uuid")]
    pub(super) uuid: Option<String>,
    #[serde(default)]
    pub(super) event: Option<String>,
    #[serde(default)]
    pub(super) properties: Map<String, Value>,
    #[serde(default)]
    pub(super) timestamp: Option<String>,
    #[serde(default)]
    pub(super) offset: Option<i64>,
    #[serde(rename = "$set", default)]
    pub(super) set: Option<Map<String, Value>>,
    #[serde(rename = "$set_once", default)]
    pub(super) set_once: Option<Map<String, Value>>,
}

/// What a body holds.
pub(super) struct Request {
    pub(super) events: Vec<RawEvent>,
    pub(super) token: Option<String>,
    pub(super) sent_at: Option<String>,
}

#[derive(Deserialize)]
struct Batch {
    #[serde(alias = "api_key")]
    token: String,
    #[serde(default)]
    #[expect(dead_code, reason = "its type is checked, as by the service")]
    historical_migration: Option<bool>,
    #[serde(default)]
    sent_at: Option<String>,
    batch: Vec<RawEvent>,
}

#[derive(Deserialize)]
struct Peek {
    batch: Option<serde::de::IgnoredAny>,
}

/// A UUID in any of its usual spellings.
pub(super) fn is_uuid(text: &str) -> bool {
    let inner = text.strip_prefix("urn:uuid:").unwrap_or(text);
    let inner = inner.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(inner);
    let lengths: Vec<usize> = inner.split('-').map(str::len).collect();
    let shaped = lengths == [8, 4, 4, 4, 12] || lengths == [32];
    shaped && inner.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

fn uuid<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text: Option<String> = Option::deserialize(deserializer)?;
    match text {
        Some(text) if text.is_empty() => Ok(None),
        Some(text) if !is_uuid(&text) => Err(serde::de::Error::custom("UUID parsing failed")),
        other => Ok(other),
    }
}

/// An array of events, an object with a batch, or one event. `engage`: an event without a name is an identify.
pub(super) fn parse(text: &str, engage: bool) -> Result<Request, String> {
    let fault = |error: serde_json::Error| format!("failed to parse request: {error}");
    let is_array = text.trim_start().starts_with('[');
    let mut request = if is_array {
        Request { events: serde_json::from_str(text).map_err(fault)?, token: None, sent_at: None }
    } else if serde_json::from_str::<Peek>(text).is_ok_and(|peek| peek.batch.is_some()) {
        let Batch { token, sent_at, batch, .. } = serde_json::from_str(text).map_err(fault)?;
        Request { events: batch, token: Some(token), sent_at }
    } else {
        Request { events: vec![serde_json::from_str(text).map_err(fault)?], token: None, sent_at: None }
    };
    if engage {
        for event in request.events.iter_mut().filter(|event| event.event.as_deref().unwrap_or("").is_empty()) {
            event.event = Some("$identify".to_owned());
        }
    }
    match request.events.is_empty() {
        true => Err("empty batch".to_owned()),
        false => Ok(request),
    }
}

/// Whether a token is shaped like one; the words of the refusal if not.
pub(super) fn check_token(token: &str) -> Result<(), String> {
    let words = if token.is_empty() {
        "token is empty"
    } else if token.len() > TOKEN_CHARS {
        "token is too long"
    } else if !token.is_ascii() {
        "token is not ASCII"
    } else if token.starts_with("phx_") {
        "token is a personal API key"
    } else {
        return Ok(());
    };
    Err(format!("invalid API key: {words}"))
}

impl Request {
    /// The one token of all events.
    pub(super) fn token(&self) -> Result<String, String> {
        if let Some(token) = &self.token {
            return check_token(token).map(|()| token.clone());
        }
        let mut tokens = self.events.iter().map(RawEvent::token);
        let Some(Some(first)) = tokens.next() else { return Err("event submitted without an api_key".to_owned()) };
        check_token(&first)?;
        for token in tokens {
            match token {
                Some(token) if token == first => {}
                Some(_) => return Err("events submitted with different tokens".to_owned()),
                None => return Err("event submitted without an api_key".to_owned()),
            }
        }
        Ok(first)
    }
}

impl RawEvent {
    fn token(&self) -> Option<String> {
        let inner = || self.properties.get("token").and_then(Value::as_str).map(str::to_owned);
        self.token.clone().or_else(inner)
    }

    /// The name; none when it is empty or missing.
    pub(super) fn name(&self) -> Option<&str> {
        self.event.as_deref().filter(|name| !name.is_empty())
    }

    /// The id that counts, cut to 200 characters; none when it is empty or missing.
    pub(super) fn id(&self) -> Option<String> {
        let outer = self.distinct_id.as_ref().filter(|value| !value.is_null());
        id_of(outer.or_else(|| self.properties.get("distinct_id"))?)
    }

    /// The properties as they are stored: with what stood beside them.
    pub(super) fn stored(&self) -> Map<String, Value> {
        let mut properties = self.properties.clone();
        for (key, beside) in [("$set", &self.set), ("$set_once", &self.set_once)] {
            if let Some(beside) = beside {
                properties.insert(key.to_owned(), Value::Object(beside.clone()));
            }
        }
        properties
    }
}

/// A value as an id: stringified, cut, without NUL; none when there is nothing.
pub(super) fn id_of(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let id: String = text.chars().take(ID_CHARS).map(|c| if c == '\0' { '\u{fffd}' } else { c }).collect();
    (!id.is_empty()).then_some(id)
}

/// Whether an id stands for nobody in particular, so that nothing is merged into it. `second`: the longer list of the
/// second protocol, which refuses the event.
pub(super) fn is_illegal(id: &str, second: bool) -> bool {
    const ANY_CASE: [&str; 10] = [
        "anonymous",
        "guest",
        "distinctid",
        "distinct_id",
        "id",
        "not_authenticated",
        "email",
        "undefined",
        "true",
        "false",
    ];
    const EXACT: [&str; 6] = ["[object Object]", "NaN", "None", "none", "null", "0"];
    const SECOND: [&str; 5] = ["anonymous-user", "backend", "system", "user", "00000000-0000-0000-0000-000000000000"];
    let quoted = |quote: char| id.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    let plain = quoted('"').or_else(|| quoted('\'')).unwrap_or(id);
    plain.trim().is_empty()
        || ANY_CASE.iter().any(|word| plain.eq_ignore_ascii_case(word))
        || EXACT.contains(&plain)
        || (second && SECOND.contains(&plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: &str = "phc_a";

    fn one(keys: &str) -> Result<Request, String> {
        parse(&format!(r#"{{"event":"x","token":"{T}","distinct_id":"d",{keys}}}"#), false)
    }

    #[test]
    fn a_key_twice_on_the_level_of_the_event_is_refused_under_any_of_its_names() {
        for keys in
            [r#""event":"y""#, r#""$distinct_id":"e""#, r#""api_key":"phc_b""#, r#""properties":{},"properties":{}"#]
        {
            assert!(one(keys).is_err(), "{keys}");
        }
        assert!(one(r#""properties":{"a":1,"a":2},"other":1,"other":2"#).is_ok());
    }

    #[test]
    fn tokens_are_found_checked_and_agree() {
        let token = |text: &str| parse(text, false).unwrap().token();
        assert_eq!(token(r#"{"api_key":"phc_a","batch":[{"event":"x","token":"phc_b"}]}"#).unwrap(), T);
        assert_eq!(
            token(r#"[{"event":"x","properties":{"token":"phc_a"}},{"event":"x","$token":"phc_a"}]"#).unwrap(),
            T
        );
        for bad in [
            r#"[{"event":"x","token":"phc_a"},{"event":"x","token":"phc_b"}]"#,
            r#"[{"event":"x","token":"phc_a"},{"event":"x"}]"#,
            r#"[{"event":"x"}]"#,
            r#"[{"event":"x","token":"phx_a"}]"#,
            r#"[{"event":"x","token":""}]"#,
            r#"[{"event":"x","token":"phc_é"}]"#,
        ] {
            assert!(token(bad).is_err(), "{bad}");
        }
        assert!(check_token(&"a".repeat(64)).is_ok() && check_token(&"a".repeat(65)).is_err());
    }

    #[test]
    fn an_id_falls_through_null_is_stringified_and_cut() {
        let id = |text: &str| parse(text, false).unwrap().events[0].id();
        assert_eq!(id(r#"{"event":"x","distinct_id":null,"properties":{"distinct_id":"p"}}"#).unwrap(), "p");
        assert_eq!(id(r#"{"event":"x","distinct_id":12}"#).unwrap(), "12");
        assert_eq!(id(r#"{"event":"x","distinct_id":{"a":1}}"#).unwrap(), r#"{"a":1}"#);
        assert_eq!(id(r#"{"event":"x","distinct_id":"a\u0000b"}"#).unwrap(), "a\u{fffd}b");
        assert_eq!(
            id(&format!(r#"{{"event":"x","distinct_id":"{}"}}"#, "é".repeat(300))).unwrap().chars().count(),
            200
        );
        assert_eq!(id(r#"{"event":"x","distinct_id":""}"#), None);
        assert_eq!(id(r#"{"event":"x","properties":{"$distinct_id":"a"}}"#), None);
    }

    #[test]
    fn a_uuid_is_one_or_empty() {
        for good in [r#""uuid":"""#, r#""uuid":null"#, r#""uuid":"01a1f9ab-c0db-7e1a-91c5-d4198cab5292""#] {
            assert!(one(good).is_ok(), "{good}");
        }
        assert!(
            is_uuid("01a1f9abc0db7e1a91c5d4198cab5292") && is_uuid("urn:uuid:01a1f9ab-c0db-7e1a-91c5-d4198cab5292")
        );
        for bad in [r#""uuid":"x""#, r#""uuid":7"#, r#""uuid":"01a1f9ab-c0db-7e1a-91c5-d4198cab529""#] {
            assert!(one(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_no_event_is_refused() {
        for bad in [
            "",
            "[]",
            "{",
            "7",
            "[7]",
            r#"{"api_key":"a","batch":[]}"#,
            r#"{"batch":[{"event":"x"}]}"#,
            r#"{"event":7}"#,
        ] {
            assert!(parse(bad, false).is_err(), "{bad}");
        }
        for bad in [
            r#"{"event":"\ud800"}"#.to_owned(),
            format!(r#"{{"event":"x","properties":{{"a":{}{}}}}}"#, "[".repeat(10_000), "]".repeat(10_000)),
        ] {
            assert!(parse(&bad, false).is_err());
        }
    }

    #[test]
    fn engage_needs_no_name() {
        assert_eq!(
            parse(r#"{"$set":{},"$token":"a","$distinct_id":"b"}"#, true).unwrap().events[0].name(),
            Some("$identify")
        );
        assert_eq!(parse(r#"{"$set":{},"$token":"a"}"#, false).unwrap().events[0].name(), None);
    }

    #[test]
    fn words_for_nobody_are_illegal_ids() {
        for id in ["anonymous", "GUEST", "'undefined'", "\"null\"", "0", " ", "", "[object Object]", "NaN", "none"] {
            assert!(is_illegal(id, false), "{id}");
        }
        for id in ["nan", "u1", "00", "backend", "'x'"] {
            assert!(!is_illegal(id, false), "{id}");
        }
        assert!(is_illegal("backend", true) && is_illegal("00000000-0000-0000-0000-000000000000", true));
    }
}
