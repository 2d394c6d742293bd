//! vanilla-cookieconsent 2 and 3: cookie `cc_cookie`, JSON (percent-encoded in 3, plain in 2) with the accepted
//! `categories` and, for each category, the accepted `services`.
//!
//! There is no cookie before a choice; a withdrawal rewrites the list. A category stays listed when one of its
//! services is refused, so a site with services names the one it means. A choice of an earlier `revision` than the
//! site asks for, or past its `expirationTime`, is stale.

use crate::clock::UnixMillis;
use crate::config::consent::Categories as Shape;
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Reason};
use crate::consent::sources::jar::read_named;
use crate::consent::sources::{Banner, check, tree};
use crate::cookies::Cookies;
use crate::person::Value;

pub(in crate::consent::sources) struct VanillaCookieConsent {
    shape: Shape,
}

impl VanillaCookieConsent {
    pub(in crate::consent::sources) fn build(shape: &Shape, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let name = check::cookie(&shape.cookie, &at.key("cookie"), faults);
        let category = check::text(&shape.category, "the name of a category", &at.key("category"), faults);
        let mut services = shape.service.iter().chain(&shape.services_all);
        let services = services.all(|name| check::text(name, "the name of a service", &at.key("service"), faults));
        (name && category && services).then(|| Self { shape: shape.clone() })
    }

    fn answer(&self, text: &str, now: UnixMillis) -> Answer {
        let tree = match tree::object(text) {
            Ok(tree) => tree,
            Err(answer) => return answer,
        };
        match self.is_current(&tree, now) {
            Some(true) => {}
            Some(false) => return Answer::unknown(Reason::Stale),
            None => return Answer::unknown(Reason::Malformed),
        }
        let listed = |list: Option<&Value>, name: &str| {
            let holds = list.and_then(|list| tree::lists(list, name));
            holds.map_or(Answer::unknown(Reason::Malformed), Answer::choice)
        };
        let accepted = tree.child("services").and_then(|services| services.child(&self.shape.category));
        let services = self.shape.service.iter().chain(&self.shape.services_all);
        let services = services.map(|service| listed(accepted, service));
        std::iter::once(listed(tree.child("categories"), &self.shape.category))
            .chain(services)
            .reduce(Answer::and_also)
            .unwrap_or(Answer::unknown(Reason::Malformed))
    }

    /// `None`: the cookie's own dates cannot be read.
    fn is_current(&self, tree: &Value, now: UnixMillis) -> Option<bool> {
        let whole = |key: &str| match tree.child(key) {
            None => Some(None),
            Some(Value::Number(number)) => number.parse::<i64>().ok().map(Some),
            Some(_) => None,
        };
        let unexpired = whole("expirationTime")?.is_none_or(|end| end > now.0);
        let revised = match self.shape.min_revision {
            Some(least) => whole("revision")?.is_some_and(|revision| revision >= i64::from(least)),
            None => true,
        };
        Some(unexpired && revised)
    }
}

impl Banner for VanillaCookieConsent {
    fn read(&self, cookies: &Cookies<'_>, now: UnixMillis) -> Answer {
        read_named(cookies, &self.shape.cookie, |text| self.answer(text, now))
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Reason, Shape, UnixMillis, VanillaCookieConsent};
    use crate::config::fault::{Faults, KeyPath};

    fn read(text: &str, shape: &Shape) -> Answer {
        let banner = VanillaCookieConsent::build(shape, &KeyPath::root(), &mut Faults::default()).unwrap();
        banner.answer(text, UnixMillis(1000))
    }

    #[test]
    fn every_wanted_service_has_to_be_accepted() {
        let shape = Shape { services_all: vec!["a".into(), "b".into()], ..Shape::default() };
        let with = |services: &str| read(&format!(r#"{{"categories":["analytics"],"services":{services}}}"#), &shape);
        assert_eq!(with(r#"{"analytics":["a","b","c"]}"#), Answer::granted());
        assert_eq!(with(r#"{"analytics":["a"]}"#), Answer::denied());
        assert_eq!(with(r#"{"ads":["a","b"]}"#), Answer::unknown(Reason::Malformed));
        let refused = r#"{"categories":[],"services":{"analytics":["a","b"]}}"#;
        assert_eq!(read(refused, &shape), Answer::denied());
    }

    #[test]
    fn an_expired_choice_is_stale() {
        let until =
            |end: &str| read(&format!(r#"{{"categories":["analytics"],"expirationTime":{end}}}"#), &Shape::default());
        assert_eq!(until("1001"), Answer::granted());
        assert_eq!(until("1000"), Answer::unknown(Reason::Stale));
        assert_eq!(until("\"1001\""), Answer::unknown(Reason::Malformed));
    }

    #[test]
    fn a_choice_of_an_earlier_revision_is_stale() {
        let shape = Shape { min_revision: Some(2), ..Shape::default() };
        assert_eq!(read(r#"{"categories":["analytics"],"revision":2}"#, &shape), Answer::granted());
        for text in [r#"{"categories":[],"revision":1}"#, r#"{"categories":["analytics"]}"#] {
            assert_eq!(read(text, &shape), Answer::unknown(Reason::Stale), "{text}");
        }
    }

    #[test]
    fn only_a_list_of_categories_counts() {
        for categories in ["\"analytics\"", "{\"analytics\":true}", "null", "true"] {
            let text = format!(r#"{{"categories":{categories}}}"#);
            assert_eq!(read(&text, &Shape::default()), Answer::unknown(Reason::Malformed), "{categories}");
        }
    }
}
