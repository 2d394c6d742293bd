//! The standards that several banners write: IAB TCF, GPP and US privacy, and Google consent mode.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `kind = "tcf"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Tcf {
    /// The cookie's name.
    pub cookie: String,
    /// Where the purposes are read: the publisher's own segment, or the core that speaks for listed vendors.
    pub segment: Segment,
    /// The purposes that need consent; 1 is always among them. Default: 1 and 8, or 1 with a custom purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purposes: Option<Vec<u8>>,
    /// The number of a custom purpose of the publisher that needs consent as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_purpose: Option<u8>,
    /// The number of a listed vendor that needs consent as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor: Option<u16>,
    /// Older strings are unknown.
    pub max_age_days: u32,
    /// Has to grant.
    pub required: bool,
}

impl Default for Tcf {
    fn default() -> Self {
        Self {
            cookie: "euconsent-v2".into(),
            segment: Segment::Publisher,
            purposes: None,
            custom_purpose: None,
            vendor: None,
            max_age_days: MAX_AGE_DAYS,
            required: false,
        }
    }
}

/// 13 months.
const MAX_AGE_DAYS: u32 = 395;

/// A part of a TCF string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Segment {
    /// The publisher's purposes.
    Publisher,
    /// The vendors' purposes.
    Core,
}

/// `kind = "gpp"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Gpp {
    /// The cookie's name; the standard fixes none.
    pub cookie: String,
    /// The opt-outs of US sections that deny.
    pub deny_on: Vec<OptOut>,
    /// The purposes that need consent in a European section; 1 is always among them. Empty: it is not read.
    pub purposes: Vec<u8>,
    /// Older European sections are unknown.
    pub max_age_days: u32,
    /// Has to grant.
    pub required: bool,
}

impl Default for Gpp {
    fn default() -> Self {
        Self {
            cookie: "__gpp".into(),
            deny_on: vec![OptOut::Sale, OptOut::Sharing, OptOut::Targeted, OptOut::Gpc],
            purposes: Vec::new(),
            max_age_days: MAX_AGE_DAYS,
            required: false,
        }
    }
}

/// An opt-out of a US section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OptOut {
    /// Of the sale of data.
    Sale,
    /// Of sharing data.
    Sharing,
    /// Of targeted advertising.
    #[serde(alias = "targeted_advertising", alias = "targeted_ads")]
    Targeted,
    /// The Global Privacy Control sub-section.
    Gpc,
}

/// `kind = "usprivacy"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UsPrivacy {
    /// The cookie's name.
    pub cookie: String,
    /// Has to grant.
    pub required: bool,
}

impl Default for UsPrivacy {
    fn default() -> Self {
        Self { cookie: "usprivacy".into(), required: false }
    }
}

/// `kind = "gcm"`: the parameters `gcs` and `gcd`, in a cookie or in the query of the event's own request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConsentMode {
    /// A cookie whose value is a query string. Default: the request's own query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cookie: Option<String>,
    /// A grant that nobody acted on counts.
    pub grant_on_default_only: bool,
    /// Has to grant.
    pub required: bool,
}
