//! `[[site.upstream]]`: where events go, and how much of them.

mod posthog;

use std::collections::HashMap;
use std::path::Path;

use super::{aliases, grammar, millis, readable};
use crate::config::fault::{Faults, KeyPath};
use crate::config::file::{Derive, Site, Upstream, Vendor};
use crate::level::Level;

pub(super) fn check_all(site: &Site, base: &Path, at: &KeyPath, faults: &mut Faults) {
    let at = at.key("upstream");
    if site.upstream.is_empty() {
        faults.push(
            at.clone(),
            "missing: a site without an upstream sends nothing",
            "add [[site.upstream]] with vendor and url",
        );
    }
    let mut names: HashMap<&str, usize> = HashMap::new();
    let mut paths: HashMap<&str, usize> = HashMap::new();
    for (index, upstream) in site.upstream.iter().enumerate() {
        let at = at.index(index);
        if let Some(other) = names.insert(upstream.word(), index) {
            let key = if upstream.name.is_some() { at.key("name") } else { at.clone() };
            faults.push(
                key,
                format!("upstream[{other}] of this site has the same name"),
                "add name = \"...\" to tell the two apart",
            );
        }
        if let Some(other) = paths.insert(upstream.path.trim_end_matches('/'), index) {
            faults.push(
                at.key("path"),
                format!("upstream[{other}] of this site has the same path"),
                "give each upstream a path of its own",
            );
        }
        places(upstream, base, &at, faults);
        levels(upstream, site, &at, faults);
        if let Some(words) = &upstream.aliases {
            aliases::check(words, &upstream.path, &at.key("aliases"), faults);
        }
        properties(upstream, site, &at, faults);
    }
}

fn places(upstream: &Upstream, base: &Path, at: &KeyPath, faults: &mut Faults) {
    let mut judge = |key: KeyPath, result: Result<(), grammar::Wrong>| {
        if let Err((problem, fix)) = result {
            faults.push(key, problem, fix);
        }
    };
    if let Some(name) = &upstream.name {
        judge(at.key("name"), grammar::name(name));
    }
    if let Some(group) = &upstream.share_group {
        judge(at.key("share_group"), grammar::realm(group));
    }
    judge(at.key("url"), grammar::base_url(&upstream.url).map(drop));
    judge(at.key("path"), grammar::path_text(&upstream.path));
    for (index, path) in upstream.event_paths.iter().enumerate() {
        judge(at.key("event_paths").index(index), grammar::path_text(path));
    }
    for (ours, theirs) in &upstream.script_paths {
        let key = at.key("script_paths").key(ours);
        judge(key.clone(), grammar::path_text(ours));
        judge(key, grammar::path_text(theirs));
    }
    if let Some(path) = &upstream.ca_file {
        judge(
            at.key("ca_file"),
            readable(base, path)
                .map_err(|problem| (problem, "name a PEM file, relative to the configuration file".into())),
        );
    }
    for (name, period, most, shown) in [
        ("connect_timeout", upstream.connect_timeout, 10_000, "10s"),
        ("answer_timeout", upstream.answer_timeout, 30_000, "30s"),
    ] {
        if !(1..=most).contains(&millis(period)) {
            let problem = format!("expected a time above zero, at most {shown}: the page's requests wait that long");
            faults.push(at.key(name), problem, "leave the line out for the default");
        }
    }
    match upstream.vendor {
        Vendor::Plausible if upstream.sites.is_empty() => faults.push(
            at.key("sites"),
            "missing: without it anybody could use this proxy for their own Plausible site",
            "add sites = [\"shop.example\"], the site as Plausible knows it",
        ),
        Vendor::Plausible => posthog::none(upstream, at, faults),
        Vendor::Posthog => posthog::check(upstream, at, faults),
    }
    for (index, site) in upstream.sites.iter().enumerate() {
        // A comma separates sites in `d`; white space never stands in a Plausible domain.
        if site.is_empty() || site.contains(|c: char| c.is_whitespace() || c.is_control() || c == ',') {
            faults.push(
                at.key("sites").index(index),
                "expected one site as Plausible knows it",
                "write it like \"shop.example\", one entry each",
            );
        } else if let Some(bare) = site.strip_prefix("www.") {
            let problem = "Plausible leaves out a leading www., so no event would match";
            faults.push(at.key("sites").index(index), problem, format!("write {bare:?}"));
        } else if site.contains("://") {
            faults.push(
                at.key("sites").index(index),
                "expected a site without a scheme",
                "write it like \"shop.example\"",
            );
        }
    }
}

fn levels(upstream: &Upstream, site: &Site, at: &KeyPath, faults: &mut Faults) {
    if upstream.denied() == Level::Full {
        faults.push(
            at.key("denied"),
            "people who refused are never identified: expected anonymised, local or off",
            "write denied = \"anonymised\", or leave the line out",
        );
    }
    let basis = site.consent.i_have_another_legal_basis.as_deref().unwrap_or_default();
    if upstream.unknown() == Level::Full && basis.trim().is_empty() {
        faults.push(
            at.key("unknown"),
            "people who were not asked may not be identified",
            "write unknown = \"anonymised\"; or, if the law allows it, say why in [site.consent] i_have_another_legal_basis = \"...\"",
        );
    }
    if !(80..=256).contains(&upstream.bits) || !upstream.bits.is_multiple_of(8) {
        faults.push(
            at.key("bits"),
            "expected 80 to 256, a multiple of 8: fewer bits give two people the same pseudonym",
            "write bits = 128, or leave the line out",
        );
    }
}

fn properties(upstream: &Upstream, site: &Site, at: &KeyPath, faults: &mut Faults) {
    let mut names: Vec<&str> = Vec::new();
    let traits = upstream
        .traits
        .iter()
        .enumerate()
        .map(|(index, one)| (at.key("traits").index(index).key("property"), &one.property));
    for (key, name) in std::iter::once((at.key("property"), &upstream.property)).chain(traits) {
        if let Err((problem, fix)) = grammar::property(name) {
            faults.push(key.clone(), problem, fix);
        }
        if names.contains(&name.as_str()) {
            faults.push(
                key,
                "another value goes into the property of this name",
                "give each property a name of its own",
            );
        }
        names.push(name);
    }
    for (index, one) in upstream.traits.iter().enumerate() {
        let at = at.key("traits").index(index);
        if site.session.is_none() {
            faults.push(
                at.clone(),
                "a trait comes from the session, and this site reads none",
                "add [site.session], or remove the trait",
            );
        }
        if one.path.is_empty() {
            faults.push(
                at.key("path"),
                "expected the steps to a value in the session",
                "write it like path = [\"user\", \"plan\"]",
            );
        }
        if one.values.is_empty() && one.derive == Derive::Same {
            faults.push(
                at.key("values"),
                "missing: a trait without a list of values would send anything",
                "add values = [\"free\", \"paid\"]",
            );
        }
    }
    for (index, name) in upstream.keep_props.iter().enumerate() {
        if let Err((problem, fix)) = grammar::property(name) {
            faults.push(at.key("keep_props").index(index), problem, fix);
        }
    }
}
