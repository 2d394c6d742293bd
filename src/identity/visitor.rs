//! An id for a browser whose user has no account: random, signed, in a cookie that only we read.
//!
//! ```text
//! cookie = kid "." base64url(random 128 bit) "." expiry in seconds "." base64url( HMAC-SHA256(V, ...)[0..16] )
//! id     = "v" kid "_" base64url( HMAC-SHA256(K, "ana/anon/v1" 00 | lp(realm) | lp(random))[0 .. bits/8] )
//! ```
//!
//! The signature stops clients from choosing an id, the expiry inside it stops them from keeping one; a vendor sees
//! the HMAC and never the cookie. `__Host-`, `Secure`, `HttpOnly` and `SameSite=Lax` keep it from other hosts, from
//! scripts and from other sites' requests. An id is handed out once and never renewed.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use http::HeaderValue;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::{KeyRing, Pseudonym, Pseudonymiser, keyed, lp, truncated};
use crate::clock::UnixMillis;
use crate::config::visitor_id::VisitorId as Shape;
use crate::cookies::Cookies;

/// The longest value that is looked at: the longest key id, 22 + 22 characters, a time, three dots.
const LONGEST_VALUE: usize = 96;
/// How many cookies of the name are looked at.
const MOST_VALUES: usize = 4;

/// A browser's id. Deliberately without `Debug`: it is as good as the cookie.
#[derive(Clone, PartialEq, Eq)]
pub struct VisitorId([u8; 16]);

/// No random bytes could be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random bytes")]
pub struct NoRandomness;

/// Makes and reads the cookies of one site.
#[derive(Clone)]
pub struct VisitorCookies {
    name: String,
    lifetime: Duration,
    keys: Vec<(String, Hmac<Sha256>)>,
}

impl VisitorCookies {
    /// For one realm; the ring's active key signs, its earlier keys are still believed.
    #[must_use]
    pub fn new(ring: &KeyRing, realm: &str, shape: &Shape) -> Self {
        let key = |key: &super::MasterKey| (key.id().to_owned(), keyed(&key.derive("browser", realm)));
        Self { name: shape.cookie.clone(), lifetime: shape.lifetime.0, keys: ring.keys().map(key).collect() }
    }

    /// Makes a new id: the value of a `Set-Cookie` field, marked as sensitive.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn issue(&self, now: UnixMillis) -> Result<HeaderValue, NoRandomness> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|_| NoRandomness)?;
        self.issue_with(random, now).ok_or(NoRandomness)
    }

    fn issue_with(&self, random: [u8; 16], now: UnixMillis) -> Option<HeaderValue> {
        let (kid, key) = self.keys.first()?;
        let expires = now.after(self.lifetime).seconds();
        let value = format!("{kid}.{}.{expires}.{}", URL_SAFE_NO_PAD.encode(random), sign(key, kid, &random, expires));
        self.header(&value, self.lifetime.as_secs())
    }

    /// The `Set-Cookie` value that takes the cookie away again.
    #[must_use]
    pub fn remove(&self) -> Option<HeaderValue> {
        self.header("", 0)
    }

    fn header(&self, value: &str, age: u64) -> Option<HeaderValue> {
        let text = format!("{}={value}; Max-Age={age}; Path=/; Secure; HttpOnly; SameSite=Lax", self.name);
        let mut header = HeaderValue::try_from(text).ok()?;
        header.set_sensitive(true);
        Some(header)
    }

    /// True when the browser sent a cookie of the name, whatever is in it.
    #[must_use]
    pub fn is_sent(&self, cookies: &Cookies<'_>) -> bool {
        cookies.all(&self.name).next().is_some()
    }

    /// The browser's id. `None` without a cookie that is ours and not over, and when two different ones were sent.
    #[must_use]
    pub fn read(&self, cookies: &Cookies<'_>, now: UnixMillis) -> Option<VisitorId> {
        let mut found = None;
        for (nth, value) in cookies.all(&self.name).enumerate() {
            if nth >= MOST_VALUES {
                return None;
            }
            let Some(id) = self.verify(value, now) else { continue };
            if found.as_ref().is_some_and(|other| *other != id) {
                return None;
            }
            found = Some(id);
        }
        found
    }

    fn verify(&self, value: &[u8], now: UnixMillis) -> Option<VisitorId> {
        let text = std::str::from_utf8(value).ok().filter(|text| text.len() <= LONGEST_VALUE)?;
        let mut parts = text.split('.');
        let (kid, random, expires, mac) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let (_, key) = self.keys.iter().find(|(id, _)| id == kid)?;
        let random: [u8; 16] = URL_SAFE_NO_PAD.decode(random).ok()?.try_into().ok()?;
        let expires: i64 = expires.parse().ok()?;
        let right = sign(key, kid, &random, expires);
        let genuine = bool::from(right.as_bytes().ct_eq(mac.as_bytes()));
        // A shorter lifetime in the configuration also ends what was handed out before.
        let in_time = expires > now.seconds() && expires <= now.after(self.lifetime).seconds();
        (genuine && in_time).then_some(VisitorId(random))
    }
}

