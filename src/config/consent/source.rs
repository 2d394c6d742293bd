//! `site.consent.sources`: one shape for each kind of source.
//!
//! Every source may be `required = true`: it has to grant (`combine = "deny_overrides"`). Cookie names are what the
//! banner writes unless the site renamed them. `docs/guide/consent.md` says for each banner what is read.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::banner::{
    Axeptio, Categories, Category, Complianz, CookieYes, Cookiebot, Didomi, Django, Insites, Iubenda, OneTrust,
    PiwikPro, PostHog, Services,
};
use super::remote::{Http, Redis, Sql};
use super::standard::{ConsentMode, Gpp, Tcf, UsPrivacy};

/// One source of consent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Source {
    /// A claim in the application's session.
    Session(Session),
    /// The embedded store, written by `bauta consent set`.
    Store(Store),
    /// Files with account ids.
    List(List),
    /// A table of the application's: PostgreSQL, MySQL, MariaDB, SQLite.
    Sql(Sql),
    /// A key of the application's Redis or Valkey.
    Redis(Redis),
    /// An end point of the application's that answers in JSON.
    Http(Http),
    /// A cookie of the site's own, written by the page for this purpose: the bridge for banners whose own cookie
    /// cannot be read.
    Cookie(Bridge),
    /// OneTrust: cookie `OptanonConsent`.
    Onetrust(OneTrust),
    /// Cookiebot: cookie `CookieConsent`.
    Cookiebot(Cookiebot),
    /// Didomi: cookie `didomi_token`.
    Didomi(Didomi),
    /// Klaro: cookie `klaro`.
    Klaro(Services),
    /// tarteaucitron: cookie `tarteaucitron`.
    Tarteaucitron(Services),
    /// Complianz: cookies `cmplz_statistics`, ...
    Complianz(Complianz),
    /// CookieYes: cookie `cookieyes-consent`.
    Cookieyes(CookieYes),
    /// iubenda: cookie `_iub_cs-` and the site's number.
    Iubenda(Iubenda),
    /// Axeptio: cookie `axeptio_cookies`.
    Axeptio(Axeptio),
    /// vanilla-cookieconsent 2 and 3: cookie `cc_cookie`.
    VanillaCookieconsent(Categories),
    /// Insites cookieconsent 3: cookie `cookieconsent_status`.
    Insites(Insites),
    /// CookieScript: cookie `CookieScriptConsent`, category `performance`.
    Cookiescript(Category),
    /// CookieFirst: cookie `cookiefirst-consent`, category `performance`.
    Cookiefirst(Category),
    /// Piwik PRO: cookie `ppms_privacy_` and the app id.
    Piwikpro(PiwikPro),
    /// Matomo: cookies `mtm_consent`, `mtm_cookie_consent`, `mtm_consent_removed`, `matomo_ignore`.
    Matomo(Required),
    /// c15t 2: cookie `c15t`, category `measurement`.
    C15t(Category),
    /// django-cookie-consent: cookie `cookie_consent`.
    DjangoCookieConsent(Django),
    /// posthog-js opt in and opt out: cookie `__ph_opt_in_out_` and the project token.
    Posthog(PostHog),
    /// Osano: its cookie is opaque, the answer is always unknown; use a bridge cookie.
    Osano(Required),
    /// Usercentrics: writes no cookie, the answer is always unknown; use a bridge cookie or TCF.
    Usercentrics(Required),
    /// Termly: writes no cookie, the answer is always unknown; use a bridge cookie.
    Termly(Required),
    /// IAB TCF 2 (also InMobi Choice, OneTrust's `eupubconsent-v2`, Didomi's and others' `euconsent-v2`).
    Tcf(Tcf),
    /// IAB GPP.
    Gpp(Gpp),
    /// The IAB US privacy string: can only deny.
    Usprivacy(UsPrivacy),
    /// Google consent mode, when the page passes it on.
    Gcm(ConsentMode),
}

/// A source without options of its own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Required {
    /// Has to grant.
    pub required: bool,
}

/// `kind = "store"`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Store {
    /// Whoever agrees here for the first time gets a random salt for their pseudonym; replacing it makes past ids
    /// nobody's. People who agreed before keep their ids.
    pub salted: bool,
    /// Has to grant.
    pub required: bool,
}

/// `kind = "session"`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Session {
    /// The path of the claim, a list of steps.
    pub path: Vec<String>,
    /// Has to grant.
    pub required: bool,
}

/// `kind = "list"`: one account id per line, compared exactly, read again when the file changes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct List {
    /// People who agreed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow: Option<PathBuf>,
    /// People who refused; wins over everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deny: Option<PathBuf>,
    /// Has to grant.
    pub required: bool,
}

/// `kind = "cookie"`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Bridge {
    /// The cookie's name. Default: `__Host-bauta_consent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cookie: Option<String>,
    /// Values that grant. Default, when neither values nor levels are configured: `1`.
    pub granted_values: Vec<String>,
    /// Values that deny. Default, when neither values nor levels are configured: `0`.
    pub denied_values: Vec<String>,
    /// Reads the level words `off`, `local`, `anonymised` and `full` as well.
    pub levels: bool,
    /// Longer values are unknown; at most 4096, which is what a browser can store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_value_bytes: Option<usize>,
    /// Has to grant.
    pub required: bool,
}
