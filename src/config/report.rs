//! What is wrong with a configuration, ready to be shown: file, line, column, key, expectation and fix.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::fault::{Fault, KeyPath};
use super::file::File;
use super::locate::{Excerpt, Spot};

/// One fault with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// Where it is.
    pub spot: Spot,
    /// The key, what is wrong, and the fix.
    pub fault: Fault,
}

/// A configuration that cannot be used, with all its faults.
#[derive(Debug, Clone)]
pub struct LoadError {
    /// The file, as it was named by whoever asked.
    pub path: PathBuf,
    /// Everything that is wrong, in the order of the file.
    pub faults: Vec<Located>,
    /// What could be read all the same. Good only for finding the addresses to answer on
    /// (`--on-bad-config=drop`, `bauta healthcheck`); nothing may be forwarded on its strength.
    pub salvaged: Box<File>,
}

/// The role of a piece of a message, for whoever paints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The place.
    Place,
    /// What is wrong.
    Problem,
    /// The line of the file.
    Line,
    /// The marks under it.
    Mark,
    /// The fix.
    Fix,
}

/// Shows faults as text, `paint` adding colour (or nothing) to each part.
pub fn render_faults(path: &Path, faults: &[Located], paint: &dyn Fn(Part, &str) -> String) -> String {
    let mut out = String::new();
    for located in faults {
        out.push_str(&render(path, located, paint));
    }
    out
}

fn render(path: &Path, located: &Located, paint: &dyn Fn(Part, &str) -> String) -> String {
    let Located { spot, fault } = located;
    let key = if fault.key == KeyPath::root() { String::new() } else { format!("{}: ", fault.key) };
    let mut out = format!("{} {key}{}\n", paint(Part::Place, &place(path, spot)), paint(Part::Problem, &fault.problem));
    if let Spot::File { line, column, excerpt: Some(Excerpt { text, width }) } = spot {
        let gutter = line.to_string();
        let blank = " ".repeat(gutter.len());
        let before = " ".repeat(column.saturating_sub(1));
        out.push_str(&paint(Part::Line, &format!(" {gutter} | {text}")));
        out.push_str(&format!("\n {blank} | {before}{}\n", paint(Part::Mark, &"^".repeat(*width))));
    }
    out.push_str(&format!("   {} {}\n", paint(Part::Fix, "fix:"), fault.fix));
    out
}

fn place(path: &Path, spot: &Spot) -> String {
    match spot {
        Spot::File { line, column, .. } => format!("{}:{line}:{column}:", path.display()),
        Spot::Environment(name) => format!("environment variable {name}:"),
        Spot::Whole => format!("{}:", path.display()),
    }
}

/// Faults as JSON, for `--json`.
#[must_use]
pub fn json_faults(path: &Path, faults: &[Located]) -> serde_json::Value {
    faults
        .iter()
        .map(|Located { spot, fault }| {
            let (line, column, variable) = match spot {
                Spot::File { line, column, .. } => (Some(*line), Some(*column), None),
                Spot::Environment(name) => (None, None, Some(name.as_str())),
                Spot::Whole => (None, None, None),
            };
            json!({
                "file": path.display().to_string(), "line": line, "column": column, "variable": variable,
                "key": fault.key.to_string(), "problem": fault.problem, "fix": fault.fix,
            })
        })
        .collect()
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&render_faults(&self.path, &self.faults, &|_, text| text.to_owned()))?;
        let count = self.faults.len();
        write!(f, "{count} fault{} in the configuration", if count == 1 { "" } else { "s" })
    }
}

impl std::error::Error for LoadError {}
