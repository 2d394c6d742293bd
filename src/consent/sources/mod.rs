//! Where consent is found: one [`Source`] each, all behind the same seam.
//!
//! A source looks at one request and answers granted, denied or unknown, at once or later. It never fails: whatever
//! goes wrong is unknown, with a reason. A source that waits is cut off by the policy's deadline.

pub(super) mod check;
mod jar;
mod literal;
mod scalar;
mod tree;

pub mod backend;
mod banners;
mod bridge;
mod list;
pub(super) mod objection;
mod remote;
pub(super) mod session;
mod standards;
pub(super) mod store;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use self::banners::{
    axeptio, c15t, categories, complianz, cookiebot, cookiefirst, cookiescript, cookieyes, didomi, django, insites,
    iubenda, klaro, matomo, onetrust, opaque, piwikpro, posthog, tarteaucitron,
};
pub use self::objection::COOKIE as OBJECTION_COOKIE;
use self::standards::{consent_mode, gpp, tcf, usprivacy};
use super::answer::Answer;
use super::asked::Asked;
use super::policy::Surroundings;
use crate::backend::Trouble;
use crate::clock::UnixMillis;
use crate::config::consent as config;
use crate::config::fault::{Faults, KeyPath};
use crate::cookies::Cookies;

/// On whose behalf a source can speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// For the browser, whoever uses it.
    Device,
    /// For the account, as the session says.
    Session,
    /// For the account, as a file of ids says.
    List,
    /// For the account, as a record says that has an epoch beside it.
    Store,
    /// For the account, as a back end of the application says.
    Backend,
    /// For the account, as a back end of the application says that keeps the epoch as well.
    BackendWithEpoch,
}

impl Class {
    /// True for what is recorded outside the visitor's reach: it beats a claim inside a self-contained cookie.
    #[must_use]
    pub const fn is_record(self) -> bool {
        matches!(self, Self::List | Self::Store | Self::Backend | Self::BackendWithEpoch)
    }

    /// True when the source knows the epoch of a person's pseudonym.
    #[must_use]
    pub const fn keeps_epochs(self) -> bool {
        matches!(self, Self::Store | Self::BackendWithEpoch)
    }
}

/// Something under way.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// An answer, or the promise of one.
pub enum Reply<'a> {
    /// Here it is.
    Now(Answer),
    /// It needs to wait for something.
    Later(Pending<'a, Answer>),
}

/// One source of consent.
pub trait Source: Send + Sync {
    /// The word in the configuration, metrics and `explain`.
    fn word(&self) -> &'static str;

    /// On whose behalf it speaks.
    fn class(&self) -> Class;

    /// What it says about a request.
    fn answer<'a>(&'a self, asked: &'a Asked<'a>) -> Reply<'a>;

    /// False for a source that can only deny.
    fn can_grant(&self) -> bool {
        true
    }

    /// How late it may hear of a withdrawal that nobody tells it about; `None` for a source that is told or always asks.
    fn hears_after(&self) -> Option<Duration> {
        None
    }

    /// Asks a back end once about nobody; `None` for a source that has none.
    fn probe(&self, _patience: Duration) -> Option<Pending<'_, Result<(), Trouble>>> {
        None
    }

    /// True for a banner whose answer only its own script can read.
    fn is_opaque(&self) -> bool {
        false
    }
}

/// A banner's answer in the request's cookies.
trait Banner: Send + Sync {
    fn read(&self, cookies: &Cookies<'_>, now: UnixMillis) -> Answer;

    fn can_grant(&self) -> bool {
        true
    }
}

/// A banner as a source.
struct Device<B> {
    word: &'static str,
    banner: B,
}

impl<B: Banner> Source for Device<B> {
    fn word(&self) -> &'static str {
        self.word
    }

    fn class(&self) -> Class {
        Class::Device
    }

    fn answer<'a>(&'a self, asked: &'a Asked<'a>) -> Reply<'a> {
        Reply::Now(self.banner.read(asked.cookies, asked.now))
    }

    fn can_grant(&self) -> bool {
        self.banner.can_grant()
    }
}

fn device<B: Banner + 'static>(word: &'static str, banner: Option<B>) -> Option<Box<dyn Source>> {
    banner.map(|banner| Box::new(Device { word, banner }) as Box<dyn Source>)
}

fn boxed<S: Source + 'static>(source: Option<S>) -> Option<Box<dyn Source>> {
    source.map(|source| Box::new(source) as Box<dyn Source>)
}

