//! A claim in the application's session.
//!
//! The claim may stand there twice (a repeated JSON key, a key beside the keyword of the same name); when the two
//! disagree the answer is no. Whether the claim is believed at all when it travelled inside the cookie is not decided
//! here but by the rules that combine the answers.

use super::{Class, Reply, Source, check, scalar};
use crate::clock::UnixMillis;
use crate::config::consent as config;
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Reason};
use crate::consent::asked::Asked;
use crate::person::Value;

/// A claim at a path.
pub(super) struct Session {
    path: Vec<String>,
}

impl Session {
    pub(super) fn build(shape: &config::Session, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        check::path(&shape.path, &at.key("path"), faults).then(|| Self { path: shape.path.clone() })
    }
}

impl Source for Session {
    fn word(&self) -> &'static str {
        "session"
    }

    fn class(&self) -> Class {
        Class::Session
    }

    fn answer<'a>(&'a self, asked: &'a Asked<'a>) -> Reply<'a> {
        let Some(person) = asked.person else { return Reply::Now(Answer::unknown(Reason::NoAccount)) };
        Reply::Now(at_path(&person.claims, &self.path))
    }
}

/// What the claim says, wherever the path finds it.
pub(super) fn at_path(claims: &Value, path: &[String]) -> Answer {
    let answers = every(claims, path).into_iter().map(scalar::answer);
    answers.reduce(Answer::and_twin).unwrap_or(Answer::unknown(Reason::Absent))
}

/// Whether a mark is set: anything but nothing, `null`, `false`, `0`, `""`, `"0"` and `"false"`, because a mark that
/// cannot be read protects nobody if it is taken for unset.
pub(in crate::consent) fn is_marked(claims: &Value, path: &[String]) -> bool {
    every(claims, path).into_iter().any(|value| match value {
        Value::Null => false,
        Value::Bool(set) => *set,
        Value::Number(number) => number != "0",
        Value::Text(word) | Value::Keyword(word) => !matches!(word.as_str(), "" | "0" | "false"),
        _ => true,
    })
}

/// When the claims say that they were issued: `iat`, seconds since 1970 (RFC 7519 section 4.1.6).
pub(in crate::consent) fn issued(claims: &Value) -> Option<UnixMillis> {
    let Value::Number(seconds) = claims.child("iat")? else { return None };
    let whole = seconds.split_once('.').map_or(seconds.as_str(), |(whole, _)| whole);
    whole.parse().ok().map(UnixMillis::from_seconds)
}

/// Every value that a path leads to. Maps may hold a key more than once, and both as text and as a keyword.
fn every<'v>(value: &'v Value, path: &[String]) -> Vec<&'v Value> {
    let mut found = vec![value];
    for step in path {
        let children = |node: &'v Value| match node {
            Value::Map(members) => {
                let named = members.iter().filter(|(key, _)| is_named(key, step));
                named.map(|(_, value)| value).collect::<Vec<_>>()
            }
            other => other.child(step).into_iter().collect(),
        };
        found = found.into_iter().flat_map(children).collect();
    }
    found
}

/// A step `x` matches the key `x` and the keyword `:x`, which may be written with its colon.
fn is_named(key: &Value, step: &str) -> bool {
    let keyword = matches!(key, Value::Keyword(word) if step.strip_prefix(':') == Some(word));
    keyword || key.scalar() == Some(step)
}

#[cfg(test)]
mod tests {
    use super::{at_path, is_marked, issued};
    use crate::clock::UnixMillis;
    use crate::consent::answer::{Answer, Reason};
    use crate::person::Value;

    fn path(steps: &[&str]) -> Vec<String> {
        steps.iter().map(ToString::to_string).collect()
    }

    fn json(text: &str) -> Value {
        serde_json::from_str::<serde_json::Value>(text).unwrap().into()
    }

    #[test]
    fn a_step_matches_a_key_or_a_keyword() {
        let edn =
            Value::Map(vec![(Value::Keyword("user/anonymous-analytics".into()), Value::Keyword("anonymised".into()))]);
        for step in ["user/anonymous-analytics", ":user/anonymous-analytics"] {
            assert_eq!(at_path(&edn, &path(&[step])), Answer::of_level(crate::level::Level::Anonymised));
        }
        assert_eq!(at_path(&edn, &path(&["user"])), Answer::unknown(Reason::Absent));
        assert_eq!(at_path(&json(r#"{"a":[0,{"b":true}]}"#), &path(&["a", "1", "b"])), Answer::granted());
    }

    #[test]
    fn a_claim_that_stands_there_twice_must_agree_with_itself() {
        let twice = |first: bool, second: bool| {
            let keys = [Value::Text("ok".into()), Value::Keyword("ok".into())];
            Value::Map(keys.into_iter().zip([Value::Bool(first), Value::Bool(second)]).collect())
        };
        assert_eq!(at_path(&twice(true, true), &path(&["ok"])), Answer::granted());
        assert_eq!(at_path(&twice(true, false), &path(&["ok"])), Answer::denied_for(Reason::Conflict));
    }

    #[test]
    fn a_mark_that_cannot_be_read_is_set() {
        for set in ["true", "1", "\"yes\"", "{}", "[]", "-1", "\"true\""] {
            assert!(is_marked(&json(&format!("{{\"s\":{set}}}")), &path(&["s"])), "{set}");
        }
        for unset in ["false", "0", "null", "\"\"", "\"0\"", "\"false\""] {
            assert!(!is_marked(&json(&format!("{{\"s\":{unset}}}")), &path(&["s"])), "{unset}");
        }
        assert!(!is_marked(&json("{}"), &path(&["s"])));
    }

    #[test]
    fn the_time_of_issue_is_in_seconds() {
        assert_eq!(issued(&json(r#"{"iat":1700000000}"#)), Some(UnixMillis(1_700_000_000_000)));
        assert_eq!(issued(&json(r#"{"iat":1700000000.9}"#)), Some(UnixMillis(1_700_000_000_000)));
        for none in [r#"{"iat":"1700000000"}"#, r#"{"iat":1e99}"#, "{}", "[]"] {
            assert_eq!(issued(&json(none)), None, "{none}");
        }
    }
}