fn sign(key: &Hmac<Sha256>, kid: &str, random: &[u8; 16], expires: i64) -> String {
    let mut mac = key.clone();
    mac.update(b"ana/browser-cookie/v1\0");
    lp(&mut mac, kid.as_bytes());
    lp(&mut mac, random);
    mac.update(&expires.to_be_bytes());
    truncated(mac, 128)
}

impl Pseudonymiser {
    /// What the vendor sees of a browser's id. It begins with `v`, never like a person's.
    #[must_use]
    pub fn visitor(&self, id: &VisitorId) -> Pseudonym {
        let mut mac = self.state.clone();
        mac.update(b"ana/anon/v1\0");
        lp(&mut mac, self.realm.as_bytes());
        lp(&mut mac, &id.0);
        Pseudonym(format!("v{}_{}", self.kid, truncated(mac, self.bits)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::units::Period;
    use crate::identity::MasterKey;
    use crate::secret::Secret;

    const NOW: UnixMillis = UnixMillis(1_795_176_000_000);

    fn master(id: &str, seed: u8) -> MasterKey {
        let bytes: Vec<u8> = (0..32_u8).map(|at| at.wrapping_mul(37) ^ seed).collect();
        MasterKey::new(id, &Secret::new(bytes)).unwrap()
    }

    fn ring(active: MasterKey, previous: Vec<MasterKey>) -> KeyRing {
        KeyRing { active, previous }
    }

    fn cookies(ring: &KeyRing, realm: &str) -> VisitorCookies {
        VisitorCookies::new(ring, realm, &Shape::default())
    }

    fn value(header: &HeaderValue) -> String {
        header.to_str().unwrap().split(';').next().unwrap().to_owned()
    }

    fn reads(cookies: &VisitorCookies, field: &str, now: UnixMillis) -> bool {
        cookies.read(&Cookies::from_text(field), now).is_some()
    }

    #[test]
    fn the_cookie_has_every_attribute_and_is_never_shown() {
        let maker = cookies(&ring(master("a", 1), Vec::new()), "shop");
        let header = maker.issue(NOW).unwrap();
        assert!(header.is_sensitive());
        let text = header.to_str().unwrap();
        assert!(text.starts_with("__Host-bauta_id=a."));
        assert!(text.ends_with("; Max-Age=34214400; Path=/; Secure; HttpOnly; SameSite=Lax"));
        assert!(!text.to_ascii_lowercase().contains("domain"));
        assert_ne!(value(&header), value(&maker.issue(NOW).unwrap()));
    }

    #[test]
    fn a_forged_or_changed_cookie_names_nobody() {
        let maker = cookies(&ring(master("a", 1), Vec::new()), "shop");
        let good = value(&maker.issue(NOW).unwrap());
        assert!(reads(&maker, &good, NOW));
        for place in good.find('=').unwrap() + 1..good.len() {
            let mut bytes = good.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            assert!(!reads(&maker, std::str::from_utf8(&bytes).unwrap(), NOW), "{place}");
        }
        for end in 0..good.len() {
            assert!(!reads(&maker, &good[..end], NOW));
        }
        assert!(!reads(&maker, &format!("{good}."), NOW) && !reads(&maker, &format!("{good}AAAA"), NOW));
        assert!(!reads(&cookies(&ring(master("a", 1), Vec::new()), "blog"), &good, NOW));
        assert!(!reads(&cookies(&ring(master("a", 2), Vec::new()), "shop"), &good, NOW));
    }

    #[test]
    fn two_different_ids_are_nobodys() {
        let maker = cookies(&ring(master("a", 1), Vec::new()), "shop");
        let (one, two) = (value(&maker.issue(NOW).unwrap()), value(&maker.issue(NOW).unwrap()));
        assert!(reads(&maker, &format!("{one}; {one}"), NOW));
        assert!(reads(&maker, &format!("{one}; __Host-bauta_id=x"), NOW));
        assert!(!reads(&maker, &format!("{one}; {two}"), NOW));
    }

    #[test]
    fn an_id_ends_with_its_term_and_is_not_renewed() {
        let keys = ring(master("a", 1), Vec::new());
        let maker = cookies(&keys, "shop");
        let good = value(&maker.issue(NOW).unwrap());
        let day = Duration::from_secs(86_400);
        assert!(reads(&maker, &good, NOW.after(day * 395)));
        assert!(!reads(&maker, &good, NOW.after(day * 396)));
        let short = Shape { lifetime: Period(day * 30), ..Shape::default() };
        assert!(!reads(&VisitorCookies::new(&keys, "shop", &short), &good, NOW));
    }

    #[test]
    fn earlier_keys_are_believed_and_the_vendor_sees_only_an_hmac() {
        let before = ring(master("a", 1), Vec::new());
        let after = ring(master("b", 2), vec![master("a", 1)]);
        let good = value(&cookies(&before, "shop").issue(NOW).unwrap());
        let id = cookies(&after, "shop").read(&Cookies::from_text(&good), NOW).unwrap();
        let maker = |upstream: &str| Pseudonymiser::new(&after.active, "shop", upstream, 128).unwrap().visitor(&id);
        let seen = maker("plausible");
        assert!(seen.as_str().starts_with("vb_"));
        let random = good.split('.').nth(1).unwrap();
        assert!(!seen.as_str().contains(random));
        assert_eq!(seen, maker("plausible"));
        assert_ne!(seen, maker("posthog"));
    }
}
