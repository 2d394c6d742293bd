//! Signed JSON Web Tokens (RFC 7515, RFC 7519), with the rules of RFC 8725.
//!
//! Promise: the algorithm comes from the configuration alone, and a key works with the algorithms of its kind
//! alone; `none` does not exist; keys inside a token (`jwk`, `jku`, `x5u`, `x5c`) are never used; an extension marked
//! critical is refused, since none is understood. A token that names a key id is checked with the keys of that id,
//! one that names none with every key of the algorithm. A set that is published at an address is fetched again when
//! no key fits. Numbers in claims stay exact.

use std::path::PathBuf;

use tokio::time::Instant;
use zeroize::Zeroizing;

use super::algorithm::Algorithm;
use super::claims::{Claims, Defaults};
use super::jwks;
use super::key_set::KeySet;
use super::public_key::PublicKey;
use super::signed::split_last;
use crate::backend::Trouble;
use crate::person::Value;
use crate::session::candidate::{Candidate, KeyLabel};
use crate::session::context::Context;
use crate::session::decode::json;
use crate::session::encoding;
use crate::session::refusal::Refusal;
use crate::session::setup::Setup;

/// How a framework's tokens differ from plain ones.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Profile {
    /// The algorithms that are allowed when the configuration names none.
    pub(crate) algorithms: &'static [Algorithm],
    /// The claims.
    pub(crate) claims: Defaults,
}

/// What a token may be verified with.
pub(crate) enum Material {
    /// A shared secret of HMAC.
    Secret(Zeroizing<Vec<u8>>),
    /// A public key.
    Public(PublicKey),
}

/// A key with its id and, if its set says so, its only algorithm.
pub(crate) struct TokenKey {
    /// `kid`.
    pub(crate) id: Option<String>,
    /// `alg`.
    pub(crate) only: Option<Algorithm>,
    /// The key.
    pub(crate) material: Material,
}

/// The check for one site.
pub(crate) struct Jwt {
    algorithms: Vec<Algorithm>,
    keys: Vec<TokenKey>,
    published: Option<KeySet>,
    claims: Claims,
}

impl Profile {
    /// A plain JWT: everything comes from the configuration.
    pub(crate) const PLAIN: Self = Self { algorithms: &[], claims: Defaults::JWT };

    /// Makes the check from the configuration.
    pub(crate) fn build(self, setup: &mut Setup<'_>) -> Jwt {
        let algorithms = algorithms(self.algorithms, setup);
        let published = published(setup);
        let keys = keys(&algorithms, published.is_some(), setup);
        Jwt { algorithms, keys, published, claims: Claims::build(self.claims, setup) }
    }
}

impl Jwt {
    /// Checks the token, and leaves its claims.
    pub(crate) async fn open(&self, candidate: &mut Candidate<'_>, context: &Context<'_>) -> Result<(), Refusal> {
        let token = candidate.bytes()?;
        let (signed, signature) = split_last(token, ".").ok_or(Refusal::Malformed)?;
        let (header, payload) = split_last(signed, ".").ok_or(Refusal::Malformed)?;
        let header = encoding::jose(header).and_then(|json| json::read(&json)).ok_or(Refusal::Malformed)?;
        let algorithm = self.algorithm(&header)?;
        let signature = encoding::jose(signature).ok_or(Refusal::Malformed)?;
        let key = self.key(&header, &Signed { algorithm, signed, signature: &signature }, context).await?;
        let claims = encoding::jose(payload).and_then(|json| json::read(&json)).ok_or(Refusal::Malformed)?;
        candidate.trace.key = Some(key);
        self.claims.check(&claims, &mut candidate.trace, context.now)?;
        candidate.set_value(claims);
        Ok(())
    }

    /// Fetches the published set, if there is one; `None` when there is none to fetch.
    pub(crate) async fn probe(&self, until: Instant) -> Option<Result<(), Trouble>> {
        let published = self.published.as_ref()?;
        Some(published.probe(until).await)
    }

