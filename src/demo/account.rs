//! The demo's three people, all invented, and the session cookie of its shop.
//!
//! The cookie is what many applications have: a JSON Web Token signed with HS256 (RFC 7519), whose claims hold the
//! account id, the person's data and the consent switch. bauta reads the same cookie with its `jwt` preset and the
//! same secret. Failure: a cookie that is missing, forged or expired is nobody.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::clock::UnixMillis;
use crate::secret::Secret;

/// The session cookie's name.
pub const COOKIE: &str = "masks_session";
/// How long a session lasts, in seconds.
pub const LIFETIME: i64 = 86_400;

/// Somebody who can log in.
#[derive(Debug, PartialEq, Eq)]
pub struct Account {
    /// What the login button sends.
    pub handle: &'static str,
    /// The application's own identifier.
    pub uid: &'static str,
    /// The full name.
    pub name: &'static str,
    /// The address; example.org is reserved for such uses (RFC 2606).
    pub email: &'static str,
    /// The plan.
    pub plan: &'static str,
}

/// Everybody there is.
pub const ACCOUNTS: [Account; 3] = [
    Account {
        handle: "ada",
        uid: "acct_5e1f09ad27",
        name: "Ada Lanternfield",
        email: "ada.lanternfield@example.org",
        plan: "patron",
    },
    Account {
        handle: "grace",
        uid: "acct_b83c71f6e4",
        name: "Grace Harbourlight",
        email: "grace.harbourlight@example.org",
        plan: "free",
    },
    Account {
        handle: "katherine",
        uid: "acct_0d94a7c25b",
        name: "Katherine Orbitsson",
        email: "katherine.orbitsson@example.org",
        plan: "free",
    },
];

impl Account {
    /// The account with a handle.
    #[must_use]
    pub fn find(handle: &str) -> Option<&'static Self> {
        ACCOUNTS.iter().find(|account| account.handle == handle)
    }
}

/// What an account says about usage data: the claim that bauta reads as consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// The switch is on.
    Yes,
    /// The switch is off.
    No,
    /// A level word instead of a switch, which only the comparison uses.
    Word(&'static str),
}

impl Sharing {
    fn claim(self) -> serde_json::Value {
        match self {
            Self::Yes => true.into(),
            Self::No => false.into(),
            Self::Word(word) => word.into(),
        }
    }
}

#[derive(Serialize)]
struct Claims<'a> {
    uid: &'a str,
    handle: &'a str,
    name: &'a str,
    email: &'a str,
    plan: &'a str,
    share_usage_data: serde_json::Value,
    iat: i64,
    exp: i64,
}

#[derive(Deserialize)]
struct ReadClaims {
    handle: String,
    share_usage_data: bool,
    exp: i64,
}

/// Makes and reads session cookies.
pub struct Sessions {
    secret: Secret,
}

impl Sessions {
    /// With the secret that bauta gets too.
    #[must_use]
    pub const fn new(secret: Secret) -> Self {
        Self { secret }
    }

    /// A token for an account.
    #[must_use]
    pub fn mint(&self, account: &Account, sharing: Sharing, now: UnixMillis) -> String {
        let claims = Claims {
            uid: account.uid,
            handle: account.handle,
            name: account.name,
            email: account.email,
            plan: account.plan,
            share_usage_data: sharing.claim(),
            iat: now.seconds(),
            exp: now.seconds().saturating_add(LIFETIME),
        };
        let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
        let claims = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims).unwrap_or_default());
        let signed = format!("{head}.{claims}");
        match self.mac(&signed) {
            Some(mac) => format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())),
            None => String::new(),
        }
    }

    /// Whose token this is, and where the switch stands.
    #[must_use]
    pub fn read(&self, token: &str, now: UnixMillis) -> Option<(&'static Account, Sharing)> {
        let (signed, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        self.mac(signed)?.verify_slice(&signature).ok()?;
        let claims = URL_SAFE_NO_PAD.decode(signed.split_once('.')?.1).ok()?;
        let claims: ReadClaims = serde_json::from_slice(&claims).ok()?;
        if claims.exp <= now.seconds() {
            return None;
        }
        let sharing = if claims.share_usage_data { Sharing::Yes } else { Sharing::No };
        Some((Account::find(&claims.handle)?, sharing))
    }

    fn mac(&self, signed: &str) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.expose()).ok()?;
        mac.update(signed.as_bytes());
        Some(mac)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sessions(secret: &str) -> Sessions {
        Sessions::new(Secret::new(secret.as_bytes().to_vec()))
    }

    #[test]
    fn a_minted_token_is_read_back() {
        let (sessions, now) = (sessions("one"), UnixMillis::from_seconds(1_000));
        for account in &ACCOUNTS {
            for sharing in [Sharing::Yes, Sharing::No] {
                let token = sessions.mint(account, sharing, now);
                assert_eq!(sessions.read(&token, now), Some((account, sharing)));
            }
        }
    }

    #[test]
    fn forged_and_expired_tokens_are_nobody() {
        let now = UnixMillis::from_seconds(1_000);
        let token = sessions("one").mint(&ACCOUNTS[0], Sharing::Yes, now);
        assert_eq!(sessions("two").read(&token, now), None);
        assert_eq!(sessions("one").read(&token, UnixMillis::from_seconds(1_000 + LIFETIME)), None);
        let cut = token.get(..token.len() - 2).unwrap();
        for bad in ["", ".", "..", "a.b.c", token.trim_start_matches('e'), cut] {
            assert_eq!(sessions("one").read(bad, now), None);
        }
    }
}
