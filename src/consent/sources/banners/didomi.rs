//! Didomi: cookie `didomi_token`, base64 of JSON with the purposes and vendors that were enabled and disabled.
//!
//! The site chooses its own purpose ids. The lists of legitimate interest (`purposes_li`, `vendors_li`) are never
//! looked at: they are no consent. What stands in neither list was not decided; in both, it is a no.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::clock::UnixMillis;
use crate::config::consent::Didomi as Shape;
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Reason};
use crate::consent::sources::jar::read_named;
use crate::consent::sources::{Banner, check, tree};
use crate::cookies::Cookies;
use crate::person::Value;

/// Padding arrives as it was written, percent-encoded, or not at all.
const CONFIG: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, CONFIG);
const FOR_URLS: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, CONFIG);

pub(in crate::consent::sources) struct Didomi {
    shape: Shape,
}

impl Didomi {
    pub(in crate::consent::sources) fn build(shape: &Shape, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let name = check::cookie(&shape.cookie, &at.key("cookie"), faults);
        let purpose = check::text(&shape.purpose, "the id of a purpose", &at.key("purpose"), faults);
        let vendor =
            shape.vendor.as_ref().is_none_or(|id| check::text(id, "the id of a vendor", &at.key("vendor"), faults));
        (name && purpose && vendor).then(|| Self { shape: shape.clone() })
    }

    fn answer(&self, text: &str) -> Answer {
        let decoded = PLAIN.decode(text).or_else(|_| FOR_URLS.decode(text)).ok();
        let Some(decoded) = decoded.and_then(|bytes| String::from_utf8(bytes).ok()) else {
            return Answer::unknown(Reason::Malformed);
        };
        let tree = match tree::object(&decoded) {
            Ok(tree) => tree,
            Err(answer) => return answer,
        };
        let purpose = state(tree.child("purposes"), &self.shape.purpose);
        let vendor = self.shape.vendor.as_ref().map(|vendor| state(tree.child("vendors"), vendor));
        vendor.map_or(purpose, |vendor| purpose.and_also(vendor))
    }
}

impl Banner for Didomi {
    fn read(&self, cookies: &Cookies<'_>, _: UnixMillis) -> Answer {
        read_named(cookies, &self.shape.cookie, |text| self.answer(text))
    }
}

fn state(lists: Option<&Value>, id: &str) -> Answer {
    let Some(lists) = lists else { return Answer::unknown(Reason::Absent) };
    let holds = |key: &str| lists.child(key).map_or(Some(false), |list| tree::lists(list, id));
    match (lists, holds("enabled"), holds("disabled")) {
        (Value::Map(_), Some(true), Some(true)) => Answer::denied_for(Reason::Conflict),
        (Value::Map(_), Some(enabled), Some(disabled)) if enabled != disabled => Answer::choice(enabled),
        (Value::Map(_), Some(_), Some(_)) => Answer::unknown(Reason::Absent),
        _ => Answer::unknown(Reason::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};

    use super::{Answer, Didomi, Reason, Shape};
    use crate::config::fault::{Faults, KeyPath};

    fn banner() -> Didomi {
        let shape = Shape { purpose: "audience".into(), vendor: Some("c:plausible".into()), ..Shape::default() };
        Didomi::build(&shape, &KeyPath::root(), &mut Faults::default()).unwrap()
    }

    fn read(json: &str) -> Answer {
        banner().answer(&BASE64_STANDARD.encode(json))
    }

    #[test]
    fn purpose_and_vendor_both_have_to_be_enabled() {
        let both = r#"{"purposes":{"enabled":["audience"]},"vendors":{"enabled":["c:plausible"]}}"#;
        assert_eq!(read(both), Answer::granted());
        let vendor_refused = r#"{"purposes":{"enabled":["audience"]},"vendors":{"disabled":["c:plausible"]}}"#;
        assert_eq!(read(vendor_refused), Answer::denied());
        assert_eq!(read(r#"{"purposes":{"enabled":["audience"]}}"#), Answer::unknown(Reason::Absent));
        let only_interest = r#"{"purposes_li":{"enabled":["audience"]},"vendors":{"enabled":["c:plausible"]}}"#;
        assert_eq!(read(only_interest), Answer::unknown(Reason::Absent));
    }

    #[test]
    fn a_token_of_another_shape_is_not_read() {
        for json in [
            r#"{"purposes":["audience"]}"#,
            r#"{"purposes":{"enabled":"audience"}}"#,
            r#"{"purposes":{"enabled":{"audience":true}}}"#,
        ] {
            assert_eq!(read(json), Answer::unknown(Reason::Malformed), "{json}");
        }
        assert_eq!(banner().answer("e30"), Answer::unknown(Reason::Absent));
        assert_eq!(banner().answer("W10="), Answer::unknown(Reason::Malformed));
    }

    #[test]
    fn either_alphabet_and_any_padding_will_do() {
        let json = r#"{"x":"???>>>","purposes":{"enabled":["audience"]},"vendors":{"enabled":["c:plausible"]}}"#;
        for text in
            [BASE64_STANDARD.encode(json), BASE64_STANDARD_NO_PAD.encode(json), BASE64_URL_SAFE_NO_PAD.encode(json)]
        {
            assert_eq!(banner().answer(&text), Answer::granted());
        }
    }
}
