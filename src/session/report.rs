//! How a cookie was read, for `bauta session decode`: which key, how far, where the id stood, or exactly why not.
//!
//! A report holds the account id and no other content of the session.

use std::time::Duration;

use super::candidate::Trace;
use super::time;
use super::{Reader, Refusal};
use crate::clock::UnixMillis;
use crate::cookies::Cookies;

/// The whole answer for one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The preset that was used.
    pub preset: &'static str,
    /// The cookie names that were looked for.
    pub cookies: Vec<String>,
    /// Each value that was found.
    pub candidates: Vec<CandidateReport>,
    /// The account id, or the reason why there is none.
    pub outcome: Result<String, Refusal>,
}

/// The way of one value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CandidateReport {
    /// The cookie's name.
    pub cookie: String,
    /// The steps that were passed.
    pub passed: Vec<&'static str>,
    /// The step that refused it.
    pub stopped_at: Option<&'static str>,
    /// The key that fitted: its place in the list, counted from 1, and its id if the format has one.
    pub key: Option<String>,
    /// When the value was made, if it says so (RFC 3339).
    pub issued: Option<String>,
    /// When the value ends, if it says so (RFC 3339).
    pub expires: Option<String>,
    /// The path at which the account id stands.
    pub user_at: Option<String>,
    /// Why it is nobody.
    pub refusal: Option<Refusal>,
}

impl Reader {
    /// Reads like [`Reader::read`] and tells how.
    pub async fn explain(&self, cookies: &Cookies<'_>, now: UnixMillis, deadline: Duration) -> Report {
        let context = self.context(None, cookies, now, deadline);
        let mut candidates = Vec::new();
        for found in self.preset.pick.candidates(&self.names, cookies) {
            let mut candidate = match found {
                Ok(candidate) => candidate,
                Err(refusal) => {
                    let stopped_at = Some("size and number");
                    candidates.push(CandidateReport {
                        stopped_at,
                        refusal: Some(refusal),
                        ..CandidateReport::default()
                    });
                    continue;
                }
            };
            let cookie = candidate.name.to_owned();
            let evaluated = self.evaluate(&mut candidate, &context).await;
            let trace = std::mem::take(&mut candidate.trace);
            let refusal = match evaluated {
                Ok(()) => self.person(candidate).err(),
                Err(refusal) => Some(refusal),
            };
            candidates.push(CandidateReport { cookie, refusal, ..self.way(&trace, refusal) });
        }
        let outcome = self.read(cookies, now, deadline).await.map(|person| person.user.expose().to_owned());
        Report { preset: self.preset.name, cookies: self.names.clone(), candidates, outcome }
    }

    fn way(&self, trace: &Trace, refusal: Option<Refusal>) -> CandidateReport {
        let words: Vec<&'static str> = self.steps.iter().map(super::Step::word).collect();
        let stopped_at = match (refusal, words.get(trace.passed)) {
            (None, _) => None,
            (Some(_), Some(word)) => Some(*word),
            (Some(_), None) => Some("user"),
        };
        let key = trace.key.as_ref().map(|key| match &key.id {
            Some(id) => format!("{} (id {id:?})", key.index + 1),
            None => (key.index + 1).to_string(),
        });
        let path = if self.user.is_empty() { "the whole value".to_owned() } else { self.user.join(" / ") };
        CandidateReport {
            cookie: String::new(),
            passed: words.into_iter().take(trace.passed).collect(),
            stopped_at,
            key,
            issued: trace.issued.map(time::to_iso),
            expires: trace.expires.map(time::to_iso),
            user_at: refusal.is_none().then_some(path),
            refusal,
        }
    }
}
