//! Data-driven tests: where the lines are, and the figure that each test prints.

use std::io::Write;
use std::path::PathBuf;

use serde_json::Value;

/// A file below `BAUTA_TEST_DATA` (default: `tests/data`).
pub fn path(name: &str) -> PathBuf {
    let folder = std::env::var_os("BAUTA_TEST_DATA").map_or_else(|| PathBuf::from("tests/data"), PathBuf::from);
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder).join(name)
}

/// All lines of a JSON lines file. An empty file is a failure.
pub fn lines(name: &str) -> Vec<Value> {
    let path = path(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let lines: Vec<Value> = text.lines().filter(|line| !line.trim().is_empty()).map(parse).collect();
    assert!(!lines.is_empty(), "{} holds no lines", path.display());
    lines
}

/// Writes a figure past the test runner's capture, so that plain `cargo test` shows it.
pub fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
}

/// Prints `name: passed/total` and fails with the misses.
pub fn report(name: &str, total: usize, misses: &[String]) {
    say(&format!("{name}: {}/{total}", total - misses.len()));
    assert!(total > 0, "{name}: no lines");
    assert!(misses.is_empty(), "{name}: {} misses\n{}", misses.len(), misses.join("\n"));
}
