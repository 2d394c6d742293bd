//! Banners whose answer only their own script can read: Osano (an opaque value), Usercentrics and Termly (no cookie,
//! browser storage alone). The answer is unknown; a bridge cookie written on the banner's event is the way.

use crate::consent::answer::{Answer, Reason};
use crate::consent::asked::Asked;
use crate::consent::sources::{Class, Reply, Source};

pub(in crate::consent::sources) struct Opaque(pub(in crate::consent::sources) &'static str);

impl Source for Opaque {
    fn word(&self) -> &'static str {
        self.0
    }

    fn class(&self) -> Class {
        Class::Device
    }

    fn answer<'a>(&'a self, _: &'a Asked<'a>) -> Reply<'a> {
        Reply::Now(Answer::unknown(Reason::Opaque))
    }

    fn can_grant(&self) -> bool {
        false
    }

    fn is_opaque(&self) -> bool {
        true
    }
}
