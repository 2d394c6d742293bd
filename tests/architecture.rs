//! The boundaries of the tree: no stage imports another, only the pipeline and what builds it know them all, only the
//! commands print, and no file grows past its limit.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that panics fails, which is what it is for")]

use std::fs;
use std::path::{Path, PathBuf};

/// The stages, each of which decides one thing.
const STAGES: [&str; 7] = ["session", "consent", "identity", "scrub", "quota", "forward", "route"];

/// The modules that may know every stage: the order, what it is built from, and what runs it.
const KNOW_ALL: [&str; 10] =
    ["pipeline", "runtime", "sidecar", "serve", "cli", "demo", "audit", "lib", "main", "telemetry"];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
}

/// Every source file with its top module.
fn sources() -> Vec<(PathBuf, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&root, &mut found);
    assert!(found.len() > 50, "the sources were not found");
    let read = |path: PathBuf| {
        let inner = path.strip_prefix(&root).unwrap().to_owned();
        let top = inner.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
        let text = fs::read_to_string(&path).unwrap();
        (inner, top, text)
    };
    found.into_iter().map(read).collect()
}

/// The text before the tests of a file; nothing of a file that is all tests.
fn production<'a>(file: &Path, text: &'a str) -> &'a str {
    let name = file.file_stem().unwrap().to_str().unwrap();
    if name == "tests" || name.ends_with("_tests") {
        return "";
    }
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

#[test]
fn no_stage_imports_another() {
    let mut edges = Vec::new();
    for (file, top, text) in sources() {
        if KNOW_ALL.contains(&top.as_str()) {
            continue;
        }
        for line in production(&file, &text).lines().filter(|line| line.trim_start().starts_with("use crate::")) {
            for stage in STAGES.iter().filter(|stage| **stage != top) {
                let direct =
                    line.contains(&format!("use crate::{stage}::")) || line.contains(&format!("use crate::{stage};"));
                // `without_port` is a reading of text that the origin check shares with the routes, and the answer
                // to `init` needs to know which presets there are.
                let shared = line.contains("crate::route::without_port");
                if direct && !shared {
                    edges.push(format!("{}: {}", file.display(), line.trim()));
                }
            }
        }
    }
    let allowed = |edge: &String| edge.starts_with("config/") && edge.contains("crate::session::");
    let new: Vec<_> = edges.into_iter().filter(|edge| !allowed(edge)).collect();
    assert!(new.is_empty(), "a stage knows another:\n{}", new.join("\n"));
}

#[test]
fn only_the_commands_print() {
    let printing = ["println!(", "print!(", "eprintln!(", "io::stdout()"];
    for (file, top, text) in sources() {
        let prints = production(&file, &text).lines().any(|line| printing.iter().any(|word| line.contains(word)));
        assert!(!prints || top == "cli", "{} prints", file.display());
    }
}

#[test]
fn files_stay_small_enough_to_read() {
    let large: Vec<String> = sources()
        .into_iter()
        .map(|(file, _, text)| (file, text.lines().count()))
        .filter(|(_, lines)| *lines > 600)
        .map(|(file, lines)| format!("{}: {lines} lines", file.display()))
        .collect();
    assert!(large.is_empty(), "redraw a boundary, or write down why not:\n{}", large.join("\n"));
}
