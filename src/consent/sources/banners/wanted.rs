//! Which services have to be accepted, for banners that ask about each.

use crate::config::consent::{ServiceNames, Services};
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Reason};
use crate::consent::sources::check;

/// One service, several, or every one that the cookie names.
pub(super) struct Wanted {
    names: Vec<String>,
    every: bool,
}

impl Wanted {
    pub(super) fn build(shape: &Services, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let mut names = shape.service.iter().cloned().collect::<Vec<_>>();
        let mut every = false;
        match &shape.services_all {
            Some(ServiceNames::Named(more)) => names.extend(more.iter().cloned()),
            Some(ServiceNames::Every(all)) => every = *all,
            None => {}
        }
        if names.is_empty() && !every {
            faults.push(
                at.key("service"),
                "expected the name of a service",
                "write for example service = \"plausible\"",
            );
            return None;
        }
        let named = names.iter().all(|name| check::text(name, "the name of a service", &at.key("service"), faults));
        named.then_some(Self { names, every })
    }

    /// One answer of the states of the services in a cookie.
    pub(super) fn answer(&self, states: &[(&str, Answer)]) -> Answer {
        let all_of = |name: &str| {
            let found = states.iter().filter(|(service, _)| *service == name).map(|(_, answer)| *answer);
            found.reduce(Answer::and_twin).unwrap_or(Answer::unknown(Reason::Absent))
        };
        let every = self.every.then(|| {
            states
                .iter()
                .map(|(service, _)| all_of(service))
                .reduce(Answer::and_also)
                .unwrap_or(Answer::unknown(Reason::Absent))
        });
        let named = self.names.iter().map(|name| all_of(name));
        named.chain(every).reduce(Answer::and_also).unwrap_or(Answer::unknown(Reason::Absent))
    }
}