    fn algorithm(&self, header: &Value) -> Result<Algorithm, Refusal> {
        let Some(Value::Text(name)) = header.child("alg") else { return Err(Refusal::Malformed) };
        let algorithm = Algorithm::named(name).filter(|algorithm| self.algorithms.contains(algorithm));
        let algorithm = algorithm.ok_or(Refusal::AlgNotAllowed)?;
        if header.child("crit").is_some() { Err(Refusal::Malformed) } else { Ok(algorithm) }
    }

    /// The key that made the token: a configured one, or one of the published set as it is known, or as it is now.
    async fn key(&self, header: &Value, signed: &Signed<'_>, context: &Context<'_>) -> Result<KeyLabel, Refusal> {
        let id = match header.child("kid") {
            None => None,
            Some(Value::Text(id)) => Some(id.as_str()),
            Some(_) => return Err(Refusal::Malformed),
        };
        if let Some(key) = signed.find(id, &self.keys) {
            return Ok(key);
        }
        let Some(published) = &self.published else { return Err(Refusal::BadSignature) };
        let known = published.keys();
        if let Some(key) = signed.find(id, &known) {
            return Ok(key);
        }
        let is_known = known.iter().any(|key| id.is_some() && key.id.as_deref() == id);
        let known = if !is_known && published.renew(context.until).await { published.keys() } else { known };
        if let Some(key) = signed.find(id, &known) {
            return Ok(key);
        }
        Err(if known.is_empty() { Refusal::Unavailable } else { Refusal::BadSignature })
    }
}

/// What a key must fit.
struct Signed<'a> {
    algorithm: Algorithm,
    signed: &'a [u8],
    signature: &'a [u8],
}

impl Signed<'_> {
    fn find(&self, id: Option<&str>, keys: &[TokenKey]) -> Option<KeyLabel> {
        // A key without an id of its own (a secret, a PEM file) may be the one that the token means.
        let named = |key: &TokenKey| id.is_none() || key.id.is_none() || key.id.as_deref() == id;
        let mut keys = keys.iter().enumerate().filter(|(_, key)| named(key));
        let (index, key) = keys.find(|(_, key)| key.verifies(self.algorithm, self.signed, self.signature))?;
        Some(KeyLabel { index, id: key.id.clone() })
    }
}

impl TokenKey {
    /// A key that says nothing about itself.
    pub(crate) const fn unnamed(material: Material) -> Self {
        Self { id: None, only: None, material }
    }

    /// True for a key that can verify and cannot sign.
    pub(crate) const fn is_public(&self) -> bool {
        matches!(self.material, Material::Public(_))
    }

    fn suits(&self, algorithm: Algorithm) -> bool {
        let kind = match &self.material {
            Material::Secret(_) => algorithm.hmac().is_some(),
            Material::Public(key) => key.suits(algorithm),
        };
        kind && self.only.is_none_or(|only| only == algorithm)
    }

    fn verifies(&self, algorithm: Algorithm, signed: &[u8], signature: &[u8]) -> bool {
        self.suits(algorithm)
            && match (&self.material, algorithm.hmac()) {
                (Material::Secret(secret), Some(digest)) => digest.mac_matches(secret, &[signed], signature),
                (Material::Public(key), _) => key.verifies(algorithm, signed, signature),
                (Material::Secret(_), None) => false,
            }
    }
}

// ---------------------------------------------------------------- configuration

