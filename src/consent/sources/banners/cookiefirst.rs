//! CookieFirst: cookie `cookiefirst-consent`, percent-encoded JSON, category to boolean.

use crate::clock::UnixMillis;
use crate::config::consent::Category;
use crate::config::fault::{Faults, KeyPath};
use crate::consent::answer::Answer;
use crate::consent::sources::jar::read_named;
use crate::consent::sources::{Banner, check, tree};
use crate::cookies::Cookies;

pub(in crate::consent::sources) struct CookieFirst {
    cookie: String,
    category: String,
}

impl CookieFirst {
    pub(in crate::consent::sources) fn build(shape: &Category, at: &KeyPath, faults: &mut Faults) -> Option<Self> {
        let cookie = shape.cookie.clone().unwrap_or_else(|| "cookiefirst-consent".into());
        let category = shape.category.clone().unwrap_or_else(|| "performance".into());
        let name = check::cookie(&cookie, &at.key("cookie"), faults);
        let text = check::text(&category, "the name of a category", &at.key("category"), faults);
        (name && text).then_some(Self { cookie, category })
    }
}

impl Banner for CookieFirst {
    fn read(&self, cookies: &Cookies<'_>, _: UnixMillis) -> Answer {
        read_named(cookies, &self.cookie, |text| match tree::object(text) {
            Ok(tree) => tree::boolean(tree.child(&self.category)),
            Err(answer) => answer,
        })
    }
}
