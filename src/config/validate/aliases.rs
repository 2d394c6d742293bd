//! `aliases`: words that give nothing away, each for one path, and none for recordings.

use std::collections::HashSet;

use crate::aliases::{is_replay, veto};
use crate::config::aliases::Aliases;
use crate::config::fault::{Faults, KeyPath};

pub(super) fn check(aliases: &Aliases, prefix: &str, at: &KeyPath, faults: &mut Faults) {
    let now = std::iter::once((at.clone(), &aliases.root, &aliases.words));
    let before = aliases.previous.iter().enumerate();
    let before = before.map(|(index, one)| (at.key("previous").index(index), &one.root, &one.words));
    let mut roots = HashSet::new();
    for (at, root, words) in now.chain(before) {
        word(root, 8, &at.key("root"), faults);
        if !roots.insert(root) {
            faults.push(
                at.key("root"),
                "this root stands here twice",
                "give each generation of words a root of its own",
            );
        }
        if prefix.trim_start_matches('/').split('/').next() == Some(root) {
            faults.push(at.key("root"), "this is the upstream's own prefix", "give the aliases a root of their own");
        }
        let mut seen = HashSet::new();
        for (path, leaf) in words {
            let at = at.key("words").key(path);
            word(leaf, 6, &at, faults);
            if !seen.insert(leaf) {
                faults.push(at.clone(), "another path has this word", "give each path a word of its own");
            }
            if !path.starts_with('/') || path.contains(['?', '#', '%', ' ']) || path.contains("..") {
                faults.push(at, "expected a path of the vendor", "write it like \"/api/event\"");
            } else if is_replay(path) {
                faults.push(
                    at,
                    "recordings never get an alias: they are a question of their own, and blockers may answer it",
                    "remove this line",
                );
            }
        }
    }
}

fn word(text: &str, least: usize, at: &KeyPath, faults: &mut Faults) {
    let fits = (least..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase());
    if !fits {
        let problem = format!("expected at least {least} lower-case letters, nothing else");
        faults.push(at.clone(), problem, "take one that `bauta init` writes");
    } else if let Some(bad) = veto(text) {
        faults.push(at.clone(), format!("{bad:?} is a word on every list of blockers, or a rude one"), "take another");
    }
}
