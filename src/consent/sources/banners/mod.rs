//! The consent banners: one small file for each way of keeping an answer.

pub(super) mod axeptio;
pub(super) mod c15t;
pub(super) mod categories;
pub(super) mod complianz;
pub(super) mod cookiebot;
pub(super) mod cookiefirst;
pub(super) mod cookiescript;
pub(super) mod cookieyes;
pub(super) mod didomi;
pub(super) mod django;
pub(super) mod insites;
pub(super) mod iubenda;
pub(super) mod klaro;
pub(super) mod matomo;
pub(super) mod onetrust;
pub(super) mod opaque;
pub(super) mod piwikpro;
pub(super) mod posthog;
pub(super) mod tarteaucitron;
pub(super) mod wanted;
