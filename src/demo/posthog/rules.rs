//! What an account would say: tokens, keys, flags, quotas, and which of the service's hosts this one plays.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;
use sha1::{Digest, Sha1};

/// The account behind the stand-in.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The project tokens that exist. `None`: every well-formed one does. Capture takes unknown tokens and stores
    /// nothing for them; flags and the API refuse them.
    pub tokens: Option<BTreeSet<String>>,
    /// Capture refuses unknown tokens with 401, as newer installations can be told to.
    pub refuses_unknown: bool,
    /// The personal API keys that exist. Empty: every `phx_` key does.
    pub personal_keys: BTreeSet<String>,
    /// The feature flags of every project.
    pub flags: Vec<Flag>,
    /// What is over its quota: `events`, `recordings`, `feature_flags`.
    pub over_quota: BTreeSet<String>,
    /// The project's cookieless mode.
    pub cookieless: Cookieless,
    /// Whether the remote configuration asks the page to record.
    pub records: bool,
    /// The `dist` folder of posthog-js; without it, `/static/*` answers an empty script.
    pub dist: Option<PathBuf>,
    /// Which host of the service this is.
    pub serves: Serves,
    /// How many requests are answered with 503 before the first that is taken.
    pub fail_first: u64,
    /// Requests and events remembered at once.
    pub keep: usize,
    /// Bytes of bodies remembered at once.
    pub keep_bytes: usize,
}

/// The project setting for events that carry no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookieless {
    /// The default: such events are dropped.
    Off,
    /// A daily hash becomes the id; `$identify` is dropped too.
    Stateless,
    /// A daily hash becomes the id until `$identify`.
    Stateful,
}

/// Which paths are answered; others are 404.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Serves {
    /// One host for all, as a self-hosted installation has it.
    Everything,
    /// `us.i.posthog.com`: all but the assets.
    Ingest,
    /// `us-assets.i.posthog.com`: `/static/*` and `/array/*`.
    Assets,
}

/// What the percentage of a flag is counted over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bucket {
    /// `distinct_id`.
    Person,
    /// `$device_id`, the person where there is none.
    Device,
    /// The key of the group of type `company`.
    Company,
}

/// A feature flag with a percentage rollout.
#[derive(Debug, Clone)]
pub struct Flag {
    /// Its key.
    pub key: String,
    /// Percent of all buckets for which it is on.
    pub rollout: u8,
    /// Names and percentages, 100 in sum; empty: the flag is on or off.
    pub variants: Vec<(String, u8)>,
    /// Given with a flag that is on.
    pub payload: Option<Value>,
    /// What is counted.
    pub bucket: Bucket,
}

/// 15 hexadecimal digits.
const LONG_SCALE: f64 = 0x0fff_ffff_ffff_ffff_u64 as f64;

impl Flag {
    /// A flag that is on for `rollout` percent of all persons.
    #[must_use]
    pub fn new(key: &str, rollout: u8) -> Self {
        Self { key: key.to_owned(), rollout, variants: Vec::new(), payload: None, bucket: Bucket::Person }
    }

    /// With one more variant.
    #[must_use]
    pub fn with_variant(mut self, name: &str, percent: u8) -> Self {
        self.variants.push((name.to_owned(), percent));
        self
    }

    /// Counted over something else.
    #[must_use]
    pub const fn per(mut self, bucket: Bucket) -> Self {
        self.bucket = bucket;
        self
    }

    /// `false`, `true`, or the variant's name, for one bucket. Deterministic: SHA-1 of `key.bucket`, and for the
    /// variant of `key.bucketvariant`; the first 15 digits over their largest value (PostHog's documentation of
    /// local evaluation).
    #[must_use]
    pub fn value(&self, bucket: &str) -> Value {
        if self.rollout < 100 && hash(&self.key, bucket, "") > f64::from(self.rollout) / 100.0 {
            return Value::Bool(false);
        }
        let place = hash(&self.key, bucket, "variant");
        let mut upper = 0.0;
        for (name, percent) in &self.variants {
            upper += f64::from(*percent) / 100.0;
            if place < upper {
                return Value::String(name.clone());
            }
        }
        Value::Bool(true)
    }
}

fn hash(key: &str, bucket: &str, salt: &str) -> f64 {
    let digest = Sha1::digest(format!("{key}.{bucket}{salt}").as_bytes());
    let number = digest.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte)) >> 4;
    number as f64 / LONG_SCALE
}

impl Default for Rules {
    /// Every token exists, three flags, nothing over quota, cookieless stateful, no recording, everything on one host.
    fn default() -> Self {
        let variants = Flag::new("price-test", 100).with_variant("control", 50).with_variant("test", 50);
        let mut cart = Flag::new("new-cart", 50);
        cart.payload = Some(Value::String(r#"{"colour":"green"}"#.to_owned()));
        Self {
            tokens: None,
            refuses_unknown: false,
            personal_keys: BTreeSet::new(),
            flags: vec![cart, variants, Flag::new("team-billing", 50).per(Bucket::Company)],
            over_quota: BTreeSet::new(),
            cookieless: Cookieless::Stateful,
            records: false,
            dist: None,
            serves: Serves::Everything,
            fail_first: 0,
            keep: 4096,
            keep_bytes: 256 << 20,
        }
    }
}

impl Rules {
    /// Whether a project has this token.
    pub(super) fn knows(&self, token: &str) -> bool {
        self.tokens.as_ref().is_none_or(|tokens| tokens.contains(token))
    }

    /// Whether this is a personal key.
    pub(super) fn is_personal_key(&self, key: &str) -> bool {
        key.starts_with("phx_") && (self.personal_keys.is_empty() || self.personal_keys.contains(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rollout_is_deterministic_and_near_its_percentage() {
        let flag = Flag::new("new-cart", 30);
        let on = (0..10_000).filter(|number| flag.value(&format!("u{number}")) == Value::Bool(true)).count();
        assert!((2_800..3_200).contains(&on), "{on}");
        assert_eq!(flag.value("u1"), flag.value("u1"));
        assert_eq!(Flag::new("x", 100).value("anybody"), Value::Bool(true));
        assert_eq!(Flag::new("x", 0).value("anybody"), Value::Bool(false));
    }

    #[test]
    fn the_hash_is_the_published_one() {
        // The first 15 digits of sha1("simple-flag.example_id"), computed with another implementation.
        let place = hash("simple-flag", "example_id", "");
        assert!((place - 0.035_464_284_473_581_23).abs() < 1e-12, "{place}");
    }

    #[test]
    fn variants_share_the_whole_range() {
        let flag = Flag::new("v", 100).with_variant("a", 50).with_variant("b", 50);
        let a = (0..10_000).filter(|number| flag.value(&format!("u{number}")) == "a").count();
        assert!((4_800..5_200).contains(&a), "{a}");
        assert!((0..1_000).all(|number| flag.value(&number.to_string()).is_string()));
    }
}
