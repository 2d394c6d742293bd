//! iubenda: cookie `_iub_cs-<site id>`, percent-encoded JSON with `purposes` by number, or `consent` for all.
//!
//! Purpose 4 is measurement. With nothing but an `id` the visitor has not decided. Cookies with something behind the
//! number (`-granular`, `-uspr`) are others.

use crate::clock::UnixMillis;
use crate::config::consent::Iubenda as Shape;
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Reason, Verdict};
use crate::consent::sources::jar::{Coding, MAX_VALUE_BYTES, read_values};
use crate::consent::sources::{Banner, check, tree};
use crate::cookies::Cookies;
use crate::person::Value;

const PREFIX: &[u8] = b"_iub_cs-";
/// The least digits of a site's number.
const SITE_DIGITS: usize = 8;

pub(in crate::consent::sources) struct Iubenda {
    shape: Shape,
}

impl Iubenda {
    pub(in crate::consent::sources) fn build(shape: &Shape, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let purpose = check::text(&shape.purpose, "the number of a purpose", &at.key("purpose"), faults);
        let site = shape.site_id.as_deref().is_none_or(|id| {
            let sound = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
            if !sound {
                faults.push(
                    at.key("site_id"),
                    "expected the site's number, digits only",
                    "write it, or remove the key",
                );
            }
            sound
        });
        (purpose && site).then(|| Self { shape: shape.clone() })
    }

    fn is_ours(&self, name: &[u8]) -> bool {
        name.strip_prefix(PREFIX).is_some_and(|number| match &self.shape.site_id {
            Some(site) => number == site.as_bytes(),
            None => number.len() >= SITE_DIGITS && number.iter().all(u8::is_ascii_digit),
        })
    }

    fn answer(&self, text: &str) -> Answer {
        let tree = match tree::object(text) {
            Ok(tree) => tree,
            Err(answer) => return answer,
        };
        let purpose = tree.child("purposes").map(|purposes| match purposes {
            Value::Map(_) => tree::boolean(purposes.child(&self.shape.purpose)),
            _ => Answer::unknown(Reason::Malformed),
        });
        let global = tree.child("consent").map(|consent| tree::boolean(Some(consent)));
        match (purpose, global) {
            (Some(purpose), Some(global)) => purpose.and_also(global),
            (Some(purpose), None) => purpose,
            (None, Some(global)) if global.verdict == Verdict::Granted && !self.shape.accept_global => {
                Answer::unknown(Reason::Implied)
            }
            (None, Some(global)) => global,
            (None, None) => Answer::unknown(Reason::NoInteraction),
        }
    }
}

impl Banner for Iubenda {
    fn read(&self, cookies: &Cookies<'_>, _: UnixMillis) -> Answer {
        let ours = cookies.iter().filter(|(name, _)| self.is_ours(name)).map(|(_, value)| value);
        read_values(ours, MAX_VALUE_BYTES, Coding::Percent, |text| self.answer(text))
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Banner, Cookies, Iubenda, Reason, Shape, UnixMillis};
    use crate::config::fault::{Faults, KeyPath};

    fn read(header: &str, accept_global: bool) -> Answer {
        let shape = Shape { accept_global, ..Shape::default() };
        let banner = Iubenda::build(&shape, &KeyPath::root(), &mut Faults::default()).unwrap();
        banner.read(&Cookies::from_text(header), UnixMillis(0))
    }

    #[test]
    fn an_answer_for_everything_counts_when_the_site_says_so() {
        assert_eq!(read("_iub_cs-41234567={\"consent\":true}", true), Answer::granted());
        assert_eq!(read("_iub_cs-41234567={\"consent\":true}", false), Answer::unknown(Reason::Implied));
        for accept in [true, false] {
            assert_eq!(read("_iub_cs-41234567={\"consent\":false}", accept), Answer::denied());
            let both = "_iub_cs-41234567={\"consent\":false,\"purposes\":{\"4\":true}}";
            assert_eq!(read(both, accept), Answer::denied());
        }
    }

    #[test]
    fn siblings_with_a_suffix_are_other_cookies() {
        let siblings = "_iub_cs-41234567-granular={\"purposes\":{\"4\":true}}; _iub_cs-123={\"purposes\":{\"4\":true}}";
        assert_eq!(read(siblings, true), Answer::unknown(Reason::Absent));
        let two_sites = "_iub_cs-41234567={\"purposes\":{\"4\":true}}; _iub_cs-41234568={\"purposes\":{\"4\":false}}";
        assert_eq!(read(two_sites, true), Answer::denied_for(Reason::Conflict));
    }
}
