//! The consent banners: where each keeps its answer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `kind = "onetrust"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OneTrust {
    /// The cookie's name.
    pub cookie: String,
    /// The group of analytics; sites can rename it.
    pub analytics_group: String,
    /// Default states count only after the visitor touched the banner.
    pub require_interaction: bool,
    /// Denies when the cookie itself notes a Global Privacy Control signal.
    pub honour_embedded_gpc: bool,
    /// Has to grant.
    pub required: bool,
}

impl Default for OneTrust {
    fn default() -> Self {
        Self {
            cookie: "OptanonConsent".into(),
            analytics_group: "C0002".into(),
            require_interaction: true,
            honour_embedded_gpc: false,
            required: false,
        }
    }
}

/// `kind = "cookiebot"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Cookiebot {
    /// The cookie's name.
    pub cookie: String,
    /// The category of analytics.
    pub category: String,
    /// What `-1` means: the visitor is outside the regions in which the banner asks.
    pub outside_region: OutsideRegion,
    /// A grant counts only when its method is `explicit`.
    pub require_explicit: bool,
    /// Has to grant.
    pub required: bool,
}

impl Default for Cookiebot {
    fn default() -> Self {
        Self {
            cookie: "CookieConsent".into(),
            category: "statistics".into(),
            outside_region: OutsideRegion::Unknown,
            require_explicit: true,
            required: false,
        }
    }
}

/// What a visitor from outside the banner's regions counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OutsideRegion {
    /// Was not asked.
    Unknown,
    /// Agreed, because the site has another basis there.
    Granted,
    /// Refused.
    Denied,
}

/// `kind = "didomi"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Didomi {
    /// The cookie's name.
    pub cookie: String,
    /// The id of the purpose; each site chooses its own.
    pub purpose: String,
    /// The id of a vendor that has to be enabled as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// Has to grant.
    pub required: bool,
}

impl Default for Didomi {
    fn default() -> Self {
        Self { cookie: "didomi_token".into(), purpose: String::new(), vendor: None, required: false }
    }
}

/// `kind = "klaro"` and `kind = "tarteaucitron"`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Services {
    /// The cookie's name. Default: the banner's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cookie: Option<String>,
    /// The service that has to be accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Several services that all have to be accepted; `true`: every one in the cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub services_all: Option<ServiceNames>,
    /// Has to grant.
    pub required: bool,
}

/// Several services.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ServiceNames {
    /// `true`: every service that the cookie names.
    Every(bool),
    /// These.
    Named(Vec<String>),
}

/// `kind = "complianz"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Complianz {
    /// What every cookie's name begins with; differs on sites with several banners.
    pub prefix: String,
    /// The category. `statistics-anonymous` allows anonymous statistics alone and reaches `anonymised` at most.
    pub category: String,
    /// Choices made under an earlier cookie policy are unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_policy_id: Option<u32>,
    /// Has to grant.
    pub required: bool,
}

impl Default for Complianz {
    fn default() -> Self {
        Self { prefix: "cmplz_".into(), category: "statistics".into(), min_policy_id: None, required: false }
    }
}

/// `kind = "cookieyes"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CookieYes {
    /// The cookie's name.
    pub cookie: String,
    /// The category of analytics.
    pub category: String,
    /// Nothing counts before the visitor acted (`action:yes`).
    pub require_action: bool,
    /// Has to grant.
    pub required: bool,
}

impl Default for CookieYes {
    fn default() -> Self {
        Self { cookie: "cookieyes-consent".into(), category: "analytics".into(), require_action: true, required: false }
    }
}

/// `kind = "iubenda"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Iubenda {
    /// The site's number. Default: every cookie `_iub_cs-` with at least eight digits and nothing behind them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site_id: Option<String>,
    /// The purpose; 4 is measurement.
    pub purpose: String,
    /// An all-or-nothing answer (`consent:true` without purposes) grants.
    pub accept_global: bool,
    /// Has to grant.
    pub required: bool,
}

impl Default for Iubenda {
    fn default() -> Self {
        Self { site_id: None, purpose: "4".into(), accept_global: false, required: false }
    }
}

/// `kind = "axeptio"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Axeptio {
    /// The cookie's name.
    pub cookie: String,
    /// The vendor's key in the cookie.
    pub vendor: String,
    /// Has to grant.
    pub required: bool,
}

impl Default for Axeptio {
    fn default() -> Self {
        Self { cookie: "axeptio_cookies".into(), vendor: String::new(), required: false }
    }
}

/// `kind = "vanilla-cookieconsent"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Categories {
    /// The cookie's name.
    pub cookie: String,
    /// The category of analytics.
    pub category: String,
    /// A service of that category that has to be accepted as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Several services that all have to be accepted as well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services_all: Vec<String>,
    /// Choices made under an earlier revision are unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_revision: Option<u32>,
    /// Has to grant.
    pub required: bool,
}

impl Default for Categories {
    fn default() -> Self {
        Self {
            cookie: "cc_cookie".into(),
            category: "analytics".into(),
            service: None,
            services_all: Vec::new(),
            min_revision: None,
            required: false,
        }
    }
}

/// `kind = "insites"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Insites {
    /// The cookie's name.
    pub cookie: String,
    /// The banner's type.
    #[serde(rename = "type")]
    pub regime: Regime,
    /// Has to grant.
    pub required: bool,
}

impl Default for Insites {
    fn default() -> Self {
        Self { cookie: "cookieconsent_status".into(), regime: Regime::OptIn, required: false }
    }
}

/// What a banner asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Regime {
    /// Agreement.
    OptIn,
    /// Objection: dismissing the banner is agreement.
    OptOut,
    /// Nothing, it informs.
    Info,
}

/// `kind = "cookiescript"`, `kind = "cookiefirst"` and `kind = "c15t"`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Category {
    /// The cookie's name. Default: the banner's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cookie: Option<String>,
    /// The category of analytics. Default: the banner's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Has to grant.
    pub required: bool,
}

/// `kind = "piwikpro"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PiwikPro {
    /// The app id, which ends the cookie's name.
    pub app_id: String,
    /// The consent type.
    pub category: String,
    /// Has to grant.
    pub required: bool,
}

impl Default for PiwikPro {
    fn default() -> Self {
        Self { app_id: String::new(), category: "analytics".into(), required: false }
    }
}

/// `kind = "django-cookie-consent"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Django {
    /// The cookie's name.
    pub cookie: String,
    /// The name of the cookie group.
    pub group: String,
    /// Has to grant.
    pub required: bool,
}

impl Default for Django {
    fn default() -> Self {
        Self { cookie: "cookie_consent".into(), group: String::new(), required: false }
    }
}

/// `kind = "posthog"`: one of `token` and `cookie`. posthog-js keeps the choice in localStorage, where nobody but the
/// page sees it, unless it is started with `opt_out_capturing_persistence_type: 'cookie'`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PostHog {
    /// The project token, which ends the cookie's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// `opt_out_capturing_cookie_prefix`. Default: `__ph_opt_in_out_`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// `consent_persistence_name`: the cookie's whole name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cookie: Option<String>,
    /// Has to grant.
    pub required: bool,
}
