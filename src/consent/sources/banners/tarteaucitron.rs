//! tarteaucitron: cookie `tarteaucitron`, `!service=true!other=false!third=wait`.
//!
//! `wait` is a service that was not answered for. Services are compared whole: `matomocloud` is not `matomo`.

use super::wanted::Wanted;
use crate::clock::UnixMillis;
use crate::config::consent::Services;
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Reason};
use crate::consent::sources::jar::read_named;
use crate::consent::sources::{Banner, check};
use crate::cookies::Cookies;

pub(in crate::consent::sources) struct Tarteaucitron {
    cookie: String,
    wanted: Wanted,
}

impl Tarteaucitron {
    pub(in crate::consent::sources) fn build(shape: &Services, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let cookie = shape.cookie.clone().unwrap_or_else(|| "tarteaucitron".into());
        let sound = check::cookie(&cookie, &at.key("cookie"), faults);
        let wanted = Wanted::build(shape, at, faults)?;
        sound.then_some(Self { cookie, wanted })
    }
}

impl Banner for Tarteaucitron {
    fn read(&self, cookies: &Cookies<'_>, _: UnixMillis) -> Answer {
        read_named(cookies, &self.cookie, |text| {
            let pairs = text.split('!').filter(|pair| !pair.is_empty());
            let states = pairs.map(|pair| {
                let (service, state) = pair.split_once('=')?;
                let answer = match state {
                    "true" => Answer::granted(),
                    "false" => Answer::denied(),
                    "wait" => Answer::unknown(Reason::NoInteraction),
                    _ => Answer::unknown(Reason::Malformed),
                };
                Some((service, answer))
            });
            let states = states.collect::<Option<Vec<_>>>();
            states.map_or(Answer::unknown(Reason::Malformed), |states| self.wanted.answer(&states))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Banner, Cookies, Reason, Services, Tarteaucitron, UnixMillis};
    use crate::config::consent::ServiceNames;
    use crate::config::fault::{Faults, KeyPath};

    fn read(value: &str, shape: Services) -> Answer {
        let banner = Tarteaucitron::build(&shape, &KeyPath::root(), &mut Faults::default()).unwrap();
        banner.read(&Cookies::from_text(&format!("tarteaucitron={value}")), UnixMillis(0))
    }

    #[test]
    fn several_services_all_have_to_be_accepted() {
        let both = || Services {
            services_all: Some(ServiceNames::Named(vec!["plausible".into(), "posthog".into()])),
            ..Services::default()
        };
        assert_eq!(read("!plausible=true!posthog=true!x=false", both()), Answer::granted());
        assert_eq!(read("!plausible=true!posthog=false", both()), Answer::denied());
        assert_eq!(read("!plausible=true", both()), Answer::unknown(Reason::Absent));
        assert_eq!(read("!plausible=true!posthog=wait", both()), Answer::unknown(Reason::NoInteraction));
        let every = || Services { services_all: Some(ServiceNames::Every(true)), ..Services::default() };
        assert_eq!(read("!a=true!b=true", every()), Answer::granted());
        assert_eq!(read("!a=true!b=false", every()), Answer::denied());
        assert_eq!(read("!", every()), Answer::unknown(Reason::Absent));
    }

    #[test]
    fn a_service_must_agree_with_itself() {
        let matomo = || Services { service: Some("matomo".into()), ..Services::default() };
        assert_eq!(read("!matomo=true!matomo=false", matomo()), Answer::denied_for(Reason::Conflict));
        assert_eq!(read("!matomo=TRUE", matomo()), Answer::unknown(Reason::Malformed));
        assert_eq!(read("matomo", matomo()), Answer::unknown(Reason::Malformed));
    }
}
