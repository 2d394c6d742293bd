//! The one place that prints.
//!
//! Answers go to stdout, everything said about them to stderr. Colour only on a terminal, and never with `NO_COLOR`
//! (no-color.org). A reader that goes away early (`bauta check | head`) ends the output quietly: the command goes on
//! to its exit code.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::BAD_CONFIG;
use crate::config::identity_state::Refused;
use crate::config::{LoadError, Loaded, Part, Warning, json_faults, render_faults};

/// Nobody reads stdout any more.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// Prints a line of the answer.
pub(crate) fn line(text: &str) {
    bytes(format!("{text}\n").as_bytes());
}

/// Prints a part of the answer exactly as it is.
pub(crate) fn bytes(bytes: &[u8]) {
    if is_closed() {
        return;
    }
    let mut stdout = std::io::stdout().lock();
    if stdout.write_all(bytes).and_then(|()| stdout.flush()).is_err() {
        CLOSED.store(true, Ordering::Relaxed);
    }
}

/// Prints a JSON answer.
pub(crate) fn json(value: &Value) {
    line(&format!("{value:#}"));
}

/// True when nobody reads the answer any more: a long command may stop.
pub(crate) fn is_closed() -> bool {
    CLOSED.load(Ordering::Relaxed)
}

/// Says something about the answer, on stderr. When nobody listens there either, there is nobody to tell.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A command that cannot do what it was asked: what is wrong, the fix, and the exit code.
pub(crate) fn fail(code: u8, problem: &str, fix: &str) -> ExitCode {
    let paint = Paint::stderr();
    note(&format!("{} {problem}", paint.red("error:")));
    if !fix.is_empty() {
        note(&format!("   {} {fix}", paint.green("fix:")));
    }
    ExitCode::from(code)
}

/// A configuration with faults: all of them on stderr, or as JSON on stdout.
pub(crate) fn bad_config(error: &LoadError, as_json: bool) -> ExitCode {
    if as_json {
        let faults = json_faults(&error.path, &error.faults);
        json(&json!({ "ok": false, "file": error.path.display().to_string(), "faults": faults }));
    } else {
        let paint = Paint::stderr();
        let faults = render_faults(&error.path, &error.faults, &|part, text| paint.part(part, text));
        let count = error.faults.len();
        let plural = if count == 1 { "" } else { "s" };
        note(&format!("{faults}{}", paint.red(&format!("{count} fault{plural} in the configuration"))));
    }
    ExitCode::from(BAD_CONFIG)
}

/// A start, or a check, that would give people new pseudonyms.
pub(crate) fn new_ids(refused: &Refused, as_json: bool) -> ExitCode {
    if as_json {
        json(&json!({ "ok": false, "faults": [{ "key": "", "problem": refused.to_string(), "fix": refused.fix() }] }));
        return ExitCode::from(BAD_CONFIG);
    }
    fail(BAD_CONFIG, &refused.to_string(), refused.fix())
}

/// The warnings of a sound configuration, one text.
pub(crate) fn warnings<'a>(loaded: &Loaded, warnings: impl Iterator<Item = &'a Warning>, paint: Paint) -> String {
    let mut text = String::new();
    for warning in warnings {
        let located = [loaded.locate_fault(&warning.fault)];
        let shown = render_faults(&loaded.path, &located, &|part, text| paint.part(part, text));
        text.push_str(&format!("{} {shown}", paint.yellow(&format!("warning[{}]", warning.name))));
    }
    text
}

/// Colours, or none.
#[derive(Clone, Copy)]
pub(crate) struct Paint(bool);

impl Paint {
    /// For what goes to stdout.
    pub(crate) fn stdout() -> Self {
        Self(std::io::stdout().is_terminal() && is_wanted())
    }

    /// For what goes to stderr.
    pub(crate) fn stderr() -> Self {
        Self(std::io::stderr().is_terminal() && is_wanted())
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.with("1;31", text)
    }

    pub(crate) fn yellow(self, text: &str) -> String {
        self.with("1;33", text)
    }

    pub(crate) fn green(self, text: &str) -> String {
        self.with("32", text)
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    fn part(self, part: Part, text: &str) -> String {
        match part {
            Part::Place => self.bold(text),
            Part::Problem => text.to_owned(),
            Part::Line => self.dim(text),
            Part::Mark => self.red(text),
            Part::Fix => self.green(text),
        }
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.0 { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

fn is_wanted() -> bool {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    !no_color && !dumb
}
