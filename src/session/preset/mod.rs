//! The presets: one row for each way in which a framework keeps its session.
//!
//! A row is data: where the cookie is, the stages in order, where the account id usually stands. Facts about formats
//! are noted beside the stage that implements them.

mod authjs;
mod elixir;
mod endpoints;
mod javascript;
mod jvm;
mod php;
mod python;
mod ruby;
mod tokens;

use super::pick::Pick;
use super::step::Stage;

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
    /// The application's store or endpoint knows: a logout counts at once.
    Store,
}

impl Preset {
    /// The keys of the configuration without which it cannot be built.
    pub(crate) fn needs(&self) -> Vec<&'static str> {
        let mut needs = Vec::new();
        if self.cookies.is_empty() {
            needs.push("cookie");
        }
        if self.user.is_none() {
            needs.push("user");
        }
        for stage in self.stages {
            stage.needs(&mut needs);
        }
        needs
    }
}

/// A fact sheet of a preset, for `init`, `check` and the documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// The keys of `[site.session]` without which it does not work. `proof` stands for any of `secrets`,
    /// `public_keys` and `jwks`.
    pub needs: Vec<&'static str>,
}

impl PresetFacts {
    /// True when the cookie, a secret and the configuration's own defaults are enough: no store, no endpoint, no salt.
    /// `init` asks for these; it also knows how to ask about tokens.
    #[must_use]
    pub fn is_simple(&self) -> bool {
        self.name == "jwt" || self.needs.iter().all(|need| ["cookie", "user", "secrets"].contains(need))
    }
}

/// What a row has in common with most others.
const ROW: Preset = Preset {
    name: "",
    aliases: &[],
    cookies: &[],
    pick: Pick::PLAIN,
    stages: &[],
    user: None,
    secret: "",
    lifetime: Lifetime::Never,
};

/// The secret of a preset that reads the store or asks an endpoint.
const NO_SECRET: &str = "no secret, only read access";

const FAMILIES: &[&[Preset]] = &[
    jvm::PRESETS,
    tokens::PRESETS,
    python::PRESETS,
    javascript::PRESETS,
    authjs::PRESETS,
    php::PRESETS,
    ruby::PRESETS,
    elixir::PRESETS,
    endpoints::PRESETS,
];

/// Every preset, family by family.
pub(crate) fn all() -> impl Iterator<Item = &'static Preset> {
    FAMILIES.iter().copied().flatten()
}

/// The preset of a name or an alias.
pub(crate) fn named(name: &str) -> Option<&'static Preset> {
    all().find(|preset| preset.name == name || preset.aliases.contains(&name))
}

/// The name that was probably meant.
pub(crate) fn nearest(name: &str) -> Option<&'static str> {
    let words = all().flat_map(|preset| std::iter::once(&preset.name).chain(preset.aliases));
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
        needs: preset.needs(),
    };
    all().map(facts).collect()
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

    use super::{all, distance, named, nearest};

    #[test]
    fn every_preset_says_what_it_needs() {
        let needs = |name: &str| named(name).unwrap().needs();
        assert_eq!(needs("ring"), ["secrets"]);
        assert_eq!(needs("jwt"), ["cookie", "proof", "algorithms"]);
        assert_eq!(needs("phoenix-encrypted"), ["cookie", "user", "secrets", "encryption_salt", "signing_salt"]);
        assert_eq!(needs("django-cached-db"), ["store", "secrets", "fallback"]);
        assert_eq!(needs("introspect"), ["cookie", "user", "endpoint"]);
    }

    #[test]
    fn no_word_names_two_presets() {
        let words: Vec<_> = all().flat_map(|row| std::iter::once(&row.name).chain(row.aliases)).collect();
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
