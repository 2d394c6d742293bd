//! The presets: one row for each way in which a framework keeps its session.
//!
//! A row is data: where the cookie is, the stages in order, where the account id usually stands. Facts about formats
//! are noted beside the stage that implements them.

use std::time::Duration;

use super::decode::Codec;
use super::digest::Digest;
use super::keys::Recipe;
use super::pick::Pick;
use super::step::Stage;
use super::verify::jwt::Profile;
use super::verify::signed::{Format, Layout, Spelling, Stamp};

/// One row.
#[derive(Debug)]
pub(crate) struct Preset {
    /// The word in `preset = "..."`.
    pub(crate) name: &'static str,
    /// Other words for the same row.
    pub(crate) aliases: &'static [&'static str],
    /// The framework's own cookie names; empty when every application chooses one.
    pub(crate) cookies: &'static [&'static str],
    /// How the value is put into cookies.
    pub(crate) pick: Pick,
    /// What is done with it, in order.
    pub(crate) stages: &'static [Stage],
    /// Where the account id stands by default; `None` when every application chooses.
    pub(crate) user: Option<&'static [&'static str]>,
    /// What the preset needs, in the words of the framework.
    pub(crate) secret: &'static str,
    /// What a value says about its end.
    pub(crate) lifetime: Lifetime,
}

/// What a session value says about its own end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// The value carries its end or its time of issue.
    Inside,
    /// The value carries no time: a copy of it is good until the key changes.
    Never,
}

/// A fact sheet of a preset, for `init`, `check` and the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PresetFacts {
    /// The word in `preset = "..."`.
    pub name: &'static str,
    /// Other words for the same preset.
    pub aliases: &'static [&'static str],
    /// The default cookie names; empty when `cookie` is required.
    pub cookies: &'static [&'static str],
    /// The default `user` path; `None` when it is required.
    pub user: Option<&'static [&'static str]>,
    /// Which secret it needs, in the words of the framework.
    pub secret: &'static str,
    /// What a value says about its own end.
    pub lifetime: Lifetime,
}

const DAY: Duration = Duration::from_secs(86_400);

/// `value.signature` as npm cookie-signature makes it; express, Remix, hono and others share it.
const COOKIE_SIGNATURE: Format = Format {
    layout: Layout::Tail("."),
    digest: Digest::Sha256,
    spelling: Spelling::Base64,
    recipe: Recipe::Plain,
    stamp: Stamp::None,
};

