//! better-auth's cookie cache in its compact form: base64url of `{"session":{...},"expiresAt":ms,"signature":...}`
//! (better-auth/better-auth `packages/better-auth/src/cookies/index.ts`).
//!
//! The MAC covers the text of the session object with `expiresAt` as its last member. It is checked over the bytes as
//! they were received: writing the object anew could change its spelling.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::clock::UnixMillis;
use crate::session::candidate::Candidate;
use crate::session::decode::json;
use crate::session::digest::Digest;
use crate::session::encoding;
use crate::session::keys::{Key, Recipe};
use crate::session::refusal::Refusal;
use crate::session::setup::Setup;

/// The check for one site.
pub(crate) struct BetterAuth {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Compact<'a> {
    #[serde(borrow)]
    session: &'a RawValue,
    #[serde(rename = "expiresAt")]
    expires: i64,
    #[serde(borrow)]
    signature: Cow<'a, str>,
}

impl BetterAuth {
    /// Makes the check from the configuration.
    pub(crate) fn build(setup: &mut Setup<'_>) -> Self {
        Self { keys: setup.keys(Recipe::Plain) }
    }

    /// Checks the MAC and the end; leaves the session.
    pub(crate) fn open(&self, candidate: &mut Candidate<'_>, now: UnixMillis) -> Result<(), Refusal> {
        let text = encoding::base64url(candidate.bytes()?).ok_or(Refusal::Malformed)?;
        if json::too_deep(&text) {
            return Err(Refusal::Malformed);
        }
        let compact: Compact<'_> = serde_json::from_slice(&text).map_err(|_| Refusal::Malformed)?;
        let session = compact.session.get();
        let open = session.strip_suffix('}').ok_or(Refusal::Malformed)?;
        let separator = if open.trim_end().ends_with('{') { "" } else { "," };
        let end = format!("{separator}\"expiresAt\":{}}}", compact.expires);
        let tag = encoding::base64url(compact.signature.as_bytes()).ok_or(Refusal::Malformed)?;
        let parts = [open.as_bytes(), end.as_bytes()];
        let key = self.keys.iter().find(|key| Digest::Sha256.mac_matches(&key.bytes, &parts, &tag));
        candidate.trace.key = Some(key.ok_or(Refusal::BadSignature)?.label());
        candidate.trace.expires = Some(UnixMillis(compact.expires));
        if now.0 >= compact.expires {
            return Err(Refusal::Expired);
        }
        let session = json::read(session.as_bytes()).ok_or(Refusal::Malformed)?;
        candidate.set_value(session);
        Ok(())
    }
}
