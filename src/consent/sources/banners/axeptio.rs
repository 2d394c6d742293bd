//! Axeptio: cookie `axeptio_cookies`, percent-encoded JSON, vendor key to boolean; `$$completed` says whether the
//! visitor has finished.

use crate::clock::UnixMillis;
use crate::config::consent::Axeptio as Shape;
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Reason};
use crate::consent::sources::jar::read_named;
use crate::consent::sources::{Banner, check, tree};
use crate::cookies::Cookies;
use crate::person::Value;

pub(in crate::consent::sources) struct Axeptio {
    shape: Shape,
}

impl Axeptio {
    pub(in crate::consent::sources) fn build(shape: &Shape, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let name = check::cookie(&shape.cookie, &at.key("cookie"), faults);
        let mut vendor = check::text(&shape.vendor, "the key of a vendor", &at.key("vendor"), faults);
        if shape.vendor.starts_with("$$") {
            faults.push(at.key("vendor"), "keys that begin with $$ are Axeptio's own", "write the vendor's key");
            vendor = false;
        }
        (name && vendor).then(|| Self { shape: shape.clone() })
    }

    fn answer(&self, text: &str) -> Answer {
        match tree::object(text) {
            Ok(tree) => match tree.child("$$completed") {
                Some(Value::Bool(true)) => tree::boolean(tree.child(&self.shape.vendor)),
                Some(Value::Bool(false)) | None => Answer::unknown(Reason::NoInteraction),
                Some(_) => Answer::unknown(Reason::Malformed),
            },
            Err(answer) => answer,
        }
    }
}

impl Banner for Axeptio {
    fn read(&self, cookies: &Cookies<'_>, _: UnixMillis) -> Answer {
        read_named(cookies, &self.shape.cookie, |text| self.answer(text))
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Axeptio, Reason, Shape};
    use crate::config::fault::{Faults, KeyPath};

    #[test]
    fn nothing_counts_before_the_visitor_has_finished() {
        let shape = Shape { vendor: "plausible".into(), ..Shape::default() };
        let banner = Axeptio::build(&shape, &KeyPath::root(), &mut Faults::default()).unwrap();
        assert_eq!(banner.answer(r#"{"plausible":true,"$$completed":true}"#), Answer::granted());
        for text in [r#"{"plausible":true,"$$completed":false}"#, r#"{"plausible":true}"#] {
            assert_eq!(banner.answer(text), Answer::unknown(Reason::NoInteraction), "{text}");
        }
        let odd = r#"{"plausible":true,"$$completed":"true"}"#;
        assert_eq!(banner.answer(odd), Answer::unknown(Reason::Malformed));
    }
}
