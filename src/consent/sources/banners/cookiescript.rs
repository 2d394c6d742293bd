//! CookieScript: cookie `CookieScriptConsent`, percent-encoded JSON with `action` and the accepted `categories`: a
//! list, or a text that holds one.

use crate::clock::UnixMillis;
use crate::config::consent::Category;
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::{Answer, Reason};
use crate::consent::sources::jar::read_named;
use crate::consent::sources::literal::json;
use crate::consent::sources::{Banner, check, tree};
use crate::cookies::Cookies;
use crate::person::Value;

pub(in crate::consent::sources) struct CookieScript {
    cookie: String,
    category: String,
}

impl CookieScript {
    pub(in crate::consent::sources) fn build(shape: &Category, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let cookie = shape.cookie.clone().unwrap_or_else(|| "CookieScriptConsent".into());
        let category = shape.category.clone().unwrap_or_else(|| "performance".into());
        let name = check::cookie(&cookie, &at.key("cookie"), faults);
        let text = check::text(&category, "the name of a category", &at.key("category"), faults);
        (name && text).then_some(Self { cookie, category })
    }

    fn answer(&self, text: &str) -> Answer {
        let tree = match tree::object(text) {
            Ok(tree) => tree,
            Err(answer) => return answer,
        };
        let listed = match tree.child("categories") {
            Some(Value::Text(inner)) => json(inner).and_then(|list| tree::lists(&list, &self.category)),
            Some(list) => tree::lists(list, &self.category),
            None => None,
        };
        match (tree.child("action"), listed) {
            (Some(Value::Text(action)), _) if action == "reject" => Answer::denied(),
            (Some(Value::Text(action)), Some(listed)) if action == "accept" => Answer::choice(listed),
            (None, _) => Answer::unknown(Reason::NoInteraction),
            _ => Answer::unknown(Reason::Malformed),
        }
    }
}

impl Banner for CookieScript {
    fn read(&self, cookies: &Cookies<'_>, _: UnixMillis) -> Answer {
        read_named(cookies, &self.cookie, |text| self.answer(text))
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, CookieScript, Reason};
    use crate::config::consent::Category;
    use crate::config::fault::{Faults, KeyPath};

    #[test]
    fn the_action_comes_first_and_the_list_may_be_text() {
        let banner = CookieScript::build(&Category::default(), &KeyPath::root(), &mut Faults::default()).unwrap();
        assert_eq!(banner.answer(r#"{"action":"accept","categories":["performance"]}"#), Answer::granted());
        assert_eq!(banner.answer(r#"{"action":"accept","categories":"[\"performance\"]"}"#), Answer::granted());
        assert_eq!(banner.answer(r#"{"action":"accept","categories":"[]"}"#), Answer::denied());
        assert_eq!(banner.answer(r#"{"action":"reject"}"#), Answer::denied());
        assert_eq!(banner.answer(r#"{"action":"reject","categories":["performance"]}"#), Answer::denied());
        for odd in [
            r#"{"action":"accept","categories":"performance"}"#,
            r#"{"action":"accept"}"#,
            r#"{"action":"ACCEPT","categories":["performance"]}"#,
        ] {
            assert_eq!(banner.answer(odd), Answer::unknown(Reason::Malformed), "{odd}");
        }
        let undecided = r#"{"categories":["performance"]}"#;
        assert_eq!(banner.answer(undecided), Answer::unknown(Reason::NoInteraction));
    }
}