fn algorithms(defaults: &[Algorithm], setup: &mut Setup<'_>) -> Vec<Algorithm> {
    let names = setup.take("algorithms", |config| &config.algorithms);
    let known = || Algorithm::ALL.map(Algorithm::name).join(", ");
    let mut algorithms = Vec::new();
    for (index, name) in names.iter().enumerate() {
        match Algorithm::named(name) {
            Some(algorithm) => algorithms.push(algorithm),
            None => {
                let at = setup.at("algorithms").index(index);
                setup.fault_at(at, format!("{name:?} is no supported algorithm"), format!("use one of {}", known()));
            }
        }
    }
    if names.is_empty() {
        algorithms.extend_from_slice(defaults);
        if defaults.is_empty() {
            let fix = "write the one algorithm that your application signs with, such as algorithms = [\"RS256\"]";
            setup.fault("algorithms", "a token must not choose its own algorithm, so the list is required", fix);
        }
    }
    algorithms
}

/// The set that is published at an address; a set in a file is among the configured keys.
fn published(setup: &mut Setup<'_>) -> Option<KeySet> {
    let set = setup.take("jwks", |config| config.jwks.as_ref())?;
    let at = setup.at("jwks");
    let url = match (&set.file, &set.url) {
        (Some(_), None) if set.ca_file.is_none() => return None,
        (None, Some(url)) => url,
        _ => {
            let fix = "write jwks = { url = \"https://...\" } or jwks = { file = \"jwks.json\" }";
            setup.fault_at(at, "expected either url or file", fix);
            return None;
        }
    };
    let ca_file = set.ca_file.as_ref().map(|path| setup.base().join(path));
    match KeySet::open(url, ca_file.as_deref(), setup.tally()) {
        Ok(published) => Some(published),
        Err(problem) => {
            setup.fault_at(at.key("url"), problem, "correct the address of the key set");
            None
        }
    }
}

/// Collects the keys from `secrets`, `public_keys` and `jwks`; each allowed algorithm must have one.
fn keys(algorithms: &[Algorithm], is_published: bool, setup: &mut Setup<'_>) -> Vec<TokenKey> {
    let before = setup.found();
    let mut keys = Vec::new();
    let symmetric = algorithms.iter().any(|algorithm| algorithm.hmac().is_some());
    if symmetric && (!setup.config.secrets.is_empty() || setup.config.jwks.is_none()) {
        for (index, secret) in setup.secrets(false) {
            if secret.starts_with(b"-----BEGIN") {
                setup.secret_fault(index, "this is a key file in PEM form, no HMAC secret".into());
            }
            keys.push(TokenKey::unnamed(Material::Secret(secret)));
        }
    }
    if algorithms.iter().any(|algorithm| algorithm.hmac().is_none()) {
        let files: &[PathBuf] = setup.take("public_keys", |config| &config.public_keys);
        for (index, path) in files.iter().enumerate() {
            let at = setup.at("public_keys").index(index);
            let Some(pem) = setup.file(path, &at) else { continue };
            match PublicKey::from_pem(&pem) {
                Ok(found) => keys.extend(found.into_iter().map(|key| TokenKey::unnamed(Material::Public(key)))),
                Err(problem) => setup.fault_at(at, problem, "export the public key as PEM (openssl pkey -pubout)"),
            }
        }
    }
    if let Some(file) = setup.take("jwks", |config| config.jwks.as_ref().and_then(|set| set.file.as_ref())) {
        let at = setup.at("jwks").key("file");
        if let Some(text) = setup.file(file, &at) {
            match jwks::read(&text) {
                Ok(mut found) => keys.append(&mut found),
                Err(problem) => setup.fault_at(at, problem, "save the key set that your identity provider publishes"),
            }
        }
    }
    if setup.found() == before {
        let has_key = |algorithm: Algorithm| {
            keys.iter().any(|key| key.suits(algorithm)) || is_published && algorithm.hmac().is_none()
        };
        for algorithm in algorithms.iter().filter(|algorithm| !has_key(**algorithm)) {
            let source = if algorithm.hmac().is_some() { "secrets" } else { "public_keys or jwks" };
            let problem = format!("{} is allowed, but no key for it is given", algorithm.name());
            setup.fault("algorithms", problem, format!("remove it, or give its key in {source}"));
        }
    }
    keys
}
