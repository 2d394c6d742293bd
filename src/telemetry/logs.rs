//! Log lines: human on a terminal, JSON otherwise, always on standard error.
//!
//! Nothing personal is ever a field, at any level; what a value type wants to show it must say itself. Control
//! characters are escaped by both formats, so that a line cannot be forged.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::config::file::{Log, LogFormat};

/// Starts logging for the life of the process. A second call changes nothing.
pub fn start(log: &Log) {
    // Only this program's own targets: a library's debug lines are not written for these promises.
    let filter = EnvFilter::new(format!("off,bauta={}", log.level));
    let terminal = std::io::stderr().is_terminal();
    let human = match log.format {
        LogFormat::Auto => terminal,
        LogFormat::Human => true,
        LogFormat::Json => false,
    };
    let colour = terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_span_events(FmtSpan::NONE)
        .with_ansi(colour)
        .with_target(false);
    // An error here means that logging was started before, by a test in the same process.
    let _already = if human { lines.try_init() } else { lines.json().flatten_event(true).try_init() };
}