/// Every preset, by family.
pub(crate) const PRESETS: &[Preset] = &[
    // ------------------------------------------------------------ Clojure
    Preset {
        name: "ring",
        aliases: &["biff", "ring-cookie-store"],
        cookies: &["ring-session"],
        pick: Pick::ESCAPED,
        stages: &[Stage::RingStore, Stage::Decode(Codec::Edn)],
        user: Some(&["uid"]),
        secret: "the 16-byte key of the cookie store (Biff: COOKIE_SECRET)",
        lifetime: Lifetime::Never,
    },
    // ------------------------------------------------------------ tokens
    Preset {
        name: "jwt",
        aliases: &[],
        cookies: &[],
        pick: Pick::PLAIN,
        stages: &[Stage::Jwt(Profile::PLAIN)],
        user: Some(&["sub"]),
        secret: "the issuer's public keys or key set, or the HMAC secret",
        lifetime: Lifetime::Inside,
    },
    // ------------------------------------------------------------ Python
    Preset {
        name: "django-signed",
        aliases: &["django-signed-cookies", "django-signed_cookies"],
        cookies: &["sessionid"],
        pick: Pick::PLAIN,
        stages: &[
            Stage::Signed(Format {
                layout: Layout::Tail(":"),
                digest: Digest::Sha256,
                spelling: Spelling::Base64Url,
                recipe: Recipe::Concat(Digest::Sha256, "django.contrib.sessions.backends.signed_cookies"),
                stamp: Stamp::Base62(":", DAY.saturating_mul(14)),
            }),
            Stage::Decode(Codec::DottedZlib),
            Stage::Decode(Codec::Json),
        ],
        user: Some(&["_auth_user_id"]),
        secret: "SECRET_KEY and SECRET_KEY_FALLBACKS of the settings",
        lifetime: Lifetime::Inside,
    },
    Preset {
        name: "flask",
        aliases: &["flask-login"],
        cookies: &["session"],
        pick: Pick::PLAIN,
        stages: &[
            Stage::Signed(Format {
                layout: Layout::Tail("."),
                digest: Digest::Sha1,
                spelling: Spelling::Base64Url,
                recipe: Recipe::MacOfSalt(Digest::Sha1, "cookie-session"),
                stamp: Stamp::BigEndian(".", DAY.saturating_mul(31)),
            }),
            Stage::Decode(Codec::DottedZlib),
            Stage::Decode(Codec::TaggedJson),
        ],
        user: Some(&["_user_id"]),
        secret: "SECRET_KEY and SECRET_KEY_FALLBACKS of the application",
        lifetime: Lifetime::Inside,
    },
    // ------------------------------------------------------------ JavaScript
    Preset {
        name: "express",
        aliases: &["express-signed", "cookie-parser"],
        cookies: &[],
        pick: Pick::ESCAPED,
        stages: &[Stage::Prefix("s:"), Stage::Signed(COOKIE_SIGNATURE), Stage::Decode(Codec::JsonCookie)],
        user: Some(&[]),
        secret: "the secret given to cookie-parser",
        lifetime: Lifetime::Never,
    },
    Preset {
        name: "hono",
        aliases: &["hono-signed-cookie"],
        cookies: &[],
        pick: Pick::ESCAPED,
        stages: &[Stage::Signed(COOKIE_SIGNATURE)],
        user: Some(&[]),
        secret: "the secret given to setSignedCookie",
        lifetime: Lifetime::Never,
    },
    Preset {
        name: "remix",
        aliases: &["react-router"],
        cookies: &["__session"],
        pick: Pick::ESCAPED,
        stages: &[Stage::Signed(COOKIE_SIGNATURE), Stage::Decode(Codec::Base64), Stage::Decode(Codec::Json)],
        user: Some(&["userId"]),
        secret: "the secrets given to createCookieSessionStorage",
        lifetime: Lifetime::Never,
    },
];

/// The preset of a name or an alias.
pub(crate) fn named(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name || preset.aliases.contains(&name))
}

/// The name that was probably meant.
pub(crate) fn nearest(name: &str) -> Option<&'static str> {
    let words = PRESETS.iter().flat_map(|preset| std::iter::once(&preset.name).chain(preset.aliases));
    let (distance, word) = words.map(|word| (distance(name, word), *word)).min()?;
    if distance <= 1 + name.len() / 4 { Some(word) } else { None }
}

/// The facts of every preset, in the order of the table.
pub(crate) fn facts() -> Vec<PresetFacts> {
    let facts = |preset: &Preset| PresetFacts {
        name: preset.name,
        aliases: preset.aliases,
        cookies: preset.cookies,
        user: preset.user,
        secret: preset.secret,
        lifetime: preset.lifetime,
    };
    PRESETS.iter().map(facts).collect()
}

/// How many characters must be inserted, deleted or replaced to make one word of the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (line, left) in one.chars().enumerate() {
        let mut diagonal = line;
        let mut before = line + 1;
        for (cell, right) in row.iter_mut().skip(1).zip(other.chars()) {
            let cost = if left == right { diagonal } else { 1 + diagonal.min(*cell).min(before) };
            diagonal = std::mem::replace(cell, cost);
            before = cost;
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{PRESETS, distance, named, nearest};

    #[test]
    fn no_word_names_two_presets() {
        let words: Vec<_> = PRESETS.iter().flat_map(|row| std::iter::once(&row.name).chain(row.aliases)).collect();
        assert_eq!(words.iter().collect::<BTreeSet<_>>().len(), words.len());
    }

    #[test]
    fn a_slip_of_the_pen_finds_the_preset_that_was_meant() {
        assert_eq!(nearest("djngo-signed"), Some("django-signed"));
        assert_eq!(nearest("JWT"), None);
        assert_eq!(nearest("flaks"), Some("flask"));
        assert_eq!(nearest("entirely-unknown"), None);
        assert_eq!(named("biff").map(|row| row.name), Some("ring"));
    }

    #[test]
    fn distances_count_single_characters() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
    }
}