/// Builds one source, and says whether it has to grant.
pub(super) fn build(
    shape: &config::Source,
    surroundings: &Surroundings<'_>,
    at: &KeyPath,
    faults: &mut Faults,
) -> (bool, Option<Box<dyn Source>>) {
    use config::Source as Shape;
    match shape {
        Shape::Session(shape) => (shape.required, boxed(session::Session::build(shape, at, faults))),
        Shape::Store(shape) => (shape.required, boxed(Some(store::Store::new(surroundings.store.clone())))),
        Shape::List(shape) => (shape.required, boxed(list::List::build(shape, surroundings.base, at, faults))),
        Shape::Sql(shape) => (shape.required, boxed(remote::sql(shape, surroundings, at, faults))),
        Shape::Redis(shape) => (shape.required, boxed(remote::redis(shape, surroundings, at, faults))),
        Shape::Http(shape) => (shape.required, boxed(remote::http(shape, surroundings, at, faults))),
        Shape::Cookie(shape) => (shape.required, device("cookie", bridge::Bridge::build(shape, at, faults))),
        Shape::Onetrust(shape) => (shape.required, device("onetrust", onetrust::OneTrust::build(shape, at, faults))),
        Shape::Cookiebot(shape) => {
            (shape.required, device("cookiebot", cookiebot::Cookiebot::build(shape, at, faults)))
        }
        Shape::Didomi(shape) => (shape.required, device("didomi", didomi::Didomi::build(shape, at, faults))),
        Shape::Klaro(shape) => (shape.required, device("klaro", klaro::Klaro::build(shape, at, faults))),
        Shape::Tarteaucitron(shape) => {
            (shape.required, device("tarteaucitron", tarteaucitron::Tarteaucitron::build(shape, at, faults)))
        }
        Shape::Complianz(shape) => {
            (shape.required, device("complianz", complianz::Complianz::build(shape, at, faults)))
        }
        Shape::Cookieyes(shape) => {
            (shape.required, device("cookieyes", cookieyes::CookieYes::build(shape, at, faults)))
        }
        Shape::Iubenda(shape) => (shape.required, device("iubenda", iubenda::Iubenda::build(shape, at, faults))),
        Shape::Axeptio(shape) => (shape.required, device("axeptio", axeptio::Axeptio::build(shape, at, faults))),
        Shape::VanillaCookieconsent(shape) => (
            shape.required,
            device("vanilla-cookieconsent", categories::VanillaCookieConsent::build(shape, at, faults)),
        ),
        Shape::Insites(shape) => (shape.required, device("insites", insites::Insites::build(shape, at, faults))),
        Shape::Cookiescript(shape) => {
            (shape.required, device("cookiescript", cookiescript::CookieScript::build(shape, at, faults)))
        }
        Shape::Cookiefirst(shape) => {
            (shape.required, device("cookiefirst", cookiefirst::CookieFirst::build(shape, at, faults)))
        }
        Shape::Piwikpro(shape) => (shape.required, device("piwikpro", piwikpro::PiwikPro::build(shape, at, faults))),
        Shape::C15t(shape) => (shape.required, device("c15t", c15t::C15t::build(shape, at, faults))),
        Shape::DjangoCookieConsent(shape) => {
            (shape.required, device("django-cookie-consent", django::DjangoCookieConsent::build(shape, at, faults)))
        }
        Shape::Posthog(shape) => (shape.required, device("posthog", posthog::PostHog::build(shape, at, faults))),
        Shape::Tcf(shape) => (shape.required, device("tcf", tcf::Tcf::build(shape, at, faults))),
        Shape::Gpp(shape) => (shape.required, device("gpp", gpp::Gpp::build(shape, at, faults))),
        Shape::Usprivacy(shape) => {
            (shape.required, device("usprivacy", usprivacy::UsPrivacy::build(shape, at, faults)))
        }
        Shape::Gcm(shape) => (shape.required, boxed(consent_mode::ConsentMode::build(shape, at, faults))),
        Shape::Matomo(shape) => (shape.required, device("matomo", Some(matomo::Matomo))),
        Shape::Osano(shape) => (shape.required, boxed(Some(opaque::Opaque("osano")))),
        Shape::Usercentrics(shape) => (shape.required, boxed(Some(opaque::Opaque("usercentrics")))),
        Shape::Termly(shape) => (shape.required, boxed(Some(opaque::Opaque("termly")))),
    }
}
